"""Operands as users give them: what is refused, and how it is said."""

import re

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import circuit
from trackmac.circuits.transfer import move_weights
from trackmac.errors import OperandError
from trackmac.simulation import naive, packed

SIMULATORS = pytest.mark.parametrize("simulator", [naive, packed], ids=["naive", "packed"])
ADDER = circuit("ripple_adder", 4)
REFUSED = {
    "missing": ({"a": [1]}, "ripple_adder needs operand b, which is missing"),
    "unknown": ({"a": [1], "b": [1], "c": [1]}, "ripple_adder has operands a, b, not 'c'"),
    "unequal": ({"a": [1, 2, 3], "b": [1, 2]}, "operands must be of equal number, but a has 3, b has 2"),
    "one for all": ({"a": [1, 2, 3], "b": [1]}, "operands must be of equal number"),
    "scalar": ({"a": 1, "b": [1]}, "operand a must be one list of integers, but it has 0 axes"),
    "table": ({"a": [[1, 2]], "b": [[1, 2]]}, "operand a must be one list of integers, but it has 2 axes"),
    "uneven": ({"a": [[1, 2], [1]], "b": [1]}, "operand a must be one list of integers, but it is uneven"),
    "floating": ({"a": [1.0], "b": [1]}, "operand a must be integers of at most 64 bits, but it is float64"),
    "boolean": ({"a": [True], "b": [1]}, "operand a must be integers of at most 64 bits, but it is bool"),
    "text": ({"a": ["1"], "b": [1]}, "operand a must be integers of at most 64 bits"),
    "beyond 64 bits": ({"a": [1 << 70], "b": [1]}, "operand a must be integers of at most 64 bits, but it is object"),
    "beyond 63 bits": ({"a": [1 << 63], "b": [1]}, "operand a must fit 64 bits with a sign"),
    "too great": ({"a": [1, 8], "b": [1, 1]}, "operand a must be within -8..7 (int4), but it is 8"),
    "too small": ({"a": [1, 1], "b": [1, -9]}, "operand b must be within -8..7 (int4), but it is -9"),
    "far out": ({"a": [1], "b": [-(1 << 63)]}, "operand b must be within -8..7 (int4)"),
}


@SIMULATORS
@pytest.mark.parametrize("case", REFUSED)
def test_bad_operands_are_refused_in_one_line(simulator: object, case: str) -> None:
    operands, message = REFUSED[case]

    with pytest.raises(OperandError, match=re.escape(message)) as caught:
        simulator.run(ADDER, operands)  # type: ignore[attr-defined]
    assert "\n" not in str(caught.value)


@SIMULATORS
def test_an_operand_with_a_default_may_be_missing(simulator: object) -> None:
    adder = circuit("latched_full_adder", 4)

    without = simulator.run(adder, {"a": np.array([3, 7]), "b": np.array([4, 7])})  # type: ignore[attr-defined]
    given = simulator.run(adder, {"a": [3, 7], "b": [4, 7], "carry_in": [1, 0]})  # type: ignore[attr-defined]

    assert without.values.tolist() == [7, 14]
    assert given.values.tolist() == [8, 14]


@SIMULATORS
def test_no_lanes_give_no_values(simulator: object) -> None:
    result = simulator.run(ADDER, {"a": [], "b": []})  # type: ignore[attr-defined]

    assert result.values.tolist() == []
    assert result.events == {}


@SIMULATORS
def test_a_program_without_operands_needs_a_machine(simulator: object) -> None:
    with pytest.raises(OperandError, match="move_weights takes no operands"):
        simulator.run(move_weights(NumberFormat(4, True), 1), {})  # type: ignore[attr-defined]
