"""A stage of dot products on simulated units: multiply-and-accumulate, reduce, rectify, requantise, send."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.inference.engines import Engine
from trackmac.inference.lanes import fill_planes, narrow, room_for_planes
from trackmac.inference.output_units import units_of
from trackmac.inference.rewriting import rewrite_and_send
from trackmac.inference.slice_units import SliceUnits
from trackmac.inference.stage_result import StageResult
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.inference.windows import dot_product_inputs
from trackmac.inference.work import WorkLog
from trackmac.mapping import DotProductSchedule
from trackmac.networks import Conv2d, LayerShape, Linear
from trackmac.simulation import Lanes, Observed
from trackmac.simulation.lane_words import UnitWord
from trackmac.simulation.packing import WordArray


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductSimulation:
    """A stage of dot products, to be run on columns (output pixels); `on_macs` sees the units before they send."""

    tracks: UnitTracks
    layer: Conv2d | Linear
    bus_width_bits: int
    engine: Engine
    on_macs: Callable[[Lanes], None]

    @property
    def entry(self) -> DotProductSchedule:
        """The stage's part of the schedule."""
        return self.tracks.entry

    @property
    def layers(self) -> tuple[LayerShape, ...]:
        """The network's layers that the stage runs, first to last."""
        return self.entry.stage.layers

    @property
    def mats(self) -> int:
        """Mats that work at once."""
        return self.entry.mats

    @property
    def bringing_mats(self) -> int:
        """Mats that work at once while weights are brought."""
        return self.entry.bringing_mats

    @property
    def sequences(self) -> int:
        """How often the units' sequence, all their filters in turn, is issued for one image: once a pixel."""
        return self.entry.waves // self.entry.filters_per_unit

    @property
    def columns_at_once(self) -> int:
        """How many columns to simulate on one machine."""
        words = len(self.entry.slice_words(0))
        return self.engine.columns_at_once(self.tracks.geometries(words), self.entry.units // self.entry.slices)

    def unfold(self, *inputs: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return the activations [products, columns] for the stage's one input [images, ...]."""
        (x,) = inputs
        return dot_product_inputs(self.layer, narrow(x, self.entry.stage.words.a.bits))

    def run(self, codes: NDArray[np.integer]) -> StageResult:
        """Simulate the columns `codes` [products, columns]."""
        return self.engine.run(partial(_Columns, self), codes)


class _Columns:
    """A stage on lanes for so many columns."""

    def __init__(self, stage: DotProductSimulation, columns: int) -> None:
        entry = stage.entry
        self._stage, self._entry, self._columns = stage, entry, columns
        self._weights: IntArray = stage.layer.weights.reshape(len(stage.layer.weights), -1)
        groups, length, bits = entry.stage.dot.groups, entry.stage.dot_length, entry.stage.words.a.bits
        self._given = room_for_planes(groups * length, bits, columns)
        self._planes: WordArray = self._given.reshape(groups, length, bits, -1).transpose(1, 2, 0, 3)
        """[products, bits, groups, words]"""
        self._logs = {layer.name: WorkLog(stage.bus_width_bits) for layer in stage.layers}
        self._reload = WorkLog(stage.bus_width_bits)
        self._kept: dict[str, dict[int, Observed]] = {}
        self._first: SliceUnits | None = None

    def result(self, codes: NDArray[np.integer]) -> StageResult:
        """Return the result for the columns `codes` [products, columns]; on a tape for others again, if need be."""
        fill_planes(self._given, codes)
        if self._first is None:
            self._first = self._run()
        self._first.machine.play()
        work = {name: log.work for name, log in self._logs.items()}
        return StageResult(outputs=self._outputs(self._first), work=work, reload=self._reload.work)

    def _run(self) -> SliceUnits:
        first = self._units(0)
        for turn in range(self._entry.filters_per_unit):
            self._bring(first, turn)
            self._dot_products(first, turn)
            for index in range(1, self._entry.slices):
                self._add_slice(first, index, turn)
            self._keep_accumulators(first, turn, self._entry.stage.dot.name)
            self._keep(turn, self._entry.stage.layers[-1].name, self._sent(first, turn))
        return first

    def _units(self, index: int) -> SliceUnits:
        return units_of(self._stage.tracks, index, self._weights, self._columns, self._stage.engine)

    def _channels(self, turn: int) -> slice:
        """Return the channels that the units compute in turn number `turn`, one each; the last unit may have none."""
        return slice(turn, None, self._entry.filters_per_unit)

    def _working(self, turn: int) -> int:
        """Return the lanes that work then."""
        return len(self._weights[self._channels(turn)]) * self._columns

    def _bring(self, units: SliceUnits, turn: int, *, is_awaited: bool = True) -> None:
        """Bring the units' filters number `turn`, where they do not stay, as often as one image takes that."""
        entry, bits = self._entry, self._entry.stage.words.b.bits
        if entry.weights_stay:
            return
        activity = units.load(turn)
        filters, times = len(self._weights[self._channels(turn)]), entry.times_brought
        self._reload.ran(activity, lanes=filters * entry.units_that_bring * times, is_awaited=False)
        if entry.is_fetched:
            self._reload.fetched(filters * len(units.products) * bits * times)
        if is_awaited:
            self._reload.waited_for(activity.repeated(entry.sends * times))
            self._reload.transferred(entry.units * bits, times=len(units.products) * times)

    def _dot_products(self, first: SliceUnits, turn: int) -> None:
        entry, words = self._entry, self._entry.stage.words
        log, lanes = self._logs[entry.stage.dot.name], self._working(turn)
        bias = np.zeros(first.groups.units, dtype=np.int64)
        own = self._stage.layer.bias[self._channels(turn)]
        bias[: len(own)] = own
        first.accumulate(turn, bias, self._planes[first.products.start : first.products.stop])
        if turn == 0:
            self._stage.on_macs(first.machine)
        log.ran(first.meter.reading(), lanes=lanes)
        log.transferred(entry.active_units * words.c.bits)
        at_once = entry.replicas * entry.slices * entry.groups_at_once
        log.transferred(at_once * words.a.bits, times=len(first.products))
        log.buffered(lanes * words.c.bits + self._read_bits(first, turn))

    def _read_bits(self, units: SliceUnits, turn: int) -> int:
        """Return the bits of activations that are read: one reading serves every filter of a group."""
        working = len(self._weights[self._channels(turn)])
        groups = len(np.unique(units.groups_of_units(turn)[:working]))
        return self._columns * groups * len(units.products) * self._entry.stage.words.a.bits

    def _add_slice(self, first: SliceUnits, index: int, turn: int) -> None:
        """Let slice `index` compute its part of every sum, at the same time as the first, and add it there."""
        words, lanes = self._entry.stage.words, self._working(turn)
        log = self._logs[self._entry.stage.dot.name]
        other = self._units(index)
        self._bring(other, turn, is_awaited=False)
        nothing = np.zeros(other.groups.units, dtype=np.int64)
        other.accumulate(turn, nothing, self._planes[other.products.start : other.products.stop])
        log.ran(other.meter.reading(), lanes=lanes, is_awaited=False)
        log.buffered(self._read_bits(other, turn))
        partial_sum = other.run(other.programs.unload_accumulator)
        log.ran(other.meter.reading(), lanes=lanes)
        first.run(first.programs.load_partial_sum, partial_sum)
        first.run(first.programs.add_partial_sum)
        log.ran(first.meter.reading(), lanes=lanes)
        log.transferred(self._entry.results_at_once * words.c.bits)

    def _keep_accumulators(self, first: SliceUnits, turn: int, name: str) -> None:
        self._keep(turn, name, first.accumulators())

    def _keep(self, turn: int, name: str, observed: Observed) -> None:
        self._kept.setdefault(name, {})[turn] = observed

    def _outputs(self, first: SliceUnits) -> dict[str, NDArray[np.integer]]:
        """Return what was kept, by layer, [channels, columns]."""
        return {
            name: self._interleaved([first.groups.by_unit(observed) for observed in by_turn.values()])
            for name, by_turn in self._kept.items()
        }

    def _interleaved(self, by_turn: Sequence[NDArray[np.integer]]) -> NDArray[np.integer]:
        """Return [channels, columns] from what the units had in each turn, [units, columns]."""
        if len(by_turn) == 1:
            return by_turn[0][: len(self._weights)]
        outputs = np.empty((len(self._weights), self._columns), by_turn[0].dtype)
        for turn, units in enumerate(by_turn):
            kept = outputs[self._channels(turn)]
            kept[:] = units[: len(kept)]
        return outputs

    def _multipliers(self, first: SliceUnits, turn: int) -> UnitWord | None:
        """Return what the units multiply their results by, if the requantisation takes that."""
        stage = self._entry.stage
        if stage.requantize is None or stage.rescaling is None or stage.rescaling.multiplier is None:
            return None
        own = np.broadcast_to(stage.requantize.multipliers, len(self._weights))[self._channels(turn)]
        values = np.zeros((1, first.groups.units), dtype=np.int64)
        values[0, : len(own)] = own
        return first.groups.constant(values, stage.rescaling.multiplier_bits)

    def _sent(self, first: SliceUnits, turn: int) -> Observed:
        """Return what the units send in turn number `turn`."""
        return rewrite_and_send(
            first,
            self._entry,
            self._stage.tracks.rewriting,
            self._logs,
            self._working(turn),
            layout=self._stage.tracks.layout,
            multipliers=self._multipliers(first, turn),
            keep=partial(self._keep_accumulators, first, turn),
        )
