"""What the ONNX writer and reader agree on."""

from typing import Annotated

from pydantic import Field

from trackmac.files import FileModel
from trackmac.networks.layers import MAX_BITS, MIN_BITS

OPSET = 17
IR_VERSION = 8
METADATA_KEY = "trackmac"
INPUT_NODE = "input"
WEIGHT_ZERO_POINT = 128  # of uint8 weights
MIN_EXPONENT, MAX_EXPONENT = -126, 127  # of a float32 scale

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/ -]{1,100}$")]


class OnnxMetadata(FileModel):
    """What QDQ cannot carry; from outside, so checked."""

    name: Name
    is_trained: bool
    weight_bits: dict[Name, Annotated[int, Field(ge=MIN_BITS, le=MAX_BITS)]]
    """For each convolution and linear layer."""
