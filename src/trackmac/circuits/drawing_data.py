"""What a drawing of a circuit shows, gathered from its declared record: tracks, parts, and the chart of its steps."""

from collections.abc import Mapping

from trackmac.circuits.circuit import Circuit
from trackmac.circuits.data_path import data_path
from trackmac.circuits.folding import Fold, Folded, folded
from trackmac.circuits.microops import (
    Evaluate,
    Latch,
    MicroOp,
    Sense,
    Shift,
    Step,
    TransverseRead,
    Write,
)
from trackmac.circuits.name_ranges import name_ranges, widths_text, without_index
from trackmac.circuits.occupancy import MICRO_OPERATIONS
from trackmac.circuits.requirements import Requirements, TrackNeed, requirements_of
from trackmac.drawings import (
    CircuitDrawing,
    DrawnColumn,
    DrawnMark,
    DrawnPort,
    DrawnRepeat,
    DrawnRow,
    DrawnTracks,
)

MOST_ROWS = 20  # of tracks; with more, tracks of one name share a row
Marks = tuple[DrawnMark, ...]


def drawing_of(circuit: Circuit) -> CircuitDrawing:
    """Return what a drawing of `circuit` shows."""
    needs = requirements_of(circuit)
    rows, row_of = _rows(circuit)
    marks = [_marks(step, row_of) for step in circuit.program]
    order = folded(marks, lambda column: any(mark.operation == "shift" for mark in column))
    columns, repeats = _unrolled(order, marks)
    return CircuitDrawing(
        title=f"{circuit.name}, {widths_text(circuit.bits)} bits, words {circuit.layout} tracks",
        summary=circuit.summary,
        steps=len(circuit.program),
        tracks=_tracks(circuit, needs),
        parts=data_path(circuit, needs.resources),
        rows=rows,
        columns=columns,
        repeats=repeats,
    )


def _tracks(circuit: Circuit, needs: Requirements) -> tuple[DrawnTracks, ...]:
    loaded: dict[str, set[int]] = {}
    for word in circuit.operands:
        for place in word.places:
            loaded.setdefault(place.track, set()).add(place.domain)
    drivers = {name: number for number, group in enumerate(needs.lockstep, start=1) for name in group}
    alike: dict[tuple[object, ...], list[TrackNeed]] = {}
    for need in needs.tracks:
        kinds = tuple((port.position, port.kind) for port in need.ports)
        key = (without_index(need.track), need.domains, need.start_domain, kinds, drivers.get(need.track))
        moves = (need.least_displacement, need.greatest_displacement, frozenset(loaded.get(need.track, ())))
        alike.setdefault((*key, *moves), []).append(need)
    return tuple(
        DrawnTracks(
            label=name_ranges(need.track for need in group),
            count=len(group),
            domains=group[0].domains,
            start_domain=group[0].start_domain,
            spare_before=group[0].greatest_displacement,
            spare_after=-group[0].least_displacement,
            loaded=tuple(sorted(loaded.get(group[0].track, ()))),
            ports=tuple(DrawnPort(position=port.position, kind=port.kind) for port in group[0].ports),
            driver=drivers.get(group[0].track),
        )
        for group in alike.values()
    )


def _rows(circuit: Circuit) -> tuple[tuple[DrawnRow, ...], Mapping[str, int]]:
    """Return the rows, and the number of the row of each track and of each kind of cell, "latch" and "wires"."""
    history: dict[str, list[tuple[object, ...]]] = {track.name: [] for track in circuit.tracks}
    others: dict[str, str] = {}
    for number, step in enumerate(circuit.program):
        for op in step.ops:
            for track in _tracks_of(op):
                history[track].append((number, *_operation(op)))
            if not _tracks_of(op):
                others[_other_row(op)] = "cell" if isinstance(op, Evaluate) else _other_row(op)
    groups: dict[object, list[str]] = {}
    shapes = {track.name: track.ports for track in circuit.tracks}
    for name, moves in history.items():
        groups.setdefault((shapes[name], *moves), []).append(name)
    if len(groups) > MOST_ROWS:
        groups = {}
        for name in history:
            groups.setdefault(without_index(name), []).append(name)
    rows = [DrawnRow(label=name_ranges(names), kind="track", count=len(names)) for names in groups.values()]
    row_of = {name: number for number, names in enumerate(groups.values()) for name in names}
    for name in sorted(others, key=lambda other: ("cell", "latch", "wires").index(others[other])):
        row_of[name] = len(rows)
        rows.append(DrawnRow(label=name.replace("_", " "), kind=others[name], count=1))
    return tuple(rows), row_of


def _marks(step: Step, row_of: Mapping[str, int]) -> Marks:
    """Return what each row does in a step. Of tracks that share a row, it says how many do it."""
    amounts: dict[tuple[int, str], int] = {}
    ports: dict[tuple[int, str], set[int]] = {}
    for op in step.ops:
        operation, *details = _operation(op)
        for name in _tracks_of(op) or (_other_row(op),):
            key = (row_of[name], operation)
            if isinstance(op, Shift):
                amounts[key] = op.steps
            else:
                amounts[key] = amounts.get(key, 0) + 1
                ports.setdefault(key, set()).update(details)
    return tuple(
        DrawnMark(row, operation, amount, tuple(sorted(ports.get((row, operation), ()))))
        for (row, operation), amount in sorted(amounts.items())
    )


def _operation(op: MicroOp) -> tuple[str, *tuple[int, ...]]:
    """Return the name of an operation and its details: a shift's steps, the ports of a read or a write."""
    name = MICRO_OPERATIONS[type(op)].replace("_", " ")
    match op:
        case Shift(_, steps):
            return name, steps
        case Sense(_, _, port) | Write(_, _, port):
            return name, port
        case TransverseRead(_, _, ports):
            return name, *ports
        case _:
            return (name,)


def _tracks_of(op: MicroOp) -> tuple[str, ...]:
    if isinstance(op, Shift):
        return op.tracks
    return (op.track,) if isinstance(op, Sense | Write | TransverseRead) else ()


def _other_row(op: MicroOp) -> str:
    if isinstance(op, Evaluate):
        return op.cell.name
    return "latch" if isinstance(op, Latch) else "wires"


def _unrolled(order: Folded, marks: list[Marks]) -> tuple[tuple[DrawnColumn, ...], tuple[DrawnRepeat, ...]]:
    """Return the columns that are drawn, and which of them are repeated."""
    columns: list[DrawnColumn] = []
    repeats: list[DrawnRepeat] = []

    def draw(entries: Folded) -> int:
        deepest = 0
        for entry in entries:
            if isinstance(entry, Fold):
                first = len(columns)
                depth = draw(entry.body)
                repeats.append(DrawnRepeat(first, len(columns) - 1, entry.times, depth))
                deepest = max(deepest, depth + 1)
            else:
                columns.append(DrawnColumn(entry + 1, marks[entry]))
        return deepest

    draw(order)
    return tuple(columns), tuple(repeats)
