"""Reads an integer network from a quantised ONNX file, whatever tool wrote it.

1. `onnx_file`: bytes to a graph of nodes and constants, checked;
2. `onnx_lowering`: QOperator and QONNX to QDQ; `onnx_layout`: images channels first;
3. here: each node in turn, every operator known before anything is computed, to integer layers.

Real values are followed exactly, as fractions: a tensor is the codes of a layer, less a zero point, times a scale.
Where an integer layer needs a ratio of scales, `fixed_point` makes it a multiplier and a shift: exact for powers of
two, within 2^-20 of it otherwise.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from trackmac.errors import FileFormatError, UnsupportedNetworkError
from trackmac.networks import onnx_maps, onnx_padding, onnx_quantizers, onnx_weighted
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Conv2d, Flatten, Linear
from trackmac.networks.onnx_builder import LayerBuilder
from trackmac.networks.onnx_context import Context, context_of
from trackmac.networks.onnx_file import Graph, Node, printable, read_graph, refuse_unknown_operators
from trackmac.networks.onnx_form import METADATA_KEY, clean_name
from trackmac.networks.onnx_layout import channels_first
from trackmac.networks.onnx_lowering import lowered
from trackmac.networks.onnx_tensors import Codes, Tensor, exponent_and_unit

OPERATORS: dict[str, Callable[[Context, Node], Tensor]] = {
    "Add": onnx_maps.add,
    "ArgMax": onnx_maps.passed_over,
    "AveragePool": onnx_maps.average_pool,
    "BatchNormalization": onnx_weighted.batch_normalization,
    "Cast": onnx_maps.cast,
    "Clip": onnx_maps.clip,
    "Concat": onnx_maps.concat,
    "Conv": onnx_weighted.conv,
    "DequantizeLinear": onnx_quantizers.dequantize_linear,
    "Dropout": onnx_maps.unchanged,
    "Flatten": onnx_maps.flatten,
    "Gemm": onnx_weighted.gemm,
    "GlobalAveragePool": onnx_maps.global_average_pool,
    "Identity": onnx_maps.unchanged,
    "LogSoftmax": onnx_maps.passed_over,
    "MatMul": onnx_weighted.matmul,
    "MaxPool": onnx_maps.max_pool,
    "Mul": onnx_maps.multiply,
    "Pad": onnx_padding.pad,
    "QuantizeLinear": onnx_quantizers.quantize_linear,
    "ReduceMean": onnx_maps.reduce_mean,
    "Relu": onnx_maps.relu,
    "Reshape": onnx_maps.reshape,
    "Round": onnx_maps.rounded,
    "Softmax": onnx_maps.passed_over,
    "Squeeze": onnx_maps.squeeze,
    "Transpose": onnx_maps.transpose,
}


def load_onnx(path: str | Path) -> IntegerNetwork:
    """Read the network in an ONNX file.

    Raises:
        FileFormatError: missing, too large, truncated, not ONNX, or broken in itself.
        UnsupportedNetworkError: an operator or a form that trackmac does not read; the message names the node.
    """
    try:
        graph = channels_first(lowered(read_graph(Path(path))))
        refuse_unknown_operators(graph, OPERATORS, also=", and their quantised forms")
        return network_of(graph, Path(path).stem)
    except UnsupportedNetworkError as error:
        raise UnsupportedNetworkError(f"{path}: {error}") from None
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None


def network_of(graph: Graph, stem: str) -> IntegerNetwork:
    """Return the network of a graph in QDQ form, named by its metadata or by `stem`.

    Raises:
        UnsupportedNetworkError: a form that trackmac does not read; the message names the node.
    """
    builder = LayerBuilder(graph.input_shape, keeps_quantizers=graph.metadata is not None)
    context = context_of(graph, builder)
    for node in graph.nodes:
        context.tensors[node.outputs[0]] = OPERATORS[node.operator](context, node)
    logits = _logits(context, graph)
    _check_metadata(graph, builder)
    assert builder.input_format is not None
    exponent, unit = exponent_and_unit(builder.input_scale)
    network = IntegerNetwork(
        name=graph.metadata.name if graph.metadata else clean_name(stem),
        input_shape=graph.input_shape,
        input_format=builder.input_format,
        input_exponent=exponent,
        input_unit=unit,
        input_zero_point=builder.input_zero_point,
        layers=builder.layers,
        classes=builder.map_of(logits).shape[0],
        is_trained=graph.metadata.is_trained if graph.metadata else True,
    )
    scales = tuple(float(scale) for scale in logits.scales) * (network.classes if len(logits.scales) == 1 else 1)
    if set(scales) == {2.0**network.logit_exponent} and unit == 1:
        return network
    return replace(network, logit_scales=scales)


def _logits(context: Context, graph: Graph) -> Codes:
    """Return the network's output as [classes], no clamp waiting."""
    end = Node(name="output", operator="", domain="", inputs=(graph.output_name,), outputs=("",))
    if not isinstance(context.tensors.get(graph.output_name), Codes):
        raise UnsupportedNetworkError(
            f"the output {printable(graph.output_name)!r} must be that of a quantised layer, but is not; export it anew"
        )
    found = context.tensors[graph.output_name]
    assert isinstance(found, Codes)
    context.tensors[graph.output_name] = replace(found, is_over=False)
    codes = context.plain(end)
    shape = context.builder.map_of(codes).shape
    if len(shape) > 1 and math.prod(shape[1:]) == 1:
        name = context.builder.free_name("flatten")
        codes = replace(codes, layer=context.builder.add(Flatten(name=name, inputs=(codes.layer,))))
    return codes


def _check_metadata(graph: Graph, builder: LayerBuilder) -> None:
    if graph.metadata is None:
        return
    for layer in builder.layers:
        if isinstance(layer, Conv2d | Linear) and layer.name not in graph.metadata.weight_bits:
            raise FileFormatError(f"metadata {METADATA_KEY!r}: weight_bits lacks {layer.name!r}; export it anew")
