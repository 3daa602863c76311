"""The compiled loops: packing, unpacking and the interpreter of lowered programs.

Everything lies in one flat array of words, `memory`; bit `l` of word `w` of a plane belongs to lane 64 * w + l. Values
are unsigned words in two's complement throughout. The loops work on vectors of eight words, which is what AVX-512 has
in one register and AVX2 in two: planes start where the caller likes, but have room for whole vectors.

What may ever change is an argument or in this file: numba's cache on disk does not notice a change in another module.
"""
# mypy: disable-error-code="untyped-decorator, no-untyped-call, no-untyped-def, misc, attr-defined, no-any-return"
# ruff: noqa: PLR0912, PLR0917 - a compiled function takes its arguments by position, and an interpreter branches

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.compiled import compiled
from trackmac.simulation.rows import ADD, AND_ADD, FILL, LOOKUP_2, MOVE
from trackmac.simulation.rows import LINE_WORDS as LINE

WordArray = NDArray[np.uint64]

FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
NONE = np.uint64(0)
BIT, OCTET, PAIR, WORD = (ir.IntType(bits) for bits in (1, 8, 16, 64))
LANES = ir.VectorType(WORD, 64)
OCTETS = ir.VectorType(OCTET, 64)

_instruction: Any = intrinsic
"""Marks a function that returns its type, given its arguments' types, and a function that emits its code."""


class VectorType(types.Type):
    """Eight words, or 64 octets: the lowest octet of the first word is the first."""

    ir_type = ir.VectorType(WORD, LINE)

    def __init__(self) -> None:
        super().__init__(name="Vector")


VECTOR = VectorType()


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: VectorType) -> None:
        super().__init__(manager, vector, vector.ir_type)


def _define(operation: Callable[[Any, Any], Any], instruction: str) -> None:
    """Let vectors take a binary operator, word by word."""

    @infer_global(operation)
    class _Typing(AbstractTemplate):
        def generic(self, args, kws):
            return signature(VECTOR, *args) if args == (VECTOR, VECTOR) else None

    @lower_builtin(operation, VECTOR, VECTOR)
    def _lowering(context, builder, sig, args):
        return getattr(builder, instruction)(*args)


_define(operator.and_, "and_")
_define(operator.or_, "or_")
_define(operator.xor, "xor")
_define(operator.sub, "sub")


def _at(context, builder, sig, args, kind):
    """Return a pointer to `kind` at element args[1] of the array args[0]."""
    array = context.make_array(sig.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), kind.as_pointer())


def _splat(builder, scalar, kind):
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), None)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), everywhere)


@_instruction
def _pointer(typing, address):
    def code(context, builder, sig, args):
        return builder.inttoptr(args[0], WORD.as_pointer())

    return types.CPointer(types.uint64)(types.int64), code


@_instruction
def _load(typing, memory, at):
    def code(context, builder, sig, args):
        return builder.load(_at(context, builder, sig, args, VECTOR.ir_type), align=8)

    return VECTOR(memory, at), code


@_instruction
def _store(typing, memory, at, vector):
    def code(context, builder, sig, args):
        builder.store(args[2], _at(context, builder, sig, args, VECTOR.ir_type), align=8)
        return context.get_dummy_value()

    return types.void(memory, at, vector), code


@_instruction
def _repeated(typing, word):
    """Return eight times `word`."""

    def code(context, builder, sig, args):
        return _splat(builder, args[0], VECTOR.ir_type)

    return VECTOR(types.uint64), code


@_instruction
def _raised(typing, vector, bits):
    """Return the words shifted left."""

    def code(context, builder, sig, args):
        return builder.shl(args[0], _splat(builder, args[1], VECTOR.ir_type))

    return VECTOR(vector, types.uint64), code


@_instruction
def _lowered(typing, vector, bits):
    """Return the words shifted right."""

    def code(context, builder, sig, args):
        return builder.lshr(args[0], _splat(builder, args[1], VECTOR.ir_type))

    return VECTOR(vector, types.uint64), code


