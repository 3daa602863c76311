"""Booth radix-4 multiplication: half the partial products, each 0, +-a or +-2a (Luo 2016 lineage)."""

from functools import lru_cache

from trackmac.bits import NumberFormat
from trackmac.cells.library import BOOTH_ENCODER, BOOTH_SELECTOR, FULL_ADDER, HALF_ADDER
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import CarryChain
from trackmac.circuits.circuit import Circuit, Layout, Place, Word
from trackmac.circuits.microops import Evaluate
from trackmac.circuits.shift_add import mac, multiplier

DIGIT = ("negative", "one", "two")


def booth_digits(b_format: NumberFormat) -> int:
    """Return the number of radix-4 digits: two bits each, and one more for an unsigned number's sign."""
    return (b_format.bits + (1 if b_format.is_signed else 2)) // 2


def multiply(builder: ProgramBuilder, a: Word, b: Word, product: Word, carry: CarryChain) -> None:
    """Append the walks that write a * b into `product`: recode a digit of `b`, add its multiple of `a`, and again.

    Digit `k` is -2*b[2k+1] + b[2k] + b[2k-1]; its multiple of `a`, of a.bits + 2 bits, is added at bit 2k.
    """
    for k in range(booth_digits(b.format)):
        builder.walk(_recoding(b, k), keep=(*DIGIT, "b_below"))
        builder.walk(_digit_addition(a, product, k, carry))


def _recoding(b: Word, k: int) -> list[BitStep]:
    """Sense two bits of `b`, the lower one latched; the encoder's outputs are latched for the whole walk."""
    middle, high = _bit_of(b, 2 * k), _bit_of(b, 2 * k + 1)
    b_below = "b_below" if k else "0"
    steps: list[BitStep] = []
    middle_signal, high_signal = "0", "0"
    if middle is not None:
        middle_signal = "middle"
        steps.append(BitStep(sense={"b": middle}, latch={"middle": "b"}))
    if high is not None:
        high_signal = "b"
    elif b.format.is_signed:
        high_signal = middle_signal
    outputs = tuple(f"is_{name}" for name in DIGIT)
    encode = Evaluate(BOOTH_ENCODER, (b_below, middle_signal, high_signal), outputs)
    latches = dict(zip(DIGIT, outputs, strict=True)) | {"b_below": high_signal}
    steps.append(BitStep(sense={} if high is None else {"b": high}, evaluate=(encode,), latch=latches))
    return steps


def _bit_of(b: Word, bit: int) -> Place | None:
    return b.places[bit] if bit < b.format.bits else None


def _digit_addition(a: Word, product: Word, k: int, carry: CarryChain) -> list[BitStep]:
    width = a.format.bits
    positions = min(width + 2, product.format.bits - 2 * k)
    steps: list[BitStep] = []
    for t in range(positions):
        place = product.places[2 * k + t]
        sense: dict[str, Place] = {"a": a.places[t]} if t < width else {}
        if k and t < width:
            sense["p"] = place
        select = Evaluate(BOOTH_SELECTOR, (*DIGIT, *_selected(a, t)), ("partial",))
        cell, operands = (FULL_ADDER, ("p", "partial")) if k else (HALF_ADDER, ("partial",))
        step = carry.bit(
            cell,
            operands,
            place,
            sense=sense,
            first=None if t else "negative",
            is_last=t == positions - 1,
            before=(select,),
            latch={"below": "a"} if t < width else {},
        )
        steps.append(step)
    return steps


def _selected(a: Word, t: int) -> tuple[str, str]:
    """Return the signals of bits t and t - 1 of `a`, its sign repeated above the top."""
    width = a.format.bits
    above = "a" if a.format.is_signed else "0"
    bit = "a" if t < width else above
    below = "0" if t == 0 else "below" if t <= width else above
    return bit, below


@lru_cache(maxsize=256)
def booth_radix4_multiplier(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the radix-4 Booth multiplier for operands of these formats."""
    summary = "multiplies by radix-4 Booth digits of b: half the partial products"
    return multiplier("booth_radix4_multiplier", summary, (a_format, b_format), layout, multiply)


@lru_cache(maxsize=256)
def booth_radix4_mac(
    a_format: NumberFormat, b_format: NumberFormat, accumulator: NumberFormat, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return the Booth multiply-and-accumulate: accumulator + a * b, in place (heads left as by `shift_add_mac`)."""
    summary = "adds a * b to an accumulator; the product by radix-4 Booth digits, carries in latches"
    return mac("booth_radix4_mac", summary, (a_format, b_format, accumulator), layout, multiply, is_magnetic=False)
