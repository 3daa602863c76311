"""What a macro unit's computing cell must hold to run a network's layers: words, tracks, transistors."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from trackmac.bits import NumberFormat
from trackmac.circuits import MACS, Layout, Resources, resources_of, shared
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.circuit import Circuit
from trackmac.circuits.max_pool import max_pool
from trackmac.circuits.relu import relu
from trackmac.circuits.requantize import requantize
from trackmac.circuits.transfer import load_word, move_weights, unload_word


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductWords:
    """The formats of one layer's dot products: activation a, weight b, accumulator c."""

    a: NumberFormat
    b: NumberFormat
    c: NumberFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling:
    """A requantisation that follows a dot product: accumulator format, shift, output format."""

    c: NumberFormat
    shift: int
    output: NumberFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Every kind of work that a network asks of a unit."""

    dot_products: tuple[DotProductWords, ...]
    rectified: tuple[NumberFormat, ...]
    rescalings: tuple[Rescaling, ...]
    pooled: tuple[NumberFormat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDesign:
    """The computing cell of a unit that runs a workload.

    The work tracks hold activation `a`, `product` and accumulator `c` (and a carry MTJ where the circuit has one); all
    other tracks hold weights. `longest_word` is the most domains that a word along a track takes.
    """

    work_tracks: int
    longest_word: int
    resources: Resources


@lru_cache(maxsize=1024)
def unit_design(circuit: str, layout: Layout, workload: Workload) -> UnitDesign:
    """Return the cell that runs every circuit that `workload` needs, its parts shared between them."""
    return UnitDesign(
        work_tracks=_work_tracks(circuit, layout, workload),
        longest_word=_product_bits(workload) if layout is Layout.ALONG else 1,
        resources=shared(resources_of(item) for item in unit_circuits(circuit, layout, workload)),
    )


def unit_circuits(circuit: str, layout: Layout, workload: Workload) -> Iterable[Circuit]:
    """Yield every circuit that a unit of MAC `circuit` runs for `workload`."""
    for words in workload.dot_products:
        yield _mac(circuit, layout, words)
        yield move_weights(words.b, 1, layout)
        yield load_word(words.a, layout, from_top=True)
        yield load_word(words.c, layout)
        yield unload_word(words.c, layout)
        yield accumulate(words.c, words.c, layout)
    for number_format in workload.rectified:
        yield relu(number_format, layout)
    for rescaling in workload.rescalings:
        yield requantize(rescaling.c, rescaling.shift, rescaling.output, layout)
        yield unload_word(rescaling.output, layout)
    for number_format in workload.pooled:
        yield max_pool(number_format, layout)


def _mac(circuit: str, layout: Layout, words: DotProductWords) -> Circuit:
    return MACS[circuit](words.a, words.b, words.c, layout)


def _work_tracks(circuit: str, layout: Layout, workload: Workload) -> int:
    if layout is Layout.ACROSS:
        a_bits = max(words.a.bits for words in workload.dot_products)
        c_bits = max([words.c.bits for words in workload.dot_products] + [word.bits for word in workload.pooled])
        return a_bits + c_bits + _product_bits(workload)
    words = workload.dot_products[0]
    return len(_mac(circuit, layout, words).tracks) - 1


def _product_bits(workload: Workload) -> int:
    """Return the bits of the word `product`, the longest: it takes partial sums and requantised results as well."""
    results = [rescaling.output.bits for rescaling in workload.rescalings]
    return max([words.c.bits for words in workload.dot_products] + results)
