"""The work tracks of a unit: one word each, along a track or across several."""

from collections.abc import Mapping
from functools import lru_cache

from trackmac.circuits import Layout
from trackmac.circuits.circuit import Place
from trackmac.mapping import Stage
from trackmac.simulation import TrackGeometry


@lru_cache(maxsize=4096)
def word_tracks(name: str, bits: int, layout: Layout) -> tuple[str, ...]:
    """Return the tracks of a word: one along, one for each bit across."""
    return (name,) if layout is Layout.ALONG else tuple(f"{name}{bit}" for bit in range(bits))


def word_places(name: str, bits: int, layout: Layout) -> tuple[Place, ...]:
    """Return where the bits of a work track's word lie at home."""
    if layout is Layout.ALONG:
        return tuple(Place(name, bit) for bit in range(bits))
    return tuple(Place(track, 0) for track in word_tracks(name, bits, layout))


def rewritten_words(stage: Stage) -> dict[str, int]:
    """Return the bits of each work word that a stage's result needs while it is rewritten."""
    scale, c = stage.rescaling, stage.c.bits
    if scale is None:
        return {"a": 0, "product": 0, "c": c}
    c = max(c, scale.centred.bits)
    if scale.multiplier is None:
        return {"a": 0, "product": scale.output.bits, "c": c}
    return {"a": scale.multiplier.bits, "product": scale.scaled.bits, "c": max(c, scale.output.bits)}


def work_tracks(words: Mapping[str, int], layout: Layout) -> dict[str, TrackGeometry]:
    """Return the geometry of work tracks that hold one word each, of so many bits, with a port at its first one."""
    if layout is Layout.ALONG:
        return {name: TrackGeometry(domains=bits, overhead=bits - 1, behind=0) for name, bits in words.items() if bits}
    tracks = (track for name, bits in words.items() for track in word_tracks(name, bits, layout))
    return {track: TrackGeometry(domains=1, overhead=0) for track in tracks}
