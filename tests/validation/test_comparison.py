from dataclasses import replace

import pytest

from trackmac.technology import load_technology, technology_names
from trackmac.validation import CLAIMS, validate
from trackmac.validation.claim import Claim, describes_cells

TECHNOLOGY = load_technology("rtsim-destiny-2017")


def claim(published: float, explanation: str = "") -> Claim:
    return Claim(
        quantity="one",
        published=published,
        evidence="published",
        source="a test",
        ours=lambda _: 1.0,
        explanation=explanation,
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


def test_only_what_is_far_off_somewhere_is_explained_away() -> None:
    rows = [row for name in technology_names() for row in validate(load_technology(name))]

    far = {row.quantity for row in rows if not 0.5 <= row.ours / row.published <= 2}
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


def test_a_large_deviation_that_is_explained_is_not_missed() -> None:
    (row,) = validate(TECHNOLOGY, [claim(9.0, "because")])

    assert not row.is_missed


def test_the_latch_saves_power_in_every_technology() -> None:
    saved = [row.ours for name in technology_names() for row in validate(load_technology(name), CLAIMS[:1])]

    assert all(0 < value < 1 for value in saved)


def test_the_explanation_of_the_latch_s_saving_counts_its_writes() -> None:
    from trackmac.circuits import circuit
    from trackmac.cost import Event
    from trackmac.models.circuit_counts import circuit_activity

    latched, magnetic = (circuit_activity(circuit(name, 8)) for name in ("latched_full_adder", "magnetic_full_adder"))

    assert replace(CLAIMS[0]).explanation.endswith("8 of 17")
    assert magnetic.events[Event.WRITES] == 17
    assert magnetic.events[Event.WRITES] - latched.events[Event.WRITES] == 8
