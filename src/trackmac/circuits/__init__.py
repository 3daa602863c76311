"""Arithmetic circuits, each declared once as data with its micro-program."""

from trackmac.circuits.circuit import Circuit, Layout, Place, Track, Word
from trackmac.circuits.families import FAMILIES, MACS, CircuitFamily
from trackmac.circuits.registry import circuit, families, family, register, sample_of
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
    "families",
    "family",
    "register",
    "resources_of",
    "sample_of",
    "shared",
]
