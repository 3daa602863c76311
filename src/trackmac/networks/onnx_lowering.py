"""Brings the quantised dialects of ONNX to one: float operators between QuantizeLinear and DequantizeLinear (QDQ).

- QOperator (QLinearConv, QLinearMatMul and onnxruntime's own, com.microsoft): integers in and out;
- QONNX (Quant, BipolarQuant): a quantiser that gives real numbers, of any width;
- QDQ and QCDQ (a Clip behind QuantizeLinear narrows it): left as they are.

A QuantizeLinear may have the attributes `bits`, `is_signed` and `is_narrow` here, and none of ONNX's zero point types.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.onnx_file import Attribute, Graph, Node

QONNX_DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")
MICROSOFT = "com.microsoft"
MAX_WIDTH = 32


def lowered(graph: Graph) -> Graph:
    """Return the same graph in QDQ form.

    Raises:
        UnsupportedNetworkError: a quantiser that cannot be brought to it; the message names the node.
    """
    constants = dict(graph.constants)
    nodes = [node for original in graph.nodes for node in _lowered(original, constants)]
    return replace(graph, nodes=tuple(nodes), constants=constants)


def _lowered(node: Node, constants: dict[str, NDArray[Any]]) -> Iterator[Node]:
    lowering = _Lowering(node, constants)
    match node.domain, node.operator:
        case "", "QLinearConv":
            yield from lowering.weighted("Conv", bias=8)
        case "", "QLinearMatMul":
            yield from lowering.weighted("MatMul")
        case domain, "QGemm" if domain == MICROSOFT:
            yield from lowering.weighted("Gemm", bias=6, output=7)
        case domain, "QLinearAdd" if domain == MICROSOFT:
            yield from lowering.several("Add", [(0, 1, 2), (3, 4, 5)], (6, 7))
        case domain, "QLinearConcat" if domain == MICROSOFT:
            places = [(i, i + 1, i + 2) for i in range(2, len(node.inputs), 3)]
            yield from lowering.several("Concat", places, (0, 1))
        case domain, "QLinearGlobalAveragePool" if domain == MICROSOFT:
            yield from lowering.several("GlobalAveragePool", [(0, 1, 2)], (3, 4))
        case domain, "QLinearAveragePool" if domain == MICROSOFT:
            yield from lowering.several("AveragePool", [(0, 1, 2)], (3, 4))
        case domain, "Quant" if domain in QONNX_DOMAINS:
            yield from lowering.quant()
        case domain, "BipolarQuant" if domain in QONNX_DOMAINS:
            yield lowering.bipolar()
        case _:
            yield node


class _Lowering:
    """The nodes that stand for one `node`; what is constant in it becomes a constant of the graph."""

    def __init__(self, node: Node, constants: dict[str, NDArray[Any]]) -> None:
        self._node, self._constants = node, constants

    def weighted(self, operator: str, bias: int | None = None, output: int = 6) -> Iterator[Node]:
        """A product of inputs 0 and 3, each with scale and zero point behind it."""
        self._expect(6)
        scale = self._constant(1) * self._constant(4).astype(np.float64)
        axis = 0 if operator == "Conv" or self._node.attributes.get("transB") else 1
        yield self._dequantize("input", *self._node.inputs[0:3])
        yield self._dequantize("weights", *self._node.inputs[3:6], axis=axis)
        taken = [self._name("input"), self._name("weights")]
        if bias is not None and bias < len(self._node.inputs) and self._node.inputs[bias]:
            self._constants[self._name("bias.scale")] = scale.reshape(-1)
            yield self._dequantize("bias", self._node.inputs[bias], self._name("bias.scale"), axis=0)
            taken.append(self._name("bias"))
        yield from self._operator(operator, taken, (output, output + 1))

    def several(self, operator: str, places: list[tuple[int, int, int]], output: tuple[int, int]) -> Iterator[Node]:
        """An operator whose inputs stand at `places`, each with scale and zero point."""
        self._expect(max(max(place) for place in places) + 1)
        for number, place in enumerate(places):
            yield self._dequantize(f"input{number}", *(self._node.inputs[i] for i in place))
        yield from self._operator(operator, [self._name(f"input{number}") for number in range(len(places))], output)

    def quant(self) -> Iterator[Node]:
        """QONNX: codes = clip(round(x / scale) + zero point), of any width."""
        self._expect(4)
        width = float(self._constant(3).reshape(-1)[0]) if self._constant(3).size == 1 else 0.0
        if not width.is_integer() or not 1 <= width <= MAX_WIDTH:
            raise UnsupportedNetworkError(f"{self._node}: must have 1 to {MAX_WIDTH} whole bits, but has {width}")
        if str(self._node.attributes.get("rounding_mode", "ROUND")).upper() not in ("ROUND", "HALF_EVEN"):
            raise UnsupportedNetworkError(f"{self._node}: must round half to even; export it so")
        attributes: dict[str, Attribute] = {
            "bits": int(width),
            "is_signed": int(bool(self._node.attributes.get("signed", 1))),
            "is_narrow": int(bool(self._node.attributes.get("narrow", 0))),
        }
        source, scale, zero = self._node.inputs[:3]
        codes = self._name("codes")
        quantize = Node(
            name=self._node.name,
            operator="QuantizeLinear",
            domain="",
            inputs=(source, scale, zero),
            outputs=(codes,),
            attributes={**attributes, **self._axis(scale)},
        )
        yield quantize
        yield Node(
            name=self._name("dequantize"),
            operator="DequantizeLinear",
            domain="",
            inputs=(codes, scale, zero),
            outputs=self._node.outputs,
            attributes={**self._axis(scale)},
        )

    def bipolar(self) -> Node:
        """QONNX: the sign of constant weights, -1 or +1."""
        self._expect(2)
        codes, zero = self._name("codes"), self._name("zero_point")
        self._constants[codes] = np.where(self._constant(0) >= 0, 1, -1).astype(np.int8)
        self._constants[zero] = np.zeros((), dtype=np.int8)
        return Node(
            name=self._node.name,
            operator="DequantizeLinear",
            domain="",
            inputs=(codes, self._node.inputs[1], zero),
            outputs=self._node.outputs,
            attributes={"bits": 2, **self._axis(self._node.inputs[1])},
        )

    def _axis(self, scale: str) -> dict[str, int]:
        """Return along which axis a scale such as [C, 1, 1, 1] runs."""
        shape = self._constants[scale].shape if scale in self._constants else ()
        long = [axis for axis, size in enumerate(shape) if size > 1]
        return {"axis": long[0]} if len(long) == 1 else {}

    def _operator(self, operator: str, inputs: list[str], output: tuple[int, int]) -> Iterator[Node]:
        is_quantized = output[0] < len(self._node.inputs)
        result = (self._name("real"),) if is_quantized else self._node.outputs
        yield replace(self._node, operator=operator, domain="", inputs=tuple(inputs), outputs=result)
        if is_quantized:
            yield Node(
                name=self._name("quantize"),
                operator="QuantizeLinear",
                domain="",
                inputs=(result[0], *(self._node.inputs[place] for place in output if place < len(self._node.inputs))),
                outputs=self._node.outputs,
            )

    def _dequantize(self, name: str, *inputs: str, axis: int = 1) -> Node:
        return Node(
            name=self._name(f"{name}.dequantize"),
            operator="DequantizeLinear",
            domain="",
            inputs=inputs,
            outputs=(self._name(name),),
            attributes={"axis": axis},
        )

    def _constant(self, place: int) -> NDArray[Any]:
        name = self._node.inputs[place]
        if name not in self._constants:
            raise UnsupportedNetworkError(f"{self._node}: input {place} must be a constant, but is not; export it so")
        return self._constants[name]

    def _expect(self, inputs: int) -> None:
        if self._node.attributes.get("channels_last", 0):
            raise UnsupportedNetworkError(f"{self._node}: channels_last must be 0, but is not; export it in NCHW order")
        if len(self._node.inputs) < inputs:
            raise UnsupportedNetworkError(
                f"{self._node}: must have {inputs} inputs, but has {len(self._node.inputs)}; export it anew"
            )

    def _name(self, part: str) -> str:
        return f"{self._node.outputs[0]}.{part}"
