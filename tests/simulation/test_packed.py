"""The packed simulator against plain integer arithmetic."""

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells import LogicCell
from trackmac.circuits import FAMILIES, MACS, Circuit, Layout, Word, circuit
from trackmac.circuits.clip import clip
from trackmac.circuits.dot_product import shift_add_dot_product
from trackmac.circuits.microops import Evaluate, Step
from trackmac.circuits.requantize import requantize
from trackmac.circuits.transfer import load_word, unload_word
from trackmac.errors import OperandError
from trackmac.simulation import packed

SIGNS = pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
MOST_CORNER_OPERANDS = 5
LAYOUTS = pytest.mark.parametrize("layout", list(Layout))


def all_values(word: Word) -> IntArray:
    return np.arange(word.format.minimum, word.format.maximum + 1)


def all_pairs(first: Word, second: Word) -> tuple[IntArray, IntArray]:
    return np.repeat(all_values(first), all_values(second).size), np.tile(all_values(second), all_values(first).size)


def random_operands(subject: Circuit, lanes: int, seed: int) -> dict[str, IntArray]:
    """Return corners of the operands in every combination (or many at random), then random values: `lanes` at least."""
    generator = np.random.default_rng(seed)
    ends = [(word.format.minimum, word.format.maximum, 0) for word in subject.operands]
    if len(ends) <= MOST_CORNER_OPERANDS:
        corners = np.array(list(itertools.product(*ends)))
    else:
        corners = np.stack([generator.choice(values, 3**MOST_CORNER_OPERANDS) for values in ends], axis=1)
    return {
        word.name: np.concatenate([column, generator.integers(word.format.minimum, word.format.maximum + 1, lanes)])
        for word, column in zip(subject.operands, corners.T, strict=True)
    }


def assert_exact(subject: Circuit, operands: dict[str, IntArray]) -> None:
    built_in = {name: np.full_like(operands[name], value) for name, value in subject.known.items()}
    operands = operands | built_in

    result = packed.run(subject, operands)

    np.testing.assert_array_equal(result.values, subject.reference(**operands))


def two_operand_circuits() -> list[tuple[str, Layout]]:
    return [
        (name, layout)
        for name, family in FAMILIES.items()
        if family.width_names == ("a", "b") and not name.endswith("dot_product")  # these have a0, a1, ...
        for layout in family.layouts
    ]


@SIGNS
@pytest.mark.parametrize(("name", "layout"), two_operand_circuits())
def test_every_pair_of_8_bits_is_exact(name: str, layout: Layout, signed: bool) -> None:
    subject = circuit(name, 8, signed, layout)
    a, b = all_pairs(subject.operand("a"), subject.operand("b"))
    generator = np.random.default_rng(8)
    others = {
        word.name: generator.integers(word.format.minimum, word.format.maximum + 1, a.size)
        for word in subject.operands[2:]
    }

    assert a.size == 65_536
    assert_exact(subject, {"a": a, "b": b, **others})


@SIGNS
@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_exact_at_all_kinds_of_widths(name: str, signed: bool) -> None:
    family = FAMILIES[name]
    widths = [(2, 2), (3, 2), (5, 4), (16, 2), (16, 16), (9, 7)]
    if name != "requantize":
        widths += [(2, 3), (2, 16), (7, 13)]
    for bits, layout in itertools.product(widths, family.layouts):
        subject = circuit(name, (*bits, 7, 3, 8)[: len(family.width_names)], signed, layout)

        assert_exact(subject, random_operands(subject, 500, seed=sum(bits)))


@LAYOUTS
def test_operands_of_different_signedness_are_exact(layout: Layout) -> None:
    unsigned, signed = NumberFormat(6, False), NumberFormat(4, True)
    for build in MACS.values():
        for a, b in ((unsigned, signed), (signed, unsigned)):
            if build is MACS["magnetic_mac"] and layout is Layout.ACROSS:
                continue
            subject = build(a, b, NumberFormat(14, True), layout)

            assert_exact(subject, random_operands(subject, 500, seed=3))


@pytest.mark.parametrize("layout", ["along", "across"])
@pytest.mark.parametrize("name", ["shift_add_multiplier", "booth_radix4_multiplier"])
@pytest.mark.parametrize("bits", [2, 3, 8, 15, 16])
def test_the_most_negative_pair_is_exact(name: str, layout: str, bits: int) -> None:
    lowest = -(1 << (bits - 1))

    result = packed.run(circuit(name, bits, True, layout), {"a": np.array([lowest]), "b": np.array([lowest])})

    assert result.values.tolist() == [lowest * lowest]


