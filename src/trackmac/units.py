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
    "_ohm_um",
    "_ohm_per_um",
    "_ff_per_um",
    "_w_per_cm2",
    "_per_second",
    "_days",
    "_years",
)


def added(parts: Iterable[FloatArray]) -> FloatArray:
    """Return the sum of arrays of one shape and unit, one after another.

    Unlike `np.sum` over a stack, the order of additions does not depend on the shape: a point alone gives to the last
    bit what it gives among many.
    """
    return np.asarray(reduce(np.add, parts))


def ohm_ff_to_ns(product_ohm_ff: Quantity) -> Quantity:
    """Convert a resistance in ohm times a capacitance in fF to ns: 1 ohm x 1 fF = 1e-15 s."""
    return product_ohm_ff * 1e-6


def charge_energy_pj(capacitance_ff: Quantity, supply_v: float) -> Quantity:
    """Return what charging a capacitance takes from the supply, C V^2, half of it heat at once: fF V^2 = 1e-3 pJ."""
    return capacitance_ff * supply_v**2 * 1e-3


def leakage_energy_pj(leakage_nw: Quantity, time_ns: Quantity) -> Quantity:
    """Return the energy that `leakage_nw` takes in `time_ns`: 1 nW x 1 ns = 1e-18 J = 1e-6 pJ."""
    return leakage_nw * time_ns * 1e-6


def mean_power_nw(energy_pj: Quantity, per_second: float) -> Quantity:
    """Return the power of so much energy so often: 1 pJ/s = 1e-12 W = 1e-3 nW."""
    return energy_pj * per_second * 1e-3


def power_density_w_per_cm2(power_nw: Quantity, area_um2: Quantity) -> Quantity:
    """Return W/cm2: 1 nW/um2 = 1e-9 W / 1e-8 cm2 = 0.1 W/cm2."""
    return power_nw / area_um2 * 0.1


def power_nw(energy_pj: Quantity, time_ns: Quantity) -> Quantity:
    """Return the power of `energy_pj` in `time_ns`: 1 pJ/ns = 1 mW = 1e6 nW."""
    return energy_pj / time_ns * 1e6


def battery_days(capacity_mah: float, voltage_v: float, power_nw: Quantity) -> Quantity:
    """Return how long a battery lasts: 1 mAh V = 1e-3 Wh = 1e6 nW h; a day has 24 hours."""
    return capacity_mah * voltage_v * 1e6 / power_nw / 24


def years(count: Quantity, per_second: Quantity) -> Quantity:
    """Return how long `count` lasts at so many a second; a year has 365.25 days."""
    return count / per_second / (365.25 * 24 * 3600)


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


def per_second(interval_ns: Quantity) -> Quantity:
    """Return how many fit into a second."""
    return 1e9 / interval_ns
