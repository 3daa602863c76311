"""Gates before inputs, counted by hand."""

import pytest

from trackmac.circuits import circuit
from trackmac.circuits.input_gates import input_gates


@pytest.mark.parametrize(
    ("name", "layout", "gates"),
    [
        ("ripple_adder", "along", 1),  # the adder's carry: 0, then the latch
        ("latched_full_adder", "along", 1),  # the operand's amplifier, then the latch
        ("magnetic_full_adder", "along", 0),  # one amplifier; a driver each for sum and carry
        ("relu", "along", 0),
        ("parallel_adder", "across", 0),  # every adder has its two amplifiers and the adder before it
        ("max_pool", "along", 3),  # the comparing subtractor: words change places at the sign, borrow 0 or latched
        ("transverse_read_adder", "across", 3),  # three drivers clear with 0 first, then write the count
    ],
)
def test_an_input_with_several_sources_takes_a_gate_for_each_but_the_first(name: str, layout: str, gates: int) -> None:
    assert input_gates(circuit(name, 8, layout=layout)) == gates
