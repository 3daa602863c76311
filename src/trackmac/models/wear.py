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
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trackmac.arrays import Dataflow
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.mapping import DotProductStage, ElementStage, Plan, Stage, StageTable
from trackmac.models.csd_counts import signed_digits
from trackmac.models.mac_writes import ACCUMULATOR, MAC_WRITES, PRODUCT, booth_radix4_mac_writes
from trackmac.models.weight_loads import weight_loads

ACTIVATION, WEIGHT = "a", "b"

WordWrites = Mapping[str, IntArray]
"""For each work word how often its bits are written in each wave, for each product and each partial sum: [3, bits]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """Writes of one image in the busiest unit, int64 [points]: its most-written domain, its most-written junction."""

    per_domain: IntArray
    per_mtj: IntArray


def wear(planned: Plan) -> Wear:
    """Return the writes of one image to the domain, and to the junction, that takes the most of them."""
    grid, times = planned.grid, write_times(planned)
    domains, junctions = _writes_of_stages(planned.network, grid.circuit, grid.layout, grid.dataflow)
    weights = weight_wear(planned) if planned.shares_units.any() else None
    per_domain = _most_written(planned, domains, times, None if weights is None else weights.per_domain)
    per_mtj = _most_written(planned, junctions, times, None if weights is None else weights.per_mtj)
    return Wear(per_domain=per_domain, per_mtj=per_mtj)


def write_times(planned: Plan) -> IntArray:
    """Return the waves, products and partial sums of one image in a unit, [stages, 3, points].

    The stages of dot products come first, and then those of elements, which have waves alone.
    """
    dots, elements = planned.dots, planned.elements
    times = np.zeros((len(planned.network.stages), 3, len(planned.grid)), np.int64)
    times[: len(dots.stages), 0] = dots.waves
    times[: len(dots.stages), 1] = dots.waves * dots.words_per_slice
    times[: len(dots.stages), 2] = dots.waves * (dots.slices - 1)
    times[len(dots.stages) :, 0] = elements.waves
    return times


def _most_written(planned: Plan, writes: IntArray, times: IntArray, weights: IntArray | None) -> IntArray:
    """Return the writes to the most-written of some places, [points], of which `writes` are [stages, 3, places].

    `weights` [points] is that of the weight tracks where units work for all layers.
    """
    dots = len(planned.dots.stages)
    of_elements = np.einsum("skd,skp->dp", writes[dots:], times[dots:])
    of_dots = np.einsum("skd,skp->sdp", writes[:dots], times[:dots])
    staying: IntArray = (of_dots + of_elements).max(axis=(0, 1))
    if weights is None:
        return staying
    at_work = (of_dots.sum(axis=0) + of_elements).max(axis=0)
    return np.where(planned.shares_units, np.maximum(at_work, weights), staying)


@lru_cache(maxsize=256)
def _writes_of_stages(
    network: StageTable, circuit: str, layout: Layout, dataflow: Dataflow
) -> tuple[IntArray, IntArray]:
    """Return how often stages write each domain, and each junction, of the work words: [stages, 3, places].

    Of bits that all stages write alike there is one. With words across tracks each domain has a junction of its own.
    """
    found = [dot_product_writes(stage, circuit, dataflow) for stage in network.dots.stages]
    found += [element_writes(stage) for stage in network.elements]
    domains, junctions = [], []
    for word in dict.fromkeys(name for writes in found for name in writes):
        bits = max(writes[word].shape[1] for writes in found if word in writes)
        own = np.stack([_padded(writes.get(word, np.zeros((3, 0), np.int64)), bits) for writes in found])
        domains.append(np.unique(own, axis=2))
        junctions.append(own.sum(axis=2, keepdims=True))
    per_domain = np.concatenate(domains, axis=2)
    return per_domain, per_domain if layout is Layout.ACROSS else np.concatenate(junctions, axis=2)


def weight_wear(planned: Plan) -> Wear:
    """Return the wear of the weight tracks by the weights that are brought for every image."""
    mapped = planned.dots
    loads = weight_loads(planned, mapped.words_per_slice)
    return Wear(
        per_domain=np.asarray(mapped.rounds.sum(axis=0)),
        per_mtj=np.asarray((mapped.rounds * loads.port_writes).sum(axis=0)),
    )


def dot_product_writes(stage: DotProductStage, circuit: str, dataflow: Dataflow) -> WordWrites:
    """Return the writes in a unit that holds a first slice of a layer, by work word."""
    words = stage.words
    mac = MAC_WRITES[circuit](a=words.a, b=words.b, accumulator=words.c)
    return joined(
        {ACTIVATION: _each(words.a.bits, product=1)},
        {name: _each(len(per_bit), product=per_bit) for name, per_bit in mac.items()},
        {WEIGHT: _each(words.b.bits, product=1)} if dataflow is Dataflow.OUTPUT_STATIONARY else {},
        {ACCUMULATOR: _each(words.c.bits, wave=1, partial_sum=1), PRODUCT: _each(words.c.bits, partial_sum=1)},
        rewriting_writes(stage),
    )


def element_writes(stage: ElementStage) -> WordWrites:
    """Return the writes in a unit that takes part in a stage of elements, by work word."""
    words = Counter(join.word for join in stage.joins)
    digits = Counter(position for join in stage.joins for position, _ in signed_digits(join.times))
    return joined(
        {ACCUMULATOR: _each(stage.c.bits, wave=1)},
        *({ACCUMULATOR: _each(stage.c.bits, wave=times, lowest=position)} for position, times in digits.items()),
        *({PRODUCT: _each(word.bits, wave=times)} for word, times in words.items()),
        rewriting_writes(stage),
    )


def rewriting_writes(stage: Stage) -> WordWrites:
    """Return the writes by the layers that rewrite a stage's results, by work word."""
    in_place: WordWrites = {ACCUMULATOR: _each(stage.c.bits, wave=len(stage.in_place))}
    scale = stage.rescaling
    if scale is None:
        return in_place
    if scale.input_zero_point:
        lowest = (scale.input_zero_point & -scale.input_zero_point).bit_length() - 1
        in_place = joined(in_place, {ACCUMULATOR: _each(scale.centred.bits, wave=1, lowest=lowest)})
    twice = _each(scale.output.bits, wave=2)
    if scale.multiplier is None:
        return joined(in_place, {PRODUCT: twice})
    product = booth_radix4_mac_writes(a=scale.centred, b=scale.multiplier, accumulator=scale.centred)[PRODUCT]
    return joined(
        in_place,
        {
            ACTIVATION: _each(scale.multiplier.bits, wave=1),
            PRODUCT: _each(len(product), wave=product),
            ACCUMULATOR: twice,
        },
    )


def joined(*parts: WordWrites) -> WordWrites:
    """Return the writes of all `parts`, word by word."""
    total: dict[str, IntArray] = {}
    for part in parts:
        for word, writes in part.items():
            before = total.get(word, writes[:, :0])
            bits = max(before.shape[1], writes.shape[1])
            total[word] = _padded(before, bits) + _padded(writes, bits)
    return total


def _each(
    bits: int, *, wave: IntArray | int = 0, product: IntArray | int = 0, partial_sum: int = 0, lowest: int = 0
) -> IntArray:
    """Return writes to each bit of a word from `lowest` on, the same number or one for each of these: [3, bits]."""
    writes = np.zeros((3, bits), np.int64)
    for row, times in zip(writes, (wave, product, partial_sum), strict=True):
        row[lowest:] = times
    return writes


def _padded(writes: IntArray, bits: int) -> IntArray:
    padded = np.zeros((3, bits), np.int64)
    padded[:, : writes.shape[1]] = writes
    return padded
