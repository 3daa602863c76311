"""`trackmac evaluate`: what a network costs on a hardware, by the closed forms."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackmac.cli.options import DEFAULT_HARDWARE, Hardware, Json, Network, Quiet, Technology
from trackmac.cli.output import Output, refuse_unwritable, write_text

if TYPE_CHECKING:
    from rich.table import Table

    from trackmac.results import AtRate, Evaluation, MemoryBaseline, Totals


def _number(text: str | float) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"it must be a number, but it is {str(text)[:40]!r}; give one") from None


Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="R",
        parser=_number,
        help="Inferences a second, 0 or from 1e-9 on: gives mean power, days on a battery and lifetime.",
    ),
]


Svg = Annotated[
    Path | None,
    typer.Option("--svg", metavar="FILE", help="Draw chip, bank, mat and macro unit to scale, as an SVG file."),
]


ShowSchedule = Annotated[
    bool, typer.Option("--schedule", help="Show where every layer runs, where its weights lie and what moves.")
]


def evaluate(
    network: Network,
    *,
    hardware: Hardware = DEFAULT_HARDWARE,
    technology: Technology = None,
    rate: Rate = None,
    schedule: ShowSchedule = False,
    svg: Svg = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Price a network on a hardware, layer by layer, for one image (closed forms)."""
    from trackmac import api
    from trackmac.report.floorplan_svg import floorplan_svg

    output = Output(json, quiet)
    if svg is not None:
        refuse_unwritable(svg)
    result = api.evaluate(network, hardware, technology, rate)
    if output.is_shown:
        _show(output, result)
    found = result.to_dict()
    if schedule:
        planned = api.schedule(network, hardware, technology)
        output.show("", "schedule", planned.table())
        found["schedule"] = planned.to_dict()
    if svg is not None:
        write_text(svg, floorplan_svg(api.floorplan(network, hardware, technology)))
        output.show(f"floorplan written to {svg}")
    output.write_json(found)


def _show(output: Output, result: "Evaluation") -> None:
    from trackmac.report import quantities
    from trackmac.report.evidence import evidence_text

    output.show(f"{result.network} on {result.hardware}, {result.technology}; one image", "", _layers(result), "")
    output.show(_totals(result), "")
    output.show(_limits(result), "")
    if result.at_rate is not None:
        output.show(_at_rate(result.at_rate), "")
    output.show(_baselines(result), "")
    for key, title in (
        ("energy_pj", "energy by event"),
        ("latency_ns", "latency by phase"),
        ("area_um2", "area by part"),
        ("leakage_nw", "leakage by part"),
    ):
        output.show(_parts(title, key, result), "")
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
        ("energy-delay product", quantities.energy_delay(totals.energy_delay_product_pj_ns)),
        ("area", quantities.area(totals.area_um2)),
        ("leakage", quantities.power(totals.leakage_nw)),
        ("images per second", quantities.digits(totals.images_per_second)),
        ("TOPS/W", quantities.digits(totals.tops_per_watt)),
        ("TOPS/mm²", quantities.digits(totals.tops_per_mm2)),
        _weights(totals),
    )
    return plain_table("totals", ("", ""), rows)


def _weights(totals: "Totals") -> tuple[str, str]:
    from trackmac.report import quantities

    if totals.reload_latency_ns:
        energy, time = quantities.energy(totals.reload_energy_pj), quantities.duration(totals.reload_latency_ns)
        return "    of it reloading the weights, for every image", f"{energy}, {time}"
    return "writing the weights, once", quantities.energy(totals.weight_write_energy_pj)


def _limits(result: "Evaluation") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    totals = result.totals
    start = f"{quantities.energy(totals.cold_start_energy_pj)}, {quantities.duration(totals.cold_start_ns)}"
    rows = (
        ("power density, mean", quantities.power_density(totals.power_density_w_per_cm2)),
        ("    usual without a heat sink (assumed)", "about 1 W/cm²"),
        ("power density, peak", quantities.power_density(totals.peak_power_density_w_per_cm2)),
        ("writes per inference, busiest MTJ", quantities.count(totals.writes_per_mtj_per_inference)),
        ("writes per inference, busiest domain", quantities.count(totals.writes_per_domain_per_inference)),
        ("cold start", start),
    )
    return plain_table("embedded limits", ("", ""), rows)


def _at_rate(at: "AtRate") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    energy = at.energy_per_inference_pj
    low, high = quantities.years(at.lifetime_low_years), quantities.years(at.lifetime_high_years)
    lifetime = "never" if at.lifetime_years is None else f"{quantities.years(at.lifetime_years)} ({low} to {high})"
    rows = (
        ("between inferences", at.standby),
        ("computing", quantities.share(at.duty_fraction)),
        ("mean power", quantities.power(at.mean_power_nw)),
        ("energy per inference, all in", "–" if energy is None else quantities.energy(energy)),
        ("on a CR2032 coin cell", quantities.days(at.battery_days)),
        ("until the busiest MTJ wears out", lifetime),
    )
    return plain_table(f"at {quantities.digits(at.rate_per_second)} inferences per second", ("", ""), rows)


def _baselines(result: "Evaluation") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    at = result.at_rate
    rows = [("this chip", *_design(result.totals), *(() if at is None else _use(at)))]
    for baseline in result.baselines:
        name = quantities.words(baseline.name)
        rows.append((name, *_design(baseline), *(() if at is None else _use(baseline))))
    header = ("", "energy", "latency", "area", "cold start")
    at_rate = () if at is None else ("mean power", "battery")
    return plain_table("weights elsewhere, CMOS arithmetic", (*header, *at_rate), rows)


def _design(design: "Totals | MemoryBaseline") -> tuple[str, ...]:
    from trackmac.report import quantities

    return (
        quantities.energy(design.energy_pj),
        quantities.duration(design.latency_ns),
        quantities.area(design.area_um2),
        f"{quantities.energy(design.cold_start_energy_pj)}, {quantities.duration(design.cold_start_ns)}",
    )


def _use(use: "AtRate | MemoryBaseline") -> tuple[str, ...]:
    from trackmac.report import quantities

    return quantities.power(use.mean_power_nw), quantities.days(use.battery_days)


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
