"""A small accelerator that computes, for tests of mat, bank, chip and access."""

import pytest

from trackmac.arrays import DotProductWords, Hardware, Rescaling, UnitDesign, Workload, unit_design
from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.technology import Technology, load_technology

WORDS = DotProductWords(a=NumberFormat(4, False), b=NumberFormat(4, True), c=NumberFormat(14, True))


@pytest.fixture
def technology() -> Technology:
    return load_technology("physics-45nm")


@pytest.fixture
def hardware() -> Hardware:
    return Hardware(
        name="test",
        technology="physics-45nm",
        domains=64,
        tracks=32,
        ports=2,
        circuit="shift_add_mac",
        layout=Layout.ALONG,
        units_per_mat=16,
        mats_per_bank=4,
        banks=1,
        buffer_kib=2,
    )


@pytest.fixture
def computing() -> UnitDesign:
    workload = Workload(
        dot_products=(WORDS,),
        rectified=(WORDS.c,),
        rescalings=(Rescaling(c=WORDS.c, shift=6, output=WORDS.a),),
        pooled=(WORDS.a,),
    )
    return unit_design("shift_add_mac", Layout.ALONG, workload)
