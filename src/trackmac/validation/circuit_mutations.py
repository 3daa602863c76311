"""Breaks a circuit in small ways, and asks whether the checks notice: do they bite, and is every part needed?

What notices a mutant: the rules of the hardware (it cannot be declared), a result that is not the reference's, a count
that is not the closed form's, or a track whose head ends elsewhere.

Two rows of a truth table may be swapped without any difference where they never occur, or where nothing reads what they
differ in; with all operands tried (up to 12 bits together, else random ones) that is a proof, so it is told, not held
against the circuit. A cell of which no two rows matter is: the circuit does not need it. So is a step that nothing
misses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from trackmac.cells import LogicCell
from trackmac.circuits import Circuit
from trackmac.circuits.microops import Evaluate, Step
from trackmac.circuits.program_check import ProgramError
from trackmac.models.circuit_counts import circuit_activity
from trackmac.simulation import packed
from trackmac.validation.circuit_contract import all_operands, random_operands, reference_values

MOST_BITS, RANDOM_LANES = 12, 2048

Program = tuple[Step, ...]


class Notice(Enum):
    """What noticed a mutant."""

    RULE = "rule"
    RESULT = "result"
    COUNT = "count"
    HEAD = "head"


@dataclass(slots=True)
class MutantTally:
    """How many mutants were made, which steps only the counts miss, and which rows make no difference."""

    mutants: int = 0
    idle_steps: int = 0
    rows: dict[str, set[int]] = field(default_factory=dict)

    def __str__(self) -> str:
        notes = [f"{self.mutants} mutants"]
        if self.idle_steps:
            notes.append(f"dropped steps that only the counts miss: {self.idle_steps}")
        for cell, rows in sorted(self.rows.items()):
            notes.append(f"rows that can be swapped in {cell}: {' '.join(map(str, sorted(rows)))}")
        return ", ".join(notes)


def check_mutants(circuit: Circuit, tally: MutantTally) -> str:
    """Return the first step or cell that nothing misses, or ""; `tally` is told of all mutants."""
    notices_of = _Watch(circuit)
    program = circuit.program
    for index in range(len(program)):
        tally.mutants += 1
        notices = notices_of((*program[:index], *program[index + 1 :]))
        if not notices:
            return f"nothing notices that step {index + 1} of {len(program)} is missing"
        tally.idle_steps += notices == {Notice.COUNT}
    for cell in _cells_of(circuit):
        alike = {
            pair for pair in _pairs_of_rows(cell) if Notice.RESULT not in notices_of(_swapped(program, cell, pair))
        }
        pairs = set(_pairs_of_rows(cell))
        tally.mutants += len(pairs)
        if alike == pairs:
            return f"no result depends on cell {cell.name}: any two rows of its truth table can be swapped"
        if alike:
            tally.rows.setdefault(cell.name, set()).update(row for pair in alike for row in pair)
    return ""


class _Watch:
    """Everything that a mutant of a circuit is compared with."""

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._operands = all_operands(circuit, MOST_BITS) or random_operands(circuit, RANDOM_LANES)
        self._expected = reference_values(circuit, self._operands)
        self._predicted = circuit_activity(circuit)

    def __call__(self, program: Program) -> set[Notice]:
        """Return what notices that the circuit's program has become `program`."""
        try:
            mutant = replace(self._circuit, program=program)
        except ProgramError:
            return {Notice.RULE}
        outcome = packed.run(mutant, self._operands)
        notices = {
            Notice.RESULT: bool((outcome.values != self._expected).any()),
            Notice.COUNT: outcome.activity != self._predicted,
            Notice.HEAD: mutant.end != self._circuit.end,
        }
        return {notice for notice, is_noticed in notices.items() if is_noticed}


def _cells_of(circuit: Circuit) -> list[LogicCell]:
    cells = {op.cell for step in circuit.program for op in step.ops if isinstance(op, Evaluate)}
    return sorted(cells, key=lambda cell: cell.name)


def _pairs_of_rows(cell: LogicCell) -> Iterator[tuple[int, int]]:
    """Yield each row with the next one (the first after the last) whose outputs differ."""
    count = len(cell.table)
    for one in range(count):
        following = ((one + distance) % count for distance in range(1, count))
        other = next((row for row in following if cell.table[row] != cell.table[one]), one)
        if other != one:
            yield one, other


def _swapped(program: Program, cell: LogicCell, pair: tuple[int, int]) -> Program:
    """Return the program with another cell in every place of `cell`: the outputs of two of its rows are swapped."""
    one, other = pair
    table = list(cell.table)
    table[one], table[other] = table[other], table[one]
    broken = replace(cell, table=tuple(table))
    return tuple(
        Step(tuple(replace(op, cell=broken) if isinstance(op, Evaluate) and op.cell == cell else op for op in step.ops))
        for step in program
    )
