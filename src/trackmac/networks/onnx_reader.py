"""Reads an integer network from ONNX; the form is described in `trackmac.networks.onnx_io`, all else is refused."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import FileFormatError, UnsupportedNetworkError
from trackmac.files import first_problem
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize
from trackmac.networks.onnx_form import (
    MAX_TENSOR_NAME,
    METADATA_KEY,
    OPSET,
    WEIGHT_ZERO_POINT,
    OnnxMetadata,
    is_name,
)

MAX_BYTES = 200_000_000


def load_onnx(path: str | Path) -> IntegerNetwork:
    """Read the network that `save_onnx` wrote to `path`.

    Raises:
        FileFormatError: missing, too large, truncated, not ONNX, or broken in itself.
        UnsupportedNetworkError: an operator or a form that trackmac does not read; the message names the node.
    """
    model = _parse(Path(path))
    try:
        return _Reader(model, _metadata(model)).network()
    except UnsupportedNetworkError as error:
        raise UnsupportedNetworkError(f"{path}: {error}") from None
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None


@dataclass(frozen=True, slots=True)
class _Quantized:
    """Integer codes [...] worth 2^`exponent` each."""

    codes: IntArray
    exponent: int


class _Reader:
    """Walks the chain of nodes; `_current` is the tensor read last, worth 2^`_exponent` a step."""

    def __init__(self, model: Any, metadata: OnnxMetadata) -> None:
        self._metadata = metadata
        self._graph = model.graph
        self._constants = {tensor.name: tensor for tensor in model.graph.initializer}
        self._quantized: dict[str, _Quantized] = {}
        self._chain = []
        for node in model.graph.node:
            if node.op_type == "DequantizeLinear" and node.input and node.input[0] in self._constants:
                self._read_quantized(node)
            else:
                self._chain.append(node)
        self._exponent = 0
        self._current = ""

    def network(self) -> IntegerNetwork:
        image, logits = self._ends()
        self._current = image.name
        if not self._chain or self._chain[0].op_type != "QuantizeLinear":
            raise UnsupportedNetworkError("the first node must be the input's QuantizeLinear; export it anew")
        entry = self._quantizer()
        input_exponent = self._exponent
        layers = []
        while self._chain:
            layers.append(self._layer())
        if self._current != logits.name:
            raise UnsupportedNetworkError(f"the last node must give the output {logits.name!r}, but does not")
        channels, height, width = _dimensions(image, 4)
        return IntegerNetwork(
            name=self._metadata.name,
            input_shape=(channels, height, width),
            input_format=entry.output_format,
            input_exponent=input_exponent,
            layers=tuple(layers),
            classes=_dimensions(logits, 2)[0],
            is_trained=self._metadata.is_trained,
        )

    def _ends(self) -> tuple[Any, Any]:
        if len(self._graph.input) != 1 or len(self._graph.output) != 1:
            raise UnsupportedNetworkError(
                f"one input and one output are read, but the graph has {len(self._graph.input)} and "
                f"{len(self._graph.output)}; export it anew"
            )
        return self._graph.input[0], self._graph.output[0]

    def _layer(self) -> Layer:
        node = self._chain[0]
        match node.op_type:
            case "QuantizeLinear":
                return self._quantizer()
            case "Conv":
                return self._conv(self._next("Conv", 3))
            case "Gemm":
                node = self._next("Gemm", 3)
                _expect_attributes(node, {"transB": 1})
                return Linear(name=node.name, **self._weighted(node))
            case "MaxPool":
                node = self._next("MaxPool", 1)
                sizes = _sizes(node, {"kernel_shape": 2, "strides": 2})
                return MaxPool2d(name=node.name, kernel=sizes["kernel_shape"], stride=sizes["strides"])
            case "Relu":
                node = self._next("Relu", 1)
                _expect_attributes(node, {})
                return ReLU(name=node.name)
            case "Flatten":
                node = self._next("Flatten", 1)
                _expect_attributes(node, {"axis": 1})
                return Flatten(name=node.name)
        raise UnsupportedNetworkError(
            f"node {_quoted(node)}: operator {node.op_type[:40]!r} is not supported here; "
            "known are Conv, Gemm, MaxPool, Relu, Flatten and QuantizeLinear with its DequantizeLinear"
        )

    def _conv(self, node: Any) -> Conv2d:
        sizes = _sizes(node, {"kernel_shape": 2, "strides": 2, "pads": 4})
        weighted = self._weighted(node)
        if sizes["pads"][:2] != sizes["pads"][2:] or sizes["kernel_shape"] != weighted["weights"].shape[2:]:
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: padding must be the same on both sides and kernel_shape that of the weights, "
                f"but pads are {sizes['pads']}, kernel_shape {sizes['kernel_shape']}; export it anew"
            )
        return Conv2d(name=node.name, stride=sizes["strides"], padding=sizes["pads"][:2], **weighted)

    def _quantizer(self) -> Requantize:
        node = self._next("QuantizeLinear", 3)
        _expect_attributes(node, {})
        exponent, zero = self._scale(node), self._constant(node, node.input[2])
        if zero.dtype not in (np.int8, np.uint8) or zero.shape != () or zero != 0:
            raise UnsupportedNetworkError(f"node {_quoted(node)}: the zero point must be int8 or uint8 0; export anew")
        output_format = NumberFormat(8, is_signed=zero.dtype == np.int8)
        if self._chain and self._chain[0].op_type == "Clip":
            output_format = self._clip(output_format)
        dequantize = self._next("DequantizeLinear", 3)
        _expect_attributes(dequantize, {})
        if dequantize.input[1:] != node.input[1:]:
            raise UnsupportedNetworkError(
                f"node {_quoted(dequantize)}: must have the scale and zero point of {_quoted(node)}, but has others"
            )
        shift = exponent - self._exponent
        self._exponent = exponent
        return Requantize(name=node.name, shift=shift, output_format=output_format)

    def _clip(self, whole: NumberFormat) -> NumberFormat:
        node = self._next("Clip", 3)
        _expect_attributes(node, {})
        low, high = (self._constant(node, name) for name in node.input[1:])
        for bits in range(2, 8):
            narrower = NumberFormat(bits, is_signed=whole.is_signed)
            if low.shape == high.shape == () and (low, high) == (narrower.minimum, narrower.maximum):
                return narrower
        raise UnsupportedNetworkError(f"node {_quoted(node)}: must clip to a format of 2 to 7 bits, but does not")

    def _weighted(self, node: Any) -> dict[str, Any]:
        for name in node.input[1:]:
            if name not in self._quantized:
                raise UnsupportedNetworkError(
                    f"node {_quoted(node)}: weights and bias must be integers through a DequantizeLinear; quantise them"
                )
        weights, bias = (self._quantized[name] for name in node.input[1:])
        self._exponent += weights.exponent
        if bias.exponent != self._exponent:
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: the bias' scale must be input scale * weight scale, 2^{self._exponent}, "
                f"but is 2^{bias.exponent}; export it anew"
            )
        if node.name not in self._metadata.weight_bits:
            raise FileFormatError(f"metadata {METADATA_KEY!r}: weight_bits lacks {_quoted(node)}; export it anew")
        weight_format = NumberFormat(self._metadata.weight_bits[node.name], is_signed=True)
        return {
            "weights": weights.codes,
            "bias": bias.codes,
            "weight_format": weight_format,
            "weight_exponent": weights.exponent,
        }

    def _read_quantized(self, node: Any) -> None:
        _expect_attributes(node, {})
        codes, *zero = (self._constant(node, name) for name in (node.input[0], *node.input[2:]))
        is_weight = codes.dtype == np.uint8 and len(zero) == 1 and zero[0].shape == () and zero[0] == WEIGHT_ZERO_POINT
        is_bias = codes.dtype == np.int32 and not zero
        if len(node.output) != 1 or not (is_weight or is_bias):
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: must give uint8 weights with zero point {WEIGHT_ZERO_POINT} or an int32 bias "
                f"without one, but has {codes.dtype}; export it anew"
            )
        integers = codes.astype(np.int64) - (WEIGHT_ZERO_POINT if is_weight else 0)
        self._quantized[node.output[0]] = _Quantized(integers, self._scale(node))

    def _next(self, operator: str, inputs: int) -> Any:
        """Take the next node of the chain, which must be `operator` and read the current tensor."""
        if not self._chain:
            raise UnsupportedNetworkError(f"after {self._current[:60]!r} a {operator} must follow, but the graph ends")
        node = self._chain.pop(0)
        if node.op_type != operator or node.domain not in ("", "ai.onnx"):
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: must be a {operator} here, but is {node.op_type[:40]!r}; export it anew"
            )
        if len(node.input) != inputs or len(node.output) != 1 or node.input[0] != self._current:
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: must have {inputs} inputs, the first from the node before, and one output; "
                "only a plain chain of layers is read"
            )
        self._current = node.output[0]
        return node

    def _scale(self, node: Any) -> int:
        scale = self._constant(node, node.input[1]) if len(node.input) > 1 else np.zeros(0)
        value = float(scale) if scale.dtype == np.float32 and scale.shape == () else math.nan
        mantissa, exponent = math.frexp(value)
        if mantissa != 0.5:
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: the scale must be one float32 power of two, but is {value}; export it anew"
            )
        return exponent - 1

    def _constant(self, node: Any, name: str) -> Any:
        from onnx import TensorProto, numpy_helper

        tensor = self._constants.get(name)
        known = (TensorProto.INT8, TensorProto.UINT8, TensorProto.INT32, TensorProto.FLOAT)
        if tensor is None or tensor.data_type not in known or tensor.data_location == TensorProto.EXTERNAL:
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: input {name[:60]!r} must be an int8, uint8, int32 or float initializer "
                "in the file itself; export it anew"
            )
        try:
            return numpy_helper.to_array(tensor)
        except (ValueError, TypeError, OverflowError):
            raise FileFormatError(f"initializer {name[:60]!r}: shape and content disagree; get the file anew") from None


def _parse(path: Path) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        if not path.is_file():
            raise FileFormatError(f"{path}: no such file; give the path of an existing .onnx file")
        if path.stat().st_size > MAX_BYTES:
            raise FileFormatError(
                f"{path}: at most {MAX_BYTES} bytes are read, but it has {path.stat().st_size}; check it"
            )
        model = onnx.load_model_from_string(path.read_bytes())
    except DecodeError:
        raise FileFormatError(f"{path}: must be an ONNX model, but cannot be decoded; get the file anew") from None
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror}); check its path and permissions") from None
    if not model.graph.node:
        raise FileFormatError(f"{path}: must be an ONNX model, but holds no nodes; get the file anew")
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    if opsets != {"": OPSET} or model.functions:
        raise UnsupportedNetworkError(f"{path}: must use ONNX opset {OPSET} alone; export it anew")
    for node in model.graph.node:
        if not all(is_name(text, MAX_TENSOR_NAME) for text in (node.name, *node.input, *node.output)):
            raise FileFormatError(
                f"{path}: node {_quoted(node)}: names may have 1 to {MAX_TENSOR_NAME} letters, digits or _.:/- and "
                "spaces, but one has not; export it anew"
            )
    return model


def _metadata(model: Any) -> OnnxMetadata:
    from pydantic import ValidationError

    texts = [entry.value for entry in model.metadata_props if entry.key == METADATA_KEY]
    if len(texts) != 1:
        raise UnsupportedNetworkError(
            f"only files that trackmac saved are read, but metadata {METADATA_KEY!r} is missing; save it anew"
        )
    try:
        return OnnxMetadata.model_validate_json(texts[0])
    except ValidationError as error:
        raise FileFormatError(f"metadata {METADATA_KEY!r}: {first_problem(error)}") from None


def _expect_attributes(node: Any, expected: dict[str, int]) -> None:
    """Refuse a node whose attributes are not exactly these integers."""
    found = _attributes(node)
    if found != expected:
        raise UnsupportedNetworkError(
            f"node {_quoted(node)}: attributes must be {expected or 'none'}, but are {found}; export it anew"
        )


def _sizes(node: Any, lengths: dict[str, int]) -> dict[str, Any]:
    """Return a node's attributes, which must be exactly these lists of integers, of these lengths."""
    found = _attributes(node)
    if {name: len(value) for name, value in found.items() if isinstance(value, tuple)} != lengths:
        raise UnsupportedNetworkError(
            f"node {_quoted(node)}: attributes must be {', '.join(lengths)} for 2 axes, but are {found}; export it anew"
        )
    return found


def _attributes(node: Any) -> dict[str, int | tuple[int, ...]]:
    from onnx import AttributeProto

    found: dict[str, int | tuple[int, ...]] = {}
    for attribute in node.attribute:
        if attribute.type not in (AttributeProto.INT, AttributeProto.INTS) or len(attribute.ints) > 8:
            raise UnsupportedNetworkError(
                f"node {_quoted(node)}: attribute {attribute.name[:40]!r} is not supported; export without it"
            )
        found[attribute.name[:40]] = attribute.i if attribute.type == AttributeProto.INT else tuple(attribute.ints)
    return found


def _dimensions(value: Any, axes: int) -> tuple[int, ...]:
    """Return the sizes of a float tensor's axes after the batch axis."""
    from onnx import TensorProto

    tensor = value.type.tensor_type
    sizes = tuple(axis.dim_value for axis in tensor.shape.dim)[1:]
    if tensor.elem_type != TensorProto.FLOAT or len(sizes) != axes - 1 or min(sizes) < 1:
        raise UnsupportedNetworkError(f"{value.name[:60]!r} must be float with {axes} axes, known after the batch")
    return sizes


def _quoted(node: Any) -> str:
    return repr((node.name or "/".join(map(str, node.output)))[:60])
