"""The structure of a CNN without weights or widths: what the zoo and training build their networks from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from trackmac.errors import InputError
from trackmac.networks.layers import INPUT

Shape = tuple[int, ...]
Sides = tuple[int, int, int, int]
"""Top, left, bottom, right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvBlock:
    """Convolution, ReLU where `is_rectified`, requantisation."""

    name: str
    sources: tuple[str]
    channels: int
    kernel: tuple[int, int]
    stride: int = 1
    padding: Sides = (0, 0, 0, 0)
    groups: int = 1
    is_rectified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearBlock:
    """Linear layer; ReLU and requantisation too, unless `is_last`: that one gives the logits."""

    name: str
    sources: tuple[str]
    features: int
    is_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxPoolBlock:
    """Max-pooling."""

    name: str
    sources: tuple[str]
    kernel: int
    stride: int
    padding: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageBlock:
    """The average of each channel, requantised."""

    name: str
    sources: tuple[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SumBlock:
    """The sum of two maps, ReLU where `is_rectified`, requantisation."""

    name: str
    sources: tuple[str, str]
    is_rectified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FlattenBlock:
    """[channels, height, width] to [features]."""

    name: str
    sources: tuple[str]


Block = ConvBlock | LinearBlock | MaxPoolBlock | AverageBlock | SumBlock | FlattenBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """Blocks, each after those whose names it has as `sources`; the last one gives `classes` logits.

    Raises:
        InputError: a window larger than the map that it slides over.
    """

    name: str
    input_shape: tuple[int, int, int]
    classes: int
    blocks: tuple[Block, ...]
    shapes: Mapping[str, Shape] = field(init=False, repr=False, compare=False)
    """Of each block's output, and of the input."""
    rectified: frozenset[str] = field(init=False, repr=False, compare=False)
    """The blocks, and the input, whose outputs are never negative."""

    def __post_init__(self) -> None:
        shapes: dict[str, Shape] = {INPUT: self.input_shape}
        rectified = {INPUT}
        for block in self.blocks:
            shapes[block.name] = block_shape(block, shapes)
            match block:
                case ConvBlock() | SumBlock():
                    is_rectified = block.is_rectified
                case LinearBlock():
                    is_rectified = not block.is_last
                case _:
                    is_rectified = block.sources[0] in rectified
            if is_rectified:
                rectified.add(block.name)
        object.__setattr__(self, "shapes", MappingProxyType(shapes))
        object.__setattr__(self, "rectified", frozenset(rectified))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.name, self.input_shape, self.classes, self.blocks)

    def weights_shape(self, block: ConvBlock | LinearBlock) -> Shape:
        """Return [C_out, C_in / groups, height, width] or [features out, features in]."""
        taken = self.shapes[block.sources[0]]
        if isinstance(block, LinearBlock):
            return block.features, taken[0]
        return block.channels, taken[0] // block.groups, *block.kernel


def block_shape(block: Block, shapes: Mapping[str, Shape]) -> Shape:
    """Return the shape of a block's output.

    Raises:
        InputError: a window larger than the map that it slides over.
    """
    taken = shapes[block.sources[0]]
    match block:
        case ConvBlock():
            return block.channels, *_slid(block.name, taken, block.kernel, block.stride, block.padding)
        case MaxPoolBlock():
            sides = (block.padding,) * 2
            return taken[0], *_slid(block.name, taken, (block.kernel,) * 2, block.stride, (*sides, *sides))
        case LinearBlock():
            return (block.features,)
        case AverageBlock():
            return taken[0], 1, 1
        case SumBlock():
            return taken
        case FlattenBlock():
            return (math.prod(taken),)


def _slid(name: str, taken: Shape, window: tuple[int, int], stride: int, sides: Sides) -> tuple[int, int]:
    height, width = taken[1] + sides[0] + sides[2] - window[0], taken[2] + sides[1] + sides[3] - window[1]
    if min(height, width) < 0:
        raise InputError(
            f"layer {name}: its {window[0]}x{window[1]} window is larger than the {taken[1]}x{taken[2]} map that it "
            "slides over; use larger images or another network"
        )
    return height // stride + 1, width // stride + 1


def _rebuilt(name: str, input_shape: tuple[int, int, int], classes: int, blocks: tuple[Block, ...]) -> Blueprint:
    return Blueprint(name=name, input_shape=input_shape, classes=classes, blocks=blocks)
