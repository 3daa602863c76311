"""A pooling stage on simulated units: every unit takes output elements in turn and keeps the greatest word it loads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Hardware
from trackmac.inference.lanes import LaneGroups, column_planes
from trackmac.inference.memory_limits import columns_at_once
from trackmac.inference.programs import Program, pool_programs
from trackmac.inference.stage_result import StageResult
from trackmac.inference.windows import window_elements
from trackmac.inference.work import WorkLog
from trackmac.inference.work_tracks import work_tracks
from trackmac.mapping import PoolSchedule
from trackmac.networks import LayerShape, MaxPool2d
from trackmac.simulation import Machine, PackedWord, TrackGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSimulation:
    """A pooling stage, ready to run on any columns (output elements); `on_maxima` sees the units before they send."""

    hardware: Hardware
    entry: PoolSchedule
    layer: MaxPool2d
    bus_width_bits: int
    on_maxima: Callable[[Machine], None]

    @property
    def layers(self) -> tuple[LayerShape, ...]:
        """The network's layers that the stage runs: one."""
        return (self.entry.stage.pool,)

    @property
    def mats(self) -> int:
        """Mats that work at once."""
        return self.entry.mats

    @property
    def sequences(self) -> int:
        """How often the units' sequence, one element's, is issued for one image."""
        return self.entry.waves

    @property
    def columns_at_once(self) -> int:
        """How many columns to simulate on one machine."""
        return columns_at_once(self._tracks, units=1)

    @property
    def _tracks(self) -> Mapping[str, TrackGeometry]:
        bits = self.entry.stage.pool.output_format.bits
        return work_tracks({"c": bits, "product": bits}, self.hardware.layout)

    def unfold(self, x: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return the elements [window, columns] for the stage's input `x` [images, ...]."""
        return window_elements(self.layer, x, self.entry.stage.pool.output_format.minimum)

    def run(self, codes: NDArray[np.integer]) -> StageResult:
        """Simulate the columns `codes` [window, columns]."""
        shape, columns = self.entry.stage.pool, codes.shape[1]
        word = shape.output_format
        groups = LaneGroups(units=1, columns=columns)
        programs = pool_programs(word, self.hardware.layout)
        machine = Machine(groups.lanes, self._tracks)
        first, *others = (PackedWord(planes, groups.lanes) for planes in column_planes(codes, word.bits))
        _load(machine, programs.load_first, first)
        for element in others:
            _load(machine, programs.load_next, element)
            machine.execute(programs.keep_greater.circuit, binding=programs.keep_greater.binding)
        self.on_maxima(machine)
        unload = programs.unload_result
        sent = machine.execute(unload.circuit, binding=unload.binding)["word"]
        log = WorkLog(self.bus_width_bits)
        log.ran(machine.activity, lanes=columns)
        log.transferred(self.entry.active_units * word.bits, times=len(codes) + 1)
        log.buffered(columns * (len(codes) + 1) * word.bits)
        return StageResult(outputs={shape.name: groups.by_unit(sent)}, work={shape.name: log.work})


def _load(machine: Machine, program: Program, word: PackedWord) -> None:
    machine.execute(program.circuit, binding=program.binding, wires={"word": word})