@_instruction
def _any_bits(typing, vector):
    """Return the bits that any of the words has."""

    def code(context, builder, sig, args):
        found = ir.Constant(WORD, 0)
        for i in range(LINE):
            found = builder.or_(found, builder.extract_element(args[0], ir.Constant(ir.IntType(32), i)))
        return found

    return types.uint64(vector), code


@_instruction
def _octets_of_64(typing, values, at, low):
    """Return bits `low` .. `low` + 7 of 64 values."""

    def code(context, builder, sig, args):
        taken = builder.load(_at(context, builder, sig, args, LANES), align=8)
        taken = builder.trunc(builder.lshr(taken, _splat(builder, args[2], LANES)), OCTETS)
        return builder.bitcast(taken, VECTOR.ir_type)

    return VECTOR(values, at, types.uint64), code


@_instruction
def _octets_of_8(typing, values, at, low):
    """Return bits `low` .. `low` + 7 of eight values, as a word."""

    def code(context, builder, sig, args):
        taken = builder.load(_at(context, builder, sig, args, VECTOR.ir_type), align=8)
        taken = builder.lshr(taken, _splat(builder, args[2], VECTOR.ir_type))
        return builder.bitcast(builder.trunc(taken, ir.VectorType(OCTET, 8)), WORD)

    return types.uint64(values, at, types.uint64), code


@_instruction
def _top_bits(typing, octets):
    """Return the word of the octets' top bits."""

    def code(context, builder, sig, args):
        is_set = builder.icmp_signed("<", builder.bitcast(args[0], OCTETS), ir.Constant(OCTETS, None))
        return builder.bitcast(is_set, WORD)

    return types.uint64(octets), code


@_instruction
def _doubled(typing, octets, word):
    """Return twice each octet, and one more where `word` has a bit."""

    def code(context, builder, sig, args):
        octets = builder.bitcast(args[0], OCTETS)
        minus_one = builder.sext(builder.bitcast(args[1], ir.VectorType(BIT, 64)), OCTETS)
        return builder.bitcast(builder.sub(builder.add(octets, octets), minus_one), VECTOR.ir_type)

    return VECTOR(octets, types.uint64), code


