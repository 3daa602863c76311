"""Two roads to the cost of a network: what its simulation on tracks counted, and the closed forms of `models`."""

from dataclasses import dataclass

import numpy as np
import pytest

from trackmac.arrays import Hardware, grid_of
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import PortKind, PortLayout, evenly_spaced, layout
from trackmac.bits import NumberFormat
from trackmac.circuits import MACS, Layout, family
from trackmac.cost import NOTHING, Activity
from trackmac.errors import UnmappableError
from trackmac.inference.network_run import run_network
from trackmac.mapping import DotProductSchedule, Schedule, plan, schedule, stages_of
from trackmac.models.network_counts import layer_counts
from trackmac.models.reload_counts import reload_counts
from trackmac.models.tally import LayerCounts
from trackmac.networks import Conv2d, Flatten, IntegerNetwork, Layer, Linear, MaxPool2d, ReLU, Requantize, layer_shapes
from trackmac.technology import load_technology

TECHNOLOGY = load_technology("rtsim-destiny-2017")
BUS_WIDTH_BITS = int(TECHNOLOGY.value("bus.width_bits"))
CLASSES = 5
FAST_SEEDS = 28


@dataclass(frozen=True)
class Chain:
    """Layers that do not yet end in logits."""

    input_shape: tuple[int, int, int]
    input_format: NumberFormat
    layers: tuple[Layer, ...]


def random_network(rng: np.random.Generator) -> IntegerNetwork:
    """Return convolution, pooling, convolution, linear: of random sizes and formats, with and without ReLU."""
    channels = rng.integers(1, 7, 3)
    chain = Chain(
        input_shape=(int(channels[0]), int(rng.integers(6, 10)), int(rng.integers(6, 10))),
        input_format=NumberFormat(int(rng.integers(2, 6)), is_signed=bool(rng.integers(2))),
        layers=(
            _convolution(rng, "1", channels[0], channels[1]),
            *_rescaled(rng, "1"),
            MaxPool2d(name="pool", kernel=_pair(rng, 1, 2), stride=_pair(rng, 1, 2)),
            _convolution(rng, "2", channels[1], channels[2]),
            *_rescaled(rng, "2"),
            Flatten(name="flatten"),
        ),
    )
    words = _weight_format(rng)
    features = layer_shapes(chain)[-1].outputs
    last = Linear(
        name="linear",
        weights=rng.integers(words.minimum, words.maximum + 1, (CLASSES, features)),
        bias=rng.integers(-9, 9, CLASSES),
        weight_format=words,
    )
    return IntegerNetwork(
        name="random",
        input_shape=chain.input_shape,
        input_format=chain.input_format,
        input_exponent=-3,
        layers=(*chain.layers, last),
        classes=CLASSES,
        is_trained=False,
    )


