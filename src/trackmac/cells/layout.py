"""How large a cell is: stated layout rules on the widths of its transistors.

    area = routing x sum over fingers of (width of the finger + row spacing) x contacted gate pitch

A transistor wider than the longest finger is folded. Junctions lie above the transistors and take none of their area.
As a check of the rules, a NAND of 415 nm and 630 nm widths comes to 0.79 um2; the 0.80 um2 that NanGate's open 45 nm
library is remembered to give it is not re-read.
"""

import math
from collections.abc import Iterable, Mapping

from trackmac.cells.cards import Cards, TransistorCard
from trackmac.cells.netlist import Transistor
from trackmac.technology.schema import Figure
from trackmac.units import square_nm_to_um2

FEATURE_NM = 45.0


def _rule(value: float, low: float, high: float, source: str) -> Figure:
    return Figure(value=value, low=low, high=high, evidence="assumed", source=source)


RULES = {
    "row_spacing_nm": _rule(
        160.0, 120.0, 220.0, "A transistor's share of the distance to the next row and to the well's edge; estimated"
    ),
    "contact_space_nm": _rule(
        135.0, 115.0, 145.0, "Contacted gate pitch of 160 to 190 nm at 45 nm, recalled, less the gate's 45 nm"
    ),
    "longest_finger_nm": _rule(1000.0, 500.0, 2000.0, "A choice, about the height of a standard cell"),
    "routing_ratio": _rule(1.5, 1.3, 2.0, "Wiring and well contacts over the bare transistors; estimated"),
}


def area_um2(transistors: Iterable[Transistor], cards: Cards, rules: Mapping[str, float] | None = None) -> float:
    """Return the area of a cell of these transistors, by the values of `RULES` or by other ones."""
    chosen = rules or {name: rule.value for name, rule in RULES.items()}
    bare = sum(_area_nm2(transistor, cards.transistors[transistor.kind], chosen) for transistor in transistors)
    return square_nm_to_um2(chosen["routing_ratio"] * bare)


def area_f2(area: float) -> float:
    """Convert an area in um^2 to F^2 of the node."""
    return area / square_nm_to_um2(FEATURE_NM**2)


def _area_nm2(transistor: Transistor, card: TransistorCard, rules: Mapping[str, float]) -> float:
    fingers = math.ceil(transistor.width_nm / rules["longest_finger_nm"])
    height = transistor.width_nm + fingers * rules["row_spacing_nm"]
    return height * (card.gate_length_nm + rules["contact_space_nm"])
