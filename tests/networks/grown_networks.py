"""A hypothesis strategy of small integer networks over all kinds of layers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import (
    INPUT,
    Add,
    AvgPool2d,
    Clip,
    Concat,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Requantize,
)
from trackmac.networks.shapes import FeatureMap, shape_of

CLASSES = 3
KINDS = ("conv", "requantize", "max_pool", "avg_pool", "global", "relu", "clip", "add", "concat")


class Grower:
    """A network that grows by one layer at a time, each reading the one before it, some an earlier one too."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        self.words = (self._new_word(), self._new_word())  # few, so that branches are often alike
        self.input_format = self.word()
        self.zero_point = self.code(self.input_format)
        shape = (draw(st.integers(1, 4)), draw(st.integers(2, 7)), draw(st.integers(2, 7)))
        self.maps = {INPUT: FeatureMap(shape, self.input_format)}
        self.layers: list[Layer] = []

    def network(self) -> IntegerNetwork:
        """Return what has grown, ended in a linear layer."""
        if len(self.map.shape) == 3:
            self.add(Flatten(name="flatten"))
        if self.map.number_format.bits > 8:
            self.requantize()
        features, word = self.map.shape[0], self.weight_format()
        bias = self.rng.integers(-99, 100, size=CLASSES)
        self.add(Linear(name="last", weights=self.weights(word, CLASSES, features), bias=bias, weight_format=word))
        return IntegerNetwork(
            name="grown",
            input_shape=self.input_shape,
            input_format=self.input_format,
            input_exponent=self.draw(st.integers(-9, -1)),
            input_zero_point=self.zero_point,
            layers=tuple(self.layers),
            classes=CLASSES,
            is_trained=True,
        )

    @property
    def input_shape(self) -> tuple[int, int, int]:
        channels, height, width = self.maps[INPUT].shape
        return channels, height, width

    @property
    def last(self) -> str:
        return self.layers[-1].name if self.layers else INPUT

    @property
    def map(self) -> FeatureMap:
        return self.maps[self.last]

    def add(self, layer: Layer) -> None:
        sources = layer.inputs or (self.last,)
        shape = shape_of(layer, sources, self.maps)
        self.layers.append(layer)
        self.maps[layer.name] = FeatureMap(shape.output_shape, shape.output_format)

    def name(self, kind: str) -> str:
        return f"{kind}{len(self.layers)}"

    def word(self) -> NumberFormat:
        return self.draw(st.sampled_from(self.words))

    def _new_word(self) -> NumberFormat:
        return NumberFormat(self.draw(st.integers(2, 8)), is_signed=self.draw(st.booleans()))

    def weight_format(self) -> NumberFormat:
        return NumberFormat(self.draw(st.integers(2, 9)), is_signed=True)

    def code(self, word: NumberFormat) -> int:
        """Return a zero point: 0 half of the time."""
        return self.draw(st.one_of(st.just(0), st.integers(word.minimum, word.maximum)))

    def weights(self, word: NumberFormat, *shape: int) -> IntArray:
        """Return codes that span at most 256, as uint8 less a zero point does."""
        low = self.draw(st.integers(-256, 0)) if word.bits == 9 else word.minimum
        codes: IntArray = self.rng.integers(low, min(word.maximum, low + 255), size=shape, endpoint=True)
        return codes

    def grow(self, kind: str) -> None:
        """Add a layer of a kind, if it fits here."""
        has_map, is_word = len(self.map.shape) == 3, self.map.number_format.bits <= 8
        match kind:
            case "conv" if has_map and is_word:
                self.conv()
            case "requantize":
                self.requantize()
            case "max_pool" | "avg_pool" if has_map and self.map.number_format.bits <= 16:
                self.pool(kind)
            case "global" if has_map and self.map.number_format.bits <= 16:
                self.add(GlobalAvgPool(name=self.name("global")))
            # other clamps of sums are read behind the quantiser, whose words may then be wider than those written
            case "relu" if is_word or (self.layers and isinstance(self.layers[-1], Conv2d)):
                self.add(ReLU(name=self.name("relu")))
            case "clip" if is_word:
                self.clip()
            case "add" if self.map.number_format.bits <= 14:
                self.sum()
            case "concat" if has_map and is_word:
                self.concat()

    def conv(self) -> None:
        channels, *size = self.map.shape
        groups = self.draw(st.sampled_from([number for number in range(1, channels + 1) if channels % number == 0]))
        kernel = tuple(self.draw(st.integers(1, min(3, side))) for side in size)
        dilation = tuple(
            self.draw(st.integers(1, 2 if (taps - 1) * 2 < side else 1))
            for taps, side in zip(kernel, size, strict=True)
        )
        spans = [(taps - 1) * step for taps, step in zip(kernel, dilation, strict=True)] * 2
        given, word = groups * self.draw(st.integers(1, 2)), self.weight_format()
        top, left, bottom, right = (self.draw(st.integers(0, min(2, span))) for span in spans)
        conv = Conv2d(
            name=self.name("conv"),
            weights=self.weights(word, given, channels // groups, *kernel),
            bias=self.rng.integers(-999, 1000, size=given),
            weight_format=word,
            weight_exponent=self.draw(st.integers(-8, 2)),
            stride=(self.draw(st.integers(1, 2)), self.draw(st.integers(1, 2))),
            padding=(top, left, bottom, right),
            dilation=(dilation[0], dilation[1]),
            groups=groups,
        )
        self.add(replace(conv, input_zero_point=self.code(self.map.number_format)))

    def requantize(self) -> None:
        """Scale to about the width of the output, by a shift or by multipliers."""
        channels, wide, word = self.map.shape[0], self.map.number_format, self.word()
        several = channels if self.draw(st.booleans()) else 1
        bits = self.draw(st.sampled_from([1, 1, 4, 12, 20]))
        multipliers = self.rng.integers(1 << (bits - 1), 1 << bits, size=several)
        shift = wide.bits + bits - 1 - word.bits + self.draw(st.integers(-5, 0))  # sums rarely reach their ends
        self.add(
            Requantize(
                name=self.name("requantize"),
                shift=shift,
                output_format=word,
                multiplier=tuple(int(value) for value in multipliers),
                input_zero_point=self.code(wide) if wide.bits <= 8 else 0,
                zero_point=self.code(word),
            )
        )

    def pool(self, kind: str) -> None:
        height, width = (self.draw(st.integers(1, min(3, side))) for side in self.map.shape[1:])
        stride = (self.draw(st.integers(1, 2)), self.draw(st.integers(1, 2)))
        if kind == "avg_pool":
            self.add(AvgPool2d(name=self.name(kind), kernel=(height, width), stride=stride))
            return
        top, left, bottom, right = (self.draw(st.integers(0, side - 1)) for side in (height, width) * 2)
        padding = (top, left, bottom, right)
        self.add(MaxPool2d(name=self.name(kind), kernel=(height, width), stride=stride, padding=padding))

    def clip(self) -> None:
        word = self.map.number_format
        bounds = sorted(self.draw(st.integers(word.minimum, word.maximum)) for _ in range(2))
        self.add(Clip(name=self.name("clip"), low=bounds[0], high=bounds[1]))

    def sum(self) -> None:
        other = self.earlier(lambda found: found.shape == self.map.shape and found.number_format.bits <= 14)
        most = 255 if self.map.number_format.bits <= 8 else 7
        multipliers = (self.draw(st.integers(1, most)), self.draw(st.integers(1, most)))
        self.add(Add(name=self.name("add"), inputs=(self.last, other), multipliers=multipliers))

    def concat(self) -> None:
        here = self.map
        other = self.earlier(
            lambda found: found.number_format == here.number_format and found.shape[1:] == here.shape[1:]
        )
        if sum(self.maps[name].shape[0] for name in (self.last, other)) <= 12:
            self.add(Concat(name=self.name("concat"), inputs=(other, self.last)))

    def earlier(self, fits: Callable[[FeatureMap], bool]) -> str:
        """Return an earlier layer that fits, or the last one again."""
        return self.draw(st.sampled_from([name for name, found in reversed(self.maps.items()) if fits(found)]))


@st.composite
def grown_networks(draw: st.DrawFn) -> IntegerNetwork:
    """Networks of 1 to 9 layers before the last ones."""
    grower = Grower(draw)
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=9)):
        grower.grow(kind)
    return grower.network()
