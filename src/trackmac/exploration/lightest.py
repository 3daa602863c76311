"""The least that a network space asks of hardware, known before anything is trained."""

import itertools
from collections.abc import Iterator

import numpy as np

from trackmac.bits import NumberFormat
from trackmac.exploration.space_files import NetworkSpaceFile
from trackmac.networks import Conv2d, Flatten, IntegerNetwork, Layer, Linear, MaxPool2d, ReLU, Requantize
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
    channels, height, width = architecture.input_shape
    activations = NumberFormat(architecture.activation_bits, is_signed=False)
    layers: list[Layer] = []
    for number, block in enumerate(architecture.blocks(), start=1):
        weights = (block.channels, channels, block.kernel, block.kernel)
        layers.append(
            Conv2d(
                name=f"conv{number}",
                weights=np.zeros(weights, dtype=np.int64),
                bias=np.zeros(block.channels, dtype=np.int64),
                weight_format=NumberFormat(architecture.weight_bits, is_signed=True),
                weight_exponent=0,
                padding=(block.padding, block.padding),
            )
        )
        layers += _activation(f"conv{number}", activations)
        if block.has_pool:
            layers.append(MaxPool2d(name=f"conv{number}_pool", kernel=(2, 2), stride=(2, 2)))
            height, width = height // 2, width // 2
        channels = block.channels
    layers.append(Flatten(name="flatten"))
    features = channels * height * width
    for hidden in architecture.hidden_features():
        layers += [_linear("linear1", features, hidden, architecture), *_activation("linear1", activations)]
        features = hidden
    layers.append(_linear("logits", features, architecture.classes, architecture))
    return IntegerNetwork(
        name=architecture.name,
        input_shape=architecture.input_shape,
        input_format=activations,
        input_exponent=-architecture.activation_bits,
        layers=tuple(layers),
        classes=architecture.classes,
        is_trained=False,
    )


def _linear(name: str, inputs: int, outputs: int, architecture: CnnArchitecture) -> Linear:
    return Linear(
        name=name,
        weights=np.zeros((outputs, inputs), dtype=np.int64),
        bias=np.zeros(outputs, dtype=np.int64),
        weight_format=NumberFormat(architecture.weight_bits, is_signed=True),
        weight_exponent=0,
    )


def _activation(name: str, output: NumberFormat) -> list[Layer]:
    return [ReLU(name=f"{name}_relu"), Requantize(name=f"{name}_requantize", shift=0, output_format=output)]
