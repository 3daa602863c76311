"""Products and multiply-and-accumulate by transverse reads: exact at every width, and what the rows come to."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, circuit, resources_of
from trackmac.circuits.row_addition import addends, constant_row, negative_weight
from trackmac.circuits.transverse_read_multiplier import (
    transverse_read_dot_product,
    transverse_read_mac,
    transverse_read_multiplier,
)
from trackmac.cost import Event, Phase
from trackmac.models import circuit_counts as counts
from trackmac.simulation import packed

DISTANCES = (3, 5, 7)
SIGNS = tuple(itertools.product((False, True), repeat=2))
every_distance = pytest.mark.parametrize("trd", DISTANCES)


def every_operand(found: Circuit) -> dict[str, IntArray]:
    axes = (range(word.format.minimum, word.format.maximum + 1) for word in found.operands)
    grid = np.array(list(itertools.product(*axes))).T
    return dict(zip((word.name for word in found.operands), grid, strict=True))


def values(each: NumberFormat) -> st.SearchStrategy[IntArray]:
    """Yield 8 numbers of a format, its ends among them."""
    inner = st.lists(st.integers(each.minimum, each.maximum), min_size=6, max_size=6)
    return inner.map(lambda drawn: np.array([each.minimum, each.maximum, *drawn]))


@every_distance
@pytest.mark.parametrize("widths", [(2, 2), (3, 2), (2, 7), (5, 5), (9, 9), (14, 4)])
@pytest.mark.parametrize("signs", SIGNS)
def test_all_operands_of_18_bits_together_are_multiplied_exactly(
    trd: int, widths: tuple[int, int], signs: tuple[bool, bool]
) -> None:
    a, b = (NumberFormat(bits, is_signed) for bits, is_signed in zip(widths, signs, strict=True))
    found = transverse_read_multiplier(a, b, trd)
    operands = every_operand(found)

    result = packed.run(found, operands)

    np.testing.assert_array_equal(result.values, operands["a"] * operands["b"])
    assert result.activity == counts.transverse_read_multiplier_activity(a=a, b=b, trd=trd)


@every_distance
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_any_operands_are_multiplied_and_accumulated_exactly(trd: int, data: st.DataObject) -> None:
    a, b = (NumberFormat(data.draw(st.integers(2, 16)), data.draw(st.booleans())) for _ in range(2))
    wide = a.bits + b.bits + data.draw(st.integers(1, 8))
    accumulator = NumberFormat(wide, a.is_signed or b.is_signed)
    found = transverse_read_mac(a, b, accumulator, trd)
    operands = {word.name: data.draw(values(word.format)) for word in found.operands}

    result = packed.run(found, operands)

    np.testing.assert_array_equal(result.values, operands["a"] * operands["b"] + operands["c"])
    predicted = counts.transverse_read_mac_activity(a=a, b=b, accumulator=accumulator, trd=trd)
    assert result.activity == predicted
    assert (
        packed.run(transverse_read_multiplier(a, b, trd), {"a": operands["a"], "b": operands["b"]}).values.tolist()
        == (operands["a"] * operands["b"]).tolist()
    )


@every_distance
@pytest.mark.parametrize("is_signed", [False, True])
def test_extreme_operands_of_all_widths_are_exact(trd: int, is_signed: bool) -> None:
    for bits in range(2, 17):
        found = circuit("transverse_read_mac", bits, is_signed, trd=trd)
        ends = [(word.format.minimum, word.format.maximum) for word in found.operands]
        a, b, c = np.array(list(itertools.product(*ends))).T

        np.testing.assert_array_equal(packed.run(found, {"a": a, "b": b, "c": c}).values, a * b + c)


@every_distance
def test_the_most_negative_numbers_reach_the_products_bound(trd: int) -> None:
    found = circuit("transverse_read_multiplier", 8, trd=trd)

    assert packed.run(found, {"a": np.array([-128]), "b": np.array([-128])}).values.tolist() == [1 << 14]


@pytest.mark.parametrize("signs", SIGNS)
def test_the_constant_row_makes_up_for_the_complements(signs: tuple[bool, bool]) -> None:
    a, b = NumberFormat(4, signs[0]), NumberFormat(6, signs[1])
    row = constant_row(-negative_weight(a, b), 10)
    positions = {(False, False): set(), (True, False): {3, 9}, (False, True): {5, 9}, (True, True): {3, 5, 9}}

    assert set(row) == positions[signs]
    assert set(row.values()) <= {"1"}


@pytest.mark.parametrize(("trd", "rows"), [(3, 2), (5, 3), (7, 5)])
def test_an_addition_takes_as_many_rows_as_the_window_has_domains_without_carries(trd: int, rows: int) -> None:
    assert addends(trd) == rows


def test_a_two_bit_product_at_trd_3_as_counted_by_hand() -> None:
    # uint2 x uint2: two rows, no compression, 4 columns. Sense 4 bits; twice: evaluate 2 products. Rows: 4 writes, one
    # shift of 4 tracks, 4 writes with the first carry's 0. Columns: S and C in 0..2, S in 3. One domain home.
    two = NumberFormat(2, False)

    activity = counts.transverse_read_multiplier_activity(a=two, b=two, trd=3)

    assert activity.events == {
        Event.SENSES: 4,
        Event.EVALUATIONS: 4,
        Event.WRITES: 4 + (4 + 1) + 7,
        Event.TRANSVERSE_READS: 4,
        Event.SHIFT_STEPS: 1 + 1,
        Event.TRACK_SHIFTS: 4 + 4,
        Event.SEQUENCER_STEPS: 1 + 2 + (1 + 1 + 1) + 2 * 4 + 1,
    }
    assert activity.phases == {
        Phase.SENSE: 1,
        Phase.EVALUATE: 2,
        Phase.WRITE: 2 + 4,
        Phase.TRANSVERSE_READ: 4,
        Phase.SHIFT: 2,
    }


def test_a_longer_window_compresses_more_at_once() -> None:
    reads = [
        counts.circuit_activity(circuit("transverse_read_multiplier", 8, trd=trd)).phases[Phase.TRANSVERSE_READ]
        for trd in DISTANCES
    ]

    assert reads == [16 + 7, 16 + 3, 16 + 1]


@every_distance
def test_columns_have_a_window_and_as_many_domains_less_two_beside_it(trd: int) -> None:
    found = circuit("transverse_read_multiplier", 8, trd=trd)
    columns = [track for track in found.tracks if len(track.ports) > 1]
    needs = resources_of(found)

    assert {(track.domains, track.ports) for track in columns} == {(2 * trd - 2, (0, trd - 1))}
    assert {track.overhead_domains for track in columns} == {trd - 2}
    assert needs.cells[f"transverse_sense_amplifier_{trd}"] == len(columns) == 16
    assert needs.shift_drivers == 1


@every_distance
@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize("words", [1, 2, 5])
def test_dot_products_of_any_length_are_exact_and_cost_what_the_closed_form_says(
    trd: int, signs: tuple[bool, bool], words: int
) -> None:
    generator = np.random.default_rng(words)
    for widths in ((2, 2), (3, 7), (8, 8), (16, 5)):
        a, b = (NumberFormat(bits, is_signed) for bits, is_signed in zip(widths, signs, strict=True))
        found = transverse_read_dot_product(a, b, words, trd)
        operands = {
            word.name: np.array(
                [word.format.minimum, word.format.maximum, *generator.integers(word.values[0], word.values[-1], 100)]
            )
            for word in found.operands
        }

        result = packed.run(found, operands)

        products = sum(operands[f"a{k}"] * operands[f"b{k}"] for k in range(words))
        np.testing.assert_array_equal(result.values, products + operands["c"])
        assert result.activity == counts.circuit_activity(found)
        assert set(found.end.values()) == {0}


@every_distance
@pytest.mark.parametrize("signs", SIGNS)
def test_all_extremes_reach_the_accumulators_bounds(trd: int, signs: tuple[bool, bool]) -> None:
    a, b = (NumberFormat(8, is_signed) for is_signed in signs)
    found = transverse_read_dot_product(a, b, 16, trd)
    c = found.operand("c").format
    corners = itertools.product((a.minimum, a.maximum), (b.minimum, b.maximum), (c.minimum, c.maximum))
    x, y, start = np.array(list(corners)).T
    pairs = {f"a{k}": x for k in range(16)} | {f"b{k}": y for k in range(16)}

    values = packed.run(found, pairs | {"c": start}).values

    np.testing.assert_array_equal(values, 16 * x * y + start)
    narrower = NumberFormat(found.result.format.bits - 1, found.result.format.is_signed)
    assert values.min() < narrower.minimum or values.max() > narrower.maximum, "no bit is spare"


def test_a_dot_product_adds_columns_once_for_all_pairs() -> None:
    mac = counts.circuit_activity(circuit("transverse_read_mac", 8))
    dot_product = counts.circuit_activity(circuit("transverse_read_dot_product", 8))

    # 4 * 8 + 2 rows: 8 compressions leave 2 of them and zeros; then 18 columns, one after another. A MAC has 2 and 17.
    assert dot_product.phases[Phase.TRANSVERSE_READ] == 8 + 18
    assert mac.phases[Phase.TRANSVERSE_READ] == 2 + 17
