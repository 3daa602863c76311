"""How much is simulated at once: enough lanes to make a step's overhead small, few enough to stay in memory."""

from collections.abc import Mapping

from trackmac.simulation import TrackGeometry
from trackmac.simulation.packing import LANES_PER_WORD

MACHINE_LANES = 1 << 16
MACHINE_BYTES = 1 << 27
TAPE_LANES = 1 << 25
UNFOLDED_BYTES = 1 << 28
MAX_IMAGES = 512


def columns_at_once(tracks: Mapping[str, TrackGeometry], units: int) -> int:
    """Return how many columns to put on a machine on which each takes a lane in so many units of these tracks."""
    bits_per_lane = sum(track.domains for track in tracks.values())
    lanes = min(MACHINE_LANES, MACHINE_BYTES * 8 // bits_per_lane)
    return max(1, lanes // units // LANES_PER_WORD) * LANES_PER_WORD


def images_at_once(unfolded_bytes: int) -> int:
    """Return how many images to unfold together, one taking so many bytes."""
    return max(1, min(MAX_IMAGES, UNFOLDED_BYTES // unfolded_bytes))
