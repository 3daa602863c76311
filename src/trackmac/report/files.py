"""The files of a report: read from result.json, written beside it."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from trackmac.errors import FileFormatError
from trackmac.files import first_problem
from trackmac.report.designs import hardware_label, technology_of
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
        result = TypeAdapter(ExplorationResult).validate_json(path.read_bytes())
    except ValidationError as error:
        raise FileFormatError(f"{path}: {first_problem(error)}") from None
    except OSError as error:
        raise FileFormatError(
            f"{path}: cannot be read ({error.strerror}); give the folder that trackmac explore wrote"
        ) from None
    _refuse_incomplete(result, path)
    return result


def _refuse_incomplete(result: ExplorationResult, path: Path) -> None:
    if not result.front:
        raise FileFormatError(f"{path}: front must have at least one design; run trackmac explore again")
    for design in (*result.front, result.knee):
        try:
            hardware_label(design.hardware), technology_of(design)
        except (KeyError, TypeError, AttributeError) as error:
            raise FileFormatError(
                f"{path}: the hardware of {design.id} is not whole ({error}); run trackmac explore again"
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
