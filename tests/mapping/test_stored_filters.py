"""Which unit and slot a filter lies in that is sent, and which filters are sent at once."""

import numpy as np
from hypothesis import given, settings
from tests.agreement.test_traces_equal_schedules import EVEN, UNEVEN
from tests.agreement.test_traces_of_sent_weights import entries_of, storing
from tests.mapping.test_output_stationary import entries

from trackmac.mapping import Schedule
from trackmac.mapping.stored_filters import sender


def test_units_that_send_are_those_of_one_copy_that_keeps_its_weights() -> None:
    # 8 filters of which each takes 3 of 8 segments, at 16 pixels, 8 at once
    first, last = map(sender, entries())

    assert (first.units, first.active_units, first.filters_per_unit, first.replicas, first.rounds) == (8, 8, 1, 1, 0)
    assert (first.filter_turns, first.pixels_at_once, first.times_brought, first.waves) == (1, 8, 2, 2)
    assert (last.units, last.filters_per_unit, last.times_brought, last.words_per_slice) == (10, 1, 1, 32)
    assert first.weights_stay
    assert not first.is_by_rows


def test_filters_are_dealt_out_in_the_order_in_which_they_are_needed() -> None:
    # 5 units compute 10 filters in turns of 5; 3 store them, 4 to a unit or 3
    _, last = map(sender, entries(units_per_mat=8, mats_per_bank=1, tracks=24))

    assert (last.senders, last.filters_per_unit, last.filter_turns, last.times_brought) == (3, 4, 2, 1)
    assert list(last.goes) == [range(3), range(3, 5), range(5, 8), range(8, 10)]
    assert last.filters_of_units == ((1, 4), (2, 3))


@settings(deadline=None, max_examples=60)
@given(storing([*EVEN, *UNEVEN]))
def test_filters_that_are_needed_at_once_lie_in_as_many_units_as_there_are(planned: Schedule) -> None:
    for entry in entries_of(planned):
        sending, channels = sender(entry), entry.stage.dot.channels_out
        goes = list(sending.goes)

        assert [number for filters in goes for number in filters] == list(range(channels))
        assert all(len({number % sending.senders for number in filters}) == len(filters) for filters in goes)
        ends = np.cumsum([len(range(turn, channels, entry.filters_per_unit)) for turn in range(entry.filters_per_unit)])
        in_turns = np.searchsorted(ends, [filters.start for filters in goes], side="right")
        assert np.bincount(in_turns).max() == entry.sends
        assert sum(units * filters for units, filters in sending.filters_of_units) == channels
        assert sum(units for units, _ in sending.filters_of_units) == sending.senders
