"""Closed forms of wear: how often one image writes the most-written junction of a chip, at many points at once.

A write drives a current through the junction (MTJ) at a port. With words along tracks all bits of a word pass the
junction of their track; with words across tracks each bit has its own. In each of a unit's W waves (dot products, one
after another) of K_s products, in s slices,

    activation a:   each bit once for each product
    accumulator c:  each bit once for the bias, each product, each partial sum and the rectification
    product:        the MAC's own writes for each product; each of q bits once for each partial sum that arrives;
                    each of r result bits twice (rounding, clamping), of c instead where a multiplier comes first:
                    then each bit of a once for it, and of the product as a Booth MAC writes it
    carry:          the MAC's own, if it has an MTJ for it
    weight b:       where a unit keeps its output, each bit once for each product

and in each wave of elements of w words each bit of c w times, each bit of product once for each of the w - 1 words
behind the first that has it; what rewrites the result as above. In a sum, a word that counts m times writes c once for
each signed digit of m, from the digit's bit on, but for the one that it starts with. A zero point that is taken from a
result writes c from the zero point's lowest set bit on. A unit works for one layer of dot products, but for every stage
of elements; not every unit takes part in all of these, so that the sum is an upper bound.

Weights that stay are written once and wear nothing. Where they are brought for every image, a unit works for every
layer of dot products, too; each of a layer's R rounds writes a weight's domain once, and the port that writes the most
domains of a filter (`weight_loads`) as often for each of them. Summed over layers that is an upper bound, as their
busiest ports may be different ones. A unit that keeps its output works for every layer, too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping import DotProductPlan, ElementPlan, OutputStationaryPlan, Plan
from trackmac.models.csd_counts import signed_digits
from trackmac.models.mac_writes import ACCUMULATOR, MAC_WRITES, PRODUCT, booth_radix4_mac_writes
from trackmac.models.tally import POINTS_AT_ONCE
from trackmac.models.weight_loads import weight_load

ACTIVATION, WEIGHT = "a", "b"


@dataclass(frozen=True, slots=True)
class Writes:
    """Writes of one kind to a work word: `times` [points] or the same at all, each of them `per_bit` [bits]."""

    times: IntArray | int
    per_bit: IntArray


WordWrites = Mapping[str, Sequence[Writes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """Writes of one image in the busiest unit, int64 [points]: its most-written domain, its most-written junction."""

    per_domain: IntArray
    per_mtj: IntArray


def wear(planned: Plan) -> Wear:
    """Return the writes of one image to the domain, and to the junction, that takes the most of them."""
    of_elements: WordWrites = {}
    for stage in planned.stages:
        if isinstance(stage, ElementPlan):
            of_elements = joined(of_elements, element_writes(stage))
    dots = [dot_product_writes(mapped, planned.grid.circuit) for mapped in planned.dot_products]
    staying = _of_words(planned, dots, of_elements)
    if not planned.shares_units.any():
        return staying
    of_all = of_elements
    for dot in dots:
        of_all = joined(of_all, dot)
    at_work, weights = _of_words(planned, [of_all], {}), weight_wear(planned)
    return Wear(
        per_domain=_where_reloaded(planned, staying.per_domain, at_work.per_domain, weights.per_domain),
        per_mtj=_where_reloaded(planned, staying.per_mtj, at_work.per_mtj, weights.per_mtj),
    )


def _of_words(planned: Plan, units: Sequence[WordWrites], of_all: WordWrites) -> Wear:
    """Return the wear of the most-written work word of all kinds of units, each of which also writes `of_all`."""
    groups = [(name, list(writes)) for unit in (*units, of_all) for name, writes in unit.items()]
    rows = [item for _, writes in groups for item in writes]
    starts = list(accumulate((len(writes) for _, writes in groups), initial=0))[:-1]
    own, shared = groups[: len(groups) - len(of_all)], list(of_all)
    also = [(number, len(own) + shared.index(name)) for number, (name, _) in enumerate(own) if name in of_all]
    per_bit, times = _per_bit(rows), _times(rows, len(planned.grid))[:, np.newaxis]
    per_domain, per_mtj = np.empty((2, len(planned.grid)), np.int64)
    for start in range(0, len(planned.grid), POINTS_AT_ONCE):
        here = np.s_[..., start : start + POINTS_AT_ONCE]
        written = np.add.reduceat(per_bit * times[here], starts, axis=0)
        if also:
            to, of = zip(*also, strict=True)
            written[list(to)] += written[list(of)]
        per_domain[here] = written.max(axis=(0, 1))
        per_mtj[here] = written.sum(axis=1).max(axis=0)
    return Wear(per_domain=per_domain, per_mtj=per_domain if planned.grid.layout is Layout.ACROSS else per_mtj)


def weight_wear(planned: Plan) -> Wear:
    """Return the wear of the weight tracks by the weights that are brought for every image."""
    per_domain, per_mtj = np.zeros((2, len(planned.grid)), dtype=np.int64)
    for mapped in planned.dot_products:
        stride = mapped.stage.words.b.bits if planned.grid.layout is Layout.ALONG else 1
        per_domain = per_domain + mapped.rounds
        load = weight_load(planned.grid, mapped.words_per_slice, stride)
        per_mtj = per_mtj + mapped.rounds * load.port_writes
    return Wear(per_domain=per_domain, per_mtj=per_mtj)


def _where_reloaded(planned: Plan, staying: IntArray, at_work: IntArray, weights: IntArray) -> IntArray:
    return np.where(planned.shares_units, np.maximum(at_work, weights), staying)


def dot_product_writes(mapped: DotProductPlan, circuit: str) -> WordWrites:
    """Return the writes of one image in a unit that holds a first slice of a layer, by work word."""
    words, waves = mapped.stage.words, mapped.waves
    products, sums = waves * mapped.words_per_slice, waves * (mapped.slices - 1)
    every_c = _each_bit(words.c.bits)
    result: dict[str, list[Writes]] = {ACTIVATION: [Writes(products, _each_bit(words.a.bits))]}
    for name, per_bit in MAC_WRITES[circuit](a=words.a, b=words.b, accumulator=words.c).items():
        result[name] = [Writes(products, per_bit)]
    if isinstance(mapped, OutputStationaryPlan):
        result[WEIGHT] = [Writes(products, _each_bit(words.b.bits))]
    result[ACCUMULATOR].append(Writes(waves + sums, every_c))
    result[PRODUCT].append(Writes(sums, every_c))
    return joined(result, rewriting_writes(mapped))


def element_writes(mapped: ElementPlan) -> WordWrites:
    """Return the writes of one image in a unit that takes part in a stage of elements, by work word."""
    stage, waves = mapped.stage, mapped.waves
    words = Counter(join.word for join in stage.joins)
    digits = Counter(position for join in stage.joins for position, _ in signed_digits(join.times))
    own: WordWrites = {
        ACCUMULATOR: [
            Writes(waves, _each_bit(stage.c.bits)),
            *(Writes(waves * times, _from(position, stage.c.bits)) for position, times in digits.items()),
        ],
        PRODUCT: [Writes(waves * times, _each_bit(word.bits)) for word, times in words.items()],
    }
    return joined(own, rewriting_writes(mapped))


def _from(position: int, bits: int) -> IntArray:
    """Return one write for each bit of a word from `position` on."""
    return (np.arange(bits) >= position).astype(np.int64)


def rewriting_writes(mapped: DotProductPlan | ElementPlan) -> WordWrites:
    """Return the writes of one image by the layers that rewrite a stage's results, by work word."""
    stage, waves = mapped.stage, mapped.waves
    result: dict[str, list[Writes]] = {ACCUMULATOR: [Writes(waves * len(stage.in_place), _each_bit(stage.c.bits))]}
    scale = stage.rescaling
    if scale is None:
        return result
    if scale.input_zero_point:
        lowest = (scale.input_zero_point & -scale.input_zero_point).bit_length() - 1
        result[ACCUMULATOR].append(Writes(waves, _from(lowest, scale.centred.bits)))
    twice = Writes(waves, _each_bit(scale.output.bits, 2))
    if scale.multiplier is None:
        return joined(result, {PRODUCT: [twice]})
    product = booth_radix4_mac_writes(a=scale.centred, b=scale.multiplier, accumulator=scale.centred)[PRODUCT]
    return joined(
        result,
        {
            ACTIVATION: [Writes(waves, _each_bit(scale.multiplier.bits))],
            PRODUCT: [Writes(waves, product)],
            ACCUMULATOR: [twice],
        },
    )


def joined(first: WordWrites, second: WordWrites) -> WordWrites:
    """Return the writes of both, word by word."""
    both = {name: [*first.get(name, ()), *second.get(name, ())] for name in {**first, **second}}
    return {name: writes for name, writes in both.items() if writes}


def _per_bit(rows: Sequence[Writes]) -> IntArray:
    """Return what each row writes to each bit, [rows, bits, 1], as many bits as the longest word has."""
    table = np.zeros((len(rows), max(len(row.per_bit) for row in rows), 1), np.int64)
    for bits, row in zip(table[..., 0], rows, strict=True):
        bits[: len(row.per_bit)] = row.per_bit
    return table


def _times(rows: Sequence[Writes], points: int) -> IntArray:
    """Return how often each row is written, [rows, points]."""
    table = np.empty((len(rows), points), np.int64)
    for times, row in zip(table, rows, strict=True):
        times[:] = row.times
    return table


@lru_cache(maxsize=256)
def _each_bit(bits: int, times: int = 1) -> IntArray:
    """Return the same number of writes to each of a word's bits, [bits]."""
    return np.full(bits, times, np.int64)
