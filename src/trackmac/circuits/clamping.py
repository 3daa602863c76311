"""Clamping to an output format: a record of what does not fit, then a walk that rewrites the result's bits."""

from trackmac.bits import NumberFormat
from trackmac.cells.library import AND, AND_NOT, MULTIPLEXER, OR
from trackmac.circuits.builder import BitStep
from trackmac.circuits.circuit import Word
from trackmac.circuits.microops import Evaluate


def overflow_flags(exact: NumberFormat, output: NumberFormat) -> tuple[str, ...]:
    """Return what clamping has to know: the sign, whether any bit above the output's is set, whether all are."""
    if not exact.is_signed:
        return ("any",)
    if output.is_signed:
        return ("sign", "any", "all")
    return ("sign", "any") if recorded_bits(exact, output) else ("sign",)


def recorded_bits(exact: NumberFormat, output: NumberFormat) -> range:
    """Return the bits of the exact number that a number which fits has all clear or, if negative, all set."""
    return range(output.bits - output.is_signed, exact.bits - exact.is_signed)


def record_overflow(
    bit: int, signal: str, exact: NumberFormat, output: NumberFormat
) -> tuple[tuple[Evaluate, ...], dict[str, str]]:
    """Return the cells and latches that record bit `bit` of the exact number, carried by `signal`.

    A non-negative number overflows if any bit above the output's is set, a negative one unless all are.
    """
    if exact.is_signed and bit == exact.bits - 1:
        return (), {"sign": signal}
    recorded = recorded_bits(exact, output)
    if bit not in recorded:
        return (), {}
    is_first = bit == recorded.start
    cells: tuple[Evaluate, ...] = (Evaluate(OR, ("0" if is_first else "any", signal), ("any_now",)),)
    latches = {"any": "any_now"}
    if output.is_signed and exact.is_signed:
        cells += (Evaluate(AND, ("1" if is_first else "all", signal), ("all_now",)),)
        latches["all"] = "all_now"
    return cells, latches


def clamping(result: Word, flags: tuple[str, ...]) -> list[BitStep]:
    """Rewrite the result: all bits above the format set a positive overflow to the maximum, the sign clears or sets."""
    steps: list[BitStep] = []
    for bit, place in enumerate(result.places):
        if result.format.is_signed and bit == result.format.bits - 1:
            steps.append(BitStep(write={place: "sign" if "sign" in flags else "0"}))
            continue
        evaluate = [Evaluate(OR, ("r", "any" if "any" in flags else "0"), ("high",))]
        if "all" in flags:
            evaluate.append(Evaluate(AND, ("r", "all"), ("low",)))
            evaluate.append(Evaluate(MULTIPLEXER, ("sign", "high", "low"), ("out",)))
        elif "sign" in flags:
            evaluate.append(Evaluate(AND_NOT, ("high", "sign"), ("out",)))
        steps.append(BitStep(sense={"r": place}, evaluate=tuple(evaluate), write={place: evaluate[-1].outputs[0]}))
    return steps
