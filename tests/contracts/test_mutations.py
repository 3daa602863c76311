"""Do the checks bite? Every circuit is broken in many small ways, and each mutant must be noticed.

What notices a mutant: the rules of the hardware (the circuit cannot be declared), a result that differs from integer
arithmetic for some operands (all of them are tried), a count that differs from the closed form, or a track whose head
does not end where the circuit's did.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells import LogicCell
from trackmac.circuits import FAMILIES, Circuit, Layout
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.addition import sum_format
from trackmac.circuits.booth_radix4 import booth_radix4_multiplier
from trackmac.circuits.clamping import recorded_bits
from trackmac.circuits.csd import csd_digits, csd_dot_product, csd_mac, csd_multiplier
from trackmac.circuits.dot_product import (
    booth_radix4_dot_product,
    magnetic_dot_product,
    shift_add_dot_product,
)
from trackmac.circuits.fixed_point_requantize import fixed_point_requantize
from trackmac.circuits.microops import Evaluate, Sense, Shift, Step, TransverseRead, Write
from trackmac.circuits.offset import offset
from trackmac.circuits.program_check import ProgramError
from trackmac.circuits.requantize import requantize
from trackmac.circuits.residual_add import residual_add
from trackmac.circuits.shift_add import shift_add_multiplier
from trackmac.circuits.transverse_read_multiplier import transverse_read_dot_product, transverse_read_multiplier
from trackmac.cost import Activity
from trackmac.models import circuit_counts as counts
from trackmac.simulation import packed

KNOWN_PAIRS = ((5, 6), (-1, 3), (0, -8))
DOT_PRODUCTS = {
    "shift_add_dot_product": shift_add_dot_product,
    "booth_radix4_dot_product": booth_radix4_dot_product,
    "magnetic_dot_product": magnetic_dot_product,
}
Program = tuple[Step, ...]
REGISTERED_REQUANTIZE = (5, 3)
MOST_BITS = 16
SMALL = (2, 2, 2, 3, 4)


class Notice(Enum):
    """What noticed a mutant."""

    RULE = "rule"
    RESULT = "result"
    COUNT = "count"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A circuit to be broken, and both of what its mutants are compared with."""

    circuit: Circuit
    predicted: Activity

    def __str__(self) -> str:
        words = "-".join(str(word.format) for word in (*self.circuit.operands, self.circuit.result))
        trd = "" if self.circuit.trd is None else f"-trd{self.circuit.trd}"
        known = "".join(f"-{value}" for value in self.circuit.known.values())
        return f"{self.circuit.name}-{self.circuit.layout}{trd}-{words}{known}"

    def noticed_by(self, program: Program) -> set[Notice]:
        """Return everything that notices that the circuit's program has become `program`."""
        try:
            mutant = replace(self.circuit, program=program)
        except ProgramError:
            return {Notice.RULE}
        operands = every_operand(self.circuit)
        outcome = packed.run(mutant, operands)
        notices = {
            Notice.RESULT: (outcome.values != self.circuit.reference(**operands)).any(),
            Notice.COUNT: outcome.activity != self.predicted,
            Notice.HEAD: mutant.end != self.circuit.end,
        }
        return {notice for notice, is_noticed in notices.items() if is_noticed}


def every_operand(circuit: Circuit) -> dict[str, IntArray]:
    """Return all combinations of operand values, or as many random ones where they are more than 2^MOST_BITS."""
    axes = [word.values for word in circuit.operands]
    if math.prod(len(axis) for axis in axes) > 1 << MOST_BITS:
        generator = np.random.default_rng(0)
        drawn = [generator.choice(axis, 1 << MOST_BITS) for axis in axes]
        return {word.name: values for word, values in zip(circuit.operands, drawn, strict=True)}
    grid = np.array(list(itertools.product(*axes)), dtype=np.int64)
    return {word.name: grid[:, column] for column, word in enumerate(circuit.operands)}


