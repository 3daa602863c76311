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

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping import DotProductPlan, ElementPlan, OutputStationaryPlan, Plan
from trackmac.models.csd_counts import signed_digits
from trackmac.models.mac_writes import ACCUMULATOR, MAC_WRITES, PRODUCT, booth_radix4_mac_writes
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
    staying = _of_words(planned, [joined(dot, of_elements) for dot in dots])
    if not planned.shares_units.any():
        return staying
    of_all = of_elements
    for dot in dots:
        of_all = joined(of_all, dot)
    at_work, weights = _of_words(planned, [of_all]), weight_wear(planned)
    return Wear(
        per_domain=_where_reloaded(planned, staying.per_domain, at_work.per_domain, weights.per_domain),
        per_mtj=_where_reloaded(planned, staying.per_mtj, at_work.per_mtj, weights.per_mtj),
    )


def _of_words(planned: Plan, units: Sequence[WordWrites]) -> Wear:
    """Return the wear of the most-written work word of all kinds of units."""
    words = [writes for unit in units for writes in unit.values()]
    per_domain = _greatest([_most_written(writes) for writes in words], len(planned.grid))
    if planned.grid.layout is Layout.ACROSS:
        return Wear(per_domain=per_domain, per_mtj=per_domain)
    per_mtj = _greatest([_all_bits(writes) for writes in words], len(planned.grid))
    return Wear(per_domain=per_domain, per_mtj=per_mtj)


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
    every_c = np.ones(words.c.bits, np.int64)
    result: dict[str, list[Writes]] = {ACTIVATION: [Writes(products, np.ones(words.a.bits, np.int64))]}
    for name, per_bit in MAC_WRITES[circuit](a=words.a, b=words.b, accumulator=words.c).items():
        result[name] = [Writes(products, per_bit)]
    if isinstance(mapped, OutputStationaryPlan):
        result[WEIGHT] = [Writes(products, np.ones(words.b.bits, np.int64))]
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
            Writes(waves, np.ones(stage.c.bits, np.int64)),
            *(Writes(waves * times, _from(position, stage.c.bits)) for position, times in digits.items()),
        ],
        PRODUCT: [Writes(waves * times, np.ones(word.bits, np.int64)) for word, times in words.items()],
    }
    return joined(own, rewriting_writes(mapped))


def _from(position: int, bits: int) -> IntArray:
    """Return one write for each bit of a word from `position` on."""
    return (np.arange(bits) >= position).astype(np.int64)


def rewriting_writes(mapped: DotProductPlan | ElementPlan) -> WordWrites:
    """Return the writes of one image by the layers that rewrite a stage's results, by work word."""
    stage, waves = mapped.stage, mapped.waves
    result: dict[str, list[Writes]] = {
        ACCUMULATOR: [Writes(waves * len(stage.in_place), np.ones(stage.c.bits, np.int64))]
    }
    scale = stage.rescaling
    if scale is None:
        return result
    if scale.input_zero_point:
        lowest = (scale.input_zero_point & -scale.input_zero_point).bit_length() - 1
        result[ACCUMULATOR].append(Writes(waves, _from(lowest, scale.centred.bits)))
    twice = Writes(waves, np.full(scale.output.bits, 2))
    if scale.multiplier is None:
        return joined(result, {PRODUCT: [twice]})
    product = booth_radix4_mac_writes(a=scale.centred, b=scale.multiplier, accumulator=scale.centred)[PRODUCT]
    return joined(
        result,
        {
            ACTIVATION: [Writes(waves, np.ones(scale.multiplier.bits, np.int64))],
            PRODUCT: [Writes(waves, product)],
            ACCUMULATOR: [twice],
        },
    )


def joined(first: WordWrites, second: WordWrites) -> WordWrites:
    """Return the writes of both, word by word."""
    both = {name: [*first.get(name, ()), *second.get(name, ())] for name in {**first, **second}}
    return {name: writes for name, writes in both.items() if writes}


def _most_written(writes: Sequence[Writes]) -> IntArray:
    """Return the writes to the bit that has the most, [points]; bits that fare alike are looked at once."""
    bits = max(len(item.per_bit) for item in writes)
    per_bit = np.stack([np.pad(item.per_bit, (0, bits - len(item.per_bit))) for item in writes])
    alike = np.unique(per_bit, axis=1).T
    return _greatest([sum_of(writes, shares) for shares in alike], 1)


def _all_bits(writes: Sequence[Writes]) -> IntArray:
    return sum_of(writes, np.array([item.per_bit.sum() for item in writes]))


def sum_of(writes: Sequence[Writes], shares: IntArray) -> IntArray:
    """Return the sum of `times` x `shares` over all kinds."""
    return np.asarray(sum(item.times * share for item, share in zip(writes, shares.tolist(), strict=True)))


def _greatest(counts: Sequence[IntArray], points: int) -> IntArray:
    most = np.zeros(points, np.int64)
    for count in counts:
        most = np.maximum(most, count)
    return most
