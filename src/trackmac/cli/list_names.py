"""`trackmac list`: what comes with trackmac, by name."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from trackmac.cli.options import Json, Quiet
from trackmac.cli.output import Output


class Listed(StrEnum):
    """What can be listed."""

    NETWORKS = "networks"
    HARDWARE = "hardware"
    TECHNOLOGIES = "technologies"
    DATASETS = "datasets"
    CIRCUITS = "circuits"


def list_names(
    kind: Annotated[Listed, typer.Argument(help="What to list.", show_default=False)],
    *,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """List the networks, hardware, technologies, data sets or circuits that come with trackmac."""
    from trackmac.report.tables import plain_table

    output = Output(json, quiet)
    items = items_of(kind)
    rows = [(item["name"], item["summary"], *_evidence(item)) for item in items]
    columns = ("name", "what it is", "device figures")[: len(rows[0])]
    output.show(plain_table(None, columns, rows, text=3))
    output.write_json({"items": items})


def items_of(kind: Listed) -> list[dict[str, Any]]:
    """Return the name and a one-line summary of everything of that kind."""
    match kind:
        case Listed.NETWORKS:
            from trackmac.networks.zoo import ZOO

            summaries = {name: entry.summary for name, entry in ZOO.items()}
        case Listed.HARDWARE:
            from trackmac.arrays import HardwareFile, hardware_names, hardware_text
            from trackmac.files import parse_yaml

            summaries = {
                name: parse_yaml(hardware_text(name), HardwareFile, where=name).summary for name in hardware_names()
            }
        case Listed.TECHNOLOGIES:
            from trackmac.technology.catalog import technology_summaries

            summaries = technology_summaries()
        case Listed.DATASETS:
            from trackmac.training.datasets import DATASETS

            summaries = {name: dataset.summary for name, dataset in DATASETS.items()}
        case Listed.CIRCUITS:
            from trackmac.circuits import FAMILIES, circuit

            summaries = {name: circuit(name, layout=family.layouts[0]).summary for name, family in FAMILIES.items()}
    items = [{"name": name, "summary": summary} for name, summary in sorted(summaries.items())]
    return [item | _further(kind, item["name"]) for item in items]


def _further(kind: Listed, name: str) -> dict[str, Any]:
    """Return what is known beside name and summary: of a technology, how many figures have which evidence."""
    if kind is not Listed.TECHNOLOGIES:
        return {}
    from trackmac.technology import load_technology

    return {"evidence": load_technology(name).evidence_counts()}


def _evidence(item: dict[str, Any]) -> tuple[str, ...]:
    from trackmac.report.evidence import counts_text

    return (counts_text(item["evidence"]),) if "evidence" in item else ()