def registered() -> Iterator[Subject]:
    """Yield every family in every layout, signed and not, at widths small enough to try all operands.

    Four bits of `b` make every Booth digit occur.
    """
    for name, family in FAMILIES.items():
        if family.kind == "dot product" or name == "fixed_point_requantize":
            continue  # see below: fewer words or bits do, and a smaller shift clamps more
        for variant in family.at_trd.values() or (family,):
            widths = REGISTERED_REQUANTIZE if name == "requantize" else SMALL[-len(variant.width_names) :]
            for layout, is_signed in itertools.product(variant.layouts, (False, True)):
                circuit = variant.build(widths, is_signed, layout)
                yield Subject(circuit=circuit, predicted=counts.circuit_activity(circuit))


def others() -> Iterator[Subject]:
    """Yield what the registry does not build: operands of mixed signs, and shifts that leave more than the output."""
    unsigned, signed = NumberFormat(3, False), NumberFormat(4, True)
    for layout in Layout:
        yield Subject(
            circuit=shift_add_multiplier(unsigned, signed, layout),
            predicted=counts.shift_add_multiplier_activity(a=unsigned, b=signed, layout=layout),
        )
        yield Subject(
            circuit=booth_radix4_multiplier(unsigned, signed, layout),
            predicted=counts.booth_radix4_multiplier_activity(a=unsigned, b=signed, layout=layout),
        )
        for name, build in DOT_PRODUCTS.items():
            if name == "magnetic_dot_product" and layout is Layout.ACROSS:
                continue
            for is_signed in (False, True) if name == "shift_add_dot_product" else (True,):
                circuit = build(NumberFormat(3, is_signed), NumberFormat(4, is_signed), 2, layout)
                yield Subject(circuit=circuit, predicted=counts.circuit_activity(circuit))
        for a_signed, output_signed in itertools.product((False, True), repeat=2):
            a, b, output = NumberFormat(5, a_signed), NumberFormat(5, a_signed), NumberFormat(4, output_signed)
            yield Subject(
                circuit=residual_add(a, b, output, layout),
                predicted=counts.residual_add_activity(a=a, b=b, output=output, layout=layout),
            )
        for is_signed in (False, True):
            x, output = NumberFormat(4, is_signed), NumberFormat(3, is_signed)
            yield Subject(
                circuit=fixed_point_requantize(x, 4, 3, output, layout),
                predicted=counts.fixed_point_requantize_activity(
                    x=x, multiplier_bits=4, shift=3, output=output, layout=layout
                ),
            )
        for is_signed, weight in ((False, 11), (True, -5), (True, -6), (True, 4)):
            a, b = NumberFormat(4, is_signed), NumberFormat(4, is_signed)
            accumulator = NumberFormat(9, is_signed)
            for circuit in (csd_multiplier(a, b, weight, layout), csd_mac(a, b, weight, accumulator, layout)):
                yield Subject(circuit=circuit, predicted=counts.circuit_activity(circuit))
        for weights in KNOWN_PAIRS:
            circuit = csd_dot_product(NumberFormat(4, True), NumberFormat(4, True), weights, layout)
            yield Subject(circuit=circuit, predicted=counts.circuit_activity(circuit))
        for x_signed, output_signed in itertools.product((False, True), repeat=2):
            x, output = NumberFormat(7, x_signed), NumberFormat(3, output_signed)
            yield Subject(
                circuit=requantize(x, 2, output, layout),
                predicted=counts.requantize_activity(x=x, shift=2, output=output, layout=layout),
            )
        for is_signed, times, positions in ((False, 4, (2,)), (True, 4, (2,)), (True, -4, (2,)), (False, 5, (0, 2))):
            x, accumulator = NumberFormat(3, is_signed), NumberFormat(7, is_signed)
            yield Subject(
                circuit=accumulate(x, accumulator, layout, times=times),
                predicted=counts.accumulate_activity(x=x, accumulator=accumulator, layout=layout, positions=positions),
            )
        for is_signed, zero_point in ((False, 11), (False, 12), (True, -6), (True, 7)):
            x = NumberFormat(4, is_signed)
            circuit = offset(x, zero_point, layout)
            predicted = counts.offset_activity(x=x, result=circuit.result.format, zero_point=zero_point, layout=layout)
            yield Subject(circuit=circuit, predicted=predicted)


