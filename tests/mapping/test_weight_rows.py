"""Weights lie where reading them shifts least: by hand, against every other placement and order, and against chance."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.arrays.ports import Operation, PortLayout, evenly_spaced, layout
from trackmac.arrays.reach import static_overhead
from trackmac.mapping import Segment
from trackmac.mapping.weight_rows import row_words
from trackmac.mapping.weight_segments import track_segments


def way(stops: Sequence[tuple[int, int]]) -> int:
    """Return how far a track moves that reads words from one displacement to another each, from home and home again."""
    at = total = 0
    for start, end in stops:
        total += abs(start - at) + abs(end - start)
        at = end
    return total + abs(at)


def way_of_rows(ports: PortLayout, words: int) -> int:
    return way([(-place.lead, -place.lead) for place in row_words(ports, words)])


def test_words_under_two_ports_lie_side_by_side() -> None:
    assert row_words(evenly_spaced(16, 2), 5) == (
        Segment(0, 0, 1), Segment(8, 8, 1), Segment(0, 1, 1), Segment(8, 9, 1), Segment(0, 2, 1),
    )  # fmt: skip


def test_rows_below_home_are_used_only_where_they_shorten_the_way() -> None:
    # the reader at 6 of 8 domains passes 0 to 5 on the way back and 7 on the way ahead, if a writer lets it get there
    ports = layout(8, W=(0, 4), R=(6,))

    assert [place.first_domain for place in row_words(ports, 2)] == [6, 7]
    assert [place.first_domain for place in row_words(ports, 3)] == [5, 6, 7]
    assert way_of_rows(ports, 8) == 2 * 7


@pytest.mark.parametrize("ports", [1, 2, 4, 8])
def test_of_evenly_spaced_ports_a_row_serves_as_many_words(ports: int) -> None:
    for words in range(1, 65):
        assert way_of_rows(evenly_spaced(64, ports), words) == 2 * (-(-words // ports) - 1)


@st.composite
def small_tracks(draw: st.DrawFn) -> PortLayout:
    """A track of at most 7 domains with any ports that can read and write."""
    domains = draw(st.integers(1, 7))
    kinds = draw(st.lists(st.sampled_from(["RW", "R", "W"]), min_size=1, max_size=min(3, domains)))
    places = draw(st.permutations(range(domains)))[: len(kinds)]
    positions = {kind: [place for place, own in zip(places, kinds, strict=True) if own == kind] for kind in kinds}
    if "RW" not in positions and len(positions) < 2:
        positions = {"RW": places}
    return layout(domains, **positions)


@settings(deadline=None, max_examples=30)
@given(small_tracks(), st.integers(1, 4))
def test_no_other_placement_port_or_order_shifts_less_across_tracks(ports: PortLayout, words: int) -> None:
    words = min(words, ports.domains)

    best = min(
        way([(stop, stop) for stop in order])
        for displacements in _placements(ports, words)
        for order in itertools.permutations(displacements)
    )

    assert way_of_rows(ports, words) == best


def _placements(ports: PortLayout, words: int) -> Iterator[tuple[int, ...]]:
    """Yield the displacements at which words are read, for every choice of domains and of ports that read them."""
    room, readers = static_overhead(ports), ports.positions(Operation.READ).tolist()
    for domains in itertools.combinations(range(ports.domains), words):
        choices = [[d - port for port in readers if -room.behind <= d - port <= room.ahead] for d in domains]
        yield from itertools.product(*choices)


@pytest.mark.parametrize(
    ("domains", "ports", "bits", "words"), [(8, 1, 2, 3), (9, 1, 3, 3), (8, 2, 2, 4), (12, 2, 3, 4)]
)
def test_along_a_track_no_order_shifts_less_by_more_than_two_for_each_further_word_of_a_segment(
    domains: int, ports: int, bits: int, words: int
) -> None:
    # a MAC takes a weight from its first bit to the last: so any order has 2 n (m - 1) shifts; ours 2 (n m - segments)
    tracks = evenly_spaced(domains, ports)
    segments = track_segments(tracks, bits)
    used = [
        min(place.words, words - sum(earlier.words for earlier in segments[:i])) for i, place in enumerate(segments)
    ]
    used = [count for count in used if count > 0]
    ours = way([(0, count * bits - 1) for count in used])

    starts = [
        port + first for port in range(0, domains, domains // ports) for first in range(domains // ports - bits + 1)
    ]
    apart = (
        chosen
        for chosen in itertools.permutations(starts, words)
        if all(abs(a - b) >= bits for a, b in itertools.combinations(chosen, 2))
    )
    span = domains // ports
    best = min(way([(start % span, start % span + bits - 1) for start in order]) for order in apart)

    assert ours == 2 * (words * bits - len(used))
    assert best == ours if ports == 1 else 2 * words * (bits - 1) <= best <= ours


@pytest.mark.parametrize("ports", [1, 2, 4])
def test_words_anywhere_on_the_tracks_shift_ten_times_more(ports: int) -> None:
    span = 64 // ports
    orders = (np.random.default_rng(seed).permutation(64) % span for seed in range(20))

    anywhere = np.mean([way([(int(stop), int(stop)) for stop in order]) for order in orders])

    assert anywhere > 10 * way_of_rows(evenly_spaced(64, ports), 64)
