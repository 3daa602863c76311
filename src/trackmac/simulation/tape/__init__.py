"""Executes what many lanes do in one go, block by block: recorded first, then folded and played."""

from trackmac.simulation.tape.tape import Reading, Tape

__all__ = ["Reading", "Tape"]
