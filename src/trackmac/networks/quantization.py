"""Post-training quantisation: a float ONNX network and some images give an integer network.

1. `float_graph`: constants are folded into the layers, so that what is left computes, rectifies, pools or reshapes;
2. `quantization_points`: which tensors get a quantiser;
3. here: the images run through the float graph, scales are chosen by squared error, biases take up the mean of what
   rounding the weights loses, and the graph is written in QDQ form;
4. `onnx_reader` makes integer layers of it, as of any other tool's file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import FileFormatError, InputError, UnsupportedNetworkError
from trackmac.networks.checks import MAX_BITS, MIN_BITS
from trackmac.networks.float_graph import WEIGHTED, simplified
from trackmac.networks.float_operators import Map, evaluated
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.onnx_file import Graph, Node, read_graph
from trackmac.networks.onnx_layout import channels_first
from trackmac.networks.onnx_reader import network_of
from trackmac.networks.quantization_points import Point, points_of
from trackmac.networks.scale_choice import ScaleKind, best_scale

IMAGES_AT_ONCE = 32
SAMPLES_AT_ONCE = 1 << 15  # of each tensor, from each batch of images


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizedNetwork:
    """An integer network, and which classes the float network gives the calibration images."""

    network: IntegerNetwork
    float_predictions: IntArray


def quantize_onnx(
    path: str | Path,
    images: NDArray[np.uint8],
    *,
    weight_bits: int = 8,
    activation_bits: int = 8,
    scales: ScaleKind = ScaleKind.TENSOR,
    on_progress: Callable[[float], None] | None = None,
) -> QuantizedNetwork:
    """Quantise the float network in an ONNX file; `images` [N, H, W] or [N, H, W, C] tell the ranges of activations.

    Raises:
        FileFormatError: missing, too large, truncated, or not ONNX.
        UnsupportedNetworkError: an operator or a form that is not read; the message names the node.
        InputError: widths out of range, or images of another shape.
    """
    return FloatNetwork(path, weight_bits, activation_bits, scales).quantized(images, on_progress)


class FloatNetwork:
    """The float network in an ONNX file, checked before any image is needed.

    Raises:
        FileFormatError: missing, too large, truncated, or not ONNX.
        UnsupportedNetworkError: an operator or a form that is not read; the message names the node.
        InputError: widths out of range.
    """

    def __init__(
        self, path: str | Path, weight_bits: int = 8, activation_bits: int = 8, scales: ScaleKind = ScaleKind.TENSOR
    ) -> None:
        for what, bits in (("weight bits", weight_bits), ("activation bits", activation_bits)):
            if not MIN_BITS <= bits <= MAX_BITS:
                raise InputError(
                    f"{what} must be within {MIN_BITS}..{MAX_BITS}, but are {bits}; choose a number in that range"
                )
        self._path = Path(path)
        with _naming(self._path):
            graph = simplified(channels_first(read_graph(self._path)))
            self._quantizer = _Quantizer(graph, points_of(graph), weight_bits, activation_bits, scales)
            network_of(self._quantizer.graph({}), self._path.stem)  # what cannot be read is refused here
        self.input_shape = graph.input_shape
        """Channels, height and width of one image."""

    def quantized(
        self, images: NDArray[np.uint8], on_progress: Callable[[float], None] | None = None
    ) -> QuantizedNetwork:
        """Return the integer network; `images` [N, H, W] or [N, H, W, C] tell the ranges of activations.

        Raises:
            InputError: images of another shape.
            UnsupportedNetworkError: numbers that are not finite, or ranges for which no scales can be had.
        """
        real = _real_input(images, self.input_shape)
        with _naming(self._path):
            calibration = self._quantizer.calibrate(real, on_progress)
            network = network_of(self._quantizer.graph(calibration.scales, calibration.means), self._path.stem)
        return QuantizedNetwork(network=network, float_predictions=np.concatenate(calibration.predictions))


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Put the file's name before what is wrong with it."""
    try:
        yield
    except UnsupportedNetworkError as error:
        raise UnsupportedNetworkError(f"{path}: {error}") from None
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None


@dataclass(slots=True)
class _Calibration:
    """What the images told."""

    scales: dict[str, float] = field(default_factory=dict)
    """Of each group of points."""
    means: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """Of each channel of the tensors that weighted layers read."""
    predictions: list[IntArray] = field(default_factory=list)


