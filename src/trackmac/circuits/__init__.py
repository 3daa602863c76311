"""Arithmetic circuits, each declared once as data with its micro-program."""

from trackmac.circuits.circuit import Circuit, Layout, Place, Track, Word
from trackmac.circuits.registry import FAMILIES, MACS, CircuitFamily, circuit, family
from trackmac.circuits.resources import Resources, resources_of, shared

__all__ = [
    "FAMILIES",
    "MACS",
    "Circuit",
    "CircuitFamily",
    "Layout",
    "Place",
    "Resources",
    "Track",
    "Word",
    "circuit",
    "family",
    "resources_of",
    "shared",
]
