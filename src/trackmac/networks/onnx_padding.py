"""Reads Pad: zeros around a map, which the convolution or pooling behind it takes as padding of its own."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.onnx_context import Context
from trackmac.networks.onnx_file import Node, printable
from trackmac.networks.onnx_tensors import Codes, Image, QuantizedConstant, Tensor
from trackmac.networks.onnx_windows import Sides

MAP_AXES = 4  # batch and channels are not padded


def pad(context: Context, node: Node) -> Tensor:
    """Read a Pad; the zeros wait for the layer behind it."""
    axes = context.optional(node, 3)
    if axes is not None and axes.reshape(-1).tolist() != list(range(MAP_AXES)):
        raise UnsupportedNetworkError(f"{node}: axes must be left out; export it so")
    sides = pad_sides(node, context.optional(node, 1))
    source = context.tensor(node)
    if not isinstance(source, Image):
        source = context.codes(node, may_be_integer=True, may_be_padded=True)
    _refuse_other_than_zero(context, node, source)
    return replace(source, padding=added(source.padding, sides))


def pad_sides(node: Node, given: NDArray[Any] | None) -> Sides:
    """Return the padding of height and width, from the second input or, before opset 11, the attribute.

    Raises:
        UnsupportedNetworkError: another mode than constant, or other axes; the message names the node.
    """
    if node.attributes.get("mode", "constant") != "constant":
        mode = printable(str(node.attributes["mode"]))
        raise UnsupportedNetworkError(f"{node}: mode must be constant, but is {mode}; pad with zeros")
    attribute = node.attributes.get("pads", ())
    values = attribute if isinstance(attribute, tuple) else ()
    pads = [int(value) for value in (values if given is None else given.reshape(-1).tolist())]
    if len(pads) != 2 * MAP_AXES or any(pads[:2]) or any(pads[4:6]) or min(pads) < 0:
        raise UnsupportedNetworkError(
            f"{node}: must pad height and width only, by 0 or more, but pads {printable(str(pads))}; export it so"
        )
    return pads[2], pads[3], pads[6], pads[7]


def added(first: Sides, second: Sides) -> Sides:
    """Return the padding of both together."""
    return first[0] + second[0], first[1] + second[1], first[2] + second[2], first[3] + second[3]


def _refuse_other_than_zero(context: Context, node: Node, padded: Codes | Image) -> None:
    """Refuse values that do not stand for zero, and a clamp that would change it."""
    zero, is_kept = 0, True
    if isinstance(padded, Codes):
        zero = padded.zero_point if padded.is_integer else 0
        is_kept = (padded.low is None or padded.low <= 0) and (padded.high is None or padded.high >= 0)
    found = context.tensor(node, 2) if len(node.inputs) > 2 and node.inputs[2] else None
    value: Any = np.asarray(node.attributes.get("value", 0))
    if isinstance(found, QuantizedConstant):
        value = found.codes * float(found.scales[0])
    elif isinstance(found, np.ndarray):
        value = found
    if value.size != 1 or value.reshape(-1)[0] != zero or not is_kept:
        raise UnsupportedNetworkError(f"{node}: must pad with zeros, but does not; export it so")
