"""Macro unit, mat, bank and chip: what can be built, how large it is and what it leaks."""

from trackmac.arrays.capacity import weight_capacity_bits
from trackmac.arrays.chip import Chip, chip
from trackmac.arrays.dataflow import Dataflow
from trackmac.arrays.grid import HardwareGrid, PortChoices, evenly_spaced_choices, grid_of
from trackmac.arrays.hardware import Hardware, HardwareFile, hardware_names, hardware_text, load_hardware
from trackmac.arrays.unit_design import (
    Clipping,
    DotProductWords,
    Rescaling,
    Start,
    Sum,
    UnitDesign,
    Workload,
    unit_design,
)

__all__ = [
    "Chip",
    "Clipping",
    "Dataflow",
    "DotProductWords",
    "Hardware",
    "HardwareFile",
    "HardwareGrid",
    "PortChoices",
    "Rescaling",
    "Start",
    "Sum",
    "UnitDesign",
    "Workload",
    "chip",
    "evenly_spaced_choices",
    "grid_of",
    "hardware_names",
    "hardware_text",
    "load_hardware",
    "unit_design",
    "weight_capacity_bits",
]
