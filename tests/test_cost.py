from trackmac.cost import EVENT_MEANING, NOTHING, PHASE_MEANING, Activity, Event, Phase, total

SENSE = Activity({Event.SENSES: 2}, {Phase.SENSE: 1})
WRITE = Activity({Event.WRITES: 1, Event.SENSES: 1}, {Phase.WRITE: 3})


def test_every_event_and_every_phase_says_what_it_is() -> None:
    assert set(EVENT_MEANING) == set(Event)
    assert set(PHASE_MEANING) == set(Phase)


def test_one_after_another_adds_events_and_phases() -> None:
    assert SENSE.then(WRITE) == Activity({Event.SENSES: 3, Event.WRITES: 1}, {Phase.SENSE: 1, Phase.WRITE: 3})


def test_repeating_scales_events_and_phases() -> None:
    assert SENSE.repeated(5) == Activity({Event.SENSES: 10}, {Phase.SENSE: 5})


def test_units_in_parallel_scale_events_but_not_time() -> None:
    assert SENSE.in_parallel(5) == Activity({Event.SENSES: 10}, {Phase.SENSE: 1})


def test_repeating_no_time_is_nothing() -> None:
    assert SENSE.repeated(0) == NOTHING


def test_zero_counts_are_left_out() -> None:
    idle = Activity({Event.WRITES: 0}, {Phase.WRITE: 0})

    assert idle.then(SENSE) == SENSE
    assert idle.repeated(3) == NOTHING
    assert idle.in_parallel(3).events == {}


def test_the_total_is_all_of_them_one_after_another() -> None:
    assert total([SENSE, WRITE, SENSE]) == SENSE.then(WRITE).then(SENSE)
    assert total([]) == NOTHING


def test_combining_leaves_the_parts_unchanged() -> None:
    SENSE.then(WRITE).in_parallel(7)

    assert Activity({Event.SENSES: 2}, {Phase.SENSE: 1}) == SENSE
