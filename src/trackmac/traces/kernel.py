"""The compiled loops of traces: lines to addresses, addresses to lines, addresses to shifts."""
# ruff: noqa: PLR0911, PLR0917 - a compiled function takes its arguments by position, and a parser branches

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.compiled import compiled

Octets = NDArray[np.uint8]
Addresses = NDArray[np.uint64]
Flags = NDArray[np.bool_]

NEW_LINE, RETURN, SPACE, ZERO, READ, WRITE, X = (np.uint8(ord(character)) for character in "\n\r 0RWx")
NONE, ONE, TWO, SIXTEEN = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(16)  # of one type with what they count

DIGITS = np.full(256, 16, np.uint8)
"""The value of each character as a hexadecimal digit; 16 where it is none."""
for value, digit in enumerate("0123456789abcdef"):
    DIGITS[ord(digit)] = DIGITS[ord(digit.upper())] = value

CYCLE, OPERATION, ADDRESS, DATA, OLD_DATA, THREAD, NOTHING, ORDER = range(8)
"""What is wrong with a line."""

TEN, MOST = np.uint64(10), np.uint64(2**64 - 1)
MAX_DECIMAL_DIGITS = np.uint64(20)
MAX_ADDRESS_DIGITS = np.uint64(16)
LONGEST_START = 20 + len(" R 0x") + 16
"""Characters that a line of `format_lines` may have before its tail."""


@compiled
def parse_lines(
    text: Octets,
    end: np.uint64,
    has_old_data: bool,
    width: np.uint64,
    latest: np.uint64,
    addresses: Addresses,
    writes: Flags,
) -> tuple[int, int, np.uint64, np.uint64, np.uint64]:
    """Read the whole lines text[:end], `CYCLE OP ADDR DATA [OLDDATA] THREAD`; the last one ends in a line break.

    Data fields are `width` digits wide; 0: as wide as the first one. No cycle is before the `latest` one. Returns how
    many lines were read, what is wrong with the next one, where it starts, the width and the latest cycle. Positions
    are unsigned, so that none counts from the end; 0 stands for none.
    """
    count = 0
    start = NONE
    while start < end:
        cycle, at = _decimal(text, start)
        if at == NONE or text[at] != SPACE:
            return count, CYCLE, start, width, latest
        operation = text[at + ONE]
        if operation not in (READ, WRITE) or text[at + TWO] != SPACE:
            return count, OPERATION, start, width, latest
        address, at = _address(text, at + TWO + ONE)
        if at == NONE or text[at] != SPACE:
            return count, ADDRESS, start, width, latest
        if width == NONE:
            width = _hex_digits(text, at + ONE)
        at = _after_data(text, at + ONE, end, width)
        if at == NONE:
            return count, DATA, start, width, latest
        if has_old_data:
            at = _after_data(text, at + ONE, end, width)
            if at == NONE:
                return count, OLD_DATA, start, width, latest
        _, at = _decimal(text, at + ONE)
        if at != NONE and text[at] == RETURN:
            at += ONE
        if at == NONE or text[at] != NEW_LINE:
            return count, THREAD, start, width, latest
        if cycle < latest:
            return count, ORDER, start, width, latest
        latest = cycle
        addresses[count] = address
        writes[count] = operation == WRITE
        count += 1
        start = at + ONE
    return count, NOTHING, start, width, latest


