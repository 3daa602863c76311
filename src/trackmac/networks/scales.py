"""What codes stand for: real value = (code - zero point) * 2^exponent, in some unit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trackmac.networks.graph import wiring
from trackmac.networks.layer_shape import LayerShape
from trackmac.networks.layers import INPUT, Add, AvgPool2d, Conv2d, GlobalAvgPool, Layer, Linear, Requantize

FARTHEST_EXPONENT = 64  # of requantised codes; sums behind them go farther


@dataclass(frozen=True, slots=True)
class Scale:
    """A step is worth 2^`exponent`; the code `zero_point` stands for zero."""

    exponent: int
    zero_point: int


class ScaledNetwork(Protocol):
    """What `scales_of` reads of a network."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, first to last."""

    @property
    def shapes(self) -> tuple[LayerShape, ...]:
        """Of every layer."""

    @property
    def input_exponent(self) -> int:
        """Of the input's scale."""

    @property
    def input_zero_point(self) -> int:
        """Of the input."""


def scales_of(network: ScaledNetwork) -> dict[str, Scale]:
    """Return the scale of the input and of every layer's output, by name.

    A step's worth is exact where all scales are powers of two. Behind a layer whose output has another scale (a
    requantisation by a multiplier, an average over 49, a sum of different scales) or one that float32 will soon not
    hold, exponents count from 0 anew.
    """
    scales = {INPUT: Scale(network.input_exponent, network.input_zero_point)}
    for layer, sources, shape in zip(network.layers, wiring(network.layers), network.shapes, strict=True):
        scales[layer.name] = _scale(layer, [scales[name] for name in sources], shape)
    return scales


def _scale(layer: Layer, taken: Sequence[Scale], shape: LayerShape) -> Scale:
    first = taken[0]
    match layer:
        case Conv2d() | Linear():
            return Scale(first.exponent + layer.weight_exponent, 0)
        case AvgPool2d() | GlobalAvgPool():
            assert shape.window is not None
            elements = math.prod(shape.window)
            return Scale(first.exponent - _log2(elements) if _is_power(elements) else 0, first.zero_point * elements)
        case Add():
            return _sum_scale(layer, taken)
        case Requantize():
            exponent = first.exponent + layer.shift if set(layer.multiplier) == {1} else 0
            return Scale(exponent if abs(exponent) <= FARTHEST_EXPONENT else 0, layer.zero_point)
    return first


def _sum_scale(layer: Add, taken: Sequence[Scale]) -> Scale:
    zero_point = sum(item.zero_point * times for item, times in zip(taken, layer.multipliers, strict=True))
    if all(_is_power(times) for times in layer.multipliers):
        exponents = {item.exponent - _log2(times) for item, times in zip(taken, layer.multipliers, strict=True)}
        if len(exponents) == 1:
            return Scale(exponents.pop(), zero_point)
    return Scale(0, zero_point)


def _is_power(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0


def _log2(number: int) -> int:
    return number.bit_length() - 1
