"""`trackmac evaluate`: what a network costs on a hardware, by the closed forms."""

from typing import TYPE_CHECKING

from trackmac.cli.options import DEFAULT_HARDWARE, Hardware, Json, Network, Quiet, Technology
from trackmac.cli.output import Output

if TYPE_CHECKING:
    from rich.table import Table

    from trackmac.results import Evaluation


def evaluate(
    network: Network,
    *,
    hardware: Hardware = DEFAULT_HARDWARE,
    technology: Technology = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Price a network on a hardware, layer by layer, for one image (closed forms)."""
    from trackmac import api

    output = Output(json, quiet)
    result = api.evaluate(network, hardware, technology)
    if output.is_shown:
        _show(output, result)
    output.write_json(result.to_dict())


def _show(output: Output, result: "Evaluation") -> None:
    from trackmac.report import quantities
    from trackmac.report.evidence import evidence_text

    output.show(f"{result.network} on {result.hardware}, {result.technology}; one image", "", _layers(result), "")
    output.show(_totals(result), "")
    for key, title in (
        ("energy_pj", "energy by event"),
        ("latency_ns", "latency by phase"),
        ("area_um2", "area by part"),
    ):
        output.show(_parts(title, key, result), "")
    output.show("schedule", result.schedule, "")
    output.show(*(f"- {note}" for note in result.notes))
    output.show(f"- The device figures behind it: {evidence_text(result.evidence)}.")
    output.show(
        f"- {quantities.count(len(result.assumptions))} of the device figures used are assumed (listed in --json)."
    )


def _layers(result: "Evaluation") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    events = ("senses", "writes", "track_shifts")
    rows = [
        (
            layer.name,
            layer.kind,
            quantities.count(layer.macs),
            quantities.energy(layer.energy_pj),
            quantities.duration(layer.latency_ns),
            *(quantities.count(layer.events.get(event, 0)) for event in events),
        )
        for layer in result.layers
    ]
    return plain_table(
        None, ("layer", "kind", "MACs", "energy", "latency", *map(quantities.words, events)), rows, text=2
    )


def _totals(result: "Evaluation") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    totals = result.totals
    rows = (
        ("MACs", quantities.count(totals.macs)),
        ("energy", quantities.energy(totals.energy_pj)),
        ("energy without leakage", quantities.energy(totals.dynamic_energy_pj)),
        ("latency", quantities.duration(totals.latency_ns)),
        ("interval", quantities.duration(totals.interval_ns)),
        ("area", quantities.area(totals.area_um2)),
        ("leakage", quantities.power(totals.leakage_nw)),
        ("images per second", quantities.digits(totals.images_per_second)),
        ("TOPS/W", quantities.digits(totals.tops_per_watt)),
        ("TOPS/mm²", quantities.digits(totals.tops_per_mm2)),
        ("writing the weights, once", quantities.energy(totals.weight_write_energy_pj)),
    )
    return plain_table("totals", ("", ""), rows)


def _parts(title: str, key: str, result: "Evaluation") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    parts = sorted(result.breakdown[key].items(), key=lambda part: -part[1])
    total: float = getattr(result.totals, key)
    rows = [
        (quantities.words(name), quantities.quantity(key, value), f"{100 * value / total:.1f} %")
        for name, value in parts
    ]
    return plain_table(title, ("", "", ""), rows)
