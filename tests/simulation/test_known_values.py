"""Known operands that differ from lane to lane: each lane is run by the program that belongs to its values."""

import numpy as np
import pytest

from trackmac.circuits import FAMILIES, circuit
from trackmac.cost import Activity
from trackmac.errors import OperandError
from trackmac.models.circuit_counts import circuit_activity
from trackmac.simulation import known_values, naive, packed

SIMULATORS = pytest.mark.parametrize("simulator", [naive, packed], ids=["naive", "packed"])
KNOWN = [name for name in FAMILIES if circuit(name).known]


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("widths", [(2, 2), (7, 11), (16, 16)], ids=str)
@pytest.mark.parametrize("is_signed", [True, False])
def test_every_lane_has_the_result_of_its_own_values(name: str, widths: tuple[int, int], is_signed: bool) -> None:
    generator = np.random.default_rng(widths)
    for layout in FAMILIES[name].layouts:
        found = circuit(name, widths, is_signed, layout.value)
        ends = {word.name: (word.format.minimum, word.format.maximum) for word in found.operands}
        operands = {
            operand: np.array([0, low, high, 0, low, *generator.integers(low, high, 3, endpoint=True)])
            for operand, (low, high) in ends.items()
        }

        values, groups = known_values.run(found, operands)

        np.testing.assert_array_equal(values, found.reference(**operands))
        assert sorted(np.concatenate([group.lanes for group in groups]).tolist()) == list(range(8))
        assert len({tuple(group.circuit.known.values()) for group in groups}) == len(groups) < 8
        for group in groups:
            for operand, value in group.circuit.known.items():
                assert set(operands[operand][group.lanes].tolist()) == {value}
            assert group.result.activity == circuit_activity(group.circuit)


def test_a_known_operand_that_is_left_out_is_the_circuits() -> None:
    found = circuit("csd_dot_product", 4, known={"b0": 1, "b1": 2, "b2": 3, "b3": -8})
    words = {f"a{k}": np.array([1, 2]) for k in range(4)}

    alone, (group,) = known_values.run(found, words)
    partly, groups = known_values.run(found, words | {"b3": np.array([0, -8])})

    assert alone.tolist() == [-2, -4]
    assert group.circuit is found.at_known(found.known)  # type: ignore[misc]
    assert partly.tolist() == [6, -4]
    assert len(groups) == 2


def test_without_known_operands_or_lanes_there_is_one_group() -> None:
    values, (group,) = known_values.run(circuit("ripple_adder"), {"a": np.array([1, 2]), "b": np.array([3, 4])})
    nothing, (empty,) = known_values.run(circuit("csd_mac"), {name: np.array([], np.int64) for name in "abc"})

    assert values.tolist() == [4, 6]
    assert group.lanes.tolist() == [0, 1]
    assert nothing.tolist() == empty.lanes.tolist() == []


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(OperandError, match=r"operand b must be within -128\.\.127 \(int8\), but it is 128"):
        known_values.run(circuit("csd_multiplier"), {"a": np.array([1, 1]), "b": np.array([1, 128])})


@SIMULATORS
def test_a_simulator_takes_a_known_operand_only_as_it_is_built_in(simulator: object) -> None:
    found = circuit("csd_multiplier", known={"b": -7})

    without = simulator.run(found, {"a": np.array([3, -128])})  # type: ignore[attr-defined]
    given = simulator.run(found, {"a": np.array([3, -128]), "b": np.array([-7, -7])})  # type: ignore[attr-defined]

    assert without.values.tolist() == given.values.tolist() == [-21, 896]
    with pytest.raises(OperandError, match="operand b is built into this csd_multiplier as -7, but it is 5; leave it"):
        simulator.run(found, {"a": np.array([3, 3]), "b": np.array([-7, 5])})  # type: ignore[attr-defined]
    with pytest.raises(OperandError, match="csd_multiplier needs operand a, which is missing"):
        simulator.run(found, {"b": np.array([-7])})  # type: ignore[attr-defined]


@SIMULATORS
def test_weights_of_nothing_but_zeros_leave_the_accumulator_and_do_nothing(simulator: object) -> None:
    found = circuit("csd_dot_product", 4, known={f"b{k}": 0 for k in range(4)})
    words = {f"a{k}": np.array([1, -8]) for k in range(4)}

    result = simulator.run(found, words | {"c": np.array([-128, 127])})  # type: ignore[attr-defined]

    assert result.values.tolist() == [-128, 127]
    assert result.activity == Activity()
