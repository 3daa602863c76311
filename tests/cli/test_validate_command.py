import json

import pytest

from trackmac.cli.main import run


def test_rows_have_the_keys_of_the_interface(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["validate", "--json", "-"])

    rows = json.loads(capsys.readouterr().out)["rows"]
    assert code == 0
    assert rows
    assert all(row.keys() >= {"quantity", "source", "evidence", "published", "ours", "relative_error"} for row in rows)


def test_one_technology_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    run(["validate", "--technology", "spimulator-2025", "--json", "-"])

    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["technology"] for row in rows} == {"spimulator-2025"}


def test_the_density_is_shown_against_the_published_range(capsys: pytest.CaptureFixture[str]) -> None:
    run(["validate", "--technology", "spimulator-2025"])

    (line,) = (text for text in capsys.readouterr().out.splitlines() if "area of the tracks" in text and "%" in text)
    assert "1 to 4" in line
    assert "48.44 %, outside it" in line


def test_an_unknown_technology_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["validate", "--technology", "rtsim"])

    assert code == 2
    assert capsys.readouterr().err.startswith("error: unknown technology 'rtsim'")
