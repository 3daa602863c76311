"""Reads what multiplies by constants: Conv, Gemm, MatMul, and the scales and offsets of channels behind them."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat, bits_for_range
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.checks import MAX_BITS, MAX_WEIGHT_BITS, MIN_BITS
from trackmac.networks.layers import Conv2d, Linear
from trackmac.networks.onnx_builder import one_scale, scaled
from trackmac.networks.onnx_context import Context, expect, integer
from trackmac.networks.onnx_file import Node, printable
from trackmac.networks.onnx_tensors import Codes, QuantizedConstant, Scales, Tensor, exponent_and_unit
from trackmac.networks.onnx_windows import numbers

TOO_LARGE = 1 << 40  # of a bias


def conv(context: Context, node: Node) -> Tensor:
    """Read a convolution."""
    taken = context.plain(node, may_be_padded=True)
    scale = one_scale(taken, node)
    weights = _weights(context, node, axis=0, axes=4)
    expect(node, kernel_shape=tuple(weights.codes.shape[2:]))
    scales = scaled((scale,), weights.scales)
    stride, dilation = numbers(node, "strides", (1, 1)), numbers(node, "dilations", (1, 1))
    height, width = ((size - 1) * step + 1 for size, step in zip(weights.codes.shape[2:], dilation, strict=True))
    layer = Conv2d(
        name=context.builder.free_name(node.name),
        inputs=(taken.layer,),
        weights=weights.codes,
        bias=_bias(context, node, scales, weights.codes, taken.zero_point),
        weight_format=_weight_format(context, node, weights),
        weight_exponent=_exponent(weights.scales),
        stride=(stride[0], stride[1]),
        padding=context.sides(node, taken, (height, width)),
        dilation=(dilation[0], dilation[1]),
        groups=integer(node, "group", 1),
        input_zero_point=taken.zero_point,
    )
    return Codes(layer=context.builder.add(layer), scales=scales, zero_point=0)


def gemm(context: Context, node: Node) -> Tensor:
    """Read a linear layer with a bias."""
    expect(node, alpha=1.0, beta=1.0, transA=0)
    is_transposed = integer(node, "transB", 0) == 1
    return _linear(context, node, is_transposed=is_transposed)


def matmul(context: Context, node: Node) -> Tensor:
    """Read a linear layer without a bias."""
    return _linear(context, node, is_transposed=False)


def batch_normalization(context: Context, node: Node) -> Tensor:
    """Fold a normalisation of channels into the convolution or linear layer before it."""
    gamma, beta, mean, variance = (context.constant(node, place).astype(np.float64) for place in range(1, 5))
    epsilon = node.attributes.get("epsilon", 1e-5)
    factor = gamma / np.sqrt(variance + (float(epsilon) if isinstance(epsilon, int | float) else 1e-5))
    return channel_affine(context, node, factor, beta - mean * factor)


def channel_affine(
    context: Context, node: Node, factor: NDArray[np.float64], offset: NDArray[np.float64], place: int = 0
) -> Tensor:
    """Fold y = x * factor + offset into the layer before; numbers for all channels, or one for each."""
    codes = context.codes(node, place)
    codes = context.clipped(codes, f"{node.name}.clip") or codes
    channels = context.builder.map_of(codes).shape[0]
    if factor.size not in (1, channels) or offset.size not in (1, channels):
        raise UnsupportedNetworkError(f"{node}: must have one number for each of {channels} channels; export it anew")
    factor, offset = factor.reshape(-1), offset.reshape(-1)
    if not (np.isfinite(factor).all() and np.isfinite(offset).all()) or not factor.all():
        raise UnsupportedNetworkError(f"{node}: its factors must be finite and not 0; prune such channels")
    scales = scaled(codes.scales, _fractions(np.abs(factor)))
    if (factor > 0).all() and not offset.any() and not codes.is_clamped:
        return replace(codes, scales=scales)
    layer = context.builder.weighted(codes.layer)
    shift = _whole_steps(offset, scales)
    if layer is None and (factor > 0).all() and shift is not None and not codes.is_clamped:
        return replace(codes, scales=scales, zero_point=codes.zero_point - shift)
    if layer is None or codes.is_clamped or not context.has_one_reader(node, place):
        raise UnsupportedNetworkError(
            f"{node}: operator {printable(node.operator)!r} must directly follow a convolution or linear layer, "
            "into which it is folded; export it so"
        )
    sign = np.where(factor < 0, -1, 1) * np.ones(channels, dtype=np.int64)
    steps = _whole(offset / np.array([float(scale) for scale in scales]))
    weights: IntArray = layer.weights * sign.reshape(-1, *[1] * (layer.weights.ndim - 1))
    word = layer.weight_format
    if weights.max() > word.maximum:
        word = NumberFormat(word.bits + 1, is_signed=True)  # minus the most negative code
    context.builder.replace(
        replace(layer, weights=weights, bias=layer.bias * sign + steps, weight_format=word, weight_exponent=0)
    )
    return replace(codes, scales=scales)


def _linear(context: Context, node: Node, *, is_transposed: bool) -> Tensor:
    taken = context.plain(node)
    scale = one_scale(taken, node)
    found = _weights(context, node, axis=0 if is_transposed else 1, axes=2)
    codes = found.codes if is_transposed else found.codes.T
    scales = scaled((scale,), found.scales)
    layer = Linear(
        name=context.builder.free_name(node.name),
        inputs=(taken.layer,),
        weights=codes,
        bias=_bias(context, node, scales, codes, taken.zero_point),
        weight_format=_weight_format(context, node, found),
        weight_exponent=_exponent(found.scales),
    )
    return Codes(layer=context.builder.add(layer), scales=scales, zero_point=0)


def _weights(context: Context, node: Node, axis: int, axes: int) -> QuantizedConstant:
    """Return the weights, whose scales must run along `axis`."""
    found = context.tensor(node, 1)
    if not isinstance(found, QuantizedConstant):
        kind = "float" if isinstance(found, np.ndarray) else "no constants"
        raise UnsupportedNetworkError(
            f"{node}: its weights must be quantised, but are {kind}; make it integer with calibration images: "
            "trackmac quantize"
        )
    if found.codes.ndim != axes or 0 in found.codes.shape:
        raise UnsupportedNetworkError(
            f"{node}: its weights must have {axes} axes, none empty, but their shape is {list(found.codes.shape)}; "
            "only 2-D convolutions and linear layers are read"
        )
    if len(found.scales) > 1 and (found.axis % axes != axis or len(found.scales) != found.codes.shape[axis]):
        raise UnsupportedNetworkError(f"{node}: scales of weights must be those of output channels; quantise it so")
    return found


def _weight_format(context: Context, node: Node, weights: QuantizedConstant) -> NumberFormat:
    stated = context.weight_bits.get(node.name)
    if stated is not None:
        return NumberFormat(stated, is_signed=True)
    needed = bits_for_range(int(weights.codes.min()), int(weights.codes.max()), is_signed=True)
    if needed > MAX_WEIGHT_BITS or (weights.bits or 0) > MAX_WEIGHT_BITS:
        raise UnsupportedNetworkError(
            f"{node}: its weights must be within -256..255 of their zero point, but are not; quantise to 2 to 8 bits"
        )
    return NumberFormat(max(weights.bits or MAX_BITS, needed, MIN_BITS), is_signed=True)


def _bias(context: Context, node: Node, scales: Scales, weights: IntArray, zero_point: int) -> IntArray:
    """Return biases in steps of the sums, what the input's zero point adds to them taken off."""
    channels = len(weights)
    bias: IntArray = np.zeros(channels, dtype=np.int64)
    found = context.tensor(node, 2) if len(node.inputs) > 2 and node.inputs[2] else None
    steps = np.array([float(scale) for scale in scales])
    if isinstance(found, QuantizedConstant) and found.codes.size == channels:
        worth = np.array([float(scale) for scale in found.scales])
        bias = _whole(found.codes.reshape(-1) * (worth / steps))
    elif isinstance(found, np.ndarray) and found.size in (1, channels):
        bias = _whole(found.reshape(-1).astype(np.float64) / steps) + bias
    elif found is not None:
        raise UnsupportedNetworkError(f"{node}: its bias must be {channels} constants, but is not; export it so")
    folded: IntArray = bias - zero_point * weights.reshape(channels, -1).sum(axis=1)
    return folded


