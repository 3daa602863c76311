"""The form of a device record: a YAML file whose every figure says how sure we are of it and why.

A record may leave figures out; its companion record then gives them. The unit of a figure is in its key's name.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from trackmac.files import FileModel

Evidence = Literal["measured", "simulated", "published", "assumed"]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(lambda text: " ".join(text.split()))
]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]


class Figure(FileModel):
    """One number with its range, its evidence, and the source that it was taken or estimated from."""

    value: float = Field(ge=0)
    low: float = Field(ge=0)
    high: float = Field(ge=0)
    evidence: Evidence
    source: Text

    @model_validator(mode="after")
    def _ordered(self) -> "Figure":
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"low <= value <= high must hold, but low is {self.low:g}, value {self.value:g} and high "
                f"{self.high:g}; correct one of them"
            )
        return self


def _positive(figure: Figure) -> Figure:
    if figure.low <= 0:
        raise ValueError(f"low and value must be greater than 0, but low is {figure.low:g}; correct it")
    return figure


def _whole(figure: Figure) -> Figure:
    for name, number in (("value", figure.value), ("low", figure.low), ("high", figure.high)):
        if not number.is_integer():
            raise ValueError(f"{name} must be a whole number, but it is {number:g}; correct it")
    return figure


Positive = Annotated[Figure, AfterValidator(_positive)]
Count = Annotated[Figure, AfterValidator(_positive), AfterValidator(_whole)]


def _figure(meaning: str) -> Any:
    return Field(default=None, description=meaning)


class Geometry(FileModel):
    """Lengths of the track and of the node that it stands on."""

    feature_nm: Positive | None = _figure("F, half the metal pitch")
    domain_length_nm: Positive | None = _figure("length of one domain along the track, notch included")
    track_width_nm: Positive | None = _figure("width of the magnetic strip")
    track_pitch_nm: Positive | None = _figure("distance between the middles of neighbouring tracks")
    track_thickness_nm: Positive | None = _figure("thickness of the magnetic strip")


DRIVER_FIGURES = (
    "driver_drop_v",
    "driver_least_drop_v",
    "driver_drop_energy_pj",
    "driver_gate_energy_pj",
    "driver_width_um",
    "driver_pitch_um",
)


class Shift(FileModel):
    """Moving all walls of one track by one domain."""

    energy_pj: Positive | None = _figure(
        "per track and step, for `stated_domains`; its driver's comes on top, if given"
    )
    latency_ns: Positive | None = _figure("per step, whatever the track's length")
    stated_domains: Count | None = _figure("physical length, overhead included, that the flat energy holds for")
    current_density_a_per_cm2: Positive | None = _figure("density that moves a wall by one domain in one pulse")
    resistivity_ohm_m: Positive | None = _figure("of the magnetic strip")
    driver_supply_v: Positive | None = _figure("highest voltage that a shift driver puts across a track")
    driver_drop_v: Positive | None = _figure("usual drop over all switches between rail and track")
    driver_least_drop_v: Positive | None = _figure("least drop that wider switches can reach")
    driver_drop_energy_pj: Positive | None = _figure(
        "per track and step, lost in the usual drop; on top of `energy_pj`"
    )
    driver_gate_energy_pj: Positive | None = _figure("per track and step, for the gates of switches of the usual width")
    driver_control_energy_pj: Positive | None = _figure(
        "per track and step, switching the driver on and off, the gates of the usual width included; where it is left "
        "out, it is `driver_gate_energy_pj`"
    )
    driver_width_um: Positive | None = _figure("of each switch that carries a track's current, at the usual drop")
    driver_pitch_um: Positive | None = _figure("length of such a switch with its contacts")

    @model_validator(mode="after")
    def _driver_is_whole(self) -> "Shift":
        given = {name: getattr(self, name) is not None for name in DRIVER_FIGURES}
        if any(given.values()) and not all(given.values()):
            lacking = ", ".join(name for name, is_given in given.items() if not is_given)
            raise ValueError(f"a shift driver's figures must be given all or none, but {lacking} lack; add them")
        return self


class PortOperation(FileModel):
    """Sensing or writing one bit at a port, or all domains between two ports at once."""

    energy_pj: Positive | None = _figure("per bit at a port, or per track for a transverse operation")
    latency_ns: Positive | None = _figure("per operation; what happens at several ports at once counts once")


class Write(PortOperation):
    """Writing one bit at a port, and whether its driver gives enough."""

    needed_current_ua: Positive | None = _figure("that switches the junction reliably")
    given_current_ua: Positive | None = _figure("least that the write driver gives, over both directions and states")


class Mtj(FileModel):
    """The magnetic tunnel junction of a port."""

    ra_ohm_um2: Positive | None = _figure("resistance-area product in the parallel state")
    tmr_fraction: Positive | None = _figure("tunnel magnetoresistance (R_AP - R_P) / R_P")
    diameter_nm: Positive | None = _figure("of a round junction")
    endurance_writes: Positive | None = _figure("writes that a junction stands")


class Evaluation(FileModel):
    """One evaluation of a computing cell's logic."""

    energy_pj: Positive | None = _figure("per cell and evaluation")
    latency_ns: Positive | None = _figure("per level of cells that a signal passes")


