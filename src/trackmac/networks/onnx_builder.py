"""Collects integer layers while a graph is read."""

from dataclasses import replace
from fractions import Fraction

from trackmac.bits import NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.fixed_point import fixed_point
from trackmac.networks.layers import INPUT, Clip, Concat, Conv2d, Layer, Linear, Requantize
from trackmac.networks.onnx_file import Node
from trackmac.networks.onnx_form import MAX_NAME, clean_name, is_name
from trackmac.networks.onnx_tensors import Codes, Joined, Scales
from trackmac.networks.shapes import FeatureMap, shape_of


class LayerBuilder:
    """The layers so far, and what flows out of each.

    A quantiser that changes nothing becomes no layer, unless the file `keeps_quantizers`, as trackmac's own do.
    """

    def __init__(self, input_shape: tuple[int, int, int], *, keeps_quantizers: bool = False) -> None:
        self._keeps_quantizers = keeps_quantizers
        self.input_format: NumberFormat | None = None
        self.input_scale = Fraction(1)
        self.input_zero_point = 0
        self._input_shape = input_shape
        self._layers: dict[str, Layer] = {}
        self._maps: dict[str, FeatureMap] = {}

    @property
    def layers(self) -> tuple[Layer, ...]:
        """In order, each that reads the one before it without naming it."""
        result: list[Layer] = []
        before = INPUT
        for layer in self._layers.values():
            result.append(replace(layer, inputs=()) if layer.inputs == (before,) else layer)
            before = layer.name
        return tuple(result)

    def begin(self, word: NumberFormat, scale: Fraction, zero_point: int) -> None:
        """Say what the input's codes are."""
        self.input_format, self.input_scale, self.input_zero_point = word, scale, zero_point
        self._maps[INPUT] = FeatureMap(self._input_shape, word)

    def map_of(self, codes: Codes) -> FeatureMap:
        """Return shape and format of a tensor."""
        return self._maps[codes.layer]

    def free_name(self, wanted: str) -> str:
        """Return `wanted`, with characters that names may have, and a number where it is taken."""
        clean = wanted if is_name(wanted) else clean_name(wanted)
        name, number = clean, 1
        while name in self._layers or name == INPUT:
            number += 1
            name = f"{clean[: MAX_NAME - 10]}_{number}"
        return name

    def add(self, layer: Layer) -> str:
        """Append a layer whose name is free, and return its name."""
        self._layers[layer.name] = layer
        shape = shape_of(layer, layer.inputs, self._maps)
        self._maps[layer.name] = FeatureMap(shape.output_shape, shape.output_format)
        return layer.name

    def weighted(self, name: str) -> Conv2d | Linear | None:
        """Return the layer of that name if it is the last one and has weights: it may still be changed."""
        layer = self._layers.get(name)
        is_last = bool(self._layers) and name == next(reversed(self._layers))
        return layer if is_last and isinstance(layer, Conv2d | Linear) else None

    def quantizer(self, name: str) -> Requantize | None:
        """Return the requantisation of that name if it is the last layer: its format may still be changed."""
        layer = self._layers.get(name)
        is_last = bool(self._layers) and name == next(reversed(self._layers))
        return layer if is_last and isinstance(layer, Requantize) else None

    def quantize(self, codes: Codes | Joined, name: str, word: NumberFormat, scale: Fraction, zero: int) -> Codes:
        """Append what brings codes to another format, scale and zero point; nothing if they have it."""
        if isinstance(codes, Joined):
            parts = [self.quantize(part, f"{name}.{i}", word, scale, zero) for i, part in enumerate(codes.parts)]
            inputs = tuple(part.layer for part in parts)
            joined = self.add(Concat(name=self.free_name(codes.name), inputs=inputs))
            return replace(parts[0], layer=joined)
        have = self._maps[codes.layer]
        result = Codes(layer=codes.layer, scales=(scale,), zero_point=zero, padding=codes.padding)
        fits = word.minimum <= have.number_format.minimum and have.number_format.maximum <= word.maximum
        changes = not (fits and codes.scales == (scale,) and codes.zero_point == zero)
        if changes or self._keeps_quantizers:
            word_bits = have.number_format.bits + (codes.zero_point != 0)  # a difference may be wider
            multiplier, shift = fixed_point([item / scale for item in codes.scales], word_bits)
            layer = Requantize(
                name=self.free_name(name),
                inputs=(codes.layer,),
                shift=shift,
                multiplier=multiplier,
                output_format=word,
                input_zero_point=codes.zero_point,
                zero_point=zero,
            )
            result = replace(result, layer=self.add(layer))
        return self._clip(result, codes, word, name)

    def _clip(self, result: Codes, clamped: Codes, word: NumberFormat, name: str) -> Codes:
        """Append the clamp that waited: rounding keeps order, so it may come after it."""
        low, high = code_bounds(clamped, result.scales[0], result.zero_point, word)
        if (low, high) == (word.minimum, word.maximum):
            return result
        layer = Clip(name=self.free_name(f"{name}.clamp"), inputs=(result.layer,), low=low, high=high)
        return replace(result, layer=self.add(layer))

    def replace(self, layer: Layer) -> None:
        """Put another layer in place of the last one, which has its name."""
        del self._layers[layer.name]
        self.add(layer)


def code_bounds(codes: Codes, scale: Fraction, zero_point: int, word: NumberFormat) -> tuple[int, int]:
    """Return the least and the greatest code within the clamp of `codes`, at this scale and zero point."""
    low, high = word.minimum, word.maximum
    if codes.low is not None:
        low = min(max(low, round(codes.low / scale) + zero_point), high)
    if codes.high is not None:
        high = max(min(high, round(codes.high / scale) + zero_point), low)
    return low, high


def one_scale(codes: Codes, node: Node) -> Fraction:
    """Return the scale of all channels.

    Raises:
        UnsupportedNetworkError: they have scales of their own.
    """
    if len(codes.scales) != 1:
        raise UnsupportedNetworkError(
            f"{node}: its input has a scale for each channel, which only a quantiser may read; quantise it before"
        )
    return codes.scales[0]


def scaled(scales: Scales, factors: Scales) -> Scales:
    """Return the products, channel by channel."""
    if len(factors) == 1:
        return tuple(scale * factors[0] for scale in scales)
    return tuple(scales[0 if len(scales) == 1 else i] * factor for i, factor in enumerate(factors))
