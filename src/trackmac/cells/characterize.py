"""Characterises cells: runs their decks, checks every row, and makes the records of a catalog."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
from pydantic import ValidationError

from trackmac.cells.bench import INSTANCE, Conditions, driving_states, netlist, rest_deck, transient_deck, walk_of
from trackmac.cells.catalog import CellCatalog, CellRecord, text_sha256
from trackmac.cells.declared import cells_for
from trackmac.cells.layout import area_f2, area_um2
from trackmac.cells.measure import Behaviour, behaviour, rest_power_nw
from trackmac.cells.mtj import Mtj
from trackmac.cells.netlist import Cell, Junction, Strip
from trackmac.cells.spice import SpiceError, Waveform, ngspice_version, run_deck
from trackmac.errors import CheckFailedError, unknown_name
from trackmac.files import first_problem

Progress = Callable[[str, float, float], None]
DIGITS = 4
RACE_NODES = ("left", "right")


def characterize(
    names: Sequence[str] = (),
    conditions: Conditions | None = None,
    progress: Progress = lambda label, done, total: None,
) -> CellCatalog:
    """Characterise cells, all by default, under `conditions`.

    Raises:
        UnknownNameError: no cell of that name is declared.
        SpiceError: ngspice is missing, too old, or did not finish.
        CheckFailedError: a cell answers a row otherwise than its table.
    """
    conditions = conditions or Conditions()
    return characterize_cells(
        [_declared(name, conditions) for name in names or cells_for(conditions.cards)], conditions, progress
    )


def characterize_cells(cells: Sequence[Cell], conditions: Conditions, progress: Progress) -> CellCatalog:
    """Characterise cells that need not be the declared ones.

    Raises:
        SpiceError: ngspice is missing, too old, or did not finish.
        CheckFailedError: a cell answers a row otherwise than its table.
    """
    version = ngspice_version()
    records = _records(cells, conditions, progress)
    return CellCatalog(
        name=f"cells-{conditions.cards.name}",
        summary=f"Computing cells of trackmac on {conditions.cards.summary}",
        ngspice_version=version,
        corner=conditions.corner,
        temperature_c=conditions.temperature_c,
        supply_v=conditions.supply_v,
        io_supply_v=conditions.io_supply_v,
        load_ff=conditions.load_ff,
        ra_ohm_um2=conditions.port.ra_ohm_um2,
        tmr_fraction=conditions.port.tmr_fraction,
        diameter_nm=conditions.port.diameter_nm,
        cells={cell.name: records[cell.name] for cell in cells},
    )


def behaviour_of(cell: Cell, conditions: Conditions) -> Behaviour:
    """Simulate a cell's transient and return what it did, right or wrong."""
    return behaviour(cell, conditions, run_deck(transient_deck(cell, conditions), cell.name))


def waveforms(name: str, conditions: Conditions) -> dict[str, Waveform]:
    """Simulate a cell's transient and return its voltages in V by node, and "time" in s.

    Those of a sense amplifier's racing sides are among them.

    Raises:
        UnknownNameError: no cell of that name is declared.
        SpiceError: ngspice is missing, too old, or did not finish.
    """
    cell = _declared(name, conditions)
    inner = [node for node in RACE_NODES if any(part.drain == node for part in cell.transistors)]
    waves = run_deck(transient_deck(cell, conditions, inner), name)
    volts = {key[2:-1]: wave for key, wave in waves.signals.items() if key.startswith("v(")}
    return {"time": waves.scale} | {key.removeprefix(f"{INSTANCE.lower()}."): wave for key, wave in volts.items()}


def leakage_nw(cell: Cell, conditions: Conditions) -> float:
    """Simulate a cell at rest and return its mean power over the idle rows."""
    waves = run_deck(rest_deck(cell, conditions, is_driving=False), cell.name)
    power = rest_power_nw(waves, conditions)
    return float(np.mean(power if cell.idle_rows is None else power[list(cell.idle_rows)]))


def drive_currents_ua(cell: Cell, conditions: Conditions) -> tuple[float, ...]:
    """Simulate a driver at rest with its path; return the current of each driving row and state of the path, in uA."""
    return tuple(
        1e6 * bias_v / _path_ohm(driver.path, bias_v, conditions.port)
        for driver in driving_states(cell)
        for bias_v in _driving_biases_v(driver, conditions)
    )


def _driving_biases_v(cell: Cell, conditions: Conditions) -> tuple[float, ...]:
    assert cell.path is not None, f"{cell.name} drives nothing"
    waves = run_deck(rest_deck(cell, conditions, is_driving=True), cell.name)
    voltage = np.abs(waves.signals[f"v({cell.path.top})"] - waves.signals[f"v({cell.path.bottom})"])
    return tuple(float(voltage[row]) for row in range(len(cell.rows)) if row not in (cell.idle_rows or ()))


def _path_ohm(path: Junction | Strip | None, bias_v: float, port: Mtj) -> float:
    assert path is not None, "a driver has a path"
    return port.resistance_ohm(float(path.state), bias_v) if isinstance(path, Junction) else path.resistance_ohm


def _declared(name: str, conditions: Conditions) -> Cell:
    cells = cells_for(conditions.cards)
    if name not in cells:
        raise unknown_name("cell", name, cells)
    return cells[name]


def _records(cells: Sequence[Cell], conditions: Conditions, progress: Progress) -> dict[str, CellRecord]:
    """Characterise side by side, the longest first; ngspice runs in processes of its own."""
    longest_first = sorted(cells, key=lambda cell: -len(cell.transistors) * len(walk_of(cell)))
    records: dict[str, CellRecord] = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = {pool.submit(_record, cell, conditions): cell.name for cell in longest_first}
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                records[futures[future]] = future.result()
                progress("cells", done, len(futures))
        finally:
            pool.shutdown(cancel_futures=True)
    return records


def _record(cell: Cell, conditions: Conditions) -> CellRecord:
    did = behaviour_of(cell, conditions)
    if did.wrong_rows:
        inputs, outputs = cell.rows[did.wrong_rows[0]]
        raise CheckFailedError(
            f"{cell.name}: every row must give its outputs, but {len(did.wrong_rows)} of {len(cell.rows)} do not, the "
            f"first {dict(zip(cell.inputs, inputs, strict=True))}, which needs {outputs}; "
            "correct the cell or conditions"
        )
    area = area_um2(cell.transistors, conditions.cards)
    currents = drive_currents_ua(cell, conditions)
    try:
        return CellRecord(
            summary=cell.summary,
            delay_ps=_rounded(did.delay_ps),
            energy_fj=_rounded(did.energy_fj),
            leakage_nw=_rounded(leakage_nw(cell, conditions)),
            area_um2=_rounded(area),
            area_f2=_rounded(area_f2(area, conditions.cards)),
            transistors=len(cell.transistors),
            rows=len(cell.rows),
            drive_current_ua=_rounded(min(currents)) if currents else None,
            mean_drive_current_ua=_rounded(float(np.mean(currents))) if currents else None,
            netlist_sha256=text_sha256(netlist(cell, conditions)),
        )
    except ValidationError as error:
        raise SpiceError(f"{cell.name}: {first_problem(error)}, or install ngspice anew") from None


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
