"""Layers with seeded random weights, for networks whose shapes and widths matter and whose accuracy does not."""

import math

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.arithmetic import apply_layer
from trackmac.networks.checks import Padding
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

CALIBRATION_IMAGES = 4
MULTIPLIER_BITS = 16


class UntrainedChain:
    """Grows a chain of layers while random images run through it, which tells by how much to shift each sum.

    A branch begins where `hold` was called, and ends in `add`.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        *,
        weight_bits: int,
        activation_bits: int,
        seed: int,
        images: int = CALIBRATION_IMAGES,
    ) -> None:
        self._input_shape = input_shape
        self._weight_format = NumberFormat(weight_bits, is_signed=True)
        self._activation_format = NumberFormat(activation_bits, is_signed=False)
        self._rng = np.random.default_rng(seed)
        self._layers: list[Layer] = []
        self._held: dict[str, IntArray] = {}
        self._current = INPUT
        self._x: IntArray = self._rng.integers(
            self._activation_format.maximum, size=(images, *input_shape), endpoint=True, dtype=np.int64
        )

    @property
    def channels(self) -> int:
        """Channels of the current map."""
        return int(self._x.shape[1])

    def conv(
        self,
        name: str,
        channels: int,
        kernel: int | tuple[int, int],
        padding: int | Padding = 0,
        *,
        stride: int = 1,
        groups: int = 1,
        is_rectified: bool = True,
    ) -> None:
        """Append convolution, ReLU where `is_rectified`, and requantisation."""
        height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
        self._append(
            Conv2d(
                name=name,
                inputs=self._inputs(),
                weights=self._random_weights((channels, self.channels // groups, height, width)),
                bias=np.zeros(channels, dtype=np.int64),
                weight_format=self._weight_format,
                weight_exponent=1 - self._weight_format.bits,
                stride=(stride, stride),
                padding=(padding, padding) if isinstance(padding, int) else padding,
                groups=groups,
            )
        )
        self._activate(name, is_rectified=is_rectified)

    def depthwise(self, name: str, kernel: int, padding: int | Padding, *, stride: int = 1) -> None:
        """Append a convolution of each channel for itself, ReLU and requantisation."""
        self.conv(name, self.channels, kernel, padding, stride=stride, groups=self.channels)

    def hidden(self, name: str, features: int) -> None:
        """Append a linear layer, ReLU and requantisation."""
        self._append(self._linear(name, features))
        self._activate(name)

    def max_pool(self, name: str, kernel: int = 2, stride: int = 2, padding: int = 0) -> None:
        """Append max-pooling."""
        self._append(
            MaxPool2d(
                name=name,
                inputs=self._inputs(),
                kernel=(kernel, kernel),
                stride=(stride, stride),
                padding=(padding, padding),
            )
        )

    def global_average_pool(self, name: str) -> None:
        """Append the average of each channel, in steps that use more than half of the range."""
        elements = math.prod(self._x.shape[2:])
        self._append(GlobalAvgPool(name=name, inputs=self._inputs()))
        multiplier = round((1 << MULTIPLIER_BITS - 1 + elements.bit_length()) / elements)
        multiplier //= multiplier & -multiplier  # what is a power of two is left to the shift
        self._requantize(name, self._activation_format, multiplier)

    def flatten(self) -> None:
        """Append a Flatten."""
        self._append(Flatten(name="flatten"))

    def hold(self) -> str:
        """Keep the current map for a branch; return its name."""
        self._held[self._current] = self._x
        return self._current

    def go_back(self, name: str) -> None:
        """Go on from a map that `hold` kept."""
        self._current, self._x = name, self._held[name]

    def add(self, name: str, other: str, *, is_rectified: bool = True) -> None:
        """Append the sum of the current map and a held one, which is forgotten, ReLU and requantisation."""
        layer = Add(name=name, inputs=(self._current, other))
        self._layers.append(layer)
        self._current, self._x = name, apply_layer(layer, self._x, self._held.pop(other))
        self._activate(name, is_rectified=is_rectified)

    def network(self, name: str, last: str, classes: int) -> IntegerNetwork:
        """Append the linear layer `last` and return the whole network; its name says that it is untrained."""
        self._append(self._linear(last, classes))
        return IntegerNetwork(
            name=f"{name}-untrained",
            input_shape=self._input_shape,
            input_format=self._activation_format,
            input_exponent=-self._activation_format.bits,
            layers=tuple(self._layers),
            classes=classes,
            is_trained=False,
        )

    def _linear(self, name: str, features: int) -> Linear:
        return Linear(
            name=name,
            weights=self._random_weights((features, math.prod(self._x.shape[1:]))),
            bias=np.zeros(features, dtype=np.int64),
            weight_format=self._weight_format,
            weight_exponent=1 - self._weight_format.bits,
        )

    def _random_weights(self, shape: tuple[int, ...]) -> IntArray:
        # narrow range, as trained weights have: the most negative code is not used
        highest = self._weight_format.maximum
        return self._rng.integers(-highest, highest, size=shape, endpoint=True, dtype=np.int64)

    def _activate(self, name: str, *, is_rectified: bool = True) -> None:
        output = self._activation_format if is_rectified else NumberFormat(self._activation_format.bits, is_signed=True)
        if is_rectified:
            self._append(ReLU(name=f"{name}_relu"))
        self._requantize(name, output)

    def _requantize(self, name: str, output: NumberFormat, multiplier: int = 1) -> None:
        peak = int(np.abs(self._x).max()) * multiplier
        # the least shift that brings the peak into range, so that it uses more than half of it
        shift = (max(peak - 1, 0) // output.maximum).bit_length()
        self._append(Requantize(name=f"{name}_requantize", shift=shift, multiplier=(multiplier,), output_format=output))

    def _inputs(self) -> tuple[str, ...]:
        """Return what the next layer must name to read the current map."""
        before = self._layers[-1].name if self._layers else INPUT
        return () if self._current == before else (self._current,)

    def _append(self, layer: Layer) -> None:
        self._layers.append(layer)
        self._current, self._x = layer.name, apply_layer(layer, self._x)
