"""How often each domain and each port of a machine's tracks was written, in one lane: what wears junctions out.

A program writes the same places whenever it runs, so its writes are found once, from its steps, and added up for each
displacement at which it ran. A domain is where a bit lies; a port is the junction that the current passes.
"""

from collections.abc import Iterator

import numpy as np

from trackmac.bits import IntArray
from trackmac.circuits import Circuit
from trackmac.circuits.microops import Shift, Write
from trackmac.simulation.machine import Machine


def domain_writes(machine: Machine) -> dict[str, IntArray]:
    """Return, for each track, how often each of its domains was written."""
    counts = {name: np.zeros(geometry.domains, np.int64) for name, geometry in machine.tracks.items()}
    for name, domain, _, times in _writes(machine):
        counts[name][domain] += times
    return counts


def port_writes(machine: Machine) -> dict[str, IntArray]:
    """Return, for each track, how often each of its ports wrote."""
    counts = {name: np.zeros(len(geometry.ports), np.int64) for name, geometry in machine.tracks.items()}
    for name, _, port, times in _writes(machine):
        counts[name][port] += times
    return counts


def _writes(machine: Machine) -> Iterator[tuple[str, int, int, int]]:
    """Yield track, domain, port and times of all writes."""
    for binding, first_domains, times in machine.executions:
        number = {track.name: index for index, track in enumerate(binding.circuit.tracks)}
        for track, domain, distance in _writes_of(binding.circuit):
            bound = binding.fit.bound[number[track]]
            ports = bound.geometry.ports
            port = ports.index(ports[bound.port] + distance)
            yield binding.names[number[track]], int(first_domains[number[track]]) + domain, port, times


def _writes_of(circuit: Circuit) -> tuple[tuple[str, int, int], ...]:
    """Return track, domain and the port's distance from the first port, for every write of one execution."""
    ports = {track.name: track.ports for track in circuit.tracks}
    heads = {track.name: circuit.start.get(track.name, 0) for track in circuit.tracks}
    found: list[tuple[str, int, int]] = []
    for step in circuit.program:
        for op in step.ops:
            if isinstance(op, Shift):
                for track in op.tracks:
                    heads[track] += op.steps
            elif isinstance(op, Write):
                distance = ports[op.track][op.port]
                found.append((op.track, heads[op.track] + distance, distance))
    return tuple(found)
