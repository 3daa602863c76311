"""Work on all processors is done in order, on as many threads as there are processors, however it is nested."""

from threading import Barrier, get_ident

import pytest

from trackmac.simulation import processors
from trackmac.simulation.processors import on_all_processors


def test_results_come_in_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "processors", lambda: 3)

    assert on_all_processors(lambda item: item * item, range(20)) == [item * item for item in range(20)]


def test_items_are_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "processors", lambda: 2)
    both = Barrier(2)

    assert sorted(on_all_processors(lambda _: both.wait(timeout=10), range(2))) == [0, 1]


def test_work_within_work_stays_on_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "processors", lambda: 2)

    def within(_: int) -> tuple[int, list[int]]:
        return get_ident(), on_all_processors(lambda _: get_ident(), range(4))

    found = on_all_processors(within, range(4))

    assert all(set(inner) == {outer} for outer, inner in found)
    assert get_ident() not in {outer for outer, _ in found}


def test_a_failure_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "processors", lambda: 2)

    with pytest.raises(ZeroDivisionError):
        on_all_processors(lambda item: 1 // item, [1, 0, 2])
