"""The outcome of a study as files: result.json, front.csv and front_exact.csv."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from trackmac.exploration.json_lines import write_whole
from trackmac.results import Design, ExplorationResult

DESIGN_COLUMNS = ("id", "trial", "network", "accuracy", "energy_pj", "dynamic_energy_pj", "latency_ns", "area_um2")
CHECK_COLUMNS = ("test_accuracy", "verified_images", "mismatches", "events_agree")
HARDWARE_COLUMNS = (
    "technology", "circuit", "layout", "dataflow", "units_per_mat", "mats_per_bank", "banks", "buffer_kib",
)  # fmt: skip
UNIT_COLUMNS = ("domains", "tracks", "ports")


def write_result(result: ExplorationResult, folder: Path) -> None:
    """Write result.json and front.csv into the study's folder."""
    write_whole(folder / "result.json", json.dumps(result.to_dict(), indent=1, allow_nan=False) + "\n")
    _write_designs(folder / "front.csv", result.front, (*DESIGN_COLUMNS, *CHECK_COLUMNS))


def write_exact_front(designs: Iterable[Design], folder: Path) -> None:
    """Write the front before it is thinned, front_exact.csv."""
    _write_designs(folder / "front_exact.csv", designs, DESIGN_COLUMNS)


def _write_designs(path: Path, designs: Iterable[Design], columns: Sequence[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*columns, *HARDWARE_COLUMNS, *UNIT_COLUMNS))
    for design in designs:
        own = [getattr(design, column) for column in columns]
        writer.writerow([*own, *(design.hardware[key] for key in HARDWARE_COLUMNS), *_unit(design.hardware)])
    write_whole(path, text.getvalue())


def _unit(hardware: Mapping[str, Any]) -> tuple[int, int, int]:
    unit = hardware["macro_unit"]
    return unit["domains"], unit["tracks"], unit["ports_per_track"]["RW"]
