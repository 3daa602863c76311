"""A stage of elements on simulated units: every unit loads one's words, joins them, rewrites and sends the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Hardware
from trackmac.inference.engines import Engine
from trackmac.inference.lanes import LaneGroups, column_planes, fill_planes, narrow
from trackmac.inference.programs import Program, load_start, operand_programs, rewriting_programs
from trackmac.inference.rewriting import rewrite_and_send
from trackmac.inference.stage_result import StageResult
from trackmac.inference.windows import window_elements
from trackmac.inference.work import Meter, WorkLog
from trackmac.inference.work_tracks import rewritten_words, word_places, work_tracks
from trackmac.mapping import ElementSchedule
from trackmac.networks import AvgPool2d, Layer, LayerShape, MaxPool2d
from trackmac.simulation import Lanes, Observed, TrackGeometry
from trackmac.simulation.lane_words import LaneWord, SharedWord
from trackmac.simulation.packing import WordArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSimulation:
    """A stage of elements, ready to run on any columns (elements); `on_results` sees them before they are rewritten."""

    hardware: Hardware
    entry: ElementSchedule
    layer: Layer
    bus_width_bits: int
    engine: Engine
    on_results: Callable[[Lanes], None]

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
        """Mats that work at once while weights are brought: there are none."""
        return 0

    @property
    def sequences(self) -> int:
        """How often the units' sequence, one element's, is issued for one image."""
        return self.entry.waves

    @property
    def columns_at_once(self) -> int:
        """How many columns to simulate on one machine."""
        return self.engine.columns_at_once(self.tracks, units=1)

    @property
    def tracks(self) -> Mapping[str, TrackGeometry]:
        """The work tracks that the stage uses."""
        stage = self.entry.stage
        words = rewritten_words(stage)
        words["product"] = max(words["product"], *(join.word.bits for join in stage.joins), 0)
        return work_tracks(words, self.hardware.layout)

    def unfold(self, *inputs: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return the words [operands, columns] for the stage's inputs, [images, ...] each; then multipliers, if any."""
        scale, codes = self.entry.stage.rescaling, self._operands(inputs)
        if scale is None or scale.multiplier is None:
            return codes
        assert self.entry.stage.requantize is not None
        shape = (len(inputs[0]), self.entry.stage.head.channels_out, self.entry.stage.head.pixels)
        multipliers = np.reshape(self.entry.stage.requantize.multipliers, (1, -1, 1))
        row = np.broadcast_to(multipliers, shape).reshape(1, -1)
        return np.vstack([codes.astype(np.uint64), row.astype(np.uint64)])

    def _operands(self, inputs: Sequence[NDArray[np.integer]]) -> NDArray[np.integer]:
        stage = self.entry.stage
        words = [narrow(x, stage.c.bits) for x in inputs]
        window = stage.head.window
        if window is None:
            return np.stack([x.ravel() for x in words])
        least = 0 if stage.is_sum else stage.c.minimum
        stride = self.layer.stride if isinstance(self.layer, MaxPool2d | AvgPool2d) else window
        sides = self.layer.sides if isinstance(self.layer, MaxPool2d) else (0, 0, 0, 0)
        return window_elements(words[0], window, stride, sides, least)

    def run(self, codes: NDArray[np.integer]) -> StageResult:
        """Simulate the columns `codes` [operands, columns]."""
        return self.engine.run(partial(_Columns, self), codes)


class _Columns:
    """A stage on lanes for so many columns."""

    def __init__(self, stage: ElementSimulation, columns: int) -> None:
        self._stage, self._entry, self._columns = stage, stage.entry, columns
        self._layout = stage.hardware.layout
        self._groups = LaneGroups(units=1, columns=columns)
        self._machine = stage.engine.lanes(1, self._groups.words, stage.tracks)
        self.meter = Meter(self._machine)
        self._logs = {layer.name: WorkLog(stage.bus_width_bits) for layer in stage.layers}
        self._kept: dict[str, Observed] = {}
        self._codes: NDArray[np.integer]
        self._given: dict[tuple[int, int], WordArray] = {}

    def run(self, program: Program, word: LaneWord | None = None) -> Observed:
        """Run `program` in all lanes, `word` being on the wires; return the word sent, int64 [lanes], if any."""
        wires = {} if word is None else {"word": word}
        sent = self._machine.execute(program.circuit, binding=program.binding, wires=wires)
        return sent.get("word", np.empty(0, dtype=np.int64))

    def result(self, codes: NDArray[np.integer]) -> StageResult:
        """Return the result for the columns `codes` [operands, columns]; on a tape for others again, if need be."""
        self._codes = codes
        for (number, _), planes in self._given.items():
            fill_planes(planes, codes[number][np.newaxis])
        if not self._kept:
            self._run()
        self._machine.play()
        outputs = {name: self._groups.by_unit(observed) for name, observed in self._kept.items()}
        return StageResult(outputs=outputs, work={name: log.work for name, log in self._logs.items()})

    def _run(self) -> None:
        stage = self._entry.stage
        self._join()
        self._keep(stage.name)
        self._stage.on_results(self._machine)
        programs = rewriting_programs(self._layout, stage.c, stage.rescaling)
        scale, multipliers = stage.rescaling, None
        if scale is not None and scale.multiplier is not None:
            multipliers = self._word(-1, scale.multiplier_bits)
        self._kept[stage.layers[-1].name] = rewrite_and_send(
            self,
            self._entry,
            programs,
            self._logs,
            self._columns,
            layout=self._layout,
            multipliers=multipliers,
            keep=self._keep,
        )

    def _join(self) -> None:
        """Load the first word as wide as `c`, its sign repeated, and let each other one join it."""
        stage, log = self._entry.stage, self._logs[self._entry.stage.name]
        start = stage.start.word.bits
        self.run(load_start(stage.start, self._layout), self._word(stage.first[0], start))
        log.transferred(self._entry.active_units * start)
        for item in stage.joins:
            programs = operand_programs(item.word, stage.c, self._layout, is_sum=stage.is_sum, times=item.times)
            self.run(programs.load, self._word(item.operand, item.word.bits))
            self.run(programs.join)
            log.transferred(self._entry.active_units * item.word.bits)
        log.ran(self.meter.reading(), lanes=self._columns)
        log.buffered(self._columns * stage.read_bits)

    def _word(self, number: int, bits: int) -> LaneWord:
        """Return so many bits of the word number `number` of those that the columns take."""
        if (number, bits) not in self._given:
            self._given[number, bits] = column_planes(self._codes[number][np.newaxis], bits)
        return SharedWord(planes=self._given[number, bits].swapaxes(0, 1), kind_of_unit=np.zeros(1, np.int64))

    def _keep(self, name: str) -> None:
        """Note what `c` holds as the output of a layer: an observation, which costs nothing."""
        c = self._entry.stage.c
        self._kept[name] = self._machine.peek(word_places("c", c.bits, self._layout), c)
