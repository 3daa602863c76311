"""trackmac: hardware-software co-exploration with racetrack-memory in-memory computing."""

__version__ = "0.1.0"
