"""Counting shifts: two roads, RTSim's counts, and what must hold for any trace."""

import csv
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import trackmac
from trackmac.technology import load_technology
from trackmac.traces import Bank, PortAccess, PortUpdate, Replay, Shifts, naive, replay_trace

RTSIM = Path(trackmac.__file__).parents[3] / "shared" / "reference" / "rtsim"

# Counted by RTSim (tud-ccc/RTSim, commit 918a40b8, Config/RM.config) for 3,000 accesses to one word after another, 64
# domains: the rows of seq.nvt.gz in reference/rtsim/counts.csv. Ports, choice, return, shift steps.
RTSIM_WALK = (
    (1, "static", "lazy", 2953),
    (1, "static", "eager", 188_552),
    (1, "dynamic", "lazy", 2953),
    (1, "dynamic", "eager", 188_552),
    (2, "static", "lazy", 4363),
    (2, "dynamic", "lazy", 2953),
    (4, "static", "lazy", 4927),
    (4, "dynamic", "lazy", 2953),
)


def bank(domains: int = 64, ports: int = 1, access: str = "static", update: str = "lazy") -> Bank:
    return Bank(domains=domains, tracks=32, ports=ports, port_access=PortAccess(access), port_update=PortUpdate(update))


def words(indices: Sequence[int]) -> NDArray[np.uint64]:
    """Return the addresses of words by their number; the first words are the domains of the first DBC."""
    return np.array(indices, np.uint64) * np.uint64(64)


def shifts(on: Bank, addresses: Sequence[int] | NDArray[np.uint64]) -> Shifts:
    return Replay(on).serve(np.array(addresses, np.uint64))


def divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]


@st.composite
def banks(draw: st.DrawFn, access: PortAccess | None = None, update: PortUpdate | None = None) -> Bank:
    """Draw a small bank, its sizes powers of two or not."""
    domains = draw(st.integers(1, 40))
    return Bank(
        domains=domains,
        tracks=draw(st.integers(1, 5)),
        ports=draw(st.sampled_from(divisors(domains))),
        port_access=access or draw(st.sampled_from(PortAccess)),
        port_update=update or draw(st.sampled_from(PortUpdate)),
        dbcs=draw(st.integers(1, 5)),
        word_bytes=draw(st.integers(1, 9)),
    )


def with_ports(on: Bank, ports: int, access: str, update: str) -> Bank:
    return Bank(
        domains=on.domains, tracks=on.tracks, dbcs=on.dbcs, word_bytes=on.word_bytes,
        ports=ports, port_access=PortAccess(access), port_update=PortUpdate(update),
    )  # fmt: skip


ADDRESSES = st.lists(st.integers(0, 4000) | st.integers(0, 2**64 - 1), max_size=60)


@settings(deadline=None)
@given(on=banks(), addresses=ADDRESSES)
def test_both_roads_count_the_same(on: Bank, addresses: list[int]) -> None:
    assert shifts(on, addresses) == naive.replay(on, addresses)


@settings(deadline=None)
@given(on=banks(), before=ADDRESSES, after=ADDRESSES)
def test_a_trace_in_two_parts_counts_as_in_one(on: Bank, before: list[int], after: list[int]) -> None:
    replay = Replay(on)
    first = replay.serve(np.array(before, np.uint64))

    assert first.then(replay.serve(np.array(after, np.uint64))) == shifts(on, [*before, *after])


def test_the_worked_example_of_rtsims_rules() -> None:
    # reference/facts.md, section 4: 5 -> port 0, 5 steps; 40 -> port 1, now at 37, 3 steps; 5 -> port 0, at 8, 3 steps
    found = shifts(bank(ports=2), words([5, 40, 5]))

    assert found == Shifts(requests=3, shift_steps=11, min_displacement=0, max_displacement=8)


@pytest.mark.parametrize(("ports", "access", "update", "steps"), RTSIM_WALK)
def test_a_walk_shifts_as_often_as_in_rtsim(ports: int, access: str, update: str, steps: int) -> None:
    on = bank(ports=ports, access=access, update=update)

    assert shifts(on, words(range(3000))).shift_steps == steps
    assert naive.replay(on, words(range(3000)).tolist()).shift_steps == steps


