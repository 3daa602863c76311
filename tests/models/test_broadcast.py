"""Weights that come over wires to outputs that stay: limit cases by hand, and where the costs show."""

from dataclasses import replace

import numpy as np
import pytest
from tests.mapping.test_plan_and_schedule import C, layer

from trackmac.arrays import Dataflow, Hardware, grid_of, load_hardware
from trackmac.cost import Event, Phase
from trackmac.mapping import plan, stages_of
from trackmac.models.evaluation import evaluate_network, predicted_events
from trackmac.models.network_counts import layer_counts
from trackmac.models.reload_counts import reload_counts
from trackmac.models.tally import LayerCounts
from trackmac.models.wear import wear
from trackmac.networks import layer_shapes
from trackmac.networks.shapes import LayerShape
from trackmac.networks.zoo import ZOO
from trackmac.technology import load_technology

PHYSICS = load_technology("physics-45nm")
STAYING = load_hardware("embedded")
KEEPING = replace(STAYING, name="keeping", dataflow=Dataflow.OUTPUT_STATIONARY)
UNSTORED = replace(KEEPING, tracks=4)
SHAPES = layer_shapes(ZOO["lenet5"].build())
BUS = int(PHYSICS.value("bus.width_bits"))


def counted(shape: LayerShape, hardware: Hardware) -> tuple[LayerCounts, LayerCounts | None]:
    """Return the counts of a layer and of what brings its weights."""
    planned = plan(stages_of((shape,)), grid_of([hardware], PHYSICS))
    brought = reload_counts(planned)
    return layer_counts(planned)[0], brought[0] if brought else None


ONE_PIXEL = layer("conv2d", "conv", channels_out=12, pixels=1, outputs=12, dot_length=5, macs=60)
LINEAR = layer("linear", "linear", channels_out=12, pixels=1, outputs=12, dot_length=5, macs=60)
PIXELS = layer("conv2d", "conv", channels_out=12, pixels=9, outputs=108, dot_length=5, macs=540)
DEPTHWISE = replace(PIXELS, groups=12)


@pytest.mark.parametrize("hardware", [STAYING, KEEPING])
def test_a_convolution_of_one_pixel_is_a_linear_layer(hardware: Hardware) -> None:
    conv, linear = counted(ONE_PIXEL, hardware), counted(LINEAR, hardware)

    assert conv[0].events == linear[0].events
    assert conv[0].phases == linear[0].phases


