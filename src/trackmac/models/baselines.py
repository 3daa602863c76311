"""Closed forms of what a racetrack chip that computes is compared with: a CMOS array, and its weights in a memory.

The same network and image, layers one after another, inputs, results and biases in a buffer like the racetrack chip's.
The weights lie in SRAM on the chip, which the array reads directly; or in DRAM off the chip, or in racetrack memory
that only stores: from these each weight comes once an image, into a small SRAM of two tiles' weights, while the array
computes. Layers take the longer of computing and fetching. Wires: every bit goes half the chip's side.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trackmac.arrays import HardwareGrid
from trackmac.arrays.chip import BITS_PER_KIB
from trackmac.arrays.macro_unit import MacroUnitArea
from trackmac.models.cmos_array import NetworkWork, network_work
from trackmac.models.duty import Duty, Standby, sleeps, stays_on
from trackmac.models.grid_costs import GridCosts
from trackmac.models.surroundings import Surroundings, assumption, surroundings
from trackmac.technology import Technology, unit_costs
from trackmac.technology.schema import DRAM_KEYS
from trackmac.units import FloatArray, added, leakage_energy_pj, um_to_mm

OF_ARRAY = (("mac", "multiply_energy_pj"), ("mac", "multiply_um2"), ("mac", "cycle_ns"))
OF_FLASH = (("flash", "energy_pj"), ("flash", "bit_ns"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineCosts:
    """A baseline at each point of a grid, one image; `assumptions` are those that are its own."""

    name: str
    description: str
    area_um2: FloatArray
    leakage_nw: FloatArray
    duty: Duty
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """Where the weights lie: area and leakage on the chip, an image's energy, [points] or the same at all.

    `fetch_ns` [stages, 1] is the time in which each stage's come.
    """

    area_um2: FloatArray | float
    leakage_nw: FloatArray | float
    energy_pj: FloatArray | float
    fetch_ns: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """The network on the array, and what all baselines share."""

    array: NetworkWork
    grid: HardwareGrid
    unit: MacroUnitArea
    technology: Technology
    around: Surroundings


def baselines(costs: GridCosts) -> tuple[BaselineCosts, ...]:
    """Return every baseline for the network and the points of `costs`."""
    grid = costs.plan.grid
    work = _Work(
        array=network_work(costs.plan.network, grid.technology),
        grid=grid,
        unit=costs.chip.unit,
        technology=grid.technology,
        around=surroundings(),
    )
    return (_sram(work), _dram(work), _racetrack_storage(work))


def reload_cost(bits: int, around: Surroundings) -> tuple[float, float]:
    """Return energy and time of filling a volatile memory from flash."""
    return bits * around.flash.energy_pj.value, bits * around.flash.bit_ns.value


def _sram(work: _Work) -> BaselineCosts:
    value, around = work.technology.value, work.around
    array_nw = work.array.stored_bits * unit_costs(work.technology).buffer_leakage_nw
    weights = _Weights(
        area_um2=work.array.stored_bits * value("buffer.area_um2"),
        leakage_nw=array_nw,
        energy_pj=work.array.weight_bits * around.sram.energy_pj.value,
        fetch_ns=np.zeros((1, 1)),
    )
    area, leakage, energy, latency = _chip(work, weights)
    biases_pj, biases_ns = reload_cost(work.array.bias_bits, around)
    all_pj, all_ns = reload_cost(work.array.stored_bits + work.array.bias_bits, around)
    reloads = sleeps("sleeps, reloads weights from flash", leakage, work.technology, reload_pj=all_pj, reload_ns=all_ns)
    keeps = sleeps(
        "sleeps, weights at retention voltage",
        leakage - array_nw,
        work.technology,
        kept_nw=array_nw * around.sram.retention_fraction.value,
        reload_pj=biases_pj,
        reload_ns=biases_ns,
    )
    return BaselineCosts(
        name="sram",
        description="CMOS array, all weights in SRAM on the chip",
        area_um2=area,
        leakage_nw=leakage,
        duty=_duty(energy, latency, (stays_on(leakage), keeps, reloads), reloads),
        assumptions=_assumptions(
            work.technology,
            (("sram", "energy_pj"), ("sram", "retention_fraction"), *OF_ARRAY, *OF_FLASH),
            ("buffer.area_um2", "buffer.leaking_transistors", "cmos.transistor_leakage_nw"),
        ),
    )


def _dram(work: _Work) -> BaselineCosts:
    value = work.technology.value
    bit_ns, refresh_nw = value("dram.bit_ns"), value("dram.refresh_nw")
    weights = _staged(work, value("dram.energy_pj"), work.array.stage_bits * bit_ns)
    area, leakage, energy, latency = _chip(work, weights)
    energy = energy + leakage_energy_pj(np.full(len(work.grid), refresh_nw), latency)
    bits = work.array.stored_bits + work.array.bias_bits
    all_pj, all_ns = reload_cost(bits, work.around)
    biases = work.array.bias_bits
    keeps = sleeps(
        "sleeps, DRAM refreshes itself",
        leakage,
        work.technology,
        kept_nw=refresh_nw,
        reload_pj=biases * value("dram.energy_pj"),
        reload_ns=biases * bit_ns,
    )
    filling_pj = all_pj + bits * value("dram.energy_pj") + biases * value("dram.energy_pj")
    reloads = sleeps(
        "sleeps, refills DRAM from flash", leakage, work.technology, reload_pj=filling_pj, reload_ns=all_ns
    )
    return BaselineCosts(
        name="dram",
        description="CMOS array, weights in DRAM off the chip, whose area is not counted",
        area_um2=area,
        leakage_nw=leakage,
        duty=_duty(energy, latency, (stays_on(leakage + refresh_nw), keeps, reloads), reloads),
        assumptions=_assumptions(work.technology, (*OF_ARRAY, *OF_FLASH), DRAM_KEYS),
    )


def _racetrack_storage(work: _Work) -> BaselineCosts:
    """Weights on tracks like the racetrack chip's: a bit is sensed, and its track moves there and back by a domain.

    As many tracks as the bus is wide move in lockstep. A bit takes its share of a track or of its ports, whichever is
    larger; decoders and drivers are not counted.
    """
    grid, value = work.grid, work.technology.value
    costs = unit_costs(work.technology)
    physical = grid.physical_domains.astype(np.float64)
    bit_um2 = np.maximum(work.unit.tracks_um2, work.unit.ports_um2) / (grid.tracks * grid.domains)
    step_ns = value("sense.latency_ns") + 2 * value("shift.latency_ns")
    bit_pj = value("sense.energy_pj") + 2 * costs.track_shift_energy_pj(physical)
    steps = -(-work.array.stage_bits // int(value("bus.width_bits")))
    weights = _staged(work, bit_pj, steps * step_ns, area_um2=work.array.stored_bits * bit_um2)
    area, leakage, energy, latency = _chip(work, weights)
    biases_pj, biases_ns = reload_cost(work.array.bias_bits, work.around)
    wakes = sleeps("sleeps, weights stay", leakage, work.technology, reload_pj=biases_pj, reload_ns=biases_ns)
    return BaselineCosts(
        name="racetrack_storage",
        description="CMOS array, weights in racetrack memory that only stores",
        area_um2=area,
        leakage_nw=leakage,
        duty=_duty(energy, latency, (stays_on(leakage), wakes), wakes),
        assumptions=_assumptions(work.technology, (*OF_ARRAY, *OF_FLASH), ("sense.energy_pj", "shift.energy_pj")),
    )


def _staged(
    work: _Work, bit_pj: FloatArray | float, fetch_ns: FloatArray, area_um2: FloatArray | float = 0.0
) -> _Weights:
    """Return weights that come once an image, at `bit_pj` each, and are written to and read from a small SRAM."""
    value = work.technology.value
    passed = work.array.stored_bits + work.array.weight_bits
    return _Weights(
        area_um2=area_um2 + work.array.staging_bits * value("buffer.area_um2"),
        leakage_nw=work.array.staging_bits * unit_costs(work.technology).buffer_leakage_nw,
        energy_pj=work.array.stored_bits * bit_pj + passed * value("buffer.energy_pj"),
        fetch_ns=fetch_ns,
    )


def _chip(work: _Work, weights: _Weights) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return area, leakage, an image's energy (leakage included) and latency, [points]."""
    array, value, everywhere = work.array, work.technology.value, np.zeros(len(work.grid))
    buffer_bits, bit_nw = work.grid.buffer_kib * BITS_PER_KIB, unit_costs(work.technology).buffer_leakage_nw
    area = everywhere + work.array.area_um2 + buffer_bits * value("buffer.area_um2") + weights.area_um2
    leakage = everywhere + work.array.leakage_nw + buffer_bits * bit_nw + weights.leakage_nw
    latency = everywhere + added(np.maximum(array.stage_cycles * work.around.mac.cycle_ns.value, weights.fetch_ns))
    bits = array.weight_bits + array.activation_bits
    wires_pj = bits * unit_costs(work.technology).bus_energy_pj(um_to_mm(np.sqrt(area) / 2))
    energy = (
        weights.energy_pj
        + wires_pj
        + array.activation_bits * value("buffer.energy_pj")
        + array.arithmetic_pj
        + array.cycles * value("sequencer.energy_pj")
        + leakage_energy_pj(leakage, latency)
    )
    return area, leakage, energy, latency


def _duty(energy: FloatArray, latency: FloatArray, standbys: tuple[Standby, ...], cold_start: Standby) -> Duty:
    return Duty(energy_pj=energy, latency_ns=latency, standbys=standbys, cold_start=cold_start)


@lru_cache(maxsize=256)
def _assumptions(technology: Technology, own: tuple[tuple[str, str], ...], shared: tuple[str, ...]) -> tuple[str, ...]:
    """Return a line for each figure that a baseline stands on, of the surroundings and of the technology."""
    figures = [technology.figure(key) for key in shared]
    return (
        *(surroundings().assumption(section, key) for section, key in own),
        *(assumption(figure.key, figure, figure.record) for figure in figures),
    )
