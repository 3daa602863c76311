"""docs/extending.md adds a circuit in one file; here the file of the text is taken at its word."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import trackmac as tm
from trackmac.circuits import FAMILIES, Layout, registry
from trackmac.circuits.plugins import circuit_plugins
from trackmac.cli.main import run
from trackmac.errors import InputError, UnknownNameError
from trackmac.models import circuit_counts

ROOT = Path(__file__).parents[2]
NAME = "absolute_difference"
DOCUMENT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "examples" / f"{NAME}.py").read_text(encoding="utf-8")
CODE_BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT, flags=re.DOTALL)


@pytest.fixture
def registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test register circuits, and forget them after it."""
    registry._build.cache_clear()
    monkeypatch.setattr(registry, "FAMILIES", FAMILIES.copy())
    monkeypatch.setattr(circuit_counts, "_BY_NAME", circuit_counts._BY_NAME.copy())


def executed(source: str) -> ModuleType:
    module = ModuleType(NAME)
    exec(source, module.__dict__)
    return module


def test_the_text_shows_the_example_as_it_is() -> None:
    assert CODE_BLOCKS[0] == EXAMPLE


@pytest.mark.usefixtures("registries")
def test_the_circuit_of_the_text_runs_and_is_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    module = executed(CODE_BLOCKS[0])
    monkeypatch.setitem(sys.modules, NAME, module)

    usage = executed(CODE_BLOCKS[1])

    shown = usage.__dict__["run"]
    assert f"# {shown.values} {shown.events['writes']} ..." in CODE_BLOCKS[1]
    assert shown.values.tolist() == [127, 0]
    assert shown.energy_pj > 0


@pytest.mark.usefixtures("registries")
def test_the_circuit_of_the_text_passes_all_checks_as_the_text_says() -> None:
    executed(CODE_BLOCKS[0])

    check = tm.check_circuit(NAME)

    assert check.passed, str(check)
    assert str(check) in DOCUMENT


@pytest.mark.usefixtures("registries")
def test_the_results_are_those_of_python_s_own_integers() -> None:
    executed(CODE_BLOCKS[0])
    generator = np.random.default_rng(0)
    a, b = generator.integers(-(2**15), 2**15, (2, 200))

    for layout in Layout:
        values = tm.run(tm.circuit(NAME, 16, layout=layout.value), a, b).values

        assert values.tolist() == [abs(int(x) - int(y)) for x, y in zip(a, b, strict=True)]


def broken(*replacements: tuple[str, str]) -> tm.CircuitCheck:
    """Return the checks of the text's circuit with something in its file replaced."""
    source = EXAMPLE
    for old, new in replacements:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    executed(source)
    return tm.check_circuit(NAME)


def failures(check: tm.CircuitCheck) -> dict[str, str]:
    assert not check.passed
    assert "NOT what a circuit has to be" in str(check)
    assert all(each.counter_example in str(check) for each in check.checks)
    return {each.name: each.counter_example for each in check.checks if not each.passed}


@pytest.mark.usefixtures("registries")
def test_a_wrong_closed_form_is_told_with_both_counts() -> None:
    found = failures(broken(("writes=n,", "writes=n - 1,")))

    assert found == {
        "the closed form is what is counted": "along, a uint2, b uint2: writes: 2 by simulation, 1 by the closed form"
    }
    assert "`writes: 2 by simulation, 1 by the closed form`" in DOCUMENT


@pytest.mark.usefixtures("registries")
def test_a_wrong_reference_is_told_with_the_operands() -> None:
    found = failures(broken(("= np.abs(a - b)", "= np.abs(a - b) | (a == 3)")))

    assert found["results are the reference's"] == (
        "along, a uint2, b uint2: a = 3, b = 1 gives 2, but the reference says 3"
    )


