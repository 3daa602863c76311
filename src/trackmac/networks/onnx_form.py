"""What the ONNX writer and reader agree on."""

import re
from typing import Annotated

import numpy as np
from pydantic import Field

from trackmac.bits import IntArray
from trackmac.errors import UnsupportedNetworkError
from trackmac.files import FileModel
from trackmac.networks.checks import MAX_WEIGHT_BITS
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import MAX_MULTIPLIER, MIN_BITS, Add, Conv2d, Linear

OPSET = 17
IR_VERSION = 8
METADATA_KEY = "trackmac"
UINT8_CODES = 256
MIN_EXPONENT, MAX_EXPONENT = -126, 127  # of a float32 scale

NAME_CHARACTERS = r"[A-Za-z0-9_.:/ -]"
MAX_NAME = 100

Multiplier = Annotated[int, Field(ge=0, le=MAX_MULTIPLIER)]
Name = Annotated[str, Field(pattern=rf"^{NAME_CHARACTERS}{{1,{MAX_NAME}}}$")]


def is_name(text: str) -> bool:
    """Return whether `text` may name a network or a layer."""
    return re.fullmatch(f"{NAME_CHARACTERS}{{1,{MAX_NAME}}}", text) is not None


def clean_name(text: str) -> str:
    """Return a name near `text`, which may hold anything; short enough to get a number."""
    return re.sub(f"(?!{NAME_CHARACTERS}).", "_", text, flags=re.DOTALL)[: MAX_NAME - 10] or "unnamed"


class OnnxMetadata(FileModel):
    """What QDQ cannot carry; from outside, so checked."""

    name: Name
    is_trained: bool
    weight_bits: dict[Name, Annotated[int, Field(ge=MIN_BITS, le=MAX_WEIGHT_BITS)]]
    """For each convolution and linear layer."""
    sum_multipliers: dict[Name, tuple[Multiplier, Multiplier]] = Field(default_factory=dict)
    """For each addition: in QDQ, (3, 3) looks like (1, 1)."""


def weight_zero_points(layer: Conv2d | Linear) -> IntArray:
    """Return the zero point of a layer's weights as uint8: one for all, or one for each channel where 9 bits need it.

    Raises:
        UnsupportedNetworkError: the weights of a channel do not fit 256 codes.
    """
    zero = UINT8_CODES // 2
    if -zero <= layer.weights.min() and layer.weights.max() < zero:
        return np.array(zero)
    by_channel = layer.weights.reshape(len(layer.weights), -1)
    low, high = np.minimum(by_channel.min(axis=1), 0), np.maximum(by_channel.max(axis=1), 0)
    if high.max() - low.min() < UINT8_CODES:
        return np.array(-low.min())
    if (high - low).max() >= UINT8_CODES:
        raise UnsupportedNetworkError(
            f"layer {layer.name}: weights must span at most {UINT8_CODES} codes in ONNX, but span "
            f"{(high - low).max() + 1}; use 8 bits"
        )
    return np.asarray(-low)


def metadata_of(network: IntegerNetwork) -> OnnxMetadata:
    """Return what to write beside a network's nodes.

    Raises:
        UnsupportedNetworkError: a name that the form does not allow.
    """
    for name in (network.name, *(layer.name for layer in network.layers)):
        if not is_name(name):
            raise UnsupportedNetworkError(
                f"names may have 1 to {MAX_NAME} letters, digits or _.:/- and spaces, but one is {name[:40]!r}; "
                "rename it"
            )
    weighted = [layer for layer in network.layers if isinstance(layer, Conv2d | Linear)]
    return OnnxMetadata(
        name=network.name,
        is_trained=network.is_trained,
        weight_bits={layer.name: layer.weight_format.bits for layer in weighted},
        sum_multipliers={layer.name: layer.multipliers for layer in network.layers if isinstance(layer, Add)},
    )
