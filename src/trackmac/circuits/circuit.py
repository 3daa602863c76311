"""An arithmetic circuit as data: operands, tracks, a micro-program, and the same function on plain integers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.microops import Shift, Step
from trackmac.circuits.program_check import check_program


class Layout(StrEnum):
    """How a word lies: its bits one after another on one track, or one bit on each of several tracks."""

    ALONG = "along"
    ACROSS = "across"


@dataclass(frozen=True, slots=True)
class Place:
    """One domain of one track."""

    track: str
    domain: int


@dataclass(frozen=True, slots=True)
class Track:
    """One track of a circuit: how many domains its words take, and its ports.

    At the start, domain 0 is at port 0 unless stated; port `k` is always `ports[k]` domains further on, `ports[0]`
    being 0.
    """

    name: str
    domains: int
    ports: tuple[int, ...] = (0,)

    @property
    def overhead_domains(self) -> int:
        """The spare domains that let every domain reach a port, if each port serves those up to the next one."""
        ends = (*self.ports[1:], self.domains)
        return max(end - port for port, end in zip(self.ports, ends, strict=True)) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A number in or at a circuit.

    `places[i]` holds bit `i`, the sign repeated where there are more places than bits. Without places the word is on
    the wires `name[0], name[1], ...`, unless it is `known`: the value that the program has built in.
    """

    name: str
    format: NumberFormat
    places: tuple[Place, ...]
    default: int | None = None
    known: int | None = None

    @property
    def is_on_wires(self) -> bool:
        """Whether the word is exchanged over the wires rather than found on a track or built in."""
        return not self.places and self.known is None

    @property
    def values(self) -> range:
        """All values that the word can have: those of its format, or the one that is known."""
        if self.known is not None:
            return range(self.known, self.known + 1)
        return range(self.format.minimum, self.format.maximum + 1)

    @property
    def wires(self) -> tuple[str, ...]:
        """The names of the wires that carry the word's bits."""
        return tuple(f"{self.name}[{i}]" for i in range(self.format.bits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """One arithmetic circuit at given widths: what it does, and the steps that do it.

    `start[t]` is the domain of track `t` at its port 0 before the first step (0 if absent). `reference` takes the
    operands by name as int64 arrays and returns the result; only tests use it. `at_known` takes a value for each known
    operand, by name, and returns the same circuit for those; None if no operand is known. `stand_ins` are the known
    operands whose values nobody asked for: they stand there so that the circuit can be shown and priced.
    """

    name: str
    summary: str
    layout: Layout
    operands: tuple[Word, ...]
    result: Word
    tracks: tuple[Track, ...]
    program: tuple[Step, ...]
    reference: Callable[..., IntArray] = field(compare=False)
    start: Mapping[str, int] = field(default_factory=dict)
    at_known: Callable[[Mapping[str, int]], "Circuit"] | None = field(default=None, compare=False)
    stand_ins: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        check_program(
            self.name,
            {track.name: track.domains for track in self.tracks},
            self.start,
            self.program,
            ports={track.name: track.ports for track in self.tracks},
        )

    @property
    def bits(self) -> tuple[int, ...]:
        """The widths of the operands that have no default."""
        return tuple(word.format.bits for word in self.operands if word.default is None)

    @property
    def is_signed(self) -> bool:
        """Whether any operand is two's complement; others may be unsigned in any case, as a multiplier of scales is."""
        return any(word.format.is_signed for word in self.operands)

    @property
    def known(self) -> Mapping[str, int]:
        """The values that the program has built in, by the operands' names."""
        return {word.name: word.known for word in self.operands if word.known is not None}

    @property
    def trd(self) -> int | None:
        """The transverse-read distance: the domains that one transverse read counts; None if none is made."""
        return max((track.ports[-1] + 1 for track in self.tracks if len(track.ports) > 1), default=None)

    @property
    def end(self) -> Mapping[str, int]:
        """The domain at each track's port 0 after the last step."""
        heads = {track.name: self.start.get(track.name, 0) for track in self.tracks}
        for step in self.program:
            for op in step.of(Shift):
                assert isinstance(op, Shift)
                for name in op.tracks:
                    heads[name] += op.steps
        return heads

    def operand(self, name: str) -> Word:
        """Return the operand of that name."""
        return next(word for word in self.operands if word.name == name)
