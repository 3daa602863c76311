"""`trackmac circuit list`: every circuit and what it costs."""

from typing import Any

from trackmac.cli.operands import widths
from trackmac.cli.options import Bits, Json, PricedWith, Quiet, Unsigned
from trackmac.cli.output import Output


def list_circuits(
    *,
    bits: Bits = None,
    unsigned: Unsigned = False,
    technology: PricedWith = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """List every circuit with its steps, energy, latency and area, one row for each layout."""
    from trackmac.api import DEFAULT_TECHNOLOGY
    from trackmac.circuits import FAMILIES
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table
    from trackmac.technology import load_technology

    output = Output(json, quiet)
    chosen = load_technology(technology or DEFAULT_TECHNOLOGY)
    given = widths(bits)
    items = [
        _item(name, str(layout), given, not unsigned, chosen)
        for name, family in FAMILIES.items()
        for layout in family.layouts
    ]
    rows = [
        (
            item["name"],
            item["kind"],
            item["layout"],
            ",".join(map(str, item["bits"])),
            str(item["steps"]),
            quantities.energy(item["energy_pj"]),
            quantities.duration(item["latency_ns"]),
            quantities.area(item["area_um2"]),
            item["summary"],
        )
        for item in items
    ]
    columns = ("name", "kind", "layout", "bits", "steps", "energy", "latency", "area", "what it does")
    table = plain_table(f"one run, priced with {chosen.name}", columns, rows, text=3)
    table.columns[-1].justify = "left"
    output.show(table)
    output.write_json({"technology": chosen.name, "items": items})


def _item(name: str, layout: str, bits: tuple[int, ...] | None, signed: bool, technology: Any) -> dict[str, Any]:
    from trackmac.circuits import circuit, family
    from trackmac.models.circuit_costs import circuit_cost

    known = family(name)
    # a circuit that takes fewer widths than were given gets the first ones
    fitting = None if bits is None else bits[: len(known.width_names)]
    built = circuit(name, fitting, signed, layout)
    cost = circuit_cost(built, technology)
    return {
        "name": name,
        "kind": known.kind,
        "layout": layout,
        "layouts": [str(choice) for choice in known.layouts],
        "bits": list(built.bits),
        "summary": built.summary,
        "steps": cost.steps,
        "energy_pj": cost.energy_pj,
        "latency_ns": cost.latency_ns,
        "area_um2": cost.area_um2,
    }
