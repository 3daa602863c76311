"""What a stage is: layers that a macro unit runs one after another without their words leaving it.

A stage ends where its result goes into the buffer: after a requantisation, or before a layer that reads it from there.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from trackmac.arrays import DotProductWords, Rescaling, Start
from trackmac.bits import NumberFormat
from trackmac.circuits.csd import csd_digits
from trackmac.networks.shapes import LayerShape

REQUANTIZE = "requantize"
REWRITING = ("relu", "clip", REQUANTIZE)
"""Layers that rewrite single words."""
MIN_MULTIPLIER_BITS = 2  # what the multiplication of words takes
SUMS = ("avg_pool2d", "add")
"""Layers that add words up."""


@dataclass(frozen=True, slots=True)
class StoredMap:
    """What one stage, or the network's input, leaves in the buffer for one image."""

    name: str
    bits: int


class _Tailed:
    """What stages of every kind share: a word `c` at work, layers `then` that rewrite it, and a result that is sent.

    They read the maps `inputs` from the buffer; the last stage knows the `results` of the network, which stay there.

    This class has no slots: what follows from a stage's layers is asked for at every hardware point, and kept.
    """

    then: tuple[LayerShape, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.head, self.then))  # kept: a network's stages are looked up at every hardware point

    @property
    def c(self) -> NumberFormat:
        """The format of the word that the stage computes before any layer rewrites it."""
        raise NotImplementedError

    @property
    def head(self) -> LayerShape:
        """The first layer."""
        raise NotImplementedError

    @cached_property
    def requantize(self) -> LayerShape | None:
        """The requantisation at the stage's end, if there is one."""
        return self.then[-1] if self.then and self.then[-1].kind == REQUANTIZE else None

    @cached_property
    def in_place(self) -> tuple[LayerShape, ...]:
        """The layers that rewrite `c` in place, all but the requantisation."""
        return tuple(layer for layer in self.then if layer.kind != REQUANTIZE)

    @cached_property
    def rescaling(self) -> Rescaling | None:
        """What the requantisation does to `c`."""
        if self.requantize is None:
            return None
        assert self.requantize.shift is not None
        multipliers = self.requantize.multipliers
        return Rescaling(
            c=self.c,
            shift=self.requantize.shift,
            output=self.requantize.output_format,
            zero_point=self.requantize.zero_point,
            multiplier_bits=0 if set(multipliers) == {1} else max(MIN_MULTIPLIER_BITS, max(multipliers).bit_length()),
            input_zero_point=self.requantize.input_zero_point,
        )

    @cached_property
    def multiplier_bits(self) -> int:
        """The bits of all multipliers of the requantisation, which the buffer keeps."""
        if self.requantize is None or self.rescaling is None:
            return 0
        return len(self.requantize.multipliers) * self.rescaling.multiplier_bits

    @property
    def output_format(self) -> NumberFormat:
        """What leaves the unit: the requantised word, or `c`."""
        return self.c if self.requantize is None else self.requantize.output_format

    @cached_property
    def layers(self) -> tuple[LayerShape, ...]:
        """All layers, first to last; the first may be one that only rewrites a word that comes from the buffer."""
        return self.then if self.head in self.then else (self.head, *self.then)

    @property
    def name(self) -> str:
        """The name of the first layer."""
        return self.head.name

    @cached_property
    def output(self) -> StoredMap:
        """What the stage leaves in the buffer."""
        return StoredMap(self.layers[-1].name, self.head.outputs * self.output_format.bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductStage(_Tailed):
    """A convolution or linear layer, and the layers `then` that rewrite its accumulators."""

    dot: LayerShape
    then: tuple[LayerShape, ...] = ()
    inputs: tuple[StoredMap, ...] = ()
    results: tuple[StoredMap, ...] = ()

    __hash__ = _Tailed.__hash__

    @property
    def head(self) -> LayerShape:
        """The convolution or linear layer."""
        return self.dot

    @property
    def c(self) -> NumberFormat:
        """The accumulator."""
        return self.words.c

    @cached_property
    def words(self) -> DotProductWords:
        """The formats of activation, weight and accumulator."""
        assert self.dot.weight_format is not None
        assert self.dot.accumulator_format is not None
        return DotProductWords(a=self.dot.input_format, b=self.dot.weight_format, c=self.dot.accumulator_format)

    @property
    def filters_per_group(self) -> int:
        """Filters that take the same activations: all, but for a convolution in groups."""
        return self.dot.channels_out // self.dot.groups

    @property
    def weight_bits(self) -> int:
        """The bits of all weights."""
        return self.dot.channels_out * self.dot_length * self.words.b.bits

    @property
    def dot_length(self) -> int:
        """Products in one dot product."""
        assert self.dot.dot_length is not None
        return self.dot.dot_length


@dataclass(frozen=True, slots=True)
class Join:
    """How operand number `operand` joins the word in `c`: `times` over, once for each signed digit of that number."""

    operand: int
    word: NumberFormat
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementStage(_Tailed):
    """A layer whose output elements every unit of the chip takes in turn, and the layers `then` that rewrite them.

    An element is made of words of the formats `operands`: the greatest of a pooling window's, the sum of a window's or
    of two maps' in scales of their own, or a single word that is only rewritten (then `head` is the first of `then`).
    One of them is loaded as `c` (`start`), and each of `joins` joins it.
    """

    head: LayerShape
    operands: tuple[NumberFormat, ...]
    then: tuple[LayerShape, ...] = ()
    inputs: tuple[StoredMap, ...] = ()
    results: tuple[StoredMap, ...] = ()

    __hash__ = _Tailed.__hash__

    @property
    def c(self) -> NumberFormat:
        """The greatest word or the sum, or the single word."""
        if not self.is_sum:
            return self.operands[0]
        assert self.head.accumulator_format is not None
        return self.head.accumulator_format

    @property
    def is_sum(self) -> bool:
        """Whether the words are added up; else the greatest is kept."""
        return self.head.kind in SUMS

    @cached_property
    def first(self) -> tuple[int, int]:
        """The operand that is loaded as `c`, and how many bits higher: with one of its multiplier's signed digits.

        One whose multiplier has no other digit need not be loaded again to join; of such digits, the lowest one spares
        the longest walk.
        """
        return _first_digit(self._multipliers)

    @cached_property
    def start(self) -> Start:
        """The word that is loaded as `c`."""
        return Start(c=self.c, zeros_below=self.first[1])

    @cached_property
    def joins(self) -> tuple[Join, ...]:
        """The words that join `c`, in their order; one without a digit left (or ever) joins it no more."""
        return _joins(self.operands, self._multipliers)

    @cached_property
    def read_bits(self) -> int:
        """The bits of one element's words that are read from the buffer."""
        return self.operands[self.first[0]].bits + sum(join.word.bits for join in self.joins)

    @property
    def _multipliers(self) -> tuple[int, ...]:
        return self.head.multipliers if self.head.kind == "add" else (1,) * len(self.operands)


@lru_cache(maxsize=256)
def _first_digit(multipliers: tuple[int, ...]) -> tuple[int, int]:
    _, bit, operand = min(
        (len(digits) > 1, bit, operand)
        for operand, digits in enumerate(map(csd_digits, multipliers))
        for bit, digit in digits.items()
        if digit > 0
    )
    return operand, bit


@lru_cache(maxsize=256)
def _joins(operands: tuple[NumberFormat, ...], multipliers: tuple[int, ...]) -> tuple[Join, ...]:
    first, bit = _first_digit(multipliers)
    rest = (times - (1 << bit if number == first else 0) for number, times in enumerate(multipliers))
    joins = (Join(number, word, times) for number, (word, times) in enumerate(zip(operands, rest, strict=True)))
    return tuple(join for join in joins if join.times)


Stage = DotProductStage | ElementStage
