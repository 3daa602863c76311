"""Integers on the command line: widths and operands."""

from collections.abc import Sequence

from trackmac.errors import OperandError

INT64_DIGITS = 19  # longer texts are not even converted


def widths(text: str | None) -> tuple[int, ...] | None:
    """Read `--bits N` or `--bits N,M`.

    Raises:
        OperandError: not a list of integers.
    """
    return None if text is None else tuple(integers(text, "--bits"))


def operands(a: Sequence[str], b: Sequence[str], named: Sequence[str]) -> dict[str, list[int]]:
    """Read every `--a`, every `--b` and every `--operand X=INT[,INT...]`, by operand name.

    Raises:
        OperandError: not lists of integers, without a name, or one operand given twice.
    """
    given = [*(("a", text) for text in a), *(("b", text) for text in b), *map(_name_and_values, named)]
    result: dict[str, list[int]] = {}
    for name, text in given:
        if name in result:
            raise OperandError(f"operand {name} is given twice; keep one of them")
        result[name] = integers(text, f"operand {name}")
    return result


def known_operands(named: Sequence[str]) -> dict[str, int]:
    """Read every `--operand X=INT` of a circuit that is shown, by operand name.

    Raises:
        OperandError: as `operands`, or a list of several.
    """
    given = operands((), (), named)
    for name, values in given.items():
        if len(values) > 1:
            raise OperandError(f"operand {name} must be one integer here, but {len(values)} are given; keep one")
    return {name: values[0] for name, values in given.items()}


def integers(text: str, what: str) -> list[int]:
    """Read a comma-separated list of integers.

    Raises:
        OperandError: an entry is no integer, or has more digits than 64 bits need.
    """
    return [_integer(entry.strip(), what) for entry in text.split(",")]


def _integer(entry: str, what: str) -> int:
    digits = entry[1:] if entry.startswith(("-", "+")) else entry
    if not (digits.isascii() and digits.isdigit()):
        raise OperandError(f"{what} must be integers separated by commas, but one is {entry[:40]!r}; correct it")
    if len(digits) > INT64_DIGITS or not -(1 << 63) <= int(entry) < 1 << 63:
        raise OperandError(f"{what} must fit 64 bits, but one has {len(digits)} digits; use a smaller one")
    return int(entry)


def _name_and_values(text: str) -> tuple[str, str]:
    name, separator, values = text.partition("=")
    if not separator or not name.strip():
        raise OperandError(f"--operand must be NAME=INT[,INT...], but it is {text[:40]!r}; give it a name")
    return name.strip(), values
