"""How far ports by kind take a track, and what overhead that needs."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.arrays.ports import (
    KNOWN_LAYOUTS,
    Operation,
    Port,
    PortKind,
    PortLayout,
    evenly_spaced,
    layout,
)
from trackmac.arrays.reach import Overhead, least_overhead, reachable
from trackmac.errors import IllegalHardwareError
from trackmac.port_policy import PortAccess, PortUpdate
from trackmac.traces import Bank, Replay

STATIC, DYNAMIC = PortAccess
LAZY, EAGER = PortUpdate


@st.composite
def layouts(draw: st.DrawFn) -> PortLayout:
    """Draw any legal layout of a short track."""
    domains = draw(st.integers(1, 14))
    positions = draw(st.sets(st.integers(0, domains - 1), min_size=1))
    kinds = draw(st.lists(st.sampled_from(PortKind), min_size=len(positions), max_size=len(positions)))
    if all(kind is PortKind.R for kind in kinds) or all(kind is PortKind.W for kind in kinds):
        kinds[draw(st.integers(0, len(kinds) - 1))] = PortKind.RW
    return PortLayout(domains, tuple(map(Port, sorted(positions), kinds)))


def displaced(
    ports: PortLayout, accesses: list[tuple[Operation, int]], access: PortAccess, update: PortUpdate, room: Overhead
) -> list[int]:
    """Return every displacement on the way, by looking at each port in turn."""
    now, found = 0, [0]
    for operation, domain in accesses:
        able = [port.position for port in ports.ports if port.kind.serves(operation)]
        if access is STATIC:
            chosen = max((position for position in able if position <= domain), default=able[0])
        else:
            eligible = [position for position in able if -room.behind <= domain - position <= room.ahead]
            chosen = min(eligible, key=lambda position: (abs(position + now - domain), position))
        found.append(domain - chosen)
        now = 0 if update is EAGER else domain - chosen
    return found


@pytest.mark.parametrize("domains", [1, 12, 32, 64])
@pytest.mark.parametrize("update", PortUpdate)
def test_evenly_spaced_ports_need_a_segment_less_one_on_one_side(domains: int, update: PortUpdate) -> None:
    for ports in (count for count in range(1, domains + 1) if domains % count == 0):
        assert reachable(evenly_spaced(domains, ports), STATIC, update) == Overhead(0, domains // ports - 1)
        assert least_overhead(evenly_spaced(domains, ports)) == Overhead(0, domains // ports - 1)


@pytest.mark.parametrize(
    ("label", "behind", "ahead"),
    [
        ("4RW", 0, 15),
        ("5RW", 0, 12),
        ("2RW+10R", 0, 31),  # writes at 0 and 32
        ("2W+12R", 8, 31),  # no port reads below 8
        ("2RW+2W+6R", 0, 19),  # writes at 0, 12, 32, 44; reads at 0, 20 ... 28, 32, 52 ... 60
        ("4W+8R", 8, 15),
    ],
)
def test_the_known_layouts_need_what_can_be_read_off_them(label: str, behind: int, ahead: int) -> None:
    ports = KNOWN_LAYOUTS[label]

    assert reachable(ports, STATIC, LAZY) == reachable(ports, STATIC, EAGER) == Overhead(behind, ahead)


def test_an_unbounded_dynamic_walk_takes_the_first_and_the_last_port_over_the_whole_track() -> None:
    assert reachable(evenly_spaced(64, 4), DYNAMIC, LAZY, Overhead(64, 64)) == Overhead(48, 63)


def test_where_the_track_returns_the_nearest_port_needs_less_ahead_but_some_behind() -> None:
    assert reachable(layout(16, RW=(0, 8, 15)), STATIC, EAGER) == Overhead(0, 7)
    assert reachable(layout(16, RW=(0, 8, 15)), DYNAMIC, EAGER, Overhead(16, 16)) == Overhead(3, 4)


@settings(deadline=None)
@given(
    ports=layouts(), access=st.sampled_from(PortAccess), update=st.sampled_from(PortUpdate), seed=st.integers(0, 999)
)
def test_no_access_gets_farther_than_what_is_reachable(
    ports: PortLayout, access: PortAccess, update: PortUpdate, seed: int
) -> None:
    draw = random.Random(seed)
    room = least_overhead(ports) if seed % 2 else Overhead(ports.domains, ports.domains)
    limit = reachable(ports, access, update, None if access is STATIC else room)
    accesses = [(draw.choice(list(Operation)), draw.randrange(ports.domains)) for _ in range(200)]

    found = displaced(ports, accesses, access, update, room)

    assert -limit.behind <= min(found)
    assert max(found) <= limit.ahead


@settings(deadline=None, max_examples=40)
@given(ports=layouts(), access=st.sampled_from(PortAccess), update=st.sampled_from(PortUpdate))
def test_what_is_reachable_is_reached(ports: PortLayout, access: PortAccess, update: PortUpdate) -> None:
    room = Overhead(ports.domains, ports.domains)
    limit = reachable(ports, access, update, None if access is STATIC else room)
    every = list(itertools.product(Operation, range(ports.domains)))

    # from each displacement by each access, until nothing new is found; one at a time, as a track would
    found: set[int] = {0}
    paths: list[list[tuple[Operation, int]]] = [[]]
    while paths:
        path = paths.pop()
        for step in every:
            there = displaced(ports, [*path, step], access, update, room)[-1]
            if there not in found:
                found.add(there)
                paths.append([*path, step])

    assert (-min(found), max(found)) == (limit.behind, limit.ahead)


@settings(deadline=None)
@given(ports=layouts())
def test_with_one_domain_less_than_the_least_overhead_some_domain_is_lost(ports: PortLayout) -> None:
    least = least_overhead(ports)

    reachable(ports, DYNAMIC, LAZY, least)
    for behind in range(least.domains):
        with pytest.raises(IllegalHardwareError, match=r"none of .* reaches domain"):
            reachable(ports, DYNAMIC, LAZY, Overhead(behind, least.domains - 1 - behind))


@settings(deadline=None)
@given(ports=layouts(), update=st.sampled_from(PortUpdate))
def test_the_least_overhead_is_never_more_than_what_static_choice_needs(ports: PortLayout, update: PortUpdate) -> None:
    assert least_overhead(ports).domains <= reachable(ports, STATIC, update).domains


@settings(deadline=None)
@given(ports=layouts(), update=st.sampled_from(PortUpdate))
def test_bounded_dynamic_choice_stays_within_its_room(ports: PortLayout, update: PortUpdate) -> None:
    room = least_overhead(ports)

    reached = reachable(ports, DYNAMIC, update)

    assert reached.behind <= room.behind
    assert reached.ahead <= room.ahead


@settings(deadline=None)
@given(
    segment=st.integers(1, 8), count=st.integers(1, 5), access=st.sampled_from(PortAccess),
    update=st.sampled_from(PortUpdate), words=st.lists(st.integers(0, 39), max_size=80),
)  # fmt: skip
def test_no_replayed_trace_needs_more(
    segment: int, count: int, access: PortAccess, update: PortUpdate, words: list[int]
) -> None:
    domains = segment * count
    bank = Bank(domains=domains, tracks=1, ports=count, port_access=access, port_update=update, dbcs=1, word_bytes=1)

    found = Replay(bank).serve(np.array(words, np.uint64))

    room = None if access is STATIC else Overhead(domains, domains)
    limit = reachable(evenly_spaced(domains, count), access, update, room)
    assert -limit.behind <= found.min_displacement
    assert found.max_displacement <= limit.ahead


def test_a_domain_that_no_port_can_write_within_the_room_is_named() -> None:
    with pytest.raises(
        IllegalHardwareError, match=r"can write it, but none of 2W\+12R reaches domain 63 .* -8 to \+30"
    ):
        reachable(KNOWN_LAYOUTS["2W+12R"], DYNAMIC, LAZY, Overhead(8, 30))


def test_a_static_choice_that_leaves_its_room_is_refused() -> None:
    with pytest.raises(IllegalHardwareError, match=r"-0 to \+14, but static choice displaces it by -0 to \+15"):
        reachable(KNOWN_LAYOUTS["4RW"], STATIC, LAZY, Overhead(0, 14))
