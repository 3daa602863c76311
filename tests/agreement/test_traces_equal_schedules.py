"""Two roads to the shifts of operand accesses: the schedule's algebra, and the replay of every access of its trace.

The programs' own moves, which `models` counts, are a third: the same accesses, and every track brought home.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trackmac.arrays import Dataflow, Hardware, HardwareGrid, grid_of
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import KNOWN_LAYOUTS, PortLayout, evenly_spaced, layout
from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.errors import UnmappableError
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.mapping import DotProductPlan, DotProductSchedule, Schedule, plan, schedule, segments_of, stages_of
from trackmac.mapping.operand_accesses import OperandAccesses, StageAccesses, operand_accesses
from trackmac.mapping.trace_rows import stride
from trackmac.mapping.weight_segments import weight_layout
from trackmac.models.weight_walks import row_walk, weight_walk
from trackmac.networks.shapes import LayerShape
from trackmac.port_policy import PortAccess, PortUpdate
from trackmac.technology import load_technology
from trackmac.traces import Bank, Replay, Shifts, naive

TECHNOLOGY = load_technology("physics-45nm")
WORD_BYTES = 64
UNITS = st.integers(1, 60)

EVEN = [evenly_spaced(64, 1), evenly_spaced(64, 2), evenly_spaced(64, 4), evenly_spaced(48, 4)]
UNEVEN = [
    *KNOWN_LAYOUTS.values(), evenly_spaced(48, 2, read_ports=2), layout(16, W=(0, 8), R=(15,)),
    layout(32, RW=(8, 20), R=(27,)),
]  # fmt: skip


def dot_products(name: str, *, length: int, filters: int, pixels: int, bits: int = 4) -> LayerShape:
    c = NumberFormat(12, True)
    return LayerShape(
        name=name, kind="conv2d", input_shape=(2, 4, 4), output_shape=(filters, pixels, 1),
        macs=filters * pixels * length, dot_length=length, outputs=filters * pixels, pixels=pixels,
        channels_out=filters, parameters=filters * (length + 1), input_format=NumberFormat(4, False),
        weight_format=NumberFormat(bits, True), output_format=c, accumulator_format=c, shift=None, window=None,
    )  # fmt: skip


def hardware_of(ports: PortLayout, words: Layout, tracks: int, units: int) -> Hardware:
    return Hardware(
        name="test", technology=TECHNOLOGY.name, tracks=tracks, circuit="booth_radix4_mac", layout=words,
        units_per_mat=units, mats_per_bank=1, banks=1, buffer_kib=64, **port_fields(ports),
    )  # fmt: skip


@st.composite
def schedules(
    draw: st.DrawFn,
    ports: list[PortLayout],
    dataflow: Dataflow = Dataflow.WEIGHT_STATIONARY,
    units: st.SearchStrategy[int] = UNITS,
) -> Schedule:
    """One to three layers of any size and width, on hardware that holds them, all at once or in rounds."""
    layers = [
        dot_products(
            f"layer{number}", length=draw(st.integers(1, 90)), filters=draw(st.integers(1, 9)),
            pixels=draw(st.integers(1, 12)), bits=draw(st.integers(2, 8)),
        )
        for number in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    words = draw(st.sampled_from(Layout))
    work = 3 if words is Layout.ALONG else 40
    on = hardware_of(draw(st.sampled_from(ports)), words, work + draw(st.integers(1, 40)), draw(units))
    try:
        return schedule(layers, replace(on, dataflow=dataflow), TECHNOLOGY)
    except UnmappableError:
        assume(False)
        raise


def bank_of(accesses: OperandAccesses) -> Bank:
    return Bank(
        domains=accesses.rows.domains, tracks=accesses.tracks, ports=accesses.rows.ports, dbcs=accesses.clusters,
        port_access=PortAccess.STATIC, port_update=PortUpdate.LAZY, word_bytes=WORD_BYTES,
    )  # fmt: skip


def replayed(accesses: OperandAccesses) -> Shifts:
    replay, found = Replay(bank_of(accesses)), Shifts()
    for addresses, _ in accesses.addresses(WORD_BYTES):
        found = found.then(replay.serve(addresses))
    return found


def counted(accesses: OperandAccesses) -> tuple[int, int]:
    shifts = [stage.shifts for stage in accesses.stages]
    return sum(item.accesses for item in shifts), sum(item.shift_steps for item in shifts)


@settings(deadline=None, max_examples=60)
@given(schedules(EVEN))
def test_replaying_a_trace_counts_what_the_schedule_says(planned: Schedule) -> None:
    accesses = operand_accesses(planned)
    found = replayed(accesses)

    assert accesses.rows.are_domains
    assert accesses.rows.domains == planned.hardware.domains
    assert (found.requests, found.shift_steps) == counted(accesses)


@settings(deadline=None, max_examples=60)
@given(schedules(UNEVEN))
def test_uneven_ports_appear_as_even_ones_under_which_tracks_move_as_far(planned: Schedule) -> None:
    accesses = operand_accesses(planned)
    found = replayed(accesses)

    assert (found.requests, found.shift_steps) == counted(accesses)
    assert not accesses.rows.are_domains or planned.hardware.domains == accesses.rows.domains
    assert found.max_displacement < accesses.rows.span
    assert found.min_displacement == 0


def test_a_shorter_slice_lies_in_rows_of_its_own() -> None:
    layers = [dot_products("layer0", length=49, filters=1, pixels=1)]
    planned = schedule(layers, hardware_of(layout(16, W=(0, 8), R=(15,)), Layout.ACROSS, 41, 2), TECHNOLOGY)
    (entry,) = planned.stages
    accesses = operand_accesses(planned)
    found = replayed(accesses)

    assert isinstance(entry, DotProductSchedule)
    assert [len(entry.slice_words(index)) for index in range(entry.slices)] == [25, 24]
    assert (found.requests, found.shift_steps) == counted(accesses) == (49, 60)


@settings(deadline=None, max_examples=20)
@given(schedules([*EVEN, *UNEVEN]), st.integers(1, 12))
def test_the_obvious_replay_counts_the_same_for_some_pixels_of_one_layer(planned: Schedule, pixels: int) -> None:
    accesses = operand_accesses(planned, ["layer0"], pixels)
    addresses = [int(address) for chunk, _ in accesses.addresses(WORD_BYTES) for address in chunk]
    assume(len(addresses) < 20_000)

    found = naive.replay(bank_of(accesses), addresses)

    assert (found.requests, found.shift_steps) == counted(accesses)


@settings(deadline=None, max_examples=60)
@given(schedules([*EVEN, *UNEVEN]))
def test_with_the_ways_home_they_are_the_moves_of_the_programs(planned: Schedule) -> None:
    shapes = [entry.stage.head for entry in planned.stages]
    grid = grid_of([planned.hardware], TECHNOLOGY)
    plans = plan(stages_of(shapes), grid).stages

    for mapped, stage in zip(plans, operand_accesses(planned).stages, strict=True):
        assert isinstance(mapped, DotProductPlan)
        assert stage.shifts.shift_steps + stage.shifts.homeward_steps == programmed_steps(grid, mapped, stage)


def programmed_steps(grid: HardwareGrid, mapped: DotProductPlan, stage: StageAccesses) -> int:
    """Return the weights' shifts by the closed forms of the programs: moves between words, and a MAC's own."""
    width, length = stride(stage.entry, stage.layout), mapped.stage.dot_length
    total = 0
    for index in range(stage.entry.slices):
        words = len(stage.entry.slice_words(index))
        walk = weight_walk(weight_layout(grid, width), np.array([words]), width)
        if stage.entry.is_by_rows:
            walk = row_walk(grid, np.array([words]))
        total += int(walk.advances[0] + walk.return_domains[0])
    return mapped.stage.dot.outputs * (total + length * (width - 1))


@settings(deadline=None, max_examples=30)
@given(schedules(EVEN))
def test_a_trace_reads_every_bit_of_every_weight_where_simulation_keeps_it_once_a_pixel(planned: Schedule) -> None:
    for stage in operand_accesses(planned).stages:
        rows = Counter(np.concatenate(list(stage.rows_read())).tolist())

        assert rows == expected_rows(planned, stage)


def expected_rows(planned: Schedule, stage: StageAccesses) -> Counter[int]:
    """Return how often each row is read, from the domains in which simulation stores the weights."""
    entry, domains = stage.entry, planned.hardware.domains
    tracks = UnitTracks(hardware=planned.hardware, entry=entry)
    found: Counter[int] = Counter()
    for number in range(entry.stage.dot.channels_out):
        unit, turn = divmod(number, entry.filters_per_unit)
        for index in range(entry.slices):
            for segment in segments_of(entry, turn, len(entry.slice_words(index))):
                read = sorted({place.domain for place in tracks.weight_places(segment)})
                for copy in range(entry.replicas):
                    own = copy * entry.units + unit * entry.slices + index
                    cluster = stage.first_cluster + own * stage.groups + segment.group
                    for domain in read:
                        found[cluster * domains + domain] += len(range(copy, stage.pixels, entry.replicas))
    return +found


def test_units_read_a_word_in_lockstep() -> None:
    # 3 filters in 3 units, 2 words of 4 bits along one track of each, one pixel: bit by bit, one access for each unit
    planned = schedule(
        [dot_products("layer", length=2, filters=3, pixels=1)], hardware_of(EVEN[1], Layout.ALONG, 4, 3), TECHNOLOGY
    )
    (stage,) = operand_accesses(planned).stages

    rows = np.concatenate(list(stage.rows_read()))

    assert rows.tolist() == [64 * unit + domain for domain in range(8) for unit in range(3)]


def test_what_another_policy_counts_is_another_number() -> None:
    planned = schedule(
        [dot_products("layer", length=30, filters=3, pixels=4)], hardware_of(EVEN[1], Layout.ALONG, 8, 9), TECHNOLOGY
    )
    accesses = operand_accesses(planned)
    own = replayed(accesses).shift_steps
    for change in ({"port_access": PortAccess.DYNAMIC}, {"port_update": PortUpdate.EAGER}, {"ports": 1}):
        replay = Replay(replace(bank_of(accesses), **change))

        assert sum(replay.serve(addresses).shift_steps for addresses, _ in accesses.addresses(WORD_BYTES)) != own


# RTSim's own counts (commit 918a40b8, Config/RM.config; reference/rtsim/counts.csv) for seq.nvt.gz: 3,000 words read
# one after another, 64 domains to a DBC. Ports, filters of how many weights in one unit, shift steps.
@pytest.mark.parametrize(
    ("ports", "filters", "length", "steps"), [(1, 1, 3000, 2953), (2, 2, 1504, 4363), (4, 2, 1504, 4927)]
)
def test_a_unit_that_walks_3000_weights_port_by_port_is_rtsims_walk(
    ports: int, filters: int, length: int, steps: int
) -> None:
    # across tracks; under one port, or where two filters share the tracks, each segment is read before the next one
    walk = dot_products("walk", length=length, filters=filters, pixels=1)
    on = hardware_of(evenly_spaced(64, ports), Layout.ACROSS, 28 + 47 * 4, 1)

    accesses = operand_accesses(schedule([walk], on, TECHNOLOGY))

    addresses = np.concatenate([chunk for chunk, _ in accesses.addresses(WORD_BYTES)])
    assert addresses[:3000].tolist() == list(range(0, 3000 * WORD_BYTES, WORD_BYTES))  # those of seq.nvt.gz
    assert Replay(bank_of(accesses)).serve(addresses[:3000]).shift_steps == steps
    assert replayed(accesses).shift_steps == counted(accesses)[1]


def test_rows_under_four_ports_shift_a_quarter_of_what_segments_do() -> None:
    # 3008 weights of one filter: 47 groups of tracks, each 15 domains out; one filter of two, port by port: 4 x 15 each
    on = hardware_of(evenly_spaced(64, 4), Layout.ACROSS, 28 + 47 * 4, 1)
    alone, shared = (
        operand_accesses(schedule([dot_products("walk", length=k, filters=n, pixels=9)], on, TECHNOLOGY))
        for k, n in ((3008, 1), (1504, 2))
    )

    assert counted(alone)[1] == 47 * 15 * (2 * 9 - 1)
    assert counted(shared)[1] == 47 * 15 * (8 * 9 - 1)
