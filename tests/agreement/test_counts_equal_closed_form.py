"""Two roads to every count: the steps that a circuit declares (and that simulation runs), and the closed forms."""

import itertools
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import FAMILIES, MACS, Circuit, CircuitFamily, Layout, transfer
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.argmax import argmax
from trackmac.circuits.average_pool import average_pool
from trackmac.circuits.booth_radix4 import booth_radix4_multiplier
from trackmac.circuits.carry_save_accumulator import carry_save_accumulator
from trackmac.circuits.clip import clip
from trackmac.circuits.csd import csd_dot_product, csd_mac, csd_multiplier
from trackmac.circuits.dot_product import booth_radix4_dot_product, magnetic_dot_product, shift_add_dot_product
from trackmac.circuits.fixed_point_requantize import fixed_point_requantize
from trackmac.circuits.latched_full_adder import latched_full_adder
from trackmac.circuits.magnetic_full_adder import magnetic_full_adder
from trackmac.circuits.microops import step_activity
from trackmac.circuits.requantize import requantize
from trackmac.circuits.residual_add import residual_add
from trackmac.circuits.ripple_adder import ripple_adder
from trackmac.circuits.ripple_subtractor import ripple_subtractor
from trackmac.circuits.shift_add import shift_add_multiplier
from trackmac.circuits.transverse_read_multiplier import transverse_read_dot_product
from trackmac.cost import Activity, total
from trackmac.models import circuit_counts as counts
from trackmac.simulation import packed

ALL_WIDTHS = tuple(range(2, 17))
SIGNS = (False, True)
LAYOUTS = tuple(Layout)
# Even and odd, equal and unequal, both ends.
SOME_PAIRS = ((2, 2), (2, 3), (3, 2), (3, 3), (4, 7), (7, 4), (5, 5), (8, 8), (2, 16), (16, 2), (9, 16), (16, 16))
ALL_PAIRS = tuple(itertools.product(ALL_WIDTHS, ALL_WIDTHS))


def counted(circuit: Circuit) -> Activity:
    return total(step_activity(step) for step in circuit.program)


