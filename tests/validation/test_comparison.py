import pytest

from trackmac.circuits import circuit
from trackmac.cost import Event
from trackmac.models.circuit_costs import CircuitCost, circuit_cost
from trackmac.models.circuit_counts import circuit_activity
from trackmac.technology import load_technology, technology_names
from trackmac.validation import CLAIMS, validate
from trackmac.validation.claim import Claim, describes_cells
from trackmac.validation.claims import CIRCUIT_CLAIMS

TECHNOLOGY = load_technology("rtsim-destiny-2017")


def claim(published: float, explains_up_to: float = 2.0, low: float | None = None) -> Claim:
    return Claim(
        quantity="one",
        published=published,
        evidence="published",
        source="a test",
        ours=lambda _: 1.0,
        explanation="because",
        explains_up_to=explains_up_to,
        published_low=low,
    )


@pytest.mark.parametrize("name", technology_names())
def test_every_claim_has_a_figure_of_ours_in_every_technology_that_is_comparable(name: str) -> None:
    technology = load_technology(name)
    rows = validate(technology)

    assert [row.quantity for row in rows] == [item.quantity for item in CLAIMS if item.is_comparable(technology)]
    assert not any(row.is_missed for row in rows)


def test_only_the_technology_whose_cells_were_simulated_is_held_against_whole_banks() -> None:
    assert {name for name in technology_names() if describes_cells(load_technology(name))} == {"physics-45nm"}
    assert all(item.is_comparable(load_technology("physics-45nm")) for item in CLAIMS)


def test_what_is_a_quarter_away_somewhere_is_explained_and_nothing_else() -> None:
    rows = [row for name in technology_names() for row in validate(load_technology(name))]

    far = {row.quantity for row in rows if abs(row.relative_error) > 0.25}
    assert {item.quantity for item in CLAIMS if item.explanation} == far


@pytest.mark.parametrize("item", CLAIMS, ids=lambda item: item.quantity)
def test_a_claim_names_its_source(item: Claim) -> None:
    assert len(item.source) > 20


def test_the_relative_error_is_ours_over_published_less_one() -> None:
    (row,) = validate(TECHNOLOGY, [claim(0.8)])

    assert row.relative_error == pytest.approx(0.25)


@pytest.mark.parametrize(("published", "is_missed"), [(0.5, False), (2.0, False), (0.49, True), (2.1, True)])
def test_more_than_a_factor_of_two_is_missed(published: float, is_missed: bool) -> None:
    (row,) = validate(TECHNOLOGY, [claim(published)])

    assert row.is_missed == is_missed


@pytest.mark.parametrize(("published", "is_missed"), [(9.0, False), (9.1, True), (0.12, False), (0.11, True)])
def test_an_explanation_reaches_so_far_and_no_further(published: float, is_missed: bool) -> None:
    (row,) = validate(TECHNOLOGY, [claim(published, explains_up_to=9.0)])

    assert row.is_missed == is_missed


@pytest.mark.parametrize(("low", "published", "is_outside"), [(0.5, 1.5, False), (0.2, 0.9, True), (1.1, 1.5, True)])
def test_ours_is_within_a_published_range_or_outside_it(low: float, published: float, is_outside: bool) -> None:
    (row,) = validate(TECHNOLOGY, [claim(published, low=low)])

    assert (row.published_low, row.published, row.is_outside) == (low, published, is_outside)


@pytest.mark.parametrize("item", CLAIMS, ids=lambda item: item.quantity)
def test_what_reaches_further_than_two_is_explained_and_no_wider_than_twice_the_farthest(item: Claim) -> None:
    if item.explains_up_to == 2 or item.quantity.endswith("write, pJ per bit"):  # that one: all that is published
        return
    ours = [
        item.ours(load_technology(name)) for name in technology_names() if item.is_comparable(load_technology(name))
    ]

    farthest = max(max(one / item.published, item.published / one) for one in ours)
    assert item.explanation
    assert 2 < farthest < item.explains_up_to < 2 * farthest


