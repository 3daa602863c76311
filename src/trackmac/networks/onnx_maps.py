"""Reads what has no weights: pooling, activation, sums, concatenation, and operators that change no number."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from trackmac.bits import NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.checks import MAX_BITS, MIN_BITS
from trackmac.networks.layers import Add, AvgPool2d, Concat, Conv2d, Flatten, GlobalAvgPool, MaxPool2d, ReLU
from trackmac.networks.onnx_builder import one_scale
from trackmac.networks.onnx_context import Context, expect, integer, refuse_padding
from trackmac.networks.onnx_file import Node
from trackmac.networks.onnx_quantizers import clip_codes
from trackmac.networks.onnx_tensors import Codes, Joined, QuantizedConstant, Scales, Tensor
from trackmac.networks.onnx_weighted import channel_affine, constant_operand
from trackmac.networks.onnx_windows import numbers

SUM_BITS = 15
FLOATS = (1, 10, 11)  # ONNX's float, float16 and double


def max_pool(context: Context, node: Node) -> Tensor:
    """Read a max-pooling layer; a clamp may wait behind it as well as before."""
    expect(node, dilations=(1, 1), storage_order=0)
    codes = context.codes(node, may_be_integer=True, may_be_padded=True)
    if any(codes.padding) and codes.zero_point > context.builder.map_of(codes).number_format.minimum:
        raise UnsupportedNetworkError(f"{node}: zeros of a Pad before it must be the least; pad in the pooling itself")
    kernel, stride = _window(node), numbers(node, "strides", (1, 1))
    layer = MaxPool2d(
        name=context.builder.free_name(node.name),
        inputs=(codes.layer,),
        kernel=kernel,
        stride=(stride[0], stride[1]),
        padding=context.sides(node, codes, kernel),
    )
    return replace(codes, layer=context.builder.add(layer), padding=(0, 0, 0, 0))


def average_pool(context: Context, node: Node) -> Tensor:
    """Read an average: a sum, worth less a step; over padding, a convolution of each channel with ones."""
    expect(node, dilations=(1, 1))
    codes = context.plain(node, may_be_padded=True)
    kernel, stride = _window(node), numbers(node, "strides", (1, 1))
    sides = context.sides(node, codes, kernel)
    whole = replace(node, attributes={**node.attributes, "ceil_mode": 0})
    is_counted = integer(node, "count_include_pad", 0) == 1 or sides == codes.padding
    if not is_counted or context.sides(whole, codes, kernel) != sides:
        raise UnsupportedNetworkError(
            f"{node}: averages that leave out the padding divide by other numbers at the edges; "
            "use count_include_pad, and no ceil_mode"
        )
    name, size = context.builder.free_name(node.name), (stride[0], stride[1])
    if any(sides):
        channels = context.builder.map_of(codes).shape[0]
        ones = np.ones((channels, 1, *kernel), dtype=np.int64)
        conv = Conv2d(
            name=name,
            inputs=(codes.layer,),
            weights=ones,
            bias=np.full(channels, -codes.zero_point * math.prod(kernel)),
            weight_format=NumberFormat(MIN_BITS, is_signed=True),
            stride=size,
            padding=sides,
            groups=channels,
            input_zero_point=codes.zero_point,
        )
        summed = replace(codes, layer=context.builder.add(conv), zero_point=0, padding=(0, 0, 0, 0))
        return _averaged(summed, math.prod(kernel))
    layer = AvgPool2d(name=name, inputs=(codes.layer,), kernel=kernel, stride=size)
    return _averaged(replace(codes, layer=context.builder.add(layer)), math.prod(kernel))


def global_average_pool(context: Context, node: Node) -> Tensor:
    """Read the average of each channel."""
    codes = context.plain(node)
    shape = context.builder.map_of(codes).shape
    name = context.builder.free_name(node.name)
    layer = GlobalAvgPool(name=name, inputs=(codes.layer,))
    return _averaged(replace(codes, layer=context.builder.add(layer)), math.prod(shape[1:]))


def reduce_mean(context: Context, node: Node) -> Tensor:
    """Read the average of each channel, with or without the axes that it leaves at 1."""
    axes = context.optional(node, 1)
    found = node.attributes.get("axes", ()) if axes is None else axes.reshape(-1).tolist()
    if not isinstance(found, tuple | list) or sorted(int(axis) % 4 for axis in found) != [2, 3]:
        raise UnsupportedNetworkError(f"{node}: must average over height and width, but does not; export it so")
    averaged = global_average_pool(context, node)
    return averaged if integer(node, "keepdims", 1) else _flattened(context, node, averaged)


def relu(context: Context, node: Node) -> Tensor:
    """Read max(0, x): a layer where the code 0 stands for zero, else a clamp that waits for the next quantiser."""
    codes = context.codes(node, may_be_padded=True)
    if codes.zero_point or codes.is_clamped:
        return _clamped(codes, Fraction(0), None)
    return _rectified(context, node, codes)


def clip(context: Context, node: Node) -> Tensor:
    """Read min(max(x, low), high), ReLU6 among them; it waits for the next quantiser."""
    source = context.tensor(node)
    if isinstance(source, np.ndarray | QuantizedConstant) or (isinstance(source, Codes) and source.is_integer):
        return clip_codes(context, node, source)
    codes = context.codes(node)
    is_word = context.builder.map_of(codes).number_format.bits <= MAX_BITS
    low, high = (_bound(context, node, place, name) for place, name in ((1, "min"), (2, "max")))
    if not is_word and low == 0 and not codes.zero_point and not codes.is_clamped:
        codes, low = _rectified(context, node, codes), None
    clamped = _clamped(codes, low, high)
    return context.clipped(clamped, node.name) or clamped if is_word else clamped


def add(context: Context, node: Node) -> Tensor:
    """Read the sum of two branches, or of one and a constant."""
    constant = constant_operand(context, node)
    if constant is not None:
        return channel_affine(context, node, np.ones(1), constant[1], place=1 - constant[0])
    codes = [context.plain(node, place) for place in (0, 1)]
    scales = [one_scale(item, node) for item in codes]
    multipliers, scale = common_scale((scales[0], scales[1]))
    stated = context.sum_multipliers.get(node.name, multipliers)
    if scales[0] * stated[1] == scales[1] * stated[0] and all(stated):
        multipliers, scale = stated, scales[0] / stated[0]
    name = context.builder.free_name(node.name)
    layer = Add(name=name, inputs=(codes[0].layer, codes[1].layer), multipliers=multipliers)
    zero_point = sum(item.zero_point * times for item, times in zip(codes, multipliers, strict=True))
    return Codes(layer=context.builder.add(layer), scales=(scale,), zero_point=zero_point)


def multiply(context: Context, node: Node) -> Tensor:
    """Read a product with constants."""
    constant = constant_operand(context, node)
    if constant is None:
        raise UnsupportedNetworkError(f"{node}: products of two activations are not supported; leave it out")
    return channel_affine(context, node, constant[1], np.zeros(1), place=1 - constant[0])


def concat(context: Context, node: Node) -> Tensor:
    """Read a concatenation of channels."""
    axis = integer(node, "axis", 1)
    codes = [_part(context, node, place) for place in range(len(node.inputs))]
    if axis not in (1, -len(context.builder.map_of(codes[0]).shape)):
        raise UnsupportedNetworkError(f"{node}: axis must be 1, the channels, but is {axis}; export it so")
    first = codes[0]
    if len(codes) == 1:
        return first
    formats = {context.builder.map_of(item).number_format for item in codes}
    alike = all(replace(item, layer=first.layer) == first for item in codes)
    if alike and len(formats) == 1 and len(first.scales) == 1:
        name = context.builder.free_name(node.name)
        layer = Concat(name=name, inputs=tuple(item.layer for item in codes))
        return replace(first, layer=context.builder.add(layer))
    if any(item.is_integer for item in codes):
        raise UnsupportedNetworkError(f"{node}: joins codes of different formats; quantise them alike")
    return Joined(name=node.name, parts=tuple(codes))


def flatten(context: Context, node: Node) -> Tensor:
    """Read [channels, height, width] to [features]."""
    expect(node, axis=1)
    return _flattened(context, node, context.tensor(node))


def reshape(context: Context, node: Node) -> Tensor:
    """Read what flattens, or leaves the shape."""
    source = context.tensor(node)
    wanted = [int(size) for size in context.constant(node, 1).reshape(-1)][1:]
    if isinstance(source, np.ndarray | QuantizedConstant):
        raise UnsupportedNetworkError(f"{node}: reshapes constants; simplify the file, or export it without")
    shape = _shape(context, node, source)
    if len(wanted) == 1 and wanted[0] in (-1, 0, math.prod(shape)):
        return _flattened(context, node, source)
    known = [size if size > 0 else shape[i] if size == 0 and i < len(shape) else -1 for i, size in enumerate(wanted)]
    if -1 in known and known.count(-1) == 1:
        known[known.index(-1)] = -math.prod(shape) // math.prod(known) if math.prod(known) else -1
    if tuple(known) == shape or (math.prod(shape[1:]) == 1 and tuple(known) == (shape[0], 1, 1)):
        return source
    raise UnsupportedNetworkError(f"{node}: may flatten {list(shape)}, but makes it {wanted}; export it otherwise")


def squeeze(context: Context, node: Node) -> Tensor:
    """Read what takes away axes of size 1 behind the channels."""
    source = context.tensor(node)
    shape = _shape(context, node, source)
    if math.prod(shape[1:]) != 1:
        raise UnsupportedNetworkError(f"{node}: may only take axes of size 1 from {list(shape)}; export it otherwise")
    return _flattened(context, node, source)


def transpose(context: Context, node: Node) -> Tensor:
    """Read an order of axes that changes nothing."""
    source = context.tensor(node)
    order = node.attributes.get("perm", ())
    shape = () if isinstance(source, np.ndarray | QuantizedConstant) else _shape(context, node, source)
    axes = [axis for axis in order if isinstance(axis, int)] if isinstance(order, tuple) else []
    moved = [axis for axis in axes if axis and axis <= len(shape) and shape[axis - 1] > 1]
    if shape and axes[:1] == [0] and moved == sorted(moved) and (not moved or axes.index(moved[0]) == moved[0]):
        return source
    raise UnsupportedNetworkError(f"{node}: reorders axes as {order}, which is not supported; export it in NCHW order")


def cast(context: Context, node: Node) -> Tensor:
    """Read a change of type among floats, or behind the end."""
    source = context.tensor(node)
    if integer(node, "to", 1) not in FLOATS and not (isinstance(source, Codes) and source.is_over):
        raise UnsupportedNetworkError(f"{node}: may cast to float only; quantise by QuantizeLinear")
    return source


def unchanged(context: Context, node: Node) -> Tensor:
    """Read what changes no number."""
    return context.tensor(node)


def rounded(context: Context, node: Node) -> Tensor:
    """Read what makes real numbers whole, as a quantiser behind it would; on whole numbers it does nothing."""
    codes = context.codes(node)
    if codes.is_clamped:
        raise UnsupportedNetworkError(f"{node}: operator 'Round' may not follow a clamp; leave it out")
    return codes if all(scale.denominator == 1 for scale in codes.scales) else replace(codes, is_rounded=True)


def passed_over(context: Context, node: Node) -> Tensor:
    """Read Softmax or ArgMax at the end: the greatest logit stays the greatest."""
    codes = context.plain(node)
    if len(codes.scales) > 1 and node.operator == "Softmax" and codes.zero_point:
        raise UnsupportedNetworkError(f"{node}: logits must have one scale; quantise them so")
    return replace(codes, is_over=True)


def common_scale(scales: tuple[Fraction, Fraction]) -> tuple[tuple[int, int], Fraction]:
    """Return the multipliers that bring two scales to one, and that one; exact where small integers do it.

    Else the nearest fraction of integers below 2^`SUM_BITS`: off by about 2^-30, or by 2^-15 of the greater scale where
    the other is less than that. Float32 holds such sums of 8-bit codes exactly.
    """
    greatest = max(scales)
    ratio = (min(scales) / greatest).limit_denominator((1 << SUM_BITS) - 1)
    step = greatest / ratio.denominator
    small, large = ratio.numerator, ratio.denominator
    return ((large, small) if scales[0] == greatest else (small, large)), step


def _window(node: Node) -> tuple[int, int]:
    kernel = numbers(node, "kernel_shape", (0, 0))
    if min(kernel) < 1:
        raise UnsupportedNetworkError(f"{node}: kernel_shape must be 1 or more each way, but is {kernel}; correct it")
    return kernel[0], kernel[1]


def _averaged(codes: Codes, elements: int) -> Codes:
    return replace(
        codes, scales=tuple(scale / elements for scale in codes.scales), zero_point=codes.zero_point * elements
    )


def _rectified(context: Context, node: Node, codes: Codes) -> Codes:
    name = context.builder.free_name(node.name)
    return replace(codes, layer=context.builder.add(ReLU(name=name, inputs=(codes.layer,))))


def _clamped(codes: Codes, low: Fraction | None, high: Fraction | None) -> Codes:
    """Clamp once more: min(max(x, low), high) after the clamp that may wait already."""
    lows = [max(low, bound) if low is not None else bound for bound in (codes.low,) if bound is not None]
    highs = [max(codes.high, low) if low is not None else codes.high] if codes.high is not None else []
    new_low = lows[0] if lows else low
    new_high = highs[0] if highs else None
    if high is not None:
        new_low = min(new_low, high) if new_low is not None else None
        new_high = min(new_high, high) if new_high is not None else high
    return replace(codes, low=new_low, high=new_high)


def _bound(context: Context, node: Node, place: int, name: str) -> Fraction | None:
    value = context.number(node, place)
    if value is None and name in node.attributes:
        attribute = node.attributes[name]
        value = float(attribute) if isinstance(attribute, int | float) else None
    return None if value is None or abs(value) > np.finfo(np.float32).max / 2 else Fraction(value)


def _part(context: Context, node: Node, place: int) -> Codes:
    return context.codes(node, place, may_be_integer=True)


def _shape(context: Context, node: Node, source: Tensor) -> tuple[int, ...]:
    codes = source if isinstance(source, Codes) else context.codes(node)
    refuse_padding(codes, node)
    return context.builder.map_of(codes).shape


def _flattened(context: Context, node: Node, source: Tensor) -> Tensor:
    codes = source if isinstance(source, Codes) else context.codes(node)
    shape = _shape(context, node, codes)
    if len(shape) == 1 or codes.is_over:
        return codes
    name = context.builder.free_name(node.name)
    layer = context.builder.add(Flatten(name=name, inputs=(codes.layer,)))
    return replace(codes, layer=layer, scales=_repeated(codes.scales, math.prod(shape[1:])))


def _repeated(scales: Scales, times: int) -> Scales:
    return scales if len(scales) == 1 else tuple(scale for scale in scales for _ in range(times))