@pytest.mark.usefixtures("registries")
def test_a_missing_shift_home_is_told_with_the_track() -> None:
    found = failures(broken(("shift_home(a, b, distance)", "shift_home(b, distance)")))

    told = "track a ends with domain 1 at its port, not domain 0; shift it home"
    assert found["tracks come home"] == f"along, a uint2, b uint2: {told}"
    assert f"`{told}`" in DOCUMENT


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    ("old", "new", "name", "message"),
    [
        (
            "NumberFormat(n, is_signed=False)",
            "NumberFormat(n, is_signed)",
            "extreme results fit the result's format",
            "along, a int2, b int2: a = -2, b = 0 gives 2, which is beyond int2",
        ),
        (
            "= np.abs(a - b)",
            "= np.abs(a - b) / 1",
            "results are the reference's",
            "TypeError: the reference must return an integer a lane, but it returns float64",
        ),
        (
            "    two, three =",
            "    assert n < 9\n    two, three =",
            "the closed form is what is counted",
            "along, a uint9, b uint9: AssertionError",
        ),
        (
            "    comparing = Walk",
            "    assert circuit.program\n    comparing = Walk",
            "the closed form does not read the program",
            "AssertionError",
        ),
        (
            'summary="subtracts the lesser of two words from the greater"',
            'summary=""',
            "it can be declared",
            "its summary must say in one line what it does, but is ''",
        ),
        (
            'builder.word("distance",',
            'builder.word("spare", NumberFormat(n, False)) and builder.word("distance",',
            "words lie as the layout says",
            "tracks ['spare'] are declared, but not used",
        ),
        (
            "    (n,) = bits\n",
            "    (n,) = bits\n    assert n != 5\n",
            "it can be declared",
            "along, unsigned, (5,) bits: AssertionError",
        ),
    ],
)
def test_what_a_circuit_must_not_do_is_told(old: str, new: str, name: str, message: str) -> None:
    assert message in failures(broken((old, new)))[name]


@pytest.mark.usefixtures("registries")
def test_a_step_that_nothing_misses_is_told() -> None:
    """A closed form that forgets a step is blind to it; if no result needs the step either, nothing misses it."""
    found = failures(broken((8 * " " + "senses=2 * n,\n        sensing=n,\n", "")))

    across = "across, a uint4, b uint4"
    assert found["mutants are noticed"] == f"{across}: nothing notices that step 3 of 5 is missing"


@pytest.mark.usefixtures("registries")
def test_a_cell_that_no_result_depends_on_is_told() -> None:
    idle_cell = '    return BitStep(\n        sense={"a": a.places[bit], "b": b.places[bit]},\n        evaluate=cells,'
    with_and = idle_cell.replace("cells,", '(*cells, Evaluate(AND, ("a", "b"), ("unused",))),')
    found = failures(
        broken((idle_cell, with_and), ("import FULL_SUBTRACTOR,", "import AND, FULL_SUBTRACTOR,"), ("3 * n,", "4 * n,"))
    )

    assert list(found) == ["mutants are noticed"]
    assert "no result depends on cell and: any two rows of its truth table can be swapped" in str(found)


def test_a_check_is_plain_data_on_request() -> None:
    data = tm.check_circuit("parallel_adder").to_dict()

    assert json.loads(json.dumps(data)) == data
    assert data["passed"] is True
    assert {tuple(check) for check in data["checks"]} == {("name", "tried", "counter_example", "passed")}


@pytest.mark.parametrize("name", ["ripple_adder", "relu"])
def test_our_own_circuits_pass(name: str) -> None:
    check = tm.check_circuit(name)

    assert check.passed, str(check)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_every_circuit_of_ours_passes(name: str) -> None:
    check = tm.check_circuit(name)

    assert check.passed, str(check)


def test_an_unknown_circuit_is_not_checked() -> None:
    with pytest.raises(UnknownNameError, match="unknown circuit 'relus': did you mean 'relu'"):
        tm.check_circuit("relus")


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f'NAME = "{NAME}"', 'NAME = "ripple_adder"', "must be new, but there is a ripple_adder already"),
        (f'NAME = "{NAME}"', 'NAME = "absolute difference"', "must be an identifier, but it is 'absolute difference'"),
        ("        name=NAME,", '        name="other",', f"its family's name, {NAME}, but it is other"),
        (
            "    activity=activity,",
            "    activity=len,",
            r"object of type 'Circuit' has no len\(\)",
        ),
        ("    activity=activity,", "    activity=lambda circuit: 7,", f"that of {NAME} returns 7"),
    ],
)
def test_what_cannot_be_registered_leaves_nothing_behind(old: str, new: str, message: str) -> None:
    assert EXAMPLE.count(old) == 1

    with pytest.raises((InputError, TypeError), match=message):
        executed(EXAMPLE.replace(old, new))

    assert NAME not in registry.families()
    assert NAME not in circuit_counts._BY_NAME


@pytest.mark.usefixtures("registries")
def test_a_cell_outside_the_library_is_refused() -> None:
    own_cell = 'FULL_SUBTRACTOR = replace(FULL_SUBTRACTOR, name="mine")\nNAME ='

    with pytest.raises(InputError, match=r"cells must be those of trackmac\.cells\.library, but mine is none"):
        executed("from dataclasses import replace\n" + EXAMPLE.replace("NAME =", own_cell, 1))