def test_the_latch_saves_power_in_every_technology() -> None:
    saved = [row.ours for name in technology_names() for row in validate(load_technology(name), CLAIMS[:1])]

    assert all(0 < value < 1 for value in saved)


def test_circuits_are_compared_without_their_sequencers() -> None:
    # pinned: with 0.5 pJ a step they were 0.316, 5.35 and 0.837, and 0.115, 10.6 and 2.83
    energies = {
        name: [row.ours for row in validate(load_technology(name), CIRCUIT_CLAIMS) if "no sequencer" in row.quantity]
        for name in technology_names()
    }

    assert energies == {
        "physics-45nm": pytest.approx([0.1166, 4.976, 0.7233], rel=1e-3),
        "rtsim-destiny-2017": pytest.approx([0.3591, 5.163, 0.7126], rel=1e-3),
        "spimulator-2025": pytest.approx([0.2072, 14.79, 2.220], rel=1e-3),
    }


def cost(name: str, technology: str, *, bits: int = 8, layout: str | None = None) -> CircuitCost:
    return circuit_cost(circuit(name, bits, layout=layout), load_technology(technology))


def assert_told(text: str, *figures: str) -> None:
    for figure in figures:
        assert figure in text


def test_the_latch_saves_8_of_25_senses_and_8_of_17_writes() -> None:
    latched, magnetic = (circuit_activity(circuit(name, 8)) for name in ("latched_full_adder", "magnetic_full_adder"))

    assert_told(CLAIMS[0].explanation, "8 of 25 senses and 8 of 17 writes", "17 senses, 9 writes and 44 track shifts")
    counts = [(each.events[Event.SENSES], each.events[Event.WRITES]) for each in (latched, magnetic)]
    assert counts == [(17, 9), (25, 17)]
    assert latched.events[Event.TRACK_SHIFTS] == magnetic.events[Event.TRACK_SHIFTS] == 44


@pytest.mark.parametrize("technology", technology_names())
def test_what_the_two_adders_share_and_what_the_latch_saves_is_told(technology: str) -> None:
    latched, magnetic = (
        cost(name, technology).datapath_energy_pj for name in ("latched_full_adder", "magnetic_full_adder")
    )

    saved, shared = (f"{value:.1f}" for value in (magnetic - latched, latched))
    text = " ".join(CLAIMS[0].explanation.split())
    assert f"{saved} and {shared} pJ with {technology}" in text or f"{saved} and {shared} with {technology}" in text


@pytest.mark.parametrize("technology", technology_names())
def test_against_parallel_adders_transverse_read_is_slower(technology: str) -> None:
    four = [cost("parallel_adder", technology, bits=8 + wider, layout="across") for wider in range(4)]
    parallel_ns, parallel_pj = sum(each.latency_ns for each in four), sum(each.datapath_energy_pj for each in four)
    transverse = cost("transverse_read_adder", technology)

    assert transverse.latency_ns > parallel_ns
    assert_told(CLAIMS[1].explanation, f"{transverse.latency_ns:.3g} against {parallel_ns:.3g}")
    assert_told(CLAIMS[2].explanation, f"{parallel_pj:.3g}", f"{transverse.datapath_energy_pj:.3g}")


@pytest.mark.parametrize("technology", technology_names())
def test_against_shift_add_across_tracks_transverse_read_is_slower(technology: str) -> None:
    across = cost("shift_add_multiplier", technology, layout="across")
    transverse = cost("transverse_read_multiplier", technology)

    assert_told(CLAIMS[3].explanation, f"{across.latency_ns / transverse.latency_ns:.2f} ")
    assert_told(CLAIMS[4].explanation, f"{across.datapath_energy_pj / transverse.datapath_energy_pj:.2g}")


@pytest.mark.parametrize("technology", technology_names())
def test_what_both_multipliers_take_is_told_of_each_technology(technology: str) -> None:
    classic, ours = (
        cost(name, technology).datapath_energy_pj for name in ("shift_add_multiplier", "transverse_read_multiplier")
    )

    assert_told(CLAIMS[4].explanation, technology, f"{ours:.3g} against {classic:.3g}")
