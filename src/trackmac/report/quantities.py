"""Quantities as a person reads them: three digits, a prefix, a unit."""

import math
from collections.abc import Callable

PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
UM2_SHOWN_AS_MM2 = 1e4
DAYS_SHOWN_AS_YEARS = 2 * 365.25


def energy(energy_pj: float) -> str:
    """Write an energy in pJ with the prefix that suits it."""
    return _engineering(energy_pj, -12, "J")


def duration(time_ns: float) -> str:
    """Write a time in ns with the prefix that suits it."""
    return _engineering(time_ns, -9, "s")


def energy_delay(product_pj_ns: float) -> str:
    """Write an energy-delay product in pJ·ns with the prefix that suits it, such as 8.93 nJ·ns."""
    return _engineering(product_pj_ns, -12, "J·ns")


def power(power_nw: float | None) -> str:
    """Write a power in nW with the prefix that suits it, and None as a dash."""
    return "–" if power_nw is None else _engineering(power_nw, -9, "W")


def power_density(density_w_per_cm2: float) -> str:
    """Write a power density in W/cm2."""
    return f"{digits(density_w_per_cm2)} W/cm²"


def days(time_days: float | None) -> str:
    """Write days, as years from two of these on, and None as a dash."""
    if time_days is None:
        return "–"
    return f"{digits(time_days)} days" if time_days < DAYS_SHOWN_AS_YEARS else f"{digits(time_days / 365.25)} years"


def years(time_years: float | None) -> str:
    """Write years, as days below one, and None, for ever, as a dash."""
    if time_years is None:
        return "–"
    return f"{digits(time_years)} years" if time_years >= 1 else f"{digits(time_years * 365.25)} days"


def microjoules(energy_pj: float) -> float:
    """Return an energy in µJ, for an axis in that unit."""
    return energy_pj * 1e-6


def milliseconds(time_ns: float) -> float:
    """Return a time in ms, for an axis in that unit."""
    return time_ns * 1e-6


def square_millimetres(area_um2: float) -> float:
    """Return an area in mm², for an axis in that unit."""
    return area_um2 * 1e-6


def area(area_um2: float) -> str:
    """Write an area in um2 as µm², or as mm² from 0.01 mm² on."""
    if abs(area_um2) >= UM2_SHOWN_AS_MM2:
        return f"{digits(square_millimetres(area_um2))} mm²"
    return f"{digits(area_um2)} µm²"


def sequencer(energy_pj: float, area_um2: float) -> str:
    """Say what of a circuit's energy its sequencer takes, and that its area is in no circuit's."""
    return (
        f"sequencer: {energy(energy_pj)} of the energy; its area, {area(area_um2)}, is shared by a mat's units and not "
        "in the area"
    )


def capacity(bits: int) -> str:
    """Write a memory's bits in the largest of B, KiB, MiB, GiB and TiB of which there is one at least."""
    power = min(max((bits // 8).bit_length() - 1, 0) // 10, len(BINARY_UNITS) - 1)
    return f"{digits(bits / 8 / 1024**power)} {BINARY_UNITS[power]}"


def fraction(value: float | None) -> str:
    """Write a fraction as percent, and None as a dash."""
    return "–" if value is None else f"{100 * value:.2f} %"


def share(part: float) -> str:
    """Write a part of 1 as percent; what is there but below 0.1 % as such."""
    return "under 0.1 %" if 0 < part < 1e-3 else f"{100 * part:.1f} %"


def ratio(value: float) -> str:
    """Write a ratio, such as 2.35×."""
    return f"{digits(value)}×"


def count(value: int | None) -> str:
    """Write a whole number in groups of three digits, and None as a dash."""
    return "–" if value is None else f"{value:,}"


def digits(value: float) -> str:
    """Write a pure number with three significant digits."""
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.3g}"
    return f"{float(f'{value:.3g}'):,.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


_BY_SUFFIX: dict[str, Callable[[float], str]] = {
    "_pj": energy,
    "_pj_ns": energy_delay,  # before what it ends with
    "_ns": duration,
    "_nw": power,
    "_um2": area,
    "_w_per_cm2": power_density,
    "_days": days,
    "_years": years,
    "accuracy": fraction,
}


def quantity(key: str, value: float) -> str:
    """Write `value` in the unit that the end of its `key` names; without a unit, as a pure number."""
    for suffix, write in _BY_SUFFIX.items():
        if key.endswith(suffix):
            return write(value)
    return digits(value)


def words(name: str) -> str:
    """Write an identifier, such as `track_shifts`, as words."""
    return name.replace("_", " ")


def _engineering(value: float, exponent_of_unit: int, unit: str) -> str:
    if value == 0:
        return f"0 {unit}"
    rounded = float(f"{value:.3g}")
    exponent = math.floor(math.log10(abs(rounded))) + exponent_of_unit
    prefix = min(max(3 * (exponent // 3), min(PREFIXES)), max(PREFIXES))
    return f"{digits(rounded * 10.0 ** (exponent_of_unit - prefix))} {PREFIXES[prefix]}{unit}"
