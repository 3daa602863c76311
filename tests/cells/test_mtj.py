"""The junction as algebra and as ngspice's element: the same resistance in every state and at every bias."""

import math
import shutil

import numpy as np
import pytest

from trackmac.cells.mtj import DOMAIN, PORT, Mtj
from trackmac.cells.spice import run_deck


def test_resistance_is_ra_over_area_and_half_of_the_tmr_is_left_at_the_half_bias() -> None:
    parallel_ohm = PORT.ra_ohm_um2 / (math.pi / 4 * (PORT.diameter_nm * 1e-3) ** 2)

    assert PORT.resistance_ohm(0.0) == PORT.resistance_ohm(0.0, 0.4) == pytest.approx(parallel_ohm)
    assert PORT.resistance_ohm(1.0) == pytest.approx(parallel_ohm * (1 + PORT.tmr_fraction))
    for bias_v in (PORT.half_bias_v, -PORT.half_bias_v):
        assert PORT.resistance_ohm(1.0, bias_v) == pytest.approx(parallel_ohm * (1 + PORT.tmr_fraction / 2))


@pytest.mark.skipif(
    shutil.which("ngspice") is None, reason="needs ngspice (Debian: apt install ngspice), which is not installed"
)
@pytest.mark.parametrize("mtj", [PORT, DOMAIN], ids=["port", "domain"])
@pytest.mark.parametrize(("antiparallel", "segments"), [(0.0, 1), (0.5, 1), (1.0, 1), (2.0, 3), (7.0, 7)])
def test_ngspice_s_element_conducts_as_the_formula_says(mtj: Mtj, antiparallel: float, segments: int) -> None:
    deck = [
        "* a junction", ".options reltol=1e-7 abstol=1e-15 vntol=1e-10",
        f"Vstate state 0 {antiparallel}", "Vtop top 0 0",
        mtj.element("1", "top", "0", "v(state)", segments),
        ".control", "set filetype=binary", "save i(vtop)", "dc Vtop -0.9 0.9 0.1", "write out.raw", "quit", ".endc",
        ".end",
    ]  # fmt: skip
    waves = run_deck("\n".join(deck) + "\n", "mtj")

    for bias_v, current_a in zip(waves.scale, -waves.signals["i(vtop)"], strict=True):
        share, one_v = antiparallel / segments, bias_v / segments
        expected_a = bias_v / (segments * mtj.resistance_ohm(share, one_v))
        np.testing.assert_allclose(current_a, expected_a, rtol=1e-5, atol=1e-11)
