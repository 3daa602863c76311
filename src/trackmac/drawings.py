"""What a drawing of a circuit shows, as plain data: made from the circuit's one record, drawn by the report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPort:
    """A port, `position` domains after the first one of its track; its kind R, W or RW."""

    position: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTracks:
    """`count` tracks of one shape, as they stand before the first step.

    Domain `start_domain` is at the first port; the domains `loaded` hold bits of operands; spare domains lie on either
    side. Tracks of one `driver` shift in lockstep; None if they never shift.
    """

    label: str
    count: int
    domains: int
    start_domain: int
    spare_before: int
    spare_after: int
    loaded: tuple[int, ...]
    ports: tuple[DrawnPort, ...]
    driver: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPart:
    """`count` parts of one kind: sense amplifier, cell, latch, write driver.

    `takes[i]` are the signals or the tracks that come to pin `i`, `gives` those that leave. `level` is how many cells
    lie before a cell.
    """

    kind: str
    label: str
    count: int
    takes: tuple[tuple[str, ...], ...]
    gives: tuple[str, ...]
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """A row of the chart: tracks that do the same in every step, or the parts of one kind."""

    label: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """What a row does in a step: an operation, how much of it (a shift's steps, else a number), at which ports."""

    row: int
    operation: str
    amount: int
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    """One step of the chart; `step` is its number, counted from 1, where it comes first."""

    step: int
    marks: tuple[DrawnMark, ...]


@dataclass(frozen=True, slots=True)
class DrawnRepeat:
    """The columns `first` .. `last` happen `times` times; `depth` other repeats lie within."""

    first: int
    last: int
    times: int
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitDrawing:
    """A circuit's structure and its space-time chart: what each track and part does in which step."""

    title: str
    summary: str
    steps: int
    tracks: tuple[DrawnTracks, ...]
    parts: tuple[DrawnPart, ...]
    rows: tuple[DrawnRow, ...]
    columns: tuple[DrawnColumn, ...]
    repeats: tuple[DrawnRepeat, ...]
