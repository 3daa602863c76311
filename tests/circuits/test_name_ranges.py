import pytest

from trackmac.circuits.name_ranges import name_ranges, widths_text, without_index


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a0", "a1", "a2", "b", "c7", "c9"], "a0..a2, b, c7, c9"),
        (["a.9", "a.10"], "a.9..a.10"),
        (["a0", "b1"], "a0, b1"),
        (["n0.1", "n1.1", "n2.1", "n2.2"], "n0.1..n2.1, n2.2"),
        (["0", "1"], "0, 1"),
        ([], ""),
    ],
)
def test_names_that_count_up_are_a_range(names: list[str], text: str) -> None:
    assert name_ranges(names) == text


@pytest.mark.parametrize(
    ("name", "family"), [("carry_out.3", "carry_out"), ("count0.2", "count"), ("in[4]", "in"), ("a", "a"), ("0", "0")]
)
def test_a_name_without_its_index(name: str, family: str) -> None:
    assert without_index(name) == family


def test_many_equal_widths_are_counted() -> None:
    assert widths_text([8, 8, 16]) == "8,8,16"
    assert widths_text([8] * 14 + [19]) == "14*8,19"
