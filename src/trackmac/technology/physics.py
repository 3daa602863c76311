"""Shift and write from first principles: pure formulas over numbers or NumPy arrays, nothing looked up.

Units are in the names: lengths in nm, current densities in A/cm2 (1 A/cm2 = 1e4 A/m2), currents in uA, resistances in
ohm, times in ns, energies in pJ. `docs/model.md`, section "Shift and write from physics", has an example with numbers.
"""

import math

from trackmac.units import FloatArray, Quantity

A_PER_CM2_TO_UA_PER_NM2 = 1e-8  # 1 A/cm2 = 1e6 uA / 1e14 nm2
UA_V_NS_TO_PJ = 1e-3  # 1 uA x 1 V x 1 ns = 1e-15 J


def cross_section_nm2(width_nm: float, thickness_nm: float) -> float:
    """Return the cross-section of a strip: width x thickness."""
    return width_nm * thickness_nm


def disc_nm2(diameter_nm: float) -> float:
    """Return the area of a round junction: pi d^2 / 4."""
    return math.pi * diameter_nm**2 / 4


def current_ua(density_a_per_cm2: float, area_nm2: float) -> float:
    """Return the current through an area, I = J A."""
    return density_a_per_cm2 * area_nm2 * A_PER_CM2_TO_UA_PER_NM2


def wire_resistance_ohm(resistivity_ohm_m: float, length_nm: Quantity, area_nm2: float) -> Quantity:
    """Return the resistance of a wire, R = rho L / A: 1 nm / nm2 = 1e9 / m."""
    return resistivity_ohm_m * 1e9 * length_nm / area_nm2


def drive_voltage_v(driven_ua: float, wire_ohm: Quantity, drop_v: float) -> Quantity:
    """Return the voltage that drives a wire through its switches and contacts: I R_wire + their drop."""
    return driven_ua * 1e-6 * wire_ohm + drop_v


def wall_velocity_m_per_s(density_a_per_cm2: float, mobility_m_per_s: float, threshold_a_per_cm2: float) -> float:
    """Return the velocity of a domain wall: u J above the depinning threshold, 0 below it.

    `mobility_m_per_s` is u, for each A/cm2. Source: v = u J, the linear regime of current-driven walls (Thiaville et
    al. 2005 for spin transfer, u = g mu_B P / (2 e M_s); recalled); pinning holds a wall below the threshold.
    """
    return mobility_m_per_s * density_a_per_cm2 if density_a_per_cm2 > threshold_a_per_cm2 else 0.0


def pulse_ns(domain_length_nm: float, velocity_m_per_s: float) -> float:
    """Return the time in which a wall moves by one domain, t = l / v (1 nm at 1 m/s takes 1 ns); infinite at rest."""
    return domain_length_nm / velocity_m_per_s if velocity_m_per_s > 0 else math.inf


def joule_heat_pj(driven_ua: float, wire_ohm: Quantity, time_ns: float) -> Quantity:
    """Return the heat of a pulse in a resistance, I^2 R t."""
    return driven_ua**2 * 1e-6 * wire_ohm * time_ns * UA_V_NS_TO_PJ


def pulse_energy_pj(driven_ua: float, supply_v: float, time_ns: float) -> float:
    """Return the energy that a pulse takes from its supply, I V t, wherever it becomes heat."""
    return driven_ua * supply_v * time_ns * UA_V_NS_TO_PJ


def switch_width_um(
    driven_ua: float, *, drop_v: float, switches: float, on_current_ua_per_um: float, overdrive_v: float
) -> float:
    """Return the width of each of `switches` transistors in series that together drop `drop_v` at a current.

    In its linear region a transistor of 1 um has about half the resistance that it has in saturation at full gate
    voltage, r = V_ov / (2 I_on) (square law: I_on = k V_ov^2 / 2, 1 / r = k V_ov). W = n r I / V_drop, at least
    I / I_on.
    """
    linear = switches * overdrive_v / (2 * on_current_ua_per_um) * driven_ua / drop_v
    return max(linear, driven_ua / on_current_ua_per_um)


def gate_energy_pj(width_um: float, capacitance_ff_per_um: float, gate_v: float) -> float:
    """Return the energy of switching a gate on and off once, C V^2."""
    return width_um * capacitance_ff_per_um * gate_v**2 * 1e-3


def junction_resistance_ohm(resistance_area_ohm_um2: float, diameter_nm: float, tmr_fraction: float) -> float:
    """Return the resistance of a tunnel junction, RA / A (1 + TMR); a TMR of 0 is the parallel state."""
    return resistance_area_ohm_um2 / (disc_nm2(diameter_nm) * 1e-6) * (1 + tmr_fraction)


def stt_current_ua(switching_a_per_cm2: float, diameter_nm: float, overdrive_ratio: float) -> float:
    """Return the current that switches a junction by spin transfer: overdrive x J_c x area."""
    return overdrive_ratio * current_ua(switching_a_per_cm2, disc_nm2(diameter_nm))


def sot_current_ua(switching_a_per_cm2: float, line_width_nm: float, line_thickness_nm: float) -> float:
    """Return the current that switches by spin-orbit torque: J_c x the cross-section of the heavy-metal line."""
    return current_ua(switching_a_per_cm2, cross_section_nm2(line_width_nm, line_thickness_nm))


def widening(track_v: FloatArray | float, *, supply_v: float, drop_v: float, least_drop_v: float) -> FloatArray:
    """Return how many times wider than usual the switches of a track are that takes `track_v`; 1 or more.

    The rail of a chip is set to what its tracks need, I R + `drop_v`, but at most to what the transistors stand,
    `supply_v`. Beyond, only wider switches help, which drop less: at least `least_drop_v`.
    """
    import numpy as np

    left_v = np.clip(supply_v - np.asarray(track_v, dtype=np.float64), least_drop_v, drop_v)
    return np.asarray(drop_v / left_v)
