"""The cell library: what each logic cell computes, and how many transistors each cell has.

A logic cell is its truth table: row `r` gives the outputs for the inputs whose bit `i` is input `i`'s value. The
transistor counts are those of the cells' netlists (`declared.py`), which a test holds them against: static CMOS
(mirror full adder 28, transmission-gate latch 10 ...) and the pre-charge sense amplifier of Zhao et al. (7 and an
output stage of 4).
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogicCell:
    """A combinational cell: named inputs and outputs, a truth table, a transistor count."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    transistors: int

    def __post_init__(self) -> None:
        rows, columns = 1 << len(self.inputs), len(self.outputs)
        assert len(self.table) == rows, f"{self.name}: {rows} rows are needed, not {len(self.table)}"
        assert all(len(row) == columns for row in self.table), f"{self.name}: every row needs {columns} outputs"


@dataclass(frozen=True, slots=True)
class PeripheralCell:
    """A cell that touches a track or keeps a bit: no truth table, a transistor count."""

    name: str
    transistors: int


def _logic(name: str, inputs: str, outputs: str, transistors: int, rule: Callable[..., tuple[int, ...]]) -> LogicCell:
    names = tuple(inputs.split())
    rows = (tuple((row >> i) & 1 for i in range(len(names))) for row in range(1 << len(names)))
    table = tuple(tuple(int(bit) for bit in rule(*row)) for row in rows)
    return LogicCell(name, names, tuple(outputs.split()), table, transistors)


FULL_ADDER = _logic(
    "full_adder", "a b carry", "sum carry_out", 28, lambda a, b, c: (a ^ b ^ c, (a & b) | (c & (a ^ b)))
)
FULL_SUBTRACTOR = _logic(
    "full_subtractor",
    "a b borrow",
    "difference borrow_out",
    28,
    lambda a, b, c: (a ^ b ^ c, ((1 - a) & b) | ((1 - (a ^ b)) & c)),
)
HALF_ADDER = _logic("half_adder", "a carry", "sum carry_out", 14, lambda a, c: (a ^ c, a & c))
AND = _logic("and", "a b", "out", 6, lambda a, b: (a & b,))
OR = _logic("or", "a b", "out", 6, lambda a, b: (a | b,))
AND_NOT = _logic("and_not", "a b", "out", 6, lambda a, b: (a & (1 - b),))
NAND_INVERTED = _logic("inverted_and", "a b", "out", 4, lambda a, b: (1 - (a & b),))
NOT = _logic("not", "a", "out", 2, lambda a: (1 - a,))
MULTIPLEXER = _logic("multiplexer", "select a b", "out", 12, lambda s, a, b: (b if s else a,))
BOOTH_ENCODER = _logic(
    "booth_encoder",
    "low middle high",
    "negative one two",
    34,
    lambda low, mid, high: (high & (1 - (low & mid)), low ^ mid, int(low == mid != high)),
)
BOOTH_SELECTOR = _logic(
    "booth_selector",
    "negative one two bit bit_below",
    "out",
    20,
    lambda neg, one, two, bit, below: (neg ^ ((one & bit) | (two & below)),),
)
ROUND_HALF_EVEN = _logic(
    "round_half_even", "guard sticky last", "round_up", 8, lambda guard, sticky, last: (guard & (sticky | last),)
)

CELLS = {
    cell.name: cell
    for cell in (
        FULL_ADDER,
        FULL_SUBTRACTOR,
        HALF_ADDER,
        AND,
        OR,
        AND_NOT,
        NAND_INVERTED,
        NOT,
        MULTIPLEXER,
        BOOTH_ENCODER,
        BOOTH_SELECTOR,
        ROUND_HALF_EVEN,
    )
}

SENSE_AMPLIFIER = PeripheralCell("sense_amplifier", 11)
WRITE_DRIVER = PeripheralCell("write_driver", 14)
LATCH = PeripheralCell("latch", 10)
SHIFT_DRIVER = PeripheralCell("shift_driver", 30)

TRANSVERSE_SENSE_AMPLIFIERS = {
    distance: PeripheralCell(f"transverse_sense_amplifier_{distance}", transistors)
    for distance, transistors in {3: 98, 5: 166, 7: 234}.items()
}
"""By the transverse-read distance: a comparator for each level from 1 to `distance` ones, and what makes the
count's bits of the levels, as in a flash converter."""

PERIPHERAL_CELLS = {
    cell.name: cell
    for cell in (SENSE_AMPLIFIER, WRITE_DRIVER, LATCH, SHIFT_DRIVER, *TRANSVERSE_SENSE_AMPLIFIERS.values())
}
