"""A study: what is explored, for what, and how long; read from YAML and checked before anything runs."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from trackmac.cells.provenance import load_checked
from trackmac.errors import FileFormatError, InputError, unknown_name
from trackmac.exploration.space_files import (
    Choices,
    HardwareSpaceFile,
    NetworkSpaceFile,
    Text,
    load_space,
    shipped_names,
    shipped_text,
    space_names,
)
from trackmac.files import FileModel, first_problem, parse_yaml, read_yaml
from trackmac.technology import Technology, load_technology

CATALOG = files("trackmac.exploration") / "catalog" / "studies"
MAX_TRIALS = 100_000

Objective = Literal["accuracy", "energy_pj", "latency_ns", "area_um2"]
Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class ConstraintsFile(FileModel):
    """The budget that the best design must keep; what is not given is not limited."""

    min_accuracy: Fraction | None = None
    max_energy_pj: Positive | None = None
    max_latency_ns: Positive | None = None
    max_area_um2: Positive | None = None

    def given(self) -> dict[str, float]:
        """Return the limits that are given, by name."""
        return self.model_dump(exclude_none=True)


HardwareSpace = Annotated[
    Annotated[HardwareSpaceFile, Tag("space")] | Annotated[Text, Tag("name")],
    Discriminator(lambda value: "name" if isinstance(value, str) else "space"),
    Field(description="the space itself, the name of a shipped one, or the path of a YAML file"),
]


class StudyFile(FileModel):
    """What a study YAML file holds."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
    summary: str = ""
    dataset: Text = Field(description="digits, a folder of IDX files, or an .npz with images and labels")
    network_space: NetworkSpaceFile
    hardware_space: HardwareSpace
    objectives: Choices[Objective]
    constraints: ConstraintsFile
    trials: Annotated[int, Field(ge=1, le=MAX_TRIALS, description="networks to train")]
    trials_per_batch: Annotated[int, Field(ge=1, le=1000, description="proposed at once, from all before them")] = 8
    seed: Annotated[int, Field(ge=0, lt=1 << 63)]
    epochs: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="of training; by the data set's size"
    )
    sampler: Literal["tpe", "nsga2"] = "tpe"
    verify_images: Annotated[int, Field(ge=1, le=1_000_000, description="of the test part, for each design")]
    front_resolution: Fraction = Field(
        0.1, description="two designs of equal accuracy must differ by more than this in a cost; 0 keeps all"
    )

    @model_validator(mode="after")
    def _check(self) -> "StudyFile":
        if "accuracy" not in self.objectives or len(self.objectives) < 2:
            raise ValueError(
                f"objectives must be accuracy and at least one of energy_pj, latency_ns and area_um2, "
                f"but are {', '.join(self.objectives)}; add what is missing"
            )
        for limit in self.constraints.given():
            objective = limit.split("_", 1)[1]
            if objective not in self.objectives:
                raise ValueError(f"constraints.{limit} limits what is no objective; add {objective} to objectives")
        if isinstance(self.hardware_space, HardwareSpaceFile):
            architectures = self.network_space.architectures()
            if self.trials > architectures:
                raise ValueError(
                    f"every trial trains another network, but {self.trials} trials are asked of a network_space of "
                    f"{architectures}; lower trials or widen the space"
                )
        return self

    @property
    def space(self) -> HardwareSpaceFile:
        """The hardware space itself; `load_study` has put it in place of its name."""
        assert isinstance(self.hardware_space, HardwareSpaceFile)
        return self.hardware_space

    @property
    def cost_objectives(self) -> tuple[str, ...]:
        """The objectives to be lowered, in canonical order: all but accuracy."""
        return tuple(name for name in ("energy_pj", "latency_ns", "area_um2") if name in self.objectives)

    def technologies(self) -> tuple[Technology, ...]:
        """Return the technologies of the hardware space.

        Raises:
            InputError: one is unknown or its file breaks a rule.
        """
        return tuple(load_checked(name) for name in self.space.technologies)

    def changed(self, changes: Mapping[str, object]) -> "StudyFile":
        """Return this study with some keys changed; those that are None stay as they are.

        Raises:
            InputError: a new value breaks a rule.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        try:
            return StudyFile.model_validate(self.model_dump() | given)
        except ValidationError as error:
            raise InputError(f"{self.name}: {first_problem(error)}") from None


def study_names() -> tuple[str, ...]:
    """Return the names of the shipped studies."""
    return shipped_names(CATALOG)


def study_text(name: str) -> str:
    """Return the YAML text of a shipped study.

    Raises:
        UnknownNameError: no such study is shipped.
    """
    return shipped_text("study", name, CATALOG)


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema of a study file."""
    return StudyFile.model_json_schema()


def load_study(source: str | Path | StudyFile) -> StudyFile:
    """Return the study of a shipped name or a YAML file, its hardware space in place and its technologies checked.

    A relative path in the file (of a data set, a hardware space, a technology) is one from the file's own folder.

    Raises:
        UnknownNameError: neither a shipped name nor a YAML file; a name in it is unknown.
        FileFormatError: the file, or one that it names, is missing or breaks a rule.
    """
    if isinstance(source, StudyFile):
        return _resolved(source, Path(), source.name)
    if str(source) in study_names():
        text = study_text(str(source))
        return _resolved(parse_yaml(text, StudyFile, where=f"{source}.yaml"), Path(), f"{source}.yaml")
    path = Path(source)
    if path.suffix not in {".yaml", ".yml"}:
        raise unknown_name("study", str(source), study_names())
    return _resolved(read_yaml(path, StudyFile), path.parent, str(path))


def _resolved(study: StudyFile, folder: Path, where: str) -> StudyFile:
    space, base = study.hardware_space, folder
    if isinstance(space, str):
        path = space if space in space_names() else str(folder / space)
        base = Path(path).parent if path != space else Path()
        space = load_space(path if Path(path).suffix else space)
    try:
        technologies = tuple(_beside(base, name) for name in space.technologies)
        names = [load_technology(name).name for name in technologies]
    except InputError as error:
        raise type(error)(f"{where}: {error}") from None
    if len(set(names)) < len(names):
        raise FileFormatError(f"{where}: technologies need names of their own, but have {', '.join(names)}; rename one")
    space = space.model_copy(update={"technologies": technologies})
    return study.changed({"hardware_space": space.model_dump(), "dataset": _beside(folder, study.dataset)})


def _beside(folder: Path, name: str) -> str:
    """Return a path in a file as one from where we are; a plain name, which may be a shipped one, as it is."""
    is_path = "/" in name or Path(name).suffix in {".yaml", ".yml", ".npz"}
    return str(folder / name) if is_path and folder != Path() else name
