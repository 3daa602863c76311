"""The walk over a dot product's weights: counted by hand, and move by move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackmac.mapping import WeightLayout
from trackmac.models.weight_walks import weight_walk


def layout_of(words: list[int], leads: list[int]) -> WeightLayout:
    return WeightLayout(words=np.array([words]), leads=np.array([leads]), periods=np.array([1]))


def walked(words: list[int], leads: list[int], total: int, stride: int) -> tuple[int, int, int]:
    """Return advances, moves out and home, and their domains, by following the tracks."""
    advances = returns = domains = 0
    segment = 0
    while total:
        used, lead = min(total, words[segment % len(words)]), leads[segment % len(words)]
        total, segment = total - used, segment + 1
        if used:
            advances += used - 1
            for distance in (lead, abs(used * stride - 1 - lead)):
                returns += distance > 0
                domains += distance
    return advances, returns, domains


def test_a_walk_over_two_segments_by_hand() -> None:
    # 4 and 2 words of 8 bits: 3 and 1 moves to the next word, 31 and 15 domains home
    walk = weight_walk(layout_of([4], [0]), np.array([6]), 8)

    assert (walk.advances[0], walk.returns[0], walk.return_domains[0]) == (4, 2, 46)


def test_a_segment_that_starts_below_its_port_is_pulled_back_first() -> None:
    # 8 domains out; after one word of 8 bits the track stands 1 below home
    walk = weight_walk(layout_of([2, 1], [8, 0]), np.array([1]), 8)

    assert (walk.advances[0], walk.returns[0], walk.return_domains[0]) == (0, 2, 8 + 1)


def test_a_single_domain_under_its_port_needs_no_move() -> None:
    walk = weight_walk(layout_of([1], [0]), np.array([3]), 1)

    assert (walk.advances[0], walk.returns[0], walk.return_domains[0]) == (0, 0, 0)


@given(
    words=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    lead=st.integers(0, 9),
    total=st.integers(1, 60),
    stride=st.integers(1, 8),
)
def test_every_walk_costs_what_following_it_costs(words: list[int], lead: int, total: int, stride: int) -> None:
    leads = [lead, *(0 for _ in words[1:])]

    walk = weight_walk(layout_of(words, leads), np.array([total]), stride)

    assert (walk.advances[0], walk.returns[0], walk.return_domains[0]) == walked(words, leads, total, stride)


@pytest.mark.parametrize("total", [1, 5, 12])
def test_points_with_shorter_periods_are_not_disturbed_by_longer_ones(total: int) -> None:
    together = WeightLayout(
        words=np.array([[4, 0, 0], [2, 1, 1]]), leads=np.array([[0, 0, 0], [8, 0, 0]]), periods=np.array([2, 1])
    )

    walk = weight_walk(together, np.array([total, total]), 8)

    for point, (words, leads) in enumerate((([4], [0]), ([2, 1, 1], [8, 0, 0]))):
        alone = walked(words, leads, total, 8)
        assert (walk.advances[point], walk.returns[point], walk.return_domains[point]) == alone
