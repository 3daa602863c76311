"""The driver of a track: its energy, and the width of the switches that carry the track's current."""

from dataclasses import dataclass
from typing import Any

from trackmac.technology.physics import widening
from trackmac.technology.technology import Technology

# In the way of the current: a bridge reverses it (two of its four switches conduct), two more choose the track.
BRIDGE_SWITCHES = 4
SWITCHES_IN_SERIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDriver:
    """What drives one track, as functions of the voltage that the track itself takes (a number or an array).

    Figures are for switches of the usual width, which drop `drop_v`. See `physics.widening` for longer tracks.
    """

    supply_v: float
    drop_v: float
    least_drop_v: float
    drop_energy_pj: float
    gate_energy_pj: float
    control_energy_pj: float
    switch_width_um: float
    switch_pitch_um: float

    def energy_pj(self, track_v: Any) -> Any:
        """Return the driver's share of a step: the heat of its drop, smaller in wider switches, and its control's.

        The control has the gates of the usual width; those of what is wider come on top.
        """
        wider = self._widening(track_v)
        return self.drop_energy_pj / wider + self.control_energy_pj + self.gate_energy_pj * (wider - 1)

    def width_um(self, track_v: Any) -> Any:
        """Return the width of each switch."""
        return self.switch_width_um * self._widening(track_v)

    def switch_um2(self, track_v: Any) -> Any:
        """Return the area of one switch: width x pitch."""
        return self.width_um(track_v) * self.switch_pitch_um

    def _widening(self, track_v: Any) -> Any:
        return widening(track_v, supply_v=self.supply_v, drop_v=self.drop_v, least_drop_v=self.least_drop_v)


def shift_driver(technology: Technology) -> ShiftDriver | None:
    """Return the driver of `technology`; None where its flat shift energy includes one as large as logic."""
    if not technology.has("shift.driver_drop_v"):
        return None
    value = technology.value
    control = "shift.driver_control_energy_pj"
    return ShiftDriver(
        supply_v=value("shift.driver_supply_v"),
        drop_v=value("shift.driver_drop_v"),
        least_drop_v=value("shift.driver_least_drop_v"),
        drop_energy_pj=value("shift.driver_drop_energy_pj"),
        gate_energy_pj=value("shift.driver_gate_energy_pj"),
        control_energy_pj=value(control if technology.has(control) else "shift.driver_gate_energy_pj"),
        switch_width_um=value("shift.driver_width_um"),
        switch_pitch_um=value("shift.driver_pitch_um"),
    )
