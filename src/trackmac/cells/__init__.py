"""Computing cells: the transistor-level parts that arithmetic circuits are made of."""

from trackmac.cells.library import CELLS, LogicCell, PeripheralCell

__all__ = ["CELLS", "LogicCell", "PeripheralCell"]
