"""Cells that keep a bit or drive a current: latches, the two write drivers, the shift driver."""

import itertools
from dataclasses import replace

from trackmac.cells import library
from trackmac.cells.gates import N_WIDTH_NM, P_WIDTH_NM, all_of, gate, inverter
from trackmac.cells.library import FULL_ADDER
from trackmac.cells.logic_netlists import majority, table_rows
from trackmac.cells.netlist import GROUND, IO_SUPPLY, Cell, Junction, Row, Strip, Transistor

STT_SCALE = 6.0
SOT_SCALE = 4.0
"""Width of the write drivers' last inverters over the smallest."""

IO_SMALL_NM, IO_LARGE_NM, IO_PULL_NM = 400.0, 1_080.0, 4_000.0
"""Widths of thick-oxide transistors: the smallest, the bridge's, and those of a level shifter's inputs.

The bridge's n-channel ones are as wide as `shift.driver_width_um` of physics-45nm says; a test holds them together.
"""


def latch(node: str, output: str, clock: str = "clock") -> tuple[Transistor, ...]:
    """Return a latch of two transmission gates, transparent while the clock is up: 10 transistors."""
    return (
        *inverter("clock_inv", clock),
        Transistor("nmos", node, clock, "kept", N_WIDTH_NM),
        Transistor("pmos", node, "clock_inv", "kept", P_WIDTH_NM),
        *inverter("kept_inv", "kept"),
        *inverter(output, "kept_inv"),
        Transistor("nmos", output, "clock_inv", "kept", N_WIDTH_NM),
        Transistor("pmos", output, clock, "kept", P_WIDTH_NM),
    )


LATCH = Cell(
    name="latch",
    summary="Carry latch of two transmission gates",
    inputs=("bit",),
    outputs=("out",),
    rows=(((0,), (0,)), ((1,), (1,))),
    transistors=latch("bit", "out"),
    clock="clock",
    is_holding=True,
)

LATCHED_CARRY = Cell(
    name="latched_carry",
    summary="Carry of the latched full adder: the carry gate of a mirror adder and a latch",
    inputs=FULL_ADDER.inputs,
    outputs=("carry_out",),
    rows=tuple((values, (outputs[1],)) for values, outputs in table_rows(FULL_ADDER)),
    transistors=(
        *majority("majority_inv", *FULL_ADDER.inputs),
        *inverter("majority", "majority_inv"),
        *latch("majority", "carry_out"),
    ),
    clock="clock",
    is_holding=True,
)

_DRIVER_ROWS: tuple[Row, ...] = tuple(
    ((enable, bit), (enable & bit, enable & (1 - bit))) for bit, enable in itertools.product((0, 1), repeat=2)
)
_IDLE_ROWS = tuple(index for index, (inputs, _) in enumerate(_DRIVER_ROWS) if not inputs[0])


def _bridge(scale: float) -> tuple[Transistor, ...]:
    """Return two AND gates with wide outputs: while enabled, one end of the path is up and the other is down."""
    return (
        *inverter("bit_inv", "bit"),
        *gate("left_inv", all_of("enable_write", "bit"), scale=scale / 4),
        *gate("right_inv", all_of("enable_write", "bit_inv"), scale=scale / 4),
        *inverter("left", "left_inv", scale=scale),
        *inverter("right", "right_inv", scale=scale),
    )


WRITE_DRIVER_STT = Cell(
    name="write_driver_stt",
    summary="Write driver by spin-transfer torque: drives a port's junction in the direction of the bit",
    inputs=("enable_write", "bit"),
    outputs=("left", "right"),
    rows=_DRIVER_ROWS,
    transistors=_bridge(STT_SCALE),
    idle_rows=_IDLE_ROWS,
    path=Junction(top="left", bottom="right", state="1"),
)

WRITE_DRIVER = replace(
    WRITE_DRIVER_STT,
    name=library.WRITE_DRIVER.name,
    summary="Write driver of a port as circuits count it: the one by spin-transfer torque",
)

WRITE_DRIVER_SOT = Cell(
    name="write_driver_sot",
    summary="Write driver by spin-orbit torque: drives the heavy metal under a port",
    inputs=("enable_write", "bit"),
    outputs=("left", "right"),
    rows=_DRIVER_ROWS,
    transistors=_bridge(SOT_SCALE),
    idle_rows=_IDLE_ROWS,
    path=Strip(
        top="left",
        bottom="right",
        resistance_ohm=1000,
        source="Tungsten, about 2e-6 ohm m x 90 nm / (45 nm x 4 nm); resistivity recalled, shape assumed",
    ),
)


def _io_inverter(output: str, node: str, width_nm: float) -> tuple[Transistor, ...]:
    return (
        Transistor("nmos_io", output, node, GROUND, width_nm),
        Transistor("pmos_io", output, node, IO_SUPPLY, 2 * width_nm),
    )


def _shift_leg(side: str, bit: str) -> tuple[Transistor, ...]:
    """Return an AND gate, a level shifter to the drivers' supply, and two inverters, the last one wide."""
    wanted, unwanted, high, low = f"{side}_on", f"{side}_off", f"{side}_high", f"{side}_low"
    return (
        *gate(unwanted, all_of("enable_shift", bit)),
        *inverter(wanted, unwanted),
        Transistor("pmos_io", low, high, IO_SUPPLY, IO_SMALL_NM),
        Transistor("pmos_io", high, low, IO_SUPPLY, IO_SMALL_NM),
        Transistor("nmos_io", low, wanted, GROUND, IO_PULL_NM),
        Transistor("nmos_io", high, unwanted, GROUND, IO_PULL_NM),
        *_io_inverter(f"{side}_not", high, IO_SMALL_NM),
        *_io_inverter(side, f"{side}_not", IO_LARGE_NM),
    )


SHIFT_DRIVER = Cell(
    name="shift_driver",
    summary="Shift driver: level shifters and a bridge of thick-oxide transistors across a track",
    inputs=("enable_shift", "bit"),
    outputs=("left", "right"),
    rows=_DRIVER_ROWS,
    transistors=(*inverter("bit_inv", "bit"), *_shift_leg("left", "bit"), *_shift_leg("right", "bit_inv")),
    idle_rows=_IDLE_ROWS,
    path=Strip(
        top="left",
        bottom="right",
        resistance_ohm=13141,
        source="A track of 64 domains: 5.6e-7 ohm m x 64 x 90 nm / (45 nm x 6 nm), and 10 % for its ends",
    ),
    is_io=True,
)

DRIVER_NETLISTS = (LATCH, LATCHED_CARRY, WRITE_DRIVER, WRITE_DRIVER_STT, WRITE_DRIVER_SOT, SHIFT_DRIVER)
