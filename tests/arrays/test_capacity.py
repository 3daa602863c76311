"""What the shipped chips hold."""

from dataclasses import replace

import pytest

from trackmac.arrays import load_hardware, weight_capacity_bits
from trackmac.circuits import Layout

KIB = 8 * 1024


@pytest.mark.parametrize(("name", "kib"), [("tiny", 32), ("embedded", 256), ("edge", 4 * 1024), ("large", 16 * 1024)])
def test_a_shipped_chip_holds_what_its_summary_says(name: str, kib: int) -> None:
    assert weight_capacity_bits(load_hardware(name)) == kib * KIB


def test_tracks_at_work_hold_no_weights() -> None:
    hardware = load_hardware("tiny")

    along = weight_capacity_bits(replace(hardware, circuit="magnetic_mac"))
    across = weight_capacity_bits(replace(hardware, layout=Layout.ACROSS))

    assert along == 64 * 64 * (67 - 4)  # and its carry
    assert across == 64 * 64 * (67 - 8 - 24 - 24)
    assert weight_capacity_bits(replace(hardware, tracks=3)) == 0