def _convolution(rng: np.random.Generator, number: str, channels_in: int, channels_out: int) -> Conv2d:
    words = _weight_format(rng)
    kernel = _pair(rng, 1, 3)
    shape = (channels_out, channels_in, *kernel)
    return Conv2d(
        name=f"conv{number}",
        weights=rng.integers(words.minimum, words.maximum + 1, shape),
        bias=rng.integers(-30, 30, channels_out),
        weight_format=words,
        stride=_pair(rng, 1, 2),
        padding=(kernel[0] // 2, kernel[1] // 2),
    )


def _rescaled(rng: np.random.Generator, number: str) -> tuple[Layer, ...]:
    has_relu = bool(rng.integers(2))
    output = NumberFormat(int(rng.integers(2, 6)), is_signed=not has_relu)
    scaled = Requantize(name=f"requantize{number}", shift=int(rng.integers(-1, 6)), output_format=output)
    return (ReLU(name=f"relu{number}"), scaled) if has_relu else (scaled,)


def _weight_format(rng: np.random.Generator) -> NumberFormat:
    return NumberFormat(int(rng.integers(2, 6)), is_signed=True)


def _pair(rng: np.random.Generator, low: int, high: int) -> tuple[int, int]:
    return int(rng.integers(low, high + 1)), int(rng.integers(low, high + 1))


def random_ports(rng: np.random.Generator) -> PortLayout:
    """Return evenly spaced RW ports or, as often, ports of every kind anywhere on a short track."""
    if rng.integers(2):
        ports, segment = int(rng.choice([1, 2, 4])), int(rng.choice([1, 5, 8, 16, 24, 32]))
        return evenly_spaced(ports * segment, ports)
    domains = int(rng.integers(2, 48))
    places = rng.permutation(domains)[: int(rng.integers(2, 9))].tolist()
    kinds = [PortKind.W, PortKind.R, *rng.choice(list(PortKind), len(places) - 2).tolist()]
    return layout(
        domains, **{kind: [p for p, of in zip(places, kinds, strict=True) if of == kind] for kind in PortKind}
    )


def random_schedule(rng: np.random.Generator, network: IntegerNetwork) -> Schedule:
    """Return the schedule of `network` on the first random hardware that can run it."""
    while True:
        circuit = str(rng.choice(list(MACS)))
        words = Layout(str(rng.choice([str(known) for known in family(circuit).layouts])))
        ports = random_ports(rng)
        units_per_mat = int(rng.integers(1, 6))
        hardware = Hardware(
            name="random",
            technology=TECHNOLOGY.name,
            tracks=int(rng.choice([4, 5, 6, 12] if words is Layout.ALONG else [24, 30, 36, 60])),
            circuit=circuit,
            layout=words,
            units_per_mat=units_per_mat,
            mats_per_bank=int(2 ** rng.uniform(0, 6)),
            banks=1,
            buffer_kib=64,
            **port_fields(ports),
        )
        try:
            return schedule(layer_shapes(network), hardware, TECHNOLOGY)
        except UnmappableError:
            continue


def counted_and_predicted(
    network: IntegerNetwork, mapped: Schedule, images: int
) -> tuple[dict[str, Activity], dict[str, Activity]]:
    """Return each layer's activity from the simulation and from the closed forms, for so many images."""
    channels, height, width = network.input_shape
    pixels = np.random.default_rng(0).integers(0, 256, (images, height, width, channels), dtype=np.uint8)
    run = run_network(network, mapped, pixels, bus_width_bits=BUS_WIDTH_BITS)
    assert run.mismatches == 0
    planned = plan(stages_of(layer_shapes(network)), grid_of([mapped.hardware], TECHNOLOGY))
    predicted = {layer.name: activity_of(layer, images) for layer in layer_counts(planned)}
    counted = {layer.name: layer.activity for layer in run.layers if layer.name in predicted}
    counted |= {f"{layer.name} (reload)": layer.reload for layer in run.layers if layer.reload != NOTHING}
    return counted, predicted | {f"{load.name} (reload)": activity_of(load, images) for load in reload_counts(planned)}


def activity_of(counts: LayerCounts, images: int) -> Activity:
    return Activity(
        {event: int(count[0]) * images for event, count in counts.events.items()},
        {phase: int(steps[0]) * images for phase, steps in counts.phases.items()},
    )


@pytest.mark.parametrize("seed", range(FAST_SEEDS))
def test_a_simulated_network_counts_what_the_closed_forms_predict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    mapped = random_schedule(rng, network)

    counted, predicted = counted_and_predicted(network, mapped, images=2)

    assert counted == predicted


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 300))
def test_many_simulated_networks_count_what_the_closed_forms_predict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    mapped = random_schedule(rng, network)

    counted, predicted = counted_and_predicted(network, mapped, images=1)

    assert counted == predicted


def test_the_random_designs_map_layers_in_every_way() -> None:
    entries: list[tuple[Layout, DotProductSchedule]] = []
    for seed in range(FAST_SEEDS):
        rng = np.random.default_rng(seed)
        mapped = random_schedule(rng, random_network(rng))
        found = [entry for entry in mapped.stages if isinstance(entry, DotProductSchedule)]
        entries += [(mapped.hardware.layout, entry) for entry in found]

    for words in Layout:
        own = [entry for of, entry in entries if of is words]
        assert any(entry.slices > 1 for entry in own)
        assert any(entry.filters_per_unit > 1 for entry in own)
        assert any(entry.replicas > 1 for entry in own)
        assert any(entry.words_per_slice > entry.words_per_period for entry in own)
        assert any(entry.segments[0].lead for entry in own)
        assert any(len(entry.period) > 1 for entry in own)
