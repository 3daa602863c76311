"""What a circuit asks of the racetrack memory around it, read off its declared program.

Domains, ports and spare domains of every track, where the operands must be before the first step and the result is
after the last, what happens at once, and the transistor-level cells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trackmac.circuits.circuit import Circuit, Place, Track, Word
from trackmac.circuits.microops import Sense, Shift, TransverseRead, Write
from trackmac.circuits.occupancy import lockstep_groups, most_at_once
from trackmac.circuits.resources import Resources, resources_of


class Where(StrEnum):
    """Where the bits of a word are."""

    ALONG = "along a track"
    ACROSS = "across tracks"
    WIRES = "on the wires"
    PROGRAM = "built into the program"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortNeed:
    """One port, `position` domains after the track's first. `kind` is R if only read, W if only written, RW if both."""

    position: int
    kind: str
    senses: int
    transverse_reads: int
    writes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackNeed:
    """One track. Displacements count domains from its start, positive where later domains come to the port.

    `overhead_domains` are the spare ones that the program's own displacements need; `declared_overhead_domains` let
    every domain reach a port, and are what the area has. `overhead_note` says why the two differ, if they do.
    """

    track: str
    domains: int
    ports: tuple[PortNeed, ...]
    start_domain: int
    least_displacement: int
    greatest_displacement: int
    end_displacement: int
    overhead_domains: int
    declared_overhead_domains: int
    overhead_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPlace:
    """Where a word is: its tracks, and its first and last domain there. `default`: its value if none is given."""

    name: str
    format: str
    where: Where
    tracks: tuple[str, ...]
    domains: tuple[int, int] | None
    value: int | None
    default: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a circuit needs, whatever the technology.

    `loaded` are the words that lie on tracks before the first step; `cleared` the domains beside them that the program
    reads before it writes them, which must hold 0. `lockstep` are the tracks that always shift together, a group for
    each shift driver. `most_at_once` says of each micro-operation how many there are in the busiest step.
    """

    tracks: tuple[TrackNeed, ...]
    operands: tuple[WordPlace, ...]
    result: WordPlace
    loaded: tuple[str, ...]
    cleared: tuple[Place, ...]
    lockstep: tuple[tuple[str, ...], ...]
    most_at_once: Mapping[str, int]
    resources: Resources


def requirements_of(circuit: Circuit) -> Requirements:
    """Return what `circuit` needs."""
    operands = tuple(_place_of(word) for word in circuit.operands)
    return Requirements(
        tracks=tuple(_track_need(circuit, track) for track in circuit.tracks),
        operands=operands,
        result=_place_of(circuit.result),
        loaded=tuple(operand.name for operand in operands if operand.tracks),
        cleared=_read_before_written(circuit),
        lockstep=lockstep_groups(circuit),
        most_at_once=most_at_once(circuit),
        resources=resources_of(circuit),
    )


def _place_of(word: Word) -> WordPlace:
    tracks = tuple(dict.fromkeys(place.track for place in word.places))
    spots = [place.domain for place in word.places]
    if word.known is not None:
        where = Where.PROGRAM
    elif not tracks:
        where = Where.WIRES
    else:
        where = Where.ALONG if len(tracks) == 1 else Where.ACROSS
    return WordPlace(
        name=word.name,
        format=str(word.format),
        where=where,
        tracks=tracks,
        domains=(min(spots), max(spots)) if spots else None,
        value=word.known,
        default=word.default,
    )


def _track_need(circuit: Circuit, track: Track) -> TrackNeed:
    start = circuit.start.get(track.name, 0)
    heads = [start]
    uses: list[tuple[type, int]] = []
    reached: set[int] = set()
    for step in circuit.program:
        for op in step.ops:
            if isinstance(op, Shift) and track.name in op.tracks:
                heads.append(heads[-1] + op.steps)
            elif isinstance(op, Sense | Write | TransverseRead) and op.track == track.name:
                ports = op.ports if isinstance(op, TransverseRead) else (op.port,)
                uses += [(type(op), port) for port in ports]
                reached |= {heads[-1] + track.ports[port] for port in ports}
    needed = max(heads) - min(heads)
    return TrackNeed(
        track=track.name,
        domains=track.domains,
        ports=tuple(_port_need(position, number, uses) for number, position in enumerate(track.ports)),
        start_domain=start,
        least_displacement=min(heads) - start,
        greatest_displacement=max(heads) - start,
        end_displacement=heads[-1] - start,
        overhead_domains=needed,
        declared_overhead_domains=track.overhead_domains,
        overhead_note=_overhead_note(track, needed, reached),
    )


def _port_need(position: int, number: int, uses: list[tuple[type, int]]) -> PortNeed:
    senses, transverse_reads, writes = (uses.count((kind, number)) for kind in (Sense, TransverseRead, Write))
    return PortNeed(
        position=position,
        kind="R" * bool(senses + transverse_reads) + "W" * bool(writes),
        senses=senses,
        transverse_reads=transverse_reads,
        writes=writes,
    )


def _overhead_note(track: Track, needed: int, reached: set[int]) -> str:
    if needed == track.overhead_domains:
        return ""
    if needed > track.overhead_domains:
        return f"one of its ports serves domains beyond the next port, {needed} steps from end to end"
    unreached = track.domains - len(reached)
    between = ", which lie between its ports and are only counted there," if len(track.ports) > 1 else ""
    return f"{unreached} of its {track.domains} domains{between} never come to a port"


def _read_before_written(circuit: Circuit) -> tuple[Place, ...]:
    known = {place for word in circuit.operands for place in word.places}
    cleared: dict[Place, None] = {}
    for is_write, place in _accesses(circuit):
        if is_write:
            known.add(place)
        elif place not in known:
            cleared[place] = None
    return tuple(cleared)


def _accesses(circuit: Circuit) -> Iterator[tuple[bool, Place]]:
    """Yield every domain that the program reads or writes, in its order, and whether it writes it."""
    heads = {track.name: circuit.start.get(track.name, 0) for track in circuit.tracks}
    ports = {track.name: track.ports for track in circuit.tracks}
    for step in circuit.program:
        for op in step.ops:
            if isinstance(op, Shift):
                for name in op.tracks:
                    heads[name] += op.steps
            elif isinstance(op, Sense | Write):
                yield isinstance(op, Write), Place(op.track, heads[op.track] + ports[op.track][op.port])
            elif isinstance(op, TransverseRead):
                first, last = (heads[op.track] + ports[op.track][port] for port in op.ports)
                yield from ((False, Place(op.track, domain)) for domain in range(first, last + 1))
