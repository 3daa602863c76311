"""Works out the shape, widths and counts of every layer of a graph, and refuses layers that do not fit together."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.checks import check_fits, check_width
from trackmac.networks.graph import wiring
from trackmac.networks.layer_shape import FeatureMap, LayerShape
from trackmac.networks.layers import (
    INPUT,
    Add,
    AvgPool2d,
    Clip,
    Concat,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Requantize,
)
from trackmac.networks.widths import accumulator_format, sum_format

__all__ = ["MAX_ELEMENTS", "FeatureMap", "LayerShape", "accumulator_format", "layer_shapes", "shape_of"]

MAX_PRODUCT_BITS = 62  # of a word and a fixed-point multiplier, in int64
MAX_ELEMENTS = 1 << 28  # of one layer's output for one image


class LayerGraph(Protocol):
    """What `layer_shapes` reads of a network."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""

    @property
    def input_format(self) -> NumberFormat:
        """Format of the input codes."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, first to last."""


def layer_shapes(network: LayerGraph) -> tuple[LayerShape, ...]:
    """Work out the shape, widths and counts of every layer, first to last; an `IntegerNetwork` keeps them.

    Raises:
        UnsupportedNetworkError: a layer does not fit those that it reads; the message names it.
    """
    maps = {INPUT: FeatureMap(network.input_shape, network.input_format)}
    result: list[LayerShape] = []
    for layer, sources in zip(network.layers, wiring(network.layers), strict=True):
        shape = shape_of(layer, sources, maps)
        result.append(shape)
        maps[layer.name] = FeatureMap(shape.output_shape, shape.output_format)
    return tuple(result)


def shape_of(layer: Layer, sources: tuple[str, ...], maps: Mapping[str, FeatureMap]) -> LayerShape:  # noqa: PLR0911 - a kind each
    """Work out one layer's shape from what it reads.

    Raises:
        UnsupportedNetworkError: it does not fit; the message names it.
    """
    taken = [maps[source] for source in sources]
    match layer:
        case Conv2d() | Linear():
            return _weighted(layer, sources, taken[0])
        case MaxPool2d():
            return _unweighted(
                layer, "max_pool2d", sources, taken[0], _pooled(layer, taken[0], layer.sides), window=layer.kernel
            )
        case AvgPool2d() | GlobalAvgPool():
            return _average(layer, sources, taken[0])
        case ReLU():
            return _unweighted(layer, "relu", sources, taken[0], taken[0])
        case Clip():
            bounds: IntArray = np.array([layer.low, layer.high])
            check_fits(bounds, taken[0].number_format, f"layer {layer.name}: bounds")
            return _unweighted(layer, "clip", sources, taken[0], taken[0], bounds=(layer.low, layer.high))
        case Add():
            return _add(layer, sources, taken)
        case Concat():
            return _unweighted(layer, "concat", sources, taken[0], _concatenated(layer, taken))
        case Requantize():
            return _requantize(layer, sources, taken[0])
        case Flatten():
            flat = FeatureMap((math.prod(taken[0].shape),), taken[0].number_format)
            return _unweighted(layer, "flatten", sources, taken[0], flat)


def _weighted(layer: Conv2d | Linear, sources: tuple[str, ...], taken: FeatureMap) -> LayerShape:
    check_width(taken.number_format, f"layer {layer.name}: inputs (put a Requantize before it):")
    channels_out = layer.weights.shape[0]
    output: tuple[int, ...] = (channels_out,)
    if isinstance(layer, Conv2d):
        output = (channels_out, *_convolved(layer, taken))
    else:
        _expect_axes(layer, taken.shape, 1)
        _expect_channels(layer, taken.shape[0], layer.weights.shape[1])
    _check_size(layer.name, output)
    accumulator = accumulator_format(layer, taken.number_format)
    return LayerShape(
        name=layer.name,
        kind="conv2d" if isinstance(layer, Conv2d) else "linear",
        input_shape=taken.shape,
        output_shape=output,
        macs=math.prod(output) * layer.weights[0].size,
        dot_length=layer.weights[0].size,
        outputs=math.prod(output),
        pixels=math.prod(output[1:]),
        channels_out=channels_out,
        parameters=layer.weights.size + layer.bias.size,
        input_format=taken.number_format,
        weight_format=layer.weight_format,
        output_format=accumulator,
        accumulator_format=accumulator,
        shift=None,
        window=None,
        inputs=sources,
        groups=layer.groups if isinstance(layer, Conv2d) else 1,
        input_zero_point=layer.input_zero_point if isinstance(layer, Conv2d) else 0,
    )


def _convolved(layer: Conv2d, taken: FeatureMap) -> tuple[int, int]:
    _expect_axes(layer, taken.shape, 3)
    _expect_channels(layer, taken.shape[0], layer.weights.shape[1] * layer.groups)
    check_fits(np.array([layer.input_zero_point]), taken.number_format, f"layer {layer.name}: the input zero point")
    return _windows(layer.name, taken.shape, layer.window, layer.stride, layer.sides)


def _pooled(layer: MaxPool2d | AvgPool2d, taken: FeatureMap, sides: tuple[int, int, int, int]) -> FeatureMap:
    _expect_axes(layer, taken.shape, 3)
    size = _windows(layer.name, taken.shape, layer.kernel, layer.stride, sides)
    return FeatureMap((taken.shape[0], *size), taken.number_format)


def _average(layer: AvgPool2d | GlobalAvgPool, sources: tuple[str, ...], taken: FeatureMap) -> LayerShape:
    _expect_axes(layer, taken.shape, 3)
    if isinstance(layer, AvgPool2d):
        shape, window = _pooled(layer, taken, (0, 0, 0, 0)).shape, layer.kernel
    else:
        shape, window = (taken.shape[0], 1, 1), (taken.shape[1], taken.shape[2])
    times, word = math.prod(window), taken.number_format
    sums = sum_format(layer.name, times * word.minimum, times * word.maximum)
    return _unweighted(
        layer, "avg_pool2d", sources, taken, FeatureMap(shape, sums), accumulator_format=sums, window=window
    )


