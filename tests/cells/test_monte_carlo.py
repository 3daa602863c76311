"""Sense margins of varied cells: the statistics by themselves, and what ngspice says of TMR, supply and distance."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from trackmac.cells.bench import Conditions
from trackmac.cells.monte_carlo import (
    Point,
    decision_text,
    decisions_of,
    monte_carlo,
    normal_tail,
    points_around,
    sense_errors,
    summarised,
    wilson_interval,
)
from trackmac.cells.mtj import PORT
from trackmac.cells.sense_margin import transverse_margins_v
from trackmac.cells.sense_netlists import TRANSVERSE_SENSE_AMPLIFIERS
from trackmac.cells.variation import SPREADS, threshold_sigma_v, varied_mtj
from trackmac.errors import InputError

needs_ngspice = pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)
NOMINAL = Point(distance=1, tmr_fraction=1.25, supply_v=0.9)


def test_thresholds_follow_pelgrom_s_law() -> None:
    assert threshold_sigma_v(100.0, 100.0) == pytest.approx(SPREADS["threshold_mismatch_v_nm"].value / 100)
    assert threshold_sigma_v(400.0, 100.0) == pytest.approx(threshold_sigma_v(100.0, 100.0) / 2)


def test_junctions_vary_by_the_stated_spreads() -> None:
    draws = np.random.default_rng(1)
    varied = [varied_mtj(PORT, draws) for _ in range(4000)]

    for name in ("ra_ohm_um2", "tmr_fraction", "diameter_nm"):
        spread = np.std([getattr(mtj, name) for mtj in varied]) / getattr(PORT, name)
        stated = SPREADS[f"{name.split('_')[0]}_sigma_fraction"].value
        assert spread == pytest.approx(stated, rel=0.05)


def test_a_normal_tail_is_that_of_the_tables() -> None:
    assert normal_tail(0.0) == 0.5
    assert normal_tail(1.959964) == pytest.approx(0.025, rel=1e-4)


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    [(0, 100, 0.0, 0.0370), (10, 100, 0.0552, 0.1744), (100, 100, 0.9630, 1.0)],
)
def test_the_interval_is_wilson_s(errors: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(errors, trials) == pytest.approx((low, high), abs=1e-4)


def test_a_count_depends_on_the_levels_next_to_it() -> None:
    assert [decisions_of(ones, 3) for ones in range(4)] == [[0], [1, 2], [3, 4], [5]]
    assert [decisions_of(bit, 1) for bit in range(2)] == [[0], [1]]


def test_a_decision_is_named_by_what_is_stored_and_what_it_is_told_from() -> None:
    assert [decision_text(column, 1) for column in range(2)] == ["a stored 0", "a stored 1"]
    assert [decision_text(column, 3) for column in range(4)] == [
        "0 ones, told from 1", "1 ones, told from 0", "1 ones, told from 2", "2 ones, told from 1"
    ]  # fmt: skip


def test_errors_and_their_extrapolation_agree_on_a_normal_margin() -> None:
    margins = np.random.default_rng(2).normal(20e-3, 10e-3, size=(20_000, 2))

    result = summarised(NOMINAL, margins, margins <= 0)

    assert result.error_low_fraction < normal_tail(2.0) < result.error_high_fraction
    assert result.extrapolated_error_fraction == pytest.approx(normal_tail(2.0), rel=0.1)
    assert "margins_v" not in result.to_dict()


@pytest.mark.parametrize(("samples", "seed"), [(1, 0), (100_001, 0), (10, -1)])
def test_senseless_numbers_are_refused(samples: int, seed: int) -> None:
    with pytest.raises(InputError, match="but"):
        monte_carlo(samples, seed)


def test_the_points_are_one_change_each() -> None:
    points = list(points_around(Conditions()))

    assert points[0] == NOMINAL
    assert len(set(points)) == len(points)
    for point in points[1:]:
        changes = [getattr(point, key) != getattr(NOMINAL, key) for key in ("distance", "tmr_fraction", "supply_v")]
        assert sum(changes) == 1


@needs_ngspice
def test_the_same_seed_draws_the_same_cells() -> None:
    first, again, other = (sense_errors(NOMINAL, 3, (seed, 0), Conditions()).margins_v for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@needs_ngspice
@pytest.mark.slow
def test_margin_grows_with_tmr_and_errors_fall() -> None:
    low, high = (sense_errors(replace(NOMINAL, tmr_fraction=tmr), 100, (0, 0), Conditions()) for tmr in (0.3, 2.0))

    assert low.margin_mean_v < high.margin_mean_v
    assert low.error_low_fraction > high.error_high_fraction
    assert low.extrapolated_error_fraction > high.extrapolated_error_fraction


@needs_ngspice
@pytest.mark.slow
def test_a_longer_transverse_read_is_misread_more_often() -> None:
    near, far = (sense_errors(replace(NOMINAL, distance=trd), 60, (0, 0), Conditions()) for trd in (3, 7))

    assert near.error_high_fraction < far.error_low_fraction
    assert near.extrapolated_error_fraction < far.extrapolated_error_fraction


@needs_ngspice
def test_without_variation_every_level_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mean(np.random.Generator):
        def standard_normal(self, *args: object, **kwargs: object) -> float:  # type: ignore[override]
            return 0.0

    margins = transverse_margins_v(TRANSVERSE_SENSE_AMPLIFIERS[0], Conditions(), 1, Mean(np.random.PCG64(0)))

    assert margins.shape == (1, 6)
    assert (margins > 0).all()
