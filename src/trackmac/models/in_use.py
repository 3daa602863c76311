"""A racetrack chip and its baselines in use: at a rate, on a battery, until a junction wears out."""

import math
from functools import cache, lru_cache
from numbers import Real

from trackmac.errors import InputError
from trackmac.models.baselines import BaselineCosts, baselines, reload_cost
from trackmac.models.duty import Duty, sleeps, stays_on
from trackmac.models.grid_costs import GridCosts, refresh_nw
from trackmac.models.surroundings import assumption, surroundings
from trackmac.models.wear import wear
from trackmac.results import AtRate, MemoryBaseline
from trackmac.technology import Technology
from trackmac.technology.schema import DRAM_KEYS
from trackmac.units import FloatArray, battery_days, mean_power_nw, per_second, years

OWN = (("flash", "energy_pj"), ("flash", "bit_ns"), ("battery", "capacity_mah"), ("battery", "voltage_v"))


LEAST_RATE_PER_SECOND = 1e-9
"""About one inference in 32 years: rarer ones leave nothing but standby."""


def checked_rate(rate: object) -> float:
    """Return `rate`, in inferences a second, if it is one; how fast the hardware is decides `refuse_too_fast`.

    Raises:
        InputError: it is neither 0 nor a finite number from `LEAST_RATE_PER_SECOND` on.
    """
    number = _as_float(rate)
    if not math.isfinite(number) or (number != 0 and number < LEAST_RATE_PER_SECOND):
        shown = f"{number:g}" if isinstance(rate, Real) else f"{rate!r:.40}"
        raise InputError(
            f"the rate must be 0 or a finite number of inferences a second from {LEAST_RATE_PER_SECOND:g} on, but it "
            f"is {shown}; give one"
        )
    return abs(number)


def _as_float(rate: object) -> float:
    if isinstance(rate, bool) or not isinstance(rate, Real):
        return math.nan
    try:
        return float(rate)
    except OverflowError:
        return -math.inf if rate < 0 else math.inf


def refuse_too_fast(rate: float, interval_ns: float, hardware: str) -> None:
    """Refuse a rate that the hardware cannot keep up with.

    Raises:
        InputError: `rate` is beyond one inference an interval.
    """
    most = per_second(interval_ns)
    if rate > most:
        raise InputError(
            f"{hardware}: an inference every {interval_ns:.6g} ns makes at most {most:.6g} a second, but the rate is "
            f"{rate:g}; lower it or choose faster hardware"
        )


def chip_duty(costs: GridCosts) -> Duty:
    """Return how a racetrack chip waits: switched on, or gated: weights stay, biases and multipliers are reloaded.

    Weights that are brought for every image stay in a DRAM that refreshes itself, or are filled into it from flash.
    """
    kept_nw, filling_pj, filling_ns = _weights_off_chip(costs)
    reload_pj, reload_ns = reload_cost(costs.plan.network.constant_bits, surroundings())
    asleep = sleeps(
        "sleeps, weights stay" if costs.plan.is_resident.all() else "sleeps, DRAM refreshes itself",
        costs.leakage_nw,
        costs.plan.grid.technology,
        kept_nw=kept_nw,
        reload_pj=reload_pj,
        reload_ns=reload_ns,
    )
    refills = sleeps(
        "sleeps, refills DRAM from flash",
        costs.leakage_nw,
        costs.plan.grid.technology,
        reload_pj=reload_pj + filling_pj,
        reload_ns=reload_ns + filling_ns,
    )
    return Duty(
        energy_pj=costs.energy_pj,
        latency_ns=costs.latency_ns,
        standbys=(stays_on(costs.leakage_nw + kept_nw), asleep, refills),
        cold_start=refills,
    )


def _weights_off_chip(costs: GridCosts) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return refresh power, energy and time of filling the off-chip memory, [points]; nothing where weights stay."""
    bits = int(costs.plan.network.dots.weight_bits.sum())
    flash_pj, flash_ns = reload_cost(bits, surroundings())
    written_pj = bits * costs.plan.grid.technology.value("dram.energy_pj")
    is_off_chip = ~costs.plan.is_resident
    return refresh_nw(costs.plan), is_off_chip * (flash_pj + written_pj), is_off_chip * flash_ns


def at_rate(costs: GridCosts, rate_per_second: float) -> AtRate:
    """Return the first point at a rate that it can keep up with."""
    duty, endurance = chip_duty(costs), costs.plan.grid.technology.figure("mtj.endurance_writes")
    power = float(duty.mean_power_nw(rate_per_second)[0])
    worn = int(wear(costs.plan).per_mtj[0]) * rate_per_second
    return AtRate(
        rate_per_second=float(rate_per_second),
        standby=duty.standby(rate_per_second, 0).name,
        duty_fraction=rate_per_second / per_second(float(costs.latency_ns[0])),
        mean_power_nw=power,
        energy_per_inference_pj=power / mean_power_nw(1.0, rate_per_second) if rate_per_second else None,
        battery_days=_days(power),
        lifetime_years=_years(endurance.value, worn),
        lifetime_low_years=_years(endurance.low, worn),
        lifetime_high_years=_years(endurance.high, worn),
    )


@lru_cache(maxsize=256)
def reload_assumptions(technology: Technology) -> tuple[str, ...]:
    """Return what a chip stands on whose weights are brought for every image, besides the rest of its technology."""
    figures = [technology.figure(key) for key in DRAM_KEYS]
    return tuple(assumption(figure.key, figure, figure.record) for figure in figures)


def memory_baselines(costs: GridCosts, rate_per_second: float | None) -> tuple[MemoryBaseline, ...]:
    """Return the baselines of the first point, at a rate if one is given."""
    return tuple(_baseline(baseline, costs, rate_per_second) for baseline in baselines(costs))


@cache
def own_assumptions() -> tuple[str, ...]:
    """Return what a chip in use stands on besides its technology."""
    return tuple(surroundings().assumption(section, key) for section, key in OWN)


def _baseline(baseline: BaselineCosts, costs: GridCosts, rate_per_second: float | None) -> MemoryBaseline:
    duty, start = baseline.duty, baseline.duty.cold_start
    power, standby = math.inf, None
    if rate_per_second is not None:
        power = float(duty.mean_power_nw(rate_per_second)[0])
        standby = duty.standby(rate_per_second, 0).name
    is_able = math.isfinite(power)
    return MemoryBaseline(
        name=baseline.name,
        description=baseline.description,
        energy_pj=float(duty.energy_pj[0]),
        latency_ns=float(duty.latency_ns[0]),
        area_um2=float(baseline.area_um2[0]),
        leakage_nw=float(baseline.leakage_nw[0]),
        cold_start_energy_pj=float(start.wake_energy_pj[0]),
        cold_start_ns=float(start.wake_ns[0]),
        energy_ratio=float(duty.energy_pj[0] / costs.energy_pj[0]),
        latency_ratio=float(duty.latency_ns[0] / costs.latency_ns[0]),
        area_ratio=float(baseline.area_um2[0] / costs.area_um2[0]),
        standby=standby if is_able else None,
        mean_power_nw=power if is_able else None,
        battery_days=_days(power) if is_able else None,
        assumptions=baseline.assumptions,
    )


def _days(power_nw: float) -> float | None:
    battery = surroundings().battery
    return battery_days(battery.capacity_mah.value, battery.voltage_v.value, power_nw) if power_nw else None


def _years(endurance: float, writes_per_second: float) -> float | None:
    return years(endurance, writes_per_second) if writes_per_second else None
