"""Networks of the zoo and layers at their limits: what the closed forms say of them can be told beforehand."""

from dataclasses import replace

import pytest
from tests.mapping.test_plan_and_schedule import layer

from trackmac.arrays import Dataflow, Hardware, grid_of, load_hardware
from trackmac.circuits import Layout
from trackmac.cost import Event
from trackmac.mapping import plan, stages_of
from trackmac.models.evaluation import evaluate_network, predicted_events
from trackmac.models.network_counts import layer_counts
from trackmac.networks.shapes import LayerShape, layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.results import Evaluation
from trackmac.technology import load_technology

PHYSICS = load_technology("physics-45nm")
LARGE = load_hardware("large")
FREE = ("flatten", "concat")
HARDWARE = [
    pytest.param(replace(LARGE, layout=layout, dataflow=dataflow), id=f"{layout} {dataflow}")
    for layout in Layout
    for dataflow in Dataflow
]


@pytest.fixture(scope="module", params=sorted(ZOO))
def shapes(request: pytest.FixtureRequest) -> tuple[LayerShape, ...]:
    return layer_shapes(ZOO[request.param].build())


@pytest.fixture(scope="module")
def evaluation(shapes: tuple[LayerShape, ...]) -> Evaluation:
    return evaluate_network("network", shapes, LARGE, PHYSICS)


def test_each_network_of_the_zoo_does_the_macs_of_its_layers(
    shapes: tuple[LayerShape, ...], evaluation: Evaluation
) -> None:
    dots = [shape for shape in shapes if shape.dot_length]

    assert evaluation.totals.macs == sum(shape.outputs * (shape.dot_length or 0) for shape in dots)
    assert [line.macs for line in evaluation.layers if line.macs] == [shape.macs for shape in dots]


def test_each_network_of_the_zoo_sums_to_its_totals(evaluation: Evaluation) -> None:
    totals = evaluation.totals

    for key in ("energy_pj", "latency_ns", "area_um2", "leakage_nw"):
        assert sum(evaluation.breakdown[key].values()) == pytest.approx(getattr(totals, key), rel=1e-12)
    assert sum(line.energy_pj for line in evaluation.layers) == pytest.approx(totals.energy_pj, rel=1e-12)
    assert sum(line.latency_ns for line in evaluation.layers) == pytest.approx(totals.latency_ns, rel=1e-12)


def test_only_layers_that_say_where_words_lie_are_free(evaluation: Evaluation) -> None:
    for line in evaluation.layers:
        assert (line.kind in FREE) == (line.energy_pj == 0.0) == (line.latency_ns == 0.0) == (not line.events), line

    assert any("concatenation cost nothing" in note for note in evaluation.notes)


@pytest.mark.parametrize("hardware", HARDWARE)
def test_a_convolution_of_one_pixel_is_a_linear_layer_in_every_event(hardware: Hardware) -> None:
    conv = layer("conv2d", "layer", channels_out=40, pixels=1, outputs=40, dot_length=300, macs=12_000)
    linear = layer("linear", "layer", channels_out=40, pixels=1, outputs=40, dot_length=300, macs=12_000)

    assert predicted_events((conv,), hardware, PHYSICS, 1) == predicted_events((linear,), hardware, PHYSICS, 1)
    assert evaluate_network("n", (conv,), hardware, PHYSICS).totals == (
        evaluate_network("n", (linear,), hardware, PHYSICS).totals
    )


@pytest.mark.parametrize("hardware", HARDWARE)
def test_twice_the_banks_halve_the_waves_of_a_network_of_many_pixels(hardware: Hardware) -> None:
    conv = layer("conv2d", "conv", channels_out=4, pixels=1 << 20, outputs=1 << 22, dot_length=9, macs=9 << 22)
    once, twice = (
        plan(stages_of((conv,)), grid_of([replace(hardware, banks=banks)], PHYSICS)).stages[0] for banks in (8, 16)
    )

    assert twice.waves[0] * 2 == once.waves[0]
    assert twice.active_units[0] == once.active_units[0] * 2


@pytest.mark.parametrize("hardware", HARDWARE)
def test_twice_the_banks_change_no_event_of_the_arithmetic(hardware: Hardware) -> None:
    conv = layer("conv2d", "conv", channels_out=4, pixels=1 << 20, outputs=1 << 22, dot_length=9, macs=9 << 22)
    once, twice = (
        layer_counts(plan(stages_of((conv,)), grid_of([replace(hardware, banks=banks)], PHYSICS)))[0].events
        for banks in (8, 16)
    )

    for event in {*once, *twice} - {Event.BUFFER_BITS, Event.SEQUENCER_STEPS}:
        assert once[event][0] == twice[event][0], event


def test_a_depthwise_convolution_works_in_as_many_units_as_a_dense_one_and_gets_an_activation_for_each() -> None:
    dense = layer("conv2d", "conv", channels_out=64, pixels=256, outputs=1 << 14, dot_length=9, macs=9 << 14)
    depthwise = replace(dense, groups=64)
    of_dense, of_depthwise = (plan(stages_of((shape,)), grid_of([LARGE], PHYSICS)) for shape in (dense, depthwise))

    assert of_dense.stages[0].active_units[0] == of_depthwise.stages[0].active_units[0] == 64 * 256
    assert of_dense.stages[0].waves[0] == of_depthwise.stages[0].waves[0] == 1
    events, depthwise_events = (layer_counts(planned)[0].events for planned in (of_dense, of_depthwise))
    reads = 9 * dense.input_format.bits * 256
    assert depthwise_events[Event.BUFFER_BITS][0] - events[Event.BUFFER_BITS][0] == (64 - 1) * reads
