"""Residual networks: ResNet-8 and ResNet-20 for small images, ResNet-18 for large ones."""

from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.untrained import UntrainedChain

SEED = 18


def resnet8(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return ResNet-8 for 3x32x32 images in 10 classes: 12,501,632 MACs, 77,706 parameters; weights are random.

    Structure: Banbury et al., "MLPerf Tiny benchmark", NeurIPS 2021, arXiv 2106.07597, its image classification.
    """
    return _small_resnet("resnet8", blocks=1, weight_bits=weight_bits, activation_bits=activation_bits)


def resnet20(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return ResNet-20 for 3x32x32 images in 10 classes: 40,813,184 MACs, 271,690 parameters; weights are random.

    Structure: He et al., "Deep residual learning for image recognition", CVPR 2016, arXiv 1512.03385, section 4.2, with
    1x1 convolutions (their option B) where the shortcut changes shape.
    """
    return _small_resnet("resnet20", blocks=3, weight_bits=weight_bits, activation_bits=activation_bits)


def resnet18(weight_bits: int = 8, activation_bits: int = 8) -> IntegerNetwork:
    """Return ResNet-18 for 3x224x224 images, 1000 classes: 1,814,073,344 MACs, 11,684,712 parameters; random weights.

    Structure: He et al., "Deep residual learning for image recognition", CVPR 2016, arXiv 1512.03385, table 1.
    """
    chain = UntrainedChain((3, 224, 224), weight_bits=weight_bits, activation_bits=activation_bits, seed=SEED, images=1)
    chain.conv("conv1", 64, kernel=7, padding=3, stride=2)
    chain.max_pool("conv1_pool", kernel=3, stride=2, padding=1)
    for stage, channels in enumerate((64, 128, 256, 512), start=2):
        _stage(chain, f"conv{stage}", channels, blocks=2, stride=1 if stage == 2 else 2)
    return _classified(chain, "resnet18", classes=1000)


def _small_resnet(name: str, blocks: int, *, weight_bits: int, activation_bits: int) -> IntegerNetwork:
    chain = UntrainedChain((3, 32, 32), weight_bits=weight_bits, activation_bits=activation_bits, seed=SEED, images=1)
    chain.conv("conv1", 16, kernel=3, padding=1)
    for stage, channels in enumerate((16, 32, 64), start=2):
        _stage(chain, f"conv{stage}", channels, blocks=blocks, stride=1 if stage == 2 else 2)
    return _classified(chain, name, classes=10)


def _stage(chain: UntrainedChain, name: str, channels: int, *, blocks: int, stride: int) -> None:
    for number in range(1, blocks + 1):
        _block(chain, f"{name}_{number}", channels, stride if number == 1 else 1)


def _block(chain: UntrainedChain, name: str, channels: int, stride: int) -> None:
    """Append two 3x3 convolutions and the shortcut around them, 1x1 where it changes shape."""
    shortcut = chain.hold()
    if stride != 1 or chain.channels != channels:
        before = shortcut
        chain.conv(f"{name}_shortcut", channels, kernel=1, stride=stride, is_rectified=False)
        shortcut = chain.hold()
        chain.go_back(before)
    chain.conv(f"{name}a", channels, kernel=3, padding=1, stride=stride)
    chain.conv(f"{name}b", channels, kernel=3, padding=1, is_rectified=False)
    chain.add(f"{name}_add", shortcut)


def _classified(chain: UntrainedChain, name: str, classes: int) -> IntegerNetwork:
    chain.global_average_pool("pool")
    chain.flatten()
    return chain.network(name, last="linear", classes=classes)
