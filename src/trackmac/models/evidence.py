"""How much of a result rests on measured, simulated, published and assumed device figures.

Each part of a result is laid to the figure that priced it: an event's energy, a phase's duration, a cell's area. The
energy of a shift is laid to the figures of track and driver together, which one source gives.
"""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np

from trackmac.cost import PHASES, Event, Phase
from trackmac.models.grid_costs import DRAM_REFRESH, ENERGY_PARTS, LEAKAGE, GridCosts
from trackmac.technology import Technology
from trackmac.technology.schema import Evidence
from trackmac.technology.unit_costs import FIGURE_OF_EVENT, FIGURE_OF_PHASE
from trackmac.units import FloatArray

FIGURE_OF_ENERGY: Mapping[str, str] = {
    **{event.value: key for event, key in FIGURE_OF_EVENT.items()},
    Event.TRACK_SHIFTS.value: "shift.energy_pj",
    Event.BUS_BITS.value: "bus.energy_pj_per_mm",
    DRAM_REFRESH: "dram.refresh_nw",
}
FIGURE_OF_LATENCY: Mapping[str, str] = {phase.value: FIGURE_OF_PHASE[phase] for phase in Phase}


PRICED = [row for row, name in enumerate(ENERGY_PARTS) if name in FIGURE_OF_ENERGY and name != DRAM_REFRESH]
"""The parts that are energies of events; a lockstep step is only time."""


def evidence_of(costs: GridCosts, technology: Technology) -> dict[str, dict[str, float]]:
    """Return energy, latency and area of the first point, each by the evidence behind it; each sums to its total."""
    areas = costs.chip.area_by_figure_um2
    return {
        "energy_pj": _energy(costs, technology),
        "latency_ns": _by_evidence(
            costs.parts_by_entry_ns[..., 0], [FIGURE_OF_LATENCY[phase] for phase in PHASES], technology
        ),
        "area_um2": _by_evidence(np.array([[area[0] for area in areas.values()]]), list(areas), technology),
    }


def _energy(costs: GridCosts, technology: Technology) -> dict[str, float]:
    """Lay the energy of each entry to what priced it, that of leakage to the figures behind the chip's leakage."""
    parts, leakage = costs.parts_by_entry_pj[..., 0], costs.chip.leakage_by_figure_nw
    shares_nw = np.array([part[0] for part in leakage.values()])
    leaked, refresh = parts[:, [ENERGY_PARTS.index(LEAKAGE)]], parts[:, [ENERGY_PARTS.index(DRAM_REFRESH)]]
    whole_nw = sum(shares_nw.tolist()) or 1.0  # where nothing leaks there is nothing to share
    amounts = np.concatenate([parts[:, PRICED], leaked * shares_nw / whole_nw, refresh], axis=1)
    keys = [*(FIGURE_OF_ENERGY[ENERGY_PARTS[row]] for row in PRICED), *leakage, FIGURE_OF_ENERGY[DRAM_REFRESH]]
    return _by_evidence(amounts, keys, technology)


def _by_evidence(amounts: FloatArray, keys: Sequence[str], technology: Technology) -> dict[str, float]:
    """Return the sums of amounts [entries, figures], one after another, by the evidence of the figures `keys`."""
    kinds = get_args(Evidence)
    kind = [kinds.index(technology.figure(key).evidence) for key in keys]
    totals = np.bincount(np.tile(kind, len(amounts)), weights=amounts.ravel(), minlength=len(kinds))
    return dict(zip(kinds, totals.tolist(), strict=True))
