import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.errors import UnsupportedNetworkError
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
    ReLU,
    Requantize,
)
from trackmac.networks.graph import wiring

INT4, UINT4 = NumberFormat(4, is_signed=True), NumberFormat(4, is_signed=False)


def conv(name: str, channels: tuple[int, int], *inputs: str, groups: int = 1) -> Conv2d:
    rng = np.random.default_rng(channels[1])
    return Conv2d(
        name=name,
        inputs=inputs,
        weights=rng.integers(-7, 7, size=(channels[1], channels[0] // groups, 3, 3), endpoint=True),
        bias=rng.integers(-100, 100, size=channels[1]),
        weight_format=INT4,
        padding=(1, 1),
        groups=groups,
    )


def quantize(name: str, *inputs: str, shift: int = 6) -> Requantize:
    return Requantize(name=name, inputs=inputs, shift=shift, output_format=UINT4)


def linear(features: int) -> Linear:
    weights = np.ones((2, features), dtype=np.int64)
    return Linear(name="fc", weights=weights, bias=np.zeros(2, dtype=np.int64), weight_format=INT4)


RESIDUAL: tuple[Layer, ...] = (
    conv("a", (3, 6)),
    quantize("a_q"),
    conv("b", (6, 6), groups=6),
    quantize("b_q", shift=4),
    Add(name="add", inputs=("b_q", "a_q"), multipliers=(1, 2)),
    ReLU(name="relu"),
    quantize("add_q", shift=1),
    Concat(name="concat", inputs=("add_q", "a_q", "input")),
    GlobalAvgPool(name="pool"),
    quantize("pool_q"),
    Clip(name="clip", low=1, high=14),
    Flatten(name="flatten"),
    linear(15),
)


def network_of(*layers: Layer) -> IntegerNetwork:
    return IntegerNetwork(
        name="graph",
        input_shape=(3, 8, 8),
        input_format=UINT4,
        input_exponent=-4,
        layers=layers,
        classes=2,
        is_trained=False,
    )


def test_layers_read_those_that_they_name_or_the_one_before() -> None:
    assert dict(zip([layer.name for layer in RESIDUAL], wiring(RESIDUAL), strict=True)) == {
        "a": ("input",),
        "a_q": ("a",),
        "b": ("a_q",),
        "b_q": ("b",),
        "add": ("b_q", "a_q"),
        "relu": ("add",),
        "add_q": ("relu",),
        "concat": ("add_q", "a_q", "input"),
        "pool": ("concat",),
        "pool_q": ("pool",),
        "clip": ("pool_q",),
        "flatten": ("clip",),
        "fc": ("flatten",),
    }


def test_branches_join_where_the_graph_says() -> None:
    network = network_of(*RESIDUAL)
    x = np.random.default_rng(0).integers(0, 15, size=(3, 3, 8, 8), endpoint=True)

    outputs = dict(zip([layer.name for layer in RESIDUAL], network.forward(x), strict=True))

    np.testing.assert_array_equal(outputs["add"], outputs["b_q"] + 2 * outputs["a_q"])
    np.testing.assert_array_equal(outputs["concat"], np.concatenate([outputs["add_q"], outputs["a_q"], x], axis=1))
    np.testing.assert_array_equal(outputs["pool"][:, :, 0, 0], outputs["concat"].sum(axis=(2, 3)))


def test_logits_are_those_of_the_forward_pass_though_intermediate_outputs_are_forgotten() -> None:
    network = network_of(*RESIDUAL)
    images = np.random.default_rng(0).integers(0, 256, size=(5, 8, 8, 3), dtype=np.uint8)

    logits = network.logits(images)

    assert len(np.unique(logits)) > 1
    np.testing.assert_array_equal(logits, network.forward(network.quantize_images(images))[-1])


def test_shapes_tell_kinds_formats_and_wiring() -> None:
    shapes = {shape.name: shape for shape in network_of(*RESIDUAL).shapes}

    assert [shapes[name].kind for name in ("b", "add", "concat", "pool", "clip")] == [
        "conv2d",
        "add",
        "concat",
        "avg_pool2d",
        "clip",
    ]
    assert (shapes["b"].groups, shapes["b"].dot_length, shapes["b"].macs) == (6, 9, 6 * 64 * 9)
    assert shapes["add"].output_format == NumberFormat(6, is_signed=False)  # 15 + 2 * 15 = 45
    assert shapes["add"].multipliers == (1, 2)
    assert shapes["concat"].output_shape == (15, 8, 8)
    assert shapes["concat"].inputs == ("add_q", "a_q", "input")
    assert shapes["pool"].output_format == NumberFormat(10, is_signed=False)  # 64 * 15 = 960
    assert shapes["pool"].window == (8, 8)


@pytest.mark.parametrize("is_signed", [False, True])
def test_sums_reach_the_ends_of_their_format_and_no_further(is_signed: bool) -> None:
    word = NumberFormat(3, is_signed=is_signed)
    layers = (
        Requantize(name="q", inputs=("input",), shift=0, output_format=word),
        AvgPool2d(name="pool", kernel=(3, 3), stride=(1, 1)),
        Requantize(name="pool_q", shift=0, output_format=word),
        Add(name="add", inputs=("pool_q", "pool_q"), multipliers=(3, 5)),
        Requantize(name="add_q", shift=3, output_format=word),
        Flatten(name="flatten"),
        linear(3 * 36),
    )
    shapes = {shape.name: shape for shape in network_of(*layers).shapes}

    for name, times in (("pool", 9), ("add", 8)):
        least, greatest = times * word.minimum, times * word.maximum
        sums = shapes[name].output_format
        narrower = NumberFormat(sums.bits - 1, sums.is_signed)
        assert sums.minimum <= least
        assert greatest <= sums.maximum
        assert least < narrower.minimum or greatest > narrower.maximum


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((conv("a", (3, 6), "b"),), "layer a: reads 'b', which is no layer before it"),
        ((conv("a", (3, 6)), conv("a", (6, 6))), "layer a: the name is used 2 times"),
        ((conv("input", (3, 6)),), "layer input: the name is used 2 times"),
        ((conv("a", (3, 6)), conv("b", (3, 6), "input")), "layer a: nothing reads its output"),
        ((conv("a", (3, 6)), Add(name="add", inputs=("a",))), "layer add: must have two inputs, but has 1"),
        ((conv("a", (3, 6)), Concat(name="cat", inputs=())), "layer cat: must have two inputs, but has 1"),
        ((conv("a", (3, 6), "input", "input"),), "layer a: must have one input, but has 2"),
        ((conv("a", (3, 6)), Add(name="add", inputs=("a", "input"))), "layer add: both inputs must have one shape"),
        ((conv("a", (3, 6)), Concat(name="c", inputs=("a", "input"))), "layer c: its inputs must agree in all but"),
        ((conv("a", (3, 6)),), "layer fc: inputs .put a Requantize before it.: must have 2 to 8 bits"),
        ((conv("a", (6, 6), groups=2),), "layer a: its weights take 6 input channels, but get 3"),
        ((Clip(name="clip", low=0, high=16), conv("a", (3, 6))), r"layer clip: bounds must be within 0\.\.15"),
        (
            (Requantize(name="q", shift=0, output_format=UINT4, multiplier=(1, 2)), conv("a", (3, 6))),
            "layer q: must have one multiplier or 3",
        ),
    ],
)
def test_a_graph_that_does_not_fit_together_is_refused_by_name(layers: tuple[Layer, ...], message: str) -> None:
    with pytest.raises(UnsupportedNetworkError, match=message):
        network_of(*layers, linear(6))


