"""Where a float graph is quantised: behind each layer that computes new numbers, and its ReLU."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.networks.float_operators import clip_bounds
from trackmac.networks.onnx_file import Graph, Node

COMPUTING = ("Add", "AveragePool", "Conv", "Gemm", "GlobalAveragePool", "ReduceMean")
RECTIFYING = ("Clip", "Relu")
NOT_GIVEN = np.zeros(0)


@dataclass(frozen=True, slots=True)
class Point:
    """A tensor that gets a quantiser; those of one `group` meet in a Concat and share a scale."""

    tensor: str
    group: str
    is_signed: bool


def points_of(graph: Graph) -> tuple[Point, ...]:
    """Return the tensors to quantise: the image, and what each computing node gives, behind its Relu or Clip.

    What leads to the graph's output, after the last computing node, is not quantised: those are the logits.
    """
    last = _last_tensors(graph)
    tensors = [graph.input_name]
    for node in graph.nodes:
        if node.operator in COMPUTING:
            end = _behind_rectifier(graph, node).outputs[0]
            if end not in last:
                tensors.append(end)
    groups = _groups(graph, set(tensors))
    unsigned = _unsigned(graph)
    signed_groups = {groups[tensor] for tensor in tensors if tensor not in unsigned}
    return tuple(Point(tensor, groups[tensor], groups[tensor] in signed_groups) for tensor in tensors)


def _behind_rectifier(graph: Graph, node: Node) -> Node:
    readers = [other for other in graph.nodes if node.outputs[0] in other.inputs]
    is_alone = len(readers) == 1 and node.outputs[0] != graph.output_name
    return _behind_rectifier(graph, readers[0]) if is_alone and readers[0].operator in RECTIFYING else node


def _last_tensors(graph: Graph) -> set[str]:
    """Return the output and the tensors that it is made of without computing."""
    by_output = {node.outputs[0]: node for node in graph.nodes}
    found: set[str] = set()
    waiting = [graph.output_name]
    while waiting:
        name = waiting.pop()
        found.add(name)
        node = by_output.get(name)
        if node is not None and node.operator not in COMPUTING:
            waiting += node.inputs[:1]
    return found


def _groups(graph: Graph, tensors: set[str]) -> dict[str, str]:
    """Return for each point the name of its group: points that flow into one Concat are together."""
    parent = {tensor: tensor for tensor in tensors}

    def top(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    origins: dict[str, set[str]] = {}
    for node in (Node(name="", operator="", domain="", inputs=(), outputs=(graph.input_name,)), *graph.nodes):
        output = node.outputs[0]
        is_joined = node.operator == "Concat"
        taken = [origins.get(name, set()) for name in (node.inputs if is_joined else node.inputs[:1])]
        origins[output] = {output} if output in tensors else set().union(*taken)
        if is_joined:
            members = sorted(origins[output])
            for member in members[1:]:
                parent[top(member)] = top(members[0])
    return {tensor: top(tensor) for tensor in tensors}


def _unsigned(graph: Graph) -> set[str]:
    """Return the tensors that are never negative, as the operators tell."""
    found = {graph.input_name}
    for node in graph.nodes:
        match node.operator:
            case "Relu":
                is_unsigned = True
            case "Clip":
                is_unsigned = node.inputs[0] in found or _low(node, graph.constants) >= 0
            case "Conv" | "Gemm":
                is_unsigned = False
            case "Add" | "Concat":
                is_unsigned = all(name in found for name in node.inputs)
            case _:
                is_unsigned = node.inputs[0] in found
        if is_unsigned:
            found.add(node.outputs[0])
    return found


def _low(node: Node, constants: Mapping[str, NDArray[Any]]) -> float:
    return clip_bounds(node, [constants.get(name, NOT_GIVEN) for name in node.inputs])[0]
