"""Closed forms of a CMOS array that runs the same network: T x T multiply-and-accumulate units, T = 8.

T pixels meet T channels at once. Each cycle T weights and T activations arrive, over a port each, as wide as the bus;
products are summed where they are made. For X pixels, C channels and K products to a dot product, with

    P = ceil(X / T) * ceil(C / T)    tiles, one after another

    cycles            P K, times the port cycles that T of the wider words take
    weight bits read  ceil(X / T) C K b;    activation bits read  ceil(C / T) X K a
    biases read       ceil(X / T) C c;      results written       X C r
    arithmetic        X C K multiplications and additions; an addition for each result that is rescaled

Pooling reads T words a cycle, compares each with the greatest so far and writes that: an addition each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trackmac.arrays.chip import CONTROLLER_SEQUENCERS
from trackmac.mapping import DotProductStage, PoolStage, Stage
from trackmac.models.surroundings import Surroundings
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


def array_work(stage: Stage, technology: Technology, around: Surroundings) -> ArrayWork:
    """Return what the array does in one stage, for one image."""
    add_pj = technology.value("cmos.operation_energy_pj") / BYTE_BITS
    port_bits = int(technology.value("bus.width_bits"))
    if isinstance(stage, PoolStage):
        return _pooling(stage, add_pj, port_bits)
    dot, words, length = stage.dot, stage.words, stage.dot_length
    a, b, c = words.a.bits, words.b.bits, words.c.bits
    columns, rows = -(-dot.pixels // TILE), -(-dot.channels_out // TILE)
    mac_pj = around.mac.multiply_energy_pj.value * a * b / BYTE_BITS**2 + add_pj * c
    rescaled = dot.outputs if stage.rescaling is not None else 0
    return ArrayWork(
        cycles=columns * rows * length * -(-TILE * max(a, b) // port_bits),
        weight_bits=columns * dot.channels_out * length * b,
        activation_bits=rows * dot.pixels * length * a
        + columns * dot.channels_out * c
        + dot.outputs * stage.output_format.bits,
        arithmetic_pj=dot.outputs * length * mac_pj + rescaled * add_pj * c,
        stored_bits=dot.channels_out * length * b,
        tile_bits=min(TILE, dot.channels_out) * length * b,
        bias_bits=dot.channels_out * c,
    )


def _pooling(stage: PoolStage, add_pj: float, port_bits: int) -> ArrayWork:
    bits, outputs = stage.pool.output_format.bits, stage.pool.outputs
    elements = outputs * stage.window
    return ArrayWork(
        cycles=-(-outputs // TILE) * stage.window * -(-TILE * bits // port_bits),
        weight_bits=0,
        activation_bits=(elements + outputs) * bits,
        arithmetic_pj=elements * bits * add_pj,
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
