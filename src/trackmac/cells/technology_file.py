"""Makes the technology file `physics-45nm`: characterised cells and the physics of shift and write, joined.

The same cells and constants give the same text, byte for byte; a test holds the shipped file against it. What neither
gives (geometry, junction, wires, buffer, off-chip memory) comes from the companion record.
"""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from trackmac.cells.bench import Conditions
from trackmac.cells.catalog import CellCatalog
from trackmac.cells.corners import SETTLING_RATIOS, spread
from trackmac.cells.declared import DECLARED
from trackmac.cells.layout import RULES, area_um2
from trackmac.cells.library import (
    CELLS,
    LATCH,
    SENSE_AMPLIFIER,
    SHIFT_DRIVER,
    TRANSVERSE_SENSE_AMPLIFIERS,
    WRITE_DRIVER,
)
from trackmac.cells.sense_netlists import SETTLING_RATIO
from trackmac.cells.write_catalog import refuse_package
from trackmac.errors import InputError
from trackmac.technology.constants import PhysicsConstants, physics_constants
from trackmac.technology.derived import COMPANION, STATED_DOMAINS, derived_figures, rounded
from trackmac.technology.ranges import propagated
from trackmac.technology.schema import CellAreas, Figure

NAME = "physics-45nm"
TECHNOLOGY_FILE = f"{NAME}.yaml"
CHANGES_PER_CYCLE = 2
"""Of the 12 changes of a driver's walk, 4 switch it on, 4 off, and 2 turn it over, which is a cycle too: 6 cycles."""

WRITES_WITH = "write_driver_stt"
SLOWEST_TRANSVERSE = TRANSVERSE_SENSE_AMPLIFIERS[7].name
HEAD = f"""\
# Made by `trackmac characterize --out DIR` of the cells' figures and technology/constants.yaml; a figure that follows
# from others does not follow an edit here.
name: {NAME}
summary: Our own cells simulated in SPICE, shift and write from first principles, at 45 nm; the default
companion: {COMPANION}
notes:
  - Cells were simulated on our own 45 nm-like transistor cards, not a foundry's, without the wires between them; their
    ranges are those over FF and SS at -40 and 125 C; a port's sensing, the write current and a transverse read's also
    over RA 5 to 10 ohm um2, TMR 100 to 150 % and, of a port, diameters of 40 to 65 nm, at TT and 25 C.
  - Ranges of shift and write are those of their formulas over all ranges of their constants, most of which are assumed;
    they are bounds, and wide.
  - An evaluation is priced as one of a full adder, whichever cell it is, and a transverse read as one of 7 domains; the
    ranges of an evaluation are those of all logic cells.
  - A chip's shift rail is set to what its tracks' length needs; at a density of 2e7 A/cm2, as here, 277 physical
    domains can be driven, at the 6.2e7 A/cm2 recalled for single-layer tracks 89 (companion-45nm, without a driver's
    drop, says 96).
  - A shift driver is switched on and off at every step; in shifts of several steps it could stay on, so its control is
    priced high there.
  - Between a port and its write and sense circuits nothing is simulated, no access transistor either; with an n-channel
    core transistor of 120 to 240 nm at each end and 0.9 V at its gate a write would get 18 to 36 uA, so its current
    needs a boosted word line. The driver gives more through a parallel than through an antiparallel junction; energy is
    of the mean, what is given of the least. At the upper ends of J_c, overdrive and diameter, or through a more
    resistive junction, a write needs more than is given.
  - A transverse read's current, at most 8.1 uA, leaves walls pinned at a threshold of 3e6 A/cm2; the threshold is
    assumed, 1e6 to 6e6, and at its low end a read could have a third of the current. Its steps are so small, 11 to
    14 mV, that about half of all one-shot reads of varied cells misread; it prices a circuit that is calibrated.
  - How long a transverse read settles is chosen, twice the least that decides every count right at TT and 25 C; its
    energy and latency follow from it.
"""


