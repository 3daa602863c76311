"""What every registered circuit keeps, whoever wrote it; a new one is found by itself."""

import itertools
import math
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat, bits_for_range
from trackmac.circuits import FAMILIES, Circuit, CircuitFamily, Word, circuit, family, resources_of
from trackmac.circuits.microops import Sense, Shift, TransverseRead, Write, step_activity
from trackmac.cost import Event
from trackmac.errors import OperandError, UnknownNameError
from trackmac.models.circuit_counts import circuit_activity
from trackmac.simulation import packed

SIGNS = (False, True)
WIDTHS = (2, 3, 8, 16)
MOST_EXTREMES = 5000


def circuits_of(name: str) -> Iterator[Circuit]:
    """Yield the circuit in every layout, signed and not, at the least, odd, usual and greatest widths, at each TRD."""
    for trd in FAMILIES[name].at_trd or (None,):
        found = family(name, trd)
        for layout, is_signed, widths in itertools.product(
            found.layouts, SIGNS, itertools.combinations_with_replacement(reversed(WIDTHS), len(found.width_names))
        ):
            yield circuit(name, widths, is_signed, layout.value, trd)


def extremes(words: tuple[Word, ...]) -> dict[str, IntArray]:
    """Return every combination of the operands' least values, greatest values, -1, 0 and 1, as far as they fit.

    Of many operands, only those of the least and greatest values, or random ones of these.
    """
    axes = []
    for word in words:
        ends = {word.values[0], word.values[-1]}
        axes.append(sorted(ends | {value for value in (-1, 0, 1) if value in word.values}))
    if math.prod(len(axis) for axis in axes) > MOST_EXTREMES:
        axes = [[axis[0], axis[-1]] for axis in axes]
    if math.prod(len(axis) for axis in axes) > MOST_EXTREMES:
        generator = np.random.default_rng(len(axes))
        drawn = [generator.choice(axis, MOST_EXTREMES) for axis in axes]
        grid = np.array([*zip(*drawn, strict=True), [axis[0] for axis in axes], [axis[-1] for axis in axes]])
    else:
        grid = np.array(list(itertools.product(*axes)), dtype=np.int64)
    return {word.name: grid[:, column] for column, word in enumerate(words)}


every_family = pytest.mark.parametrize("name", FAMILIES)


@every_family
def test_it_says_what_it_does(name: str) -> None:
    for found in circuits_of(name):
        builder = sys.modules[getattr(found.reference, "func", found.reference).__module__]

        assert len(found.summary) > 10
        assert "\n" not in found.summary
        assert builder.__doc__


@every_family
@pytest.mark.parametrize("width", [1, 17, 0, -8])
def test_a_width_outside_2_to_16_is_refused(name: str, width: int) -> None:
    message = rf"^a width must be an integer within 2\.\.16 bits, but it is {width}; choose another$"

    with pytest.raises(OperandError, match=message):
        circuit(name, width)
    with pytest.raises(OperandError, match=message):
        circuit(name, (8,) * (len(FAMILIES[name].width_names) - 1) + (width,))


@every_family
@pytest.mark.parametrize("width", [True, "8", 8.0, None])
def test_a_width_that_is_no_integer_is_refused(name: str, width: object) -> None:
    count = len(FAMILIES[name].width_names)

    with pytest.raises(OperandError, match=f"a width must be an integer within 2..16 bits, but it is {width!r};"):
        circuit(name, (width,) * count)  # type: ignore[arg-type]


@every_family
def test_the_wrong_number_of_widths_is_refused(name: str) -> None:
    count = len(FAMILIES[name].width_names)

    with pytest.raises(
        OperandError, match=rf"{name} takes {count} widths? \(.*\), but {count + 1} are given; give one"
    ):
        circuit(name, (8,) * (count + 1))


