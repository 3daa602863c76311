"""What operands a circuit takes: checked in one place, for every simulator."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.errors import OperandError


def aligned_operands(circuit: Circuit, operands: Mapping[str, IntArray]) -> dict[str, IntArray]:
    """Return every operand of `circuit` as int64 [lanes], filled in where there is a default or a known value.

    The values may still be out of range, or others than those that are known.

    Raises:
        OperandError: an operand is missing, unknown, no list of integers, or not as long as the others.
    """
    names = [word.name for word in circuit.operands]
    for name in operands:
        if name not in names:
            raise OperandError(f"{circuit.name} has operands {', '.join(names) or 'of no name'}, not {name!r}; drop it")
    given = {name: _integers(name, values) for name, values in operands.items()}
    fallbacks = {word.name: word.default if word.known is None else word.known for word in circuit.operands}
    for word in circuit.operands:
        if word.name not in given and fallbacks[word.name] is None:
            raise OperandError(
                f"{circuit.name} needs operand {word.name}, which is missing; give it a value for each lane"
            )
    if not given:
        raise OperandError(f"{circuit.name} takes no operands, so there is nothing to run it on; use it on a machine")
    counts = {name: values.size for name, values in given.items()}
    if len(set(counts.values())) > 1:
        shown = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise OperandError(f"operands must be of equal number, but {shown}; give as many of each")
    lanes = next(iter(counts.values()))
    return {
        name: given[name] if name in given else np.full(lanes, fallback, np.int64)
        for name, fallback in fallbacks.items()
    }


def loaded_operands(circuit: Circuit, operands: Mapping[str, IntArray]) -> dict[str, IntArray]:
    """Return every operand that is loaded, as `aligned_operands` does, but for those that the program has built in.

    Raises:
        OperandError: as `aligned_operands`, or a lane has another value than the one that is known.
    """
    aligned, built_in = aligned_operands(circuit, operands), circuit.known
    for name, known in built_in.items():
        others = aligned[name][aligned[name] != known]
        if others.size:
            raise OperandError(
                f"operand {name} is built into this {circuit.name} as {known}, but it is {others[0]}; "
                "leave it out, or run the circuit that has this value built in"
            )
    return {name: values for name, values in aligned.items() if name not in built_in}


def check_ranges(circuit: Circuit, operands: Mapping[str, IntArray]) -> None:
    """Refuse operands that do not fit their formats.

    Raises:
        OperandError: a value is out of range.
    """
    for name, values in operands.items():
        circuit.operand(name).format.check(values, name)


def _integers(name: str, values: object) -> IntArray:
    try:
        array: NDArray[np.generic] = np.asarray(values)
    except ValueError:
        raise OperandError(
            f"operand {name} must be one list of integers, but it is uneven; give one number a lane"
        ) from None
    if array.ndim != 1:
        raise OperandError(
            f"operand {name} must be one list of integers, but it has {array.ndim} axes; give one number a lane"
        )
    if array.size and array.dtype.kind not in "iu":
        raise OperandError(f"operand {name} must be integers of at most 64 bits, but it is {array.dtype}; convert it")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise OperandError(f"operand {name} must fit 64 bits with a sign, but it is {array.max()}; use a smaller value")
    return array.astype(np.int64, copy=False)
