"""Networks by name. Their weights are untrained placeholders: right for pricing, not for accuracy."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from trackmac.networks.blueprint import Blueprint
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.ds_cnn import ds_cnn, ds_cnn_blueprint
from trackmac.networks.zoo.lenet5 import lenet5, lenet5_blueprint
from trackmac.networks.zoo.mobilenet import mobilenetv1, mobilenetv1_blueprint, mobilenetv2, mobilenetv2_blueprint
from trackmac.networks.zoo.resnet import (
    resnet8,
    resnet8_blueprint,
    resnet18,
    resnet18_blueprint,
    resnet20,
    resnet20_blueprint,
)
from trackmac.networks.zoo.vgg_small import vgg_small, vgg_small_blueprint

__all__ = ["ZOO", "ZooEntry", "zoo_entry"]

WIDTH = re.compile(r"(mobilenetv[12])-(\d?\.\d{1,3}|[1-4])")
LEAST_WIDTH = 0.05


@dataclass(frozen=True, slots=True)
class ZooEntry:
    """One network of the zoo."""

    summary: str
    build: Callable[[], IntegerNetwork]
    blueprint: Callable[[tuple[int, int, int], int], Blueprint]
    """Its structure for images of another shape, and for so many classes."""
    input_shape: tuple[int, int, int]
    """The one that `build` has."""


ZOO = {
    "lenet5": ZooEntry(
        "LeNet-5, modern form, 1x28x28, 10 classes: 416,520 MACs, 61,706 parameters",
        lenet5,
        lenet5_blueprint,
        (1, 28, 28),
    ),
    "ds-cnn": ZooEntry(
        "DS-CNN of MLPerf Tiny, 1x49x10, 12 classes: 2.7 M MACs, 22,604 parameters",
        ds_cnn,
        ds_cnn_blueprint,
        (1, 49, 10),
    ),
    "resnet8": ZooEntry(
        "ResNet-8 of MLPerf Tiny, 3x32x32, 10 classes: 12.5 M MACs, 77,706 parameters",
        resnet8,
        resnet8_blueprint,
        (3, 32, 32),
    ),
    "resnet20": ZooEntry(
        "ResNet-20, 3x32x32, 10 classes: 40.8 M MACs, 0.27 M parameters",
        resnet20,
        resnet20_blueprint,
        (3, 32, 32),
    ),
    "mobilenetv2": ZooEntry(
        "MobileNetV2 (other widths: mobilenetv2-0.35), 3x224x224, 1000 classes: 301 M MACs, 3.5 M parameters",
        mobilenetv2,
        mobilenetv2_blueprint,
        (3, 224, 224),
    ),
    "mobilenetv1": ZooEntry(
        "MobileNetV1 (other widths: mobilenetv1-0.25), 3x224x224, 1000 classes: 569 M MACs, 4.2 M parameters",
        mobilenetv1,
        mobilenetv1_blueprint,
        (3, 224, 224),
    ),
    "vgg-small": ZooEntry(
        "VGG-small, 3x32x32, 10 classes: 608 M MACs, 4.7 M parameters",
        vgg_small,
        vgg_small_blueprint,
        (3, 32, 32),
    ),
    "resnet18": ZooEntry(
        "ResNet-18, 3x224x224, 1000 classes: 1.8 G MACs, 11.7 M parameters",
        resnet18,
        resnet18_blueprint,
        (3, 224, 224),
    ),
}


def zoo_entry(name: str) -> ZooEntry | None:
    """Return the network of that name, None where there is none.

    A MobileNet's name may end in a width multiplier, that of all its channels: mobilenetv1-0.25.
    """
    found = WIDTH.fullmatch(name)
    if found is None:
        return ZOO.get(name)
    width = float(found[2])
    if not LEAST_WIDTH <= width <= 4:
        return None
    build, blueprint = BY_WIDTH[found[1]]
    entry = ZOO[found[1]]
    return ZooEntry(
        f"{found[1]} at width {width:g}",
        partial(build, width=width),
        partial(blueprint, width=width),
        entry.input_shape,
    )


BY_WIDTH: dict[str, tuple[Callable[..., IntegerNetwork], Callable[..., Blueprint]]] = {
    "mobilenetv1": (mobilenetv1, mobilenetv1_blueprint),
    "mobilenetv2": (mobilenetv2, mobilenetv2_blueprint),
}