def _pairs(builder, lower, upper):
    """Return the octets of two vectors as 64 numbers of 16 bits."""
    order = ir.Constant(ir.VectorType(ir.IntType(32), 128), [64 * (i % 2) + i // 2 for i in range(128)])
    mixed = builder.shuffle_vector(builder.bitcast(lower, OCTETS), builder.bitcast(upper, OCTETS), order)
    return builder.bitcast(mixed, ir.VectorType(PAIR, 64))


@_instruction
def _set_values(typing, values, at, lower, upper):
    """Set 64 values to numbers of 16 bits with a sign."""

    def code(context, builder, sig, args):
        numbers = builder.sext(_pairs(builder, args[2], args[3]), LANES)
        builder.store(numbers, _at(context, builder, sig, args, LANES), align=8)
        return context.get_dummy_value()

    return types.void(values, at, lower, upper), code


@_instruction
def _append(typing, values, at, lower, upper):
    """Shift 64 values left and put 16 bits in below."""

    def code(context, builder, sig, args):
        place = _at(context, builder, sig, args, LANES)
        raised = builder.shl(builder.load(place, align=8), _splat(builder, ir.Constant(WORD, 16), LANES))
        builder.store(builder.or_(raised, builder.zext(_pairs(builder, args[2], args[3]), LANES)), place, align=8)
        return context.get_dummy_value()

    return types.void(values, at, lower, upper), code


@compiled
def pack(values: WordArray, memory: WordArray, offsets: IntArray, minimum: np.uint64, words: int) -> np.uint64:
    """Write bit `i` of 64 * `words` values into the plane that starts at `memory[offsets[i]]`.

    Returns the bits that are set in any value - `minimum`: from them the caller sees whether every value fits.
    """
    least, seen = _repeated(minimum), _repeated(NONE)
    for w in range(words):
        for low in range(0, offsets.size, 8):
            _put(_octets_of_64(values, 64 * w, np.uint64(low)), memory, offsets, low, min(8, offsets.size - low), w)
        for lane in range(0, 64, LINE):
            seen = seen | (_load(values, 64 * w + lane) - least)
    return _any_bits(seen)


@compiled
def pack_rows(
    values: WordArray, pitch: int, memory: WordArray, offsets: IntArray, bits: int, minimum: np.uint64, words: int
) -> np.uint64:
    """Do as `pack` with many operands, whose values in lane `l` lie side by side from `values[l * pitch]` on.

    Bit `i` of operand `c` goes to `memory[offsets[c * bits + i]]`; the number of operands is a multiple of eight. Lane
    after lane is read as it lies and turned in the cache, eight operands of eight lanes at a time.
    """
    lines = offsets.size // bits // LINE
    tile = np.empty(64 * lines, np.uint64)
    least, seen = _repeated(minimum), _repeated(NONE)
    for w in range(words):
        for low in range(0, bits, 8):
            for lane in range(64):
                first, place = (64 * w + lane) * pitch, np.uint64(lane % 8 * 8 + lane // 8)
                for line in range(lines):
                    seen = seen | (_load(values, first + LINE * line) - least)
                    tile[np.uint64(64 * line) + place] = _octets_of_8(values, first + LINE * line, np.uint64(low))
            for line in range(lines):
                _transpose_octets(tile, 64 * line)
            for c in range(LINE * lines):
                _put(_load(tile, 8 * c), memory, offsets, c * bits + low, min(8, bits - low), w)
    return _any_bits(seen)


@compiled
def _put(octets, memory: WordArray, offsets: IntArray, first: int, count: int, w: int) -> None:
    """Write bit `i` < `count` of 64 octets to word `w` of the plane that starts at `memory[offsets[first + i]]`."""
    for i in range(8):
        if i < count:
            memory[np.uint64(offsets[np.uint64(first + i)] + w)] = _top_bits(_raised(octets, np.uint64(7 - i)))


@compiled
def _transpose_octets(tile: WordArray, first: int) -> None:
    """Transpose words `w`, 8 + `w`, 16 + `w` ... of 64, for each `w`, as a matrix of 8 x 8 octets: swap blocks."""
    for distance in (4, 2, 1):
        shift = np.uint64(8 * distance)
        mask = _repeated(FULL // ((np.uint64(1) << shift) + np.uint64(1)))
        for row in range(8):
            if not row & distance:
                at, other = first + 8 * row, first + 8 * (row + distance)
                x, y = _load(tile, at), _load(tile, other)
                swap = (_lowered(x, shift) ^ y) & mask
                _store(tile, at, x ^ _raised(swap, shift))
                _store(tile, other, y ^ swap)


@compiled
def unpack(memory: WordArray, offsets: IntArray, masks: WordArray, values: WordArray, words: int) -> None:
    """Set 64 * `words` values from their bits: bit `i` is in the plane that starts at `memory[offsets[i]]`.

    There are a multiple of 16 bits, the top one a sign; of octet `k`, only the bits in each octet of `masks[k]` count.
    """
    for w in range(words):
        for low in range(offsets.size - 16, -16, -16):
            lower, upper = _repeated(NONE), _repeated(NONE)
            for bit in range(7, -1, -1):
                lower = _doubled(lower, memory[np.uint64(offsets[np.uint64(low + bit)] + w)])
            for bit in range(15, 7, -1):
                upper = _doubled(upper, memory[np.uint64(offsets[np.uint64(low + bit)] + w)])
            lower = lower & _repeated(masks[np.uint64(low // 8)])
            upper = upper & _repeated(masks[np.uint64(low // 8 + 1)])
            if low + 16 == offsets.size:
                _set_values(values, 64 * w, lower, upper)
            else:
                _append(values, 64 * w, lower, upper)


@compiled
def simulate(
    rows: WordArray,
    memory: WordArray,
    block: int,
    sources: IntArray,
    offsets: IntArray,
    masks: WordArray,
    values: WordArray,
    words: int,
) -> bool:
    """Pack, execute and unpack 64 * `words` lanes; return whether all operands are in range.

    `block` words at a time go through the same planes of `memory`, which stay in the cache. A row of `sources` is an
    operand or several side by side: the address of the first value, the lanes' pitch in values, where its places are in
    `offsets`, how many operands, places of each, bits of the format and its minimum. `offsets` ends with the places of
    the result, in 16s of bits as `unpack` takes them.
    """
    result = offsets[offsets.size - 8 * masks.size :]
    is_in_range = True
    for start in range(0, words, block):
        count = min(block, words - start)
        for s in range(sources.shape[0]):
            address, pitch, first = sources[s, 0], sources[s, 1], sources[s, 2]
            operands, planes, bits, minimum = sources[s, 3], sources[s, 4], sources[s, 5], np.uint64(sources[s, 6])
            given = carray(_pointer(address + 8 * 64 * start * pitch), (64 * count * pitch,))
            places = offsets[first : first + operands * planes]
            if operands == 1:
                seen = pack(given, memory, places, minimum, count)
            else:
                seen = pack_rows(given, pitch, memory, places, planes, minimum, count)
            is_in_range &= not seen >> np.uint64(bits)
        _execute_block(rows, memory, np.uint64(-(-count // LINE) * LINE))
        unpack(memory, result, masks, values[64 * start : 64 * (start + count)], count)
    return is_in_range


@compiled
def execute(rows: WordArray, moves: WordArray, memory: WordArray, words: int, block: int) -> None:
    """Run a bound program on `words` words of every plane, `block` words at a time, both multiples of eight.

    The rows hold places in `memory` instead of slots; from a block to the next, `moves` is added to them.
    """
    here = rows.copy()
    for start in range(0, words, block):
        _execute_block(here, memory, np.uint64(min(block, words - start)))
        here += moves


@compiled
def _execute_block(rows: WordArray, memory: WordArray, count: np.uint64) -> None:
    every, line = np.uint64(0), np.uint64(LINE)
    for r in range(rows.shape[0]):
        row = rows[r]
        operation, d0, d1, s0, s1, s2, s3, k = row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
        invert = _repeated(FULL if k else NONE)
        if operation == AND_ADD:
            for i in range(every, count, line):
                p, q, c = _load(memory, s0 + i), _load(memory, s1 + i) & _load(memory, s3 + i), _load(memory, s2 + i)
                either = q ^ c
                _store(memory, d0 + i, p ^ either)
                _store(memory, d1 + i, ((p ^ invert) & either) | (q & c))
        elif operation == ADD:
            for i in range(every, count, line):
                p, q, c = _load(memory, s0 + i), _load(memory, s1 + i), _load(memory, s2 + i)
                either = q ^ c
                _store(memory, d0 + i, p ^ either)
                _store(memory, d1 + i, ((p ^ invert) & either) | (q & c))
        elif operation == LOOKUP_2:
            one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
            for i in range(every, count, line):
                x, y = _load(memory, s0 + i), _load(memory, s1 + i)
                _store(memory, d0 + i, one ^ (a & x) ^ (y & (b ^ (ab & x))))
        elif operation == MOVE:
            for i in range(every, count, line):
                _store(memory, d0 + i, _load(memory, s0 + i) ^ invert)
        elif operation == FILL:
            for i in range(every, count, line):
                _store(memory, d0 + i, invert)
        else:
            one, a, b, ab = _term(k, 0), _term(k, 1), _term(k, 2), _term(k, 3)
            c, ac, bc, abc = _term(k, 4), _term(k, 5), _term(k, 6), _term(k, 7)
            for i in range(every, count, line):
                x, y, z = _load(memory, s0 + i), _load(memory, s1 + i), _load(memory, s2 + i)
                without = one ^ (a & x) ^ (y & (b ^ (ab & x)))
                _store(memory, d0 + i, without ^ (z & (c ^ (ac & x) ^ (y & (bc ^ (abc & x))))))


@compiled
def _term(k: np.uint64, term: int):
    return _repeated(FULL if (k >> np.uint64(term)) & np.uint64(1) else NONE)