@pytest.mark.parametrize("name", MACS)
def test_the_accumulator_takes_its_extremes(name: str) -> None:
    subject = MACS[name](NumberFormat(8, True), NumberFormat(8, True), NumberFormat(24, True), Layout.ALONG)
    c = subject.operand("c").format
    operands = {
        "a": np.array([-128, -128, -128, 127]),
        "b": np.array([-128, -128, 127, -128]),
        "c": np.array([c.maximum, c.minimum, c.minimum, c.minimum]),
    }

    result = packed.run(subject, operands)

    product = np.array([16384, 16384, -16256, -16256])
    np.testing.assert_array_equal(result.values, product + operands["c"])


@pytest.mark.parametrize("shift", [-3, -1, 0, 1, 2, 5, 9, 10, 11, 14])
def test_requantisation_by_any_shift_is_exact_for_every_input(shift: int) -> None:
    formats = [NumberFormat(bits, signed) for bits in (2, 8, 10) for signed in (True, False)]
    for x_signed, output, layout in itertools.product((True, False), formats, Layout):
        subject = requantize(NumberFormat(10, x_signed), shift, output, layout)

        assert_exact(subject, {"x": all_values(subject.operand("x"))})


@pytest.mark.parametrize("shift", [-2, 0, 1, 2, 7, 12])
def test_requantisation_with_a_zero_point_is_exact_for_every_input(shift: int) -> None:
    formats = [NumberFormat(bits, signed) for bits in (2, 6, 8) for signed in (True, False)]
    for x_signed, output, layout in itertools.product((True, False), formats, Layout):
        for zero_point in {output.minimum, -1 if output.is_signed else 1, 2, output.maximum} & set(
            range(output.minimum, output.maximum + 1)
        ):
            subject = requantize(NumberFormat(8, x_signed), shift, output, layout, zero_point=zero_point)

            assert_exact(subject, {"x": all_values(subject.operand("x"))})


@LAYOUTS
@SIGNS
def test_clipping_is_exact_for_every_input_and_bounds(layout: Layout, signed: bool) -> None:
    word = NumberFormat(4, signed)
    for low in range(word.minimum, word.maximum + 1):
        for high in range(low, word.maximum + 1):
            subject = clip(word, low, high, layout)

            assert_exact(subject, {"x": all_values(subject.operand("x"))})


@LAYOUTS
@SIGNS
def test_a_word_on_the_wires_arrives_and_leaves_unchanged(layout: Layout, signed: bool) -> None:
    word = NumberFormat(5, signed)
    for subject in (
        load_word(word, layout),
        load_word(word, layout, from_top=True),
        unload_word(word, layout),
    ):
        assert_exact(subject, {"word": all_values(subject.operands[0])})


@pytest.mark.parametrize("lanes", [0, 1, 63, 64, 65, 2047, 2048, 2049, 65_536, 65_537])
def test_any_number_of_lanes_is_exact(lanes: int) -> None:
    subject = circuit("shift_add_multiplier", (5, 4))
    generator = np.random.default_rng(lanes)
    a, b = generator.integers(-16, 16, lanes), generator.integers(-8, 8, lanes)

    result = packed.run(subject, {"a": a, "b": b})

    assert result.lanes == lanes
    np.testing.assert_array_equal(result.values, a * b)


@pytest.mark.parametrize("threads", [2, 3, 16])
@pytest.mark.parametrize("lanes", [0, 1, 64, 2049, 20_001])
def test_results_and_events_do_not_depend_on_the_number_of_threads(lanes: int, threads: int) -> None:
    subject = circuit("shift_add_multiplier", 8)
    operands = dict(zip("ab", np.random.default_rng(lanes).integers(-128, 128, (2, lanes)), strict=True))

    alone, together = packed.run(subject, operands), packed.run(subject, operands, threads)

    np.testing.assert_array_equal(together.values, operands["a"] * operands["b"])
    assert together.events == alone.events
    assert together.lanes == lanes


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("bad", [0, 2500, 4999])
def test_a_value_out_of_range_is_found_whichever_thread_has_it(bad: int, threads: int) -> None:
    a = np.zeros(5000, np.int64)
    a[bad] = -129

    with pytest.raises(OperandError, match=r"operand a must be within -128\.\.127 \(int8\), but it is -129"):
        packed.run(circuit("ripple_adder", 8), {"a": a, "b": a}, threads)


