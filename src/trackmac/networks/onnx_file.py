"""Reads the bytes of an ONNX file, hostile until checked, into a plain graph of nodes and constants."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import FileFormatError, UnsupportedNetworkError
from trackmac.files import first_problem
from trackmac.networks.onnx_entries import graph_entries
from trackmac.networks.onnx_form import METADATA_KEY, OnnxMetadata

MAX_BYTES = 200_000_000
MAX_NODES = 20_000
MAX_ENTRIES = 100_000  # of a graph: nodes, constants and what is known of tensors
MAX_AXES = 8
BATCH_AND_MAP = 4  # axes of the input

Attribute = int | float | str | tuple[int, ...] | tuple[float, ...] | NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operator; `domain` is empty for ONNX's own."""

    name: str
    operator: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"node {printable(self.name)!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Nodes in an order in which they can run, and the constants that they read, by name."""

    nodes: tuple[Node, ...]
    constants: dict[str, NDArray[Any]]
    input_name: str
    input_shape: tuple[int, int, int]
    output_name: str
    metadata: OnnxMetadata | None


def read_graph(path: Path) -> Graph:
    """Read an ONNX file.

    Raises:
        FileFormatError: missing, too large, truncated, not ONNX, or broken in itself.
        UnsupportedNetworkError: several inputs or outputs, spatial sizes that are not known, data outside the file.
    """
    model = _parse(path)
    graph = model.graph
    named = (*graph.initializer, *graph.input, *graph.output)
    if not all(isinstance(entry.name, str) for entry in named):  # protobuf gives what is not UTF-8 as bytes
        raise FileFormatError("names of constants, inputs and outputs must be UTF-8 text; export it anew")
    constants = dict(_constants(graph.initializer))
    nodes: list[Node] = []
    for number, proto in enumerate(graph.node):
        node = _node(proto, number)
        if node.operator == "Constant" and not node.domain:
            constants[node.outputs[0]] = _constant_value(node)
        else:
            nodes.append(node)
    for name, value in constants.items():
        if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
            raise UnsupportedNetworkError(f"constant {printable(name)!r} must be finite, but holds NaN or infinity")
    images = [value for value in graph.input if value.name not in constants]
    if len(images) != 1 or len(graph.output) != 1:
        raise UnsupportedNetworkError(
            f"one input and one output are read, but the graph has {len(images)} and {len(graph.output)}; "
            "export it anew"
        )
    return Graph(
        nodes=tuple(nodes),
        constants=constants,
        input_name=images[0].name,
        input_shape=_image_shape(images[0]),
        output_name=graph.output[0].name,
        metadata=_metadata(model),
    )


def printable(name: str) -> str:
    """Return at most 60 characters of a name from outside, none of which breaks the line."""
    return "".join(character if character.isprintable() else "?" for character in name)[:60]


def refuse_unknown_operators(graph: Graph, known: Collection[str], *, where: str = "", also: str = "") -> None:
    """Refuse a graph with an operator that is not `known`; `where` it is not, and what is known `also`, the line says.

    Raises:
        UnsupportedNetworkError: the message names the first such node.
    """
    for node in graph.nodes:
        if node.domain or node.operator not in known:
            operator = printable(f"{node.domain}.{node.operator}" if node.domain else node.operator)
            is_constant = bool(node.inputs) and all(not name or name in graph.constants for name in node.inputs)
            way_out = (
                "it only computes a constant, which onnxruntime's quant_pre_process folds"
                if is_constant
                else f"known are {', '.join(sorted(known))}{also}"
            )
            raise UnsupportedNetworkError(f"{node}: operator {operator!r} is not supported{where}; {way_out}")