def by_transverse_read() -> Iterator[Subject]:
    """Yield products of mixed signs and dot products by bit planes, at every transverse-read distance."""
    unsigned, signed = NumberFormat(3, False), NumberFormat(4, True)
    for trd, (a, b) in itertools.product((3, 5, 7), ((unsigned, signed), (signed, unsigned))):
        yield Subject(
            circuit=transverse_read_multiplier(a, b, trd),
            predicted=counts.transverse_read_multiplier_activity(a=a, b=b, trd=trd),
        )
    for trd, is_signed in itertools.product((3, 5, 7), (False, True)):
        a, b = NumberFormat(2, is_signed), NumberFormat(3, is_signed)
        for circuit in (
            FAMILIES["bitplane_popcount_mac"].at_trd[trd].build((2, 3), is_signed, Layout.ACROSS),
            transverse_read_dot_product(a, b, 2, trd),
        ):
            yield Subject(circuit=circuit, predicted=counts.circuit_activity(circuit))


SUBJECTS = (*registered(), *others(), *by_transverse_read())
every_subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


@every_subject
def test_the_circuit_itself_is_not_noticed(subject: Subject) -> None:
    assert subject.noticed_by(subject.circuit.program) == set()


@every_subject
def test_a_dropped_step_is_noticed(subject: Subject) -> None:
    """The counts notice every one; all but a few show in the rules, the results or the heads as well."""
    program = subject.circuit.program
    for index, step in enumerate(program):
        notices = subject.noticed_by((*program[:index], *program[index + 1 :]))

        assert notices & {Notice.RULE, Notice.COUNT}, (index, step)
        if not (notices == {Notice.COUNT} and is_at_the_edge(subject.circuit, step)):
            assert (notices == {Notice.COUNT}) == is_work_for_nothing(subject.circuit, index), (index, step)


def is_at_the_edge(circuit: Circuit, step: Step) -> bool:
    """Whether rows are added and only an outermost column is concerned, where few rows have a bit at all.

    What is read in one of the three lowest columns the amplifier may hold already; and in the top column of unsigned
    words there may be nothing but a carry, which lies where the sum goes.
    """
    if circuit.trd is None or len(step.ops) > 1:
        return False
    (op,) = step.ops
    if isinstance(op, TransverseRead):
        return op.track in {"column0", "column1", "column2"}
    return isinstance(op, Write) and op.track in {circuit.result.places[-1].track, circuit.tracks[-1].name}


def is_work_for_nothing(circuit: Circuit, index: int) -> bool:
    """Whether only the counts can tell that a step is missing: it writes or senses what is there already."""
    step, is_signed = circuit.program[index], circuit.operands[0].format.is_signed
    if circuit.name == "relu" and not is_signed:
        return bool(step.of(Write))  # an unsigned word is its own relu
    if circuit.name in SECOND_SENSING and circuit.layout is Layout.ACROSS:
        return index == SECOND_SENSING[circuit.name]  # across tracks the amplifiers still hold both words
    if circuit.name in KNOWN_TOP_BITS and circuit.layout is Layout.ALONG:
        return index in KNOWN_TOP_BITS[circuit.name][is_signed]
    known = tuple(circuit.known.values())
    if known in KNOWN_SUMS.get(circuit.name, {}) and circuit.layout is Layout.ALONG:
        return index in KNOWN_SUMS[circuit.name][known]
    top_of_c = Sense("c", "sum_so_far")
    if is_signed and circuit.layout is Layout.ALONG and step.ops == (top_of_c,):
        # The operand c is a bit shorter than the accumulator, so the accumulator's top bit equals the one below it.
        return not any(top_of_c in later.ops for later in circuit.program[index + 1 :])
    return False


