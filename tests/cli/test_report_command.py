import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from trackmac.results import ExplorationResult

if TYPE_CHECKING:
    from tests.cli.conftest import Cli


@pytest.fixture
def folder(exploration_result: ExplorationResult, tmp_path: Path) -> Path:
    (tmp_path / "result.json").write_text(json.dumps(exploration_result.to_dict()))
    return tmp_path


def test_the_report_is_made_again(cli: "Cli", folder: Path) -> None:
    outcome = cli("report", folder)

    assert outcome.code == 0
    assert outcome.out.split() == [str(folder / "report.html"), str(folder / "front.png")]
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_it_can_be_opened(cli: "Cli", folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(typer, "launch", opened.append)

    cli("report", folder, "--open", "--quiet")

    assert opened == [str(folder / "report.html")]


def test_a_folder_without_a_result_is_refused(cli: "Cli", tmp_path: Path) -> None:
    assert cli("report", tmp_path).refuses("give the folder that trackmac explore wrote")
    assert cli("report", tmp_path / "nowhere").refuses("cannot be read (No such file or directory)")
