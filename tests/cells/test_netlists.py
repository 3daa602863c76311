"""Declared cells as text: gates, junctions, the walk of a bench, and what a hash notices."""

import itertools
from dataclasses import replace

import pytest

from trackmac.cells.bench import Conditions, netlist, schedule_of, walk_of
from trackmac.cells.cards import CORNERS, shipped_cards
from trackmac.cells.catalog import netlist_sha256
from trackmac.cells.declared import DECLARED
from trackmac.cells.gates import Network, Series, all_of, any_of, gate
from trackmac.cells.layout import area_f2, area_um2
from trackmac.cells.mtj import DOMAIN, PORT
from trackmac.cells.netlist import Transistor, subcircuit
from trackmac.cells.stimulus import ALL_PAIRS_UP_TO, STRIDES, steps, tour


def conducts(network: Network, up: set[str]) -> bool:
    if isinstance(network, str):
        return network in up
    return (all if isinstance(network, Series) else any)(conducts(part, up) for part in network.parts)


def connected(transistors: tuple[Transistor, ...], start: str, end: str, up: set[str]) -> bool:
    """Whether closed switches connect two nodes."""
    reached = {start}
    for _ in transistors:
        for part in transistors:
            if (part.gate in up) == (part.kind == "nmos") and {part.drain, part.source} & reached:
                reached |= {part.drain, part.source}
    return end in reached


@pytest.mark.parametrize(
    "network",
    ["a", all_of("a", "b"), any_of("a", all_of("b", "c")), all_of(any_of("a", "b"), any_of("c", all_of("a", "d")))],
    ids=str,
)
def test_a_gate_s_output_is_always_tied_to_one_supply_and_never_to_both(network: Network) -> None:
    transistors = gate("out", network)

    for values in itertools.product((False, True), repeat=4):
        up = {name for name, value in zip("abcd", values, strict=True) if value}
        assert connected(transistors, "out", "0", up) == conducts(network, up)
        assert connected(transistors, "out", "vdd", up) != conducts(network, up)


def test_a_junction_has_the_resistance_of_its_area_and_state() -> None:
    assert PORT.parallel_ohm == pytest.approx(7.5 / (3.14159265 / 4 * 0.045**2))
    assert PORT.resistance_ohm(1.0) == pytest.approx(2.25 * PORT.parallel_ohm)
    assert PORT.resistance_ohm(0.5) == pytest.approx((1 + 2.25) / 2 * PORT.parallel_ohm)


def test_half_of_the_tmr_is_left_at_the_half_bias_and_none_of_it_is_in_the_parallel_state() -> None:
    drop = PORT.resistance_ohm(1.0, PORT.half_bias_v) / PORT.parallel_ohm - 1

    assert drop == pytest.approx(PORT.tmr_fraction / 2)
    assert PORT.resistance_ohm(0.0, 0.9) == PORT.parallel_ohm


def test_a_domain_of_a_transverse_read_has_the_area_of_a_domain() -> None:
    assert pytest.approx(0.090 * 0.045) == DOMAIN.area_um2


@pytest.mark.parametrize("rows", range(2, ALL_PAIRS_UP_TO + 1))
def test_a_tour_changes_from_every_row_to_every_other_once(rows: int) -> None:
    walk = tour(rows)

    assert sorted(itertools.pairwise(walk)) == sorted(itertools.permutations(range(rows), 2))


def test_a_tour_of_many_rows_visits_each_as_often() -> None:
    walk = tour(32)

    assert [walk[1:].count(row) for row in range(32)] == [len(STRIDES)] * 32
    assert all(a != b for a, b in itertools.pairwise(walk))


@pytest.mark.parametrize("cell", DECLARED.values(), ids=lambda cell: cell.name)
def test_every_row_is_evaluated(cell: object) -> None:
    from trackmac.cells.netlist import Cell

    assert isinstance(cell, Cell)
    assert set(walk_of(cell)) == set(range(len(cell.rows)))
    assert schedule_of(cell).evaluations == len(walk_of(cell))


def test_steps_hold_their_value_and_change_only_where_it_changes() -> None:
    assert steps([0, 0, 1], 500.0) == "pwl(0p 0 1000p 0 1020p 1)"


def test_a_subcircuit_has_a_line_for_each_part() -> None:
    cell = DECLARED["magnetic_sum"]

    lines = subcircuit(cell, shipped_cards()).splitlines()

    assert sum(line.startswith("M") for line in lines) == len(cell.transistors) == 23
    assert sum(line.startswith("B") for line in lines) == 2
    assert lines[1] == ".subckt magnetic_sum a b carry clock out out_inv vdd vddio"


def test_a_corner_shifts_both_thresholds_towards_on_or_off() -> None:
    values = {}
    for corner in CORNERS:
        lines = shipped_cards().text(corner).splitlines()
        values[corner] = [float(line.split("=")[1]) for line in lines if line.startswith("+ vth0=")][:2]

    assert values["FF"][0] < values["TT"][0] < values["SS"][0]
    assert values["FF"][1] > values["TT"][1] > values["SS"][1]  # p-channel thresholds are negative


def test_the_hash_notices_a_width_a_condition_and_nothing_else() -> None:
    conditions = Conditions()

    assert netlist_sha256("and") == netlist_sha256("and", conditions)
    assert netlist_sha256("and") != netlist_sha256("or")
    assert netlist_sha256("and", replace(conditions, supply_v=0.8)) != netlist_sha256("and")
    cell = DECLARED["and"]
    wider = replace(cell, transistors=(replace(cell.transistors[0], width_nm=130.0), *cell.transistors[1:]))
    assert netlist(wider, conditions) != netlist(cell, conditions)


def test_area_follows_the_stated_rules() -> None:
    nand = [Transistor("nmos", "a", "b", "c", 415.0)] * 2 + [Transistor("pmos", "a", "b", "c", 630.0)] * 2

    assert area_um2(nand, shipped_cards()) == pytest.approx(1.5 * 2 * (415 + 160 + 630 + 160) * 180 * 1e-6)
    assert area_f2(0.045**2) == pytest.approx(1.0)


def test_a_transistor_wider_than_a_finger_is_folded() -> None:
    single, folded = ([Transistor("nmos", "a", "b", "c", width)] for width in (1000.0, 1001.0))

    assert area_um2(folded, shipped_cards()) - area_um2(single, shipped_cards()) == pytest.approx(
        1.5 * (1 + 160) * 180e-6
    )
