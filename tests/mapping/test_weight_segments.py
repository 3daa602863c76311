"""Where weights lie on a track: segments by hand, the best choice of ports against all choices, and the reach."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.arrays import Hardware, grid_of
from trackmac.arrays.hardware import port_fields
from trackmac.arrays.ports import KNOWN_LAYOUTS, Operation, Port, PortKind, PortLayout, evenly_spaced, layout
from trackmac.arrays.reach import static_overhead
from trackmac.circuits import Layout
from trackmac.mapping.weight_segments import Segment, longest_row, repeats, track_segments, weight_layout
from trackmac.technology import load_technology


@st.composite
def layouts(draw: st.DrawFn) -> PortLayout:
    """Draw any legal layout of a short track."""
    domains = draw(st.integers(2, 20))
    positions = sorted(draw(st.sets(st.integers(0, domains - 1), min_size=2, max_size=7)))
    more = [draw(st.sampled_from(PortKind)) for _ in positions[2:]]
    kinds = draw(st.permutations([PortKind.R, PortKind.W, *more]))
    return PortLayout(domains, tuple(map(Port, positions, kinds)))


def every_choice(ports: PortLayout, stride: int) -> set[tuple[int, int]]:
    """Return words and segments of every way to choose readers and how many words each reads, by trying all."""
    readers = ports.positions(Operation.READ).tolist()
    ahead = static_overhead(ports).ahead
    found = set()
    for taken in itertools.product(range(ports.domains // stride + 1), repeat=len(readers)):
        starts = [0, *readers[1:]]
        ends = [start + words * stride for start, words in zip(starts, taken, strict=True)]
        used = [number for number, words in enumerate(taken) if words]
        fits = all(ends[number] <= ports.domains and ends[number] - 1 - readers[number] <= ahead for number in used)
        if fits and all(ends[first] <= starts[second] for first, second in itertools.pairwise(used)):
            found.add((sum(taken), len(used)))
    return found


@pytest.mark.parametrize("stride", [1, 3, 5, 8])
@pytest.mark.parametrize("ports", [1, 2, 4, 8, 16])
def test_evenly_spaced_ports_fill_a_segment_each_with_whole_words(ports: int, stride: int) -> None:
    step = 64 // ports
    words = step // stride

    segments = track_segments(evenly_spaced(64, ports), stride)

    assert segments == (tuple(Segment(port, port, words) for port in range(0, 64, step)) if words else ())
    assert repeats(segments) == (ports if words else 1)


@pytest.mark.parametrize(
    ("label", "segments"),
    [  # words of 8 bits: port, first domain, words
        ("5RW", [(0, 0, 1), (13, 13, 1), (26, 26, 1), (39, 39, 1), (52, 52, 1)]),  # 12 spare domains: no second word
        ("2RW+10R", [(0, 0, 2), (16, 16, 1), (24, 24, 1), (32, 32, 2), (48, 48, 1), (56, 56, 1)]),  # 12, 20 unused
        ("2W+12R", [(8, 0, 2), (16, 16, 1), (24, 24, 2), (40, 40, 1), (48, 48, 1), (56, 56, 1)]),  # none reads below 8
        ("2RW+2W+6R", [(0, 0, 2), (24, 24, 1), (32, 32, 2), (56, 56, 1)]),  # 19 spare: from 0 to 19, from 32 to 51
        ("4W+8R", [(8, 0, 3), (24, 24, 2), (40, 40, 2), (56, 56, 1)]),
    ],
)
def test_segments_of_the_known_layouts_by_hand(label: str, segments: list[tuple[int, int, int]]) -> None:
    assert track_segments(KNOWN_LAYOUTS[label], 8) == tuple(Segment(*numbers) for numbers in segments)


@pytest.mark.parametrize("label", KNOWN_LAYOUTS)
def test_across_tracks_every_domain_holds_a_bit_and_every_reader_serves_those_up_to_the_next(label: str) -> None:
    ports = KNOWN_LAYOUTS[label]

    segments = track_segments(ports, 1)

    assert [segment.port for segment in segments] == ports.positions(Operation.READ).tolist()
    assert sum(segment.words for segment in segments) == 64


@settings(deadline=None, max_examples=60)
@given(ports=layouts(), stride=st.integers(3, 9))
def test_no_other_choice_of_ports_holds_more_words_or_has_as_many_in_more_segments(
    ports: PortLayout, stride: int
) -> None:
    segments = track_segments(ports, stride)

    assert (sum(segment.words for segment in segments), len(segments)) == max(every_choice(ports, stride))


@settings(deadline=None)
@given(ports=layouts(), stride=st.integers(1, 9))
def test_segments_lie_apart_and_within_the_overhead(ports: PortLayout, stride: int) -> None:
    segments, spare = track_segments(ports, stride), static_overhead(ports)

    domains = [segment.first_domain + i for segment in segments for i in range(segment.words * stride)]
    assert domains == sorted(set(domains))
    assert not domains or domains[-1] < ports.domains
    for segment in segments:
        assert segment.port in ports.positions(Operation.READ)
        assert -spare.behind <= -segment.lead
        assert segment.words * stride - 1 - segment.lead <= spare.ahead


@settings(deadline=None)
@given(ports=layouts(), stride=st.integers(1, 20))
def test_a_track_holds_no_word_where_no_port_can_read_one_whole(ports: PortLayout, stride: int) -> None:
    assert bool(track_segments(ports, stride)) == (stride <= longest_row(ports))


def test_where_readers_stand_closer_than_a_word_some_are_passed_over() -> None:
    ports = layout(512, W=(1,), R=range(0, 512, 4))

    assert track_segments(ports, 8) == tuple(Segment(port, port, 1) for port in range(0, 512, 8))


def test_tracks_repeat_their_segments_at_many_points_at_once() -> None:
    fields = [port_fields(KNOWN_LAYOUTS[label]) for label in ("2RW+10R", "4RW", "2W+12R")]
    technology = load_technology("physics-45nm")
    points = [
        Hardware(
            name="test", technology=technology.name, tracks=8, circuit="shift_add_mac", layout=Layout.ALONG,
            units_per_mat=1, mats_per_bank=1, banks=1, buffer_kib=1, **of_point,
        )
        for of_point in fields
    ]  # fmt: skip

    found = weight_layout(grid_of(points, technology), 8)

    np.testing.assert_array_equal(found.words, [[2, 1, 1, 0, 0, 0], [2, 0, 0, 0, 0, 0], [2, 1, 2, 1, 1, 1]])
    np.testing.assert_array_equal(found.leads[:, 0], [0, 0, 8])
    np.testing.assert_array_equal(found.periods, [2, 4, 1])
    np.testing.assert_array_equal(found.words_per_period, [4, 2, 8])
