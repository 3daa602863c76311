"""How junctions and transistors vary: draws, and cells in which each part has its own.

Thresholds follow Pelgrom's law, sigma = A_VT / sqrt(W L). All draws are independent: no gradient over a die.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from trackmac.cells.bench import Conditions
from trackmac.cells.mtj import Mtj
from trackmac.cells.netlist import Cell, Junction, transistor_line
from trackmac.technology.schema import Figure


def _assumed(value: float, low: float, high: float, source: str) -> Figure:
    return Figure(value=value, low=low, high=high, evidence="assumed", source=source)


SPREADS = {
    "ra_sigma_fraction": _assumed(
        0.03, 0.02, 0.06, "Resistances of STT-MRAM arrays spread by about 5 %, recalled: RA's 3 % and the area's 4 %"
    ),
    "tmr_sigma_fraction": _assumed(0.05, 0.03, 0.08, "Spread of TMR over an array of STT-MRAM, about 5 %; recalled"),
    "diameter_sigma_fraction": _assumed(0.02, 0.01, 0.05, "About 1 nm of 45 nm; gives the area's 4 %"),
    "threshold_mismatch_v_nm": _assumed(
        2.0, 1.5, 3.5, "A_VT of 1.5 to 3.5 mV um at 45 nm, recalled; 1 mV um is 1 V nm"
    ),
}

Draws = np.random.Generator


def threshold_sigma_v(width_nm: float, length_nm: float) -> float:
    """Return the spread of a transistor's threshold: A_VT / sqrt(W L)."""
    return SPREADS["threshold_mismatch_v_nm"].value / math.sqrt(width_nm * length_nm)


def varied_mtj(mtj: Mtj, draws: Draws) -> Mtj:
    """Return a junction with its own RA, TMR and diameter."""
    ra, tmr, diameter = (
        1 + SPREADS[f"{name}_sigma_fraction"].value * draws.standard_normal() for name in ("ra", "tmr", "diameter")
    )
    return replace(
        mtj,
        ra_ohm_um2=mtj.ra_ohm_um2 * ra,
        tmr_fraction=mtj.tmr_fraction * tmr,
        diameter_nm=mtj.diameter_nm * diameter,
    )


def varied_elements(cell: Cell, conditions: Conditions, draws: Draws) -> Iterator[str]:
    """Yield the SPICE lines of a cell's parts, each varied by itself; junctions in series are drawn one by one."""
    for index, transistor in enumerate(cell.transistors, start=1):
        length_nm = conditions.cards.transistors[transistor.kind].gate_length_nm
        shift = threshold_sigma_v(transistor.width_nm, length_nm) * draws.standard_normal()
        yield transistor_line(str(index), transistor, conditions.cards, shift)
    for index, junction in enumerate(cell.junctions, start=1):
        yield from _varied_junction(f"j{index}", junction, cell, conditions, draws)


def _varied_junction(name: str, junction: Junction, cell: Cell, conditions: Conditions, draws: Draws) -> Iterator[str]:
    mtj = conditions.port if junction.place == "port" else conditions.domain
    nodes = [junction.top, *(f"{name}_{index}" for index in range(1, junction.segments)), junction.bottom]
    for index, (top, bottom) in enumerate(pairwise(nodes)):
        state = _segment_state(junction, cell, index)
        yield varied_mtj(mtj, draws).element(f"{name}_{index}", top, bottom, state)


def _segment_state(junction: Junction, cell: Cell, index: int) -> str:
    """Return the state of one of a chain's junctions: the first ones are antiparallel, as many as the chain's state."""
    count = f"v({junction.state})" if junction.state in cell.inputs else junction.state
    if junction.is_inverted:
        count = f"({junction.segments}-{count})"
    return f"min(1,max(0,{count}-{index}))"
