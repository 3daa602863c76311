"""Builds a micro-program from an algorithm over bit positions, for either layout.

An algorithm is a list of `BitStep`s. With words along tracks they run one after another: the tracks shift to each
bit, and what the next bit needs (a carry) is kept in a latch. With words across tracks every bit is at its own port,
so one walk becomes one sense step, one evaluation (the carry ripples through the cells) and one write step.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout, Place, Track, Word
from trackmac.circuits.microops import CONSTANTS, Evaluate, Latch, MicroOp, Receive, Send, Sense, Shift, Step, Write


@dataclass(frozen=True, slots=True, kw_only=True)
class BitStep:
    """What happens at one bit position: sense, then evaluate, then write; latches close at the end."""

    sense: Mapping[str, Place] = field(default_factory=dict)
    evaluate: tuple[Evaluate, ...] = ()
    write: Mapping[Place, str] = field(default_factory=dict)
    latch: Mapping[str, str] = field(default_factory=dict)
    receive: str | None = None
    send: tuple[str, str] | None = None


class ProgramBuilder:
    """Collects tracks and steps; `steps` is the program so far.

    `heads[t]` is the domain of track `t` at its port. Shifts are inserted where a bit step needs another domain.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.tracks: list[Track] = []
        self.steps: list[Step] = []
        self.heads: dict[str, int] = {}
        self._actual: dict[str, str] = {}

    def word(
        self, name: str, number_format: NumberFormat, *, places: int | None = None, start_at_top: bool = False
    ) -> Word:
        """Declare a word with a place for each bit (or `places` of them), and its tracks."""
        count = number_format.bits if places is None else places
        if self.layout is Layout.ALONG:
            spots = tuple(Place(name, bit) for bit in range(count))
            self.add_track(Track(name, count), count - 1 if start_at_top else 0)
        else:
            spots = tuple(Place(f"{name}{bit}", 0) for bit in range(count))
            for spot in spots:
                self.add_track(Track(spot.track, 1), 0)
        return Word(name=name, format=number_format, places=spots)

    def words(self, name: str, number_format: NumberFormat, count: int) -> tuple[Word, ...]:
        """Declare `count` words that lie one behind another on the same tracks; word `k` is called `name` and `k`."""
        bits = number_format.bits
        if self.layout is Layout.ALONG:
            self.add_track(Track(name, count * bits), 0)
            spots = [tuple(Place(name, k * bits + bit) for bit in range(bits)) for k in range(count)]
        else:
            for bit in range(bits):
                self.add_track(Track(f"{name}{bit}", count), 0)
            spots = [tuple(Place(f"{name}{bit}", k) for bit in range(bits)) for k in range(count)]
        return tuple(Word(name=f"{name}{k}", format=number_format, places=places) for k, places in enumerate(spots))

    def single_domain(self, name: str, number_format: NumberFormat, *, default: int | None = None) -> Word:
        """Declare a one-bit word that stays at its port, on a track of its own."""
        self.add_track(Track(name, 1), 0)
        return Word(name=name, format=number_format, places=(Place(name, 0),), default=default)

    def add_track(self, track: Track, head: int = 0) -> None:
        """Declare a track, with domain `head` at its port."""
        self.tracks.append(track)
        self.heads[track.name] = head

    def walk(self, bit_steps: Sequence[BitStep], *, keep: Iterable[str] = ()) -> None:
        """Append the steps of one walk over bit positions; the latches `keep` are read after it."""
        if self.layout is Layout.ALONG:
            for bit_step in bit_steps:
                self._append_in_place(bit_step)
        else:
            self._append_merged(bit_steps, tuple(keep))

    def shift_home(self, *words: Word) -> None:
        """Return the words' tracks to their first bit."""
        self._shift_to({place.track: 0 for word in words for place in word.places})

    def all_home(self) -> None:
        """Return every track to its first domain."""
        self._shift_to({track.name: 0 for track in self.tracks})

    def to_first_bits(self, *words: Word) -> None:
        """Bring each word's first bit to its port; words across tracks come with all their bits."""
        first: dict[str, int] = {}
        for place in (place for word in words for place in word.places):
            first.setdefault(place.track, place.domain)
        self._shift_to(first)

    def _append_in_place(self, step: BitStep) -> None:
        self._shift_to({place.track: place.domain for place in (*step.sense.values(), *step.write)})
        latches = tuple(Latch(source, into) for into, source in step.latch.items())
        phases: list[tuple[MicroOp, ...]] = [
            (*(Sense(place.track, into) for into, place in step.sense.items()), *_sends(step)),
            step.evaluate,
            (*_receives(step), *(Write(place.track, source) for place, source in step.write.items())),
        ]
        self._append_phases(phases, latches)

    def _append_merged(self, bit_steps: Sequence[BitStep], keep: tuple[str, ...]) -> None:
        actual = self._actual
        senses: list[MicroOp] = []
        evaluations: list[MicroOp] = []
        writes: list[MicroOp] = []
        for index, step in enumerate(bit_steps):
            for into, place in step.sense.items():
                actual[into] = f"{into}.{index}"
                senses.append(Sense(place.track, actual[into]))
            for op in step.evaluate:
                inputs = tuple(self._resolve(name) for name in op.inputs)
                actual.update({name: f"{name}.{index}" for name in op.outputs})
                evaluations.append(Evaluate(op.cell, inputs, tuple(actual[name] for name in op.outputs)))
            writes += _receives(step)
            writes += [Write(place.track, self._resolve(source)) for place, source in step.write.items()]
            senses += [Send(self._resolve(op.source), op.wire) for op in _sends(step)]
            actual.update({into: self._resolve(source) for into, source in step.latch.items()})
        latches = tuple(Latch(actual[name], name) for name in keep)
        actual.update({name: name for name in keep})
        self._append_phases([tuple(senses), tuple(evaluations), tuple(writes)], latches)

    def _resolve(self, name: str) -> str:
        return name if name in CONSTANTS else self._actual.get(name, name)

    def _append_phases(self, phases: Sequence[tuple[MicroOp, ...]], latches: tuple[Latch, ...]) -> None:
        filled = [phase for phase in phases if phase]
        if latches:
            filled = [*filled[:-1], (*filled[-1], *latches)] if filled else [latches]
        self.steps += [Step(phase) for phase in filled]

    def _shift_to(self, targets: Mapping[str, int]) -> None:
        groups: dict[int, list[str]] = {}
        for track, domain in targets.items():
            groups.setdefault(domain - self.heads[track], []).append(track)
        self.heads.update(targets)
        shifts = tuple(Shift(tuple(tracks), steps) for steps, tracks in groups.items() if steps)
        if shifts:
            self.steps.append(Step(shifts))


def _receives(step: BitStep) -> tuple[Receive, ...]:
    return () if step.receive is None else (Receive(step.receive),)


def _sends(step: BitStep) -> tuple[Send, ...]:
    return () if step.send is None else (Send(*step.send),)
