"""Writes an integer network as ONNX; the form is described in `trackmac.networks.onnx_io`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import InputError, UnsupportedNetworkError
from trackmac.networks.graph import wiring
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import (
    INPUT,
    Add,
    AvgPool2d,
    Clip,
    Concat,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Requantize,
)
from trackmac.networks.onnx_form import (
    IR_VERSION,
    MAX_EXPONENT,
    METADATA_KEY,
    MIN_EXPONENT,
    OPSET,
    metadata_of,
    weight_zero_points,
)
from trackmac.networks.scales import Scale, scales_of

EXACT_PRODUCT_BITS = 53  # of a word and a multiplier, in float64


def save_onnx(network: IntegerNetwork, path: str | Path) -> None:
    """Write `network` to `path`; its output is float: what the logits stand for.

    Raises:
        InputError: the file cannot be written.
        UnsupportedNetworkError: a scale that float32 does not hold, a name that the form does not allow, or a product
            that float64 does not hold.
    """
    content = _Writer(network).model().SerializeToString()
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another path") from None


@dataclass(slots=True)
class _Tensor:
    """A float tensor: (code - zero point) * 2^exponent, each exact in float32."""

    name: str
    scale: Scale
    is_quantized: bool
    """Whether a quantiser stands before it, with nothing between that onnxruntime could not look through."""


@dataclass(slots=True)
class _Writer:
    """Collects nodes and initializers."""

    network: IntegerNetwork
    _nodes: list[Any] = field(default_factory=list)
    _initializers: list[Any] = field(default_factory=list)
    _tensors: dict[str, _Tensor] = field(default_factory=dict)
    _scales: dict[str, Scale] = field(init=False)

    def model(self) -> Any:
        from onnx import TensorProto, helper

        network = self.network
        metadata = metadata_of(network)
        self._scales = scales_of(network)
        self._input()
        for layer, sources, shape in zip(network.layers, wiring(network.layers), network.shapes, strict=True):
            taken = [self._tensors[name] for name in sources]
            name = self._layer(layer, taken, shape.input_format, math.prod(shape.window or ()))
            through = isinstance(layer, MaxPool2d | Flatten | ReLU | Clip | Concat)
            is_quantized = isinstance(layer, Requantize) or (through and all(item.is_quantized for item in taken))
            self._tensors[layer.name] = _Tensor(name, self._scales[layer.name], is_quantized)
        self._output(self._tensors[network.layers[-1].name])
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *network.input_shape])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", network.classes])
        graph = helper.make_graph(self._nodes, network.name, [image], [logits], self._initializers)
        model = helper.make_model(
            graph, producer_name="trackmac", ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
        )
        helper.set_model_props(model, {METADATA_KEY: metadata.model_dump_json()})
        return model

    def _input(self) -> None:
        network = self.network
        scale = self._scales[INPUT]
        worth = self._step(f"{INPUT}.scale", scale.exponent)
        step = worth
        if network.input_unit != 1:
            step = self._constant(f"{INPUT}.step", np.array(network.input_scale, dtype=np.float32))
        name = self._quantizer(INPUT, "image", (step, worth), scale.zero_point, network.input_format)
        self._tensors[INPUT] = _Tensor(name, scale, is_quantized=True)

    def _output(self, last: _Tensor) -> None:
        if self.network.logit_scales:
            worth = np.array(self.network.logit_scales) * 2.0**-last.scale.exponent
            factor = self._constant("logits.scale", worth.astype(np.float32))
            self._node("Mul", "logits.scaled", [last.name, factor])
        self._nodes[-1].output[0] = "logits"

    def _layer(self, layer: Layer, taken: Sequence[_Tensor], word: NumberFormat, elements: int) -> str:  # noqa: PLR0911 - a kind each
        first, names = taken[0], [item.name for item in taken]
        match layer:
            case Conv2d():
                return self._conv(layer, first)
            case Linear():
                return self._node("Gemm", layer.name, [first.name, *self._weights(layer, first)], transB=1)
            case MaxPool2d():
                sizes = {"kernel_shape": list(layer.kernel), "strides": list(layer.stride), "pads": list(layer.padding)}
                return self._node("MaxPool", layer.name, names, **sizes)
            case AvgPool2d() | GlobalAvgPool():
                return self._average(layer, first, elements)
            case ReLU():
                return self._rectifier(layer, first)
            case Clip():
                return self._clip(layer, first)
            case Add():
                return self._add(layer, taken)
            case Concat():
                return self._concat(layer, taken)
            case Requantize():
                return self._requantize(layer, first, word)
            case Flatten():
                return self._node("Flatten", layer.name, names, axis=1)

    def _conv(self, layer: Conv2d, taken: _Tensor) -> str:
        if any(layer.sides):
            taken = self._centred(layer.name, taken, layer.input_zero_point)
        return self._node(
            "Conv",
            layer.name,
            [taken.name, *self._weights(layer, taken)],
            kernel_shape=list(layer.kernel),
            strides=list(layer.stride),
            pads=list(layer.sides),
            dilations=list(layer.dilation),
            group=layer.groups,
        )

    def _centred(self, name: str, taken: _Tensor, zero_point: int) -> _Tensor:
        """Write an offset that makes `zero_point` the code that stands for zero."""
        if zero_point == taken.scale.zero_point:
            return taken
        scale = replace(taken.scale, zero_point=zero_point)
        offset = self._real(f"{name}.offset", taken.scale.zero_point, scale)
        return _Tensor(self._node("Add", f"{name}.shifted", [taken.name, offset]), scale, is_quantized=False)

    def _average(self, layer: AvgPool2d | GlobalAvgPool, taken: _Tensor, elements: int) -> str:
        """Write the average; where a float does not hold it exactly, the sum from it."""
        if isinstance(layer, AvgPool2d):
            sizes = {"kernel_shape": list(layer.kernel), "strides": list(layer.stride)}
            name = self._node("AveragePool", layer.name, [taken.name], **sizes)
        else:
            name = self._node("GlobalAveragePool", layer.name, [taken.name])
        if elements & (elements - 1) == 0:
            return name
        factor = np.array(elements * 2.0**-taken.scale.exponent, dtype=np.float32)
        name = self._node("Mul", f"{layer.name}.sum", [name, self._constant(f"{layer.name}.elements", factor)])
        return self._node("Round", f"{layer.name}.round", [name])

    def _rectifier(self, layer: ReLU, taken: _Tensor) -> str:
        if taken.scale.zero_point == 0:
            return self._node("Relu", layer.name, [taken.name])
        low = self._real(f"{layer.name}.minimum", 0, taken.scale)
        return self._node("Clip", layer.name, [taken.name, low])

    def _clip(self, layer: Clip, taken: _Tensor) -> str:
        low = self._real(f"{layer.name}.minimum", layer.low, taken.scale)
        high = self._real(f"{layer.name}.maximum", layer.high, taken.scale)
        return self._node("Clip", layer.name, [taken.name, low, high])

    def _real(self, name: str, code: int, scale: Scale) -> str:
        value = (code - scale.zero_point) * 2.0**scale.exponent
        return self._constant(name, np.array(value, dtype=np.float32))

    def _add(self, layer: Add, taken: Sequence[_Tensor]) -> str:
        names = self._brought_to(self._scales[layer.name].exponent, layer.name, taken, layer.multipliers)
        return self._node("Add", layer.name, names)

    def _concat(self, layer: Concat, taken: Sequence[_Tensor]) -> str:
        scale = self._scales[layer.name]
        alike = [self._centred(f"{layer.name}.{i}", item, scale.zero_point) for i, item in enumerate(taken)]
        names = self._brought_to(scale.exponent, layer.name, alike, (1,) * len(alike))
        return self._node("Concat", layer.name, names, axis=1)

    def _brought_to(self, target: int, name: str, taken: Sequence[_Tensor], multipliers: Sequence[int]) -> list[str]:
        """Write products with the multipliers, in steps of 2^target; nothing where that changes nothing."""
        names = []
        for place, (item, times) in enumerate(zip(taken, multipliers, strict=True)):
            factor = times * 2.0 ** (target - item.scale.exponent)
            if factor == 1:
                names.append(item.name)
            else:
                constant = self._constant(f"{name}.multiplier{place}", np.array(factor, dtype=np.float32))
                names.append(self._node("Mul", f"{name}.scaled{place}", [item.name, constant]))
        return names

    def _requantize(self, layer: Requantize, taken: _Tensor, word: NumberFormat) -> str:
        name = self._centred(layer.name, taken, layer.input_zero_point).name
        worth = self._step(f"{layer.name}.scale", self._scales[layer.name].exponent)
        step, exponent = worth, taken.scale.exponent + layer.shift
        if set(layer.multiplier) != {1} or taken.is_quantized:
            name = self._multiplied(layer, name, taken, word)
            step = self._step(f"{layer.name}.step", 0)
        elif exponent != self._scales[layer.name].exponent:
            step = self._step(f"{layer.name}.step", exponent)
        return self._quantizer(layer.name, name, (step, worth), layer.zero_point, layer.output_format)

    def _multiplied(self, layer: Requantize, name: str, taken: _Tensor, word: NumberFormat) -> str:
        """Write multiplication and rounding in float64, which is exact, and which no runtime merges with others."""
        from onnx import TensorProto

        if word.bits + max(layer.multiplier).bit_length() > EXACT_PRODUCT_BITS:
            raise UnsupportedNetworkError(
                f"layer {layer.name}: {word} times {max(layer.multiplier)} passes the {EXACT_PRODUCT_BITS} bits that "
                "float64 holds; use smaller multipliers"
            )
        factors = np.array(layer.multiplier) * 2.0 ** (-layer.shift - taken.scale.exponent)
        axes = len(self._shape(layer.name)) - 1 if factors.size > 1 else 0
        factor = self._constant(f"{layer.name}.multiplier", factors.reshape(-1, *[1] * axes))
        name = self._node("Cast", f"{layer.name}.wide", [name], to=TensorProto.DOUBLE)
        name = self._node("Mul", f"{layer.name}.scaled", [name, factor])
        name = self._node("Round", f"{layer.name}.round", [name])
        return self._node("Cast", f"{layer.name}.float", [name], to=TensorProto.FLOAT)

    def _shape(self, name: str) -> tuple[int, ...]:
        return next(shape.output_shape for shape in self.network.shapes if shape.name == name)

    def _quantizer(
        self, name: str, source: str, scales: tuple[str, str], zero_point: int, output_format: NumberFormat
    ) -> str:
        """Write codes in steps of the first scale, worth the second from there on."""
        dtype = np.int8 if output_format.is_signed else np.uint8
        zero = self._constant(f"{name}.zero_point", np.array(zero_point, dtype=dtype))
        codes = self._node("QuantizeLinear", name, [source, scales[0], zero])
        if output_format.bits < 8:
            low = self._constant(f"{name}.minimum", np.array(output_format.minimum, dtype=dtype))
            high = self._constant(f"{name}.maximum", np.array(output_format.maximum, dtype=dtype))
            codes = self._node("Clip", f"{name}.clip", [codes, low, high])
        return self._node("DequantizeLinear", f"{name}.dequantize", [codes, scales[1], zero])

    def _weights(self, layer: Conv2d | Linear, taken: _Tensor) -> list[str]:
        name, zeros = f"{layer.name}.weights", weight_zero_points(layer)
        codes = layer.weights + zeros.reshape(-1, *[1] * (layer.weights.ndim - 1))
        step = self._step(f"{name}.scale", layer.weight_exponent, zeros.shape)
        zero = self._constant(f"{name}.zero_point", zeros.astype(np.uint8))
        axis = {"axis": 0} if zeros.ndim else {}
        weights = self._dequantized(name, codes.astype(np.uint8), step, zero, **axis)
        sums: IntArray = layer.weights.reshape(len(layer.weights), -1).sum(axis=1)
        bias = layer.bias + taken.scale.zero_point * sums
        exponent = taken.scale.exponent + layer.weight_exponent
        if np.abs(bias).max() >= 1 << 31:
            raise UnsupportedNetworkError(f"layer {layer.name}: its biases pass 32 bits in ONNX; use smaller ones")
        step = self._step(f"{layer.name}.bias.scale", exponent)
        return [weights, self._dequantized(f"{layer.name}.bias", bias.astype(np.int32), step)]

    def _dequantized(self, name: str, codes: NDArray[np.integer], step: str, *zero: str, **axis: Any) -> str:
        from onnx import helper

        inputs = [self._constant(f"{name}.codes", codes), step, *zero]
        self._nodes.append(helper.make_node("DequantizeLinear", inputs, [name], name=f"{name}.dequantize", **axis))
        return name

    def _node(self, operator: str, name: str, inputs: Sequence[str], **attributes: Any) -> str:
        from onnx import helper

        output = f"{name}.output"
        self._nodes.append(helper.make_node(operator, list(inputs), [output], name=name, **attributes))
        return output

    def _step(self, name: str, exponent: int, shape: tuple[int, ...] = ()) -> str:
        if not MIN_EXPONENT <= exponent <= MAX_EXPONENT:
            raise UnsupportedNetworkError(
                f"{name} must be within 2^{MIN_EXPONENT}..2^{MAX_EXPONENT} for float32, but is 2^{exponent}; rescale it"
            )
        return self._constant(name, np.full(shape, 2.0**exponent, dtype=np.float32))

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._initializers.append(numpy_helper.from_array(value, name))
        return name
