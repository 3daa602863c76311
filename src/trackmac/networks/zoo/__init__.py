"""Networks by name. Their weights are untrained placeholders: right for pricing, not for accuracy."""

from collections.abc import Callable
from dataclasses import dataclass

from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.zoo.lenet5 import lenet5

__all__ = ["ZOO", "ZooEntry"]


@dataclass(frozen=True, slots=True)
class ZooEntry:
    """One network of the zoo."""

    summary: str
    build: Callable[[], IntegerNetwork]


ZOO = {
    "lenet5": ZooEntry("LeNet-5, modern form, 1x28x28, 10 classes: 416,520 MACs, 61,706 parameters", lenet5),
}
