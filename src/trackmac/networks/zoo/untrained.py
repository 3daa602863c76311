"""Seeded random weights, for networks whose shapes and widths matter and whose accuracy does not."""

from collections import Counter

import numpy as np

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.arithmetic import apply_layer
from trackmac.networks.assembly import Rescaling, Weights, assembled
from trackmac.networks.blueprint import Blueprint, Shape
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import INPUT, Layer

CALIBRATION_IMAGES = 4
MULTIPLIER_BITS = 16


def untrained(
    blueprint: Blueprint, weight_bits: int, activation_bits: int, *, seed: int, images: int = CALIBRATION_IMAGES
) -> IntegerNetwork:
    """Return a network of random weights; its name says that it is untrained.

    Random images run through it while it grows, which tells by how much to shift each sum.
    """
    parameters = _RandomParameters(blueprint.input_shape, weight_bits, activation_bits, seed=seed, images=images)
    return assembled(
        blueprint,
        parameters,
        name=f"{blueprint.name}-untrained",
        weight_bits=weight_bits,
        activation_bits=activation_bits,
        is_trained=False,
    )


class _RandomParameters:
    """Random weights, and what became of the random images so far."""

    def __init__(
        self, input_shape: tuple[int, int, int], weight_bits: int, activation_bits: int, *, seed: int, images: int
    ) -> None:
        self._weight_format = NumberFormat(weight_bits, is_signed=True)
        self._rng = np.random.default_rng(seed)
        highest = NumberFormat(activation_bits, is_signed=False).maximum
        self._outputs: dict[str, IntArray] = {
            INPUT: self._rng.integers(highest, size=(images, *input_shape), endpoint=True, dtype=np.int64)
        }
        self._readers_left: Counter[str] = Counter({INPUT: 2})  # kept to the end: it is small

    def weights(self, name: str, shape: Shape, source: str) -> Weights:
        """Return random codes, and no bias."""
        # narrow range, as trained weights have: the most negative code is not used
        highest = self._weight_format.maximum
        codes = self._rng.integers(-highest, highest, size=shape, endpoint=True, dtype=np.int64)
        return Weights(codes, np.zeros(shape[0], dtype=np.int64), 1 - self._weight_format.bits)

    def rescaling(self, name: str, source: str, output: NumberFormat, elements: int) -> Rescaling:
        """Return a division by `elements` in steps that use more than half of the range."""
        multiplier = round((1 << MULTIPLIER_BITS - 1 + elements.bit_length()) / elements)
        multiplier //= multiplier & -multiplier  # what is a power of two is left to the shift
        peak = int(np.abs(self._outputs[source]).max()) * multiplier
        # the least shift that brings the peak into range, so that it uses more than half of it
        return Rescaling((max(peak - 1, 0) // output.maximum).bit_length(), multiplier)

    def multipliers(self, name: str, sources: tuple[str, str]) -> tuple[int, int]:
        """Return 1 and 1: random summands have one scale."""
        return 1, 1

    def follow(self, layer: Layer, sources: tuple[str, ...], readers: int) -> None:
        """Run the images through the layer, and forget what no other layer will read."""
        self._outputs[layer.name] = apply_layer(layer, *(self._outputs[source] for source in sources))
        self._readers_left[layer.name] = readers
        for source in sources:
            self._readers_left[source] -= 1
            if self._readers_left[source] == 0:
                del self._outputs[source]
