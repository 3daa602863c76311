"""Two roads to what a graph of layers costs and wears: branches, sums, averages, rewriting on its own."""

import numpy as np
import pytest
from tests.agreement.test_inference_equals_closed_form import CLASSES, counted_and_predicted, random_schedule
from tests.agreement.test_wear_equals_closed_form import check

from trackmac.bits import IntArray, NumberFormat
from trackmac.mapping import DotProductSchedule, DotProductStage, ElementSchedule, ElementStage, stages_of
from trackmac.networks import (
    Add,
    AvgPool2d,
    Clip,
    Concat,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    IntegerNetwork,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Requantize,
    layer_shapes,
)

SEEDS = 16


class Graph:
    """Layers so far, as `layer_shapes` reads them, of random formats."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.input_shape = (int(rng.integers(1, 4)), int(rng.integers(4, 7)), int(rng.integers(4, 7)))
        self.input_format = NumberFormat(int(rng.integers(2, 6)), bool(rng.integers(2)))
        self.layers: tuple[Layer, ...] = ()

    @property
    def name(self) -> str:
        return self.layers[-1].name

    def add(self, layer: Layer) -> str:
        self.layers = (*self.layers, layer)
        return layer.name

    def weights(self, *shape: int) -> tuple[IntArray, NumberFormat]:
        words = NumberFormat(int(self.rng.integers(2, 5)), is_signed=True)
        return self.rng.integers(words.minimum, words.maximum + 1, shape), words

    def rewritten(self, number: int, output: NumberFormat | None = None) -> str:
        """Rectify or not, and requantise: by a shift or by multipliers as well, with and without a zero point."""
        way, word = self.rng.integers(3), layer_shapes(self)[-1].output_format
        if way == 0:
            self.add(ReLU(name=f"relu{number}"))
        elif way == 1:
            low, high = sorted(self.rng.integers(word.minimum, word.maximum + 1, 2).tolist())
            self.add(Clip(name=f"clip{number}", low=low, high=high))
        words = NumberFormat(int(self.rng.integers(2, 7)), bool(self.rng.integers(2)))
        words = output or words
        zero_point = int(self.rng.integers(max(word.minimum, -99), min(word.maximum, 99) + 1))
        channels = layer_shapes(self)[-1].channels_out
        count = int(self.rng.choice([0, 1, channels]))
        multiplier = tuple(self.rng.integers(1, 1 << 7, count).tolist()) or (1,)
        return self.add(
            Requantize(
                name=f"requantize{number}",
                shift=int(self.rng.integers(-1, 5)) + 6 * (count > 0),
                output_format=words,
                multiplier=multiplier,
                input_zero_point=zero_point * int(self.rng.integers(2)),
                zero_point=int(self.rng.integers(words.minimum, words.maximum + 1)) * int(self.rng.integers(2)),
            )
        )

    def convolved(self, number: int, source: str, channels: tuple[int, int]) -> str:
        """Append a convolution that keeps height and width."""
        weights, words = self.weights(channels[1], channels[0], 3, 1)
        return self.add(
            Conv2d(
                name=f"conv{number}",
                inputs=(source,),
                weights=weights,
                bias=self.rng.integers(-9, 10, channels[1]),
                weight_format=words,
                padding=(1, 0),
            )
        )

    def network(self) -> IntegerNetwork:
        """Append a linear layer."""
        features = layer_shapes(self)[-1].outputs
        weights, words = self.weights(CLASSES, features)
        self.add(Linear(name="linear", weights=weights, bias=self.rng.integers(-9, 9, CLASSES), weight_format=words))
        return IntegerNetwork(
            name="graph",
            input_shape=self.input_shape,
            input_format=self.input_format,
            input_exponent=-3,
            layers=self.layers,
            classes=CLASSES,
            is_trained=False,
        )


def random_multipliers(rng: np.random.Generator) -> tuple[int, int]:
    """Return multipliers of every kind: equal, powers of two, one of them or both general, one of them 0."""
    pairs = [(1, 1), (1, 8), (4, 2), (7, 1), (2, 23), (3, 11), (13, 13), (0, 5), (16, 0)]
    general = (int(rng.integers(1, 1 << 15)), int(rng.integers(1, 1 << 15)))
    return general if rng.integers(3) == 0 else pairs[int(rng.integers(len(pairs)))]


def random_graph(rng: np.random.Generator) -> IntegerNetwork:
    """Return a residual block, a concatenation, pooling of every kind and rewriting of stored words."""
    graph = Graph(rng)
    channels, width = graph.input_shape[0], int(rng.integers(1, 5))
    output = NumberFormat(int(rng.integers(2, 6)), bool(rng.integers(2)))
    graph.convolved(1, "input", (channels, width))
    if rng.integers(2):
        graph.rewritten(1)
    shortcut = graph.name
    graph.add(Requantize(name="narrowed", inputs=(shortcut,), shift=1, output_format=output))
    graph.convolved(2, "narrowed", (width, width))
    branch = graph.rewritten(2) if rng.integers(2) else graph.name
    graph.add(Add(name="add", inputs=(branch, shortcut), multipliers=random_multipliers(rng)))
    graph.rewritten(3, output)
    graph.add(Concat(name="concat", inputs=(graph.name, "narrowed")))
    if rng.integers(2):
        graph.add(MaxPool2d(name="max", kernel=(2, 2), stride=(1, 2), padding=(1, 0)))
        if rng.integers(2):
            graph.rewritten(4)
    graph.add(ReLU(name="again"))
    if rng.integers(2):
        graph.add(AvgPool2d(name="average", kernel=(2, 2), stride=(1, 2)))
    else:
        graph.add(GlobalAvgPool(name="average"))
    graph.rewritten(5)
    graph.add(Flatten(name="flatten"))
    return graph.network()


def random_groups(rng: np.random.Generator) -> IntegerNetwork:
    """Return convolutions in groups, depthwise ones too, dilated, padded unevenly around a zero point."""
    graph = Graph(rng)
    groups = int(rng.integers(2, 5))
    graph.convolved(1, "input", (graph.input_shape[0], groups * int(rng.integers(1, 5))))
    graph.rewritten(1)
    before = layer_shapes(graph)[-1]
    weights, words = graph.weights(groups * int(rng.integers(1, 4)), before.channels_out // groups, 2, 3)
    low, high = before.output_format.minimum, before.output_format.maximum
    graph.add(
        Conv2d(
            name="grouped",
            weights=weights,
            bias=rng.integers(-9, 10, len(weights)),
            weight_format=words,
            groups=groups,
            stride=(1, 2),
            dilation=(2, 1),
            padding=(2, 0, 1, 1),
            input_zero_point=int(rng.integers(low, high + 1)),
        )
    )
    graph.rewritten(2)
    graph.add(Flatten(name="flatten"))
    return graph.network()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_simulated_groups_count_and_wear_what_the_closed_forms_predict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_groups(rng)
    mapped = random_schedule(rng, network)

    counted, predicted = counted_and_predicted(network, mapped, images=2)

    assert counted == predicted
    check(network, mapped)


def test_the_random_groups_share_units_and_have_slices() -> None:
    entries = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        network = random_groups(rng)
        stages = random_schedule(rng, network).stages
        entries += [item for item in stages if isinstance(item, DotProductSchedule) and item.stage.dot.groups > 1]

    assert any(entry.slices > 1 for entry in entries)
    assert any(entry.stage.filters_per_group == 1 for entry in entries)
    assert any(1 < entry.filters_per_unit < entry.stage.filters_per_group for entry in entries)
    assert any(entry.filters_per_unit > entry.stage.filters_per_group for entry in entries)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_simulated_graph_counts_what_the_closed_forms_predict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_graph(rng)

    counted, predicted = counted_and_predicted(network, random_schedule(rng, network), images=2)

    assert counted == predicted


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_simulated_graph_wears_what_the_closed_forms_predict(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_graph(rng)

    check(network, random_schedule(rng, network))


def test_the_random_graphs_have_stages_of_every_kind() -> None:
    heads = set()
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        mapped = random_schedule(rng, random_graph(rng))
        elements = [entry.stage for entry in mapped.stages if isinstance(entry, ElementSchedule)]
        heads |= {(stage.head.kind, bool(stage.in_place), stage.requantize is not None) for stage in elements}

    for kind in ("add", "avg_pool2d", "max_pool2d"):
        assert (kind, True) in {(head, is_rewritten) for head, is_rewritten, _ in heads}
        assert (kind, True) in {(head, is_requantized) for head, _, is_requantized in heads}
    assert ("requantize", False, True) in heads
    assert ("relu", True, False) in heads


def test_the_random_graphs_requantise_in_every_way() -> None:
    ways, clipped = set(), []
    for seed in range(SEEDS):
        network = random_graph(np.random.default_rng(seed))
        for stage in stages_of(layer_shapes(network)):
            clipped.append(any(layer.kind == "clip" for layer in stage.in_place))
            if stage.requantize is not None and stage.rescaling is not None:
                count = len(stage.requantize.multipliers) if stage.rescaling.multiplier_bits else 0
                ways.add((type(stage), min(count, 2), stage.rescaling.zero_point != 0))

    assert any(clipped)
    for kind in (DotProductStage, ElementStage):
        assert {(of, count) for of, count, _ in ways} >= {(kind, 0), (kind, 1), (kind, 2)}
        assert (kind, True) in {(of, has_zero_point) for of, _, has_zero_point in ways}
