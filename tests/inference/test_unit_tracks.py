from trackmac.circuits import Place
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.mapping import DotProductSchedule, Schedule, Segment, WeightSegment, segments_of


def entry_of(schedule: Schedule, index: int) -> DotProductSchedule:
    entry = schedule.stages[index]
    assert isinstance(entry, DotProductSchedule)
    return entry


def test_filters_start_at_ports_and_fill_port_after_port(every_schedule: tuple[Schedule, ...]) -> None:
    shared = every_schedule[0]  # 64 domains under 4 ports hold 5 weights of 3 bits each; filters of 12 weights
    entry = entry_of(shared, 0)

    first, second = (segments_of(entry, turn, 12) for turn in (0, 1))

    assert first == (
        WeightSegment(group=0, place=Segment(0, 0, 5), words=range(5)),
        WeightSegment(group=0, place=Segment(16, 16, 5), words=range(5, 10)),
        WeightSegment(group=0, place=Segment(32, 32, 5), words=range(10, 12)),
    )
    assert [(segment.group, segment.place.port) for segment in second] == [(0, 48), (1, 0), (1, 16)]


def test_weights_along_a_track_lie_bit_after_bit_from_their_first_domain(every_schedule: tuple[Schedule, ...]) -> None:
    shared = every_schedule[0]
    tracks = UnitTracks(hardware=shared.hardware, entry=entry_of(shared, 0))

    places = tracks.weight_places(WeightSegment(group=1, place=Segment(32, 32, 5), words=range(5, 7)))

    assert places == tuple(Place("b1_", domain) for domain in range(32, 38))


def test_weights_across_tracks_lie_word_after_word_from_their_first_domain(
    every_schedule: tuple[Schedule, ...],
) -> None:
    across = every_schedule[4]  # 8 domains under 2 ports
    tracks = UnitTracks(hardware=across.hardware, entry=entry_of(across, 0))
    segment = WeightSegment(group=0, place=Segment(4, 4, 4), words=range(4, 6))

    places = tracks.weight_places(segment)

    assert places == (*(Place(f"b0_{bit}", 4) for bit in range(3)), *(Place(f"b0_{bit}", 5) for bit in range(3)))
    assert tracks.weight_binding(segment) == {"b0": "b0_0", "b1": "b0_1", "b2": "b0_2"}
    assert tracks.weight_ports(segment) == {"b0_0": 1, "b0_1": 1, "b0_2": 1}


def test_a_segment_is_left_from_its_last_weight_s_top_bit(every_schedule: tuple[Schedule, ...]) -> None:
    words = entry_of(every_schedule[0], 0).stage.words.b
    at_port = WeightSegment(group=0, place=Segment(0, 0, 4), words=range(10, 14))
    below_port = WeightSegment(group=0, place=Segment(8, 0, 4), words=range(10, 12))

    assert at_port.home_distance(words, every_schedule[0].hardware.layout) == 4 * 3 - 1
    assert at_port.home_distance(words, every_schedule[4].hardware.layout) == 3
    assert below_port.home_distance(words, every_schedule[0].hardware.layout) == 2 * 3 - 1 - 8


def test_only_the_magnetic_mac_keeps_a_carry_on_a_track(every_schedule: tuple[Schedule, ...]) -> None:
    with_carry = {
        schedule.hardware.circuit
        for schedule in every_schedule
        if "carry" in UnitTracks(hardware=schedule.hardware, entry=entry_of(schedule, 0)).geometries(12)
    }

    assert with_carry == {"magnetic_mac"}
