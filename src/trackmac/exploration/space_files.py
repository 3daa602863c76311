"""The two design spaces as a study file writes them: lists of choices, checked before anything runs."""

import itertools
import math
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, model_validator

from trackmac.arrays import Dataflow
from trackmac.circuits import MACS, Layout, family
from trackmac.errors import unknown_name
from trackmac.files import FileModel, parse_yaml, read_yaml

MAX_CHOICES = 64
MAX_POINTS = 2_000_000  # of the whole hardware grid; a network is priced at every one of them
CATALOG = files("trackmac.exploration") / "catalog" / "spaces"

T = TypeVar("T")


def _distinct(choices: tuple[T, ...]) -> tuple[T, ...]:
    for choice in choices:
        if choices.count(choice) > 1:
            raise ValueError(f"choices must differ, and {choice!r} is given twice")
    return choices


def _odd(kernel: int) -> int:
    if kernel % 2 == 0:
        raise ValueError("a kernel must be odd, so that padding keeps the map's size")
    return kernel


Choices = Annotated[tuple[T, ...], Field(min_length=1, max_length=MAX_CHOICES), AfterValidator(_distinct)]
Count = Annotated[int, Field(ge=1, le=1 << 20)]
Width = Annotated[int, Field(ge=2, le=8)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]


class NetworkSpaceFile(FileModel):
    """Plain CNNs: `depth` blocks of a convolution, ReLU and max-pooling, then linear layers."""

    depth: Choices[Annotated[int, Field(ge=1, le=16)]]
    channels: Choices[Annotated[int, Field(ge=1, le=1024)]] = Field(description="of each block, chosen for each anew")
    kernel: Choices[Annotated[int, Field(ge=1, le=31), AfterValidator(_odd)]]
    hidden: Choices[Annotated[int, Field(ge=0, le=4096)]] = Field((0,), description="features, 0: no hidden layer")
    weight_bits: Choices[Width]
    activation_bits: Choices[Width]

    def architectures(self) -> int:
        """Return how many different networks there are."""
        blocks = sum(len(self.channels) ** depth for depth in self.depth)
        rest = (self.kernel, self.hidden, self.weight_bits, self.activation_bits)
        return int(blocks * math.prod(len(choices) for choices in rest))


class HardwareSpaceFile(FileModel):
    """Racetrack accelerators: every combination of the choices that can be built."""

    name: str = ""
    summary: str = ""
    technologies: Choices[Text]
    circuits: Choices[Text]
    layouts: Choices[Literal["along", "across"]]
    dataflows: Choices[Literal["weight-stationary", "output-stationary"]] = ("weight-stationary",)
    domains: Choices[Count]
    ports: Choices[Annotated[int, Field(ge=1, le=1024)]] = Field(
        description="that read and write, of each track that holds weights; where all ports of a track do not divide "
        "its domains, the point is left out"
    )
    read_ports: Choices[Annotated[int, Field(ge=0, le=1024)]] = Field((0,), description="that only read, besides")
    tracks: Choices[Count]
    units_per_mat: Choices[Count]
    mats_per_bank: Choices[Count]
    banks: Choices[Count]
    buffer_kib: Choices[Count]

    @model_validator(mode="after")
    def _check(self) -> "HardwareSpaceFile":
        for name in self.circuits:
            if name not in MACS:
                raise ValueError(str(unknown_name("MAC circuit", name, MACS)))
        if not self.designs():
            raise ValueError(
                f"no circuit of {', '.join(self.circuits)} has words {' or '.join(self.layouts)} tracks; add a layout"
            )
        sums = sorted({ports + more for ports in self.ports for more in self.read_ports})
        if not any(domains % ports == 0 for domains in self.domains for ports in sums):
            raise ValueError(
                f"ports must divide domains, but none of {sums} divides any of {list(self.domains)}; add one"
            )
        if self.points_at_most() > MAX_POINTS:
            raise ValueError(
                f"at most {MAX_POINTS} hardware points are searched, but these are {self.points_at_most()}; "
                "drop some choices"
            )
        return self

    def designs(self) -> tuple[tuple[str, Layout, Dataflow], ...]:
        """Return every circuit with every layout that it has, in every dataflow."""
        designs = itertools.product(self.circuits, map(Layout, self.layouts), map(Dataflow, self.dataflows))
        return tuple(design for design in designs if design[1] in family(design[0]).layouts)

    def dimensions(self) -> Mapping[str, tuple[int, ...]]:
        """Return the choices of each numeric dimension, in the order in which points are numbered."""
        names = ("domains", "ports", "read_ports", "tracks", "units_per_mat", "mats_per_bank", "banks", "buffer_kib")
        return {name: getattr(self, name) for name in names}

    def points_at_most(self) -> int:
        """Return the points of the whole grid, those with ports that do not divide the domains included."""
        sizes = [len(choices) for choices in self.dimensions().values()]
        return len(self.technologies) * len(self.designs()) * math.prod(sizes)


def space_names() -> tuple[str, ...]:
    """Return the names of the shipped hardware spaces."""
    return shipped_names(CATALOG)


def space_text(name: str) -> str:
    """Return the YAML text of a shipped hardware space.

    Raises:
        UnknownNameError: no such space is shipped.
    """
    return shipped_text("hardware space", name, CATALOG)


def load_space(source: str | Path) -> HardwareSpaceFile:
    """Return the hardware space of a shipped name or a YAML file.

    Raises:
        UnknownNameError: neither a shipped name nor a YAML file.
        FileFormatError: the file is missing or breaks a rule.
    """
    if str(source) in space_names():
        return parse_yaml(space_text(str(source)), HardwareSpaceFile, where=f"{source}.yaml")
    if Path(source).suffix not in {".yaml", ".yml"}:
        raise unknown_name("hardware space", str(source), space_names())
    return read_yaml(Path(source), HardwareSpaceFile)


def space_schema() -> dict[str, Any]:
    """Return the JSON Schema of a hardware space file."""
    return HardwareSpaceFile.model_json_schema()


def shipped_names(folder: Any) -> tuple[str, ...]:
    """Return the names of the YAML files in a folder of the package."""
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def shipped_text(kind: str, name: str, folder: Any) -> str:
    """Return the text of a YAML file in a folder of the package.

    Raises:
        UnknownNameError: there is no such file.
    """
    if name not in shipped_names(folder):
        raise unknown_name(kind, name, shipped_names(folder))
    return str((folder / f"{name}.yaml").read_text(encoding="utf-8"))