def test_on_one_pixel_every_weight_is_sent_to_one_unit() -> None:
    _, sent = counted(ONE_PIXEL, KEEPING)

    assert sent is not None
    bits = 12 * 5 * 4
    assert sent.events[Event.SENSES][0] == sent.events[Event.BUS_BITS][0] == bits
    assert Event.DRAM_BITS not in sent.events
    assert sent.phases[Phase.SENSE][0] == 5 * 4  # 12 units send at once
    assert sent.phases[Phase.TRANSFER][0] == 5 * -(-12 * 4 // BUS)
    # 5 words of 4 bits, a bit a domain, in one segment: 19 domains out, 19 home
    assert sent.phases[Phase.SHIFT][0] == 38
    assert sent.events[Event.TRACK_SHIFTS][0] == 12 * 38
    assert sent.events[Event.SEQUENCER_STEPS][0] == 5 * 4 + 19 + 1


def test_a_weight_is_sent_once_to_all_pixels_that_are_computed_at_once() -> None:
    (_, once), (_, again) = counted(ONE_PIXEL, KEEPING), counted(PIXELS, KEEPING)
    _, slow = counted(
        PIXELS, replace(KEEPING, mats_per_bank=1, banks=1)
    )  # 16 units: 12 channels at one pixel at a time

    assert once is not None
    assert again is not None
    assert slow is not None
    assert once.events == again.events
    for event in (Event.SENSES, Event.BUS_BITS, Event.TRACK_SHIFTS, Event.SEQUENCER_STEPS):
        assert slow.events[event][0] == 9 * once.events[event][0]


@pytest.mark.parametrize("shape", [ONE_PIXEL, LINEAR, PIXELS, DEPTHWISE])
def test_both_dataflows_compute_alike_and_differ_by_the_weights_way(shape: LayerShape) -> None:
    staying, keeping = counted(shape, STAYING)[0].events, counted(shape, KEEPING)[0].events

    loaded = shape.outputs * 5 * 4
    assert keeping[Event.EVALUATIONS][0] == staying[Event.EVALUATIONS][0]
    assert keeping[Event.SENSES][0] == staying[Event.SENSES][0]
    assert keeping[Event.WRITES][0] == staying[Event.WRITES][0] + loaded
    assert keeping[Event.BUS_BITS][0] == staying[Event.BUS_BITS][0] + loaded
    assert keeping[Event.BUFFER_BITS][0] == staying[Event.BUFFER_BITS][0]


def test_channels_of_a_depthwise_convolution_share_no_activations() -> None:
    together, apart = (counted(shape, KEEPING)[0] for shape in (PIXELS, DEPTHWISE))

    read = 9 * 5 * 4
    assert apart.events[Event.BUFFER_BITS][0] - together.events[Event.BUFFER_BITS][0] == 11 * read
    assert apart.phases[Phase.TRANSFER][0] > together.phases[Phase.TRANSFER][0]


def test_weights_that_the_chip_cannot_hold_come_from_outside_as_often_as_they_are_sent() -> None:
    few = replace(UNSTORED, mats_per_bank=1, banks=1)
    _, sent = counted(PIXELS, few)

    assert sent is not None
    bits = 9 * 12 * 5 * 4
    assert {event: int(count[0]) for event, count in sent.events.items()} == {Event.DRAM_BITS: bits}
    assert sent.phases[Phase.FETCH][0] == bits
    assert sent.phases[Phase.TRANSFER][0] == 9 * 5 * -(-12 * 4 // BUS)


def test_the_way_of_the_weights_has_lines_of_its_own_and_everything_sums_to_the_totals() -> None:
    for hardware, kind in ((KEEPING, "broadcast"), (UNSTORED, "reload")):
        result = evaluate_network("lenet5", SHAPES, hardware, PHYSICS, rate=1)

        lines = [layer for layer in result.layers if layer.kind == kind]
        assert len(lines) == 5
        assert sum(layer.energy_pj for layer in result.layers) == pytest.approx(result.totals.energy_pj)
        assert sum(layer.latency_ns for layer in result.layers) == pytest.approx(result.totals.latency_ns)
        for key in ("energy_pj", "latency_ns"):
            assert sum(result.breakdown[key].values()) == pytest.approx(getattr(result.totals, key))
        assert bool(result.totals.reload_energy_pj) == (kind == "reload")
        assert bool(result.totals.weight_write_energy_pj) == (kind == "broadcast")
        assert any("keeps one output" in note for note in result.notes)


def test_outputs_that_stay_are_faster_where_layers_would_share_the_chip_and_cost_a_little_more_energy() -> None:
    staying, keeping = (evaluate_network("lenet5", SHAPES, point, PHYSICS).totals for point in (STAYING, KEEPING))

    assert keeping.latency_ns < staying.latency_ns / 2
    assert staying.dynamic_energy_pj < keeping.dynamic_energy_pj < 1.1 * staying.dynamic_energy_pj
    both = [predicted_events(SHAPES, point, PHYSICS, 1)[Event.EVALUATIONS] for point in (STAYING, KEEPING)]
    assert both[0] == both[1]


def test_a_unit_that_keeps_outputs_works_and_wears_for_all_layers() -> None:
    first = replace(PIXELS, name="first")
    alone, twice = (
        wear(plan(stages_of(shapes), grid_of([KEEPING], PHYSICS)))
        for shapes in ((first,), (first, replace(PIXELS, name="second", input_format=C)))
    )

    assert twice.per_domain[0] > alone.per_domain[0]
    np.testing.assert_array_less(alone.per_mtj, twice.per_mtj)
