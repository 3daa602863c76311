"""What follows from the constants of shift and write: figures of physics-45nm that no netlist gives, with ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import get_args

from trackmac.technology import physics
from trackmac.technology.catalog import shipped_record
from trackmac.technology.constants import PhysicsConstants
from trackmac.technology.ranges import propagated
from trackmac.technology.schema import Evidence, Figure
from trackmac.technology.shift_driver import SWITCHES_IN_SERIES

STATED_DOMAINS = 64
TRANSVERSE_DOMAINS = 7
COMPANION = "companion-45nm"
DRIVER_NAMES = ("drive_current_ua", "drive_supply_v", "driver_energy_pj", "control_energy_pj", "control_delay_ns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A track, its driver and a junction: the constants, and what follows from them.

    The rail of the shift drivers is set, once for a chip, to what its tracks need, since all have the same physical
    length: the energy of a step grows with the length. From a fixed supply it would not; the driver would turn the rest
    of the supply into heat.
    """

    domain_length_nm: float
    track_width_nm: float
    track_thickness_nm: float
    current_density_a_per_cm2: float
    threshold_a_per_cm2: float
    mobility_m_per_s_per_a_per_cm2: float
    resistivity_ohm_m: float
    driver_supply_v: float
    driver_drop_v: float
    rail_efficiency_fraction: float
    switch_on_current_ua_per_um: float
    switch_overdrive_v: float
    switch_gate_ff_per_um: float
    diameter_nm: float
    switching_density_a_per_cm2: float
    overdrive_ratio: float
    pulse_ns: float
    drive_current_ua: float
    drive_supply_v: float
    driver_energy_pj: float
    control_energy_pj: float
    control_delay_ns: float

    @property
    def shift_current_ua(self) -> float:
        """Current of a shift pulse, I = J x width x thickness."""
        return physics.current_ua(self.current_density_a_per_cm2, self._track_nm2)

    @property
    def shift_latency_ns(self) -> float:
        """Pulse that moves a wall by one domain, l / (u J), and the delay of the shift driver, control_delay_ns."""
        return self._shift_pulse_ns + self.control_delay_ns

    @property
    def shift_energy_pj(self) -> float:
        """Heat of a step in a track of 64 domains, its driver's not counted, I^2 R t / efficiency."""
        wire_ohm = physics.wire_resistance_ohm(
            self.resistivity_ohm_m, STATED_DOMAINS * self.domain_length_nm, self._track_nm2
        )
        heat_pj = physics.joule_heat_pj(self.shift_current_ua, wire_ohm, self._shift_pulse_ns)
        return heat_pj / self.rail_efficiency_fraction

    @property
    def driver_drop_energy_pj(self) -> float:
        """Heat of a step in the driver's switches, I V_drop t / efficiency."""
        heat_pj = physics.pulse_energy_pj(self.shift_current_ua, self.driver_drop_v, self._shift_pulse_ns)
        return heat_pj / self.rail_efficiency_fraction

    @property
    def driver_width_um(self) -> float:
        """Width of each of n = 4 switches in series, n V_ov / (2 I_on) x I / V_drop, at least I / I_on."""
        return physics.switch_width_um(
            self.shift_current_ua,
            drop_v=self.driver_drop_v,
            switches=SWITCHES_IN_SERIES,
            on_current_ua_per_um=self.switch_on_current_ua_per_um,
            overdrive_v=self.switch_overdrive_v,
        )

    @property
    def driver_gate_energy_pj(self) -> float:
        """Energy of the gates of n = 4 switches in series, on and off once, n C W V^2."""
        gate_pj = physics.gate_energy_pj(self.driver_width_um, self.switch_gate_ff_per_um, self.driver_supply_v)
        return SWITCHES_IN_SERIES * gate_pj

    @property
    def write_current_ua(self) -> float:
        """Current that a write by spin transfer needs, I = overdrive x J_c x area of the junction."""
        return physics.stt_current_ua(self.switching_density_a_per_cm2, self.diameter_nm, self.overdrive_ratio)

    @property
    def write_energy_pj(self) -> float:
        """Write by spin transfer, I V t of the mean current that the write driver gives, and the driver's own."""
        pulse_pj = physics.pulse_energy_pj(self.drive_current_ua, self.drive_supply_v, self.pulse_ns)
        return pulse_pj + self.driver_energy_pj

    @property
    def transverse_write_energy_pj(self) -> float:
        """Write, and a step of the 7 domains between two ports, E_write + E_shift x 7 / 64 + its driver's."""
        wire_pj = self.shift_energy_pj * TRANSVERSE_DOMAINS / STATED_DOMAINS
        return self.write_energy_pj + wire_pj + self.driver_drop_energy_pj + self.control_energy_pj

    @property
    def transverse_write_latency_ns(self) -> float:
        """Write, and a step of the domains between two ports, t_write + t_shift."""
        return self.pulse_ns + self.shift_latency_ns

    @property
    def _shift_pulse_ns(self) -> float:
        velocity = physics.wall_velocity_m_per_s(
            self.current_density_a_per_cm2, self.mobility_m_per_s_per_a_per_cm2, self.threshold_a_per_cm2
        )
        return physics.pulse_ns(self.domain_length_nm, velocity)

    @property
    def _track_nm2(self) -> float:
        return physics.cross_section_nm2(self.track_width_nm, self.track_thickness_nm)


KEYS: Mapping[str, str] = {
    "shift.energy_pj": "shift_energy_pj",
    "shift.latency_ns": "shift_latency_ns",
    "shift.driver_drop_energy_pj": "driver_drop_energy_pj",
    "shift.driver_gate_energy_pj": "driver_gate_energy_pj",
    "shift.driver_width_um": "driver_width_um",
    "write.energy_pj": "write_energy_pj",
    "write.needed_current_ua": "write_current_ua",
    "transverse_write.energy_pj": "transverse_write_energy_pj",
    "transverse_write.latency_ns": "transverse_write_latency_ns",
}


def device_figures(constants: PhysicsConstants, driver: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return every constant of a `Device`: its file's, the companion's geometry and junction, the write driver's."""
    companion = shipped_record(COMPANION)
    sections = (companion.geometry, companion.mtj, constants.shift, constants.write)
    known = {name: getattr(section, name) for section in sections for name in type(section).model_fields}
    known |= driver
    return {field.name: known[field.name] for field in fields(Device)}


def derived_figures(constants: PhysicsConstants, driver: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return each derived figure by its key in a technology file; its source is its formula with the constants' values.

    `driver` has `DRIVER_NAMES`. A figure is as sure as the least sure constant that it follows from.
    """
    known = device_figures(constants, driver)
    return {key: _derived(name, known) for key, name in KEYS.items()}


def _derived(name: str, known: Mapping[str, Figure]) -> Figure:
    def formula(values: Mapping[str, float]) -> float:
        result: float = getattr(Device(**values), name)
        return result

    found = propagated(formula, known)
    values = ", ".join(f"{item} {known[item].value:g}" for item in found.inputs)
    meaning = getattr(Device, name).__doc__.rstrip(".")
    return Figure(
        value=rounded(found.value),
        low=rounded(found.low),
        high=rounded(found.high),
        evidence=max((known[item].evidence for item in found.inputs), key=get_args(Evidence).index),
        source=f"{meaning} ({values}; range from all of theirs)",
    )


def rounded(number: float) -> float:
    """Return a figure to five digits: more would not be true, and floating-point noise must not change a file."""
    return float(f"{number:.5g}")
