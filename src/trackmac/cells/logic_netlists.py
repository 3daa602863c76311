"""The logic cells of the library as static complementary CMOS."""

from collections.abc import Mapping

from trackmac.cells.gates import all_of, any_of, exclusive_or, gate, inverter, multiplexer
from trackmac.cells.library import CELLS, LogicCell
from trackmac.cells.netlist import Cell, Row, Transistor


def table_rows(cell: LogicCell) -> tuple[Row, ...]:
    """Return the rows of a logic cell's truth table."""
    width = len(cell.inputs)
    return tuple((tuple((row >> pin) & 1 for pin in range(width)), outputs) for row, outputs in enumerate(cell.table))


def majority(output: str, a: str, b: str, c: str) -> tuple[Transistor, ...]:
    """Return the inverted carry of a mirror adder: 10 transistors."""
    return gate(output, any_of(all_of(a, b), all_of(c, any_of(a, b))))


def mirror_sum(output: str, a: str, b: str, c: str, carry_inverted: str) -> tuple[Transistor, ...]:
    """Return the inverted sum of a mirror adder: 14 transistors."""
    return gate(output, any_of(all_of(carry_inverted, any_of(a, b, c)), all_of(a, b, c)))


TRANSISTORS: Mapping[str, tuple[Transistor, ...]] = {
    "full_adder": (
        *majority("carry_inv", "a", "b", "carry"),
        *inverter("carry_out", "carry_inv"),
        *mirror_sum("sum_inv", "a", "b", "carry", "carry_inv"),
        *inverter("sum", "sum_inv"),
    ),
    # a mirror adder of not a: its carry is the borrow, and its inverted sum the difference
    "full_subtractor": (
        *inverter("a_inv", "a"),
        *majority("borrow_inv", "a_inv", "b", "borrow"),
        *inverter("borrow_out", "borrow_inv"),
        *mirror_sum("difference", "a_inv", "b", "borrow", "borrow_inv"),
    ),
    "half_adder": (
        *gate("carry_inv", all_of("a", "carry")),
        *inverter("carry_out", "carry_inv"),
        *gate("sum_inv", all_of("carry_inv", any_of("a", "carry"))),
        *inverter("sum", "sum_inv"),
    ),
    "and": (*gate("out_inv", all_of("a", "b")), *inverter("out", "out_inv")),
    "or": (*gate("out_inv", any_of("a", "b")), *inverter("out", "out_inv")),
    "and_not": (*inverter("a_inv", "a"), *gate("out", any_of("a_inv", "b"))),
    "inverted_and": gate("out", all_of("a", "b")),
    "not": inverter("out", "a"),
    "multiplexer": multiplexer("out", "select", "a", "b"),
    "booth_encoder": (
        *inverter("low_inv", "low"),
        *inverter("middle_inv", "middle"),
        *inverter("high_inv", "high"),
        *gate("both_inv", all_of("low", "middle")),
        *gate("negative_inv", all_of("high", "both_inv")),
        *inverter("negative", "negative_inv"),
        *exclusive_or("one", "low", "middle", "low_inv", "middle_inv"),
        *gate("two", any_of("one", all_of("middle", "high"), all_of("middle_inv", "high_inv"))),
    ),
    "booth_selector": (
        *gate("multiple_inv", any_of(all_of("one", "bit"), all_of("two", "bit_below"))),
        *inverter("multiple", "multiple_inv"),
        *inverter("negative_inv", "negative"),
        *exclusive_or("out", "negative", "multiple", "negative_inv", "multiple_inv"),
    ),
    "round_half_even": (
        *gate("round_inv", all_of("guard", any_of("sticky", "last"))),
        *inverter("round_up", "round_inv"),
    ),
}

LOGIC_NETLISTS = {
    name: Cell(
        name=name,
        summary=f"{name} in static CMOS",
        inputs=cell.inputs,
        outputs=cell.outputs,
        rows=table_rows(cell),
        transistors=TRANSISTORS[name],
    )
    for name, cell in CELLS.items()
}