SECOND_SENSING = {"max_pool": 2, "argmax": 5}
# A sum kept in two words has its full width from the start, since neither word alone has a sign to repeat. So before
# the last addend its top bits are known: 0 if it is unsigned, else equal; and so are those of the carry word.
# In the same way an accumulator's top bits are known before the last product; and a product never reaches the bounds of
# its format, so that rounding carries nothing out of it.
KNOWN_TOP_BITS: dict[str, dict[bool, set[int]]] = {
    "carry_save_accumulator": {False: {36, 38, 60, 62, 86}, True: {32, 36, 56, 60, 84}},
    "shift_add_dot_product": {False: {88, 90}, True: {87}},
    "booth_radix4_dot_product": {True: {73}},
    "magnetic_dot_product": {True: set()},
    "fixed_point_requantize": {False: {95}, True: {94}},
}

# Of a weight that ends in zeros so does the product: the sum writes what is there already, and hands on no carry. And
# again the top bit of c equals the one below it before the first product, of two or of one.
KNOWN_SUMS: dict[str, dict[tuple[int, ...], set[int]]] = {
    "csd_mac": {(4,): {26, 52}},
    "csd_dot_product": {(5, 6): {70}, (-1, 3): {60}, (0, -8): {32, 36, 58}},
}


@every_subject
def test_an_added_shift_is_noticed(subject: Subject) -> None:
    """Each track in turn is moved on by one before a step, and before the end."""
    program, tracks = subject.circuit.program, itertools.cycle(subject.circuit.tracks)
    for index, track in zip(range(len(program) + 1), tracks, strict=False):
        added = Step((Shift((track.name,), 1),))

        notices = subject.noticed_by((*program[:index], added, *program[index:]))

        assert notices & {Notice.RULE, Notice.COUNT}, (index, track)
        assert notices & {Notice.RULE, Notice.HEAD}, (index, track)


@every_subject
def test_a_shift_the_wrong_way_is_noticed(subject: Subject) -> None:
    """It costs the same, so the counts are blind to it."""
    program = subject.circuit.program
    for index, step in enumerate(program):
        for op in step.ops:
            if isinstance(op, Shift):
                ops = tuple(replace(op, steps=-op.steps) if each is op else each for each in step.ops)

                notices = subject.noticed_by((*program[:index], Step(ops), *program[index + 1 :]))

                assert notices & {Notice.RULE, Notice.HEAD}, (index, op)


def with_rows_swapped(program: Program, cell: LogicCell, one: int, other: int) -> Program:
    """Return the program with another cell in every place of `cell`: the outputs of two of its rows are swapped."""
    table = list(cell.table)
    table[one], table[other] = table[other], table[one]
    broken = replace(cell, table=tuple(table))
    return tuple(
        Step(tuple(replace(op, cell=broken) if isinstance(op, Evaluate) and op.cell == cell else op for op in step.ops))
        for step in program
    )


def cells_of(circuit: Circuit) -> list[LogicCell]:
    cells = {op.cell for step in circuit.program for op in step.ops if isinstance(op, Evaluate)}
    return sorted(cells, key=lambda cell: cell.name)


def every_pair(cell: LogicCell) -> Iterator[tuple[int, int]]:
    """Yield all pairs of rows whose outputs differ."""
    rows = range(len(cell.table))
    yield from ((one, other) for one, other in itertools.combinations(rows, 2) if cell.table[one] != cell.table[other])


def each_row_once(cell: LogicCell) -> Iterator[tuple[int, int]]:
    """Yield each row with the next one (the first after the last) whose outputs differ."""
    count = len(cell.table)
    for one in range(count):
        following = ((one + distance) % count for distance in range(1, count))
        yield one, next(other for other in following if cell.table[other] != cell.table[one])


