"""Walks that add words: the body of every adder and accumulator."""

from collections.abc import Sequence

from trackmac.bits import NumberFormat, bits_for_range
from trackmac.cells.library import FULL_ADDER, LogicCell
from trackmac.circuits.builder import BitStep
from trackmac.circuits.carry import CarryChain
from trackmac.circuits.circuit import Place, Word


def sum_format(*terms: NumberFormat) -> NumberFormat:
    """Return the format that holds every sum of one value of each format."""
    return _range_format(sum(t.minimum for t in terms), sum(t.maximum for t in terms), any(t.is_signed for t in terms))


def difference_format(a: NumberFormat, b: NumberFormat) -> NumberFormat:
    """Return the signed format that holds every a - b."""
    return _range_format(a.minimum - b.maximum, a.maximum - b.minimum, True)


def product_format(a: NumberFormat, b: NumberFormat) -> NumberFormat:
    """Return the format of a product: the operands' bits together, signed if one of them is."""
    return NumberFormat(a.bits + b.bits, a.is_signed or b.is_signed)


def _range_format(low: int, high: int, is_signed: bool) -> NumberFormat:
    return NumberFormat(bits_for_range(low, high, is_signed=is_signed), is_signed)


def bit_source(word: Word, bit: int, signal: str) -> tuple[dict[str, Place], str]:
    """Return what to sense for bit `bit` of `word` and the signal that then carries it.

    Above its top bit a signed word repeats it (the amplifier still holds it), an unsigned one is 0.
    """
    if bit < word.format.bits:
        return {signal: word.places[bit]}, signal
    return {}, signal if word.format.is_signed else "0"


def addition(
    a: Word,
    b: Word,
    targets: Sequence[Place],
    carry: CarryChain,
    *,
    cell: LogicCell = FULL_ADDER,
    carry_in: Word | None = None,
) -> list[BitStep]:
    """Return the walk that writes a + b (+ carry_in) into `targets`, lowest bit first.

    `cell` may be a full subtractor instead: then a - b, the carry being a borrow.
    """
    steps: list[BitStep] = []
    for bit, target in enumerate(targets):
        sense_a, signal_a = bit_source(a, bit, "a")
        sense_b, signal_b = bit_source(b, bit, "b")
        if signal_a == signal_b == "0":
            steps.append(carry.last_carry(target))
            continue
        first = None if bit else "0"
        sense = sense_a | sense_b
        if not bit and carry_in is not None:
            first = carry.sensed
            sense[first] = carry_in.places[0]
        is_last = bit == len(targets) - 1
        steps.append(carry.bit(cell, (signal_a, signal_b), target, sense=sense, first=first, is_last=is_last))
    return steps
