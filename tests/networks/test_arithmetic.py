"""Every layer against its definition, written in plain Python integers, and against onnxruntime's integer operators."""

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks import (
    Add,
    AvgPool2d,
    Clip,
    Concat,
    Conv2d,
    GlobalAvgPool,
    MaxPool2d,
    Requantize,
)
from trackmac.networks.arithmetic import apply_layer

INT8, UINT8 = NumberFormat(8, is_signed=True), NumberFormat(8, is_signed=False)


def random_conv(seed: int, channels: tuple[int, int], groups: int = 1, **changes: Any) -> Conv2d:
    rng = np.random.default_rng(seed)
    shape = (channels[1], channels[0] // groups, int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    return Conv2d(
        name="conv",
        weights=rng.integers(-128, 127, size=shape, endpoint=True),
        bias=rng.integers(-5000, 5000, size=channels[1]),
        weight_format=INT8,
        groups=groups,
        **changes,
    )


def naive_conv(layer: Conv2d, x: IntArray) -> IntArray:
    """One image, by the definition."""
    top, left, bottom, right = layer.sides
    height, width = x.shape[1] + top + bottom, x.shape[2] + left + right
    rows, columns = (height - layer.window[0]) // layer.stride[0] + 1, (width - layer.window[1]) // layer.stride[1] + 1
    taken, given = x.shape[0] // layer.groups, len(layer.weights) // layer.groups
    result = np.zeros((len(layer.weights), rows, columns), dtype=np.int64)
    for channel, row, column in itertools.product(range(len(layer.weights)), range(rows), range(columns)):
        total = int(layer.bias[channel])
        for k, j, i in itertools.product(range(taken), range(layer.kernel[0]), range(layer.kernel[1])):
            y = row * layer.stride[0] + j * layer.dilation[0] - top
            z = column * layer.stride[1] + i * layer.dilation[1] - left
            inside = 0 <= y < x.shape[1] and 0 <= z < x.shape[2]
            code = int(x[channel // given * taken + k, y, z]) if inside else layer.input_zero_point
            total += int(layer.weights[channel, k, j, i]) * code
        result[channel, row, column] = total
    return result


CONVOLUTIONS = [
    {},
    {"stride": (2, 1)},
    {"dilation": (3, 2)},
    {"groups": 2},
    {"groups": 6},
    {"groups": 3, "stride": (2, 3), "dilation": (2, 1), "input_zero_point": 77},
]


def with_sides(seed: int, channels: tuple[int, int], changes: dict[str, Any]) -> Conv2d:
    """Return a convolution with as much padding on each side, at random, as its kernel allows."""
    plain = random_conv(seed, channels, **changes)
    rng = np.random.default_rng(seed)
    sides = tuple(int(rng.integers(0, plain.window[axis % 2])) for axis in range(4))
    return random_conv(seed, channels, padding=sides, **changes)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("changes", CONVOLUTIONS, ids=str)
def test_a_convolution_is_what_its_definition_says(changes: dict[str, Any], seed: int) -> None:
    layer = with_sides(seed, (6, 12), changes)
    x = np.random.default_rng(seed).integers(0, 255, size=(2, 6, 9, 8), endpoint=True)

    result = apply_layer(layer, x)

    np.testing.assert_array_equal(result, [naive_conv(layer, image) for image in x])


def onnxruntime_result(operator: str, arrays: dict[str, NDArray[Any]], **attributes: Any) -> NDArray[Any]:
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in arrays.items()
    ]
    result = helper.make_tensor_value_info("y", TensorProto.INT32, None)
    graph = helper.make_graph([helper.make_node(operator, list(arrays), ["y"], **attributes)], "g", inputs, [result])
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, arrays)[0])


@pytest.mark.parametrize("changes", CONVOLUTIONS, ids=str)
def test_a_convolution_is_what_onnxruntime_computes(changes: dict[str, Any]) -> None:
    layer = with_sides(7, (6, 12), changes)
    x = np.random.default_rng(7).integers(0, 255, size=(2, 6, 11, 10), endpoint=True)
    zero = layer.input_zero_point
    folded = layer.bias - zero * layer.weights.sum(axis=(1, 2, 3))
    layer = random_conv(7, (6, 12), padding=layer.sides, **changes)

    theirs = onnxruntime_result(
        "ConvInteger",
        {
            "x": x.astype(np.uint8),
            "w": (layer.weights + 128).astype(np.uint8),
            "xz": np.array(zero, dtype=np.uint8),
            "wz": np.array(128, dtype=np.uint8),
        },
        pads=list(layer.sides),
        strides=list(layer.stride),
        dilations=list(layer.dilation),
        group=layer.groups,
    )

    ours = apply_layer(layer, x) - layer.bias[:, None, None] + folded[:, None, None]
    np.testing.assert_array_equal(ours, theirs + layer.bias[:, None, None])


