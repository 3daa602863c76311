"""Tracks with a port at each end of a window: rows of bits are written into it, and the ones of each track counted.

Bit `k` of a row lies on track `k`. Rows come in at the *leading* port, one domain further on each time, and at the
*trailing* port once the tracks have arrived. The next fill leads with the other port and goes back the same way, so
that tracks of 2 * TRD - 2 domains take any number of fills without a rewind.
"""

from collections.abc import Mapping, Sequence

from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.circuit import Place, Track
from trackmac.circuits.microops import Shift, Step, TransverseRead, Write

Row = Mapping[int, str]
"""The signal of each bit of a row; those that are absent are 0."""

Counts = Sequence[tuple[str, ...]]
"""Of each track the bits of its count, lowest first."""


class Window:
    """`count` tracks in lockstep, whose ports are `trd` - 1 domains apart; at first port 1 leads.

    With fewer `amplifiers` than tracks, these take turns.
    """

    def __init__(
        self, builder: ProgramBuilder, name: str, count: int, trd: int, *, domains: int | None = None, amplifiers: int
    ) -> None:
        self.builder = builder
        self.trd = trd
        self.tracks = tuple(f"{name}{k}" for k in range(count))
        for track in self.tracks:
            builder.add_track(Track(track, 2 * trd - 2 if domains is None else domains, (0, trd - 1)))
        self.leading, self.trailing = 1, 0
        self.count_bits = trd.bit_length()
        self._amplifiers = tuple(
            tuple(f"{name}.count{k % amplifiers}.{bit}" for bit in range(self.count_bits)) for k in range(count)
        )

    def place(self, track: int, port: int) -> Place:
        """Return the domain that is now at a port."""
        name = self.tracks[track]
        return Place(name, self.builder.heads[name] + port * (self.trd - 1))

    def advance(self) -> Shift:
        """Return the shift that brings the next domain to the leading port."""
        steps = 1 if self.leading else -1
        for track in self.tracks:
            self.builder.heads[track] += steps
        return Shift(self.tracks, steps)

    def turn(self) -> None:
        """Let the other port lead."""
        self.leading, self.trailing = self.trailing, self.leading

    def row(self, row: Row, port: int) -> tuple[Write, ...]:
        """Return the writes of a row at a port."""
        return tuple(Write(track, row.get(k, "0"), port) for k, track in enumerate(self.tracks))

    def read(self, track: int) -> tuple[str, ...]:
        """Append the transverse read of one track and return the bits of its count."""
        self.builder.steps.append(Step((TransverseRead(self.tracks[track], self._amplifiers[track]),)))
        return self._amplifiers[track]

    def read_all(self) -> Counts:
        """Append the transverse read of all tracks at once and return the bits of their counts; the ports turn."""
        reads = zip(self.tracks, self._amplifiers, strict=True)
        self.builder.steps.append(Step(tuple(TransverseRead(track, bits) for track, bits in reads)))
        self.turn()
        return self._amplifiers


def rows_of(counts: Counts, first: int = 0) -> list[Row]:
    """Return the counts of columns `first`, `first` + 1 ... as rows: bit `r` of a count belongs `r` columns on."""
    return [{first + track + bit: bits[bit] for track, bits in enumerate(counts)} for bit in range(len(counts[0]))]