def assert_swaps_are_noticed(subject: Subject, pairs: Callable[[LogicCell], Iterator[tuple[int, int]]]) -> None:
    for cell in cells_of(subject.circuit):
        for one, other in pairs(cell):
            notices = subject.noticed_by(with_rows_swapped(subject.circuit.program, cell, one, other))

            assert (Notice.RESULT in notices) != makes_no_difference(subject.circuit, cell, one, other), (
                cell,
                one,
                other,
            )


@every_subject
def test_two_swapped_rows_of_a_truth_table_are_noticed(subject: Subject) -> None:
    assert_swaps_are_noticed(subject, each_row_once)


@pytest.mark.slow
@every_subject
def test_any_two_swapped_rows_of_a_truth_table_are_noticed(subject: Subject) -> None:
    assert_swaps_are_noticed(subject, every_pair)


# Rows that never occur. The encoder raises "one" (bit 1) or "two" (bit 2), never both, and "negative" (bit 0) only
# with one of them.
IMPOSSIBLE_DIGITS = {row for row in range(32) if row & 0b110 == 0b110 or row & 0b111 == 0b001}
# The clamping multiplexer takes (sign, high, low). A negative number always has a bit set above the output's, so that
# high is 1; low is 1 only if the result bit is, and then high is, too; and a positive number has all bits above set
# only after rounding up to a power of two, when the result bits are 0.
IMPOSSIBLE_CLAMPINGS = {0b001, 0b101, 0b100, 0b110}


def records_one_bit(circuit: Circuit) -> bool:
    """Whether a residual addition has but one bit that tells an overflow."""
    exact = sum_format(*(word.format for word in circuit.operands))
    return len(recorded_bits(exact, circuit.result.format)) == 1


def subtracts_only_from_zero(circuit: Circuit) -> bool:
    """Whether of each known weight no digit but the lowest is negative."""
    return all(digit > 0 for weight in circuit.known.values() for digit in [*csd_digits(weight).values()][1:])


def makes_no_difference(circuit: Circuit, cell: LogicCell, one: int, other: int) -> bool:
    """Whether a circuit still works with two rows of a cell swapped: the reasoned exceptions."""
    match circuit.name, cell.name:
        case _, "booth_selector":
            return {one, other} <= IMPOSSIBLE_DIGITS
        case "max_pool" | "argmax", "full_subtractor":
            return cell.table[one][1] == cell.table[other][1]  # a comparison has no use for the difference
        case "csd_multiplier" | "csd_mac" | "csd_dot_product", "full_subtractor" if subtracts_only_from_zero(circuit):
            return bool(one & other & 1)  # a 1 to subtract from never occurs
        case "csd_multiplier", "full_adder":
            # 3a is 4a - a: a carry comes up only where a is positive, and then -a is negative, its upper bits all ones.
            return {one, other} == {0b100, 0b110} and circuit.known == {"b": 3}
        case "requantize" | "fixed_point_requantize", "multiplexer":
            return {one, other} <= IMPOSSIBLE_CLAMPINGS
        case "requantize", "and":
            # "x AND y" becomes "x AND NOT y". With one recorded bit, r AND NOT (1 AND NOT bit) is still r AND bit.
            return {one, other} == {0b01, 0b11} and circuit.bits == REGISTERED_REQUANTIZE[:1]
        case "residual_add", "multiplexer":
            return {one, other} <= {0b100, 0b101}  # low is 1 only if the result bit is, and then high is, too
        case "residual_add", "or":
            return {one, other} == {0b00, 0b10} and records_one_bit(circuit)  # as above: "or" of a "not" of a "not"
        case "residual_add", "and":
            return {one, other} == {0b01, 0b11} and records_one_bit(circuit)
        case _:
            return False
