"""Closed forms never see a program, simulation never sees a reference, and heavy libraries stay out of the way."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import trackmac

SRC = Path(trackmac.__file__).parent

# What the files of a package must not read of a circuit, by any name in any way of writing it.
CLOSED_ROAD = {"program", "reference", "step_activity"}
HIDDEN_FROM = {
    "models": CLOSED_ROAD,
    "mapping": CLOSED_ROAD,
    "arrays": CLOSED_ROAD,
    "simulation": {"reference"},
    "inference": {"reference"},
}
HEAVY = {"torch", "brevitas"}


def files_of(package: str) -> list[Path]:
    return sorted((SRC / package).rglob("*.py"))


def hidden_reads(source: str, hidden: set[str]) -> set[str]:
    """Return which of the names `hidden` a source reads: as an attribute, by getattr, or imported."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call):
            found.update(_text_arguments(node))
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found.update(alias.name for alias in node.names)
    return found & hidden


def _text_arguments(call: ast.Call) -> Iterator[str]:
    """Yield the attribute names that a `getattr` or an `attrgetter` is given as text."""
    if isinstance(call.func, ast.Name) and call.func.id in {"getattr", "attrgetter"}:
        for argument in call.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def module_level_imports(source: str) -> set[str]:
    """Return the top-level packages that are imported when the source is: everything outside functions."""
    found: set[str] = set()
    pending: list[ast.AST] = [ast.parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
        pending.extend(ast.iter_child_nodes(node))
    return found


@pytest.mark.parametrize(
    ("package", "file"),
    [(package, file) for package in HIDDEN_FROM for file in files_of(package)],
    ids=lambda part: str(part.relative_to(SRC)) if isinstance(part, Path) else "",
)
def test_a_road_does_not_look_at_the_other(package: str, file: Path) -> None:
    reads = hidden_reads(file.read_text(encoding="utf-8"), HIDDEN_FROM[package])

    assert not reads, f"{package} must not read {sorted(reads)}: counts would no longer be made in two ways"


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(SRC.rglob("*.py")) if file.relative_to(SRC).parts[0] != "training"],
    ids=lambda file: str(file.relative_to(SRC)),
)
def test_torch_is_not_imported_with_a_module_outside_training(file: Path) -> None:
    assert not module_level_imports(file.read_text(encoding="utf-8")) & HEAVY


def modules_after(statement: str) -> set[str]:
    """Return the names of all modules that a fresh interpreter has after `statement`."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    loaded: list[str] = json.loads(answer.stdout)
    return set(loaded)


def test_importing_trackmac_is_light() -> None:
    loaded = modules_after("import trackmac")

    heavy = HEAVY | {"numba", "onnx", "optuna", "plotly", "polars", "sklearn"}
    assert not loaded & heavy
    assert len({name for name in loaded if name.split(".")[0] == "trackmac"}) <= 10


def test_closed_forms_are_imported_without_the_simulator() -> None:
    loaded = modules_after("import trackmac.models.circuit_counts")

    assert not {name for name in loaded if name.startswith("trackmac.simulation")}
    assert "numba" not in loaded


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("len(circuit.program)", {"program"}),
        ("circuit.reference(a=a)", {"reference"}),
        ("getattr(circuit, 'program')", {"program"}),
        ("from trackmac.circuits.microops import step_activity", {"step_activity"}),
        ("circuit.name, circuit.layout, circuit.result.format, 'program'", set()),
    ],
)
def test_the_check_for_hidden_reads_bites(source: str, reads: set[str]) -> None:
    assert hidden_reads(source, CLOSED_ROAD) == reads


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("import torch.nn as nn", {"torch"}),
        ("if TYPE_CHECKING:\n    from torch import Tensor", {"torch"}),
        ("class Layer:\n    import brevitas", {"brevitas"}),
        ("try:\n    import torch\nexcept ImportError:\n    pass", {"torch"}),
        ("def train():\n    import torch", set()),
    ],
)
def test_the_check_for_module_level_imports_bites(source: str, imports: set[str]) -> None:
    assert module_level_imports(source) & HEAVY == imports
