"""The files of a report: read from result.json, written beside it."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from trackmac.errors import FileFormatError
from trackmac.files import first_problem
from trackmac.report.designs import chosen, hardware_label, technology_of
from trackmac.report.figures import write_front_picture
from trackmac.report.floorplan_svg import floorplan_svg
from trackmac.report.html import write_report
from trackmac.results import ExplorationResult

MAX_RESULT_BYTES = 200_000_000
MAX_NUMBER = 1e30  # of a result, in whatever unit; plots cannot scale to anything


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
    for design in (*result.front, result.knee, chosen(result)):
        try:
            hardware_label(design.hardware), technology_of(design)
        except (KeyError, TypeError, AttributeError) as error:
            raise FileFormatError(
                f"{path}: the hardware of {design.id} is not whole ({error}); run trackmac explore again"
            ) from None
    for part in ("energy_pj", "latency_ns", "area_um2"):
        if result.best_evaluation is not None and part not in result.best_evaluation.breakdown:
            raise FileFormatError(f"{path}: best_evaluation.breakdown lacks {part}; run trackmac explore again")
    for number in _numbers(result.to_dict()):
        if not 0 <= number <= MAX_NUMBER:
            raise FileFormatError(
                f"{path}: all numbers must be within 0..{MAX_NUMBER:g}, but one is {number:g}; "
                "run trackmac explore again"
            )
    _refuse_undrawable(result, path)


def _refuse_undrawable(result: ExplorationResult, path: Path) -> None:
    """Refuse a floorplan with a part that is not known, or whose scale would be 0 or infinite."""
    plan = result.best_floorplan
    if plan is None:
        return
    try:
        floorplan_svg(plan)
    except (ArithmeticError, LookupError, ValueError) as error:
        raise FileFormatError(
            f"{path}: best_floorplan cannot be drawn ({type(error).__name__}: {error}); run trackmac explore again"
        ) from None


def _numbers(data: object) -> Iterator[float]:
    """Yield every number in nested data."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list | tuple):
        for entry in data:
            yield from _numbers(entry)
    elif isinstance(data, int | float):
        yield data


def write_report_files(result: ExplorationResult, folder: Path) -> tuple[Path, ...]:
    """Write report.html and front.png into `folder`; return their paths, the page first.

    Raises:
        InputError: they cannot be written.
    """
    page, picture = folder / "report.html", folder / "front.png"
    write_report(result, page)
    write_front_picture(result, picture)
    return page, picture
