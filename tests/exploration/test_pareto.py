import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trackmac.exploration.pareto import BLOCK, Costs, Mask, epsilon_front, knee, non_dominated


def few_values(rows: int, columns: int) -> st.SearchStrategy[Costs]:
    """Costs with many ties and equal points."""
    return arrays(np.float64, (rows, columns), elements=st.sampled_from([0.0, 1.0, 2.0, 3.0]))


any_costs = st.tuples(st.integers(0, 12), st.integers(1, 4)).flatmap(lambda size: few_values(*size))


def by_definition(costs: Costs) -> Mask:
    def dominates(i: int, j: int) -> bool:
        return bool((costs[i] <= costs[j]).all() and (costs[i] < costs[j]).any())

    def is_repeated(j: int) -> bool:
        return any((costs[i] == costs[j]).all() for i in range(j))

    points = range(len(costs))
    return np.array([not is_repeated(j) and not any(dominates(i, j) for i in points) for j in points], dtype=np.bool_)


@given(any_costs)
def test_the_front_is_what_its_definition_says(costs: Costs) -> None:
    np.testing.assert_array_equal(non_dominated(costs), by_definition(costs))


def test_the_front_is_right_across_blocks() -> None:
    costs = np.random.default_rng(3).integers(0, 12, size=(3 * BLOCK + 7, 3)).astype(np.float64)
    pairwise: Mask = np.asarray((costs[:, np.newaxis] <= costs[np.newaxis]).all(axis=2))

    kept = non_dominated(costs)

    unique = pairwise & ~pairwise.T
    np.testing.assert_array_equal(unique[:, kept].any(axis=0), False)
    assert pairwise[kept].any(axis=0).all(), "every point is covered by a kept one"
    assert len(np.unique(costs[kept], axis=0)) == kept.sum(), "equal points are kept once"


def test_a_front_of_which_all_points_stay_is_kept_whole() -> None:
    first = np.arange(2 * BLOCK, dtype=np.float64)

    assert non_dominated(np.stack([first, -first], axis=1)).all()


def test_of_equal_points_the_first_is_kept() -> None:
    assert non_dominated(np.array([[2.0, 2.0], [1.0, 1.0], [1.0, 1.0]])).tolist() == [False, True, False]


@given(
    arrays(np.float64, (15, 3), elements=st.floats(0.1, 100.0)),
    arrays(np.float64, (15, 1), elements=st.sampled_from([0.0, 1.0])),
    st.sampled_from([0.05, 0.5, 1.0]),
)
def test_thinning_loses_nothing_by_more_than_its_resolution(costs: Costs, exact: Costs, resolution: float) -> None:
    kept = np.flatnonzero(epsilon_front(costs, exact, resolution))

    assert non_dominated(np.hstack([exact, costs]))[kept].all()
    for point in range(len(costs)):
        nearly = (costs[kept] <= costs[point] * (1 + resolution) * (1 + 1e-9)).all(axis=1)
        assert (nearly & (exact[kept] <= exact[point]).all(axis=1)).any()


def test_thinning_keeps_one_point_of_near_ones() -> None:
    costs = np.array([[100.0, 100.0], [101.0, 99.0], [102.0, 98.0], [1.0, 900.0]])

    kept = epsilon_front(costs, np.zeros((4, 1)), 0.5)

    assert kept.sum() == 2
    assert kept[3]


@given(arrays(np.float64, (12, 2), elements=st.floats(0.1, 100.0)))
def test_a_resolution_of_zero_keeps_the_exact_front(costs: Costs) -> None:
    exact = np.zeros((12, 1))

    np.testing.assert_array_equal(epsilon_front(costs, exact, 0.0), non_dominated(costs))


def test_the_knee_is_the_point_nearest_to_the_ideal_one_after_scaling() -> None:
    costs = np.array([[0.0, 1000.0], [1.0, 100.0], [10.0, 0.0]])

    assert knee(costs) == 1


def test_a_cost_that_all_share_does_not_move_the_knee() -> None:
    assert knee(np.array([[5.0, 0.0, 8.0], [5.0, 1.0, 1.0], [5.0, 9.0, 0.0]])) == 1


def test_costs_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(AssertionError, match="not a number"):
        non_dominated(np.array([[1.0, np.nan]]))
