"""A hardware description: read from YAML, checked, frozen."""

from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from trackmac.arrays.dataflow import Dataflow
from trackmac.arrays.ports import Port, PortKind, PortLayout, evenly_spaced
from trackmac.circuits import MACS, Layout, family
from trackmac.errors import IllegalHardwareError, InputError, unknown_name
from trackmac.files import FileModel, parse_yaml, read_yaml

Count = Annotated[int, Field(ge=1, le=1 << 20)]
PortCount = Annotated[int, Field(ge=0, le=1024)]
Positions = Annotated[tuple[Annotated[int, Field(ge=0, le=1 << 20)], ...], Field(max_length=1024)]
CATALOG = resources.files("trackmac.arrays") / "catalog"


class PortsFile(FileModel):
    """Access ports of each track that holds weights, by kind."""

    RW: PortCount = 0
    W: PortCount = 0
    R: PortCount = 0


class PortPositionsFile(FileModel):
    """The domains over which those ports stand at rest, by kind."""

    RW: Positions = ()
    W: Positions = ()
    R: Positions = ()


class MacroUnitFile(FileModel):
    """A macro unit: tracks over shared CMOS."""

    domains: Count
    tracks: Count
    ports_per_track: PortsFile
    port_positions: PortPositionsFile | None = Field(None, description="evenly spaced where absent")


