import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits.transfer import unload_word
from trackmac.cost import Activity, Event, Phase
from trackmac.inference.work import Meter, Work, WorkLog, combined
from trackmac.simulation import Machine, TrackGeometry

STEP = Activity({Event.SENSES: 2, Event.SEQUENCER_STEPS: 1}, {Phase.SENSE: 1})


def test_lanes_multiply_events_and_waves_multiply_steps_and_time() -> None:
    log = WorkLog(bus_width_bits=8)
    log.ran(STEP, lanes=10)
    log.ran(STEP, lanes=5, is_awaited=False)
    log.transferred(17, times=2)
    log.buffered(100)

    activity = log.work.over(times=3, mats=4)

    assert activity.events == {Event.SENSES: 30, Event.BUFFER_BITS: 100, Event.SEQUENCER_STEPS: 12}
    assert activity.phases == {Phase.SENSE: 3, Phase.TRANSFER: 18}


def test_parts_add_their_lanes_and_share_their_sequence() -> None:
    parts = []
    for lanes in (64, 6):
        log = WorkLog(bus_width_bits=8)
        log.ran(STEP, lanes=lanes)
        parts.append(log.work)

    activity = combined(parts).over(times=1, mats=1)

    assert activity.events == {Event.SENSES: 140, Event.SEQUENCER_STEPS: 1}
    assert activity.phases == {Phase.SENSE: 1}


def test_parts_that_follow_different_sequences_are_a_mistake() -> None:
    one, other = Work(lanes=STEP, sequence=STEP), Work(lanes=STEP, sequence=STEP.repeated(2))

    with pytest.raises(AssertionError):
        combined([one, other])


def test_a_meter_reads_what_happened_since() -> None:
    program = unload_word(NumberFormat(4, is_signed=True))
    machine = Machine(64, {"word": TrackGeometry(domains=4, overhead=3)})
    machine.execute(program)
    meter = Meter(machine)
    machine.execute(program)

    assert meter.reading().events[Event.SENSES] == 4
    assert not any(meter.reading().events.values())
