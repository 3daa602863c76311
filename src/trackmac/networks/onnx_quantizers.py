"""Reads what turns real numbers into codes and back: QuantizeLinear, DequantizeLinear and the Clip between them."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.checks import MAX_BITS, MIN_BITS
from trackmac.networks.layers import INPUT, Clip
from trackmac.networks.onnx_context import Context, integer, refuse_padding
from trackmac.networks.onnx_file import Node
from trackmac.networks.onnx_tensors import (
    Codes,
    Image,
    Joined,
    QuantizedConstant,
    Scales,
    Tensor,
    exact_scales,
    format_of,
)


def quantize_linear(context: Context, node: Node) -> Tensor:
    """Read a quantiser, of constants or of what a layer gives."""
    source = context.tensor(node)
    scales = exact_scales(context.constant(node, 1), node)
    word, zero = _word(context, node), _zero_point(context, node)
    if isinstance(source, np.ndarray):
        return _quantized(source, scales, zero, word, node)
    if len(scales) != 1:
        raise UnsupportedNetworkError(f"{node}: activations must have one scale, but have {len(scales)}; quantise anew")
    if isinstance(source, Image):
        return replace(_begun(context, node, word, scales[0], zero), padding=source.padding)
    if isinstance(source, Joined):
        return replace(context.builder.quantize(source, node.name, word, scales[0], zero), is_integer=True)
    if isinstance(source, QuantizedConstant):
        raise UnsupportedNetworkError(f"{node}: quantises what is quantised already; export it anew")
    if source.is_over:
        return source
    if source.is_integer:
        raise UnsupportedNetworkError(f"{node}: must read real numbers, but gets codes; export it anew")
    if source.is_rounded and scales[0] != 1:
        raise UnsupportedNetworkError(f"{node}: may follow a Round only with scale 1; leave the Round out")
    codes = replace(source, is_rounded=False)
    return replace(context.builder.quantize(codes, node.name, word, scales[0], zero), is_integer=True)


def dequantize_linear(context: Context, node: Node) -> Tensor:
    """Read what gives codes their worth."""
    source = context.tensor(node)
    scales = exact_scales(context.constant(node, 1), node)
    if isinstance(source, np.ndarray):
        bits = integer(node, "bits", 0) or _declared_bits(source, node)
        codes: IntArray = source.astype(np.int64) - _zero_points(context, node, source)
        return QuantizedConstant(codes=codes, scales=scales, axis=integer(node, "axis", 1), bits=bits)
    zero = _zero_point(context, node)
    if isinstance(source, QuantizedConstant):
        return replace(source, scales=scales, codes=source.codes - zero, axis=integer(node, "axis", 1))
    if isinstance(source, Codes) and source.is_over:
        return source
    if not isinstance(source, Codes) or not source.is_integer:
        raise UnsupportedNetworkError(f"{node}: must read codes, but gets real numbers; export it anew")
    if len(scales) != 1:
        raise UnsupportedNetworkError(f"{node}: activations must have one scale, but have {len(scales)}; quantise anew")
    return replace(source, scales=scales, zero_point=zero, is_integer=False)


def clip_codes(context: Context, node: Node, codes: Codes | QuantizedConstant | NDArray[Any]) -> Tensor:
    """Read a Clip between QuantizeLinear and DequantizeLinear: fewer bits, or a narrower range."""
    low, high = context.number(node, 1), context.number(node, 2)
    if low is None or high is None or not (low.is_integer() and high.is_integer() and low <= high):
        raise UnsupportedNetworkError(f"{node}: must clip codes to whole bounds, but to {low}..{high}; export it anew")
    bounds = (int(low), int(high))
    word = _narrowest(bounds)
    if isinstance(codes, np.ndarray):
        codes = QuantizedConstant(codes=codes.astype(np.int64), scales=(Fraction(1),), axis=1, bits=word.bits)
    if isinstance(codes, QuantizedConstant):
        return replace(codes, codes=np.clip(codes.codes, *bounds), bits=word.bits)
    have = context.builder.map_of(codes).number_format
    if not bounds[0] <= codes.zero_point <= bounds[1]:
        refuse_padding(codes, node)
    if bounds[0] <= have.minimum and have.maximum <= bounds[1]:
        return codes
    quantizer = context.builder.quantizer(codes.layer)
    is_own = context.has_one_reader(node)
    if codes.layer == INPUT and is_own and not context.builder.layers:
        context.builder.begin(word, codes.scales[0], codes.zero_point)
        have = word
    elif quantizer is not None and is_own and word.is_signed == have.is_signed:
        context.builder.replace(replace(quantizer, output_format=word))
        have = word
    if bounds == (have.minimum, have.maximum):
        return codes
    bounds = (max(bounds[0], have.minimum), min(bounds[1], have.maximum))
    name = context.builder.free_name(node.name)
    layer = Clip(name=name, inputs=(codes.layer,), low=bounds[0], high=bounds[1])
    return replace(codes, layer=context.builder.add(layer))


def _begun(context: Context, node: Node, word: NumberFormat, scale: Fraction, zero: int) -> Codes:
    """Read the quantiser of the network's input; there may be several if they are equal."""
    builder = context.builder
    if builder.input_format is not None and (builder.input_scale, builder.input_zero_point) != (scale, zero):
        raise UnsupportedNetworkError(f"{node}: the input must be quantised in one way, but is in two; export it anew")
    if builder.input_format is None:
        builder.begin(word, scale, zero)
    return Codes(layer=INPUT, scales=(scale,), zero_point=zero, is_integer=True)


