"""Two roads to the interval between starts: the parts that the declared steps use, and the closed forms."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest

import trackmac as tm
from trackmac.bits import NumberFormat
from trackmac.circuits import FAMILIES, Circuit, CircuitFamily, Layout, circuit
from trackmac.circuits.csd import csd_dot_product, csd_mac, csd_multiplier
from trackmac.circuits.microops import Shift, Step
from trackmac.circuits.occupancy import occupancies
from trackmac.cost import Phase
from trackmac.models.circuit_costs import circuit_cost
from trackmac.models.interval_counts import circuit_interval_ns
from trackmac.technology import load_technology, unit_costs

PhaseTime = Callable[[Phase], float]
TECHNOLOGIES: tuple[PhaseTime, ...] = tuple(
    unit_costs(load_technology(name)).phase_ns for name in ("rtsim-destiny-2017", "spimulator-2025")
)
# Durations that weigh the phases quite otherwise.
MADE_UP: tuple[PhaseTime, ...] = (
    {phase: 3 + 2 * number for number, phase in enumerate(Phase)}.__getitem__,
    {phase: 17 - 2 * number for number, phase in enumerate(Phase)}.__getitem__,
)

ALL_WIDTHS = tuple(range(2, 17))
SIGNS = (False, True)
LAYOUTS = tuple(Layout)
SOME_PAIRS = ((2, 2), (3, 2), (4, 5), (2, 9))  # even and odd, equal and unequal
ALL_PAIRS = tuple(itertools.product(ALL_WIDTHS, ALL_WIDTHS))


def widths_of(family: CircuitFamily, pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Yield widths for all operands: each pair in turns, where there are more than two."""
    count = len(family.width_names)
    if count == 1:
        yield from ((width,) for width in sorted({width for width, _ in pairs}))
    else:
        fitting = (pair for pair in pairs if family.name != "requantize" or pair[1] <= pair[0])
        yield from (tuple(itertools.islice(itertools.cycle(pair), count)) for pair in fitting)


def assert_intervals_agree(built: Circuit, said: str = "") -> None:
    taken = occupancies(built)
    for phase_ns in (*TECHNOLOGIES, *MADE_UP):
        longest = max((each.duration_ns(phase_ns) for each in taken), default=0)

        assert longest == pytest.approx(circuit_interval_ns(built, phase_ns), rel=1e-12), said


def assert_family_agrees(name: str, pairs: tuple[tuple[int, int], ...]) -> None:
    for family in FAMILIES[name].at_trd.values() or (FAMILIES[name],):
        for layout, is_signed, widths in itertools.product(family.layouts, SIGNS, widths_of(family, pairs)):
            built = family.build(widths, is_signed, layout)

            assert_intervals_agree(built, f"{name} {layout} {is_signed} {widths} {built.trd}")


@pytest.mark.parametrize("name", FAMILIES)
def test_the_interval_is_what_the_closed_form_says(name: str) -> None:
    assert_family_agrees(name, SOME_PAIRS)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_the_interval_is_what_the_closed_form_says_at_all_widths(name: str) -> None:
    assert_family_agrees(name, ALL_PAIRS)


@pytest.mark.parametrize("name", ["ripple_adder", "booth_radix4_mac", "csd_multiplier", "transverse_read_mac"])
def test_the_interval_of_a_run_on_tracks_is_the_priced_one(name: str) -> None:
    built = circuit(name, 4)
    values = [1 if word.known is None else word.known for word in built.operands]
    run = tm.run(built, *values)

    assert run.interval_ns == pytest.approx(circuit_cost(built, load_technology(run.technology)).interval_ns)
    assert run.to_dict()["interval_ns"] == run.interval_ns


def test_the_check_bites_when_a_track_is_needed_longer() -> None:
    mac = circuit("shift_add_mac", 4)
    operand_home = replace(mac, program=(*mac.program, Step((Shift(("a",), -3),))))

    with pytest.raises(AssertionError):
        assert_intervals_agree(operand_home)


def assert_known_weights_agree(a: NumberFormat, b: NumberFormat, weights: Iterable[int]) -> None:
    accumulator = NumberFormat(a.bits + b.bits + 1, b.is_signed)
    for weight, layout in itertools.product(weights, LAYOUTS):
        said = f"{a} x {weight} ({b}), {layout}"

        assert_intervals_agree(csd_multiplier(a, b, weight, layout), said)
        assert_intervals_agree(csd_mac(a, b, weight, accumulator, layout), said)


@pytest.mark.parametrize("a_bits", [2, 4])
def test_the_interval_depends_on_the_known_weight_as_the_closed_form_says(a_bits: int) -> None:
    # digits: none, one, two or three; at bit 0, below or above a's width; the first or the last one negative
    weights = (0, 1, -1, 5, -3, 8, 20, 12, -12, -20, 21, 11)
    assert_known_weights_agree(NumberFormat(a_bits, True), NumberFormat(6, True), weights)


@pytest.mark.slow
@pytest.mark.parametrize("is_signed", SIGNS)
@pytest.mark.parametrize("a_bits", [2, 3, 5, 8])
def test_the_interval_is_what_the_closed_form_says_for_any_known_weight(is_signed: bool, a_bits: int) -> None:
    b = NumberFormat(8, is_signed)
    assert_known_weights_agree(NumberFormat(a_bits, is_signed), b, range(b.minimum, b.maximum + 1))


def assert_known_dot_products_agree(choice: Iterable[int]) -> None:
    a, b = NumberFormat(3, True), NumberFormat(5, True)
    for weights, layout in itertools.product(itertools.product(choice, repeat=3), LAYOUTS):
        assert_intervals_agree(csd_dot_product(a, b, weights, layout), f"{weights} {layout}")


def test_the_interval_of_a_dot_product_depends_on_where_the_known_weights_are_zero() -> None:
    assert_known_dot_products_agree((0, -8))


@pytest.mark.slow
def test_the_interval_of_a_dot_product_is_what_the_closed_form_says_for_many_known_weights() -> None:
    assert_known_dot_products_agree((0, 1, -1, 12, -8))
