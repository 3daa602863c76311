"""Weights that are sent from tracks to the units which keep their outputs: schedule, trace, broadcast, simulation."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.agreement.test_traces_equal_schedules import (
    EVEN,
    TECHNOLOGY,
    UNEVEN,
    UNITS,
    WORD_BYTES,
    bank_of,
    counted,
    dot_products,
    hardware_of,
    replayed,
    schedules,
)

from trackmac.arrays import Dataflow, Hardware, grid_of
from trackmac.arrays.ports import PortLayout, evenly_spaced
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.cost import Activity, Event
from trackmac.errors import InputError
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.inference.weight_store import WeightStore
from trackmac.mapping import OutputStationarySchedule, Schedule, plan, schedule, segments_of, stages_of
from trackmac.mapping.operand_accesses import OperandAccesses, SentAccesses, operand_accesses
from trackmac.mapping.stored_filters import SendingSchedule, sender
from trackmac.mapping.trace_rows import stride
from trackmac.models.broadcast_counts import broadcast_counts
from trackmac.traces import naive


@st.composite
def storing(draw: st.DrawFn, ports: list[PortLayout]) -> Schedule:
    """One to three layers whose weights lie on the chip, and whose outputs stay; many share units."""
    planned = draw(schedules(ports, Dataflow.OUTPUT_STATIONARY, st.integers(1, 12) | UNITS))
    assume(all(entry.is_stored for entry in entries_of(planned)))
    return planned


def entries_of(planned: Schedule) -> list[OutputStationarySchedule]:
    return [entry for entry in planned.stages if isinstance(entry, OutputStationarySchedule)]


def stages_sent(accesses: OperandAccesses) -> list[SentAccesses]:
    return [stage for stage in accesses.stages if isinstance(stage, SentAccesses)]


@settings(deadline=None, max_examples=100)
@given(storing([*EVEN, *UNEVEN]))
def test_replaying_a_trace_counts_what_the_schedule_says(planned: Schedule) -> None:
    accesses = operand_accesses(planned)
    found = replayed(accesses)

    assert len(stages_sent(accesses)) == len(planned.stages)
    assert (found.requests, found.shift_steps) == counted(accesses)
    assert found.requests == sum(
        entry.stage.dot.channels_out * entry.stage.dot_length * entry.times_brought * stride(entry, entry.layout)
        for entry in entries_of(planned)
    )


@settings(deadline=None, max_examples=20)
@given(storing([*EVEN, *UNEVEN]), st.integers(1, 12))
def test_the_obvious_replay_counts_the_same_for_some_pixels_of_one_layer(planned: Schedule, pixels: int) -> None:
    accesses = operand_accesses(planned, ["layer0"], pixels)
    addresses = [int(address) for chunk, _ in accesses.addresses(WORD_BYTES) for address in chunk]
    assume(len(addresses) < 20_000)

    found = naive.replay(bank_of(accesses), addresses)

    assert (found.requests, found.shift_steps) == counted(accesses)


@settings(deadline=None, max_examples=60)
@given(storing([*EVEN, *UNEVEN]))
def test_with_the_ways_home_they_are_the_moves_of_the_broadcast(planned: Schedule) -> None:
    shapes = [entry.stage.head for entry in planned.stages]
    sent = broadcast_counts(plan(stages_of(shapes), grid_of([planned.hardware], TECHNOLOGY)))

    for layer, stage in zip(sent.layers, operand_accesses(planned).stages, strict=True):
        found, none = stage.shifts, np.zeros(1)
        assert found.shift_steps + found.homeward_steps == layer.events.get(Event.SHIFT_STEPS, none)[0]
        assert found.track_shifts + found.homeward_track_shifts == layer.events.get(Event.TRACK_SHIFTS, none)[0]


@settings(deadline=None, max_examples=30)
@given(storing(EVEN), st.data())
def test_a_trace_reads_every_bit_of_every_weight_where_simulation_would_keep_it_once_a_turn_of_pixels(
    planned: Schedule, data: st.DataObject
) -> None:
    pixels = data.draw(st.integers(1, 12))
    for stage in stages_sent(operand_accesses(planned, pixels=pixels)):
        rows = Counter(np.concatenate(list(stage.rows_read())).tolist())

        assert rows == expected_rows(planned, stage)
        assert set(rows.values()) == {-(-stage.pixels // stage.entry.pixels_at_once)}


def expected_rows(planned: Schedule, stage: SentAccesses) -> Counter[int]:
    """Return how often each row is read, from the domains in which simulation would store the weights."""
    entry, domains = stage.entry, planned.hardware.domains
    tracks = UnitTracks(hardware=planned.hardware, entry=entry)
    found: Counter[int] = Counter()
    for number in range(entry.stage.dot.channels_out):
        slot, unit = divmod(number, entry.units // entry.slices)
        assert slot < entry.filters_per_unit
        for index in range(entry.slices):
            for segment in segments_of(entry, slot, len(entry.slice_words(index))):
                cluster = stage.first_cluster + (unit * entry.slices + index) * stage.groups + segment.group
                for domain in {place.domain for place in tracks.weight_places(segment)}:
                    found[cluster * domains + domain] += stage.passes
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class InSlot(SendingSchedule):
    """Every filter is in the same slot of its unit."""

    number: int

    def slot(self, turn: int) -> int:
        del turn
        return self.number


@settings(deadline=None, max_examples=40)
@given(storing([*EVEN, *UNEVEN]))
def test_simulated_filters_are_sent_alike_from_every_slot_and_shift_as_far_as_the_schedule_says(
    planned: Schedule,
) -> None:
    entry = entries_of(planned)[0]
    stage = operand_accesses(planned).stages[0]
    word, sending = entry.stage.words.b, sender(entry)
    least = -(1 << (word.bits - 1))
    weights = np.random.default_rng(0).integers(least, -least, (2, entry.stage.dot_length))

    every = [sent_from(planned, sending, slot, weights) for slot in range(sending.filters_per_unit)]

    assert all(activity == every[0] for activity in every)
    shifts = every[0].events.get(Event.TRACK_SHIFTS, 0) * entry.stage.dot.channels_out * entry.times_brought
    assert shifts == stage.shifts.track_shifts + stage.shifts.homeward_track_shifts


def sent_from(planned: Schedule, sending: SendingSchedule, slot: int, weights: IntArray) -> Activity:
    """Return what sending a filter takes from a slot of its unit on simulated tracks."""
    fields = {name: getattr(sending, name) for name in SendingSchedule.__dataclass_fields__}
    tracks = UnitTracks(hardware=planned.hardware, entry=InSlot(**fields, number=slot))
    store = WeightStore(tracks, weights, [sending.slice_words(index) for index in range(sending.slices)])
    assert store.sent().tolist() == weights.T.tolist()
    return store.activity


def across(units: int) -> Hardware:
    """Return a chip of which each unit has one group of tracks for weights, 64 words under 4 ports."""
    chip = hardware_of(evenly_spaced(64, 4), Layout.ACROSS, 32 + 4, units)
    return replace(chip, dataflow=Dataflow.OUTPUT_STATIONARY)


def test_filters_needed_at_once_are_read_in_lockstep_and_those_that_share_a_unit_one_after_another() -> None:
    # 4 units compute 7 filters in turns of 4 and 3; 2 of them store these, 4 to a unit, the others the second layer
    layers = [dot_products(name, length=2, filters=filters, pixels=1) for name, filters in (("one", 7), ("two", 8))]
    planned = schedule(layers, across(4), TECHNOLOGY)
    stage, second = operand_accesses(planned).stages

    rows = np.concatenate(list(stage.rows_read()))

    assert rows.tolist() == [
        *(0, 64, 1, 65), *(16, 64 + 16, 17, 64 + 17),
        *(32, 64 + 32, 33, 64 + 33), *(48, 49),
    ]  # fmt: skip
    assert (stage.first_cluster, stage.clusters, second.first_cluster) == (0, 2, 2)
    assert stage.shifts.shift_steps == (4 + 3) + (3 + 2)
    assert stage.shifts.homeward_steps == 2


def test_every_turn_of_pixels_has_all_weights_sent_again() -> None:
    # 2 filters take 2 of 4 units: 2 copies, and thus 2 pixels at once
    planned = schedule([dot_products("layer", length=3, filters=2, pixels=5)], across(4), TECHNOLOGY)
    once = operand_accesses(planned, pixels=1).stages[0]

    for pixels, turns in ((1, 1), (2, 1), (3, 2), (5, 3)):
        (stage,) = operand_accesses(planned, pixels=pixels).stages
        assert (stage.pixels, stage.passes) == (pixels, turns)
        assert [rows.tolist() for rows in stage.rows_read()] == turns * [rows.tolist() for rows in once.rows_read()]
        assert stage.shifts.accesses == 6 * turns
        assert stage.shifts.shift_steps == 2 * (2 * turns + 2 * (turns - 1))


def test_slices_are_read_one_after_another() -> None:
    planned = schedule([dot_products("layer", length=66, filters=2, pixels=1)], across(4), TECHNOLOGY)
    (stage,) = operand_accesses(planned).stages

    rows = np.concatenate(list(stage.rows_read()))

    assert rows.tolist() == [
        64 * (2 * filter + part) + word for part in range(2) for word in range(33) for filter in range(2)
    ]


def test_weights_from_outside_are_on_no_tracks_and_have_no_trace() -> None:
    layers = [dot_products("layer", length=65, filters=3, pixels=1)]
    planned = schedule(layers, across(5), TECHNOLOGY)

    assert not entries_of(planned)[0].is_stored
    with pytest.raises(InputError, match="they do not fit the chip and all come over wires"):
        operand_accesses(planned)