class HardwareFile(FileModel):
    """What a hardware YAML file holds."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    summary: str = ""
    technology: str
    macro_unit: MacroUnitFile
    circuit: str
    layout: Literal["along", "across"]
    units_per_mat: Count
    mats_per_bank: Count
    banks: Count
    buffer_kib: Annotated[int, Field(ge=1, le=1 << 20, description="input/output buffer, KiB")]
    dataflow: Literal["weight-stationary", "output-stationary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """One racetrack accelerator.

    `domains` are the data domains of a track; `tracks` are those of a macro unit, work tracks included. Each track that
    holds weights has `ports` read-write ports, `write_ports` and `read_ports`, at `port_positions` or, where these are
    absent, evenly spaced. `circuit` is the MAC of the computing cell, whose work tracks have a read-write port each.
    `dataflow` says what stays in a unit.
    """

    name: str
    technology: str
    domains: int
    tracks: int
    ports: int
    circuit: str
    layout: Layout
    units_per_mat: int
    mats_per_bank: int
    banks: int
    buffer_kib: int
    dataflow: Dataflow = Dataflow.WEIGHT_STATIONARY
    write_ports: int = 0
    read_ports: int = 0
    port_positions: tuple[Port, ...] | None = None

    def __post_init__(self) -> None:
        _check(self)

    @property
    def port_layout(self) -> PortLayout:
        """The ports of a track that holds weights."""
        if self.port_positions is not None:
            return PortLayout(self.domains, self.port_positions)
        return evenly_spaced(self.domains, self.ports, self.write_ports, self.read_ports)

    @property
    def units(self) -> int:
        """All macro units of the accelerator."""
        return self.units_per_mat * self.mats_per_bank * self.banks

    @property
    def label(self) -> str:
        """A short description: a unit's domains, the ports of a weight track, its tracks; circuit, layout, units.

        Papers have all ports of a unit in the middle; how many of its tracks hold weights depends on the network.
        """
        unit = f"MU-{self.domains}-{self.port_layout.label}-{self.tracks}"
        computes = f"{self.circuit} {self.layout}"
        if self.dataflow == Dataflow.OUTPUT_STATIONARY:
            computes += f" {self.dataflow}"
        return f"{unit} {computes} {self.banks}x{self.mats_per_bank}x{self.units_per_mat}"

    def to_dict(self) -> dict[str, Any]:
        """Return the hardware as plain data, in the form of its file."""
        data = asdict(self)
        unit: dict[str, Any] = {"domains": data.pop("domains"), "tracks": data.pop("tracks")}
        counts = {kind: data.pop(field) for kind, field in FIELD_OF_KIND.items()}
        unit["ports_per_track"] = {str(kind): count for kind, count in counts.items()}
        if data.pop("port_positions") is not None:
            unit["port_positions"] = {str(kind): self.port_layout.of_kind(kind) for kind in PortKind}
        return {**data, "layout": str(self.layout), "dataflow": str(self.dataflow), "macro_unit": unit}


FIELD_OF_KIND = {PortKind.RW: "ports", PortKind.W: "write_ports", PortKind.R: "read_ports"}


def port_fields(ports: PortLayout) -> dict[str, Any]:
    """Return the fields of a `Hardware` whose weight tracks have these ports."""
    counts = {field: ports.count(kind) for kind, field in FIELD_OF_KIND.items()}
    is_even = ports.is_evenly_spaced
    return {"domains": ports.domains, **counts, "port_positions": None if is_even else ports.ports}


def _check(hardware: Hardware) -> None:
    if hardware.circuit not in MACS:
        raise unknown_name("MAC circuit", hardware.circuit, MACS)
    layouts = family(hardware.circuit).layouts
    if hardware.layout not in layouts:
        known = " or ".join(layouts)
        raise IllegalHardwareError(
            f"{hardware.name}: {hardware.circuit} has words {known} tracks, not {hardware.layout}; choose another"
        )
    try:
        ports = hardware.port_layout
    except IllegalHardwareError as error:
        raise IllegalHardwareError(f"{hardware.name}: {error}") from error
    for kind, field in FIELD_OF_KIND.items():
        if ports.count(kind) != getattr(hardware, field):
            raise IllegalHardwareError(
                f"{hardware.name}: every port of ports_per_track needs a position, but of {getattr(hardware, field)} "
                f"{kind} ports {ports.count(kind)} have one in port_positions; give as many"
            )


def hardware_names() -> tuple[str, ...]:
    """Return the names of the shipped hardware files."""
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in CATALOG.iterdir() if entry.name.endswith(".yaml"))
    )


def hardware_text(name: str) -> str:
    """Return the YAML text of a shipped hardware file.

    Raises:
        UnknownNameError: no such file is shipped.
    """
    if name not in hardware_names():
        raise unknown_name("hardware", name, hardware_names())
    return (CATALOG / f"{name}.yaml").read_text(encoding="utf-8")


def load_hardware(source: str | Path | Hardware) -> Hardware:
    """Return the hardware of a shipped name or a YAML file.

    Raises:
        InputError: neither text nor a path.
        UnknownNameError: neither a shipped name nor a YAML file.
        FileFormatError: the file is missing or breaks a rule.
        IllegalHardwareError: it describes what cannot be built.
    """
    if isinstance(source, Hardware):
        return source
    if not isinstance(source, str | Path):
        raise InputError(f"a hardware is a name or a YAML file, but this is {source!r:.60}; give one of these")
    if str(source) in hardware_names():
        return from_file(parse_yaml(hardware_text(str(source)), HardwareFile, where=f"{source}.yaml"))
    path = Path(source)
    if path.suffix not in {".yaml", ".yml"}:
        raise unknown_name("hardware", str(source), hardware_names())
    return from_file(read_yaml(path, HardwareFile))


def from_file(record: HardwareFile) -> Hardware:
    """Return the hardware that a checked file describes.

    Raises:
        IllegalHardwareError: it describes what cannot be built.
    """
    unit = record.macro_unit
    return Hardware(
        name=record.name,
        technology=record.technology,
        domains=unit.domains,
        tracks=unit.tracks,
        ports=unit.ports_per_track.RW,
        write_ports=unit.ports_per_track.W,
        read_ports=unit.ports_per_track.R,
        port_positions=None if unit.port_positions is None else _ports(unit.port_positions),
        circuit=record.circuit,
        layout=Layout(record.layout),
        units_per_mat=record.units_per_mat,
        mats_per_bank=record.mats_per_bank,
        banks=record.banks,
        buffer_kib=record.buffer_kib,
        dataflow=Dataflow(record.dataflow),
    )


def _ports(positions: PortPositionsFile) -> tuple[Port, ...]:
    return tuple(sorted(Port(position, kind) for kind in PortKind for position in getattr(positions, kind)))