def _add(layer: Add, sources: tuple[str, ...], taken: Sequence[FeatureMap]) -> LayerShape:
    if taken[0].shape != taken[1].shape:
        raise UnsupportedNetworkError(
            f"layer {layer.name}: both inputs must have one shape, but have {list(taken[0].shape)} and "
            f"{list(taken[1].shape)}; make them agree"
        )
    lows = [item.number_format.minimum * times for item, times in zip(taken, layer.multipliers, strict=True)]
    highs = [item.number_format.maximum * times for item, times in zip(taken, layer.multipliers, strict=True)]
    sums = sum_format(layer.name, sum(lows), sum(highs))
    return _unweighted(
        layer,
        "add",
        sources,
        taken[0],
        FeatureMap(taken[0].shape, sums),
        accumulator_format=sums,
        multipliers=layer.multipliers,
    )


def _concatenated(layer: Concat, taken: Sequence[FeatureMap]) -> FeatureMap:
    first = taken[0]
    for other in taken:
        if other.shape[1:] != first.shape[1:] or other.number_format != first.number_format:
            raise UnsupportedNetworkError(
                f"layer {layer.name}: its inputs must agree in all but channels, but are {first.number_format} "
                f"{list(first.shape)} and {other.number_format} {list(other.shape)}; put a Requantize before it"
            )
    output = (sum(item.shape[0] for item in taken), *first.shape[1:])
    _check_size(layer.name, output)
    return FeatureMap(output, first.number_format)


def _requantize(layer: Requantize, sources: tuple[str, ...], taken: FeatureMap) -> LayerShape:
    word = taken.number_format
    check_fits(np.array([layer.input_zero_point]), word, f"layer {layer.name}: the input zero point")
    if len(layer.multiplier) not in (1, taken.shape[0]):
        raise UnsupportedNetworkError(
            f"layer {layer.name}: must have one multiplier or {taken.shape[0]}, one for each channel, "
            f"but has {len(layer.multiplier)}; correct them"
        )
    # x - zero point needs a bit more than x, and a sign
    wide = word.bits + (2 if layer.input_zero_point else 0) + max(layer.multiplier).bit_length() - 1
    if wide - min(layer.shift, 0) > MAX_PRODUCT_BITS:
        what = f"shifted left by {-layer.shift}" if layer.shift < 0 else f"times {max(layer.multiplier)}"
        raise UnsupportedNetworkError(f"layer {layer.name}: {word} {what} passes 62 bits; shift less")
    return _unweighted(
        layer,
        "requantize",
        sources,
        taken,
        FeatureMap(taken.shape, layer.output_format),
        shift=layer.shift,
        multipliers=layer.multiplier,
        input_zero_point=layer.input_zero_point,
        zero_point=layer.zero_point,
    )


def _unweighted(
    layer: Layer,
    kind: str,
    sources: tuple[str, ...],
    taken: FeatureMap,
    given: FeatureMap,
    *,
    accumulator_format: NumberFormat | None = None,
    shift: int | None = None,
    window: tuple[int, int] | None = None,
    multipliers: tuple[int, ...] = (1,),
    input_zero_point: int = 0,
    zero_point: int = 0,
    bounds: tuple[int, int] | None = None,
) -> LayerShape:
    return LayerShape(
        name=layer.name,
        kind=kind,
        input_shape=taken.shape,
        output_shape=given.shape,
        macs=0,
        dot_length=None,
        outputs=math.prod(given.shape),
        pixels=math.prod(given.shape[1:]),
        channels_out=given.shape[0],
        parameters=0,
        input_format=taken.number_format,
        weight_format=None,
        output_format=given.number_format,
        accumulator_format=accumulator_format,
        shift=shift,
        window=window,
        inputs=sources,
        multipliers=multipliers,
        input_zero_point=input_zero_point,
        zero_point=zero_point,
        bounds=bounds,
    )


def _windows(
    name: str,
    shape: tuple[int, ...],
    window: tuple[int, int],
    stride: tuple[int, int],
    sides: tuple[int, int, int, int],
) -> tuple[int, int]:
    size = (shape[1] + sides[0] + sides[2], shape[2] + sides[1] + sides[3])
    if window[0] > size[0] or window[1] > size[1]:
        raise UnsupportedNetworkError(
            f"layer {name}: a {window[0]}x{window[1]} window does not fit a {size[0]}x{size[1]} map; "
            "use a smaller window or more padding"
        )
    return (size[0] - window[0]) // stride[0] + 1, (size[1] - window[1]) // stride[1] + 1


def _expect_channels(layer: Layer, found: int, expected: int) -> None:
    if found != expected:
        raise UnsupportedNetworkError(
            f"layer {layer.name}: its weights take {expected} input channels, but get {found}; make them agree"
        )


def _expect_axes(layer: Layer, shape: tuple[int, ...], axes: int) -> None:
    if len(shape) != axes:
        form = "[channels, height, width]" if axes == 3 else "[features]"
        raise UnsupportedNetworkError(
            f"layer {layer.name}: its input must be {form}, but has shape {list(shape)}; "
            "put a Flatten before linear layers, and only there"
        )


def _check_size(name: str, output: tuple[int, ...]) -> None:
    if math.prod(output) > MAX_ELEMENTS:
        raise UnsupportedNetworkError(
            f"layer {name}: one image may have {MAX_ELEMENTS} outputs, but has {math.prod(output)}; use less padding"
        )
