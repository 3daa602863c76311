"""The classic magnetic full adder: sum and carry sensed by PCSA, both written back to MTJs (Trinh 2013 lineage)."""

from trackmac.bits import NumberFormat
from trackmac.circuits.carry import CarryChain
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.circuits.latched_full_adder import adder_with_carry_in

SUMMARY = "adds two words and a carry bit by bit, sum and carry both written back to MTJs (the classic baseline)"


def magnetic_full_adder(a_format: NumberFormat, b_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the classic adder for words of these formats; `carry_in` is 0 unless given."""
    return adder_with_carry_in("magnetic_full_adder", SUMMARY, (a_format, b_format), layout, CarryChain)
