"""What happens to a finished result before it leaves its unit: rectified, requantised, sensed, sent."""

from collections.abc import Callable, Mapping
from typing import Protocol

from trackmac.bits import IntArray
from trackmac.inference.programs import Program, RewritingPrograms
from trackmac.inference.work import Meter, WorkLog
from trackmac.mapping import DotProductSchedule, ElementSchedule


class Units(Protocol):
    """Units at work in the lanes of a machine."""

    @property
    def meter(self) -> Meter:
        """Reads what a lane did."""

    def run(self, program: Program) -> IntArray:
        """Run `program` in all lanes; return the word sent, if any."""


def rewrite_and_send(
    units: Units,
    entry: DotProductSchedule | ElementSchedule,
    programs: RewritingPrograms,
    logs: Mapping[str, WorkLog],
    lanes: int,
    *,
    keep: Callable[[str], None],
) -> IntArray:
    """Rewrite the results as the stage's layers say, and return what is sent: int64 [lanes of the machine].

    Args:
        units: hold a result each.
        entry: the stage's part of the schedule.
        programs: what the units run.
        logs: take down the work, by layer.
        lanes: how many lanes work.
        keep: is told a layer's name when `c` holds its output.
    """
    stage = entry.stage
    for layer in stage.in_place:
        units.run(programs.rectify)
        logs[layer.name].ran(units.meter.reading(), lanes=lanes)
        keep(layer.name)
    if programs.rescale is not None:
        units.run(programs.rescale)
    sent = units.run(programs.unload_result)
    log, bits = logs[stage.layers[-1].name], stage.output_format.bits
    log.ran(units.meter.reading(), lanes=lanes)
    log.transferred(entry.results_at_once * bits)
    log.buffered(lanes * bits)
    return sent