class Latch(FileModel):
    """A CMOS latch beside a computing cell."""

    energy_pj: Positive | None = _figure("per bit taken over")


class Bus(FileModel):
    """The wires between the buffer and the macro units."""

    energy_pj_per_mm: Positive | None = _figure("per bit and millimetre")
    latency_ns_per_mm: Positive | None = _figure(
        "of a repeated wire, as recalled; ours follows from the wire's R and C"
    )
    resistance_ohm_per_um: Positive | None = _figure("of one wire")
    capacitance_ff_per_um: Positive | None = _figure("of one wire, to all its neighbours")
    width_bits: Count | None = _figure("bits moved in one cycle")
    cycle_ns: Positive | None = _figure("time between two transfers")


class ArrayLine(FileModel):
    """The word lines and bit lines of a mat."""

    resistance_ohm_per_um: Positive | None = _figure("of one wire")
    capacitance_ff_per_um: Positive | None = _figure("of one wire, to all its neighbours")


class Buffer(FileModel):
    """The input/output buffer, an SRAM."""

    energy_pj: Positive | None = _figure("per bit read or written")
    area_um2: Positive | None = _figure("per bit, periphery included")
    leaking_transistors: Positive | None = _figure("of a bit, each leaking as one of logic, periphery included")


class Sequencer(FileModel):
    """The micro-program sequencer of a mat."""

    energy_pj: Positive | None = _figure("per step issued")
    transistors: Count | None = _figure("per sequencer")


class Cmos(FileModel):
    """The CMOS under and beside the tracks."""

    node_nm: Positive | None = _figure("name of the node")
    supply_v: Positive | None = _figure("of the logic")
    operation_energy_pj: Positive | None = _figure("addition of one byte outside the tracks")
    transistor_area_f2: Positive | None = _figure("per transistor, wiring included")
    transistor_leakage_nw: Figure | None = _figure("per transistor, mean over on and off")
    drive_resistance_ohm_um: Positive | None = _figure("of an inverter, x the width of its n-channel transistor")
    gate_capacitance_ff_per_um: Positive | None = _figure("per width of a gate; a drain has as much")


class CellAreas(FileModel):
    """Areas of the cells of the library (`cells/library.py`); a cell without one takes its transistors' area."""

    full_adder_um2: Positive | None = _figure("sum and carry")
    full_subtractor_um2: Positive | None = _figure("difference and borrow")
    half_adder_um2: Positive | None = _figure("sum and carry of two bits")
    and_um2: Positive | None = _figure("one bit of a partial product")
    or_um2: Positive | None = _figure("of two bits")
    and_not_um2: Positive | None = _figure("of two bits")
    inverted_and_um2: Positive | None = _figure("of two bits")
    not_um2: Positive | None = _figure("of one bit")
    multiplexer_um2: Positive | None = _figure("of two bits")
    booth_encoder_um2: Positive | None = _figure("one digit of a multiplier")
    booth_selector_um2: Positive | None = _figure("one bit of a multiple")
    round_half_even_um2: Positive | None = _figure("decides whether to round up")
    sense_amplifier_um2: Positive | None = _figure("pre-charge sense amplifier of one bit")
    write_driver_um2: Positive | None = _figure("of one bit")
    latch_um2: Positive | None = _figure("of one bit")
    shift_driver_um2: Positive | None = _figure("its control; the switches that carry the current come on top")
    transverse_sense_amplifier_3_um2: Positive | None = _figure("counts the ones of 3 domains")
    transverse_sense_amplifier_5_um2: Positive | None = _figure("counts the ones of 5 domains")
    transverse_sense_amplifier_7_um2: Positive | None = _figure("counts the ones of 7 domains")


