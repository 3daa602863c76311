"""Closed forms of a chip that works now and then: mean power and cold start, at many points at once.

At R inferences a second, each of E pJ in t ns, a chip that waits in a standby of P_s nW and takes E_w pJ and t_w ns to
be ready again needs

    R (E + E_w) + P_s (1 - R (t + t_w))        as long as R (t + t_w) <= 1

on average. It stays in one standby for good: the one in which it needs least. Staying on is the standby with P_s its
leakage and E_w = t_w = 0; then the mean is R E_dynamic + leakage.
"""

from dataclasses import dataclass

import numpy as np

from trackmac.technology import Technology
from trackmac.units import FloatArray, leakage_energy_pj, mean_power_nw, per_second


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """One way to wait for the next inference: what it takes meanwhile, and to be ready again; [points]."""

    name: str
    power_nw: FloatArray
    wake_energy_pj: FloatArray
    wake_ns: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One inference, leakage included, the ways to wait between two of them, and a start from no power; [points]."""

    energy_pj: FloatArray
    latency_ns: FloatArray
    standbys: tuple[Standby, ...]
    cold_start: Standby

    def mean_power_nw(self, rate_per_second: float) -> FloatArray:
        """Return the least mean power at that rate, [points]; infinite where the rate is too high."""
        return np.asarray(np.min(self._powers_nw(rate_per_second), axis=0))

    def standby(self, rate_per_second: float, point: int) -> Standby:
        """Return the standby in which the point needs least at that rate."""
        return self.standbys[int(np.argmin([power[point] for power in self._powers_nw(rate_per_second)]))]

    def _powers_nw(self, rate_per_second: float) -> list[FloatArray]:
        return [self._power_nw(standby, rate_per_second) for standby in self.standbys]

    def _power_nw(self, standby: Standby, rate_per_second: float) -> FloatArray:
        busy_ns = self.latency_ns + standby.wake_ns
        is_able = rate_per_second <= per_second(busy_ns)
        waiting_fraction = np.maximum(1 - rate_per_second / per_second(busy_ns), 0)
        power = mean_power_nw(self.energy_pj + standby.wake_energy_pj, rate_per_second)
        return np.where(is_able, power + standby.power_nw * waiting_fraction, np.inf)


def stays_on(leakage_nw: FloatArray) -> Standby:
    """Return the standby of a chip that is never switched off."""
    nothing = np.zeros_like(leakage_nw)
    return Standby(name="stays on", power_nw=leakage_nw, wake_energy_pj=nothing, wake_ns=nothing)


def sleeps(
    name: str,
    leakage_nw: FloatArray,
    technology: Technology,
    *,
    kept_nw: FloatArray | float = 0.0,
    reload_pj: FloatArray | float = 0.0,
    reload_ns: FloatArray | float = 0.0,
) -> Standby:
    """Return the standby of a chip whose power is gated: what stays on, what its switches let through, and `kept_nw`.

    To be ready again it wakes up and then reloads what it has lost, leaking all the while.
    """
    value = technology.value
    gated = leakage_nw * value("wake_up.gated_leakage_fraction")
    wake_ns = value("wake_up.latency_ns") + reload_ns + np.zeros_like(leakage_nw)
    energy = value("wake_up.energy_pj") + reload_pj + leakage_energy_pj(leakage_nw, wake_ns)
    return Standby(
        name=name, power_nw=gated + value("wake_up.always_on_nw") + kept_nw, wake_energy_pj=energy, wake_ns=wake_ns
    )
