"""How many bits of weights a chip holds."""

from trackmac.arrays.hardware import Hardware
from trackmac.arrays.unit_design import DotProductWords, Workload, unit_design
from trackmac.bits import NumberFormat

NOMINAL = DotProductWords(
    a=NumberFormat(8, is_signed=False), b=NumberFormat(8, is_signed=True), c=NumberFormat(24, is_signed=True)
)
"""The words that a chip is rated with: 8 bits, 256 products to a sum."""


def weight_capacity_bits(hardware: Hardware) -> int:
    """Return the data domains of all tracks that hold weights.

    Across tracks, each work track has one bit of activation, product or accumulator: how many there are depends on the
    network, and the rating takes `NOMINAL` words.
    """
    workload = Workload(dot_products=(NOMINAL,), rectified=(), rescalings=(), pooled=())
    work_tracks = unit_design(hardware.circuit, hardware.layout, workload, hardware.dataflow).work_tracks
    return hardware.units * max(hardware.tracks - work_tracks, 0) * hardware.domains