@pytest.mark.parametrize("sides", [(0, 0, 0, 0), (1, 0, 0, 2), (1, 1, 1, 1)])
def test_max_pooling_never_takes_the_padding(sides: tuple[int, int, int, int]) -> None:
    layer = MaxPool2d(name="pool", kernel=(2, 3), stride=(2, 1), padding=sides)
    x = np.random.default_rng(0).integers(-100, -1, size=(2, 3, 6, 5))

    result = apply_layer(layer, x)

    for place in np.ndindex(result.shape):
        image, channel, row, column = place
        y, z = row * 2 - sides[0], column - sides[1]
        window = x[image, channel, max(y, 0) : y + 2, max(z, 0) : z + 3]
        assert result[place] == window.max()


def test_average_pooling_sums_each_window() -> None:
    x = np.random.default_rng(0).integers(0, 255, size=(2, 3, 7, 6))

    result = apply_layer(AvgPool2d(name="pool", kernel=(3, 2), stride=(2, 2)), x)

    assert result.shape == (2, 3, 3, 3)
    for image, channel, row, column in np.ndindex(result.shape):
        window = x[image, channel, 2 * row : 2 * row + 3, 2 * column : 2 * column + 2]
        assert result[image, channel, row, column] == window.sum()


def test_global_average_pooling_sums_each_channel() -> None:
    x = np.random.default_rng(0).integers(0, 255, size=(2, 3, 7, 6))

    result = apply_layer(GlobalAvgPool(name="pool"), x)

    assert result.tolist() == [[[[int(channel.sum())]] for channel in image] for image in x]


def test_addition_brings_both_inputs_to_one_scale() -> None:
    a, b = np.array([[1, -2, 3]]), np.array([[10, 20, 30]])

    assert apply_layer(Add(name="add", inputs=("a", "b")), a, b).tolist() == [[11, 18, 33]]
    assert apply_layer(Add(name="add", inputs=("a", "b"), multipliers=(5, 2)), a, b).tolist() == [[25, 30, 75]]


def test_concatenation_joins_channels_and_clip_keeps_its_bounds() -> None:
    a, b = np.zeros((1, 2, 2, 2), dtype=np.int64), np.ones((1, 1, 2, 2), dtype=np.int64)

    joined = apply_layer(Concat(name="concat", inputs=("a", "b")), a, b)

    assert joined[0, :, 0, 0].tolist() == [0, 0, 1]
    assert apply_layer(Clip(name="clip", low=3, high=6), np.arange(9)[None]).tolist() == [[3, 3, 3, 3, 4, 5, 6, 6, 6]]


@pytest.mark.parametrize("seed", range(20))
def test_requantising_multiplies_rounds_half_to_even_adds_the_zero_point_and_clamps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    word = NumberFormat(int(rng.integers(2, 9)), is_signed=bool(rng.integers(2)))
    layer = Requantize(
        name="q",
        shift=int(rng.integers(-3, 30)),
        output_format=word,
        multiplier=tuple(int(value) for value in rng.integers(0, 1 << int(rng.integers(2, 17)), size=3)),
        input_zero_point=int(rng.integers(0, 200)),
        zero_point=int(rng.integers(word.minimum, word.maximum, endpoint=True)),
    )
    x = rng.integers(-(1 << 20), 1 << 20, size=(4, 3, 5, 2))

    result = apply_layer(layer, x)

    for place in np.ndindex(x.shape):
        product = (int(x[place]) - layer.input_zero_point) * layer.multiplier[place[1]]
        exact = round(product / Fraction(2) ** layer.shift) + layer.zero_point  # Python rounds half to even
        assert result[place] == min(max(exact, word.minimum), word.maximum)


def test_a_multiplier_of_features_is_one_for_each_feature() -> None:
    layer = Requantize(name="q", shift=1, output_format=UINT8, multiplier=(1, 2, 3))

    assert apply_layer(layer, np.array([[10, 10, 10], [20, 20, 20]])).tolist() == [[5, 10, 15], [10, 20, 30]]
