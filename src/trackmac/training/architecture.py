"""What can be trained: CNN architectures with their bit widths, as plain values."""

import dataclasses
from dataclasses import dataclass
from typing import Protocol, Self

from trackmac.errors import InputError, unknown_name


@dataclass(frozen=True, slots=True)
class ConvBlock:
    """Convolution, ReLU, requantisation, then 2x2 max-pooling where `has_pool`."""

    channels: int
    kernel: int
    padding: int
    has_pool: bool


class Architecture(Protocol):
    """A chain of convolution blocks, then linear layers; the last one has `classes` outputs."""

    @property
    def name(self) -> str:
        """Short and readable."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""

    @property
    def classes(self) -> int:
        """How many logits."""

    @property
    def weight_bits(self) -> int:
        """Of all weights, signed."""

    @property
    def activation_bits(self) -> int:
        """Of the input and all activations, unsigned."""

    def blocks(self) -> tuple[ConvBlock, ...]:
        """Return the convolution blocks, first to last."""

    def hidden_features(self) -> tuple[int, ...]:
        """Return the outputs of the linear layers before the last."""

    def with_bits(self, weight_bits: int, activation_bits: int) -> Self:
        """Return the same architecture at other widths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CnnArchitecture:
    """A plain CNN: one block for each entry of `channels`, 2x2 max-pooling while the map is 4 or wider.

    Raises:
        InputError: a size or width out of range.
    """

    channels: tuple[int, ...]
    kernel: int
    hidden: int  # features of the hidden linear layer, 0: none
    weight_bits: int
    activation_bits: int
    input_shape: tuple[int, int, int]
    classes: int

    def __post_init__(self) -> None:
        _check_bits(self.weight_bits, self.activation_bits)
        if not self.channels or min(self.channels) < 1:
            raise InputError(f"channels must be one number above 0 for each block, but are {list(self.channels)}")
        if self.kernel < 1 or self.kernel % 2 == 0:
            raise InputError(f"a kernel must be odd, so that padding keeps the map's size, but is {self.kernel}")
        if self.hidden < 0:
            raise InputError(f"hidden features must be 0 (none) or more, but are {self.hidden}")

    @property
    def name(self) -> str:
        """Channels, kernel, hidden features, weight and activation bits: c8-16k3h32w4a4."""
        hidden = f"h{self.hidden}" if self.hidden else ""
        channels = "-".join(map(str, self.channels))
        return f"c{channels}k{self.kernel}{hidden}w{self.weight_bits}a{self.activation_bits}"

    def blocks(self) -> tuple[ConvBlock, ...]:
        """Return the convolution blocks, first to last."""
        side = min(self.input_shape[1:])
        blocks = []
        for channels in self.channels:
            has_pool = side >= 4
            blocks.append(ConvBlock(channels, self.kernel, self.kernel // 2, has_pool))
            side = side // 2 if has_pool else side
        return tuple(blocks)

    def hidden_features(self) -> tuple[int, ...]:
        """Return the outputs of the linear layers before the last."""
        return (self.hidden,) if self.hidden else ()

    def with_bits(self, weight_bits: int, activation_bits: int) -> Self:
        """Return the same architecture at other widths."""
        return dataclasses.replace(self, weight_bits=weight_bits, activation_bits=activation_bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeNet5:
    """LeNet-5 in its modern form (ReLU, max-pooling): 6 and 16 channels 5x5, then 120, 84 and `classes` features.

    For 28x28 images it is the classic; where a map is too small for the second, unpadded convolution, that one is
    padded, so that 8x8 digits train as well.
    """

    input_shape: tuple[int, int, int]
    classes: int
    weight_bits: int = 8
    activation_bits: int = 8

    def __post_init__(self) -> None:
        _check_bits(self.weight_bits, self.activation_bits)
        if min(self.input_shape[1:]) < 4:
            raise InputError(f"lenet5 needs images of at least 4x4, but gets {self.input_shape[1:]}; use larger ones")

    @property
    def name(self) -> str:
        """Tells the widths and, where it is not the classic 28x28, the image size: lenet5-8x8-w8a8."""
        _, height, width = self.input_shape
        size = "" if (height, width) == (28, 28) else f"-{height}x{width}"
        return f"lenet5{size}-w{self.weight_bits}a{self.activation_bits}"

    def blocks(self) -> tuple[ConvBlock, ...]:
        """Return the convolution blocks, first to last."""
        is_small = min(self.input_shape[1:]) // 2 < 6  # an unpadded 5x5 convolution would leave no 2x2 to pool
        return ConvBlock(6, 5, 2, has_pool=True), ConvBlock(16, 5, 2 if is_small else 0, has_pool=True)

    def hidden_features(self) -> tuple[int, ...]:
        """Return the outputs of the linear layers before the last."""
        return 120, 84

    def with_bits(self, weight_bits: int, activation_bits: int) -> Self:
        """Return the same architecture at other widths."""
        return dataclasses.replace(self, weight_bits=weight_bits, activation_bits=activation_bits)


def architecture_named(name: str, input_shape: tuple[int, int, int], classes: int) -> Architecture:
    """Return the architecture of that name for images of `input_shape`.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in NAMED:
        raise unknown_name("trainable network", name, NAMED)
    return NAMED[name](input_shape=input_shape, classes=classes)


NAMED = {"lenet5": LeNet5}


def _check_bits(weight_bits: int, activation_bits: int) -> None:
    for what, bits in (("weight_bits", weight_bits), ("activation_bits", activation_bits)):
        if not 2 <= bits <= 8:
            raise InputError(f"{what} must be within 2..8, but is {bits}; choose a width in that range")
