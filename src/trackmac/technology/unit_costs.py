"""What each event costs and how long each phase takes, in one technology."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from numpy.typing import NDArray

from trackmac.cost import Event, Phase
from trackmac.technology.shift_driver import ShiftDriver, shift_driver
from trackmac.technology.technology import Technology
from trackmac.units import ohmic_voltage_v, square_features_to_um2

Number = TypeVar("Number", float, NDArray[Any])

# Every event but those whose cost depends on a length (track shifts, bus bits) and the lockstep step.
FIGURE_OF_EVENT: Mapping[Event, str] = {
    Event.SENSES: "sense.energy_pj",
    Event.EVALUATIONS: "evaluation.energy_pj",
    Event.WRITES: "write.energy_pj",
    Event.TRANSVERSE_READS: "transverse_read.energy_pj",
    Event.TRANSVERSE_WRITES: "transverse_write.energy_pj",
    Event.LATCH_UPDATES: "latch.energy_pj",
    Event.BUFFER_BITS: "buffer.energy_pj",
    Event.SEQUENCER_STEPS: "sequencer.energy_pj",
    Event.CMOS_OPERATIONS: "cmos.operation_energy_pj",
    Event.DRAM_BITS: "dram.energy_pj",
    Event.WAKE_UPS: "wake_up.energy_pj",
}
FIGURE_OF_PHASE: Mapping[Phase, str] = {
    Phase.SHIFT: "shift.latency_ns",
    Phase.SENSE: "sense.latency_ns",
    Phase.EVALUATE: "evaluation.latency_ns",
    Phase.WRITE: "write.latency_ns",
    Phase.TRANSVERSE_READ: "transverse_read.latency_ns",
    Phase.TRANSFER: "bus.cycle_ns",
    Phase.FETCH: "dram.bit_ns",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCosts:
    """The energy of one event and the time of one phase step; a track's shift and the bus depend on a length.

    `buffer_leakage_nw` is that of a bit of SRAM: its leaking transistors, each like one of logic.

    Methods that take one length accept a float or a NumPy array of any shape and return the same.
    """

    event_energies_pj: Mapping[Event, float]
    phase_times_ns: Mapping[Phase, float]
    domain_shift_energy_pj: float
    bus_energy_pj_per_mm: float
    domain_voltage_v: float
    driver_supply_v: float
    driver: ShiftDriver | None
    transistor_um2: float
    buffer_leakage_nw: float

    def energy_pj(self, event: Event, *, physical_domains: float, bus_length_mm: float) -> float:
        """Return the energy of one `event` on tracks of `physical_domains` and a bus of `bus_length_mm`."""
        if event is Event.SHIFT_STEPS:
            return 0.0  # a lockstep step is only time; its energy is that of the track shifts that it causes
        if event is Event.TRACK_SHIFTS:
            return self.track_shift_energy_pj(physical_domains)
        if event is Event.BUS_BITS:
            return self.bus_energy_pj(bus_length_mm)
        return self.event_energies_pj[event]

    def phase_ns(self, phase: Phase) -> float:
        """Return the time of one step of `phase`."""
        return self.phase_times_ns[phase]

    def track_shift_energy_pj(self, physical_domains: Number) -> Number:
        """Return the energy of moving one track by one domain.

        The pulse drives a fixed current through a wire, so its energy (I^2 R t) grows in step with the wire's
        length: the flat figure x physical_domains / stated_domains. A driver with figures of its own adds its losses.
        """
        wire: Number = self.domain_shift_energy_pj * physical_domains
        return wire if self.driver is None else wire + self.driver.energy_pj(self.domain_voltage_v * physical_domains)

    def bus_energy_pj(self, length_mm: Number) -> Number:
        """Return the energy of moving one bit over `length_mm` of bus."""
        return self.bus_energy_pj_per_mm * length_mm

    def drive_voltage_v(self, physical_domains: Number) -> Number:
        """Return the least voltage that shifts a track: current density x resistivity x physical length.

        A driver with figures of its own adds its least drop.
        """
        track: Number = self.domain_voltage_v * physical_domains
        return track if self.driver is None else track + self.driver.least_drop_v

    def switch_um2(self, physical_domains: Number) -> Number:
        """Return the area of one transistor that carries a track's current; that of logic without a driver's figures.

        An array gives an array.
        """
        if self.driver is None:
            return physical_domains * 0 + self.transistor_um2
        area: Number = self.driver.switch_um2(self.domain_voltage_v * physical_domains)
        return area


@lru_cache(maxsize=256)
def unit_costs(technology: Technology) -> UnitCosts:
    """Return the unit costs of `technology`; the figures' own values, nothing fitted."""
    value = technology.value
    return UnitCosts(
        event_energies_pj={event: value(key) for event, key in FIGURE_OF_EVENT.items()},
        phase_times_ns={phase: value(key) for phase, key in FIGURE_OF_PHASE.items()},
        domain_shift_energy_pj=value("shift.energy_pj") / value("shift.stated_domains"),
        bus_energy_pj_per_mm=value("bus.energy_pj_per_mm"),
        domain_voltage_v=ohmic_voltage_v(
            value("shift.current_density_a_per_cm2"),
            value("shift.resistivity_ohm_m"),
            value("geometry.domain_length_nm"),
        ),
        driver_supply_v=value("shift.driver_supply_v"),
        driver=shift_driver(technology),
        transistor_um2=square_features_to_um2(value("cmos.transistor_area_f2"), value("geometry.feature_nm")),
        buffer_leakage_nw=value("buffer.leaking_transistors") * value("cmos.transistor_leakage_nw"),
    )
