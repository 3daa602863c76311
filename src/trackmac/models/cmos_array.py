"""Closed forms of a CMOS array that runs the same network: T x T multiply-and-accumulate units, T = 8.

T pixels meet T channels at once, of one group where a convolution has several. Each cycle T weights and T activations
arrive, over a port each, as wide as the bus; products are summed where they are made. For X pixels, C channels in G
groups and K products to a dot product, with

    R = G * ceil(C / G / T)          rows of tiles
    P = ceil(X / T) * R              tiles, one after another

    cycles            P K, times the port cycles that T of the wider words take
    weight bits read  ceil(X / T) C K b;    activation bits read  R X K a
    biases read       ceil(X / T) C c;      results written       X C r
    arithmetic        X C K multiplications and additions; an addition for each result that is rescaled

Where elements are made of words alone, T of them are read a cycle, and each is compared with the greatest so far or
added: an addition each, as wide as the result; a word that is only rewritten needs none. The result is written.
Rectifying and clipping are taken as free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from trackmac.arrays.chip import CONTROLLER_SEQUENCERS
from trackmac.bits import IntArray
from trackmac.mapping import DotProductStage, ElementStage, Stage, StageTable
from trackmac.models.surroundings import Surroundings, surroundings
from trackmac.technology import Technology, unit_costs

TILE = 8
BYTE_BITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayWork:
    """What the array does in one stage, for one image; `stored_bits` are the stage's weights, `bias_bits` its biases.

    `tile_bits` are the weights of one column of tiles, which all pixels meet before the next.
    """

    cycles: int
    weight_bits: int
    activation_bits: int
    arithmetic_pj: float
    stored_bits: int = 0
    tile_bits: int = 0
    bias_bits: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkWork:
    """What the array does in all stages of a network, for one image, and what it takes on a chip."""

    stages: tuple[ArrayWork, ...]
    area_um2: float
    leakage_nw: float

    @cached_property
    def stage_cycles(self) -> IntArray:
        """The cycles of each stage, [stages, 1]."""
        return np.array([[stage.cycles] for stage in self.stages], np.int64)

    @cached_property
    def stage_bits(self) -> IntArray:
        """The weights of each stage, [stages, 1]."""
        return np.array([[stage.stored_bits] for stage in self.stages], np.int64)

    @cached_property
    def cycles(self) -> int:
        """The cycles of all stages."""
        return sum(stage.cycles for stage in self.stages)

    @cached_property
    def weight_bits(self) -> int:
        """The bits of weights that are read."""
        return sum(stage.weight_bits for stage in self.stages)

    @cached_property
    def activation_bits(self) -> int:
        """The bits of all other words that are read or written."""
        return sum(stage.activation_bits for stage in self.stages)

    @cached_property
    def arithmetic_pj(self) -> float:
        """The energy of multiplications and additions."""
        return sum(stage.arithmetic_pj for stage in self.stages)

    @cached_property
    def stored_bits(self) -> int:
        """All weights."""
        return sum(stage.stored_bits for stage in self.stages)

    @cached_property
    def bias_bits(self) -> int:
        """All biases."""
        return sum(stage.bias_bits for stage in self.stages)

    @cached_property
    def staging_bits(self) -> int:
        """The SRAM between a far memory and the array: the largest tile's weights, twice."""
        return 2 * max(stage.tile_bits for stage in self.stages)


@lru_cache(maxsize=256)
def network_work(network: StageTable, technology: Technology) -> NetworkWork:
    """Return what the array does for a network, in the shipped surroundings."""
    around = surroundings()
    logic_um2 = array_area_um2(network.stages, technology, around)
    return NetworkWork(
        stages=tuple(array_work(stage, technology, around) for stage in network.stages),
        area_um2=logic_um2,
        leakage_nw=array_leakage_nw(logic_um2, technology),
    )


def array_work(stage: Stage, technology: Technology, around: Surroundings) -> ArrayWork:
    """Return what the array does in one stage, for one image."""
    add_pj = technology.value("cmos.operation_energy_pj") / BYTE_BITS
    port_bits = int(technology.value("bus.width_bits"))
    if isinstance(stage, ElementStage):
        return _elements(stage, add_pj, port_bits, around)
    dot, words, length = stage.dot, stage.words, stage.dot_length
    a, b, c = words.a.bits, words.b.bits, words.c.bits
    columns, rows = -(-dot.pixels // TILE), dot.groups * -(-stage.filters_per_group // TILE)
    mac_pj = around.mac.multiply_energy_pj.value * a * b / BYTE_BITS**2 + add_pj * c
    return ArrayWork(
        cycles=columns * rows * length * -(-TILE * max(a, b) // port_bits),
        weight_bits=columns * dot.channels_out * length * b,
        activation_bits=rows * dot.pixels * length * a
        + columns * dot.channels_out * c
        + columns * stage.multiplier_bits
        + dot.outputs * stage.output_format.bits,
        arithmetic_pj=dot.outputs * length * mac_pj + _rescaling_pj(stage, add_pj, around),
        stored_bits=dot.channels_out * length * b,
        tile_bits=min(TILE, stage.filters_per_group) * length * b,
        bias_bits=dot.channels_out * c + stage.multiplier_bits,
    )


def _rescaling_pj(stage: Stage, add_pj: float, around: Surroundings) -> float:
    """Return the energy of an addition for each rescaled result, and of a multiplication where there is one."""
    scale, outputs = stage.rescaling, stage.head.outputs
    if scale is None:
        return 0.0
    multiply_pj = around.mac.multiply_energy_pj.value * scale.c.bits * scale.multiplier_bits / BYTE_BITS**2
    return outputs * (multiply_pj + add_pj * scale.c.bits)


def _elements(stage: ElementStage, add_pj: float, port_bits: int, around: Surroundings) -> ArrayWork:
    outputs, c = stage.head.outputs, stage.c.bits
    widest = max(word.bits for word in stage.operands)
    joined = len(stage.operands) if len(stage.operands) > 1 else 0
    return ArrayWork(
        cycles=-(-outputs // TILE) * len(stage.operands) * -(-TILE * widest // port_bits),
        weight_bits=0,
        activation_bits=outputs * (stage.read_bits + stage.output_format.bits)
        + -(-outputs // TILE) * stage.multiplier_bits,
        arithmetic_pj=outputs * joined * c * add_pj + _rescaling_pj(stage, add_pj, around),
        bias_bits=stage.multiplier_bits,
    )


def array_area_um2(stages: Sequence[Stage], technology: Technology, around: Surroundings) -> float:
    """Return the area of T x T units for the network's widest words, and of a controller like the racetrack chip's."""
    words = [stage.words for stage in stages if isinstance(stage, DotProductStage)]
    a, b, c = (
        max(word.a.bits for word in words),
        max(word.b.bits for word in words),
        max(word.c.bits for word in words),
    )
    mac = around.mac
    unit_um2: float = (
        mac.multiply_um2.value * a * b / BYTE_BITS**2
        + mac.add_um2.value * c / BYTE_BITS
        + mac.register_um2.value * (a + b + c)
    )
    controller_um2 = (
        CONTROLLER_SEQUENCERS * technology.value("sequencer.transistors") * unit_costs(technology).transistor_um2
    )
    return TILE * TILE * unit_um2 + controller_um2


def array_leakage_nw(area_um2: float, technology: Technology) -> float:
    """Return the leakage of so much logic, at the technology's area and leakage of a transistor."""
    return area_um2 / unit_costs(technology).transistor_um2 * technology.value("cmos.transistor_leakage_nw")
