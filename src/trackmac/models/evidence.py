"""How much of a result rests on measured, simulated, published and assumed device figures.

Each part of a result is laid to the figure that priced it: an event's energy, a phase's duration, a cell's area. The
energy of a shift is laid to the figures of track and driver together, which one source gives.
"""

from collections.abc import Iterable, Mapping
from typing import get_args

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


def evidence_of(costs: GridCosts, technology: Technology) -> dict[str, dict[str, float]]:
    """Return energy, latency and area of the first point, each by the evidence behind it; each sums to its total."""
    return {
        "energy_pj": _by_evidence(_energy(costs), technology),
        "latency_ns": _by_evidence(_latency(costs), technology),
        "area_um2": _by_evidence(_first(costs.chip.area_by_figure_um2), technology),
    }


def _energy(costs: GridCosts) -> Iterable[tuple[str, float]]:
    """Yield what each figure priced, layer by layer."""
    leakage = dict(_first(costs.chip.leakage_by_figure_nw))
    whole_nw = sum(leakage.values())
    for parts in costs.parts_by_entry_pj[..., 0].tolist():
        for name, part in zip(ENERGY_PARTS, parts, strict=True):
            if name == LEAKAGE:
                yield from ((key, part * nw / whole_nw) for key, nw in leakage.items() if nw)
            elif part:
                yield FIGURE_OF_ENERGY[name], part


def _latency(costs: GridCosts) -> Iterable[tuple[str, float]]:
    for parts in costs.parts_by_entry_ns[..., 0].tolist():
        yield from ((FIGURE_OF_LATENCY[name], part) for name, part in zip(PHASES, parts, strict=True) if part)


def _first(parts: Mapping[str, FloatArray]) -> list[tuple[str, float]]:
    return [(key, float(part[0])) for key, part in parts.items()]


def _by_evidence(parts: Iterable[tuple[str, float]], technology: Technology) -> dict[str, float]:
    total: dict[str, float] = dict.fromkeys(get_args(Evidence), 0.0)
    evidence = {figure.key: figure.evidence for figure in technology.figures}
    for key, amount in parts:
        total[evidence[key]] += amount
    return total
