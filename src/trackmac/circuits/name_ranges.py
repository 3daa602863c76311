"""Many names or widths in few words: a0, a1 ... a7 as a0..a7."""

import re
from collections.abc import Iterable
from itertools import groupby

_NUMBER = re.compile(r"(\d+)")
_LETTER = re.compile(r"[A-Za-z]")
MANY = 3  # widths that are equal are written out, more are counted
_INDICES = re.compile(r"(\.?\d+|\[\d+\])+$")


def name_ranges(names: Iterable[str]) -> str:
    """Write names one after another, neighbours that count up as a range."""
    runs: list[tuple[str, str, int | None]] = []
    for name in names:
        first, last, place = runs[-1] if runs else ("", "", None)
        counted = counting_place(last, name)
        if counted is not None and place in {None, counted}:
            runs[-1] = (first, name, counted)
        else:
            runs.append((name, name, None))
    return ", ".join(first if first == last else f"{first}..{last}" for first, last, _ in runs)


def widths_text(widths: Iterable[int]) -> str:
    """Write the operands' widths, many of one width as their number and the width."""
    runs = [(width, len(list(same))) for width, same in groupby(widths)]
    return ",".join(f"{count}*{width}" if count > MANY else ",".join([str(width)] * count) for width, count in runs)


def without_index(name: str) -> str:
    """Return what the names of one family have in common: `carry.3`, `carry3` and `carry[3]` are all `carry`."""
    return _INDICES.sub("", name) or name


def counting_place(name: str, after: str) -> int | None:
    """Return which number of a name is one more in the name `after`, all else being equal: 1 for a.2 and a.3."""
    one, two = _NUMBER.split(name), _NUMBER.split(after)
    places = [place for place, (old, new) in enumerate(zip(one, two, strict=False)) if old != new]
    if len(one) != len(two) or len(places) != 1 or not _LETTER.search(name):
        return None
    place = places[0]
    return place if place % 2 and int(one[place]) + 1 == int(two[place]) else None
