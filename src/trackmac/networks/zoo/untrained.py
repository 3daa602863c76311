"""Layers with seeded random weights, for networks whose shapes and widths matter and whose accuracy does not."""

import math

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.arithmetic import apply_layer
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize

CALIBRATION_IMAGES = 4


class UntrainedChain:
    """Grows a chain of layers while random images run through it, which tells by how much to shift each sum."""

    def __init__(self, input_shape: tuple[int, int, int], *, weight_bits: int, activation_bits: int, seed: int) -> None:
        self._input_shape = input_shape
        self._weight_format = NumberFormat(weight_bits, is_signed=True)
        self._activation_format = NumberFormat(activation_bits, is_signed=False)
        self._rng = np.random.default_rng(seed)
        self._layers: list[Layer] = []
        self._x: IntArray = self._rng.integers(
            self._activation_format.maximum, size=(CALIBRATION_IMAGES, *input_shape), endpoint=True, dtype=np.int64
        )

    def conv(self, name: str, channels: int, kernel: int, padding: int = 0) -> None:
        """Append convolution, ReLU and requantisation."""
        self._append(
            Conv2d(
                name=name,
                weights=self._random_weights((channels, self._x.shape[1], kernel, kernel)),
                bias=np.zeros(channels, dtype=np.int64),
                weight_format=self._weight_format,
                weight_exponent=1 - self._weight_format.bits,
                padding=(padding, padding),
            )
        )
        self._activate(name)

    def hidden(self, name: str, features: int) -> None:
        """Append a linear layer, ReLU and requantisation."""
        self._append(self._linear(name, features))
        self._activate(name)

    def max_pool(self, name: str) -> None:
        """Append 2x2 max-pooling."""
        self._append(MaxPool2d(name=name, kernel=(2, 2), stride=(2, 2)))

    def flatten(self) -> None:
        """Append a Flatten."""
        self._append(Flatten(name="flatten"))

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

    def _activate(self, name: str) -> None:
        self._append(ReLU(name=f"{name}_relu"))
        highest = self._activation_format.maximum
        peak = int(self._x.max())
        # the least shift that brings the peak into range, so that it uses more than half of it
        shift = (max(peak - 1, 0) // highest).bit_length()
        self._append(Requantize(name=f"{name}_requantize", shift=shift, output_format=self._activation_format))

    def _append(self, layer: Layer) -> None:
        self._layers.append(layer)
        self._x = apply_layer(layer, self._x)
