"""Sense margins: their sign, the latch's offset by itself, and what varied thresholds alone do."""

import math
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from trackmac.cells.bench import Conditions
from trackmac.cells.sense_margin import port_margins_v, transverse_margins_v
from trackmac.cells.sense_netlists import LATCH_WIDTH_NM, RACE_WIDTH_NM, SENSE_AMPLIFIER, TRANSVERSE_SENSE_AMPLIFIERS
from trackmac.cells.spice import Waves
from trackmac.cells.variation import SPREADS, threshold_sigma_v, varied_elements

needs_ngspice = pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)
LENGTH_NM = Conditions().cards.transistors["nmos"].gate_length_nm


class Mean(np.random.Generator):
    """Draws the mean."""

    def standard_normal(self, *args: object, **kwargs: object) -> float:  # type: ignore[override]
        return 0.0


@pytest.fixture
def _only_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ra_sigma_fraction", "tmr_sigma_fraction", "diameter_sigma_fraction"):
        monkeypatch.setitem(SPREADS, name, SPREADS[name].model_copy(update={"value": 0.0}))


@needs_ngspice
@pytest.mark.parametrize("tmr", [0.5, 1.25])
def test_without_variation_both_bits_stand_out_towards_the_right_answer(tmr: float) -> None:
    base = Conditions()
    conditions = replace(base, port=replace(base.port, tmr_fraction=tmr))

    margins, is_right = port_margins_v(conditions, 1, Mean(np.random.PCG64(0)))

    assert margins.shape == (1, 2)
    assert (margins > 5e-3).all()
    assert (is_right == 1).all()


@needs_ngspice
def test_with_the_antiparallel_state_the_better_conductor_every_margin_is_negative() -> None:
    base = Conditions()
    conditions = replace(base, port=replace(base.port, tmr_fraction=-0.4))

    margins, is_right = port_margins_v(conditions, 1, Mean(np.random.PCG64(0)))

    assert (margins < -5e-3).all()
    assert (is_right == 0).all()


@needs_ngspice
@pytest.mark.usefixtures("_only_thresholds")
def test_thresholds_alone_spread_a_port_s_margin_about_as_their_pair_s_mismatch() -> None:
    margins, _ = port_margins_v(Conditions(), 40, np.random.default_rng(5))
    pair_v = math.sqrt(2) * threshold_sigma_v(RACE_WIDTH_NM, LENGTH_NM)

    sigma_v = margins.std(axis=0, ddof=1)
    # what is below the pair counteracts its mismatch: about half of it is seen
    assert (sigma_v > pair_v / 4).all()
    assert (sigma_v < pair_v).all()


@pytest.mark.usefixtures("_only_thresholds")
def test_each_transistor_s_threshold_is_drawn_by_pelgrom_s_law() -> None:
    draws, conditions = np.random.default_rng(3), Conditions()
    samples = [list(varied_elements(SENSE_AMPLIFIER, conditions, draws)) for _ in range(1000)]

    for index, part in enumerate(SENSE_AMPLIFIER.transistors):
        found = [re.search(r"delvto=(\S+)", lines[index]) for lines in samples]
        shifts = [float(match[1]) for match in found if match]
        length_nm = conditions.cards.transistors[part.kind].gate_length_nm
        assert len(shifts) == len(samples)
        assert np.std(shifts) == pytest.approx(threshold_sigma_v(part.width_nm, length_nm), rel=0.1)
        assert abs(np.mean(shifts)) < 0.2 * np.std(shifts)


def test_a_transverse_margin_is_the_pair_s_voltage_less_the_latch_s_drawn_offset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cell, samples = TRANSVERSE_SENSE_AMPLIFIERS[0], 3000
    levels = range(1, len(cell.rows))
    volts = {f"v(x{n}.mirrored{k})": np.zeros(len(cell.rows)) for n in range(samples) for k in levels}
    for n in range(samples):
        for k in levels:  # 30 mV above zero from `k` ones on, 10 mV below it until then
            volts[f"v(x{n}.straight{k})"] = np.where(np.arange(len(cell.rows)) >= k, 30e-3, -10e-3)
    waves = Waves(scale=np.arange(float(len(cell.rows))), signals=volts)
    monkeypatch.setattr("trackmac.cells.sense_margin.varied_elements", lambda *_: iter(()))
    monkeypatch.setattr("trackmac.cells.sense_margin.run_deck", lambda deck, what: waves)

    margins = transverse_margins_v(cell, Conditions(), samples, np.random.default_rng(4))

    offset_v = math.sqrt(2) * threshold_sigma_v(LATCH_WIDTH_NM, LENGTH_NM)
    for level in range(len(levels)):
        below, above = margins[:, 2 * level], margins[:, 2 * level + 1]
        np.testing.assert_allclose(below + above, 40e-3)
        assert below.mean() == pytest.approx(10e-3, abs=0.1 * offset_v)
        assert np.std(below) == pytest.approx(offset_v, rel=0.06)
