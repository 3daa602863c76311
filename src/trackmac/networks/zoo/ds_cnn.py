"""DS-CNN: depthwise separable convolutions that spot key words in a spectrogram."""

from trackmac.networks.blueprint import Blueprint
from trackmac.networks.blueprint_builder import BlueprintBuilder
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import untrained

SEED = 12
CHANNELS = 64
BLOCKS = 4


def ds_cnn(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return DS-CNN for 1x49x10 spectrograms in 12 classes: 2,656,768 MACs, 22,604 parameters; weights are random.

    Structure: Banbury et al., "MLPerf Tiny benchmark", NeurIPS 2021, arXiv 2106.07597, its keyword spotting, after
    Zhang et al., "Hello edge: keyword spotting on microcontrollers", 2017, arXiv 1711.07128 (DS-CNN S).
    """
    return untrained(ds_cnn_blueprint(), weight_bits, activation_bits, seed=SEED)


def ds_cnn_blueprint(input_shape: tuple[int, int, int] = (1, 49, 10), classes: int = 12) -> Blueprint:
    """Return DS-CNN's structure."""
    builder = BlueprintBuilder(input_shape)
    builder.conv("conv", CHANNELS, kernel=(10, 4), padding=(4, 1, 5, 1), stride=2)
    for number in range(1, BLOCKS + 1):
        builder.depthwise(f"block{number}_depthwise", kernel=3, padding=1)
        builder.conv(f"block{number}_pointwise", CHANNELS, kernel=1)
    builder.global_average_pool("pool")
    builder.flatten()
    return builder.blueprint("ds-cnn", last="linear", classes=classes)
