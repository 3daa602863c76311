"""Device records: what one event of the hardware costs, with range, evidence and source for every figure."""

from trackmac.technology.catalog import record_names, record_text, technology_names
from trackmac.technology.technology import FigureRecord, Technology, load_technology
from trackmac.technology.unit_costs import UnitCosts, unit_costs

__all__ = [
    "FigureRecord",
    "Technology",
    "UnitCosts",
    "load_technology",
    "record_names",
    "record_text",
    "technology_names",
    "unit_costs",
]