@every_family
def test_a_misspelt_name_suggests_it(name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown circuit '{name}s': did you mean '{name}'"):
        family(f"{name}s")


@every_family
def test_a_layout_that_it_does_not_have_is_refused(name: str) -> None:
    absent = {"along", "across", "diagonal"} - {str(layout) for layout in FAMILIES[name].layouts}

    for layout in absent:
        with pytest.raises(
            OperandError, match=f"{name} has words (along|across).* tracks, not '{layout}'; choose one of these"
        ):
            circuit(name, layout=layout)


@every_family
def test_extreme_operands_give_results_that_fit(name: str) -> None:
    for found in circuits_of(name):
        values = found.reference(**extremes(found.operands))

        found.result.format.check(values, f"{name} {found.bits}")


def least_format(found: Circuit) -> NumberFormat:
    """Return the exact result's format by the rule of its kind, written down here once more."""
    formats = {word.name: word.format for word in found.operands if word.default is None}
    is_signed = any(each.is_signed for each in formats.values())
    widths = [each.bits for each in formats.values()]
    if found.name == "transverse_read_adder":
        reach = sum((1 << width - is_signed) - 1 + is_signed for width in widths)  # below zero, if signed
        return NumberFormat((reach - is_signed).bit_length() + is_signed, is_signed)
    match found.name.rsplit("_", maxsplit=1)[-1]:
        case "adder" | "accumulate":
            return NumberFormat(max(widths) + 1, is_signed)
        case "accumulator":
            return NumberFormat(widths[0] + 2, is_signed)  # four words
        case "subtractor":
            return NumberFormat(max(widths) + 1, True)
        case "multiplier":
            return NumberFormat(sum(widths), is_signed)
        case _:
            raise AssertionError(f"no rule is written down for {found.name}")


@pytest.mark.parametrize("name", [name for name, each in FAMILIES.items() if each.kind in {"adder", "multiplier"}])
def test_a_sum_has_one_bit_more_and_a_product_both_operands_bits(name: str) -> None:
    for found in circuits_of(name):
        assert found.result.format == least_format(found), (name, found.bits)


@pytest.mark.parametrize("name", [name for name, each in FAMILIES.items() if each.kind == "adder"])
def test_no_bit_of_a_sum_is_spare(name: str) -> None:
    for found in circuits_of(name):
        values = found.reference(**extremes(found.operands))

        needed = bits_for_range(int(values.min()), int(values.max()), is_signed=found.result.format.is_signed)
        assert found.result.format.bits == needed, (name, found.bits)


@pytest.mark.parametrize("name", [name for name, each in FAMILIES.items() if each.kind == "mac"])
def test_an_accumulator_has_room_for_the_product_and_one_sum(name: str) -> None:
    for found in circuits_of(name):
        a, b, c = found.operands

        assert found.result.format.bits == a.format.bits + b.format.bits + 1
        assert c.format.bits == found.result.format.bits - 1
        assert c.places == found.result.places, "it accumulates in place"


@every_family
def test_it_needs_parts_and_all_counts_are_positive(name: str) -> None:
    for found in circuits_of(name):
        needs = resources_of(found)

        assert min(needs.write_drivers, needs.transistors) > 0
        assert needs.sense_amplifiers > 0 or found.trd is not None
        assert needs.cells, found.operands
        assert min(needs.cells.values()) > 0
        assert needs.shift_drivers > 0 or found.layout == "across"


@every_family
def test_heads_come_home(name: str) -> None:
    """A MAC's operands stay at their top bits instead: there the next pair begins."""
    for found in circuits_of(name):
        expected = {track.name: 0 for track in found.tracks}
        if FAMILIES[name].kind == "mac":
            expected |= {place.track: place.domain for word in found.operands[:2] for place in word.places}

        assert found.end == expected, (name, found.layout, found.bits)


@every_family
def test_only_declared_tracks_are_touched_and_none_is_declared_in_vain(name: str) -> None:
    for found in circuits_of(name):
        touched: set[str] = set()
        for step in found.program:
            for op in step.ops:
                if isinstance(op, Shift):
                    touched.update(op.tracks)
                elif isinstance(op, Sense | TransverseRead | Write):
                    touched.add(op.track)

        assert touched == {track.name for track in found.tracks}, (name, found.layout, found.bits)


@every_family
def test_a_word_lies_where_its_layout_says(name: str) -> None:
    for found in circuits_of(name):
        for word in (*found.operands, found.result):
            if word.known is not None:
                assert not word.places
                continue
            tracks = {place.track for place in word.places}

            assert len(tracks) == (1 if found.layout == "along" else len(word.places))
            assert len(word.places) >= word.format.bits


@every_family
def test_no_step_is_free(name: str) -> None:
    for found in circuits_of(name):
        for step in found.program:
            events = step_activity(step).events

            assert sum(events.values()) > events[Event.SEQUENCER_STEPS] == 1, (name, step)


@every_family
def test_words_across_tracks_shift_only_where_several_lie_one_behind_another(name: str) -> None:
    for found in circuits_of(name):
        shifts = sum(len(step.of(Shift)) for step in found.program)
        several = any(place.domain > 0 for word in found.operands for place in word.places)

        if found.trd is None:
            assert (shifts == 0) == (found.layout == "across" and not several)


KNOWN = [name for name in FAMILIES if circuit(name).known]


def circuits_of_weights(name: str, widths: tuple[int, int]) -> Iterator[Circuit]:
    """Yield the circuit for the least, the greatest, the costliest weight, 0, -1, powers of two, and all of these."""
    for layout, is_signed in itertools.product(FAMILIES[name].layouts, SIGNS):
        worst = circuit(name, widths, is_signed, layout.value)
        b = worst.operand(next(iter(worst.known))).format
        weights = [b.minimum, b.maximum, 0, 1, 1 << b.bits - 2, b.maximum - 1, b.minimum // 2]
        yield worst
        yield circuit(name, widths, is_signed, layout.value, known=dict(zip(worst.known, weights, strict=False)))
        for weight in weights:
            yield circuit(name, widths, is_signed, layout.value, known=dict.fromkeys(worst.known, weight))


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_operand_lies_nowhere_and_has_one_value(name: str) -> None:
    for found in circuits_of_weights(name, (3, 4)):
        assert found.at_known is not None
        for operand, value in found.known.items():
            word = found.operand(operand)
            assert not word.is_on_wires
            assert not word.places
            assert list(word.values) == [value]
        assert [word.format.bits for word in found.operands if word.known is not None] == [4] * len(found.known)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("widths", [(2, 2), (3, 4), (8, 8), (16, 3), (5, 16)], ids=str)
def test_every_known_operand_is_exact_and_costs_what_the_closed_form_says(name: str, widths: tuple[int, int]) -> None:
    for found in circuits_of_weights(name, widths):
        operands = extremes(found.operands)

        result = packed.run(found, {word: column for word, column in operands.items() if word not in found.known})

        np.testing.assert_array_equal(result.values, found.reference(**operands))
        assert result.activity == circuit_activity(found), found.known
        found.result.format.check(result.values, name)


@pytest.mark.parametrize("name", KNOWN)
def test_heads_come_home_for_every_known_operand(name: str) -> None:
    """A MAC's operand stays at its top bit instead; the weight 0 never moves it."""
    for found in circuits_of_weights(name, (3, 4)):
        expected = {track.name: 0 for track in found.tracks}
        if FAMILIES[name].kind == "mac" and found.layout == "along" and any(found.known.values()):
            expected["a"] = 2

        assert found.end == expected, found.known


@pytest.mark.parametrize("name", KNOWN)
def test_the_known_value_unless_told_is_the_one_that_costs_most_time_and_energy(name: str) -> None:
    """No other value has more of any event, or takes more steps of any phase."""
    for layout, is_signed, bits in itertools.product(FAMILIES[name].layouts, SIGNS, (2, 3, 4, 5)):
        worst = circuit(name, (3, bits), is_signed, layout.value)
        most = circuit_activity(worst)
        for weight in range(worst.operand(next(iter(worst.known))).format.maximum + 1):
            for known in {weight, -weight - 1} if is_signed else {weight}:
                assert worst.at_known is not None
                less = circuit_activity(worst.at_known(dict.fromkeys(worst.known, known)))

                assert all(count <= most.events[event] for event, count in less.events.items()), known
                assert all(steps <= most.phases[phase] for phase, steps in less.phases.items()), known


def test_a_family_says_what_it_is_for() -> None:
    kinds = {"adder", "multiplier", "mac", "dot product", "activation"}
    assert {found.kind for found in FAMILIES.values()} == kinds
    for found in FAMILIES.values():
        assert isinstance(found, CircuitFamily)
        assert 1 <= len(found.width_names) <= 5
