"""What stands beside a racetrack chip: battery, memories off the chip, CMOS arithmetic; a shipped record of figures."""

from functools import cache
from importlib.resources import files

from trackmac.files import FileModel, parse_yaml
from trackmac.technology.schema import Figure, Name, Positive
from trackmac.technology.technology import FigureRecord

_FILE = files("trackmac.models") / "surroundings.yaml"


class Battery(FileModel):
    """What the chip runs on."""

    capacity_mah: Positive
    voltage_v: Positive


class Flash(FileModel):
    """Non-volatile memory off the chip, from which a volatile one is filled."""

    energy_pj: Positive
    bit_ns: Positive


class StaticMemory(FileModel):
    """SRAM on the chip, as large as all weights."""

    energy_pj: Positive
    retention_fraction: Figure


class CmosMac(FileModel):
    """A multiply-and-accumulate in CMOS."""

    multiply_energy_pj: Positive
    multiply_um2: Positive
    add_um2: Positive
    register_um2: Positive
    cycle_ns: Positive


class Surroundings(FileModel):
    """What the record holds."""

    name: Name
    battery: Battery
    flash: Flash
    sram: StaticMemory
    mac: CmosMac

    def assumption(self, section: str, key: str) -> str:
        """Return one line on a figure: value, range, evidence, source."""
        return assumption(f"{section}.{key}", getattr(getattr(self, section), key), self.name)


def assumption(key: str, figure: Figure | FigureRecord, record: str) -> str:
    """Return one line on the figure `key` of a record: value, range, evidence, source."""
    return (
        f"{key} = {figure.value:.6g} ({figure.low:.6g} to {figure.high:.6g}), {figure.evidence} in {record}: "
        f"{figure.source}"
    )


@cache
def surroundings() -> Surroundings:
    """Return the shipped record."""
    return parse_yaml(_FILE.read_text(encoding="utf-8"), Surroundings, where=_FILE.name)
