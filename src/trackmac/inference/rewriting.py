"""What happens to a finished result before it leaves its unit: rectified, requantised, sensed, sent."""

from collections.abc import Callable, Mapping
from typing import Protocol

from trackmac.circuits import Layout
from trackmac.inference.programs import MultiplicationPrograms, Program, RewritingPrograms, in_place
from trackmac.inference.work import Meter, WorkLog
from trackmac.mapping import DotProductSchedule, ElementSchedule
from trackmac.simulation import Observed
from trackmac.simulation.lane_words import LaneWord


class Units(Protocol):
    """Units at work in the lanes of a machine."""

    @property
    def meter(self) -> Meter:
        """Reads what a lane did."""

    def run(self, program: Program, word: LaneWord | None = None) -> Observed:
        """Run `program` in all lanes, `word` being on the wires; return the word sent, if any."""


def rewrite_and_send(
    units: Units,
    entry: DotProductSchedule | ElementSchedule,
    programs: RewritingPrograms,
    logs: Mapping[str, WorkLog],
    lanes: int,
    *,
    layout: Layout,
    multipliers: LaneWord | None,
    keep: Callable[[str], None],
) -> Observed:
    """Rewrite the results as the stage's layers say, and return what is sent: int64 [lanes of the machine].

    Args:
        units: hold a result each.
        entry: the stage's part of the schedule.
        programs: what the units run at the end.
        logs: take down the work, by layer.
        lanes: how many lanes work.
        layout: how words lie.
        multipliers: what results are multiplied by, where the requantisation takes that.
        keep: is told a layer's name when `c` holds its output.
    """
    stage = entry.stage
    for layer in stage.in_place:
        units.run(in_place(layout, stage.c, layer.bounds))
        logs[layer.name].ran(units.meter.reading(), lanes=lanes)
        keep(layer.name)
    if programs.take_offset is not None:
        units.run(programs.take_offset)
    if programs.multiply is not None and multipliers is not None and stage.rescaling is not None:
        _multiply(units, programs.multiply, multipliers)
        bits = stage.rescaling.multiplier_bits
        logs[stage.layers[-1].name].transferred(entry.results_at_once * bits)
        logs[stage.layers[-1].name].buffered(lanes * bits)
    if programs.rescale is not None:
        units.run(programs.rescale)
    sent = units.run(programs.unload_result)
    log, bits = logs[stage.layers[-1].name], stage.output_format.bits
    log.ran(units.meter.reading(), lanes=lanes)
    log.transferred(entry.results_at_once * bits)
    log.buffered(lanes * bits)
    return sent


def _multiply(units: Units, programs: MultiplicationPrograms, multipliers: LaneWord) -> None:
    if programs.clear_activation is not None:
        units.run(programs.clear_activation)
    units.run(programs.load_multiplier, multipliers)
    units.run(programs.multiply)
    if programs.ready_activation is not None:
        units.run(programs.ready_activation)