def test_a_predicted_class_is_the_one_worth_most_not_the_one_of_most_steps() -> None:
    weights = np.array([[1], [2]])
    layers = (
        Flatten(name="flatten"),
        Linear(name="fc", weights=weights, bias=np.zeros(2, dtype=np.int64), weight_format=INT4),
    )
    network = IntegerNetwork(
        name="scaled",
        input_shape=(1, 1, 1),
        input_format=UINT4,
        input_exponent=-4,
        layers=layers,
        classes=2,
        is_trained=False,
        logit_scales=(0.5, 0.2),
    )

    assert network.predict(np.full((1, 1, 1), 255, dtype=np.uint8)).tolist() == [0]


def test_an_input_scale_and_zero_point_turn_images_into_codes() -> None:
    network = IntegerNetwork(
        name="scaled",
        input_shape=(1, 16, 16),
        input_format=NumberFormat(8, is_signed=True),
        input_exponent=0,
        input_unit=0.00391,
        input_zero_point=-128,
        layers=(Flatten(name="flatten"), linear(256)),
        classes=2,
        is_trained=False,
    )
    every_pixel = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)

    codes = network.quantize_images(every_pixel).ravel()

    assert codes.tolist() == [min(round(pixel / 255 / 0.00391) - 128, 127) for pixel in range(256)]
