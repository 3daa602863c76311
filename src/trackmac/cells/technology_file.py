"""Makes the technology file `physics-45nm`: characterised cells and the physics of shift and write, joined.

The same cells and constants give the same text, byte for byte; a test holds the shipped file against it. What neither
gives (geometry, junction, wires, buffer, off-chip memory) comes from the companion record.
"""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from trackmac.cells.bench import Conditions
from trackmac.cells.catalog import CellCatalog
from trackmac.cells.corners import spread
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
from trackmac.cells.write_catalog import refuse_package
from trackmac.errors import InputError
from trackmac.technology.constants import PhysicsConstants, physics_constants
from trackmac.technology.derived import COMPANION, STATED_DOMAINS, derived_figures, rounded
from trackmac.technology.ranges import propagated
from trackmac.technology.schema import CellAreas, Figure

NAME = "physics-45nm"
TECHNOLOGY_FILE = f"{NAME}.yaml"
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
    ranges are those over FF and SS at -40 and 125 C.
  - Ranges of shift and write are those of their formulas over all ranges of their constants, most of which are assumed;
    they are bounds, and wide.
  - An evaluation is priced as one of a full adder, whichever cell it is, and a transverse read as one of 7 domains; the
    ranges of an evaluation are those of all logic cells.
  - A chip's shift rail is set to what its tracks' length needs; physics-45nm drives up to 277 physical domains.
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
        for name in (*CELLS, SENSE_AMPLIFIER.name, LATCH.name, WRITES_WITH, SLOWEST_TRANSVERSE)
        for figure in ("delay_ps", "energy_fj", "leakage_nw", "drive_current_ua")
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
        "drive_current_ua": simulated[WRITES_WITH, "drive_current_ua"],
        "drive_supply_v": _chosen(cells.supply_v, f"Supply of cell {WRITES_WITH}", "simulated"),
        "driver_energy_pj": _scaled(simulated[WRITES_WITH, "energy_fj"], 1e-3),
    }
    derived = derived_figures(constants, driver)
    written = derived["write.energy_pj"]
    netlist = f"; drive_current_ua: {driver['drive_current_ua'].source}"
    return {
        "shift.stated_domains": _chosen(
            STATED_DOMAINS, "A choice: what shift.energy_pj is given for; its formula holds for every length", "assumed"
        ),
        **{f"shift.{name}": getattr(constants.shift, name) for name in kept},
        **derived,
        "write.energy_pj": written.model_copy(update={"source": written.source + netlist}),
        "write.latency_ns": constants.write.pulse_ns,
    }


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
    figures["cmos.transistor_leakage_nw"] = _per_transistor(simulated, cells)
    return figures | {f"cell_area.{key}": _area(key.removesuffix("_um2")) for key in CellAreas.model_fields}


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
