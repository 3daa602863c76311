"""The files of a report: read from result.json, written beside it."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from trackmac.errors import FileFormatError
from trackmac.files import first_problem
from trackmac.report.figures import write_front_picture
from trackmac.report.html import write_report
from trackmac.results import ExplorationResult

MAX_RESULT_BYTES = 200_000_000


def read_result(folder: Path) -> ExplorationResult:
    """Read the result.json that an exploration wrote into `folder`.

    Raises:
        FileFormatError: the file is missing or is not what an exploration writes.
    """
    path = folder / "result.json"
    try:
        if path.stat().st_size > MAX_RESULT_BYTES:
            raise FileFormatError(f"{path}: at most {MAX_RESULT_BYTES} bytes are read; is it the right file?")
        return TypeAdapter(ExplorationResult).validate_json(path.read_bytes())
    except ValidationError as error:
        raise FileFormatError(f"{path}: {first_problem(error)}") from None
    except OSError as error:
        raise FileFormatError(
            f"{path}: cannot be read ({error.strerror}); give the folder that trackmac explore wrote"
        ) from None


def write_report_files(result: ExplorationResult, folder: Path) -> tuple[Path, ...]:
    """Write report.html and front.png into `folder`; return their paths, the page first.

    Raises:
        InputError: they cannot be written.
    """
    page, picture = folder / "report.html", folder / "front.png"
    write_report(result, page)
    write_front_picture(result, picture)
    return page, picture