def technology_text(
    cells: CellCatalog, corners: Sequence[CellCatalog], constants: PhysicsConstants | None = None
) -> str:
    """Return the technology file of characterised cells, their `corners`, and `constants` (the shipped ones if None).

    Raises:
        UnknownNameError: one of the catalogs lacks a cell.
    """
    simulated = {
        (name, figure): _simulated(cells, corners, name, figure)
        for name in (
            *CELLS,
            SENSE_AMPLIFIER.name,
            LATCH.name,
            WRITES_WITH,
            SHIFT_DRIVER.name,
            SLOWEST_TRANSVERSE,
        )
        for figure in ("delay_ps", "energy_fj", "leakage_nw", "drive_current_ua", "mean_drive_current_ua")
        if getattr(cells[name], figure) is not None
    }
    figures = _shift_and_write(simulated, cells, constants or physics_constants()) | _cells(simulated, cells)
    sections = dict.fromkeys(key.split(".")[0] for key in figures)
    return HEAD + "".join(f"\n{section}:\n{_section(section, figures)}" for section in sections)


def write_technology(cells: CellCatalog, corners: Sequence[CellCatalog], folder: Path) -> Path:
    """Write the technology file into `folder`; return its path.

    Raises:
        InputError: the folder is that of an installed trackmac, or cannot be written.
    """
    refuse_package(folder)
    file = folder / TECHNOLOGY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(technology_text(cells, corners), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror}); choose another folder") from None
    return file


Simulated = Mapping[tuple[str, str], Figure]


def _simulated(cells: CellCatalog, corners: Sequence[CellCatalog], name: str, figure: str) -> Figure:
    low, high = spread((cells, *corners), name, figure)
    return Figure(
        value=float(getattr(cells[name], figure)), low=low, high=high, evidence="simulated",
        source=f"{figure} of cell {name}, netlist {cells[name].netlist_sha256[:12]}; {cells.conditions()}",
    )  # fmt: skip


def _shift_and_write(simulated: Simulated, cells: CellCatalog, constants: PhysicsConstants) -> dict[str, Figure]:
    kept = (
        "current_density_a_per_cm2", "resistivity_ohm_m", "driver_supply_v", "driver_drop_v", "driver_least_drop_v",
        "driver_pitch_um",
    )  # fmt: skip
    driver = {
        "drive_current_ua": simulated[WRITES_WITH, "mean_drive_current_ua"],
        "drive_supply_v": _chosen(cells.supply_v, f"Supply of cell {WRITES_WITH}", "simulated"),
        "driver_energy_pj": _scaled(simulated[WRITES_WITH, "energy_fj"], 1e-3),
        "control_energy_pj": _control(simulated[SHIFT_DRIVER.name, "energy_fj"]),
        "control_delay_ns": _scaled(simulated[SHIFT_DRIVER.name, "delay_ps"], 1e-3),
    }
    derived = derived_figures(constants, driver)
    written, given = derived["write.energy_pj"], simulated[WRITES_WITH, "drive_current_ua"]
    _refuse_weak_driver(given, derived["write.needed_current_ua"])
    netlist = f"; drive_current_ua: {driver['drive_current_ua'].source}"
    return {
        "shift.stated_domains": _chosen(
            STATED_DOMAINS, "A choice: what shift.energy_pj is given for; its formula holds for every length", "assumed"
        ),
        **{f"shift.{name}": getattr(constants.shift, name) for name in kept},
        **derived,
        "shift.driver_control_energy_pj": driver["control_energy_pj"],
        "write.given_current_ua": given,
        "write.energy_pj": written.model_copy(update={"source": written.source + netlist}),
        "write.latency_ns": constants.write.pulse_ns,
    }


def _control(energy_fj: Figure) -> Figure:
    """Return the energy of an enable cycle: one of the drives of the walk, which are half of its changes."""
    source = f"An enable cycle, two of the walk's changes, 2 x {energy_fj.source}"
    return _scaled(energy_fj, CHANGES_PER_CYCLE * 1e-3).model_copy(update={"source": source})


def _refuse_weak_driver(given: Figure, needed: Figure) -> None:
    if given.value < needed.value:
        raise InputError(
            f"a write driver must give at least the {needed.value:g} uA that a write needs, but {WRITES_WITH} gives "
            f"{given.value:g} uA; widen it, or lower switching_density_a_per_cm2"
        )