@compiled
def _decimal(text: Octets, start: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return a decimal number and where it ends, or 0 where there is none or one of more than 64 bits."""
    value, at = NONE, start
    digit = np.uint8(text[at] - ZERO)
    while digit <= np.uint8(9):
        if value > MOST // TEN or (value == MOST // TEN and np.uint64(digit) > MOST % TEN):
            return value, NONE
        value = value * TEN + np.uint64(digit)
        at += ONE
        digit = np.uint8(text[at] - ZERO)
    return value, at if NONE < at - start <= MAX_DECIMAL_DIGITS else NONE


@compiled
def _address(text: Octets, start: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return a hexadecimal number, with or without 0x, and where it ends; 0 as for a decimal one."""
    if text[start] == ZERO and text[start + ONE] | SPACE == X:
        start += TWO
    value = NONE
    at = start
    digit = np.uint64(DIGITS[text[at]])
    while digit < SIXTEEN:
        value = (value << np.uint64(4)) | digit
        at += ONE
        digit = np.uint64(DIGITS[text[at]])
    return value, at if NONE < at - start <= MAX_ADDRESS_DIGITS else NONE


@compiled
def _hex_digits(text: Octets, start: np.uint64) -> np.uint64:
    at = start
    while DIGITS[text[at]] < SIXTEEN:
        at += ONE
    return at - start


@compiled
def _after_data(text: Octets, start: np.uint64, end: np.uint64, width: np.uint64) -> np.uint64:
    """Return where `width` hexadecimal digits and a space end, at the space; 0 where something else is there."""
    after = start + width
    if width == NONE or after >= end or text[after] != SPACE:
        return NONE
    field = text[start:after]
    strange = np.uint8(0)
    for i in range(field.size):  # octets only, and neither branch nor comparison, so that it runs on vectors
        character = field[i]
        above_9 = np.uint8(max(np.uint8(character - np.uint8(48)), np.uint8(9)) - np.uint8(9))
        above_f = np.uint8(max(np.uint8(np.uint8(character | np.uint8(32)) - np.uint8(97)), np.uint8(5)) - np.uint8(5))
        strange = np.uint8(strange | min(above_9, above_f))
    return after if strange == 0 else NONE


@compiled
def format_lines(addresses: Addresses, writes: Flags, cycle: int, cycles_apart: int, tail: Octets, text: Octets) -> int:
    """Write a line for each access into `text`, the first at `cycle`, each with the same `tail`; return their size."""
    at = 0
    digits = np.empty(20, np.uint8)
    for i in range(addresses.size):
        at = _put(np.uint64(cycle + i * cycles_apart), np.uint64(10), digits, text, at)
        text[at], text[at + 1], text[at + 2] = SPACE, WRITE if writes[i] else READ, SPACE
        text[at + 3], text[at + 4] = ZERO, X
        at = _put(addresses[i], np.uint64(16), digits, text, at + 5)
        for k in range(tail.size):
            text[at + k] = tail[k]
        at += tail.size
    return at


@compiled
def _put(value: np.uint64, base: np.uint64, digits: Octets, text: Octets, at: int) -> int:
    """Write a number at `at` and return where it ends."""
    count = 0
    while count == 0 or value:
        digit = value % base
        digits[count] = digit + np.uint64(ZERO if digit <= 9 else 87)
        value //= base
        count += 1
    for i in range(count):
        text[at + i] = digits[count - 1 - i]
    return at + count


@compiled
def count_shifts(
    addresses: Addresses,
    sizes: Addresses,
    logarithms: Addresses,
    places: IntArray,
    looks: int,
    stays: int,
    displacements: IntArray,
) -> tuple[int, int, int]:
    """Serve `addresses` in turn; return shift steps, the least and the greatest displacement on the way.

    `sizes` are a word's bytes, a track's domains, the DBCs; `logarithms` theirs in base 2, rounded down.
    `places[x + domains - 1]` is where at rest the port stands that serves the domain x; x counts from the displacement
    where the choice `looks` at it (-1, else 0). A track `stays` after an access (-1), or returns (0).
    """
    word_bytes, domains, dbcs = sizes[0], sizes[1], sizes[2]
    word_shift, domain_shift, dbc_shift = logarithms[0], logarithms[1], logarithms[2]
    before_first = np.int64(domains) - 1
    steps = least = greatest = 0
    last, now = NONE, displacements[NONE]
    for address in addresses:
        word = _quotient(address, word_bytes, word_shift)
        row = _quotient(word, domains, domain_shift)
        domain = np.int64(word - row * domains)
        dbc = row - _quotient(row, dbcs, dbc_shift) * dbcs
        if dbc != last:  # a DBC that is used again and again stays in a register
            displacements[last] = now
            last, now = dbc, displacements[dbc]
        there = domain - places[np.uint64(domain + before_first - (now & looks))]
        steps += abs(there - now)
        now = there & stays
        steps += abs(there - now)
        least = min(least, there)
        greatest = max(greatest, there)
    displacements[last] = now
    return steps, least, greatest


@compiled
def _quotient(value: np.uint64, divisor: np.uint64, shift: np.uint64) -> np.uint64:
    """Return value // divisor; by a shift, where it can be one."""
    if divisor == np.uint64(1) << shift:
        return value >> shift
    return value // divisor
