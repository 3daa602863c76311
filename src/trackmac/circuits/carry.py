"""How an adder hands its carry from one bit to the next: in a CMOS latch, or in an MTJ."""

from collections.abc import Mapping
from dataclasses import dataclass

from trackmac.cells import LogicCell
from trackmac.circuits.builder import BitStep
from trackmac.circuits.circuit import Place
from trackmac.circuits.microops import Evaluate


@dataclass(frozen=True, slots=True)
class CarryChain:
    """A carry's way between bits: latched if `mtj` is None, else written to that MTJ and sensed again."""

    mtj: Place | None = None

    @property
    def sensed(self) -> str:
        """The signal of the amplifier that senses a carry: a latched one is held by the latch, another part."""
        return "carry_in" if self.mtj is None else "carry"

    def bit(
        self,
        cell: LogicCell,
        inputs: tuple[str, ...],
        target: Place,
        *,
        sense: Mapping[str, Place],
        first: str | None = None,
        is_last: bool = False,
        before: tuple[Evaluate, ...] = (),
        latch: Mapping[str, str] | None = None,
    ) -> BitStep:
        """Return the step that adds (or subtracts) one bit.

        Args:
            cell: the cell that adds; its pins are operand, operand, carry.
            inputs: the operand signals.
            target: where the result bit is written.
            sense: what is sensed at this bit.
            first: the carry into the first bit, a signal; None at every later bit.
            is_last: whether nobody needs the carry out.
            before: cells that make the operand signals.
            latch: what else is latched at this bit's end.
        """
        carry = "carry" if first is None else first
        senses = dict(sense)
        if self.mtj is not None and first is None:
            senses["carry"] = self.mtj
        writes = {target: "sum"}
        latches = dict(latch or {})
        if not is_last and self.mtj is not None:
            writes[self.mtj] = "carry_out"
        elif not is_last:
            latches["carry"] = "carry_out"
        add = Evaluate(cell, (*inputs, carry), ("sum", "carry_out"))
        return BitStep(sense=senses, evaluate=(*before, add), write=writes, latch=latches)

    def last_carry(self, target: Place) -> BitStep:
        """Return the step that writes the carry itself as the top bit."""
        sense = {} if self.mtj is None else {"carry": self.mtj}
        return BitStep(sense=sense, write={target: "carry"})


LATCHED = CarryChain()
