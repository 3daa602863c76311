import json
from pathlib import Path

import pytest

from trackmac.errors import FileFormatError
from trackmac.exploration.json_lines import JsonLines, write_whole
from trackmac.exploration.store import VerificationRecord

FIRST = VerificationRecord(id="a", images=1, mismatches=0, events_agree=True)
SECOND = VerificationRecord(id="b", images=2, mismatches=3, events_agree=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


def lines(path: Path) -> JsonLines[VerificationRecord]:
    return JsonLines(path, VerificationRecord)


def test_what_is_appended_is_read_back_in_order(path: Path) -> None:
    lines(path).append(FIRST)
    lines(path).append(SECOND)

    assert lines(path).read() == [FIRST, SECOND]


def test_a_file_that_is_not_there_has_no_records(path: Path) -> None:
    assert lines(path).read() == []


@pytest.mark.parametrize("kept", range(1, 40))
def test_a_torn_last_line_is_dropped_and_never_written_behind(path: Path, kept: int) -> None:
    lines(path).append(FIRST)
    with path.open("a", encoding="utf-8") as file:
        file.write(SECOND.model_dump_json()[:kept])

    before = lines(path).read()
    lines(path).cut_torn_line()
    lines(path).append(SECOND)

    assert before == [FIRST]
    assert lines(path).read() == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", "line 1: id: required key is missing"),
        ("not json", "line 1: .*nvalid JSON"),
        ('{"id": "a", "images": -1, "mismatches": 0, "events_agree": true}', "line 1: images: input should be greater"),
        ("", "line 1: .*nvalid JSON"),
    ],
)
def test_a_line_that_is_no_record_is_refused(path: Path, line: str, message: str) -> None:
    path.write_text(line + "\n", encoding="utf-8")

    with pytest.raises(FileFormatError, match=message):
        lines(path).read()


def test_a_text_is_written_whole_over_an_old_one(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.json", "[1]")
    write_whole(tmp_path / "a.json", "[2]")

    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == [2]
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
