"""Two roads to what a network costs that is larger than the chip: its weights are brought for every image."""

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

from trackmac.arrays import Hardware, grid_of
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import Operation, layout
from trackmac.arrays.reach import static_displacements
from trackmac.circuits import Layout
from trackmac.circuits.circuit import Circuit
from trackmac.cost import Event
from trackmac.inference import weight_loading
from trackmac.inference.network_run import run_network
from trackmac.inference.programs import weight_load
from trackmac.mapping import DotProductSchedule, Schedule, plan, schedule, stages_of
from trackmac.models.reload_counts import reload_counts
from trackmac.networks import IntegerNetwork, layer_shapes

SEEDS = 16
MAKERS = (random_network, random_groups, random_graph)


def dot_products(mapped: Schedule) -> list[DotProductSchedule]:
    return [entry for entry in mapped.stages if isinstance(entry, DotProductSchedule)]


def reloading(seed: int) -> tuple[IntegerNetwork, Schedule]:
    """Return a random network on random hardware that is too small to keep its weights."""
    rng = np.random.default_rng(seed)
    network = MAKERS[seed % len(MAKERS)](rng)
    while True:
        mapped = random_schedule(rng, network)
        if dot_products(mapped)[0].rounds:
            return network, mapped


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_simulated_reload_counts_and_wears_what_the_closed_forms_predict(seed: int) -> None:
    network, mapped = reloading(seed)

    counted, predicted = counted_and_predicted(network, mapped, images=2)

    assert counted == predicted
    assert sum(name.endswith("(reload)") for name in counted) == len(dot_products(mapped))
    check(network, mapped)


def test_the_random_reloads_are_of_every_kind() -> None:
    found = [reloading(seed)[1] for seed in range(SEEDS)]
    entries = [entry for mapped in found for entry in dot_products(mapped)]

    assert {mapped.hardware.layout for mapped in found} == set(Layout)
    assert any(entry.rounds > 1 and entry.slices > 1 for entry in entries)
    assert any(entry.stage.dot.channels_out % entry.rounds for entry in entries)
    assert any(entry.replicas > 1 for entry in entries)
    assert any(entry.stage.dot.groups > 1 and entry.rounds > 1 for entry in entries)


def split_words() -> tuple[IntegerNetwork, Schedule]:
    """Return a mapping onto tracks of which one port reads, and ports that write stand within words."""
    network = random_network(np.random.default_rng(3))
    ports = layout(40, R=(4,), W=(0, 6, 13, 21, 30))
    hardware = Hardware(
        name="one reader",
        technology=TECHNOLOGY.name,
        tracks=5,
        circuit="shift_add_mac",
        layout=Layout.ALONG,
        units_per_mat=2,
        mats_per_bank=3,
        banks=1,
        buffer_kib=64,
        **port_fields(ports),
    )
    return network, schedule(layer_shapes(network), hardware, TECHNOLOGY)


def test_a_word_that_two_ports_write_is_counted_and_worn_alike_on_both_roads() -> None:
    network, mapped = split_words()
    displacements = static_displacements(mapped.hardware.port_layout, Operation.WRITE)
    bits = dot_products(mapped)[0].stage.words.b.bits
    assert any(np.diff(displacements[start : start + bits]).min() < 0 for start in range(0, 32, bits))

    counted, predicted = counted_and_predicted(network, mapped, images=1)

    assert counted == predicted
    check(network, mapped)


def test_every_weight_comes_once_for_every_image_and_is_written_in_every_copy() -> None:
    for seed in range(SEEDS):
        network, mapped = reloading(seed)
        planned = plan(stages_of(layer_shapes(network)), grid_of([mapped.hardware], TECHNOLOGY))

        for counts, entry in zip(reload_counts(planned), dot_products(mapped), strict=True):
            bits = entry.stage.weight_bits
            assert counts.events[Event.DRAM_BITS][0] == bits
            assert counts.events[Event.WRITES][0] == bits * entry.replicas


@pytest.mark.parametrize("is_mutated", [False, True])
def test_weights_that_are_not_written_through_the_ports_are_noticed(
    is_mutated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, mapped = reloading(0)
    channels, height, width = network.input_shape
    images = np.random.default_rng(0).integers(0, 256, (1, height, width, channels), dtype=np.uint8)
    if is_mutated:

        def of_fewer_bits(bits: int, words: Layout) -> Circuit:
            whole = weight_load(bits, words)
            return Circuit(**{name: getattr(whole, name) for name in whole.__slots__} | {"program": whole.program[:-1]})

        monkeypatch.setattr(weight_loading, "weight_load", of_fewer_bits)

    run = run_network(network, mapped, images, bus_width_bits=BUS_WIDTH_BITS)

    assert (run.mismatches > 0) == is_mutated
