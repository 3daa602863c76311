from hypothesis import given
from hypothesis import strategies as st

from trackmac.circuits.folding import Fold, Folded, folded


def never(_item: str) -> bool:
    return False


def unfolded(entries: Folded, items: str) -> str:
    return "".join(
        unfolded(entry.body, items) * entry.times if isinstance(entry, Fold) else items[entry] for entry in entries
    )


@given(st.text(alphabet="abc", max_size=60))
def test_unfolding_gives_the_sequence_back(items: str) -> None:
    assert unfolded(folded(items, never), items) == items


def test_a_loop_in_a_loop_is_a_fold_in_a_fold() -> None:
    items = "xabababy" * 3

    assert folded(items, never) == (Fold((0, Fold((1, 2), 3), 7), 3),)


def test_a_body_ends_where_it_is_told_to() -> None:
    items = "sew" + "+sew" * 4 + "+"

    assert folded(items, lambda item: item == "+") == (Fold((0, 1, 2, 3), 5),)
    assert folded("." + items[1:], lambda item: item == "+")[4] == Fold((4, 5, 6, 7), 4)


def test_what_saves_little_is_left_as_it_is() -> None:
    assert folded("aab", never) == (0, 1, 2)
    assert folded("aaab", never) == (Fold((0,), 3), 3)
