"""A network's operand accesses as a trace: what it says of itself, and how it is replayed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import InputError
from trackmac.traces.bank import MAX_DBCS, Bank
from trackmac.traces.writing import BYTES_AN_ACCESS, write_trace

MAX_ACCESSES = 100_000_000
"""15 GB of text, and a minute's writing; a trace of more is a mistake more often than a wish."""

Chunk = tuple[NDArray[np.uint64], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerAccesses:
    """One layer's part of a trace, to DBCs `first_dbc` and on.

    `shift_steps` and `track_shifts` are the schedule's own count of those between accesses, `homeward_track_shifts`
    what its programs add to bring tracks home, `compute_track_shifts` all others, which move operands at work.
    """

    name: str
    accesses: int
    first_dbc: int
    dbcs: int
    pixels: int
    shift_steps: int
    track_shifts: int
    homeward_track_shifts: int
    compute_track_shifts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceExport:
    """A trace of operand accesses, and what replaying it on `bank` has to count: `shift_steps`.

    `rows_are_domains`: a DBC's domains and ports are the tracks' own that read; otherwise each port has rows of its
    own, which are displacements of the track. `other_track_shifts` are those of layers without weights: all compute.
    """

    trace: str
    network: str
    hardware: str
    bank: Bank
    rows_are_domains: bool
    layers: tuple[LayerAccesses, ...]
    other_track_shifts: int

    @property
    def accesses(self) -> int:
        """Accesses, all of them reads."""
        return sum(layer.accesses for layer in self.layers)

    @property
    def shift_steps(self) -> int:
        """The schedule's own count of the steps between accesses."""
        return sum(layer.shift_steps for layer in self.layers)

    @property
    def track_shifts(self) -> int:
        """Those steps times the tracks moved."""
        return sum(layer.track_shifts for layer in self.layers)

    @property
    def homeward_track_shifts(self) -> int:
        """What the programs add to bring the tracks of weights home."""
        return sum(layer.homeward_track_shifts for layer in self.layers)

    @property
    def compute_track_shifts(self) -> int:
        """What moves operands at work: activations, products, accumulators."""
        return sum(layer.compute_track_shifts for layer in self.layers) + self.other_track_shifts

    @property
    def replay_command(self) -> str:
        """The command that counts `shift_steps` shift steps."""
        bank = self.bank
        return (
            f"trackmac trace replay {self.trace} --domains {bank.domains} --tracks {bank.tracks} --ports {bank.ports} "
            f"--port-access {bank.port_access} --port-update {bank.port_update} --dbcs {bank.dbcs} "
            f"--word-bytes {bank.word_bytes}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "trace": self.trace,
            "network": self.network,
            "hardware": self.hardware,
            **self.bank.to_dict(),
            "rows_are_domains": self.rows_are_domains,
            "accesses": self.accesses,
            "shift_steps": self.shift_steps,
            "track_shifts": self.track_shifts,
            "homeward_track_shifts": self.homeward_track_shifts,
            "compute_track_shifts": self.compute_track_shifts,
            "other_track_shifts": self.other_track_shifts,
            "replay_command": self.replay_command,
            "layers": [asdict(layer) for layer in self.layers],
        }


def refuse_too_many(accesses: int, dbcs: int, path: Path) -> None:
    """Refuse a trace that is longer than anybody wants, or that no bank can replay.

    Raises:
        InputError: it has more than `MAX_ACCESSES`, or goes to more DBCs than a bank may have.
    """
    way_out = "choose layers (--layer) or fewer pixels (--pixels)"
    if accesses > MAX_ACCESSES:
        raise InputError(
            f"{path}: a trace may have at most {MAX_ACCESSES:,} accesses, but this one would have {accesses:,}, "
            f"{accesses * BYTES_AN_ACCESS / 1e9:,.0f} GB of text; {way_out}"
        )
    if dbcs > MAX_DBCS:
        raise InputError(f"{path}: a bank may have at most {MAX_DBCS:,} DBCs, but this trace needs {dbcs:,}; {way_out}")


def write_export(export: TraceExport, chunks: Iterable[Chunk], on_progress: Callable[[str, float, float], None]) -> int:
    """Write the trace that `export` describes, chunk by chunk, and return its accesses.

    Raises:
        InputError: the file cannot be written.
    """
    return write_trace(Path(export.trace), _told(chunks, export.accesses, on_progress))


def _told(chunks: Iterable[Chunk], total: int, on_progress: Callable[[str, float, float], None]) -> Iterator[Chunk]:
    done = 0
    for addresses, writes in chunks:
        yield addresses, writes
        done += addresses.size
        on_progress("trace", done, total)