def _quantized(values: NDArray[Any], scales: Scales, zero: int, word: NumberFormat, node: Node) -> QuantizedConstant:
    axis = integer(node, "axis", 1)
    shape = [1] * values.ndim
    if len(scales) > 1:
        if not 0 <= axis < values.ndim or values.shape[axis] != len(scales):
            raise UnsupportedNetworkError(f"{node}: must have one scale for each channel; quantise it anew")
        shape[axis] = len(scales)
    steps = np.array([float(scale) for scale in scales]).reshape(shape)
    low, high = word.minimum + integer(node, "is_narrow", 0) * int(word.is_signed), word.maximum
    codes = np.clip(np.rint(values.astype(np.float64) / steps) + zero, low, high).astype(np.int64)
    return QuantizedConstant(codes=codes, scales=scales, axis=axis, bits=word.bits)


def _word(context: Context, node: Node) -> NumberFormat:
    if "bits" in node.attributes:
        bits = integer(node, "bits", 8)
        if not MIN_BITS <= bits <= MAX_BITS and not isinstance(context.tensor(node), np.ndarray):
            raise UnsupportedNetworkError(f"{node}: codes must be of 2 to 8 bits, but are of {bits}; quantise it so")
        return NumberFormat(bits, is_signed=bool(integer(node, "is_signed", 1)))
    return format_of(context.optional(node, 2), node)


def _zero_point(context: Context, node: Node) -> int:
    zeros = context.optional(node, 2)
    if zeros is None:
        return 0
    values = set(zeros.reshape(-1).tolist())
    if len(values) != 1 or not float(next(iter(values))).is_integer():
        raise UnsupportedNetworkError(f"{node}: must have one whole zero point, but has {len(values)}; quantise it so")
    return int(next(iter(values)))


def _zero_points(context: Context, node: Node, codes: NDArray[Any]) -> IntArray:
    """Return the zero point of constants, or those along their axis, in a shape that goes with them."""
    zeros, axis = context.optional(node, 2), integer(node, "axis", 1)
    is_by_channel = zeros is not None and zeros.ndim == 1 and -codes.ndim <= axis < codes.ndim
    if zeros is None or not is_by_channel or zeros.shape[0] != codes.shape[axis] or zeros.dtype.kind not in "iu":
        return np.array(_zero_point(context, node))
    return np.moveaxis(zeros.astype(np.int64).reshape(-1, *[1] * (codes.ndim - 1)), 0, axis)


def _declared_bits(codes: NDArray[Any], node: Node) -> int | None:
    """Return the width that the type of constants states; biases have 32 bits, and no width of weights."""
    return None if codes.dtype == np.int32 else format_of(codes, node).bits


def _narrowest(bounds: tuple[int, int]) -> NumberFormat:
    """Return the least format that holds these bounds, of 2 bits or more."""
    is_signed = bounds[0] < 0
    words = (NumberFormat(bits, is_signed=is_signed) for bits in range(MIN_BITS, 33))
    return next(
        (word for word in words if word.minimum <= bounds[0] and bounds[1] <= word.maximum), NumberFormat(32, is_signed)
    )
