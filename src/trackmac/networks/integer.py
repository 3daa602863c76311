"""The integer network: a graph of layers that computes with integers only."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import InputError, UnsupportedNetworkError
from trackmac.networks.arithmetic import apply_layer
from trackmac.networks.checks import check_fits, check_width
from trackmac.networks.graph import last_uses, wiring
from trackmac.networks.layer_shape import LayerShape
from trackmac.networks.layers import INPUT, Conv2d, Layer, Linear
from trackmac.networks.scales import scales_of
from trackmac.networks.shapes import MAX_ELEMENTS, layer_shapes

MAX_INPUT_EXPONENT = 31
IMAGES_AT_ONCE = 256  # at most
ELEMENTS_AT_ONCE = 1 << 24  # of the largest unfolded convolution: bounds the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerNetwork:
    """A graph of integer layers, each after those that it reads; the last one gives the logits.

    An input code c stands for the real value (c - `input_zero_point`) * `input_unit` * 2^`input_exponent`.

    Raises:
        UnsupportedNetworkError: a layer does not fit those that it reads; the message names it.
    """

    name: str
    input_shape: tuple[int, int, int]
    """Channels, height, width."""
    input_format: NumberFormat
    input_exponent: int
    layers: tuple[Layer, ...]
    classes: int
    is_trained: bool
    input_unit: float = 1.0
    """1 where the input's scale is a power of two."""
    input_zero_point: int = 0
    logit_scales: tuple[float, ...] = ()
    """The real worth of a step of each class's logit, where scales are no powers of two; else 2^`logit_exponent`."""
    shapes: tuple[LayerShape, ...] = field(init=False, repr=False, compare=False)
    """Of every layer."""

    def __post_init__(self) -> None:
        self._check_input()
        if not any(isinstance(layer, Conv2d | Linear) for layer in self.layers):
            raise UnsupportedNetworkError(f"network {self.name}: it has no convolution or linear layer; add one")
        object.__setattr__(self, "shapes", layer_shapes(self))
        last = self.shapes[-1]
        if last.output_shape != (self.classes,):
            raise UnsupportedNetworkError(
                f"layer {last.name}: the last layer must give {self.classes} logits, one for each class, "
                f"but its output has shape {list(last.output_shape)}; end the network in a Linear of that size"
            )
        if self.logit_scales and (len(self.logit_scales) != self.classes or not 0 < min(self.logit_scales) < math.inf):
            raise UnsupportedNetworkError(
                f"network {self.name}: there must be {self.classes} logit scales above 0, one for each class, "
                f"but they are {self.logit_scales[:3]}...; correct them"
            )

    def _check_input(self) -> None:
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
        if not 2**-MAX_INPUT_EXPONENT <= self.input_unit <= 2**MAX_INPUT_EXPONENT:
            raise UnsupportedNetworkError(
                f"network {self.name}: the input unit must be within 2^-{MAX_INPUT_EXPONENT}..2^{MAX_INPUT_EXPONENT}, "
                f"but is {self.input_unit}; use a scale near 2^-{self.input_format.bits}"
            )
        check_fits(np.array([self.input_zero_point]), self.input_format, f"network {self.name}: the input zero point")

    @property
    def input_scale(self) -> float:
        """The real worth of a step of the input."""
        return self.input_unit * 2.0**self.input_exponent

    @property
    def logit_exponent(self) -> int:
        """A logit code is worth 2^`logit_exponent`, where all scales are powers of two."""
        return scales_of(self)[self.layers[-1].name].exponent

    def real_logits(self, logits: IntArray) -> NDArray[np.float64]:
        """Return what integer logits [N, classes] stand for, but for an offset that all classes may share."""
        scales = np.array(self.logit_scales) if self.logit_scales else 2.0**self.logit_exponent
        return logits * scales

    def quantize_images(self, images: NDArray[np.uint8]) -> IntArray:
        """Turn uint8 images [N, H, W] or [N, H, W, C] into input codes [N, C, H, W].

        code = round_half_even(image / 255 / input_scale) + input_zero_point, clamped to the input format, in float32
        as Brevitas and onnxruntime compute it.

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
        real = np.arange(256).astype(np.float32) / np.float32(255)
        rounded = np.rint(real / np.float32(self.input_scale)) + np.float32(self.input_zero_point)
        code = np.clip(rounded, self.input_format.minimum, self.input_format.maximum).astype(np.int64)
        codes: IntArray = code[stacked.transpose(0, 3, 1, 2)]
        return codes

    def forward(self, x: IntArray) -> tuple[IntArray, ...]:
        """Return every layer's output for the input codes `x` [N, C, H, W].

        Raises:
            InputError: `x` is not of the network's input shape.
            OperandError: a code does not fit the input format.
        """
        return tuple(self.outputs_in_turn(x))

    def outputs_in_turn(self, x: IntArray) -> Iterator[IntArray]:
        """Yield what `forward` returns, and forget each output after its last use: what is left stays in the cache.

        Raises:
            InputError: as `forward`.
            OperandError: as `forward`.
        """
        if x.shape[1:] != self.input_shape:
            raise InputError(
                f"network {self.name} takes codes of shape [N, {', '.join(map(str, self.input_shape))}], "
                f"but these have shape {list(x.shape)}; reshape them"
            )
        self.input_format.check(x, "input")
        sources = wiring(self.layers)
        uses = last_uses(sources)
        outputs = {INPUT: x}
        for number, (layer, names) in enumerate(zip(self.layers, sources, strict=True)):
            outputs[layer.name] = apply_layer(layer, *(outputs[name] for name in names))
            yield outputs[layer.name]
            for name in {name for name in names if uses[name] == number}:
                del outputs[name]

    def logits(self, images: NDArray[np.uint8]) -> IntArray:
        """Return the last layer's integer accumulators [N, classes] for uint8 images.

        Raises:
            InputError: as `quantize_images`.
        """
        codes = self.quantize_images(images)
        largest = max(shape.pixels * shape.groups * (shape.dot_length or shape.channels_out) for shape in self.shapes)
        at_once = max(1, min(IMAGES_AT_ONCE, ELEMENTS_AT_ONCE // largest))
        starts = range(0, max(1, len(codes)), at_once)
        return np.concatenate([self._last(codes[start : start + at_once]) for start in starts])

    def _last(self, x: IntArray) -> IntArray:
        """Return the last layer's output."""
        (last,) = deque(self.outputs_in_turn(x), maxlen=1)
        return last.astype(np.int64)

    def predict(self, images: NDArray[np.uint8]) -> IntArray:
        """Return the class of each image: the first of those whose logits are worth most.

        Raises:
            InputError: as `quantize_images`.
        """
        classes: IntArray = self.real_logits(self.logits(images)).argmax(axis=1)
        return classes
