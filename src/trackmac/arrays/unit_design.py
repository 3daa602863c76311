"""What a macro unit's computing cell must hold to run a network's layers: words, tracks, transistors."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from trackmac.arrays.dataflow import Dataflow
from trackmac.bits import NumberFormat
from trackmac.circuits import MACS, Layout, Resources, resources_of, shared
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.addition import product_format
from trackmac.circuits.booth_radix4 import booth_radix4_multiplier
from trackmac.circuits.circuit import Circuit
from trackmac.circuits.clip import clip
from trackmac.circuits.max_pool import max_pool
from trackmac.circuits.offset import offset, offset_format
from trackmac.circuits.relu import relu
from trackmac.circuits.requantize import requantize
from trackmac.circuits.transfer import load_weight, load_word, move_weights, send_weight, unload_word


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductWords:
    """The formats of one layer's dot products: activation a, weight b, accumulator c."""

    a: NumberFormat
    b: NumberFormat
    c: NumberFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling:
    """A requantisation of a word c: shift, output format, zero points; bits of a multiplier that comes first, if any.

    What stands for zero in c, `input_zero_point`, is taken away before all that, in place.
    """

    c: NumberFormat
    shift: int
    output: NumberFormat
    zero_point: int = 0
    multiplier_bits: int = 0
    input_zero_point: int = 0

    @property
    def centred(self) -> NumberFormat:
        """The format of c less its zero point."""
        return offset_format(self.c, self.input_zero_point)

    @property
    def multiplier(self) -> NumberFormat | None:
        """The format of the multiplier, which is not negative."""
        return NumberFormat(self.multiplier_bits, False) if self.multiplier_bits else None

    @property
    def scaled(self) -> NumberFormat:
        """The format of the word that is shifted: c less its zero point, or the product of that with the multiplier."""
        return self.centred if self.multiplier is None else product_format(self.centred, self.multiplier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A word x that is added to a sum c, so many times."""

    x: NumberFormat
    c: NumberFormat
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The word that a sum c starts as, so many bits higher, zeros below it."""

    c: NumberFormat
    zeros_below: int = 0

    @property
    def word(self) -> NumberFormat:
        """The format of the word that comes, its sign repeated up to c's."""
        return NumberFormat(self.c.bits - self.zeros_below, self.c.is_signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clipping:
    """A word c that is clipped in place to low .. high."""

    c: NumberFormat
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Every kind of work that a network asks of a unit; `rewritten` words come from the buffer for that alone."""

    dot_products: tuple[DotProductWords, ...]
    rectified: tuple[NumberFormat, ...]
    rescalings: tuple[Rescaling, ...]
    pooled: tuple[NumberFormat, ...]
    started: tuple[Start, ...] = ()
    summed: tuple[Sum, ...] = ()
    rewritten: tuple[NumberFormat, ...] = ()
    clipped: tuple[Clipping, ...] = ()

    @property
    def a_bits(self) -> int:
        """The bits of work word `a`: activations, and multipliers of a requantisation."""
        multipliers = (item.multiplier_bits for item in self.rescalings)
        return max(*(words.a.bits for words in self.dot_products), *multipliers, 0)

    @property
    def c_bits(self) -> int:
        """The bits of work word `c`: accumulators, what pooling, sums and rewriting work on, multiplied results."""
        sums = [*(words.c for words in self.dot_products), *(item.c for item in self.started)]
        centred = (item.centred for item in self.rescalings)
        results = (item.output for item in self.rescalings if item.multiplier_bits)
        return max(word.bits for word in (*sums, *self.pooled, *self.rewritten, *centred, *results))

    @property
    def product_bits(self) -> int:
        """The bits of work word `product`, which also takes partial sums, second operands and requantised results."""
        results = (item.scaled if item.multiplier_bits else item.output for item in self.rescalings)
        others = (*results, *(item.x for item in self.summed), *self.pooled)
        return max([words.c.bits for words in self.dot_products] + [word.bits for word in others])


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDesign:
    """The computing cell of a unit that runs a workload.

    The work tracks hold activation `a`, `product` and accumulator `c` (and a carry MTJ where the circuit has one), and
    a weight where weights come over wires for every product; all other tracks hold weights. `longest_word` is the most
    domains that a word along a track takes.
    """

    work_tracks: int
    longest_word: int
    resources: Resources


@lru_cache(maxsize=1024)
def unit_design(
    circuit: str, layout: Layout, workload: Workload, dataflow: Dataflow = Dataflow.WEIGHT_STATIONARY
) -> UnitDesign:
    """Return the cell that runs every circuit that `workload` needs, its parts shared between them."""
    return UnitDesign(
        work_tracks=_work_tracks(circuit, layout, workload, dataflow),
        longest_word=max(workload.c_bits, workload.product_bits) if layout is Layout.ALONG else 1,
        resources=shared(resources_of(item) for item in unit_circuits(circuit, layout, workload, dataflow)),
    )


def unit_circuits(
    circuit: str, layout: Layout, workload: Workload, dataflow: Dataflow = Dataflow.WEIGHT_STATIONARY
) -> Iterable[Circuit]:
    """Yield every circuit that a unit of MAC `circuit` runs for `workload`."""
    for words in workload.dot_products:
        yield _mac(circuit, layout, words)
        yield move_weights(words.b, 1, layout)
        yield load_word(words.a, layout, from_top=True)
        yield load_word(words.c, layout)
        yield unload_word(words.c, layout)
        yield from _weight_circuits(layout, words, dataflow)
    for number_format in workload.rectified:
        yield relu(number_format, layout)
    for clipping in workload.clipped:
        yield clip(clipping.c, clipping.low, clipping.high, layout)
    for rescaling in workload.rescalings:
        if rescaling.input_zero_point:
            yield offset(rescaling.c, rescaling.input_zero_point, layout)
        if rescaling.multiplier is not None:
            yield load_word(rescaling.multiplier, layout)
            yield booth_radix4_multiplier(rescaling.centred, rescaling.multiplier, layout)
        yield requantize(rescaling.scaled, rescaling.shift, rescaling.output, layout, zero_point=rescaling.zero_point)
        yield unload_word(rescaling.output, layout)
    for number_format in workload.pooled:
        yield max_pool(number_format, layout)
    for start in workload.started:
        yield load_word(start.word, layout, zeros_below=start.zeros_below)
        yield unload_word(start.c, layout)
    for item in workload.summed:
        yield load_word(item.x, layout)
        yield accumulate(item.x, item.c, layout, times=item.times)
    for number_format in workload.rewritten:
        yield load_word(number_format, layout)
        yield unload_word(number_format, layout)


def _weight_circuits(layout: Layout, words: DotProductWords, dataflow: Dataflow) -> Iterable[Circuit]:
    """Yield what the weights' way takes: to tracks where they are summed in slices, or from tracks to other units."""
    if dataflow == Dataflow.OUTPUT_STATIONARY:
        yield send_weight(words.b, layout)
        yield load_word(words.b, layout, from_top=True)
    else:
        yield load_weight(words.b, layout)
        yield accumulate(words.c, words.c, layout)


def _mac(circuit: str, layout: Layout, words: DotProductWords) -> Circuit:
    return MACS[circuit](words.a, words.b, words.c, layout)


def _work_tracks(circuit: str, layout: Layout, workload: Workload, dataflow: Dataflow) -> int:
    is_loaded = dataflow == Dataflow.OUTPUT_STATIONARY
    if layout is Layout.ACROSS:
        weight = max(words.b.bits for words in workload.dot_products) if is_loaded else 0
        return workload.a_bits + workload.c_bits + workload.product_bits + weight
    tracks = len(_mac(circuit, layout, workload.dot_products[0]).tracks)
    return tracks if is_loaded else tracks - 1
