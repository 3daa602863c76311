import numpy as np
import pytest

from trackmac.arrays.breakdown import by_figure, by_part, times

AREAS = {"logic": {"a": np.array([1.0, 2.0])}, "wires": {"a": np.array([3.0, 4.0]), "b": np.array([5.0, 6.0])}}


def test_a_table_sums_to_the_same_by_part_and_by_figure() -> None:
    assert {name: area.tolist() for name, area in by_part(AREAS).items()} == {"logic": [1, 2], "wires": [8, 10]}
    assert {name: area.tolist() for name, area in by_figure(AREAS).items()} == {"a": [4, 6], "b": [5, 6]}


def test_copies_take_their_number_of_times() -> None:
    doubled = by_part(times(AREAS, np.array([2.0, 3.0])))

    assert doubled["wires"] == pytest.approx(np.array([16.0, 30.0]))
