"""What the operators of a simplified float graph compute, in float32."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.onnx_file import Node
from trackmac.networks.onnx_padding import pad_sides
from trackmac.networks.onnx_windows import Sides, sides_of

Map = NDArray[np.float32]


def evaluated(node: Node, inputs: list[NDArray[Any]]) -> Map:
    """Return the output of `node` for its inputs, constants included.

    Raises:
        UnsupportedNetworkError: shapes that do not fit each other, or numbers that are not finite.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            result = _computed(node, inputs)
    except (ValueError, IndexError, TypeError) as error:
        reason = " ".join(str(error).split())[:80]
        raise UnsupportedNetworkError(f"{node}: cannot be computed ({reason}); export it anew") from None
    if not np.isfinite(result).all():
        raise UnsupportedNetworkError(
            f"{node}: its output must be finite, but is not on these images; check its weights"
        )
    return result


def _computed(node: Node, inputs: list[NDArray[Any]]) -> Map:  # noqa: PLR0911
    x: Map = inputs[0]
    match node.operator:
        case "Conv":
            return _conv(node, x, inputs[1], inputs[2])
        case "Gemm":
            return np.asarray(x @ inputs[1].T.astype(np.float32) + inputs[2].astype(np.float32), dtype=np.float32)
        case "Relu":
            return np.asarray(np.maximum(x, np.float32(0)), dtype=np.float32)
        case "Clip":
            return _clipped(node, inputs)
        case "MaxPool":
            return np.asarray(_pooling_windows(x, node, -np.inf).max(axis=(4, 5)), dtype=np.float32)
        case "AveragePool":  # the reader of quantised graphs has checked that padding counts
            return np.asarray(_pooling_windows(x, node, 0).mean(axis=(4, 5), dtype=np.float32))
        case "Pad":
            return _padded(x, pad_sides(node, inputs[1] if len(inputs) > 1 else None), 0)
        case "GlobalAveragePool":
            return np.asarray(x.mean(axis=(2, 3), keepdims=True, dtype=np.float32))
        case "ReduceMean":
            is_kept = node.attributes.get("keepdims", 1) == 1
            return np.asarray(x.mean(axis=(2, 3), keepdims=is_kept, dtype=np.float32))
        case "Add":
            return np.asarray(x + inputs[1], dtype=np.float32)
        case "Concat":
            return np.concatenate(inputs, axis=1)
        case _:  # Flatten, Reshape, Squeeze: the reader of quantised graphs has checked that they flatten
            return x if _keeps_shape(node, x, inputs) else x.reshape(len(x), math.prod(x.shape[1:]))


def _conv(node: Node, x: Map, weights: NDArray[Any], bias: NDArray[Any]) -> Map:
    groups, dilation = int(str(node.attributes.get("group", 1))), _ints(node, "dilations", 1)
    channels, rows, columns = len(weights), weights.shape[2], weights.shape[3]
    window = ((rows - 1) * dilation[0] + 1, (columns - 1) * dilation[1] + 1)
    padded = _padded(x, sides_of(node, (x.shape[2], x.shape[3]), window), 0)
    windows = _windows(padded, node, window)[..., :: dilation[0], :: dilation[1]]
    images, _, height, width = windows.shape[:4]
    by_group = windows.reshape(images, groups, -1, height, width, rows, columns).transpose(1, 0, 3, 4, 2, 5, 6)
    patches = by_group.reshape(groups, images * height * width, -1)
    kernels = weights.astype(np.float32).reshape(groups, channels // groups, -1).transpose(0, 2, 1)
    sums = (patches @ kernels).reshape(groups, images, height, width, channels // groups)
    by_image = sums.transpose(1, 0, 4, 2, 3).reshape(images, channels, height, width)
    return np.asarray(by_image + bias.astype(np.float32)[:, np.newaxis, np.newaxis], dtype=np.float32)


def _clipped(node: Node, inputs: list[NDArray[Any]]) -> Map:
    low, high = clip_bounds(node, inputs)
    return np.asarray(np.clip(inputs[0], np.float32(low), np.float32(high)), dtype=np.float32)


def clip_bounds(node: Node, inputs: list[NDArray[Any]]) -> tuple[float, float]:
    """Return the bounds of a Clip, from its inputs or its attributes."""
    bounds = []
    for place, name, default in ((1, "min", -math.inf), (2, "max", math.inf)):
        given = inputs[place].reshape(-1)[0] if place < len(inputs) and inputs[place].size else None
        bounds.append(float(str(node.attributes.get(name, default))) if given is None else float(given))
    return bounds[0], bounds[1]


def _keeps_shape(node: Node, x: Map, inputs: list[NDArray[Any]]) -> bool:
    return node.operator == "Reshape" and x.ndim == 4 and inputs[1].size == 4


def _padded(x: Map, sides: Sides, value: float) -> Map:
    if not any(sides):
        return x
    top, left, bottom, right = sides
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=np.float32(value))


def _pooling_windows(x: Map, node: Node, value: float) -> Map:
    kernel = _ints(node, "kernel_shape")
    sides = sides_of(node, (x.shape[2], x.shape[3]), (kernel[0], kernel[1]))
    return _windows(_padded(x, sides, value), node, kernel)


def _windows(x: Map, node: Node, window: tuple[int, ...]) -> Map:
    stride = _ints(node, "strides", 1)
    view = np.lib.stride_tricks.sliding_window_view(x, (window[0], window[1]), axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1]]


def _ints(node: Node, name: str, *default: int) -> tuple[int, ...]:
    value = node.attributes.get(name, default * 2 if len(default) == 1 else default)
    if not isinstance(value, tuple):
        raise ValueError(f"{name} must be a list")
    return tuple(int(item) for item in value)
