"""How many full adders a circuit's program goes through."""

from trackmac.circuits import Circuit
from trackmac.circuits.microops import Evaluate


def full_adders(circuit: Circuit) -> int:
    """Return the evaluations of full adders and full subtractors in one execution."""
    return sum(
        isinstance(op, Evaluate) and op.cell.name in {"full_adder", "full_subtractor"}
        for step in circuit.program
        for op in step.ops
    )
