"""Wires and the gates that drive them: delay by Elmore's formula, repeaters where a long wire needs them.

The delay, to half the swing, of a driver with resistance R_d into a wire of length L with taps C_T spread over it, that
ends in C_L:

    t = ln 2 x (R_d (c L + C_T + C_L) + r L ((c L + C_T) / 2 + C_L))

It is that of a ladder of resistors and capacitors with as many rungs as one likes.
"""

import math
from dataclasses import dataclass

import numpy as np

from trackmac.technology import Technology
from trackmac.units import FloatArray, ohm_ff_to_ns

# An inverter's gates: one n-channel transistor of its width and a p-channel one twice as wide.
GATE_WIDTHS = 3
LOGIC_WIDTH_UM = 0.1  # of a transistor of logic, which cmos.transistor_leakage_nw is given for


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A wire of any length."""

    resistance_ohm_per_um: float
    capacitance_ff_per_um: float

    def delay_ns(
        self,
        length_um: FloatArray,
        *,
        driver_ohm: FloatArray | float = 0.0,
        taps_ff: FloatArray | float = 0.0,
        load_ff: FloatArray | float = 0.0,
    ) -> FloatArray:
        """Return the Elmore delay; 0 where there is neither wire nor tap, for then nothing has to be driven."""
        wire_ohm, spread_ff = self.resistance_ohm_per_um * length_um, self.capacitance_ff(length_um) + taps_ff
        product_ohm_ff = driver_ohm * (spread_ff + load_ff) + wire_ohm * (spread_ff / 2 + load_ff)
        return np.where(spread_ff > 0, ohm_ff_to_ns(math.log(2) * product_ohm_ff), 0.0)

    def capacitance_ff(self, length_um: FloatArray) -> FloatArray:
        """Return the capacitance of so much wire."""
        return self.capacitance_ff_per_um * length_um


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """An inverter of 1 um; one of w um has 1 / w of its resistance and w times its capacitance."""

    resistance_ohm_um: float
    gate_ff_per_um: float

    @property
    def input_ff_per_um(self) -> float:
        """Capacitance that drives it; its output has as much of its own."""
        return GATE_WIDTHS * self.gate_ff_per_um

    @property
    def stage_ns(self) -> float:
        """Delay of an inverter that drives four as large as itself, the usual step of a chain: ln 2 R (C + 4 C)."""
        return ohm_ff_to_ns(math.log(2) * self.resistance_ohm_um * 5 * self.input_ff_per_um)

    def delay_ns(self, wire: Wire, length_um: FloatArray, *, width_um: float) -> FloatArray:
        """Return the delay of one of `width_um` into a wire that ends in another: its own output counts, too."""
        driver_ohm = self.resistance_ohm_um / width_um
        load_ff = self.input_ff_per_um * width_um
        own_ns = ohm_ff_to_ns(math.log(2) * driver_ohm * load_ff)
        line_ns = wire.delay_ns(length_um, driver_ohm=driver_ohm, load_ff=load_ff)
        return np.where(line_ns > 0, line_ns + own_ns, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeaters:
    """Inverters that cut a wire into pieces, so that its delay grows with its length and not with its square.

    The delay per length R (C + C_out) / l + R c / w + r c l / 2 + r C w is least at l^2 = 2 R (C + C_out) / (r c) and
    w^2 = R c / (r C), C_out being as large as C.
    """

    wire: Wire
    driver: Driver

    @property
    def spacing_um(self) -> float:
        """Length of a piece."""
        of_driver = 4 * self.driver.resistance_ohm_um * self.driver.input_ff_per_um
        return math.sqrt(of_driver / (self.wire.resistance_ohm_per_um * self.wire.capacitance_ff_per_um))

    @property
    def width_um(self) -> float:
        """Width of a repeater's n-channel transistor."""
        drive = self.driver.resistance_ohm_um * self.wire.capacitance_ff_per_um
        return math.sqrt(drive / (self.wire.resistance_ohm_per_um * self.driver.input_ff_per_um))

    def delay_ns(self, length_um: FloatArray) -> FloatArray:
        """Return the delay of a wire in the fewest equal pieces that are no longer than `spacing_um`."""
        pieces = np.maximum(np.ceil(length_um / self.spacing_um), 1)
        return np.asarray(pieces * self.driver.delay_ns(self.wire, length_um / pieces, width_um=self.width_um))


def bus_wire(technology: Technology) -> Wire:
    """Return a wire of the H-tree."""
    return _wire(technology, "bus")


def array_line(technology: Technology) -> Wire:
    """Return a word line or bit line of a mat, its cells not counted."""
    return _wire(technology, "array_line")


def logic_driver(technology: Technology) -> Driver:
    """Return the inverter of the node's logic."""
    return Driver(
        resistance_ohm_um=technology.value("cmos.drive_resistance_ohm_um"),
        gate_ff_per_um=technology.value("cmos.gate_capacitance_ff_per_um"),
    )


def _wire(technology: Technology, section: str) -> Wire:
    return Wire(
        resistance_ohm_per_um=technology.value(f"{section}.resistance_ohm_per_um"),
        capacitance_ff_per_um=technology.value(f"{section}.capacitance_ff_per_um"),
    )
