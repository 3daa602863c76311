"""The operand accesses of an inference: every weight that is read, in the order in which it is, as rows of a memory.

Weights are the operands that lie on tracks for good, and the only ones that tracks move to ports for. Activations come
from the buffer, which is no racetrack memory, and lie, like product and accumulator, on work tracks of one word under
a port of their own; these are moved by the programs that compute with them.

All units of a layer that compute where its weights are read in lockstep: word by word, and along a track bit by bit,
one access for each unit; pixels are dealt out to the copies of the layer in turn. Of weights that are sent to units
which keep their outputs, those that are needed at once are read so, as far as they lie in different units; what is
left of them follows, and slices, too, follow one another. Weights from off-chip memory are on no tracks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.errors import InputError, unknown_name
from trackmac.mapping.filter_segments import segments_of
from trackmac.mapping.operand_shifts import OperandShifts, groups_of_unit, operand_shifts
from trackmac.mapping.schedule import DotProductSchedule, OutputStationarySchedule, Schedule
from trackmac.mapping.stored_filters import SendingSchedule, sender
from trackmac.mapping.trace_rows import TraceRows, stride, trace_rows, tracks_of_group

ACCESSES_AT_ONCE = 1 << 18
NO_ROW = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class StageAccesses:
    """The accesses of one stage, to `clusters` groups of tracks from number `first_cluster` on, for so many `pixels`.

    Copy r of the layer, unit u of a copy and group g of a unit are number (r units + u) groups + g of them.
    """

    entry: DotProductSchedule
    layout: Layout
    rows: TraceRows
    first_cluster: int
    pixels: int

    @property
    def name(self) -> str:
        """The name of the layer."""
        return self.entry.stage.dot.name

    @property
    def groups(self) -> int:
        """Groups of tracks that a unit's weights take."""
        return groups_of_unit(self.entry)

    @property
    def clusters(self) -> int:
        """Groups of tracks of all units of all copies."""
        return self.entry.active_units * self.groups

    @property
    def passes(self) -> int:
        """How often each weight is read, all copies together."""
        return self.pixels

    @property
    def shifts(self) -> OperandShifts:
        """What the accesses take."""
        return operand_shifts(self.entry, self.layout, self.rows, self.passes)

    def rows_read(self) -> Iterator[IntArray]:
        """Yield the rows of the memory that are read, those of one group of tracks behind those of the one before."""
        every = range(self.entry.filters_per_unit)
        for turns in [every[turn : turn + 1] for turn in every] if self.entry.rounds else [every]:
            accesses = self._pass(turns)
            for wave in range(-(-self.pixels // self.entry.replicas)):
                copies = min(self.entry.replicas, self.pixels - wave * self.entry.replicas)
                yield from self._wave(accesses, copies)

    def _pass(self, turns: range) -> tuple[IntArray, IntArray]:
        """Return of each access of a pass the turn, and for each slice the row in the unit, `NO_ROW` behind its last.

        Slices of other lengths may lie in other rows. Where a filter has several, a unit holds one, in one turn.
        """
        entry = self.entry
        lengths = [len(entry.slice_words(index)) for index in range(entry.slices)]
        passes = {words: self._unit_pass(turns, words) for words in set(lengths)}
        own, _ = passes[max(lengths)]
        places = np.full((entry.slices, own.size), NO_ROW)
        for row, words in zip(places, lengths, strict=True):
            row[: passes[words][1].size] = passes[words][1]
        return own, places.T

    def _unit_pass(self, turns: range, words: int) -> tuple[IntArray, IntArray]:
        """Return turn and row of each access of a full unit's pass that holds slices of so many words."""
        rows = [self._filter_rows(turn, words) for turn in turns]
        return np.repeat(np.array(turns), rows[0].size), np.concatenate(rows)

    def _filter_rows(self, turn: int, words: int) -> IntArray:
        """Return the rows in a unit of each access to a slice of so many words of filter number `turn`."""
        parts: list[IntArray] = []
        for segment in segments_of(self.entry, turn, words):
            first = segment.group * self.rows.domains + self.rows.first_row(segment.place)
            parts.append(first + np.arange(len(segment.words) * stride(self.entry, self.layout)))
        return np.concatenate(parts)

    def _wave(self, accesses: tuple[IntArray, IntArray], copies: int) -> Iterator[IntArray]:
        """Yield the rows that the units of so many copies read in one pass, access after access in lockstep."""
        entry = self.entry
        turns, places = accesses
        units = np.arange(entry.units)
        filters, slices = np.divmod(units, entry.slices)
        clusters = self.first_cluster + (np.arange(copies)[:, np.newaxis] * entry.units + units) * self.groups
        at_once = max(1, ACCESSES_AT_ONCE // clusters.size)
        for start in range(0, len(places), at_once):
            part = np.s_[start : start + at_once]
            of_units = places[part][:, slices]
            has_filter = filters * entry.filters_per_unit + turns[part, np.newaxis] < entry.stage.dot.channels_out
            rows = clusters * self.rows.domains + of_units[:, np.newaxis]
            yield rows[np.broadcast_to((has_filter & (of_units != NO_ROW))[:, np.newaxis], rows.shape)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAccesses(StageAccesses):
    """The accesses of one stage whose weights are sent to the units that compute with them."""

    entry: SendingSchedule

    @property
    def passes(self) -> int:
        """How often each weight is read: for every turn of pixels."""
        return -(-self.pixels // self.entry.pixels_at_once)

    def rows_read(self) -> Iterator[IntArray]:
        """Yield the rows of the memory that are read, those of one group of tracks behind those of the one before."""
        entry = self.entry
        lengths = [len(entry.slice_words(index)) for index in range(entry.slices)]
        places = {
            words: np.stack([self._filter_rows(slot, words) for slot in range(entry.filters_per_unit)])
            for words in set(lengths)
        }
        for _ in range(self.passes):
            for filters in entry.goes:
                for index, words in enumerate(lengths):
                    yield from self._go(filters, index, places[words])

    def _go(self, filters: range, index: int, places: IntArray) -> Iterator[IntArray]:
        """Yield the rows that are read of slice `index` of these filters, a row of `places` for each slot."""
        slots, units = np.divmod(np.array(filters), self.entry.senders)
        clusters = self.first_cluster + (units * self.entry.slices + index) * self.groups
        at_once = max(1, ACCESSES_AT_ONCE // clusters.size)
        for start in range(0, places.shape[1], at_once):
            yield (clusters * self.rows.domains + places[slots, start : start + at_once].T).ravel()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperandAccesses:
    """The operand accesses of some stages, one after another, to so many `clusters` in all."""

    rows: TraceRows
    stages: tuple[StageAccesses, ...]
    clusters: int

    @property
    def tracks(self) -> int:
        """Tracks of a group: of the widest, where weights lie across tracks and differ in width."""
        return max(tracks_of_group(stage.entry, stage.layout) for stage in self.stages)

    def addresses(self, word_bytes: int) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.bool_]]]:
        """Yield byte addresses, a row taking so many bytes, and that none of them writes, chunk by chunk."""
        for stage in self.stages:
            for rows in stage.rows_read():
                yield rows.astype(np.uint64) * np.uint64(word_bytes), np.zeros(rows.size, np.bool_)


def walked_stages(schedule: Schedule) -> dict[str, DotProductSchedule]:
    """Return by layer the stages whose weights are read from tracks: where they compute, or where they are sent."""
    stored: dict[str, DotProductSchedule] = {}
    for entry in schedule.stages:
        if isinstance(entry, OutputStationarySchedule):
            if entry.is_stored:
                stored[entry.stage.dot.name] = sender(entry)
        elif isinstance(entry, DotProductSchedule):
            stored[entry.stage.dot.name] = entry
    return stored


def operand_accesses(schedule: Schedule, layers: Sequence[str] = (), pixels: int | None = None) -> OperandAccesses:
    """Return the operand accesses of one inference, or those of some layers and of the first pixels of each.

    Raises:
        UnknownNameError: no such convolution or linear layer.
        InputError: no pixel at all, or weights that are on no tracks.
    """
    if pixels is not None and pixels < 1:
        raise InputError(f"a trace needs at least one pixel of each layer, but pixels is {pixels}; give 1 or more")
    entries = walked_stages(schedule)
    if not entries:
        raise InputError(
            f"{schedule.hardware.name}: a trace has the weights that are read from tracks, but they do not fit the "
            f"chip and all come over wires from off-chip memory; enlarge it or choose a weight-stationary hardware"
        )
    for name in layers:
        if name not in entries:
            raise unknown_name("layer with weights", name, entries)
    chosen = [entry for name, entry in entries.items() if not layers or name in layers]
    rows = trace_rows(schedule.hardware, chosen)
    stages: list[StageAccesses] = []
    clusters = 0
    for entry in chosen:
        every = entry.stage.dot.pixels
        stage = _stage_accesses(
            entry, schedule.hardware.layout, rows, clusters, every if pixels is None else min(pixels, every)
        )
        stages.append(stage)
        clusters += stage.clusters
    return OperandAccesses(rows=rows, stages=tuple(stages), clusters=clusters)


def _stage_accesses(
    entry: DotProductSchedule, layout: Layout, rows: TraceRows, first_cluster: int, pixels: int
) -> StageAccesses:
    if isinstance(entry, SendingSchedule):
        return SentAccesses(entry=entry, layout=layout, rows=rows, first_cluster=first_cluster, pixels=pixels)
    return StageAccesses(entry=entry, layout=layout, rows=rows, first_cluster=first_cluster, pixels=pixels)
