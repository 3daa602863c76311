import pytest

from trackmac.errors import FileFormatError
from trackmac.files import parse_yaml
from trackmac.technology.schema import OPTIONAL_KEYS, Figure, TechnologyRecord

HEAD = "name: mine\nsummary: a table\n"
FIGURE = "value: 2, low: 1, high: 3, evidence: assumed, source: us"


def record(body: str) -> TechnologyRecord:
    return parse_yaml(HEAD + body, TechnologyRecord, where="mine.yaml")


def test_a_figure_keeps_range_evidence_and_source() -> None:
    figure = record(f"sense: {{energy_pj: {{{FIGURE}}}}}").sense.energy_pj

    assert figure == Figure(value=2.0, low=1.0, high=3.0, evidence="assumed", source="us")


def test_a_whole_number_is_accepted_as_a_float() -> None:
    figure = record(f"sense: {{energy_pj: {{{FIGURE}}}}}").figures()["sense.energy_pj"]

    assert figure is not None
    assert isinstance(figure.value, float)


def test_the_figures_of_a_record_are_all_keys_of_all_sections() -> None:
    figures = record("").figures()

    assert len(figures) == 83
    assert set(figures) > OPTIONAL_KEYS
    assert set(figures.values()) == {None}


def test_a_source_of_several_lines_becomes_one() -> None:
    numbers = "    value: 1\n    low: 1\n    high: 1\n    evidence: measured\n"

    figure = record(f"latch:\n  energy_pj:\n{numbers}    source: |\n      a\n      b\n").latch.energy_pj

    assert figure is not None
    assert figure.source == "a b"


def test_leakage_may_be_zero() -> None:
    figure = record("cmos: {transistor_leakage_nw: {value: 0, low: 0, high: 1, evidence: assumed, source: us}}")

    assert figure.cmos.transistor_leakage_nw is not None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("colour: red", "colour: unknown key; remove it or correct its spelling"),
        (f"sense: {{power_nw: {{{FIGURE}}}}}", "sense.power_nw: unknown key; remove it or correct its spelling"),
        (
            f"sense: {{energy_pj: {{{FIGURE}, unit: pJ}}}}",
            "sense.energy_pj.unit: unknown key; remove it or correct its spelling",
        ),
        (f"sense: {{energy_pj: {{{FIGURE}, value: 2}}}}", "line 3: key 'value' is given twice; keep one of them"),
        (
            f"sense: {{energy_pj: !figure {{{FIGURE}}}}}",
            "line 3: tags are not allowed, but !figure is given; remove it",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('2', '.nan')}}}}}",
            "sense.energy_pj.value: input should be a finite number, but it is nan; correct the value",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('1', '-1')}}}}}",
            "sense.energy_pj.low: input should be greater than or equal to 0, but it is -1; correct the value",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('1', '0')}}}}}",
            "sense.energy_pj: low and value must be greater than 0, but low is 0; correct it",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('2', repr('2'))}}}}}",
            "sense.energy_pj.value: input should be a valid number, but it is '2'; correct the value",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('2', 'yes')}}}}}",
            "sense.energy_pj.value: input should be a valid number, but it is 'yes'; correct the value",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('2', 'true')}}}}}",
            "sense.energy_pj.value: input should be a valid number, but it is True; correct the value",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('1', '4')}}}}}",
            "sense.energy_pj: low <= value <= high must hold, but low is 4, value 2 and high 3; correct one of them",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('2', '3.5')}}}}}",
            "sense.energy_pj: low <= value <= high must hold, but low is 1, value 3.5 and high 3; correct one of them",
        ),
        (
            f"bus: {{width_bits: {{{FIGURE.replace('2', '2.5')}}}}}",
            "bus.width_bits: value must be a whole number, but it is 2.5; correct it",
        ),
        (
            "sense: {energy_pj: {value: 2, low: 1, high: 3, evidence: assumed}}",
            "sense.energy_pj.source: required key is missing; add it",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('us', repr(' '))}}}}}",
            "sense.energy_pj.source: string should have at least 1 character, but it is ' '; correct the value",
        ),
        (
            f"sense: {{energy_pj: {{{FIGURE.replace('assumed', 'guessed')}}}}}",
            "sense.energy_pj.evidence: input should be 'measured', 'simulated', 'published' or 'assumed', "
            "but it is 'guessed'; correct the value",
        ),
        ("sense: {energy_pj: 2}", "sense.energy_pj: input should be an object, but it is 2; correct the value"),
        (
            "companion: ../secret.yaml",
            "companion: string should match pattern '^[A-Za-z0-9][A-Za-z0-9._-]*$', "
            "but it is '../secret.yaml'; correct the value",
        ),
    ],
)
def test_a_record_that_breaks_a_rule_is_refused_in_one_line(body: str, message: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        record(body)

    assert str(caught.value) == f"mine.yaml: {message}"