class _Quantizer:
    """Turns one simplified float graph into QDQ form."""

    def __init__(
        self, graph: Graph, points: tuple[Point, ...], weight_bits: int, activation_bits: int, scales: ScaleKind
    ) -> None:
        self._graph, self._points, self._kind = graph, points, scales
        self._weight_format = NumberFormat(weight_bits, is_signed=True)
        self._activation_bits = activation_bits
        last = [node for node in graph.nodes if node.operator in WEIGHTED]
        self._last_weighted = last[-1].outputs[0] if last else ""
        self._weights = {node.outputs[0]: self._rounded(node) for node in last}

    def calibrate(self, x: Map, on_progress: Callable[[float], None] | None) -> _Calibration:
        """Run the images through the float graph and choose a scale for each group of points."""
        samples: dict[str, list[Map]] = {point.tensor: [] for point in self._points}
        sums: dict[str, NDArray[np.float64]] = {}
        found = _Calibration()
        readers = {node.inputs[0] for node in self._graph.nodes if node.operator in WEIGHTED}
        for start in range(0, len(x), IMAGES_AT_ONCE):
            batch = x[start : start + IMAGES_AT_ONCE]
            for name, values in self._outputs(batch):
                if name in samples:
                    flat = values.reshape(-1)
                    samples[name].append(np.append(flat[:: -(-flat.size // SAMPLES_AT_ONCE)], [flat.min(), flat.max()]))
                if name in readers:
                    axes = (0, *range(2, values.ndim))
                    mean = values.mean(axis=axes, dtype=np.float64) * (len(batch) / len(x))
                    sums[name] = sums.get(name, 0) + mean
                if name == self._graph.output_name:
                    found.predictions.append(values.reshape(len(values), -1).argmax(axis=1))
            if on_progress is not None:
                on_progress((start + len(batch)) / len(x))
        found.means = sums
        for group in {point.group for point in self._points}:
            members = [point for point in self._points if point.group == group]
            values = np.concatenate([part for point in members for part in samples[point.tensor]])
            found.scales[group] = best_scale(values, self._word(members[0]), is_power_of_two=self._kind.is_power_of_two)
        return found

    def graph(self, scales: dict[str, float], means: dict[str, NDArray[np.float64]] | None = None) -> Graph:
        """Return the graph in QDQ form; scales that are not given are 1, means 0."""
        writer = _QdqWriter(dict(self._graph.constants))
        points = {point.tensor: point for point in self._points}
        names: dict[str, str] = {}

        def quantize(tensor: str) -> None:
            if tensor in points:
                point = points[tensor]
                names[tensor] = writer.quantizer(tensor, self._word(point), scales.get(point.group, 1.0))

        quantize(self._graph.input_name)
        for node in self._graph.nodes:
            node_inputs = tuple(names.get(name, name) for name in node.inputs)
            if node.outputs[0] in self._weights:
                codes, steps = self._weights[node.outputs[0]]
                bias = self._bias(node, (means or {}).get(node.inputs[0]))
                weights = writer.weights(node, codes, steps, self._weight_format.bits)
                node_inputs = (node_inputs[0], weights, writer.bias(node, bias))
            writer.nodes.append(replace(node, inputs=node_inputs))
            quantize(node.outputs[0])
        return replace(
            self._graph,
            nodes=tuple(writer.nodes),
            constants=writer.constants,
            output_name=names.get(self._graph.output_name, self._graph.output_name),
        )

    def _outputs(self, batch: Map) -> list[tuple[str, Map]]:
        tensors: dict[str, NDArray[Any]] = {**self._graph.constants, self._graph.input_name: batch, "": np.zeros(0)}
        result = [(self._graph.input_name, batch)]
        for node in self._graph.nodes:
            tensors[node.outputs[0]] = evaluated(node, [tensors[name] for name in node.inputs])
            result.append((node.outputs[0], tensors[node.outputs[0]]))
        return result

    def _word(self, point: Point) -> NumberFormat:
        return NumberFormat(self._activation_bits, is_signed=point.is_signed)

    def _rounded(self, node: Node) -> tuple[IntArray, NDArray[np.float64]]:
        """Return codes of a layer's weights, and the scale of each output channel, or one for all.

        The last layer has one for all where scales are powers of two: logits are then compared as they are.
        """
        weights = np.asarray(self._graph.constants[node.inputs[1]], dtype=np.float64)
        is_last = node.outputs[0] == self._last_weighted and self._kind is not ScaleKind.FLOAT
        by_channel = weights.reshape(1 if self._kind is ScaleKind.TENSOR or is_last else len(weights), -1)
        steps = np.array(
            [
                best_scale(part, self._weight_format, is_power_of_two=self._kind.is_power_of_two, is_narrow=True)
                for part in by_channel
            ]
        )
        highest = self._weight_format.maximum
        shaped = steps.reshape(-1, *[1] * (weights.ndim - 1))
        return np.clip(np.rint(weights / shaped), -highest, highest).astype(np.int64), steps

    def _bias(self, node: Node, means: NDArray[np.float64] | None) -> NDArray[np.float64]:
        """Return the bias plus the mean of what rounding the weights loses; the map's edges are not told apart."""
        bias = np.asarray(self._graph.constants[node.inputs[2]], dtype=np.float64)
        if means is None:
            return bias
        codes, steps = self._weights[node.outputs[0]]
        weights = np.asarray(self._graph.constants[node.inputs[1]], dtype=np.float64)
        lost = weights - codes * steps.reshape(-1, *[1] * (weights.ndim - 1))
        by_channel = lost.reshape(*lost.shape[:2], -1).sum(axis=2)
        groups = len(means) // by_channel.shape[1]
        taken = np.repeat(means.reshape(groups, -1), len(bias) // groups, axis=0)
        corrected: NDArray[np.float64] = bias + (by_channel * taken).sum(axis=1)
        return corrected


@dataclass(slots=True)
class _QdqWriter:
    """Collects nodes and constants."""

    constants: dict[str, NDArray[Any]]
    nodes: list[Node] = field(default_factory=list)

    def quantizer(self, tensor: str, word: NumberFormat, scale: float) -> str:
        """Append quantiser and dequantiser of a tensor; return the name of what they give."""
        name = f"{tensor}.quantize"
        self.constants[f"{name}.scale"] = np.array(scale)
        attributes = {"bits": word.bits, "is_signed": int(word.is_signed)}
        self._append("QuantizeLinear", name, (tensor, f"{name}.scale"), f"{name}.codes", attributes)
        return self._append("DequantizeLinear", f"{name}.real", (f"{name}.codes", f"{name}.scale"), f"{name}.real", {})

    def weights(self, node: Node, codes: IntArray, steps: NDArray[np.float64], bits: int) -> str:
        """Append the dequantiser of a layer's weights; return the name of what it gives."""
        name = f"{node.outputs[0]}.weights"
        self.constants |= {f"{name}.codes": codes.astype(np.int8), f"{name}.scale": steps}
        inputs = (f"{name}.codes", f"{name}.scale")
        return self._append("DequantizeLinear", name, inputs, f"{name}.real", {"bits": bits, "axis": 0})

    def bias(self, node: Node, bias: NDArray[np.float64]) -> str:
        """Keep a layer's bias; return its name."""
        name = f"{node.outputs[0]}.bias"
        self.constants[name] = bias
        return name

    def _append(
        self, operator: str, name: str, inputs: tuple[str, ...], output: str, attributes: dict[str, int]
    ) -> str:
        node = Node(
            name=name, operator=operator, domain="", inputs=inputs, outputs=(output,), attributes={**attributes}
        )
        self.nodes.append(node)
        return output


def _real_input(images: NDArray[np.uint8], input_shape: tuple[int, int, int]) -> Map:
    """Return uint8 images as float32 [N, C, H, W] in 0..1.

    Raises:
        InputError: of another type or shape than the network takes.
    """
    channels, height, width = input_shape
    stacked = images[..., np.newaxis] if images.ndim == 3 else images
    if (
        images.dtype != np.uint8
        or stacked.ndim != 4
        or stacked.shape[1:] != (height, width, channels)
        or not len(images)
    ):
        raise InputError(
            f"the network takes uint8 images of shape [N, {height}, {width}, {channels}], but these are {images.dtype} "
            f"of shape {list(images.shape)}; resize them or choose other data"
        )
    return np.ascontiguousarray(stacked.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(255)
