"""Closed forms of what surrounds the arithmetic: words loaded and unloaded, weight tracks moved.

n = word.bits. Every bit crosses the wires once where it is received or sent; bus cycles are not counted here, since
they belong to the bus, which serves many units.
"""

from functools import lru_cache

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Layout
from trackmac.cost import Activity
from trackmac.models.walks import Walk, moved, walked


@lru_cache(maxsize=4096)
def load_word_activity(*, word: NumberFormat, layout: Layout, from_top: bool = False, zeros_below: int = 0) -> Activity:
    """Return what writing a word from the wires costs, z zeros below it: n bus bits, n + z writes.

    Along tracks: n + z - 1 domains up and as many home; or `from_top`, as many down and already home.
    """
    n = word.bits + zeros_below
    walk = Walk(bus_bits=word.bits, writes=n, writing=n).activity(layout)
    if from_top and layout is Layout.ALONG:
        return walk.then(walked(n - 1))
    return walk.then(_up_and_home(n, layout))


def load_weight_activity(*, word: NumberFormat, layout: Layout) -> Activity:
    """Return what writing a weight from the wires costs: n bus bits, n writes; along tracks n - 1 domains up."""
    n = word.bits
    walk = Walk(bus_bits=n, writes=n, writing=n).activity(layout)
    return walk if layout is Layout.ACROSS else walk.then(walked(n - 1))


@lru_cache(maxsize=4096)
def unload_word_activity(*, word: NumberFormat, layout: Layout) -> Activity:
    """Return what sensing a word and sending it over the wires costs: n senses, n bus bits."""
    n = word.bits
    return Walk(bus_bits=n, senses=n, sensing=n).activity(layout).then(_up_and_home(n, layout))


@lru_cache(maxsize=4096)
def send_weight_activity(*, word: NumberFormat, layout: Layout) -> Activity:
    """Return what sensing a weight and sending it costs: n senses, n bus bits; along tracks n - 1 domains up."""
    n = word.bits
    walk = Walk(bus_bits=n, senses=n, sensing=n).activity(layout)
    return walk if layout is Layout.ACROSS else walk.then(walked(n - 1))


@lru_cache(maxsize=4096)
def move_weights_activity(*, word: NumberFormat, domains: int, layout: Layout) -> Activity:
    """Return the one move of weight tracks by so many domains, either way: of one track, or of n across tracks."""
    tracks = 1 if layout is Layout.ALONG else word.bits
    return moved(*(tracks * (abs(domains),)))


def _up_and_home(n: int, layout: Layout) -> Activity:
    """Return the moves over a word and back: none across tracks."""
    return Activity() if layout is Layout.ACROSS else walked(n - 1).then(moved(n - 1))
