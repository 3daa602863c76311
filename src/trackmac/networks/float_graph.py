"""A float ONNX graph made simple: constants folded into convolutions and linear layers, every operator known."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.onnx_file import Graph, Node, printable, refuse_unknown_operators

WEIGHTED = ("Conv", "Gemm", "MatMul")
UNWEIGHTED = (
    "Add", "ArgMax", "AveragePool", "BatchNormalization", "Clip", "Concat", "Div", "Dropout", "Flatten",
    "GlobalAveragePool", "Identity", "LogSoftmax", "MaxPool", "Mul", "Pad", "ReduceMean", "Relu", "Reshape",
    "Softmax", "Squeeze", "Sub",
)  # fmt: skip
OPERATORS = (*WEIGHTED, *UNWEIGHTED)
AT_THE_END = ("ArgMax", "LogSoftmax", "Softmax")
NOTHING = ("Dropout", "Identity")

Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Affine:
    """y = x * factor + offset, a number for all channels or one for each."""

    factor: Real
    offset: Real


def simplified(graph: Graph) -> Graph:
    """Return a graph of the same function in which Conv and Gemm alone compute with constants.

    What multiplies and adds constants (BatchNormalization, Mul, ...) is folded into the layer before it, or becomes
    a 1x1 convolution of each channel for itself. Softmax and ArgMax at the end are left out.

    Raises:
        UnsupportedNetworkError: an operator that is not known, or quantised already; the message names the node.
    """
    if any("QuantizeLinear" in node.operator or node.operator.startswith("QLinear") for node in graph.nodes):
        raise UnsupportedNetworkError("it is quantised already; use it as it is, or give the float network")
    refuse_unknown_operators(graph, OPERATORS, where=" in a float network")
    simplifier = _Simplifier(graph)
    for node in graph.nodes:
        simplifier.take(node)
    return simplifier.graph()


class _Simplifier:
    """The nodes kept so far, and the constants that they read."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._constants = dict(graph.constants)
        self._nodes: dict[str, Node] = {}  # by output
        self._renamed: dict[str, str] = {}
        self._uses = Counter(name for node in graph.nodes for name in node.inputs)
        self._uses[graph.output_name] += 1

    def graph(self) -> Graph:
        output = self._renamed.get(self._graph.output_name, self._graph.output_name)
        return replace(self._graph, nodes=tuple(self._nodes.values()), constants=self._constants, output_name=output)

    def take(self, node: Node) -> None:
        inputs = tuple(self._renamed.get(name, name) for name in node.inputs)
        node = replace(node, inputs=inputs)
        if node.operator in NOTHING or (node.operator in AT_THE_END and self._is_last(node)):
            self._pass(node)
            return
        affine = self._affine(node)
        if affine is None:
            self._keep(self._with_constants(node))
        else:
            self._fold(node, *affine)

    def _is_last(self, node: Node) -> bool:
        return node.outputs[0] == self._graph.output_name or all(
            other.operator in (*AT_THE_END, *NOTHING) for other in self._graph.nodes if node.outputs[0] in other.inputs
        )

    def _pass(self, node: Node) -> None:
        source = node.inputs[0]
        self._renamed[node.outputs[0]] = source
        self._uses[source] += self._uses[node.outputs[0]] - 1

    def _keep(self, node: Node) -> None:
        self._nodes[node.outputs[0]] = node

    def _affine(self, node: Node) -> tuple[str, Affine] | None:
        """Return what a node multiplies and adds, and to which tensor, if that is all it does."""
        if node.operator == "BatchNormalization":
            gamma, beta, mean, variance = (self._real(node, place) for place in range(1, 5))
            epsilon = node.attributes.get("epsilon", 1e-5)
            factor = gamma / np.sqrt(variance + (epsilon if isinstance(epsilon, float) else 1e-5))
            return node.inputs[0], Affine(factor, beta - mean * factor)
        if node.operator not in ("Add", "Sub", "Mul", "Div") or len(node.inputs) != 2:
            return None
        place = next((place for place in (1, 0) if node.inputs[place] in self._constants), None)
        if place is None:
            if node.operator == "Add":
                return None
            raise UnsupportedNetworkError(f"{node}: may combine a tensor with constants only; export it otherwise")
        value = self._real(node, place)
        one, zero = np.ones(1), np.zeros(1)
        match node.operator, place:
            case "Add", _:
                affine = Affine(one, value)
            case "Sub", 1:
                affine = Affine(one, -value)
            case "Sub", _:
                affine = Affine(-one, value)
            case "Mul", _:
                affine = Affine(value, zero)
            case "Div", 1 if value.all():
                affine = Affine(1 / value, zero)
            case _:
                raise UnsupportedNetworkError(f"{node}: may divide by constants other than 0 only; export it otherwise")
        return node.inputs[1 - place], affine

    def _fold(self, node: Node, source: str, affine: Affine) -> None:
        before = self._nodes.get(source)
        if before is not None and before.operator in WEIGHTED and self._uses[source] == 1:
            del self._nodes[source]
            self._keep(replace(self._scaled(before, affine, node), outputs=node.outputs))
            return
        self._keep(self._channelwise(node, source, affine))

    def _scaled(self, layer: Node, affine: Affine, node: Node) -> Node:
        """Return a layer with weights * factor and bias * factor + offset."""
        weights, bias = self._constants[layer.inputs[1]], self._constants[layer.inputs[2]]
        channels = len(bias)
        if affine.factor.size not in (1, channels) or affine.offset.size not in (1, channels):
            raise UnsupportedNetworkError(f"{node}: must have one number for each of {channels} channels; export anew")
        factor = np.broadcast_to(affine.factor, channels)
        shape = (-1, *[1] * (weights.ndim - 1))
        return self._with(
            replace(layer, name=layer.name), weights * factor.reshape(shape), bias * factor + affine.offset
        )

    def _channelwise(self, node: Node, source: str, affine: Affine) -> Node:
        """Return a 1x1 convolution of each channel for itself; the image is the only map whose channels are known."""
        is_image = source == self._graph.input_name
        channels = max(self._graph.input_shape[0] if is_image else 1, affine.factor.size, affine.offset.size)
        sizes = {affine.factor.size, affine.offset.size}
        if not sizes <= {1, channels} or (sizes == {1} and not is_image):
            raise UnsupportedNetworkError(
                f"{node}: operator {printable(node.operator)!r} must follow a convolution or linear layer, or have one "
                "number for each channel; export it so"
            )
        weights = np.broadcast_to(affine.factor, channels).reshape(channels, 1, 1, 1)
        layer = replace(node, operator="Conv", inputs=(source,), attributes={"group": channels, "kernel_shape": (1, 1)})
        return self._with(layer, weights, np.broadcast_to(affine.offset, channels))

    def _with_constants(self, node: Node) -> Node:
        """Return a layer with weights [out, ...] and a bias; all other nodes as they are."""
        if node.operator not in WEIGHTED:
            return node
        if len(node.inputs) < 2 or node.inputs[1] not in self._constants or node.inputs[0] in self._constants:
            raise UnsupportedNetworkError(f"{node}: its weights must be constants, and its input none; export it so")
        weights = self._tensor(node, 1)
        if node.operator == "Conv":
            if weights.ndim != 4:
                raise UnsupportedNetworkError(
                    f"{node}: only 2-D convolutions are read, but it has {weights.ndim - 2} axes"
                )
        elif weights.ndim != 2:
            raise UnsupportedNetworkError(f"{node}: its weights must have 2 axes, but have {weights.ndim}; export anew")
        elif node.operator == "MatMul" or node.attributes.get("transB", 0) != 1:
            weights = weights.T
        if node.operator == "Gemm" and any(
            node.attributes.get(name, usual) != usual for name, usual in (("alpha", 1.0), ("beta", 1.0), ("transA", 0))
        ):
            raise UnsupportedNetworkError(f"{node}: alpha and beta must be 1, and transA 0; export it so")
        has_bias = len(node.inputs) > 2 and node.inputs[2]
        bias = self._real(node, 2) if has_bias else np.zeros(1)
        if 0 in weights.shape or bias.size not in (1, len(weights)):
            raise UnsupportedNetworkError(f"{node}: weights and bias must fit each other, but do not; export it anew")
        if node.operator != "Conv":
            node = replace(node, operator="Gemm", attributes={"transB": 1})
        return self._with(node, weights, np.broadcast_to(bias, len(weights)))

    def _with(self, node: Node, weights: Real, bias: Real) -> Node:
        """Return `node` with constants of its own; those of a file may be shared."""
        names = f"{node.outputs[0]}.float_weights", f"{node.outputs[0]}.float_bias"
        self._constants[names[0]] = np.array(weights, dtype=np.float64)
        self._constants[names[1]] = np.array(bias, dtype=np.float64)
        return replace(node, inputs=(node.inputs[0], *names))

    def _real(self, node: Node, place: int) -> Real:
        return self._tensor(node, place).reshape(-1)

    def _tensor(self, node: Node, place: int) -> Real:
        name = node.inputs[place] if place < len(node.inputs) else ""
        value: NDArray[Any] | None = self._constants.get(name)
        if value is None or value.dtype.kind not in "fiu":
            raise UnsupportedNetworkError(f"{node}: input number {place} must be a constant of numbers; export it so")
        return value.astype(np.float64)
