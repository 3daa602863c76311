"""Two roads to what a network costs and wears whose units keep their outputs, weights coming over wires."""

from dataclasses import replace

import numpy as np
import pytest
from tests.agreement.test_graphs import random_graph, random_groups
from tests.agreement.test_inference_equals_closed_form import (
    BUS_WIDTH_BITS,
    TECHNOLOGY,
    counted_and_predicted,
    random_network,
    random_schedule,
)
from tests.agreement.test_wear_equals_closed_form import check

from trackmac.arrays import Dataflow
from trackmac.circuits import Circuit, Layout
from trackmac.errors import UnmappableError
from trackmac.inference import weight_store
from trackmac.inference.network_run import run_network
from trackmac.mapping import OutputStationarySchedule, Schedule, schedule
from trackmac.networks import IntegerNetwork, layer_shapes

SEEDS = 24
MAKERS = (random_network, random_groups, random_graph)


def keeping_outputs(seed: int) -> tuple[IntegerNetwork, Schedule]:
    """Return a random network on random hardware whose units keep their outputs."""
    rng = np.random.default_rng(seed)
    network = MAKERS[seed % len(MAKERS)](rng)
    while True:
        other = random_schedule(rng, network).hardware
        hardware = replace(other, dataflow=Dataflow.OUTPUT_STATIONARY)
        if seed % 4 == 1:  # few units that store much: turns of channels and pixels, filters that share a unit
            hardware = replace(hardware, tracks=300, units_per_mat=2, mats_per_bank=2)
        try:
            return network, schedule(layer_shapes(network), hardware, TECHNOLOGY)
        except UnmappableError:
            continue


@pytest.mark.parametrize("seed", range(SEEDS))
def test_simulated_outputs_that_stay_count_and_wear_what_the_closed_forms_predict(seed: int) -> None:
    network, mapped = keeping_outputs(seed)

    counted, predicted = counted_and_predicted(network, mapped, images=2)

    assert counted == predicted
    check(network, mapped)


def test_the_random_designs_keep_outputs_in_every_way() -> None:
    found = [keeping_outputs(seed)[1] for seed in range(SEEDS)]
    entries = [entry for mapped in found for entry in entries_of(mapped)]

    assert {mapped.hardware.layout for mapped in found} == set(Layout)
    assert {entry.is_stored for entry in entries} == {True, False}
    stored = [entry for entry in entries if entry.is_stored]
    assert any(entry.stored_slices > 1 for entry in stored)
    assert any(entry.sends > 1 for entry in stored)
    assert any(entry.times_brought > 1 and entry.filters_per_unit > 1 for entry in stored)
    assert any(entry.replicas > 1 for entry in entries)


@pytest.mark.parametrize("program", [None, "weight_sending", "weight_move"])
def test_a_weight_that_is_not_sent_or_a_track_that_is_not_moved_is_noticed(
    program: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, mapped = next(pair for pair in map(keeping_outputs, range(SEEDS)) if entries_of(pair[1])[0].is_stored)
    channels, height, width = network.input_shape
    images = np.random.default_rng(0).integers(0, 256, (1, height, width, channels), dtype=np.uint8)
    if program is not None:
        unchanged = getattr(weight_store, program)
        monkeypatch.setattr(weight_store, program, lambda *operands: without_last_step(unchanged(*operands)))

    run = run_network(network, mapped, images, bus_width_bits=BUS_WIDTH_BITS)

    assert (run.mismatches > 0) == (program is not None)


def without_last_step(circuit: Circuit) -> Circuit:
    whole = {name: getattr(circuit, name) for name in circuit.__slots__}
    return Circuit(**whole | {"program": circuit.program[:-1]})


def entries_of(mapped: Schedule) -> list[OutputStationarySchedule]:
    return [entry for entry in mapped.stages if isinstance(entry, OutputStationarySchedule)]
