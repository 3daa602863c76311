"""`trackmac list`: what comes with trackmac, by name."""

from collections.abc import Mapping
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
    rows = [(item["name"], item["summary"], *_cells(kind, item)) for item in items]
    columns = ("name", "what it is", *FURTHER_COLUMNS.get(kind, ()))
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
            from trackmac.circuits import circuit, families

            summaries = {name: circuit(name, layout=family.layouts[0]).summary for name, family in families().items()}
    items = [{"name": name, "summary": summary} for name, summary in sorted(summaries.items())]
    return [item | _further(kind, item["name"]) for item in items]


FURTHER_COLUMNS: Mapping[Listed, tuple[str, ...]] = {
    Listed.HARDWARE: ("ports", "banks", "weights"),
    Listed.TECHNOLOGIES: ("device figures",),
}


def _further(kind: Listed, name: str) -> dict[str, Any]:
    """Return what is known beside name and summary: of hardware what it holds, of a technology its evidence."""
    if kind is Listed.HARDWARE:
        from trackmac.arrays import load_hardware, weight_capacity_bits

        hardware = load_hardware(name)
        capacity = weight_capacity_bits(hardware)
        return {"capacity_bits": capacity, "ports": hardware.port_layout.label, "banks": hardware.banks}
    if kind is Listed.TECHNOLOGIES:
        from trackmac.technology import load_technology

        return {"evidence": load_technology(name).evidence_counts()}
    return {}


def _cells(kind: Listed, item: dict[str, Any]) -> tuple[str, ...]:
    """Return what the table shows of it."""
    if kind is Listed.HARDWARE:
        from trackmac.report.quantities import capacity

        return item["ports"], str(item["banks"]), capacity(item["capacity_bits"])
    if kind is Listed.TECHNOLOGIES:
        from trackmac.report.evidence import counts_text

        return (counts_text(item["evidence"]),)
    return ()
