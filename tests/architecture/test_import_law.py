"""Who may import whom (design.md, section 4); imports for types alone count like all others."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import trackmac

SRC = Path(trackmac.__file__).parent

BASE = {
    "errors", "units", "cost", "bits", "files", "results", "drawings", "floorplans", "compiled", "port_policy",
}  # fmt: skip
CIRCUITS = BASE | {"technology", "cells", "circuits"}
MAPPING = CIRCUITS | {"arrays", "networks", "mapping"}
EVERYTHING = MAPPING | {
    "simulation", "models", "inference", "training", "exploration", "validation", "report", "traces",
}  # fmt: skip
MAY_IMPORT = {
    "bits": BASE,
    "technology": BASE,
    "cells": BASE | {"technology"},
    "circuits": CIRCUITS,
    "simulation": CIRCUITS,
    "arrays": CIRCUITS,
    "networks": BASE,
    "mapping": MAPPING,
    "models": MAPPING,
    "inference": MAPPING | {"simulation"},
    "training": BASE | {"networks"},
    "exploration": MAPPING | {"models", "simulation", "inference", "training"},
    "validation": MAPPING | {"models", "simulation"},
    "report": BASE,
    "traces": BASE | {"technology"},
    "cli": EVERYTHING | {"api", "__init__"},
    # Modules beside the packages. The interface joins everything, lazily.
    "errors": BASE,
    "units": BASE,
    "cost": BASE,
    "files": BASE,
    "results": BASE,
    "drawings": BASE,
    "compiled": BASE,
    "port_policy": BASE,
    "floorplans": BASE,
    "api": EVERYTHING | {"trace_exports"},
    "trace_exports": EVERYTHING,
    "__init__": EVERYTHING | {"api"},
    "__main__": {"cli"},
}


def part_of(file: Path) -> str:
    """Return the package of a file, or the name of a module that lies beside the packages."""
    return file.relative_to(SRC).with_suffix("").parts[0]


def imported_modules(source: str) -> Iterator[str]:
    """Yield the dotted names that a source imports, anywhere in it.

    `from a import b` yields a.b, which may be a module or something in one.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def forbidden_imports(source: str, part: str) -> set[str]:
    """Return the parts of trackmac that `source` imports, but as a file of `part` must not; "." for a relative one.

    What is in no part comes from the interface, "__init__"; the version belongs to everyone.
    """
    names = [name.split(".") for name in imported_modules(source) if name != "trackmac.__version__"]
    inner = [name[1] if len(name) > 1 else "__init__" for name in names if name[0] == "trackmac"]
    parts = {name if name in MAY_IMPORT or name in PARTS else "__init__" for name in inner}
    relative = {"." for name in names if name[0] == ""}
    return parts - MAY_IMPORT[part] - {part} | relative


PARTS = {part_of(file) for file in SRC.rglob("*.py")}
FILES = sorted(SRC.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SRC)))
def test_a_file_imports_only_what_its_package_may(file: Path) -> None:
    part = part_of(file)
    assert part in MAY_IMPORT, f"{part} is not in the import law: say in design.md and here what it may import"

    forbidden = forbidden_imports(file.read_text(encoding="utf-8"), part)

    assert not forbidden, f"{part} must not import {sorted(forbidden)}"


def test_the_law_names_only_parts_that_it_knows() -> None:
    assert set().union(*MAY_IMPORT.values()) <= set(MAY_IMPORT)


def test_the_law_has_no_cycle_between_packages_above_the_base() -> None:
    above = {part: may - BASE - {part} for part, may in MAY_IMPORT.items() if part not in BASE}
    while above:
        free = {part for part, may in above.items() if not may & set(above)}
        assert free, f"these may import one another in a circle: {sorted(above)}"
        above = {part: may for part, may in above.items() if part not in free}


def test_models_and_simulation_are_two_roads() -> None:
    assert "simulation" not in MAY_IMPORT["models"]
    assert "models" not in MAY_IMPORT["simulation"] | MAY_IMPORT["inference"]


@pytest.mark.parametrize(
    ("source", "part", "forbidden"),
    [
        ("from trackmac.simulation import packed", "models", {"simulation"}),
        ("from trackmac import simulation", "models", {"simulation"}),
        ("import trackmac.simulation.packed", "models", {"simulation"}),
        ("def late() -> None:\n    from trackmac.inference import network_run", "models", {"inference"}),
        ("if TYPE_CHECKING:\n    from trackmac.models import walks", "inference", {"models"}),
        ("from .packed import run", "simulation", {"."}),
        ("from trackmac.arrays import chip\nfrom trackmac.results import Totals", "report", {"arrays"}),
        ("from trackmac import load_network", "exploration", {"__init__"}),
        ("import trackmac as tm", "models", {"__init__"}),
        ("import numpy\nfrom trackmac.cost import Activity\nfrom trackmac import __version__", "models", set()),
    ],
)
def test_the_law_bites(source: str, part: str, forbidden: set[str]) -> None:
    assert forbidden_imports(source, part) == forbidden
