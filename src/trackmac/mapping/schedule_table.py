"""A schedule as rows: where each stage runs, where its weights lie, and what moves; as a table and as plain data.

A further kind of stage is a further function here, registered for its class.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import singledispatch
from typing import Any

from trackmac.arrays import Hardware
from trackmac.mapping.operand_accesses import operand_accesses, walked_stages
from trackmac.mapping.operand_shifts import groups_of_unit, track_places
from trackmac.mapping.schedule import DotProductSchedule, ElementSchedule, OutputStationarySchedule, Schedule
from trackmac.mapping.stored_filters import sender
from trackmac.mapping.trace_rows import tracks_of_group
from trackmac.mapping.traffic import Traffic, traffic
from trackmac.mapping.weight_segments import Segment

MAX_PLACES = 4

RUNS = (
    "stage",
    "kind",
    "slices",
    "words",
    "filters",
    "units",
    "replicas",
    "rounds",
    "waves",
    "mats",
    "tracks",
    "weights on a track",
)
MOVES = (
    "stage",
    "read",
    "broadcast",
    "operands",
    "starts",
    "partial sums",
    "multipliers",
    "results",
    "weights",
    "shift steps",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One stage of a schedule; what it does not have is None.

    A copy of the layer takes `units`, `active_units` are those of all copies. Of a unit's tracks `weight_tracks` hold
    weights, each as `places` says: words from a domain on, read by one port. Where units keep their outputs, it is the
    units that send weights, which have no places where they come from outside.
    """

    name: str
    kind: str
    layers: tuple[str, ...]
    units: int
    active_units: int
    waves: int
    mats: int
    moved: Traffic | None = None
    slices: int | None = None
    words_per_slice: int | None = None
    filters_per_unit: int | None = None
    replicas: int | None = None
    rounds: int | None = None
    weight_tracks: int | None = None
    places: tuple[Segment, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        moved = None if self.moved is None else self.moved.to_dict()
        return {**asdict(self), "layers": list(self.layers), "moved": moved}


@singledispatch
def stage_row(entry: object, hardware: Hardware) -> StageRow:
    """Return what a schedule says of one of its stages."""
    raise NotImplementedError(f"{type(entry).__name__} has no row in a schedule's table")


@stage_row.register
def _(entry: DotProductSchedule, hardware: Hardware) -> StageRow:
    return _with_places(replace(_dot_products(entry), rounds=entry.rounds), entry, hardware)


@stage_row.register
def _(entry: OutputStationarySchedule, hardware: Hardware) -> StageRow:
    row = _dot_products(entry)
    return _with_places(row, sender(entry), hardware) if entry.is_stored else row


@stage_row.register
def _(entry: ElementSchedule, hardware: Hardware) -> StageRow:
    del hardware
    return _every_stage(entry, units=entry.active_units)


def _with_places(row: StageRow, entry: DotProductSchedule, hardware: Hardware) -> StageRow:
    return replace(
        row,
        weight_tracks=groups_of_unit(entry) * tracks_of_group(entry, hardware.layout),
        places=track_places(entry),
    )


def _dot_products(entry: DotProductSchedule | OutputStationarySchedule) -> StageRow:
    return replace(
        _every_stage(entry, units=entry.units),
        slices=entry.slices,
        words_per_slice=entry.words_per_slice,
        filters_per_unit=entry.filters_per_unit,
        replicas=entry.replicas,
    )


def _every_stage(entry: DotProductSchedule | ElementSchedule | OutputStationarySchedule, units: int) -> StageRow:
    return StageRow(
        name=entry.stage.name,
        kind=entry.stage.head.kind,
        layers=tuple(layer.name for layer in entry.stage.layers),
        units=units,
        active_units=entry.active_units,
        waves=entry.waves,
        mats=entry.mats,
        moved=traffic(entry),
    )


def rows_of(planned: Schedule) -> tuple[StageRow, ...]:
    """Return a row for each stage."""
    return tuple(stage_row(entry, planned.hardware) for entry in planned.stages)


def shift_steps_of(planned: Schedule) -> dict[str, int]:
    """Return by stage the steps that weight tracks shift between reads, one image, as `trace replay` counts them."""
    if not walked_stages(planned):
        return {}
    return {stage.entry.stage.name: stage.shifts.shift_steps for stage in operand_accesses(planned).stages}


def schedule_table(planned: Schedule) -> str:
    """Return two tables, a line for each stage in both."""
    rows, steps = rows_of(planned), shift_steps_of(planned)
    runs = [_runs(row) for row in rows]
    moves = [(row.name, *_moves(row), _text(steps.get(row.name))) for row in rows]
    return "\n".join(
        (
            "where it runs: filters to a unit, words of a slice, units of a copy, a unit's tracks that hold weights",
            *_columns(RUNS, runs, left=(0, 1, len(RUNS) - 1)),
            "",
            "what moves over the H-tree, bits of one image: operands, each read once from the buffer for as many units",
            "as it is broadcast to, what accumulators start with, results, weights brought for each image, in rounds;",
            "shift steps between reads of weights",
            *_columns(MOVES, moves, left=(0,)),
        )
    )


def _runs(row: StageRow) -> tuple[str, ...]:
    numbers = (
        row.slices, row.words_per_slice, row.filters_per_unit, row.units, row.replicas, row.rounds, row.waves, row.mats,
        row.weight_tracks,
    )  # fmt: skip
    return (row.name, row.kind, *(_text(number) for number in numbers), _places(row.places))


def _moves(row: StageRow) -> tuple[str, ...]:
    if row.moved is None:
        return ("",) * (len(MOVES) - 2)
    moved = row.moved
    bits = (
        moved.operand_bits, moved.start_bits, moved.partial_sum_bits, moved.multiplier_bits, moved.result_bits,
        moved.weight_bits,
    )  # fmt: skip
    broadcast = "" if row.slices is None else f"{moved.operand_bits / moved.read_bits:.4g}"
    return (_text(moved.read_bits), broadcast, *(_text(number) for number in bits))


def _places(places: Sequence[Segment]) -> str:
    parts = [
        f"{place.words} at port {place.port}"
        if not place.lead
        else f"{place.words} from {place.first_domain} at {place.port}"
        for place in places[:MAX_PLACES]
    ]
    hidden = len(places) - MAX_PLACES
    return ", ".join(parts) + (f" and {hidden} more" if hidden > 0 else "")


def _text(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if index in left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (header, *rows)
    ]
