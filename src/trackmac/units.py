"""The canonical units and the only conversions between them.

Energy is in pJ, time in ns, power in nW, area in um2, length in nm; a name's ending says so. Single
cells are characterised in fJ, ps and uA. Names that end in none of `UNIT_SUFFIXES` are counts or pure numbers.
"""

from collections.abc import Iterable
from functools import reduce
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Quantity = TypeVar("Quantity", float, FloatArray)

UNIT_SUFFIXES = (
    "_pj",
    "_ns",
    "_nw",
    "_um2",
    "_nm",
    "_um",
    "_mm",
    "_v",
    "_ohm_um2",
    "_ohm_m",
    "_a_per_cm2",
    "_pj_per_mm",
    "_ns_per_mm",
    "_f2",
    "_fraction",
    "_ratio",
    "_bits",
    "_seconds",
    "_ps",
    "_fj",
    "_ua",
    "_ff",
    "_ua_per_um",
    "_na_per_um",
    "_ohm",
)


def added(parts: Iterable[FloatArray]) -> FloatArray:
    """Return the sum of arrays of one shape and unit, one after another.

    Unlike `np.sum` over a stack, the order of additions does not depend on the shape: a point alone gives to the last
    bit what it gives among many.
    """
    return np.asarray(reduce(np.add, parts))


def leakage_energy_pj(leakage_nw: Quantity, time_ns: Quantity) -> Quantity:
    """Return the energy that `leakage_nw` takes in `time_ns`: 1 nW x 1 ns = 1e-18 J = 1e-6 pJ."""
    return leakage_nw * time_ns * 1e-6


def square_features_to_um2(area_f2: float, feature_nm: float) -> float:
    """Convert an area in F^2 to um^2 for a feature size in nm: 1 um^2 = 1e6 nm^2."""
    return area_f2 * feature_nm * feature_nm * 1e-6


def pj_to_nj(energy_pj: float) -> float:
    """Convert pJ to nJ."""
    return energy_pj * 1e-3


def nm_to_um(length_nm: float) -> float:
    """Convert nm to um."""
    return length_nm * 1e-3


def um_to_mm(length_um: Quantity) -> Quantity:
    """Convert um to mm."""
    return length_um * 1e-3


def square_nm_to_um2(area_nm2: float) -> float:
    """Convert nm^2 to um^2."""
    return area_nm2 * 1e-6


def ohmic_voltage_v(current_density_a_per_cm2: float, resistivity_ohm_m: float, length_nm: float) -> float:
    """Return the voltage along a wire, V = J x rho x length: 1 A/cm2 = 1e4 A/m2 and 1 nm = 1e-9 m."""
    return current_density_a_per_cm2 * 1e4 * resistivity_ohm_m * length_nm * 1e-9


def tera_operations_per_watt(operations: float, energy_pj: float) -> float:
    """Return TOPS/W: operations per joule / 1e12, which is operations per pJ."""
    return operations / energy_pj


def tera_operations_per_mm2(operations: float, interval_ns: float, area_um2: float) -> float:
    """Return TOPS/mm2: operations per ns are 1e-3 tera-operations per second, and 1 mm2 = 1e6 um2."""
    return operations / interval_ns * 1e-3 / (area_um2 * 1e-6)


def per_second(interval_ns: float) -> float:
    """Return how many fit into a second."""
    return 1e9 / interval_ns
