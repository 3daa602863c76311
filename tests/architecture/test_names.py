"""A field that holds physical quantities says its unit at the end of its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import trackmac
from trackmac.units import UNIT_SUFFIXES

SRC = Path(trackmac.__file__).parent
FLOATS = {"float", "float32", "float64", "floating"}

# Numbers without a unit, or whose unit stands elsewhere.
PURE_NUMBERS = {
    "quantized_learning_rate": "the greatest step of an optimiser, which has no unit",
    "scales": "what steps of codes stand for, as fractions; codes have no unit",
    "factor": "of real numbers within a network, which have no unit",
    "offset": "as `factor`",
    "means": "of real numbers within a network, which have no unit",
    "parts": "a function that reads images; it tells its progress as a fraction",
    "input_unit": "what a code of an image stands for, the image being within 0..1",
    "logit_scales": "what a step of a logit stands for; logits have no unit",
    "accuracy": "a fraction of images, the field's usual word",
    "validation_accuracy": "a fraction of images",
    "test_accuracy": "a fraction of images",
    "min_accuracy": "a fraction of images",
    "tops_per_watt": "tera-operations per joule, the field's figure of merit",
    "tops_per_mm2": "tera-operations per second and mm2, the field's figure of merit",
    "seconds": "the name is the unit",
    "value": "a device figure: its key in the technology file ends in the unit",
    "low": "as `value`",
    "high": "as `value`",
    "breakdown": "its keys end in the unit",
    "evidence": "its keys end in the unit",
    "budget": "its keys end in the unit",
    "bsim4": "parameters of a transistor's card, in BSIM4's own units",
    "scale": "of a simulator's analysis: time in s, or what was swept; of a picture: px per um",
    "left": "a place in a picture, in px",
    "top": "as `left`",
    "signals": "of a simulator's analysis: V or A, by its names",
    "needed": "what a rule of mapping needs, in the unit that the rule's text names",
    "available": "as `needed`",
    "log_cost": "a logarithm, which has no unit",
    "front_resolution": "a relative difference",
    "published": "a published figure, of the kind that the claim's text names",
    "published_low": "as `published`",
    "explains_up_to": "a factor between `ours` and `published`",
    "ours": "as `published`",
    "relative_error": "a relative difference",
    "export_difference": "a difference of quantised outputs, which must be 0",
}


def parsed_sources() -> list[ast.Module]:
    return [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(SRC.rglob("*.py"))]


def names_in(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {
        part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)
    }


def float_aliases(modules: list[ast.Module]) -> set[str]:
    """Return the names of types that hold floats: `FloatArray = NDArray[np.float64]`, and what is made of those."""
    aliases = {
        target.id: names_in(statement.value)
        for module in modules
        for statement in module.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Subscript)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    known = set(FLOATS)
    while new := {name for name, parts in aliases.items() if parts & known} - known:
        known |= new
    return known


def float_fields(module: ast.Module, floats: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (class, field) for every annotated field that holds floats, of dataclasses and of files' models."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                    continue
                if names_in(statement.annotation) & floats:
                    yield node.name, statement.target.id


def unnamed(fields: set[str]) -> set[str]:
    """Return the fields whose unit nobody can tell."""
    return {field for field in fields if not field.endswith(UNIT_SUFFIXES)}


def all_float_fields() -> set[tuple[str, str]]:
    modules = parsed_sources()
    floats = float_aliases(modules)
    return {found for module in modules for found in float_fields(module, floats)}


def test_every_float_field_ends_in_its_unit_or_is_a_known_pure_number() -> None:
    found = all_float_fields()
    assert ("Totals", "energy_pj") in found  # the fields were found

    without_unit = {f"{owner}.{field}" for owner, field in found if field in unnamed({field}) - set(PURE_NUMBERS)}

    assert not without_unit, f"end in one of {UNIT_SUFFIXES}, or be a pure number with a reason in this file"


def test_no_pure_number_is_listed_in_vain() -> None:
    assert set(PURE_NUMBERS) <= unnamed({field for _, field in all_float_fields()})


@pytest.mark.parametrize(
    ("annotation", "is_float"),
    [
        ("float", True),
        ("float | None", True),
        ("Mapping[str, float]", True),
        ("NDArray[np.float64]", True),
        ("FloatArray", True),
        ("int", False),
        ("str", False),
    ],
)
def test_the_check_sees_every_kind_of_float(annotation: str, is_float: bool) -> None:
    module = ast.parse(f"FloatArray = NDArray[np.float64]\nclass Chip:\n    size: {annotation}\n")

    fields = {field for _, field in float_fields(module, float_aliases([module]))}

    assert fields == ({"size"} if is_float else set())
    assert unnamed(fields) == fields


def test_a_unit_in_the_middle_of_a_name_does_not_count() -> None:
    assert unnamed({"energy_pj", "pj_energy", "area_um2", "delay"}) == {"pj_energy", "delay"}
