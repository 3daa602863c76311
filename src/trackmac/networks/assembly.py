"""From a blueprint to an integer network: which integer layers stand for each block, whoever gives the numbers."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Protocol

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.blueprint import (
    AverageBlock,
    Block,
    Blueprint,
    ConvBlock,
    FlattenBlock,
    LinearBlock,
    MaxPoolBlock,
    Shape,
    SumBlock,
)
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import (
    INPUT,
    Add,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Requantize,
)


@dataclass(frozen=True, slots=True)
class Weights:
    """Codes of weights and of biases; a weight is worth its code times 2^`exponent`."""

    codes: IntArray
    bias: IntArray
    exponent: int


@dataclass(frozen=True, slots=True)
class Rescaling:
    """A requantisation by `multiplier` * 2^-`shift`."""

    shift: int
    multiplier: int = 1


class Parameters(Protocol):
    """Gives the numbers of a network while it is put together, first layer to last."""

    def weights(self, name: str, shape: Shape, source: str) -> Weights:
        """Return the weights of the block `name`, which reads the layer `source`."""

    def rescaling(self, name: str, source: str, output: NumberFormat, elements: int) -> Rescaling:
        """Return how the block `name` turns the sums of layer `source` to `output`, divided by `elements`."""

    def multipliers(self, name: str, sources: tuple[str, str]) -> tuple[int, int]:
        """Return what brings the two summands of block `name` to one scale."""

    def follow(self, layer: Layer, sources: tuple[str, ...], readers: int) -> None:
        """Take notice of a finished layer, of what it reads, and of how many layers will read it."""


def assembled(
    blueprint: Blueprint,
    parameters: Parameters,
    *,
    name: str,
    weight_bits: int,
    activation_bits: int,
    is_trained: bool,
    input_exponent: int | None = None,
) -> IntegerNetwork:
    """Return the integer network of a blueprint at these widths; inputs are worth 2^-bits if not told otherwise."""
    assembly = _Assembly(blueprint, parameters, weight_bits, activation_bits)
    for block in blueprint.blocks:
        assembly.append_block(block)
    return IntegerNetwork(
        name=name,
        input_shape=blueprint.input_shape,
        input_format=NumberFormat(activation_bits, is_signed=False),
        input_exponent=-activation_bits if input_exponent is None else input_exponent,
        layers=tuple(assembly.layers),
        classes=blueprint.classes,
        is_trained=is_trained,
    )


class _Assembly:
    """The layers so far, and which of them gives each block's output."""

    def __init__(self, blueprint: Blueprint, parameters: Parameters, weight_bits: int, activation_bits: int) -> None:
        self.layers: list[Layer] = []
        self._blueprint = blueprint
        self._parameters = parameters
        self._weight_format = NumberFormat(weight_bits, is_signed=True)
        self._activation_bits = activation_bits
        self._readers = Counter(source for block in blueprint.blocks for source in block.sources)
        self._ends = {INPUT: INPUT}

    def append_block(self, block: Block) -> None:
        sources = tuple(self._ends[source] for source in block.sources)
        elements, is_rectified = 1, False
        match block:
            case ConvBlock() | LinearBlock():
                layer = self._weighted(block, sources[0])
                is_rectified = block.name in self._blueprint.rectified
            case SumBlock():
                pair = (sources[0], sources[1])
                layer = Add(name=block.name, inputs=pair, multipliers=self._parameters.multipliers(block.name, pair))
                is_rectified = block.is_rectified
            case AverageBlock():
                layer = GlobalAvgPool(name=block.name)
                height, width = self._blueprint.shapes[block.sources[0]][1:]
                elements = height * width
            case MaxPoolBlock():
                kernel, stride, padding = block.kernel, block.stride, block.padding
                layer = MaxPool2d(
                    name=block.name, kernel=(kernel, kernel), stride=(stride, stride), padding=(padding, padding)
                )
            case FlattenBlock():
                layer = Flatten(name=block.name)
        is_requantized = not isinstance(block, MaxPoolBlock | FlattenBlock) and block != self._blueprint.blocks[-1]
        end = self._append(layer, sources, readers=1 if is_requantized else self._readers[block.name])
        if is_requantized:
            end = self._requantized(block, end, elements, is_rectified=is_rectified)
        self._ends[block.name] = end

    def _requantized(self, block: Block, end: str, elements: int, *, is_rectified: bool) -> str:
        if is_rectified:
            end = self._append(ReLU(name=f"{block.name}_relu"), (end,), readers=1)
        output = NumberFormat(self._activation_bits, is_signed=block.name not in self._blueprint.rectified)
        rescaling = self._parameters.rescaling(block.name, end, output, elements)
        layer = Requantize(
            name=f"{block.name}_requantize",
            shift=rescaling.shift,
            multiplier=(rescaling.multiplier,),
            output_format=output,
        )
        return self._append(layer, (end,), readers=self._readers[block.name])

    def _weighted(self, block: ConvBlock | LinearBlock, source: str) -> Layer:
        found = self._parameters.weights(block.name, self._blueprint.weights_shape(block), source)
        if isinstance(block, LinearBlock):
            return Linear(
                name=block.name,
                weights=found.codes,
                bias=found.bias,
                weight_format=self._weight_format,
                weight_exponent=found.exponent,
            )
        return Conv2d(
            name=block.name,
            weights=found.codes,
            bias=found.bias,
            weight_format=self._weight_format,
            weight_exponent=found.exponent,
            stride=(block.stride, block.stride),
            padding=block.padding,
            groups=block.groups,
        )

    def _append(self, layer: Layer, sources: tuple[str, ...], readers: int) -> str:
        before = self.layers[-1].name if self.layers else INPUT
        if sources != (before,):  # what reads the layer before it does not name it
            layer = replace(layer, inputs=sources)
        self.layers.append(layer)
        self._parameters.follow(layer, sources, readers)
        return layer.name