def _parse(path: Path) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        if path.is_dir():
            raise FileFormatError("must be a file, but is a folder; give the path of an .onnx file")
        if not path.is_file():
            raise FileFormatError("no such file; give the path of an existing .onnx file")
        if path.stat().st_size > MAX_BYTES:
            raise FileFormatError(f"at most {MAX_BYTES} bytes are read, but it has {path.stat().st_size}; check it")
        content = path.read_bytes()
        if graph_entries(content, MAX_ENTRIES) >= MAX_ENTRIES:
            raise UnsupportedNetworkError(
                f"nodes and constants together must be fewer than {MAX_ENTRIES}, but are more; choose a smaller network"
            )
        model = onnx.load_model_from_string(content)
    except DecodeError:
        raise FileFormatError("must be an ONNX model, but cannot be decoded; get the file anew") from None
    except OSError as error:
        raise FileFormatError(f"cannot be read ({error.strerror}); check its path and permissions") from None
    if not model.graph.node:
        raise FileFormatError("must be an ONNX model, but holds no nodes; get the file anew")
    if len(model.graph.node) > MAX_NODES:
        raise UnsupportedNetworkError(
            f"at most {MAX_NODES} nodes are read, but it has {len(model.graph.node)}; choose a smaller network"
        )
    if model.functions:
        raise UnsupportedNetworkError("functions within the model are not read; export it without them")
    return model


def _node(proto: Any, number: int) -> Node:
    texts = (proto.name, proto.op_type, proto.domain, *proto.input, *proto.output)
    if not all(isinstance(text, str) for text in texts):
        raise FileFormatError(f"node number {number}: its names must be UTF-8 text, but are not; export it anew")
    if not proto.output:
        raise FileFormatError(f"node number {number}: must have an output, but has none; export it anew")
    name = proto.name or proto.output[0]
    return Node(
        name=name,
        operator=proto.op_type,
        domain="" if proto.domain == "ai.onnx" else proto.domain,
        inputs=tuple(proto.input),
        outputs=tuple(proto.output),
        attributes={attribute.name: _attribute(attribute, name) for attribute in proto.attribute},
    )


def _attribute(attribute: Any, owner: str) -> Attribute:
    from onnx import AttributeProto

    match attribute.type:
        case AttributeProto.INT:
            return int(attribute.i)
        case AttributeProto.FLOAT:
            return float(attribute.f)
        case AttributeProto.STRING:
            return str(attribute.s.decode("utf-8", "replace"))
        case AttributeProto.INTS if len(attribute.ints) <= MAX_AXES:
            return tuple(int(value) for value in attribute.ints)
        case AttributeProto.TENSOR:
            return _array(attribute.t, owner)
    raise UnsupportedNetworkError(
        f"node {printable(owner)!r}: attribute {printable(attribute.name)!r} is not supported; export without it"
    )


def _constants(tensors: Iterable[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    for tensor in tensors:
        yield tensor.name, _array(tensor, tensor.name)


def _constant_value(node: Node) -> NDArray[Any]:
    values = list(node.attributes.values())
    if len(values) != 1 or isinstance(values[0], str):
        raise UnsupportedNetworkError(f"{node}: must hold one number or tensor, but does not; export it anew")
    return np.asarray(values[0])


def _array(tensor: Any, name: str) -> NDArray[Any]:
    from onnx import TensorProto, numpy_helper

    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise UnsupportedNetworkError(
            f"constant {printable(str(name))!r} must be in the file itself, but lies in another; save it in one file"
        )
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, OverflowError, KeyError, MemoryError):
        raise FileFormatError(
            f"constant {printable(str(name))!r}: shape and content disagree; get the file anew"
        ) from None


def _image_shape(value: Any) -> tuple[int, int, int]:
    from onnx import TensorProto

    tensor = value.type.tensor_type
    sizes = tuple(axis.dim_value for axis in tensor.shape.dim)
    if tensor.elem_type != TensorProto.FLOAT or len(sizes) != BATCH_AND_MAP or min(sizes[1:]) < 1:
        raise UnsupportedNetworkError(
            f"input {printable(value.name)!r} must be float [batch, channels, height, width], all but the batch "
            f"known, but is {list(sizes)} (0: not known); export it with fixed sizes"
        )
    return sizes[1], sizes[2], sizes[3]


def _metadata(model: Any) -> OnnxMetadata | None:
    from pydantic import ValidationError

    texts = [entry.value for entry in model.metadata_props if entry.key == METADATA_KEY]
    if not texts:
        return None
    try:
        return OnnxMetadata.model_validate_json(texts[0])
    except ValidationError as error:
        raise FileFormatError(f"metadata {METADATA_KEY!r}: {first_problem(error)}") from None