class Dram(FileModel):
    """Off-chip memory."""

    energy_pj: Positive | None = _figure("per bit moved")
    bit_ns: Positive | None = _figure("of a bit, one after another over the interface")
    refresh_nw: Figure | None = _figure("to keep its contents")


class WakeUp(FileModel):
    """Powering the chip down and up again."""

    energy_pj: Figure | None = _figure("per wake-up of the chip")
    latency_ns: Figure | None = _figure("from the wake-up signal to the first step")
    gated_leakage_fraction: Figure | None = _figure("of the leakage that stays while power is gated")
    always_on_nw: Figure | None = _figure("timer and wake-up logic, which stay on")


class TechnologyRecord(FileModel):
    """A device record as its file has it: any of the figures, and the name of the record that has the others."""

    name: Name
    summary: Text
    companion: Name | None = Field(default=None, description="shipped record, or .yaml file beside this one")
    notes: tuple[Text, ...] = ()
    geometry: Geometry = Geometry()
    shift: Shift = Shift()
    sense: PortOperation = PortOperation()
    write: Write = Write()
    transverse_read: PortOperation = PortOperation()
    transverse_write: PortOperation = PortOperation()
    mtj: Mtj = Mtj()
    evaluation: Evaluation = Evaluation()
    latch: Latch = Latch()
    bus: Bus = Bus()
    array_line: ArrayLine = ArrayLine()
    buffer: Buffer = Buffer()
    sequencer: Sequencer = Sequencer()
    cmos: Cmos = Cmos()
    cell_area: CellAreas = CellAreas()
    dram: Dram = Dram()
    wake_up: WakeUp = WakeUp()
    clock_ns: Positive | None = _figure("clock that a table in cycles was converted with")
    bank_leakage_nw: Figure | None = _figure("of a whole published bank; recorded, used by no model")

    def figures(self) -> dict[str, Figure | None]:
        """Return every figure by its dotted key, `None` where this record has it not."""
        return dict(_flattened(self))


# A technology is whole without what describes a published table rather than the hardware, without a driver (its flat
# shift energy includes one as large as logic) and without cells of their own area. No companion lends these.
OPTIONAL_KEYS = frozenset(
    {
        "clock_ns",
        "bank_leakage_nw",
        *(f"shift.{name}" for name in DRIVER_FIGURES),
        "shift.driver_control_energy_pj",
        "write.needed_current_ua",
        "write.given_current_ua",
        *(f"cell_area.{name}" for name in CellAreas.model_fields),
    }
)

DRAM_KEYS = ("dram.energy_pj", "dram.bit_ns", "dram.refresh_nw")
"""What a chip depends on whose weights come from off-chip memory for every image."""

# What is recorded, but no result of a racetrack chip that keeps its weights depends on; baselines, reloads and the
# access to plain memory read some of it.
UNREAD_KEYS = frozenset(
    {
        "geometry.track_width_nm",
        "geometry.track_thickness_nm",
        "write.needed_current_ua",
        "write.given_current_ua",
        "transverse_read.energy_pj",
        "transverse_read.latency_ns",
        "transverse_write.energy_pj",
        "transverse_write.latency_ns",
        "mtj.ra_ohm_um2",
        "mtj.tmr_fraction",
        "mtj.diameter_nm",
        "bus.latency_ns_per_mm",
        "array_line.resistance_ohm_per_um",
        "array_line.capacitance_ff_per_um",
        "cmos.node_nm",
        "cmos.supply_v",
        "cmos.operation_energy_pj",
        *DRAM_KEYS,
        "bank_leakage_nw",
    }
)


def _flattened(record: TechnologyRecord) -> Iterator[tuple[str, Figure | None]]:
    for section_name in TechnologyRecord.model_fields:
        section = getattr(record, section_name)
        if section_name in OPTIONAL_KEYS:
            yield section_name, section
        elif isinstance(section, BaseModel):
            for figure_name in type(section).model_fields:
                yield f"{section_name}.{figure_name}", getattr(section, figure_name)