@pytest.mark.skipif(not RTSIM.is_dir(), reason=f"RTSim's traces and counts are not in {RTSIM}")
def test_all_counts_and_energies_are_those_of_rtsim() -> None:
    technology = load_technology("rtsim-destiny-2017")
    with (RTSIM / "counts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    for row in rows:
        on = bank(int(row["domains"]), int(row["ports"]), row["port_access"], row["port_update"])

        found = replay_trace(RTSIM / row["trace"], on, technology).to_dict()

        for key in ("requests", "shift_steps", "track_shifts"):
            assert found[key] == int(row[key]), (key, row)
        assert found["shift_energy_nj"] == pytest.approx(float(row["shift_energy_nj"]), rel=5e-6)  # six digits there


def test_rtsims_flat_shift_energy_is_19_5_pj_for_32_tracks(tmp_path: Path) -> None:
    trace = tmp_path / "t.nvt"
    trace.write_text(f"NVMV0\n1 W 0x40 {'00' * 64} 0\n", encoding="ascii")

    found = replay_trace(trace, bank(), load_technology("rtsim-destiny-2017"))

    assert found.shift_energy_pj == pytest.approx(19.5)
    assert found.overhead_shift_energy_pj == pytest.approx(19.5 / 64)  # one overhead domain beside 64
    assert (found.shifts.requests, found.writes, found.track_shifts) == (1, 1, 32)


def test_an_eager_return_takes_every_port_home() -> None:
    # 40 by port 1 and back: 2 * 8. Then 5 by port 0, which RTSim would find displaced by 8: 2 * 5, not 3 + 5.
    found = shifts(bank(ports=2, update="eager"), words([40, 5]))

    assert found.shift_steps == 26
    assert (found.min_displacement, found.max_displacement) == (0, 8)


def test_of_two_equally_near_ports_the_lower_serves() -> None:
    assert shifts(bank(ports=4, access="dynamic"), words([8])) == Shifts(
        requests=1, shift_steps=8, min_displacement=0, max_displacement=8
    )
    assert shifts(bank(ports=4, access="dynamic"), words([9])) == Shifts(
        requests=1, shift_steps=7, min_displacement=-7, max_displacement=0
    )


def test_a_dynamic_walk_gets_as_far_off_as_a_track_is_long() -> None:
    found = shifts(bank(ports=4, access="dynamic"), words(range(64)))

    assert (found.min_displacement, found.max_displacement, found.overhead_needed) == (0, 63, 63)


def test_both_ends_need_overhead_where_a_track_goes_both_ways() -> None:
    found = shifts(bank(ports=2, access="dynamic"), words([28, 4]))  # port 1 at 32, 4 back; then port 0 at -4, 8 on

    assert (found.min_displacement, found.max_displacement, found.overhead_needed) == (-4, 4, 8)


def test_lazy_traces_may_shift_more_with_more_ports() -> None:
    walk = words(range(3000))

    assert shifts(bank(ports=4), walk).shift_steps > shifts(bank(ports=1), walk).shift_steps


def test_dynamic_choice_may_shift_more_than_static() -> None:
    # the nearest port is not the best one for what comes next
    trace = next(
        trace
        for trace in np.random.default_rng(1).integers(0, 16, (1000, 6))
        if shifts(bank(16, 4, "dynamic"), words(trace)).shift_steps > shifts(bank(16, 4), words(trace)).shift_steps
    )

    assert naive.replay(bank(16, 4, "dynamic"), words(trace).tolist()).shift_steps > (
        naive.replay(bank(16, 4), words(trace).tolist()).shift_steps
    )


@pytest.mark.parametrize("access", ["static", "dynamic"])
@pytest.mark.parametrize("domains", [1, 2, 12, 30, 48, 64, 96])
def test_from_rest_more_ports_lengthen_neither_the_mean_nor_the_largest_distance(access: str, domains: int) -> None:
    every = [words([domain]) for domain in range(domains)]
    distances = [
        [shifts(bank(domains, ports, access), word).shift_steps for word in every] for ports in divisors(domains)
    ]

    for fewer, more in itertools.pairwise(distances):
        assert sum(more) <= sum(fewer)
        assert max(more) <= max(fewer)


@settings(deadline=None)
@given(on=banks(access=PortAccess.STATIC), addresses=ADDRESSES)
def test_a_static_choice_keeps_within_a_segment_on_one_side(on: Bank, addresses: list[int]) -> None:
    found = shifts(on, addresses)

    assert found.min_displacement == 0
    assert found.max_displacement <= on.segment - 1


@settings(deadline=None)
@given(on=banks(access=PortAccess.DYNAMIC), addresses=ADDRESSES)
def test_a_dynamic_choice_keeps_within_the_track(on: Bank, addresses: list[int]) -> None:
    found = shifts(on, addresses)

    assert -(on.domains - on.segment) <= found.min_displacement
    assert found.max_displacement <= on.domains - 1


@settings(deadline=None)
@given(on=banks(update=PortUpdate.EAGER), addresses=ADDRESSES, order=st.randoms(use_true_random=False))
def test_the_order_of_accesses_is_all_the_same_where_tracks_return(
    on: Bank, addresses: list[int], order: object
) -> None:
    shuffled = list(addresses)
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    assert shifts(on, shuffled) == shifts(on, addresses)


@settings(deadline=None)
@given(on=banks(), addresses=ADDRESSES)
def test_with_one_port_the_choice_is_none(on: Bank, addresses: list[int]) -> None:
    update = on.port_update

    static, dynamic = (with_ports(on, 1, access, update) for access in PortAccess)

    assert shifts(static, addresses) == shifts(dynamic, addresses)


@settings(deadline=None)
@given(on=banks(), addresses=ADDRESSES)
def test_staying_never_shifts_more_than_returning_under_a_static_choice(on: Bank, addresses: list[int]) -> None:
    lazy, eager = (shifts(with_ports(on, on.ports, "static", update), addresses) for update in ("lazy", "eager"))

    assert lazy.shift_steps <= eager.shift_steps  # |a - b| <= |a| + |b|


@settings(deadline=None)
@given(on=banks(), addresses=ADDRESSES)
def test_where_tracks_return_the_nearest_port_is_never_worse(on: Bank, addresses: list[int]) -> None:
    static, dynamic = (shifts(with_ports(on, on.ports, access, "eager"), addresses) for access in PortAccess)

    assert dynamic.shift_steps <= static.shift_steps
