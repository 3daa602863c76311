"""Reading, writing and shifting the words of a bank as a plain memory: latency and energy of one access, by part.

A word lies across tracks of one unit: `access_tracks` bits. Its address comes over the H-tree, a decoder opens its
ports by a word line, and the mat's amplifiers or write drivers serve it over bit lines. A mat is a square of units, so
a word line passes the units of a row and a bit line those of a column, as many of each as the root of their number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trackmac.arrays.bank import Bank
from trackmac.arrays.grid import HardwareGrid
from trackmac.arrays.interconnect import BUS_DRIVER_WIDTH_UM, bus_way
from trackmac.arrays.mat import access_tracks, address_bits, decoder_lines
from trackmac.arrays.ports import PortKind
from trackmac.arrays.wires import LOGIC_WIDTH_UM, array_line, bus_wire, logic_driver
from trackmac.technology import Technology, unit_costs
from trackmac.technology.physics import junction_resistance_ohm
from trackmac.units import FloatArray, added, charge_energy_pj, nm_to_um, square_nm_to_um2

STAGE_EFFORT = 4  # of each gate of a decoder's chain, the usual choice
GATE_PITCH_FEATURES = 4
SENSE_LINES = 2  # charged for each bit: its bit line and the reference's


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access to a word of `word_bits`, by part; arrays of shape [points]."""

    word_bits: FloatArray
    latency_parts_ns: Mapping[str, FloatArray]
    energy_parts_pj: Mapping[str, FloatArray]

    @property
    def latency_ns(self) -> FloatArray:
        """From the address at the bank's edge to the word there, or to its being stored or moved."""
        return added(self.latency_parts_ns.values())

    @property
    def energy_pj(self) -> FloatArray:
        """Energy of the whole word."""
        return added(self.energy_parts_pj.values())

    @property
    def bit_energy_pj(self) -> FloatArray:
        """Energy for each bit of the word."""
        return self.energy_pj / self.word_bits


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccess:
    """What each access to a bank costs; `shift` moves the tracks of one word by one domain."""

    read: Access
    write: Access
    shift: Access


