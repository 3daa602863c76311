"""Booth radix-4 multiplication: half the partial products, each 0, +-a or +-2a (Luo 2016 lineage)."""

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import BOOTH_ENCODER, BOOTH_SELECTOR, FULL_ADDER, HALF_ADDER
from trackmac.circuits.addition import product_format
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.carry import LATCHED, CarryChain
from trackmac.circuits.circuit import Circuit, Layout, Place, Word
from trackmac.circuits.microops import Evaluate
from trackmac.circuits.shift_add import mac

DIGIT = ("negative", "one", "two")


def booth_digits(b_format: NumberFormat) -> int:
    """Return the number of radix-4 digits: two bits each, and one more for an unsigned number's sign."""
    return (b_format.bits + (1 if b_format.is_signed else 2)) // 2


def multiply(builder: ProgramBuilder, a: Word, b: Word, product: Word, carry: CarryChain) -> None:
    """Append the walks that write a * b into `product`: recode a digit of `b`, add its multiple of `a`, and again.

    Digit `k` is -2*b[2k+1] + b[2k] + b[2k-1]; its multiple of `a`, of a.bits + 2 bits, is added at bit 2k.
    """
    for k in range(booth_digits(b.format)):
        builder.walk(_recoding(b, k), keep=(*DIGIT, "low"))
        builder.walk(_digit_addition(a, product, k, carry))


def _recoding(b: Word, k: int) -> list[BitStep]:
    """Sense two bits of `b`, the lower one latched; the encoder's outputs are latched for the whole walk."""
    middle, high = _bit_of(b, 2 * k), _bit_of(b, 2 * k + 1)
    low = "low" if k else "0"
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
    encode = Evaluate(BOOTH_ENCODER, (low, middle_signal, high_signal), outputs)
    latches = dict(zip(DIGIT, outputs, strict=True)) | {"low": high_signal}
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
        steps.append(_add_bit(carry, place, sense, select, k=k, t=t, is_last=t == positions - 1, width=width))
    return steps


def _selected(a: Word, t: int) -> tuple[str, str]:
    """Return the signals of bits t and t - 1 of `a`, its sign repeated above the top."""
    width = a.format.bits
    above = "a" if a.format.is_signed else "0"
    bit = "a" if t < width else above
    below = "0" if t == 0 else "below" if t <= width else above
    return bit, below


def _add_bit(
    carry: CarryChain,
    place: Place,
    sense: dict[str, Place],
    select: Evaluate,
    *,
    k: int,
    t: int,
    is_last: bool,
    width: int,
) -> BitStep:
    latch = {"below": "a"} if t < width else {}
    first = None if t else "negative"
    if k:
        return carry.bit(
            FULL_ADDER,
            ("p", "partial"),
            place,
            sense=sense,
            first=first,
            is_last=is_last,
            before=(select,),
            latch=latch,
        )
    return carry.bit(
        HALF_ADDER, ("partial",), place, sense=sense, first=first, is_last=is_last, before=(select,), latch=latch
    )


def booth_radix4_multiplier(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the radix-4 Booth multiplier for operands of these formats."""
    builder = ProgramBuilder(layout)
    a, b = builder.word("a", a_format), builder.word("b", b_format)
    product = builder.word("product", product_format(a_format, b_format))
    multiply(builder, a, b, product, LATCHED)
    builder.shift_home(a, b, product)
    return Circuit(
        name="booth_radix4_multiplier",
        summary="multiplies by radix-4 Booth digits of b: half the partial products",
        layout=layout,
        operands=(a, b),
        result=product,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_product,
    )


def booth_radix4_mac(
    a_format: NumberFormat, b_format: NumberFormat, accumulator: NumberFormat, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return the Booth multiply-and-accumulate: accumulator + a * b, in place (heads left as by `shift_add_mac`)."""
    summary = "adds a * b to an accumulator; the product by radix-4 Booth digits, carries in latches"
    return mac("booth_radix4_mac", summary, (a_format, b_format, accumulator), layout, multiply, is_magnetic=False)


def _product(a: IntArray, b: IntArray) -> IntArray:
    return a * b
