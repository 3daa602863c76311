"""Where each filter of a unit lies: which segments of which tracks hold it, in the order in which it is walked."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.mapping.schedule import DotProductSchedule
from trackmac.mapping.weight_rows import row_words
from trackmac.mapping.weight_segments import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSegment:
    """Consecutive weights of a filter's slice that one port reads: `words` counts within the slice.

    They lie on the tracks of `group`, from `place` on.
    """

    group: int
    place: Segment
    words: range

    def first_domain(self, word: int, number_format: NumberFormat, layout: Layout) -> int:
        """Return the domain of the tracks where word number `word` of the slice starts."""
        stride = number_format.bits if layout is Layout.ALONG else 1
        return self.place.first_domain + (word - self.words.start) * stride

    def home_distance(self, word: NumberFormat, layout: Layout) -> int:
        """Return how far the tracks stand from home after the last word's MAC, which leaves a weight at its top bit."""
        return len(self.words) * (word.bits if layout is Layout.ALONG else 1) - 1 - self.place.lead


@lru_cache(maxsize=64)
def segments_of(entry: DotProductSchedule, turn: int, words: int) -> tuple[WeightSegment, ...]:
    """Return where a slice of `words` weights of a unit's filter number `turn` lies, in order.

    It fills whole periods or, where it has the tracks to itself, rows.
    """
    if entry.is_by_rows:
        return tuple(_rows(entry, words))
    per_period, places = len(entry.period), entry.segments
    first = entry.slot(turn) * -(-entry.words_per_slice // entry.words_per_period) * per_period
    segments: list[WeightSegment] = []
    start = 0
    while start < words:
        group, number = divmod(first + len(segments), len(places))
        place = places[number]
        taken = range(start, min(start + place.words, words))
        segments.append(WeightSegment(group=group, place=place, words=taken))
        start = taken.stop
    return tuple(segments)


def _rows(entry: DotProductSchedule, words: int) -> Iterator[WeightSegment]:
    to_group = sum(place.words for place in entry.segments)
    for start in range(0, words, to_group):
        for number, place in enumerate(row_words(entry.ports, min(to_group, words - start)), start):
            yield WeightSegment(group=start // to_group, place=place, words=range(number, number + 1))
