"""All declared cells by name."""

from trackmac.cells.driver_netlists import DRIVER_NETLISTS
from trackmac.cells.logic_netlists import LOGIC_NETLISTS
from trackmac.cells.netlist import Cell
from trackmac.cells.sense_netlists import MAGNETIC_CARRY, MAGNETIC_SUM, SENSE_AMPLIFIER, TRANSVERSE_SENSE_AMPLIFIERS

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