def _exponent(scales: Scales) -> int:
    """Return the exponent of a power of two; 0 for other scales, which then count in units of their own."""
    return exponent_and_unit(scales[0])[0] if len(scales) == 1 else 0


def _whole(steps: NDArray[np.float64]) -> IntArray:
    """Round to whole steps; what no layer could hold stays too large."""
    bounded = np.clip(np.rint(steps), -TOO_LARGE, TOO_LARGE)
    return bounded.astype(np.int64)


def _whole_steps(offset: NDArray[np.float64], scales: Scales) -> int | None:
    """Return an offset that is the same whole number of steps everywhere; such a one moves the zero point."""
    if len(scales) != 1 or len(set(offset.tolist())) != 1:
        return None
    steps = Fraction(float(offset[0])) / scales[0]
    return int(steps) if steps.denominator == 1 else None


def _fractions(values: NDArray[np.float64]) -> Scales:
    return tuple(Fraction(float(value)) for value in values)


def constant_operand(context: Context, node: Node) -> tuple[int, NDArray[Any]] | None:
    """Return which of two inputs is the constant one, and its real values."""
    for place in (0, 1):
        found = context.tensor(node, place)
        if isinstance(found, np.ndarray):
            return place, found.astype(np.float64)
        if isinstance(found, QuantizedConstant) and len(found.scales) == 1:
            return place, found.codes * float(found.scales[0])
    return None
