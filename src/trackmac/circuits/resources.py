"""What a circuit needs of its unit: tracks, drivers, amplifiers, latches, cells; read off its declared program."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trackmac.cells.library import (
    CELLS,
    LATCH,
    PERIPHERAL_CELLS,
    SENSE_AMPLIFIER,
    SHIFT_DRIVER,
    TRANSVERSE_SENSE_AMPLIFIERS,
    WRITE_DRIVER,
)
from trackmac.circuits.circuit import Circuit
from trackmac.circuits.input_gates import input_gates
from trackmac.circuits.microops import Evaluate, Latch, Sense, TransverseRead, Write
from trackmac.circuits.occupancy import lockstep_groups
from trackmac.technology import Technology
from trackmac.technology.unit_costs import unit_costs

SELECT_TRANSISTORS = 2
PER_TRANSISTOR = "cmos.transistor_area_f2"
LIBRARY = CELLS | PERIPHERAL_CELLS


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """The parts of one unit.

    `cells[name]` counts the copies that work at once, and the amplifiers of transverse reads. A `connection` joins an
    amplifier or a driver to a port; each beyond the first takes a transmission gate. So does each source beyond the
    first of what a cell, a latch or a driver takes in: `input_gates`. Tracks that never move by
    themselves share a shift driver; `driven_tracks` is how many tracks all drivers move at once.
    """

    sense_amplifiers: int = 0
    write_drivers: int = 0
    shift_drivers: int = 0
    driven_tracks: int = 0
    latches: int = 0
    connections: int = 0
    input_gates: int = 0
    cells: Mapping[str, int] = field(default_factory=dict)

    @property
    def transistors(self) -> int:
        """The transistors of all parts, those of the ports excepted."""
        copies = sum(LIBRARY[name].transistors * count for name, count in self._copies())
        return copies + self._gates * SELECT_TRANSISTORS

    @property
    def _gates(self) -> int:
        return self.connections + self.input_gates

    def area_parts_um2(self, technology: Technology) -> dict[str, float]:
        """Return the area by the figure of `technology` that gave it: a cell's own, or that of a transistor of logic.

        Switches that carry a track's current are not in it: their size depends on the track.
        """
        per_transistor_um2 = unit_costs(technology).transistor_um2
        parts = {PER_TRANSISTOR: self._gates * SELECT_TRANSISTORS * per_transistor_um2}
        for name, count in self._copies():
            own = f"cell_area.{name}_um2"
            if technology.has(own):
                parts[own] = count * technology.value(own)
            else:
                parts[PER_TRANSISTOR] += count * LIBRARY[name].transistors * per_transistor_um2
        return parts

    def _copies(self) -> tuple[tuple[str, int], ...]:
        """Return how many of each cell there are."""
        parts = (
            (SENSE_AMPLIFIER.name, self.sense_amplifiers),
            (WRITE_DRIVER.name, self.write_drivers),
            (SHIFT_DRIVER.name, self.shift_drivers),
            (LATCH.name, self.latches),
        )
        return (*parts, *self.cells.items())


def resources_of(circuit: Circuit) -> Resources:
    """Return what `circuit` needs when it has a unit of its own."""
    amplifiers: dict[str, set[tuple[str, int]]] = {}
    transverse: dict[tuple[str, ...], set[str]] = {}
    drivers: dict[int, set[tuple[str, int]]] = {}
    latches: set[str] = set()
    cells: dict[str, int] = {}
    for step in circuit.program:
        in_step: dict[str, int] = {}
        for op in step.ops:
            if isinstance(op, Sense):
                amplifiers.setdefault(op.into, set()).add((op.track, op.port))
            elif isinstance(op, TransverseRead):
                transverse.setdefault(op.into, set()).add(op.track)
            elif isinstance(op, Latch):
                latches.add(op.into)
            elif isinstance(op, Evaluate):
                in_step[op.cell.name] = in_step.get(op.cell.name, 0) + 1
        for slot, write in enumerate(step.of(Write)):
            assert isinstance(write, Write)
            drivers.setdefault(slot, set()).add((write.track, write.port))
        cells = {name: max(cells.get(name, 0), in_step.get(name, 0)) for name in cells | in_step}
    if circuit.trd is not None:
        cells[TRANSVERSE_SENSE_AMPLIFIERS[circuit.trd].name] = len(transverse)
    users = [*map(len, amplifiers.values()), *map(len, transverse.values()), *map(len, drivers.values())]
    groups = lockstep_groups(circuit)
    return Resources(
        sense_amplifiers=len(amplifiers),
        write_drivers=len(drivers),
        shift_drivers=len(groups),
        driven_tracks=sum(map(len, groups)),
        latches=len(latches),
        connections=sum(count - 1 for count in users),
        input_gates=input_gates(circuit),
        cells=cells,
    )


def shared(needs: Iterable[Resources]) -> Resources:
    """Return the parts of a unit that runs several circuits, one at a time: of each part the most that any needs."""
    all_needs = tuple(needs)
    names = sorted({name for need in all_needs for name in need.cells})
    return Resources(
        sense_amplifiers=max(need.sense_amplifiers for need in all_needs),
        write_drivers=max(need.write_drivers for need in all_needs),
        shift_drivers=max(need.shift_drivers for need in all_needs),
        driven_tracks=max(need.driven_tracks for need in all_needs),
        latches=max(need.latches for need in all_needs),
        connections=max(need.connections for need in all_needs),
        input_gates=max(need.input_gates for need in all_needs),
        cells={name: max(need.cells.get(name, 0) for need in all_needs) for name in names},
    )
