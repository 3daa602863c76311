"""What a circuit costs when it has a unit of its own: closed-form counts x unit costs, and its footprint."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackmac.arrays.macro_unit import READ_WRITE_PORT_DOMAINS, cell_parts_um2
from trackmac.circuits import Circuit, resources_of
from trackmac.cost import Activity, Event, Phase
from trackmac.models.circuit_counts import circuit_activity
from trackmac.models.interval_counts import circuit_interval_ns
from trackmac.technology import Technology, unit_costs
from trackmac.units import added, square_nm_to_um2


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitCost:
    """One execution of a circuit alone: no bus, no leakage. The footprint is the larger of tracks and CMOS.

    `interval_ns` is the shortest time between the starts of two executions in one unit. `sequencer_energy_pj` is part
    of `energy_pj`, as if the unit had a sequencer to itself; `sequencer_area_um2` is not part of the footprint: in a
    chip the units of a mat share one.
    """

    activity: Activity
    energy_pj: float
    sequencer_energy_pj: float
    latency_ns: float
    interval_ns: float
    steps: int
    tracks_um2: float
    cmos_um2: float
    sequencer_area_um2: float

    @property
    def datapath_energy_pj(self) -> float:
        """The energy without the sequencer's: what is published of circuits is without one."""
        return self.energy_pj - self.sequencer_energy_pj

    @property
    def area_um2(self) -> float:
        """The unit's footprint."""
        return max(self.tracks_um2, self.cmos_um2)

    @property
    def energy_delay_product_pj_ns(self) -> float:
        """Energy times latency."""
        return self.energy_pj * self.latency_ns


def circuit_cost(circuit: Circuit, technology: Technology) -> CircuitCost:
    """Price one execution of a registered circuit from its closed form."""
    between_starts = circuit_interval_ns(circuit, unit_costs(technology).phase_ns)
    return price(circuit, circuit_activity(circuit), between_starts, technology)


def price(circuit: Circuit, activity: Activity, interval_ns: float, technology: Technology) -> CircuitCost:
    """Price what one execution of `circuit` did, `activity`, on tracks just long enough for its longest word.

    Executions start `interval_ns` after one another. All tracks are of one length, spare domains included: as many as
    let every domain reach a port, n - 1 for n domains and one port.
    """
    costs = unit_costs(technology)
    value = technology.value
    physical = max(track.domains + track.overhead_domains for track in circuit.tracks)
    strip_um2 = square_nm_to_um2(value("geometry.track_pitch_nm") * value("geometry.domain_length_nm"))
    ports_um2 = sum(len(track.ports) for track in circuit.tracks) * READ_WRITE_PORT_DOMAINS * strip_um2
    cell_parts = cell_parts_um2(resources_of(circuit), technology, np.array([float(physical)]), 0)
    steps = activity.events.get(Event.SEQUENCER_STEPS, 0)
    return CircuitCost(
        activity=activity,
        energy_pj=events_energy_pj(activity.events, physical, technology),
        sequencer_energy_pj=steps * value("sequencer.energy_pj"),
        latency_ns=sum(activity.phases[phase] * costs.phase_ns(phase) for phase in Phase if phase in activity.phases),
        interval_ns=interval_ns,
        steps=steps,
        tracks_um2=len(circuit.tracks) * physical * strip_um2,
        cmos_um2=ports_um2 + float(added(cell_parts.values())[0]),
        sequencer_area_um2=value("sequencer.transistors") * costs.transistor_um2,
    )


def events_energy_pj(events: Mapping[Event, int], physical_domains: float, technology: Technology) -> float:
    """Return the energy of events on tracks of so many domains, with no bus between."""
    costs = unit_costs(technology)
    return sum(
        count * costs.energy_pj(event, physical_domains=physical_domains, bus_length_mm=0.0)
        for event, count in events.items()
    )
