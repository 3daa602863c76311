"""What the ONNX writer and reader agree on."""

import re
from typing import Annotated

from pydantic import Field

from trackmac.files import FileModel
from trackmac.networks.layers import MAX_BITS, MIN_BITS

OPSET = 17
IR_VERSION = 8
METADATA_KEY = "trackmac"
WEIGHT_ZERO_POINT = 128  # of uint8 weights
MIN_EXPONENT, MAX_EXPONENT = -126, 127  # of a float32 scale

NAME_CHARACTERS = r"[A-Za-z0-9_.:/ -]"
MAX_NAME, MAX_TENSOR_NAME = 100, 150  # a tensor's name is a layer's with an ending

Name = Annotated[str, Field(pattern=rf"^{NAME_CHARACTERS}{{1,{MAX_NAME}}}$")]


def is_name(text: str | bytes, longest: int = MAX_NAME) -> bool:
    """Return whether `text` may name a network, layer or tensor; protobuf gives what is not UTF-8 as bytes."""
    return isinstance(text, str) and re.fullmatch(f"{NAME_CHARACTERS}{{1,{longest}}}", text) is not None


class OnnxMetadata(FileModel):
    """What QDQ cannot carry; from outside, so checked."""

    name: Name
    is_trained: bool
    weight_bits: dict[Name, Annotated[int, Field(ge=MIN_BITS, le=MAX_BITS)]]
    """For each convolution and linear layer."""
