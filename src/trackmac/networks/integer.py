"""The integer network: a chain of layers that computes with integers only."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import InputError, UnsupportedNetworkError
from trackmac.networks.arithmetic import apply_layer
from trackmac.networks.layers import Conv2d, Layer, Linear, Requantize, check_width
from trackmac.networks.shapes import MAX_ELEMENTS, layer_shapes

MAX_INPUT_EXPONENT = 31
IMAGES_AT_ONCE = 256  # bounds the memory of unfolded convolutions


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerNetwork:
    """A chain of integer layers; an input code c stands for the real value c * 2^`input_exponent`.

    Raises:
        UnsupportedNetworkError: a layer does not fit the one before it; the message names it.
    """

    name: str
    input_shape: tuple[int, int, int]
    """Channels, height, width."""
    input_format: NumberFormat
    input_exponent: int
    layers: tuple[Layer, ...]
    classes: int
    is_trained: bool

    def __post_init__(self) -> None:
        check_width(self.input_format, f"network {self.name}: inputs")
        if min(self.input_shape) < 1 or math.prod(self.input_shape) > MAX_ELEMENTS:
            raise UnsupportedNetworkError(
                f"network {self.name}: an image must have 1 to {MAX_ELEMENTS} elements, "
                f"but its shape is {list(self.input_shape)}; give channels, height and width"
            )
        if abs(self.input_exponent) > MAX_INPUT_EXPONENT:
            raise UnsupportedNetworkError(
                f"network {self.name}: the input scale must be within 2^-{MAX_INPUT_EXPONENT}..2^{MAX_INPUT_EXPONENT}, "
                f"but is 2^{self.input_exponent}; use a scale near 2^-{self.input_format.bits}"
            )
        if not any(isinstance(layer, Conv2d | Linear) for layer in self.layers):
            raise UnsupportedNetworkError(f"network {self.name}: it has no convolution or linear layer; add one")
        names = [layer.name for layer in self.layers]
        for name in names:
            if names.count(name) > 1:
                raise UnsupportedNetworkError(f"layer {name}: the name is used {names.count(name)} times; rename it")
        last = layer_shapes(self)[-1]
        if last.output_shape != (self.classes,):
            raise UnsupportedNetworkError(
                f"layer {last.name}: the last layer must give {self.classes} logits, one for each class, "
                f"but its output has shape {list(last.output_shape)}; end the network in a Linear of that size"
            )

    @property
    def logit_exponent(self) -> int:
        """A logit code is worth 2^`logit_exponent`."""
        return self.input_exponent + sum(
            layer.weight_exponent if isinstance(layer, Conv2d | Linear) else layer.shift
            for layer in self.layers
            if isinstance(layer, Conv2d | Linear | Requantize)
        )

    def quantize_images(self, images: NDArray[np.uint8]) -> IntArray:
        """Turn uint8 images [N, H, W] or [N, H, W, C] into input codes [N, C, H, W].

        code = round_half_even(image / 255 * 2^-input_exponent), clamped to the input format, in float32 as
        Brevitas and onnxruntime compute it.

        Raises:
            InputError: not uint8, or not of the network's input shape.
        """
        if images.dtype != np.uint8:
            raise InputError(f"images must be uint8, but are {images.dtype}; scale them to 0..255 and convert them")
        stacked = images[..., np.newaxis] if images.ndim == 3 else images
        channels, height, width = self.input_shape
        if stacked.ndim != 4 or stacked.shape[1:] != (height, width, channels):
            raise InputError(
                f"network {self.name} takes images of shape [N, {height}, {width}, {channels}], "
                f"but these have shape {list(images.shape)}; resize them or choose another network"
            )
        real = stacked.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        rounded = np.rint(real * np.float32(2.0**-self.input_exponent))
        codes: IntArray = np.clip(rounded, self.input_format.minimum, self.input_format.maximum).astype(np.int64)
        return codes

    def forward(self, x: IntArray) -> tuple[IntArray, ...]:
        """Return every layer's output for the input codes `x` [N, C, H, W].

        Raises:
            InputError: `x` is not of the network's input shape.
            OperandError: a code does not fit the input format.
        """
        if x.shape[1:] != self.input_shape:
            raise InputError(
                f"network {self.name} takes codes of shape [N, {', '.join(map(str, self.input_shape))}], "
                f"but these have shape {list(x.shape)}; reshape them"
            )
        self.input_format.check(x, "input")
        outputs: list[IntArray] = []
        for layer in self.layers:
            x = apply_layer(layer, x)
            outputs.append(x)
        return tuple(outputs)

    def logits(self, images: NDArray[np.uint8]) -> IntArray:
        """Return the last layer's integer accumulators [N, classes] for uint8 images.

        Raises:
            InputError: as `quantize_images`.
        """
        codes = self.quantize_images(images)
        starts = range(0, max(1, len(codes)), IMAGES_AT_ONCE)
        return np.concatenate([self.forward(codes[start : start + IMAGES_AT_ONCE])[-1] for start in starts])

    def predict(self, images: NDArray[np.uint8]) -> IntArray:
        """Return the class of each image: the first of the greatest logits.

        Raises:
            InputError: as `quantize_images`.
        """
        classes: IntArray = self.logits(images).argmax(axis=1)
        return classes
