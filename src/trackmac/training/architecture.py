"""What can be trained: CNN architectures with their bit widths, as plain values."""

import dataclasses
from dataclasses import dataclass
from typing import Protocol, Self

from trackmac.errors import InputError, unknown_name
from trackmac.networks.blueprint import Blueprint
from trackmac.networks.blueprint_builder import BlueprintBuilder
from trackmac.networks.zoo import ZOO, ZooEntry, zoo_entry


class Architecture(Protocol):
    """A network to be trained: its structure and its widths."""

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

    def blueprint(self) -> Blueprint:
        """Return the structure."""

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

    def blueprint(self) -> Blueprint:
        """Return the structure."""
        builder = BlueprintBuilder(self.input_shape)
        for number, channels in enumerate(self.channels, start=1):
            side = min(builder.height_and_width)
            builder.conv(f"conv{number}", channels, self.kernel, self.kernel // 2)
            if side >= 4:
                builder.max_pool(f"conv{number}_pool")
        builder.flatten()
        if self.hidden:
            builder.hidden("linear1", self.hidden)
        return builder.blueprint(self.name, last="linear2" if self.hidden else "linear1", classes=self.classes)

    def with_bits(self, weight_bits: int, activation_bits: int) -> Self:
        """Return the same architecture at other widths."""
        return dataclasses.replace(self, weight_bits=weight_bits, activation_bits=activation_bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZooArchitecture:
    """A network of the zoo, for images of any shape that leaves something to compute.

    Raises:
        InputError: images too small, or a width out of range.
    """

    network: str
    input_shape: tuple[int, int, int]
    classes: int
    weight_bits: int = 8
    activation_bits: int = 8

    def __post_init__(self) -> None:
        _check_bits(self.weight_bits, self.activation_bits)
        self.blueprint()

    @property
    def name(self) -> str:
        """Tells the widths and, where it is not the zoo's own, the image size: lenet5-8x8-w8a8."""
        _, height, width = self.input_shape
        size = "" if (height, width) == _entry(self.network).input_shape[1:] else f"-{height}x{width}"
        return f"{self.network}{size}-w{self.weight_bits}a{self.activation_bits}"

    def blueprint(self) -> Blueprint:
        """Return the structure."""
        return _entry(self.network).blueprint(self.input_shape, self.classes)

    def with_bits(self, weight_bits: int, activation_bits: int) -> Self:
        """Return the same architecture at other widths."""
        return dataclasses.replace(self, weight_bits=weight_bits, activation_bits=activation_bits)


def architecture_named(name: str, input_shape: tuple[int, int, int], classes: int) -> ZooArchitecture:
    """Return the network of the zoo of that name for images of `input_shape`.

    Raises:
        UnknownNameError: there is none.
        InputError: the images are too small for it.
    """
    require_trainable(name)
    return ZooArchitecture(network=name, input_shape=input_shape, classes=classes)


def require_trainable(name: str) -> None:
    """Refuse a name that no network of the zoo has.

    Raises:
        UnknownNameError: with the nearest name.
    """
    _entry(name)


def _entry(name: str) -> ZooEntry:
    entry = zoo_entry(name)
    if entry is None:
        raise unknown_name("trainable network", name, ZOO)
    return entry


def _check_bits(weight_bits: int, activation_bits: int) -> None:
    for what, bits in (("weight_bits", weight_bits), ("activation_bits", activation_bits)):
        if not 2 <= bits <= 8:
            raise InputError(f"{what} must be within 2..8, but is {bits}; choose a width in that range")
