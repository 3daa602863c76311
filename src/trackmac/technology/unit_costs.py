"""What each event costs and how long each phase takes, in one technology."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, assert_never, overload

import numpy as np
from numpy.typing import NDArray

from trackmac.cost import Event, Phase
from trackmac.technology.technology import Technology
from trackmac.units import ohmic_voltage_v

Number = TypeVar("Number", float, NDArray[Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCosts:
    """The energy of one event and the time of one phase step; a track's shift and the bus depend on a length.

    Methods that take a length accept a float or a NumPy array of any shape and return the same.
    """

    shift_energy_pj: float
    stated_domains: float
    sense_energy_pj: float
    evaluation_energy_pj: float
    write_energy_pj: float
    transverse_read_energy_pj: float
    transverse_write_energy_pj: float
    latch_energy_pj: float
    bus_energy_pj_per_mm: float
    buffer_bit_energy_pj: float
    sequencer_step_energy_pj: float
    cmos_operation_energy_pj: float
    dram_bit_energy_pj: float
    wake_up_energy_pj: float
    shift_step_ns: float
    sense_ns: float
    evaluation_ns: float
    write_ns: float
    bus_cycle_ns: float
    domain_voltage_v: float
    driver_supply_v: float

    def energy_pj(self, event: Event, *, physical_domains: float, bus_length_mm: float) -> float:
        """Return the energy of one `event` on tracks of `physical_domains` and a bus of `bus_length_mm`."""
        match event:
            case Event.SHIFT_STEPS:
                return 0.0  # a lockstep step is only time; its energy is that of the track shifts that it causes
            case Event.TRACK_SHIFTS:
                return self.track_shift_energy_pj(physical_domains)
            case Event.SENSES:
                return self.sense_energy_pj
            case Event.EVALUATIONS:
                return self.evaluation_energy_pj
            case Event.WRITES:
                return self.write_energy_pj
            case Event.TRANSVERSE_READS:
                return self.transverse_read_energy_pj
            case Event.TRANSVERSE_WRITES:
                return self.transverse_write_energy_pj
            case Event.LATCH_UPDATES:
                return self.latch_energy_pj
            case Event.BUS_BITS:
                return self.bus_energy_pj(bus_length_mm)
            case Event.BUFFER_BITS:
                return self.buffer_bit_energy_pj
            case Event.SEQUENCER_STEPS:
                return self.sequencer_step_energy_pj
            case Event.CMOS_OPERATIONS:
                return self.cmos_operation_energy_pj
            case Event.DRAM_BITS:
                return self.dram_bit_energy_pj
            case Event.WAKE_UPS:
                return self.wake_up_energy_pj
            case _:
                assert_never(event)

    def phase_ns(self, phase: Phase) -> float:
        """Return the time of one step of `phase`."""
        match phase:
            case Phase.SHIFT:
                return self.shift_step_ns
            case Phase.SENSE:
                return self.sense_ns
            case Phase.EVALUATE:
                return self.evaluation_ns
            case Phase.WRITE:
                return self.write_ns
            case Phase.TRANSFER:
                return self.bus_cycle_ns
            case _:
                assert_never(phase)

    def track_shift_energy_pj(self, physical_domains: Number) -> Number:
        """Return the energy of moving one track by one domain.

        The pulse drives a fixed current through a wire, so its energy (I^2 R t) grows in step with the wire's
        length: the flat figure x physical_domains / stated_domains.
        """
        return self.shift_energy_pj / self.stated_domains * physical_domains

    def bus_energy_pj(self, length_mm: Number) -> Number:
        """Return the energy of moving one bit over `length_mm` of bus."""
        return self.bus_energy_pj_per_mm * length_mm

    def drive_voltage_v(self, physical_domains: Number) -> Number:
        """Return the voltage that shifts a track: current density x resistivity x physical length."""
        return self.domain_voltage_v * physical_domains

    @overload
    def is_drivable(self, physical_domains: float) -> bool: ...
    @overload
    def is_drivable(self, physical_domains: NDArray[Any]) -> NDArray[np.bool_]: ...
    def is_drivable(self, physical_domains: float | NDArray[Any]) -> bool | NDArray[np.bool_]:
        """Return whether the shift driver's supply suffices for tracks of `physical_domains`."""
        return self.domain_voltage_v * physical_domains <= self.driver_supply_v


def unit_costs(technology: Technology) -> UnitCosts:
    """Return the unit costs of `technology`; the figures' own values, nothing fitted."""
    value = technology.value
    return UnitCosts(
        shift_energy_pj=value("shift.energy_pj"),
        stated_domains=value("shift.stated_domains"),
        sense_energy_pj=value("sense.energy_pj"),
        evaluation_energy_pj=value("evaluation.energy_pj"),
        write_energy_pj=value("write.energy_pj"),
        transverse_read_energy_pj=value("transverse_read.energy_pj"),
        transverse_write_energy_pj=value("transverse_write.energy_pj"),
        latch_energy_pj=value("latch.energy_pj"),
        bus_energy_pj_per_mm=value("bus.energy_pj_per_mm"),
        buffer_bit_energy_pj=value("buffer.energy_pj"),
        sequencer_step_energy_pj=value("sequencer.energy_pj"),
        cmos_operation_energy_pj=value("cmos.operation_energy_pj"),
        dram_bit_energy_pj=value("dram.energy_pj"),
        wake_up_energy_pj=value("wake_up.energy_pj"),
        shift_step_ns=value("shift.latency_ns"),
        sense_ns=value("sense.latency_ns"),
        evaluation_ns=value("evaluation.latency_ns"),
        write_ns=value("write.latency_ns"),
        bus_cycle_ns=value("bus.cycle_ns"),
        domain_voltage_v=ohmic_voltage_v(
            value("shift.current_density_a_per_cm2"),
            value("shift.resistivity_ohm_m"),
            value("geometry.domain_length_nm"),
        ),
        driver_supply_v=value("shift.driver_supply_v"),
    )


def energy_breakdown_pj(
    events: Mapping[Event, int], costs: UnitCosts, physical_domains: float, bus_length_mm: float
) -> dict[str, float]:
    """Return the energy of each kind of event that happened, count x unit cost, by the event's name."""
    return {
        event.value: count * costs.energy_pj(event, physical_domains=physical_domains, bus_length_mm=bus_length_mm)
        for event, count in events.items()
    }


def latency_breakdown_ns(phases: Mapping[Phase, int], costs: UnitCosts) -> dict[str, float]:
    """Return the time of each phase, steps x duration, by the phase's name; the latency is their sum."""
    return {phase.value: steps * costs.phase_ns(phase) for phase, steps in phases.items()}
