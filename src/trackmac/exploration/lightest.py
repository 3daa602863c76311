"""The least that a network space asks of hardware, known before anything is trained."""

import itertools
from collections.abc import Iterator

import numpy as np

from trackmac.bits import NumberFormat
from trackmac.exploration.space_files import NetworkSpaceFile
from trackmac.networks import IntegerNetwork, Layer
from trackmac.networks.assembly import Rescaling, Weights, assembled
from trackmac.networks.blueprint import Shape
from trackmac.training.architecture import CnnArchitecture


def lightest_networks(
    file: NetworkSpaceFile, input_shape: tuple[int, int, int], classes: int
) -> Iterator[IntegerNetwork]:
    """Yield, for each depth and hidden layer, the network of the fewest channels, taps and bits, its weights all zero.

    A trained network needs accumulators at least as wide, so hardware that can run none of these can run none at all.
    """
    for depth, hidden in itertools.product(sorted(file.depth), sorted(file.hidden)):
        architecture = CnnArchitecture(
            channels=(min(file.channels),) * depth,
            kernel=min(file.kernel),
            hidden=hidden,
            weight_bits=min(file.weight_bits),
            activation_bits=min(file.activation_bits),
            input_shape=input_shape,
            classes=classes,
        )
        yield _zero_network(architecture)


def _zero_network(architecture: CnnArchitecture) -> IntegerNetwork:
    return assembled(
        architecture.blueprint(),
        _Zeros(),
        name=architecture.name,
        weight_bits=architecture.weight_bits,
        activation_bits=architecture.activation_bits,
        is_trained=False,
    )


class _Zeros:
    """Parameters that are all zero."""

    def weights(self, name: str, shape: Shape, source: str) -> Weights:
        """Return zero weights and biases."""
        return Weights(np.zeros(shape, dtype=np.int64), np.zeros(shape[0], dtype=np.int64), 0)

    def rescaling(self, name: str, source: str, output: NumberFormat, elements: int) -> Rescaling:
        """Return no shift."""
        return Rescaling(0)

    def multipliers(self, name: str, sources: tuple[str, str]) -> tuple[int, int]:
        """Return 1 and 1."""
        return 1, 1

    def follow(self, layer: Layer, sources: tuple[str, ...], readers: int) -> None:
        """Take no notice."""
