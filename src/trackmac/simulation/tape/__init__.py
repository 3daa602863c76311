"""Executes what many lanes do in one go, block by block: recorded first, then folded and played."""

from trackmac.simulation.tape.tape import Deck, Reading, Tape

__all__ = ["Deck", "Reading", "Tape"]
