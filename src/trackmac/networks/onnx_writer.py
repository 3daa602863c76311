"""Writes an integer network as ONNX; the form is described in `trackmac.networks.onnx_io`."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import NumberFormat
from trackmac.errors import InputError, UnsupportedNetworkError
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import INPUT, Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize
from trackmac.networks.onnx_form import (
    IR_VERSION,
    MAX_EXPONENT,
    MAX_NAME,
    METADATA_KEY,
    MIN_EXPONENT,
    OPSET,
    WEIGHT_ZERO_POINT,
    OnnxMetadata,
    is_name,
)


def save_onnx(network: IntegerNetwork, path: str | Path) -> None:
    """Write `network` to `path`; its output is float: logits * 2^logit_exponent.

    Raises:
        InputError: the file cannot be written.
        UnsupportedNetworkError: a scale that float32 does not hold, a name that the form does not allow, or two
            Requantize in a row.
    """
    content = _Writer().model(network).SerializeToString()
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another path") from None


class _Writer:
    """Collects nodes and initializers; `_current` is the tensor read next, worth 2^`_exponent` a step."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._initializers: list[Any] = []
        self._current = "image"
        self._is_quantized = False
        self._exponent = 0

    def model(self, network: IntegerNetwork) -> Any:
        from onnx import TensorProto, helper

        metadata = _metadata(network)
        self._requantize(INPUT, network.input_exponent, network.input_format)
        for layer in network.layers:
            self._layer(layer)
        self._nodes[-1].output[0] = "logits"
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *network.input_shape])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", network.classes])
        graph = helper.make_graph(self._nodes, network.name, [image], [logits], self._initializers)
        model = helper.make_model(
            graph, producer_name="trackmac", ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
        )
        helper.set_model_props(model, {METADATA_KEY: metadata.model_dump_json()})
        return model

    def _layer(self, layer: Layer) -> None:
        match layer:
            case Conv2d():
                inputs = self._weights(layer)
                pads = list(layer.padding)
                kernel = list(layer.weights.shape[2:])
                self._node("Conv", layer.name, inputs, kernel_shape=kernel, strides=list(layer.stride), pads=pads)
            case Linear():
                self._node("Gemm", layer.name, self._weights(layer), transB=1)
            case MaxPool2d():
                self._node("MaxPool", layer.name, kernel_shape=list(layer.kernel), strides=list(layer.stride))
            case ReLU():
                self._node("Relu", layer.name)
            case Requantize():
                if self._is_quantized:
                    raise UnsupportedNetworkError(
                        f"layer {layer.name}: requantises what is quantised already, which onnxruntime would merge "
                        "and round once; put a convolution or linear layer between"
                    )
                self._requantize(layer.name, self._exponent + layer.shift, layer.output_format)
            case Flatten():
                self._node("Flatten", layer.name, axis=1)

    def _requantize(self, name: str, exponent: int, output_format: NumberFormat) -> None:
        dtype = np.int8 if output_format.is_signed else np.uint8
        scale = self._scale(f"{name}.scale", exponent)
        zero = self._constant(f"{name}.zero_point", np.zeros((), dtype=dtype))
        self._node("QuantizeLinear", name, (scale, zero))
        if output_format.bits < 8:
            low = self._constant(f"{name}.minimum", np.array(output_format.minimum, dtype=dtype))
            high = self._constant(f"{name}.maximum", np.array(output_format.maximum, dtype=dtype))
            self._node("Clip", f"{name}.clip", (low, high))
        self._node("DequantizeLinear", f"{name}.dequantize", (scale, zero))
        self._exponent = exponent
        self._is_quantized = True

    def _weights(self, layer: Conv2d | Linear) -> tuple[str, str]:
        codes = (layer.weights + WEIGHT_ZERO_POINT).astype(np.uint8)
        zero = self._constant(f"{layer.name}.weights.zero_point", np.array(WEIGHT_ZERO_POINT, dtype=np.uint8))
        weights = self._dequantized(f"{layer.name}.weights", codes, layer.weight_exponent, zero)
        self._exponent += layer.weight_exponent
        self._is_quantized = False
        bias = self._dequantized(f"{layer.name}.bias", layer.bias.astype(np.int32), self._exponent)
        return weights, bias

    def _dequantized(self, name: str, codes: NDArray[np.integer], exponent: int, *zero: str) -> str:
        from onnx import helper

        inputs = [self._constant(f"{name}.codes", codes), self._scale(f"{name}.scale", exponent), *zero]
        self._nodes.append(helper.make_node("DequantizeLinear", inputs, [name], name=f"{name}.dequantize"))
        return name

    def _node(self, operator: str, name: str, inputs: tuple[str, ...] = (), **attributes: Any) -> None:
        from onnx import helper

        output = f"{name}.output"
        self._nodes.append(helper.make_node(operator, [self._current, *inputs], [output], name=name, **attributes))
        self._current = output

    def _scale(self, name: str, exponent: int) -> str:
        if not MIN_EXPONENT <= exponent <= MAX_EXPONENT:
            raise UnsupportedNetworkError(
                f"{name} must be within 2^{MIN_EXPONENT}..2^{MAX_EXPONENT} for float32, but is 2^{exponent}; rescale it"
            )
        return self._constant(name, np.array(2.0**exponent, dtype=np.float32))

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._initializers.append(numpy_helper.from_array(value, name))
        return name


def _metadata(network: IntegerNetwork) -> OnnxMetadata:
    for name in (network.name, *(layer.name for layer in network.layers)):
        if not is_name(name):
            raise UnsupportedNetworkError(
                f"names may have 1 to {MAX_NAME} letters, digits or _.:/- and spaces, but one is {name[:40]!r}; "
                "rename it"
            )
    weighted = [layer for layer in network.layers if isinstance(layer, Conv2d | Linear)]
    return OnnxMetadata(
        name=network.name,
        is_trained=network.is_trained,
        weight_bits={layer.name: layer.weight_format.bits for layer in weighted},
    )
