"""The constants of shift and write from first principles: a shipped YAML file, each figure with range and source."""

from functools import cache
from importlib.resources import files

from trackmac.files import FileModel, parse_yaml
from trackmac.technology.schema import Name, Positive

_FILE = files("trackmac.technology") / "constants.yaml"


class ShiftConstants(FileModel):
    """Of a track and its driver."""

    current_density_a_per_cm2: Positive
    threshold_a_per_cm2: Positive
    mobility_m_per_s_per_a_per_cm2: Positive
    resistivity_ohm_m: Positive
    driver_supply_v: Positive
    driver_drop_v: Positive
    driver_least_drop_v: Positive
    rail_efficiency_fraction: Positive
    switch_on_current_ua_per_um: Positive
    switch_overdrive_v: Positive
    switch_gate_ff_per_um: Positive
    driver_pitch_um: Positive


class WriteConstants(FileModel):
    """Of writing a junction by spin transfer."""

    switching_density_a_per_cm2: Positive
    overdrive_ratio: Positive
    pulse_ns: Positive


class PhysicsConstants(FileModel):
    """What the constants' file holds."""

    name: Name
    shift: ShiftConstants
    write: WriteConstants


@cache
def physics_constants() -> PhysicsConstants:
    """Return the shipped constants of `physics-45nm`."""
    return parse_yaml(_FILE.read_text(encoding="utf-8"), PhysicsConstants, where=_FILE.name)
