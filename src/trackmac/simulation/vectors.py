"""Vectors of eight words for the compiled loops: what AVX-512 has in one register and AVX2 in two.

Numba's cache on disk does not notice a change of this module: whoever changes it deletes its users' caches.
"""
# mypy: disable-error-code="untyped-decorator, no-untyped-call, no-untyped-def, misc, attr-defined, no-any-return"

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

from trackmac.simulation.rows import LINE_WORDS as LINE

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
def pointer(typing, address):
    """Return the words from an address on."""

    def code(context, builder, sig, args):
        return builder.inttoptr(args[0], WORD.as_pointer())

    return types.CPointer(types.uint64)(types.int64), code


@_instruction
def halves(typing, address):
    """Return the numbers of 16 bits from an address on: to hand them on costs less than an array, which is counted."""

    def code(context, builder, sig, args):
        return builder.inttoptr(args[0], PAIR.as_pointer())

    return types.CPointer(types.int16)(types.int64), code


@_instruction
def addresses(typing, address):
    """Return the addresses, int64, from an address on."""

    def code(context, builder, sig, args):
        return builder.inttoptr(args[0], WORD.as_pointer())

    return types.CPointer(types.int64)(types.int64), code


@_instruction
def fetch(typing, address):
    """Return the vector at an address."""

    def code(context, builder, sig, args):
        return builder.load(builder.inttoptr(args[0], VECTOR.ir_type.as_pointer()), align=8)

    return VECTOR(types.int64), code


@_instruction
def put(typing, address, vector):
    """Set the vector at an address."""

    def code(context, builder, sig, args):
        builder.store(args[1], builder.inttoptr(args[0], VECTOR.ir_type.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(types.int64, vector), code


@_instruction
def load(typing, memory, at):
    """Return the vector from word `at` of an array on."""

    def code(context, builder, sig, args):
        return builder.load(_at(context, builder, sig, args, VECTOR.ir_type), align=8)

    return VECTOR(memory, at), code


@_instruction
def store(typing, memory, at, vector):
    """Set the vector from word `at` of an array on."""

    def code(context, builder, sig, args):
        builder.store(args[2], _at(context, builder, sig, args, VECTOR.ir_type), align=8)
        return context.get_dummy_value()

    return types.void(memory, at, vector), code


@_instruction
def repeated(typing, word):
    """Return eight times `word`."""

    def code(context, builder, sig, args):
        return _splat(builder, args[0], VECTOR.ir_type)

    return VECTOR(types.uint64), code


@_instruction
def raised(typing, vector, bits):
    """Return the words shifted left."""

    def code(context, builder, sig, args):
        return builder.shl(args[0], _splat(builder, args[1], VECTOR.ir_type))

    return VECTOR(vector, types.uint64), code


@_instruction
def lowered(typing, vector, bits):
    """Return the words shifted right."""

    def code(context, builder, sig, args):
        return builder.lshr(args[0], _splat(builder, args[1], VECTOR.ir_type))

    return VECTOR(vector, types.uint64), code


@_instruction
def any_bits(typing, vector):
    """Return the bits that any of the words has."""

    def code(context, builder, sig, args):
        found = ir.Constant(WORD, 0)
        for i in range(LINE):
            found = builder.or_(found, builder.extract_element(args[0], ir.Constant(ir.IntType(32), i)))
        return found

    return types.uint64(vector), code


@_instruction
def octets_of_64(typing, values, at, low):
    """Return bits `low` .. `low` + 7 of 64 values."""

    def code(context, builder, sig, args):
        taken = builder.load(_at(context, builder, sig, args, LANES), align=8)
        taken = builder.trunc(builder.lshr(taken, _splat(builder, args[2], LANES)), OCTETS)
        return builder.bitcast(taken, VECTOR.ir_type)

    return VECTOR(values, at, types.uint64), code


@_instruction
def octets_of_8(typing, values, at, low):
    """Return bits `low` .. `low` + 7 of eight values, as a word."""

    def code(context, builder, sig, args):
        taken = builder.load(_at(context, builder, sig, args, VECTOR.ir_type), align=8)
        taken = builder.lshr(taken, _splat(builder, args[2], VECTOR.ir_type))
        return builder.bitcast(builder.trunc(taken, ir.VectorType(OCTET, 8)), WORD)

    return types.uint64(values, at, types.uint64), code


@_instruction
def top_bits(typing, octets):
    """Return the word of the octets' top bits."""

    def code(context, builder, sig, args):
        is_set = builder.icmp_signed("<", builder.bitcast(args[0], OCTETS), ir.Constant(OCTETS, None))
        return builder.bitcast(is_set, WORD)

    return types.uint64(octets), code


@_instruction
def doubled(typing, octets, word):
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


def _lanes_of(sig):
    """Return 64 of what an operation's values are: 16 bits or more each."""
    return ir.VectorType(ir.IntType(sig.args[0].dtype.bitwidth), 64)


@_instruction
def set_values(typing, values, at, lower, upper):
    """Set 64 values to numbers of 16 bits with a sign."""

    def code(context, builder, sig, args):
        lanes = _lanes_of(sig)
        numbers = builder.sext(_pairs(builder, args[2], args[3]), lanes)
        builder.store(numbers, _at(context, builder, sig, args, lanes), align=2)
        return context.get_dummy_value()

    return types.void(values, at, lower, upper), code


@_instruction
def append(typing, values, at, lower, upper):
    """Shift 64 values of more than 16 bits left and put 16 bits in below."""

    def code(context, builder, sig, args):
        lanes = _lanes_of(sig)
        place = _at(context, builder, sig, args, lanes)
        raised = builder.shl(builder.load(place, align=4), _splat(builder, ir.Constant(lanes.element, 16), lanes))
        builder.store(builder.or_(raised, builder.zext(_pairs(builder, args[2], args[3]), lanes)), place, align=4)
        return context.get_dummy_value()

    return types.void(values, at, lower, upper), code