def _cells(simulated: Simulated, cells: CellCatalog) -> dict[str, Figure]:
    places = {
        "sense": SENSE_AMPLIFIER.name,
        "transverse_read": SLOWEST_TRANSVERSE,
        "evaluation": "full_adder",
        "latch": LATCH.name,
    }
    figures = {f"{place}.energy_pj": _scaled(simulated[name, "energy_fj"], 1e-3) for place, name in places.items()}
    timed = {place: name for place, name in places.items() if place != "latch"}
    figures |= {f"{place}.latency_ns": _scaled(simulated[name, "delay_ps"], 1e-3) for place, name in timed.items()}
    for key, figure in (("energy_pj", "energy_fj"), ("latency_ns", "delay_ps")):
        of_all = [_scaled(simulated[name, figure], 1e-3) for name in CELLS]
        ends = {"low": min(item.low for item in of_all), "high": max(item.high for item in of_all)}
        figures[f"evaluation.{key}"] = figures[f"evaluation.{key}"].model_copy(update=ends)
    for key in ("transverse_read.energy_pj", "transverse_read.latency_ns"):
        figures[key] = figures[key].model_copy(update={"source": figures[key].source + _settling()})
    figures["cmos.transistor_leakage_nw"] = _per_transistor(simulated, cells)
    return figures | {f"cell_area.{key}": _area(key.removesuffix("_um2")) for key in CellAreas.model_fields}


def _settling() -> str:
    low, high = (f"{ratio:g}" for ratio in SETTLING_RATIOS)
    return (
        f"; of it {DECLARED[SLOWEST_TRANSVERSE].settling_ps:g} ps of settling are chosen, {SETTLING_RATIO:g} times the "
        f"least that decides all counts right, {low} to {high} times in its range"
    )


def _per_transistor(simulated: Simulated, cells: CellCatalog) -> Figure:
    """Return the leakage of a transistor, the mean over the logic cells."""
    transistors = sum(cells[name].transistors for name in CELLS)
    figures = [simulated[name, "leakage_nw"] for name in CELLS]
    value, low, high = (sum(getattr(figure, end) for figure in figures) for end in ("value", "low", "high"))
    whole = Figure(
        value=value, low=low, high=high, evidence="simulated",
        source=f"Leakage of the {len(CELLS)} logic cells over their {transistors} transistors; {cells.conditions()}",
    )  # fmt: skip
    return _scaled(whole, 1 / transistors)


def _area(name: str) -> Figure:
    """Return the area of a cell of the library by the layout rules and their ranges: no layout was drawn."""
    cell = DECLARED[WRITES_WITH if name == WRITE_DRIVER.name else name]
    is_shift_driver = (
        name == SHIFT_DRIVER.name
    )  # whose switches are as wide as the track's current needs, and count apart
    counted = [item for item in cell.transistors if not (is_shift_driver and item.drain in cell.outputs)]
    found = propagated(lambda rules: area_um2(counted, Conditions().cards, rules), RULES)
    return Figure(
        value=rounded(found.value), low=rounded(found.low), high=rounded(found.high), evidence="assumed",
        source=f"Widths of {len(counted)} transistors of cell {cell.name} by the layout rules of "
        "cells/layout.py; range from all of theirs",
    )  # fmt: skip


def _scaled(figure: Figure, factor: float) -> Figure:
    ends = {end: rounded(getattr(figure, end) * factor) for end in ("value", "low", "high")}
    return figure.model_copy(update=ends)


def _chosen(value: float, source: str, evidence: str) -> Figure:
    return Figure.model_validate({"value": value, "low": value, "high": value, "evidence": evidence, "source": source})


def _section(section: str, figures: Mapping[str, Figure]) -> str:
    own = {key.split(".")[1]: figure for key, figure in figures.items() if key.startswith(f"{section}.")}
    return "".join(_figure(name, figure) for name, figure in own.items())


def _figure(name: str, figure: Figure) -> str:
    numbers = "".join(f"    {end}: {_number(getattr(figure, end))}\n" for end in ("value", "low", "high"))
    source = textwrap.fill(
        figure.source, 112, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False
    )
    return f"  {name}:\n{numbers}    evidence: {figure.evidence}\n    source: >-\n{source}\n"


def _number(number: float) -> str:
    """Write a number as YAML reads it back, short where it is whole."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e6 else repr(rounded(number))
