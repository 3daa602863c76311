"""How large a cell is: stated layout rules on the widths of its transistors.

    area = routing x sum over fingers of (width of the finger + row spacing) x contacted gate pitch

of the 45 nm-like node by default; an installed library's node has rules of its own.

A transistor wider than the longest finger is folded. Junctions lie above the transistors and take none of their area.
As a check of the rules, a NAND of 415 nm and 630 nm widths comes to 0.79 um2; the 0.80 um2 that NanGate's open 45 nm
library is remembered to give it is not re-read.
"""

import math
from collections.abc import Iterable, Mapping

from trackmac.cells.cards import OWN_CARDS, Cards, TransistorCard
from trackmac.cells.netlist import Transistor
from trackmac.technology.schema import Figure
from trackmac.units import square_nm_to_um2


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

RULES_OF: Mapping[str, Mapping[str, float]] = {
    OWN_CARDS: {name: rule.value for name, rule in RULES.items()},
    "sky130": {"row_spacing_nm": 535.0, "contact_space_nm": 310.0, "longest_finger_nm": 1000.0, "routing_ratio": 1.5},
}
"""The rules' values by the name of the cards.

sky130: gate pitch and height of the cells of sky130_fd_sc_hd (0.46 um by 2.72 um, its LEF), whose NAND2 has fingers of
650 nm and 1000 nm and takes 1.38 um by 2.72 um, 3.754 um2; the rules give 3.754 um2. Its full adder takes 20.02 um2.
"""


def area_um2(transistors: Iterable[Transistor], cards: Cards, rules: Mapping[str, float] | None = None) -> float:
    """Return the area of a cell of these transistors, by the values of the cards' `RULES_OF` or by other ones."""
    chosen = rules or RULES_OF[cards.name]
    bare = sum(_area_nm2(transistor, cards.transistors[transistor.kind], chosen) for transistor in transistors)
    return square_nm_to_um2(chosen["routing_ratio"] * bare)


def area_f2(area: float, cards: Cards) -> float:
    """Convert an area in um^2 to F^2 of the cards' node."""
    return area / square_nm_to_um2(cards.feature_nm**2)


def _area_nm2(transistor: Transistor, card: TransistorCard, rules: Mapping[str, float]) -> float:
    width = card.width_ratio * transistor.width_nm
    fingers = math.ceil(width / rules["longest_finger_nm"])
    height = width + fingers * rules["row_spacing_nm"]
    return height * (card.gate_length_nm + rules["contact_space_nm"])
