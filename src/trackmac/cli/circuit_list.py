"""`trackmac circuit list`: every circuit and what it costs."""

from itertools import groupby
from typing import TYPE_CHECKING, Any

from trackmac.cli.operands import widths
from trackmac.cli.options import Bits, Json, PricedWith, Quiet, Trd, Unsigned
from trackmac.cli.output import Output
from trackmac.errors import OperandError

if TYPE_CHECKING:
    from trackmac.circuits import CircuitFamily

MANY = 3  # operands of one width are written out, more are counted


def list_circuits(
    *,
    bits: Bits = None,
    unsigned: Unsigned = False,
    trd: Trd = None,
    technology: PricedWith = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """List every circuit with its steps, energy, latency and area, one row for each layout."""
    from trackmac.api import DEFAULT_TECHNOLOGY
    from trackmac.cells.provenance import load_checked, stale_lines
    from trackmac.circuits import FAMILIES, family
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    output = Output(json, quiet)
    chosen = load_checked(technology or DEFAULT_TECHNOLOGY)
    given = widths(bits)
    distances = {name: trd if found.at_trd else None for name, found in FAMILIES.items()}
    items: list[dict[str, Any]] = []
    refusals: dict[str, OperandError] = {}
    for name, distance in distances.items():
        known = family(name, distance)
        for layout in known.layouts:
            try:
                items.append(_item(known, str(layout), given, not unsigned, chosen, trd=distance))
            except OperandError as error:
                refusals[name] = error
    if not items:
        raise next(iter(refusals.values()))
    rows = [
        (
            item["name"],
            item["kind"],
            item["layout"],
            _widths_text(item["bits"]),
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
    output.show(table, *(f"left out: {refusal}" for refusal in refusals.values()), *stale_lines([chosen]))
    output.write_json({"technology": chosen.name, "items": items})


def _item(
    known: "CircuitFamily", layout: str, bits: tuple[int, ...] | None, signed: bool, technology: Any, *, trd: int | None
) -> dict[str, Any]:
    from trackmac.circuits import circuit
    from trackmac.models.circuit_costs import circuit_cost

    built = circuit(known.name, _fitting(bits, len(known.width_names)), signed, layout, trd)
    cost = circuit_cost(built, technology)
    return {
        "name": known.name,
        "kind": known.kind,
        "layout": layout,
        "layouts": [str(choice) for choice in known.layouts],
        "bits": list(built.bits),
        "trd": built.trd,
        "summary": built.summary,
        "steps": cost.steps,
        "energy_pj": cost.energy_pj,
        "latency_ns": cost.latency_ns,
        "area_um2": cost.area_um2,
    }


def _widths_text(bits: list[int]) -> str:
    """Write the operands' widths, many of one width as their number and the width."""
    runs = [(width, len(list(same))) for width, same in groupby(bits)]
    return ",".join(f"{count}*{width}" if count > MANY else ",".join([str(width)] * count) for width, count in runs)


def _fitting(bits: tuple[int, ...] | None, count: int) -> tuple[int, ...] | None:
    """Return as many widths as a circuit takes: the first ones of those given, or the first for all."""
    if bits is None:
        return None
    return bits[:count] if len(bits) >= count else bits[:1]
