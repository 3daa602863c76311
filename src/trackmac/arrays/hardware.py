"""A hardware description: read from YAML, checked, frozen."""

from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from trackmac.circuits import MACS, Layout, family
from trackmac.errors import IllegalHardwareError, unknown_name
from trackmac.files import FileModel, parse_yaml, read_yaml

Count = Annotated[int, Field(ge=1, le=1 << 20)]
PortCount = Annotated[int, Field(ge=0, le=4096)]
CATALOG = resources.files("trackmac.arrays") / "catalog"


class PortsFile(FileModel):
    """Access ports of each track, by kind."""

    RW: PortCount = 0
    W: PortCount = 0
    R: PortCount = 0


class MacroUnitFile(FileModel):
    """A macro unit: tracks over shared CMOS."""

    domains: Count
    tracks: Count
    ports_per_track: PortsFile


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
    dataflow: Literal["weight-stationary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """One racetrack accelerator.

    `domains` are the data domains of a track, `ports` its evenly spaced read-write ports, `tracks` the tracks of a
    macro unit, work tracks included; `circuit` is the MAC of its computing cell.
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
    dataflow: str = "weight-stationary"

    def __post_init__(self) -> None:
        _check(self)

    @property
    def units(self) -> int:
        """All macro units of the accelerator."""
        return self.units_per_mat * self.mats_per_bank * self.banks

    @property
    def label(self) -> str:
        """A short description: macro unit, circuit, layout, units."""
        unit = f"MU-{self.domains}-{self.ports * self.tracks}-{self.tracks}"
        return f"{unit} {self.circuit} {self.layout} {self.banks}x{self.mats_per_bank}x{self.units_per_mat}"

    def to_dict(self) -> dict[str, Any]:
        """Return the hardware as plain data, in the form of its file."""
        data = asdict(self)
        unit = {"domains": data.pop("domains"), "tracks": data.pop("tracks")}
        ports = {"RW": data.pop("ports"), "W": 0, "R": 0}
        return {**data, "layout": str(self.layout), "macro_unit": {**unit, "ports_per_track": ports}}


def _check(hardware: Hardware) -> None:
    if hardware.circuit not in MACS:
        raise unknown_name("MAC circuit", hardware.circuit, MACS)
    layouts = family(hardware.circuit).layouts
    if hardware.layout not in layouts:
        known = " or ".join(layouts)
        raise IllegalHardwareError(
            f"{hardware.name}: {hardware.circuit} has words {known} tracks, not {hardware.layout}; choose another"
        )
    if hardware.ports < 1:
        raise IllegalHardwareError(
            f"{hardware.name}: every domain needs a port that can write it, but ports_per_track.RW is "
            f"{hardware.ports}; give at least one"
        )
    if hardware.ports > hardware.domains or hardware.domains % hardware.ports:
        raise IllegalHardwareError(
            f"{hardware.name}: the ports must divide the domains into equal segments, but {hardware.ports} "
            f"ports do not divide {hardware.domains} domains; choose a divisor"
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
        UnknownNameError: neither a shipped name nor a YAML file.
        FileFormatError: the file is missing or breaks a rule.
        IllegalHardwareError: it describes what cannot be built.
    """
    if isinstance(source, Hardware):
        return source
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
    ports = record.macro_unit.ports_per_track
    if ports.W or ports.R:
        raise IllegalHardwareError(
            f"{record.name}: computing walks a word under one port that reads and writes, but ports_per_track has "
            f"W {ports.W} and R {ports.R}; give RW ports only"
        )
    return Hardware(
        name=record.name,
        technology=record.technology,
        domains=record.macro_unit.domains,
        tracks=record.macro_unit.tracks,
        ports=ports.RW,
        circuit=record.circuit,
        layout=Layout(record.layout),
        units_per_mat=record.units_per_mat,
        mats_per_bank=record.mats_per_bank,
        banks=record.banks,
        buffer_kib=record.buffer_kib,
        dataflow=record.dataflow,
    )
