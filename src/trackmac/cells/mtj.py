"""The magnetic tunnel junction as a behavioural element: a resistance that depends on its state and on its bias.

R_P = RA / area. R_AP(V) = R_P (1 + TMR / (1 + (V / V_half)^2)): the bias at which half of the TMR is left is V_half.
ngspice 39 reads no Verilog-A, so the element is a current source of that resistance. Switching is not modelled: a
state is an input of the bench, between 0 (parallel) and 1 (antiparallel); a state in between is a reference's.
"""

import math
from dataclasses import dataclass

from trackmac.technology.schema import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Mtj:
    """The figures of one junction."""

    ra_ohm_um2: float
    tmr_fraction: float
    diameter_nm: float
    half_bias_v: float

    @property
    def area_um2(self) -> float:
        """Area of the round junction."""
        return math.pi / 4 * self.diameter_nm**2 * 1e-6

    @property
    def parallel_ohm(self) -> float:
        """Resistance in the parallel state."""
        return self.ra_ohm_um2 / self.area_um2

    def resistance_ohm(self, state: float, bias_v: float = 0.0) -> float:
        """Return the resistance in `state` (0 parallel, 1 antiparallel) at a bias."""
        return self.parallel_ohm * (1 + state * self.tmr_fraction / (1 + (bias_v / self.half_bias_v) ** 2))

    def element(self, name: str, top: str, bottom: str, state: str, segments: int = 1) -> str:
        """Return the SPICE line of `segments` junctions in series that share their bias evenly.

        `state` is an expression: the number of antiparallel segments among them.
        """
        bias = f"v({top},{bottom})/{segments * self.half_bias_v:.9g}"
        resistance = f"{self.parallel_ohm:.9g}*({segments}+({state})*{self.tmr_fraction:.9g}/(1+({bias})^2))"
        return f"B{name} {top} {bottom} i=v({top},{bottom})/({resistance})"


def _assumed(value: float, low: float, high: float, source: str) -> Figure:
    return Figure(value=value, low=low, high=high, evidence="assumed", source=source)


PORT_FIGURES = {
    "ra_ohm_um2": _assumed(
        7.5, 5.0, 10.0, "5 to 10 ohm um2, recalled (Sun DAC'13, Zhang ASP-DAC'15); the middle is taken"
    ),
    "tmr_fraction": _assumed(
        1.25, 1.0, 1.5, "100 to 150 %, recalled (Sun DAC'13, Zhang ASP-DAC'15); the middle is taken"
    ),
    "diameter_nm": _assumed(45.0, 40.0, 65.0, "As wide as the track"),
    "half_bias_v": _assumed(0.5, 0.35, 0.7, "Bias that halves the TMR of CoFeB/MgO junctions, about 0.5 V; recalled"),
}
"""The junction of a port; the first three are those of the technology record `companion-45nm`."""

PORT = Mtj(**{key: figure.value for key, figure in PORT_FIGURES.items()})

DOMAIN_AREA_UM2 = 0.090 * 0.045
"""A domain's area, its length times the track's width (`companion-45nm`)."""

DOMAIN = Mtj(
    ra_ohm_um2=PORT.ra_ohm_um2,
    tmr_fraction=PORT.tmr_fraction,
    diameter_nm=math.sqrt(4 / math.pi * DOMAIN_AREA_UM2) * 1e3,
    half_bias_v=PORT.half_bias_v,
)
"""What a transverse read passes in each domain: a junction of a port's RA and TMR with the area of a domain.

An assumption: the resistance of a transverse read has no source that could be read (facts, section 11).
"""