def widths_of(family: CircuitFamily, pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Yield widths for all operands: each pair in turns, where there are more than two."""
    count = len(family.width_names)
    if count == 1:
        yield from ((width,) for width in ALL_WIDTHS)
    else:
        fitting = (pair for pair in pairs if family.name != "requantize" or pair[1] <= pair[0])
        yield from (tuple(itertools.islice(itertools.cycle(pair), count)) for pair in fitting)


def variants(name: str) -> Iterable[CircuitFamily]:
    """Return the family at every transverse-read distance, or alone if it has none."""
    return FAMILIES[name].at_trd.values() or (FAMILIES[name],)


def assert_family_agrees(name: str, pairs: Iterable[tuple[int, int]]) -> None:
    for family in variants(name):
        for layout, is_signed, widths in itertools.product(family.layouts, SIGNS, widths_of(family, tuple(pairs))):
            circuit = family.build(widths, is_signed, layout)

            assert counted(circuit) == counts.circuit_activity(circuit), (name, layout, is_signed, widths, circuit.trd)


@pytest.mark.parametrize("name", FAMILIES)
def test_declared_steps_cost_what_the_closed_form_says(name: str) -> None:
    assert_family_agrees(name, SOME_PAIRS)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_declared_steps_cost_what_the_closed_form_says_at_all_widths(name: str) -> None:
    assert_family_agrees(name, ALL_PAIRS)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_packed_simulator_counts_what_the_closed_form_says(name: str) -> None:
    for family, layout, is_signed in itertools.product(variants(name), FAMILIES[name].layouts, SIGNS):
        circuit = family.build((6, 5, 4, 3, 2)[: len(family.width_names)], is_signed, layout)
        lanes = 70
        operands = {word.name: np.full(lanes, word.values[-1]) for word in circuit.operands}

        result = packed.run(circuit, operands)

        assert result.activity == counts.circuit_activity(circuit)
        assert result.events == counts.circuit_activity(circuit).in_parallel(lanes).events


Adder = Callable[[NumberFormat, NumberFormat], Circuit]
ADDERS: tuple[tuple[Adder, Callable[..., Activity]], ...] = (
    (ripple_adder, counts.ripple_adder_activity),
    (ripple_subtractor, counts.ripple_subtractor_activity),
    (latched_full_adder, counts.latched_full_adder_activity),
    (magnetic_full_adder, counts.magnetic_full_adder_activity),
)
Multiplier = Callable[[NumberFormat, NumberFormat, Layout], Circuit]
MULTIPLIERS: tuple[tuple[Multiplier, Callable[..., Activity]], ...] = (
    (shift_add_multiplier, counts.shift_add_multiplier_activity),
    (booth_radix4_multiplier, counts.booth_radix4_multiplier_activity),
)


def mixed_formats(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[NumberFormat, NumberFormat]]:
    """Yield pairs of which exactly one is signed: an unsigned activation and a signed weight, and the other way."""
    for (n, m), is_signed in itertools.product(pairs, SIGNS):
        yield NumberFormat(n, is_signed), NumberFormat(m, not is_signed)


def assert_mixed_signs_agree(pairs: Iterable[tuple[int, int]]) -> None:
    for a, b in mixed_formats(pairs):
        for build_adder, adder_activity in ADDERS:
            assert counted(build_adder(a, b)) == adder_activity(a=a, b=b), (build_adder, a, b)
        for (build, activity), layout in itertools.product(MULTIPLIERS, LAYOUTS):
            assert counted(build(a, b, layout)) == activity(a=a, b=b, layout=layout), (build, a, b, layout)


def assert_macs_agree(pairs: Iterable[tuple[int, int]], spare_bits: Iterable[int]) -> None:
    """Compare MACs with accumulators narrower than, as wide as and wider than the product."""
    for (a, b), spare in itertools.product(mixed_formats(pairs), spare_bits):
        accumulator = NumberFormat(a.bits + b.bits + spare, True)
        for name, build in MACS.items():
            for layout in FAMILIES[name].layouts:
                predicted = counts.MAC_ACTIVITIES[name](a=a, b=b, accumulator=accumulator, layout=layout)

                assert counted(build(a, b, accumulator, layout)) == predicted, (name, a, b, accumulator, layout)


def test_operands_of_mixed_signs_cost_what_the_closed_form_says() -> None:
    assert_mixed_signs_agree(SOME_PAIRS)


def test_macs_with_any_accumulator_cost_what_the_closed_form_says() -> None:
    assert_macs_agree(((2, 2), (3, 4), (8, 4), (4, 8), (8, 8)), (-1, 0, 1, 9))


@pytest.mark.slow
def test_operands_of_mixed_signs_cost_what_the_closed_form_says_at_all_widths() -> None:
    assert_mixed_signs_agree(ALL_PAIRS)


@pytest.mark.slow
def test_macs_with_any_accumulator_cost_what_the_closed_form_says_at_all_widths() -> None:
    assert_macs_agree(ALL_PAIRS, (-1, 3))


def test_accumulators_of_any_width_cost_what_the_closed_form_says() -> None:
    for n, q, is_signed, layout in itertools.product((2, 3, 8, 13), range(2, 33), SIGNS, LAYOUTS):
        x, accumulator = NumberFormat(n, is_signed), NumberFormat(q, True)
        predicted = counts.accumulate_activity(x=x, accumulator=accumulator, layout=layout)

        assert counted(accumulate(x, accumulator, layout)) == predicted, (x, accumulator, layout)


def assert_residual_additions_agree(pairs: Iterable[tuple[int, int]]) -> None:
    for (n, m), a_signed, b_signed, output_signed in itertools.product(pairs, SIGNS, SIGNS, SIGNS):
        a, b = NumberFormat(n, a_signed), NumberFormat(m, b_signed)
        for r, layout in itertools.product({2, max(n, m) - 1, max(n, m)} - {1}, LAYOUTS):
            output = NumberFormat(r, output_signed)
            predicted = counts.residual_add_activity(a=a, b=b, output=output, layout=layout)

            assert counted(residual_add(a, b, output, layout)) == predicted, (a, b, output, layout)


def test_residual_additions_of_any_format_cost_what_the_closed_form_says() -> None:
    assert_residual_additions_agree(SOME_PAIRS)


@pytest.mark.slow
def test_residual_additions_of_any_format_cost_what_the_closed_form_says_at_all_widths() -> None:
    assert_residual_additions_agree(ALL_PAIRS)


def test_any_number_of_words_costs_what_the_closed_form_says() -> None:
    for words, bits, is_signed, layout in itertools.product((2, 3, 4, 5, 8, 9, 16), (2, 5, 8), SIGNS, LAYOUTS):
        x = NumberFormat(bits, is_signed)

        assert counted(argmax(x, words, layout)) == counts.argmax_activity(x=x, words=words, layout=layout)
        assert counted(carry_save_accumulator(x, words, layout)) == counts.carry_save_accumulator_activity(
            x=x, words=words, layout=layout
        )
        if words & (words - 1) == 0:
            predicted = counts.average_pool_activity(x=x, words=words, layout=layout)
            assert counted(average_pool(x, words, layout)) == predicted


def test_fixed_point_requantisation_by_any_shift_costs_what_the_closed_form_says() -> None:
    for n, m, r, shift in itertools.product((2, 5, 8), (2, 3, 8), (2, 4, 8), (0, 1, 2, 7, 12, 20)):
        for x_signed, output_signed, layout in itertools.product(SIGNS, SIGNS, LAYOUTS):
            x, output = NumberFormat(n, x_signed), NumberFormat(r, output_signed)
            predicted = counts.fixed_point_requantize_activity(
                x=x, multiplier_bits=m, shift=shift, output=output, layout=layout
            )

            assert counted(fixed_point_requantize(x, m, shift, output, layout)) == predicted, (x, m, shift, output)


def test_dot_products_of_any_length_cost_what_the_closed_form_says() -> None:
    for words, (a, b), layout in itertools.product((1, 2, 5, 9), mixed_formats(((8, 4), (3, 3))), LAYOUTS):
        for build in (shift_add_dot_product, booth_radix4_dot_product, magnetic_dot_product):
            if build is magnetic_dot_product and layout is Layout.ACROSS:
                continue
            circuit = build(a, b, words, layout)

            assert counted(circuit) == counts.circuit_activity(circuit), (circuit.name, words, a, b, layout)


def test_dot_products_of_any_length_by_transverse_read_cost_what_the_closed_form_says() -> None:
    for words, trd, (a, b) in itertools.product((1, 2, 5, 9), (3, 5, 7), mixed_formats(((8, 4), (3, 3), (2, 2)))):
        circuit = transverse_read_dot_product(a, b, words, trd)

        assert counted(circuit) == counts.circuit_activity(circuit), (words, trd, a, b)


def some_weights(b: NumberFormat) -> list[int]:
    """Return the ends of the format, 0, 1, powers of two, alternating bits, and some at random."""
    drawn = np.random.default_rng(b.bits).integers(b.minimum, b.maximum, 2, endpoint=True).tolist()
    stripes = int("01" * b.bits, 2) & b.maximum
    return [b.minimum, b.maximum, 0, 1, b.minimum // 2, 1 << b.bits - 2, stripes, *drawn]


def assert_known_weights_agree(pairs: Iterable[tuple[int, int]]) -> None:
    for (n, m), a_signed, b_signed, layout in itertools.product(pairs, SIGNS, SIGNS, LAYOUTS):
        a, b = NumberFormat(n, a_signed), NumberFormat(m, b_signed)
        weights = some_weights(b)
        for circuit in (
            *(csd_multiplier(a, b, weight, layout) for weight in weights),
            *(csd_mac(a, b, weight, NumberFormat(n + m + 3, True), layout) for weight in weights),
            csd_dot_product(a, b, weights, layout),
            csd_dot_product(a, b, [0, *weights[2:5], 0], layout),
        ):
            assert counted(circuit) == counts.circuit_activity(circuit), (circuit.name, a, b, circuit.known, layout)


def test_known_weights_cost_what_the_closed_form_says() -> None:
    assert_known_weights_agree(((2, 2), (3, 5), (9, 4)))


@pytest.mark.slow
def test_known_weights_cost_what_the_closed_form_says_at_all_widths() -> None:
    assert_known_weights_agree(ALL_PAIRS)


def assert_requantize_agrees(
    x_widths: Iterable[int], shifts: Iterable[int], outputs: Iterable[int], zero_points: Iterable[int] = (0,)
) -> None:
    for n, shift, r in itertools.product(x_widths, shifts, outputs):
        for x_signed, output_signed, layout in itertools.product(SIGNS, SIGNS, LAYOUTS):
            x, output = NumberFormat(n, x_signed), NumberFormat(r, output_signed)
            for zero_point in zero_points:
                predicted = counts.requantize_activity(
                    x=x, shift=shift, output=output, layout=layout, zero_point=zero_point
                )
                built = requantize(x, shift, output, layout, zero_point=zero_point)
                assert counted(built) == predicted, (x, shift, output, layout, zero_point)


def test_requantisation_by_any_shift_costs_what_the_closed_form_says() -> None:
    assert_requantize_agrees((2, 5, 8, 17, 24), (-2, -1, 0, 1, 2, 5, 8, 16, 20), (2, 3, 8))


@pytest.mark.slow
def test_requantisation_of_any_width_costs_what_the_closed_form_says() -> None:
    assert_requantize_agrees(range(2, 26), range(-2, 21), range(2, 9), (0, 1))


def test_requantisation_with_a_zero_point_costs_what_the_closed_form_says() -> None:
    assert_requantize_agrees((2, 8, 17), (-1, 0, 1, 8, 20), (2, 8), (-2, 1))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clipping_costs_what_the_closed_form_says(layout: Layout) -> None:
    for bits, is_signed in itertools.product(range(2, 17), SIGNS):
        word = NumberFormat(bits, is_signed)
        for low, high in ((word.minimum, word.maximum), (0, 1), (word.maximum, word.maximum)):
            assert counted(clip(word, low, high, layout)) == counts.clip_activity(x=word, layout=layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_words_on_their_way_cost_what_the_closed_form_says(layout: Layout) -> None:
    for bits in range(2, 33):
        word = NumberFormat(bits, True)

        for from_top in (False, True):
            predicted = counts.load_word_activity(word=word, layout=layout, from_top=from_top)
            assert counted(transfer.load_word(word, layout, from_top=from_top)) == predicted
        assert counted(transfer.unload_word(word, layout)) == counts.unload_word_activity(word=word, layout=layout)
        assert counted(transfer.load_weight(word, layout)) == counts.load_weight_activity(word=word, layout=layout)
        assert counted(transfer.send_weight(word, layout)) == counts.send_weight_activity(word=word, layout=layout)
        for domains in (1, -1, 5, -40):
            predicted = counts.move_weights_activity(word=word, domains=domains, layout=layout)
            assert counted(transfer.move_weights(word, domains, layout)) == predicted
