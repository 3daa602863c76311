"""Shapes, widths and counts of every layer: all that a cost model needs, without the weights."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trackmac.bits import NumberFormat, bits_for_range
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize, check_width

MAX_ACCUMULATOR_BITS = 53  # float64 matrix products are exact up to there
MAX_ELEMENTS = 1 << 28  # of one layer's output for one image


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerShape:
    """What one layer does to one image, in numbers; None where a field does not apply to the kind of layer."""

    name: str
    kind: str
    """conv2d, linear, max_pool2d, relu, requantize or flatten."""
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    macs: int
    """Multiply-accumulates for one image, positions in the padding counted; 0 where there are no weights."""
    dot_length: int | None
    """Products summed into one output: C_in * kernel height * kernel width."""
    outputs: int
    """Output elements for one image: `pixels` * `channels_out`."""
    pixels: int
    channels_out: int
    parameters: int
    """Weights and biases; 0 where there are none."""
    input_format: NumberFormat
    weight_format: NumberFormat | None
    output_format: NumberFormat
    accumulator_format: NumberFormat | None
    """Holds every partial sum of a conv2d or linear layer, in any order, for any input."""
    shift: int | None
    """Of a requantize layer."""
    window: tuple[int, int] | None
    """Height and width of a max_pool2d layer's window."""


class LayerChain(Protocol):
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


def layer_shapes(network: LayerChain) -> tuple[LayerShape, ...]:
    """Return the shape, widths and counts of every layer, first to last.

    Raises:
        UnsupportedNetworkError: a layer does not fit the one before it; the message names it.
    """
    result: list[LayerShape] = []
    shape: tuple[int, ...] = network.input_shape
    number_format = network.input_format
    for layer in network.layers:
        result.append(_layer_shape(layer, shape, number_format))
        shape, number_format = result[-1].output_shape, result[-1].output_format
    return tuple(result)


def accumulator_format(layer: Conv2d | Linear, input_format: NumberFormat) -> NumberFormat:
    """Return the narrowest signed format that holds every partial sum of `layer`, whatever the input and the order.

    For output channel c the sums lie in min(0, b_c) + sum_k min(0, w_ck x_min, w_ck x_max) ..
    max(0, b_c) + sum_k max(0, w_ck x_min, w_ck x_max), and inputs reach both ends. A single product fits as well:
    at least input bits + weight bits.
    """
    weights = layer.weights.reshape(layer.weights.shape[0], -1)
    products = np.stack([weights * input_format.minimum, weights * input_format.maximum])
    low = np.minimum(products.min(axis=0), 0).sum(axis=1) + np.minimum(layer.bias, 0)
    high = np.maximum(products.max(axis=0), 0).sum(axis=1) + np.maximum(layer.bias, 0)
    bits = bits_for_range(int(low.min()), int(high.max()), is_signed=True)
    return NumberFormat(max(bits, input_format.bits + layer.weight_format.bits), is_signed=True)


def _layer_shape(layer: Layer, shape: tuple[int, ...], number_format: NumberFormat) -> LayerShape:
    match layer:
        case Conv2d() | Linear():
            return _weighted(layer, shape, number_format)
        case MaxPool2d():
            _expect_axes(layer, shape, 3)
            output = (shape[0], *_windows(layer.name, (shape[1], shape[2]), layer.kernel, layer.stride))
            return _unweighted(layer, "max_pool2d", shape, output, number_format, window=layer.kernel)
        case ReLU():
            return _unweighted(layer, "relu", shape, shape, number_format)
        case Requantize():
            if number_format.bits - layer.shift > 62:
                raise UnsupportedNetworkError(
                    f"layer {layer.name}: {number_format} shifted left by {-layer.shift} passes 62 bits; shift less"
                )
            result = layer.output_format
            return _unweighted(
                layer, "requantize", shape, shape, number_format, output_format=result, shift=layer.shift
            )
        case Flatten():
            return _unweighted(layer, "flatten", shape, (math.prod(shape),), number_format)


def _weighted(layer: Conv2d | Linear, shape: tuple[int, ...], number_format: NumberFormat) -> LayerShape:
    check_width(number_format, f"layer {layer.name}: inputs (put a Requantize before it):")
    _expect_axes(layer, shape, 3 if isinstance(layer, Conv2d) else 1)
    channels_out, channels_in = layer.weights.shape[:2]
    if shape[0] != channels_in:
        raise UnsupportedNetworkError(
            f"layer {layer.name}: its weights take {channels_in} input channels, but get {shape[0]}; make them agree"
        )
    output: tuple[int, ...] = (channels_out,)
    if isinstance(layer, Conv2d):
        padded = (shape[1] + 2 * layer.padding[0], shape[2] + 2 * layer.padding[1])
        kernel = (layer.weights.shape[2], layer.weights.shape[3])
        output = (channels_out, *_windows(layer.name, padded, kernel, layer.stride))
    _check_size(layer.name, output)
    accumulator = accumulator_format(layer, number_format)
    if accumulator.bits > MAX_ACCUMULATOR_BITS:
        raise UnsupportedNetworkError(
            f"layer {layer.name}: accumulators may have {MAX_ACCUMULATOR_BITS} bits, but need {accumulator.bits}; "
            "use fewer inputs or bits"
        )
    return LayerShape(
        name=layer.name,
        kind="conv2d" if isinstance(layer, Conv2d) else "linear",
        input_shape=shape,
        output_shape=output,
        macs=math.prod(output) * (layer.weights.size // channels_out),
        dot_length=layer.weights.size // channels_out,
        outputs=math.prod(output),
        pixels=math.prod(output[1:]),
        channels_out=channels_out,
        parameters=layer.weights.size + layer.bias.size,
        input_format=number_format,
        weight_format=layer.weight_format,
        output_format=accumulator,
        accumulator_format=accumulator,
        shift=None,
        window=None,
    )


def _unweighted(
    layer: Layer,
    kind: str,
    shape: tuple[int, ...],
    output_shape: tuple[int, ...],
    input_format: NumberFormat,
    *,
    output_format: NumberFormat | None = None,
    shift: int | None = None,
    window: tuple[int, int] | None = None,
) -> LayerShape:
    return LayerShape(
        name=layer.name,
        kind=kind,
        input_shape=shape,
        output_shape=output_shape,
        macs=0,
        dot_length=None,
        outputs=math.prod(output_shape),
        pixels=math.prod(output_shape[1:]),
        channels_out=output_shape[0],
        parameters=0,
        input_format=input_format,
        weight_format=None,
        output_format=output_format or input_format,
        accumulator_format=None,
        shift=shift,
        window=window,
    )


def _windows(name: str, size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    if kernel[0] > size[0] or kernel[1] > size[1]:
        raise UnsupportedNetworkError(
            f"layer {name}: a {kernel[0]}x{kernel[1]} window does not fit a {size[0]}x{size[1]} map; "
            "use a smaller window or more padding"
        )
    return (size[0] - kernel[0]) // stride[0] + 1, (size[1] - kernel[1]) // stride[1] + 1


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
