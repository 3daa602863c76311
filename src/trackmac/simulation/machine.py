"""Many units in lockstep whose tracks keep their bits and their displacement from program to program."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Place, Word
from trackmac.cost import Activity
from trackmac.errors import OperandError
from trackmac.simulation.binding import Binding, TrackGeometry
from trackmac.simulation.lane_words import LaneWord, LaneWords
from trackmac.simulation.lockstep import BoundCircuit, Lockstep, Motion, State
from trackmac.simulation.memory import BoundProgram, PlaneMemory
from trackmac.simulation.packing import LANES_PER_WORD, PackedWord
from trackmac.simulation.tape import Reading

NO_TRACK = -1
"""In place of a track's number: a wire, which is never displaced."""


class Machine:
    """`lanes` units, each with its own copy of every track; all follow one program at a time.

    The domain at port `k` of a track is `ports[k]` + the track's displacement. Displacements start at 0 and are the
    same in all lanes; domains that nobody has written are ones.
    """

    def __init__(self, lanes: int, tracks: Mapping[str, TrackGeometry]) -> None:
        self.lanes = lanes
        self.tracks = dict(tracks)
        self._motion = Motion(self.tracks)
        self._lockstep = Lockstep(self._motion)
        self._memory = PlaneMemory(lanes, self._motion.planes, 0)
        self._wire_planes: dict[tuple[str, int], int] = {}
        self._programs: dict[BoundCircuit, _Program] = {}

    @property
    def activity(self) -> Activity:
        """What the programs executed so far cost one lane."""
        return self._lockstep.activity

    @property
    def executions(self) -> Iterator[tuple[Binding, IntArray, int]]:
        """What was executed: the bound circuit, the machine's domains that were its tracks' domains 0, how often."""
        return self._lockstep.executions

    def displacement(self, track: str) -> int:
        """Return how far `track` stands from where it started, in domains."""
        return self._lockstep.displacement(track)

    def store(
        self,
        places: Sequence[Place],
        values: IntArray | PackedWord | LaneWord,
        on: Sequence[Mapping[str, str]] = ({},),
    ) -> None:
        """Put bit `i` of `values`, one a lane, into place `i` of every unit, at no cost (written once, long ago).

        For `on` see `Lanes.store`.
        """
        planes = self._motion.planes_of(places, on)
        if isinstance(values, LaneWord):
            values = values.packed()
        if isinstance(values, PackedWord):
            self._check_lanes("the packed values to store", values.lanes)
            for number, plane in zip(planes.tolist(), values.planes, strict=True):
                self._memory.plane(number)[:] = plane
            return
        self._check_lanes("the values to store", values.size)
        self._memory.write(planes, values)

    def peek(self, places: Sequence[Place], number_format: NumberFormat) -> IntArray:
        """Return the numbers in `places`, lowest bit first, int64 [lanes], at no cost."""
        return self._read(self._motion.planes_of(places[: number_format.bits]), number_format)

    def flip(self, track: str, domain: int, lane: int) -> None:
        """Invert one bit of one unit: a fault."""
        if not 0 <= lane < self.lanes:
            raise IndexError(f"the machine has lanes 0..{self.lanes - 1}, not {lane}")
        word, bit = divmod(lane, LANES_PER_WORD)
        (plane,) = self._motion.planes_of([Place(track, domain)])
        self._memory.plane(int(plane))[word] ^= np.uint64(1 << bit)

    def execute(
        self,
        circuit: Circuit,
        binding: Mapping[str, str] | None = None,
        *,
        ports: Mapping[str, int] | None = None,
        wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading] | None = None,
    ) -> dict[str, IntArray]:
        """Run the program of `circuit` in all units, where their tracks stand.

        Args:
            circuit: what to run; its tracks' starts are taken to be at the ports now.
            binding: the machine's track for each of the circuit's tracks, of the same name where absent.
            ports: the port that is used of a machine's track, the first where absent.
            wires: the words that arrive over wires, by name: int64 [lanes], or packed.

        Returns:
            The words that are sent over wires, by name, int64 [lanes].

        Raises:
            TrackEndError: a track would move too far, or is sensed or written where it has no domain.
            OperandError: a word on the wires is missing, unknown, out of range or not of `lanes` lanes.
        """
        return self.run(self.bound(circuit, binding, ports), wires)

    def bound(
        self, circuit: Circuit, binding: Mapping[str, str] | None = None, ports: Mapping[str, int] | None = None
    ) -> BoundCircuit:
        """Return `circuit` on the tracks that `binding` names, at these ports, to be run again and again."""
        return self._motion.bound(circuit, binding or {}, ports or {})

    def run(
        self, bound: BoundCircuit, wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading] | None = None
    ) -> dict[str, IntArray]:
        """Do what `execute` does for what was bound before."""
        program = self._programs.get(bound)
        if program is None:
            program = self._programs[bound] = self._prepare(bound)
        if wires or program.received:
            self._receive(program, wires or {})
        self._memory.execute(self._rows(program, self._lockstep.advance(bound)))
        return {word.name: self._read(planes, word.format) for word, planes in program.sent}

    def repeat(
        self, programs: Sequence[tuple[BoundCircuit, Mapping[str, LaneWords]]], on: Sequence[Mapping[str, str]]
    ) -> None:
        """Run programs one after another, in rounds; see `Lanes.repeat`."""
        rounds = self._lockstep.rounds([bound for bound, _ in programs], on)
        for number, places in enumerate(rounds.places):
            for bound, wires in programs:
                words = {name: words[number] for name, words in wires.items()}
                self.run(self._motion.traded(bound, places), words)

    def play(self) -> None:
        """Do nothing: a machine has done everything at once."""

    def _prepare(self, circuit: BoundCircuit) -> "_Program":
        bound = circuit.binding
        received = circuit.received
        sent = [word for word in (bound.circuit.result,) if word.is_on_wires]
        for word in (*received, *sent):
            self._reserve_wires(word)
        self._reserve(self._memory.planes, bound.program.scratch)
        wires = {
            wire: plane
            for word in (*received, *sent)
            for wire, plane in zip(word.wires, self._wires(word), strict=True)
        }
        track = {track.name: number for number, track in enumerate(bound.circuit.tracks)}
        domain_0 = self._motion.first_planes[bound.tracks].tolist()
        points = [
            (track[point.track], domain_0[track[point.track]] + point.domain)
            if isinstance(point, Place)
            else (NO_TRACK, wires[point])
            for point in bound.program.points
        ]
        moved_by, planes = np.array(points, np.int64).reshape(-1, 2).T
        return _Program(
            circuit=circuit,
            received=tuple((word, self._wires(word)) for word in received),
            sent=tuple((word, self._wires(word)) for word in sent),
            planes=planes,
            moved_by=moved_by,
        )

    def _reserve_wires(self, word: Word) -> None:
        if (word.name, word.format.bits) not in self._wire_planes:
            self._wire_planes[word.name, word.format.bits] = self._memory.planes
            self._reserve(self._memory.planes + word.format.bits, self._memory.scratch)

    def _reserve(self, planes: int, scratch: int) -> None:
        """Make room for so many planes and registers; what was bound before has to be bound again."""
        if planes > self._memory.planes or scratch > self._memory.scratch:
            self._memory = self._memory.extended(planes, max(scratch, self._memory.scratch))
            for program in self._programs.values():
                program.bound.clear()

    def _wires(self, word: Word) -> IntArray:
        return self._wire_planes[word.name, word.format.bits] + np.arange(word.format.bits)

    def _receive(self, program: "_Program", wires: Mapping[str, IntArray | PackedWord | LaneWord | Reading]) -> None:
        names = {word.name for word, _ in program.received}
        if names != wires.keys():
            name = program.circuit.binding.circuit.name
            raise OperandError(f"{name} takes {sorted(names)} over the wires, but is given {sorted(wires)}; give these")
        for word, planes in program.received:
            given = wires[word.name]
            if isinstance(given, LaneWord):
                given = given.packed()
            if isinstance(given, PackedWord):
                self._check_lanes(f"packed word {word.name}", given.lanes)
                if len(given.planes) != planes.size:
                    raise OperandError(
                        f"word {word.name} has {planes.size} bits, but is packed in {len(given.planes)}; pack it again"
                    )
                self._memory.block(int(planes[0]), planes.size)[:] = given.planes
            else:
                values = np.asarray(given, np.int64)
                self._check_lanes(f"word {word.name}", values.size)
                if not self._memory.write(planes, values, word.format):
                    word.format.check(values, word.name)

    def _rows(self, program: "_Program", state: State) -> BoundProgram:
        displacements = self._motion.displacements(state)[program.circuit.binding.tracks]
        bound = program.bound.get(where := displacements.tobytes())
        if bound is None:
            first = np.append(self._motion.first_domains(program.circuit, state), 0)
            planes = program.planes + first[program.moved_by]
            bound = program.bound[where] = self._memory.bind(program.circuit.binding.program, planes)
        return bound

    def _read(self, planes: IntArray, number_format: NumberFormat) -> IntArray:
        values = np.empty(self.lanes, np.int64)
        self._memory.read(planes, values, is_signed=number_format.is_signed)
        return values

    def _check_lanes(self, what: str, count: int) -> None:
        if count != self.lanes:
            raise OperandError(f"the machine has {self.lanes} lanes, but {what} has {count}; give one number a lane")


@dataclass(slots=True, eq=False)
class _Program:
    """A circuit on this machine, and the rows that it is bound to at each displacement met before.

    `received` and `sent` are the words on wires, with the planes that hold them. The program's point `p` is on plane
    `planes[p]`, further on by what the circuit's track number `moved_by[p]` is displaced.
    """

    circuit: BoundCircuit
    received: tuple[tuple[Word, IntArray], ...]
    sent: tuple[tuple[Word, IntArray], ...]
    planes: IntArray
    moved_by: IntArray
    bound: dict[bytes, BoundProgram] = field(default_factory=dict)
