"""What an operator's reader sees: the tensors so far, the layers so far, and how often each tensor is used."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.layers import Clip
from trackmac.networks.onnx_builder import LayerBuilder, code_bounds
from trackmac.networks.onnx_file import Graph, Node, printable
from trackmac.networks.onnx_tensors import Codes, Image, Joined, QuantizedConstant, Tensor
from trackmac.networks.onnx_windows import Sides, sides_of


@dataclass(frozen=True, slots=True)
class Context:
    """`tensors` are those that nodes gave so far, and the constants, by name; `uses` counts who reads each."""

    builder: LayerBuilder
    tensors: dict[str, Tensor]
    uses: Counter[str]
    weight_bits: dict[str, int]
    sum_multipliers: dict[str, tuple[int, int]]

    def tensor(self, node: Node, place: int = 0) -> Tensor:
        """Return input number `place`, which must be there."""
        name = node.inputs[place] if place < len(node.inputs) else ""
        if name not in self.tensors:
            raise UnsupportedNetworkError(
                f"{node}: input number {place} {printable(name)!r} is given by no node before it; export it anew"
            )
        return self.tensors[name]

    def codes(self, node: Node, place: int = 0, *, may_be_integer: bool = False, may_be_padded: bool = False) -> Codes:
        """Return an input that a layer gives, whatever clamp may wait for the next quantiser."""
        found = self.tensor(node, place)
        if isinstance(found, Image):
            raise UnsupportedNetworkError(
                f"{node}: its input is not quantised; make a float network an integer one with calibration images: "
                "trackmac quantize"
            )
        if isinstance(found, Joined):
            raise UnsupportedNetworkError(
                f"{node}: joins channels of different scales; put a QuantizeLinear behind it, or quantise them alike"
            )
        if not isinstance(found, Codes):
            raise UnsupportedNetworkError(f"{node}: input number {place} must not be a constant; export it anew")
        if found.is_over or found.is_rounded:
            raise UnsupportedNetworkError(
                f"{node}: operator {printable(node.operator)!r} may not follow a Softmax, ArgMax or Round; leave it out"
            )
        if found.is_integer and not may_be_integer:
            raise UnsupportedNetworkError(
                f"{node}: operator {printable(node.operator)!r} must read real numbers, but gets codes; dequantise them"
            )
        if not may_be_padded:
            refuse_padding(found, node)
        return found

    def plain(self, node: Node, place: int = 0, *, may_be_padded: bool = False) -> Codes:
        """Return an input that a layer gives, no clamp waiting: a `Clip` is appended for it."""
        codes = self.codes(node, place, may_be_padded=may_be_padded)
        clipped = self.clipped(codes, f"{node.name}.clip")
        if clipped is None:
            raise UnsupportedNetworkError(
                f"{node}: a clamp before it is at no whole code; quantise between the two, or clamp elsewhere"
            )
        return clipped

    def clipped(self, codes: Codes, name: str) -> Codes | None:
        """Append a `Clip` for a clamp that waits; None where its bounds are no whole codes."""
        bounds = [bound for bound in (codes.low, codes.high) if bound is not None]
        if not bounds:
            return codes
        word, scale = self.builder.map_of(codes).number_format, codes.scales[0]
        if len(codes.scales) > 1 or any((bound / scale).denominator != 1 for bound in bounds):
            return None
        low, high = code_bounds(codes, scale, codes.zero_point, word)
        result = replace(codes, low=None, high=None)
        if (low, high) == (word.minimum, word.maximum):
            return result
        layer = Clip(name=self.builder.free_name(name), inputs=(codes.layer,), low=low, high=high)
        return replace(result, layer=self.builder.add(layer))

    def sides(self, node: Node, codes: Codes, window: tuple[int, int]) -> Sides:
        """Return the padding of a convolution or pooling of `codes`, that of a Pad before it included."""
        shape = self.builder.map_of(codes).shape
        if len(shape) != 3:
            raise UnsupportedNetworkError(f"{node}: must read a map, but gets {list(shape)}; flatten later")
        (top, left, bottom, right), (_, height, width) = codes.padding, shape
        own = sides_of(node, (height + top + bottom, width + left + right), window)
        return own[0] + top, own[1] + left, own[2] + bottom, own[3] + right

    def constant(self, node: Node, place: int) -> NDArray[Any]:
        """Return an input that must be a plain constant."""
        found = self.tensor(node, place)
        if not isinstance(found, np.ndarray):
            raise UnsupportedNetworkError(f"{node}: input number {place} must be a constant, but is not; export it so")
        return found

    def optional(self, node: Node, place: int) -> NDArray[Any] | None:
        """Return a constant, or None where it is left out."""
        return self.constant(node, place) if place < len(node.inputs) and node.inputs[place] else None

    def number(self, node: Node, place: int) -> float | None:
        """Return a constant of one number, or None where it is left out."""
        value = self.optional(node, place)
        if value is None:
            return None
        if value.size != 1:
            raise UnsupportedNetworkError(f"{node}: input number {place} must be one number, but is {value.size}")
        return float(value.reshape(-1)[0])

    def has_one_reader(self, node: Node, place: int = 0) -> bool:
        """Return whether `node` alone reads its input number `place`."""
        return self.uses[node.inputs[place]] == 1


def context_of(graph: Graph, builder: LayerBuilder) -> Context:
    """Return the context before the first node."""
    tensors: dict[str, Tensor] = {"": np.zeros(0), **graph.constants, graph.input_name: Image()}
    del tensors[""]
    uses = Counter(name for node in graph.nodes for name in node.inputs)
    stated = graph.metadata
    return Context(
        builder, tensors, uses, stated.weight_bits if stated else {}, stated.sum_multipliers if stated else {}
    )


def refuse_padding(codes: Codes, node: Node) -> None:
    """Refuse zeros of a Pad that still wait.

    Raises:
        UnsupportedNetworkError: there are some; the message names the node.
    """
    if any(codes.padding):
        raise UnsupportedNetworkError(
            f"{node}: operator {printable(node.operator)!r} may not follow a Pad; pad before a Conv or pooling only"
        )


def integer(node: Node, name: str, default: int) -> int:
    """Return an attribute that is an integer."""
    value = node.attributes.get(name, default)
    if isinstance(value, int):
        return value
    raise UnsupportedNetworkError(f"{node}: {name} must be an integer, but is {printable(str(value))}; export it anew")


def expect(node: Node, **allowed: object) -> None:
    """Refuse attributes of a node that are there and have another value than the one allowed."""
    for name, value in allowed.items():
        found = node.attributes.get(name, value)
        if not isinstance(found, int | float | str | tuple) or found != value:
            raise UnsupportedNetworkError(
                f"{node}: {name} must be {value}, but is {printable(str(found))}; export it otherwise"
            )


def is_constant(tensor: Tensor) -> bool:
    """Return whether a tensor is known before anything runs."""
    return isinstance(tensor, np.ndarray | QuantizedConstant)
