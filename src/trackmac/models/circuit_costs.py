"""What a circuit costs when it has a unit of its own: closed-form counts x unit costs, and its footprint."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackmac.arrays.macro_unit import READ_WRITE_PORT_DOMAINS, cell_parts_um2
from trackmac.circuits import Circuit, resources_of
from trackmac.cost import Activity, Event
from trackmac.models.circuit_counts import circuit_activity
from trackmac.technology import Technology, unit_costs
from trackmac.units import added, square_nm_to_um2


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitCost:
    """One execution of a circuit alone: no bus, no leakage. The footprint is the larger of tracks and CMOS."""

    activity: Activity
    energy_pj: float
    latency_ns: float
    steps: int
    tracks_um2: float
    cmos_um2: float

    @property
    def area_um2(self) -> float:
        """The unit's footprint."""
        return max(self.tracks_um2, self.cmos_um2)


def circuit_cost(circuit: Circuit, technology: Technology) -> CircuitCost:
    """Price one execution of a registered circuit from its closed form."""
    return price(circuit, circuit_activity(circuit), technology)


def price(circuit: Circuit, activity: Activity, technology: Technology) -> CircuitCost:
    """Price what one execution of `circuit` did, `activity`, on tracks just long enough for its longest word.

    All tracks are of one length, spare domains included: as many as let every domain reach a port, n - 1 for n domains
    and one port.
    """
    costs = unit_costs(technology)
    value = technology.value
    physical = max(track.domains + track.overhead_domains for track in circuit.tracks)
    strip_um2 = square_nm_to_um2(value("geometry.track_pitch_nm") * value("geometry.domain_length_nm"))
    ports_um2 = sum(len(track.ports) for track in circuit.tracks) * READ_WRITE_PORT_DOMAINS * strip_um2
    cell_parts = cell_parts_um2(resources_of(circuit), technology, np.array([float(physical)]), 0)
    return CircuitCost(
        activity=activity,
        energy_pj=events_energy_pj(activity.events, physical, technology),
        latency_ns=sum(steps * costs.phase_ns(phase) for phase, steps in activity.phases.items()),
        steps=activity.events.get(Event.SEQUENCER_STEPS, 0),
        tracks_um2=len(circuit.tracks) * physical * strip_um2,
        cmos_um2=ports_um2 + float(added(cell_parts.values())[0]),
    )


def events_energy_pj(events: Mapping[Event, int], physical_domains: float, technology: Technology) -> float:
    """Return the energy of events on tracks of so many domains, with no bus between."""
    costs = unit_costs(technology)
    return sum(
        count * costs.energy_pj(event, physical_domains=physical_domains, bus_length_mm=0.0)
        for event, count in events.items()
    )