def dot_product_columns(words: int, lanes: int, bits: int) -> tuple[Circuit, IntArray, IntArray]:
    number_format = NumberFormat(bits, True)
    a, b = np.random.default_rng(lanes).integers(number_format.minimum, number_format.maximum + 1, (2, lanes, words))
    return shift_add_dot_product(number_format, number_format, words, Layout.ACROSS), a, b


def named_columns(a: IntArray, b: IntArray) -> dict[str, IntArray]:
    return {f"{name}{i}": array[:, i] for name, array in (("a", a), ("b", b)) for i in range(array.shape[1])}


@pytest.mark.parametrize("bits", [4, 9])
@pytest.mark.parametrize("lanes", [1, 64, 2049, 5000])
@pytest.mark.parametrize("words", [7, 8, 19])
def test_columns_of_one_array_are_operands_like_others(words: int, lanes: int, bits: int) -> None:
    subject, a, b = dot_product_columns(words, lanes, bits)
    expected = np.einsum("ij,ij->i", a, b)

    for given_a, given_b in (
        (a, b),
        (np.asfortranarray(a), b[::-1].copy()[::-1]),
        (np.repeat(a, 2, axis=1)[:, ::2], np.pad(b, ((0, 0), (3, 5)))[:, 3:-5]),
        (a.astype(np.int16).astype(np.int64), b),
    ):
        np.testing.assert_array_equal(packed.run(subject, named_columns(given_a, given_b)).values, expected)


def test_columns_in_another_order_than_that_of_the_operands_are_not_mixed_up() -> None:
    subject, a, b = dot_product_columns(16, 300, 4)
    operands = named_columns(a[:, ::-1].copy()[:, ::-1], b)

    np.testing.assert_array_equal(packed.run(subject, operands).values, np.einsum("ij,ij->i", a, b))


@pytest.mark.parametrize(("lane", "column"), [(0, 0), (299, 15), (130, 9)])
def test_a_column_out_of_range_is_named(lane: int, column: int) -> None:
    subject, a, b = dot_product_columns(16, 300, 4)
    b[lane, column] = 8

    with pytest.raises(OperandError, match=rf"operand b{column} must be within -8\.\.7 \(int4\), but it is 8"):
        packed.run(subject, named_columns(a, b))


def test_events_are_those_of_all_lanes_and_phases_those_of_one() -> None:
    subject = circuit("ripple_adder", 4)

    one = packed.run(subject, {"a": np.zeros(1, np.int64), "b": np.zeros(1, np.int64)})
    many = packed.run(subject, {"a": np.arange(-8, 8), "b": np.arange(-8, 8)})

    assert many.activity == one.activity
    assert many.events == {event: 16 * count for event, count in one.events.items()}


def test_a_value_out_of_range_in_the_last_chunk_is_found() -> None:
    a = np.zeros(65_536 + 70, np.int64)
    a[-1] = 128
    subject = circuit("ripple_adder", 8)

    with pytest.raises(OperandError, match=r"operand a must be within -128\.\.127 \(int8\), but it is 128"):
        packed.run(subject, {"a": a, "b": a})


def test_operands_need_not_be_contiguous_or_of_64_bits() -> None:
    a, b = np.arange(-8, 8, dtype=np.int8)[::-2], np.arange(8, dtype=np.uint16)[::1]

    result = packed.run(circuit("ripple_adder", 5), {"a": a, "b": b})  # type: ignore[dict-item]

    np.testing.assert_array_equal(result.values, a.astype(np.int64) + b)


def with_cell(subject: Circuit, old: LogicCell, new: LogicCell) -> Circuit:
    steps = tuple(
        Step(tuple(replace(op, cell=new) if isinstance(op, Evaluate) and op.cell == old else op for op in step.ops))
        for step in subject.program
    )
    return replace(subject, program=steps)


def test_a_cell_is_known_by_its_table_and_not_by_its_name() -> None:
    subject = circuit("ripple_adder", 4)
    adder = next(op.cell for step in subject.program for op in step.ops if isinstance(op, Evaluate))
    operands = random_operands(subject, 100, seed=1)
    renamed = with_cell(subject, adder, replace(adder, name="and"))
    dead = with_cell(subject, adder, replace(adder, table=((0, 0),) * 8))

    assert (packed.run(renamed, operands).values == operands["a"] + operands["b"]).all()
    assert (packed.run(dead, operands).values == 0).all()


def test_numba_is_imported_only_when_something_runs() -> None:
    check = "import sys, trackmac.simulation, trackmac.simulation.packed; sys.exit('numba' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