def install(folder: Path, source: str) -> None:
    """Put a package with the circuit of the text into `folder`, as an installer does."""
    (folder / f"{NAME}.py").write_text(source, encoding="utf-8")
    info = folder / f"{NAME}-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 0.1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[trackmac.circuits]\n{NAME} = {NAME}\n", encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, registries: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder whose packages are found as installed ones are."""
    monkeypatch.syspath_prepend(tmp_path)
    circuit_plugins.cache_clear()
    yield tmp_path
    sys.modules.pop(NAME, None)
    circuit_plugins.cache_clear()


def test_the_text_names_the_entry_point_that_is_looked_for() -> None:
    assert f'[project.entry-points."trackmac.circuits"]\n{NAME} = "{NAME}"\n' in DOCUMENT


def test_an_installed_circuit_is_listed_shown_and_run(tmp_path: Path) -> None:
    """By an interpreter that has the package on its path, and nothing else done to it."""
    install(tmp_path, EXAMPLE)
    commands = (
        ("circuit", "list", "--bits", "4"),
        ("circuit", "show", NAME, "--layout", "across"),
        ("circuit", "run", NAME, "--a", "-100,3", "--b", "27,3"),
    )
    code = f"from trackmac.cli.main import run\nfor command in {commands}: assert run([*command, '--json', '-']) == 0"

    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=os.environ | {"PYTHONPATH": str(tmp_path)}
    )

    assert finished.stderr == b""
    listed, shown, ran = (
        json.loads(text + "}") for text in re.split(r"^}\n", finished.stdout.decode(), flags=re.M)[:3]
    )
    rows = [item for item in listed["items"] if item["name"] == NAME]
    assert [(row["kind"], row["layout"]) for row in rows] == [("distance", "along"), ("distance", "across")]
    assert shown["steps"] == 5
    assert ran["result"] == [127, 0]


@pytest.mark.usefixtures("registries")
def test_an_operand_called_technology_is_refused() -> None:
    source = EXAMPLE.replace('in "ab")', 'in ("technology", "b"))')
    assert source != EXAMPLE

    with pytest.raises(InputError, match=f"^an operand of {NAME} is called technology, which is what"):
        executed(source)


@pytest.mark.usefixtures("registries")
def test_a_family_that_builds_no_circuit_is_refused() -> None:
    family = tm.CircuitFamily(
        name="nothing", kind="adder", layouts=(Layout.ALONG,), width_names=("x",), build=lambda *_: None  # type: ignore[arg-type]
    )  # fmt: skip

    with pytest.raises(InputError, match=r"^what nothing builds must be a Circuit, but it is None"):
        tm.register_circuit(family, lambda _: None)  # type: ignore[arg-type,return-value]


def test_an_installed_circuit_goes_by_its_name(site: Path) -> None:
    install(site, EXAMPLE)

    assert tm.run(tm.circuit(NAME, bits=4), 7, -8).values.tolist() == [15]


def test_a_misspelt_installed_circuit_is_suggested(site: Path) -> None:
    install(site, "raise SystemExit")

    with pytest.raises(UnknownNameError, match=f"^unknown circuit '{NAME}s': did you mean '{NAME}'?"):
        tm.circuit(f"{NAME}s")


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 +", "SyntaxError: invalid syntax"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("", f"it registers no circuit '{NAME}'"),
        (EXAMPLE.replace(f'NAME = "{NAME}"', 'NAME = "relu"'), "InputError: a circuit's name must be new"),
    ],
)
def test_a_broken_package_is_one_line_that_names_it(
    site: Path, source: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, source)

    for arguments in (("circuit", "list"), ("list", "circuits"), ("circuit", "show", NAME)):
        code, (out, err) = run(arguments), capsys.readouterr()

        assert code == 2
        assert not out
        (line,) = err.splitlines()
        assert line.startswith(f"error: the circuit plugin '{NAME}' of {NAME} 0.1 must register its circuit when")
        assert problem in line


@pytest.mark.parametrize("source", ["print('imported')", "raise SystemExit(3)"])
def test_a_package_whose_circuit_is_not_asked_for_is_not_imported(
    site: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, source)

    for arguments in (("--help",), ("circuit", "show", "relu"), ("list", "networks")):
        code, (out, err) = run(arguments), capsys.readouterr()

        assert code == 0
        assert not err
        assert "imported" not in out
    assert NAME not in sys.modules
