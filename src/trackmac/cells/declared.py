"""All declared cells by name."""

from collections.abc import Mapping

from trackmac.cells.cards import Cards
from trackmac.cells.driver_netlists import DRIVER_NETLISTS
from trackmac.cells.logic_netlists import LOGIC_NETLISTS
from trackmac.cells.netlist import Cell
from trackmac.cells.sense_netlists import (
    DIVIDER_WIDTHS_NM,
    MAGNETIC_CARRY,
    MAGNETIC_SUM,
    SENSE_AMPLIFIER,
    TRANSVERSE_SENSE_AMPLIFIERS,
    transverse_sense_amplifier,
)

DECLARED: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        SENSE_AMPLIFIER,
        MAGNETIC_SUM,
        MAGNETIC_CARRY,
        *TRANSVERSE_SENSE_AMPLIFIERS,
        *DRIVER_NETLISTS,
        *LOGIC_NETLISTS.values(),
    )
}


def cells_for(cards: Cards) -> Mapping[str, Cell]:
    """Return all declared cells as they are made of `cards`: only what divides the supply is sized anew."""
    sized = (transverse_sense_amplifier(distance, cards.divider_ratio) for distance in DIVIDER_WIDTHS_NM)
    return DECLARED | {cell.name: cell for cell in sized}