def bank_access(grid: HardwareGrid, built: Bank) -> BankAccess:
    """Return the accesses to one bank of each point.

    Where a technology's figures are those of a whole published bank, what is beside the port counts twice.
    """
    path, value = _path(grid, built), grid.technology.value
    word = access_tracks(grid).astype(np.float64)
    data_pj = word * path.bus_bit_pj
    line_pj = word * path.bit_line_pj
    track_shift_pj = unit_costs(grid.technology).track_shift_energy_pj(grid.physical_domains.astype(np.float64))

    def lasting(key: str) -> FloatArray:
        return np.full(len(grid), value(key))

    return BankAccess(
        read=path.then(
            word,
            latency_ns={
                "bit_line": path.read_line_ns, "sense": lasting("sense.latency_ns"), "h_tree_back": path.way_ns,
            },
            energy_pj={"bit_line": SENSE_LINES * line_pj, "sense": word * value("sense.energy_pj"), "data": data_pj},
        ),
        write=path.then(
            word,
            latency_ns={"bit_line": path.write_line_ns, "write": lasting("write.latency_ns")},
            energy_pj={"bit_line": line_pj, "write": word * value("write.energy_pj"), "data": data_pj},
        ),
        shift=path.then(
            word,
            latency_ns={"shift": lasting("shift.latency_ns")},
            energy_pj={"shift": word * track_shift_pj},
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    """What an access passes on its way to its ports; arrays of shape [points]."""

    way_ns: FloatArray
    bus_bit_pj: FloatArray
    address_pj: FloatArray
    decoder_ns: FloatArray
    decoder_pj: FloatArray
    word_line_ns: FloatArray
    word_line_pj: FloatArray
    read_line_ns: FloatArray
    write_line_ns: FloatArray
    bit_line_pj: FloatArray

    def then(
        self, word_bits: FloatArray, latency_ns: Mapping[str, FloatArray], energy_pj: Mapping[str, FloatArray]
    ) -> Access:
        """Return the access that goes on from here."""
        to_port_ns = {"h_tree": self.way_ns, "decoder": self.decoder_ns, "word_line": self.word_line_ns}
        to_port_pj = {"address": self.address_pj, "decoder": self.decoder_pj, "word_line": self.word_line_pj}
        return Access(
            word_bits=word_bits,
            latency_parts_ns=to_port_ns | dict(latency_ns),
            energy_parts_pj=to_port_pj | dict(energy_pj),
        )


def _path(grid: HardwareGrid, built: Bank) -> _Path:
    technology, side_um = grid.technology, built.mat.side_um
    line, driver, supply_v = array_line(technology), logic_driver(technology), technology.value("cmos.supply_v")
    port_ff, per_row = _access_width_um(technology) * driver.gate_ff_per_um, np.sqrt(grid.units_per_mat)
    gates_ff, drains_ff = per_row * grid.tracks * port_ff, per_row * grid.ports * port_ff
    word_line_ff, bit_line_ff = line.capacitance_ff(side_um) + gates_ff, line.capacitance_ff(side_um) + drains_ff
    way = bus_way(
        [*built.tree.segments_um, side_um / 2], bus_wire(technology), driver, technology.value("bus.cycle_ns")
    )
    bus_bit_pj = unit_costs(technology).bus_energy_pj(way.length_mm)
    cell_ohm, driver_ohm = _cell_ohm(technology), driver.resistance_ohm_um / BUS_DRIVER_WIDTH_UM
    return _Path(
        way_ns=way.delay_ns,
        bus_bit_pj=bus_bit_pj,
        address_pj=(address_bits(grid) + np.ceil(np.log2(grid.mats_per_bank))) * bus_bit_pj,
        decoder_ns=_decoder_stages(grid, word_line_ff) * driver.stage_ns,
        decoder_pj=_decoder_pj(grid, side_um),
        word_line_ns=line.delay_ns(side_um, taps_ff=gates_ff),
        word_line_pj=charge_energy_pj(word_line_ff, supply_v),
        read_line_ns=line.delay_ns(side_um, driver_ohm=cell_ohm, taps_ff=drains_ff),
        write_line_ns=line.delay_ns(side_um, driver_ohm=driver_ohm, taps_ff=drains_ff),
        bit_line_pj=charge_energy_pj(bit_line_ff, supply_v),
    )


def _decoder_stages(grid: HardwareGrid, word_line_ff: FloatArray) -> FloatArray:
    """Return the gates one after another from an address bit to a word line.

    Each drives four times its own input. An address bit drives the gates of half the lines, a line's gate its word
    line: log4 (lines / 2 x C_word_line / C_gate) of them, rounded up.
    """
    input_ff = logic_driver(grid.technology).input_ff_per_um * LOGIC_WIDTH_UM
    effort = decoder_lines(grid) / 2 * word_line_ff / input_ff
    return np.asarray(np.ceil(np.log(np.maximum(effort, 1)) / math.log(STAGE_EFFORT)))


def _decoder_pj(grid: HardwareGrid, side_um: FloatArray) -> FloatArray:
    """Return the energy of the address bits' wires along the mat, each with half the lines' gates; half flip."""
    technology = grid.technology
    input_ff = logic_driver(technology).input_ff_per_um * LOGIC_WIDTH_UM
    wire_ff = array_line(technology).capacitance_ff(side_um) + decoder_lines(grid) / 2 * input_ff
    return charge_energy_pj(address_bits(grid) / 2 * wire_ff, technology.value("cmos.supply_v"))


def _access_width_um(technology: Technology) -> float:
    """Return the width of an access transistor: two fill a read-write port's footprint, gates 4 F apart."""
    value = technology.value
    strip_um2 = square_nm_to_um2(value("geometry.domain_length_nm") * value("geometry.track_pitch_nm"))
    pitch_um = GATE_PITCH_FEATURES * nm_to_um(value("geometry.feature_nm"))
    return PortKind.RW.footprint_domains * strip_um2 / PortKind.RW.transistors / pitch_um


def _cell_ohm(technology: Technology) -> float:
    """Return what discharges a bit line: an access transistor and a junction in its parallel state."""
    value = technology.value
    junction_ohm = junction_resistance_ohm(value("mtj.ra_ohm_um2"), value("mtj.diameter_nm"), 0.0)
    return junction_ohm + logic_driver(technology).resistance_ohm_um / _access_width_um(technology)
