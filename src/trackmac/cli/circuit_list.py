"""`trackmac circuit list`: every circuit and what it costs, side by side."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackmac.cli.operands import widths
from trackmac.cli.options import Bits, Json, PricedWith, Quiet, Trd, Unsigned
from trackmac.cli.output import Output
from trackmac.errors import OperandError, unknown_name

if TYPE_CHECKING:
    from trackmac.circuits import CircuitFamily

KEYS = {
    "name": "name",
    "kind": "kind",
    "layout": "layout",
    "bits": "bits",
    "steps": "steps",
    "latency": "latency_ns",
    "interval": "interval_ns",
    "energy": "energy_pj",
    "area": "area_um2",
    "EDP": "energy_delay_product_pj_ns",
    "shifts": "track_shifts",
    "writes": "writes",
}
"""The columns, and the key of each in the JSON."""

COLUMNS = {column.lower(): key for column, key in KEYS.items()}


def list_circuits(
    *,
    bits: Bits = None,
    unsigned: Unsigned = False,
    trd: Trd = None,
    technology: PricedWith = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="COLUMN", help="Order the circuits by a column, the least first.")
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Compare all circuits: steps, latency, interval, energy, area, shifts, writes; one row for each layout."""
    from trackmac.api import DEFAULT_TECHNOLOGY
    from trackmac.cells.provenance import load_checked, stale_lines
    from trackmac.circuits import families, family

    if sort is not None and sort.lower() not in COLUMNS:
        raise unknown_name("column", sort[:40], COLUMNS)
    output = Output(json, quiet)
    chosen = load_checked(technology or DEFAULT_TECHNOLOGY)
    given = widths(bits)
    items: list[dict[str, Any]] = []
    refusals: dict[str, OperandError] = {}
    distances = {name: trd if found.at_trd else None for name, found in families().items()}
    known = [family(name, distance) for name, distance in distances.items()]
    for each in known:
        for layout in each.layouts:
            try:
                items.append(_item(each, str(layout), given, not unsigned, chosen, trd=distances[each.name]))
            except OperandError as error:
                refusals[each.name] = error
    if not items:
        raise next(iter(refusals.values()))
    if sort is not None:
        items.sort(key=lambda item: item[COLUMNS[sort.lower()]])
    notes = [
        _sequencer(items, chosen),
        *_built_in(items),
        *_widths_not_taken(given, known),
        *(f"left out: {refusal}" for refusal in refusals.values()),
    ]
    notes += stale_lines([chosen])
    _show(output, items, chosen.name, notes)
    output.write_json({"technology": chosen.name, "items": items, "notes": notes})


def _item(
    known: "CircuitFamily", layout: str, bits: tuple[int, ...] | None, signed: bool, technology: Any, *, trd: int | None
) -> dict[str, Any]:
    from trackmac.circuits import circuit
    from trackmac.cost import Event
    from trackmac.models.circuit_costs import circuit_cost

    built = circuit(known.name, _fitting(bits, len(known.width_names)), signed, layout, trd)
    cost = circuit_cost(built, technology)
    return {
        "name": known.name,
        "kind": known.kind,
        "layout": layout,
        "layouts": [str(choice) for choice in known.layouts],
        "bits": list(built.bits),
        "result_bits": built.result.format.bits,
        "known": dict(built.known),
        "trd": built.trd,
        "summary": built.summary,
        "steps": cost.steps,
        "latency_ns": cost.latency_ns,
        "interval_ns": cost.interval_ns,
        "energy_pj": cost.energy_pj,
        "sequencer_energy_pj": cost.sequencer_energy_pj,
        "area_um2": cost.area_um2,
        "sequencer_area_um2": cost.sequencer_area_um2,
        "energy_delay_product_pj_ns": cost.energy_delay_product_pj_ns,
        "track_shifts": cost.activity.events.get(Event.TRACK_SHIFTS, 0),
        "writes": cost.activity.events.get(Event.WRITES, 0),
    }


def _show(output: Output, items: Sequence[dict[str, Any]], technology: str, notes: Iterable[str]) -> None:
    from trackmac.circuits.name_ranges import widths_text
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    write: dict[str, Callable[[Any], str]] = {
        "latency_ns": quantities.duration,
        "interval_ns": quantities.duration,
        "energy_pj": quantities.energy,
        "area_um2": quantities.area,
        "energy_delay_product_pj_ns": quantities.energy_delay,
    }
    rows = [
        [write.get(key, str)(value) for key, value in _columns(item, widths_text(item["bits"])).items()]
        for item in items
    ]
    title = f"one run, priced with {technology}; bits: operands>result, interval: between starts, EDP: energy x latency"
    output.show(plain_table(title, tuple(KEYS), rows, text=3), *notes)


def _columns(item: dict[str, Any], operand_bits: str) -> dict[str, Any]:
    return {key: item[key] for key in KEYS.values()} | {"bits": f"{operand_bits}>{item['result_bits']}"}


def _sequencer(items: Sequence[dict[str, Any]], technology: Any) -> str:
    """Say what of the sequencer is in the figures."""
    from trackmac.report import quantities

    step = quantities.energy(technology.value("sequencer.energy_pj"))
    return (
        f"energy includes a sequencer for each unit: {step} of it a step; its area, "
        f"{quantities.area(items[0]['sequencer_area_um2'])}, is shared by a mat's units and not in area; a circuit "
        "with known operands needs one for each unit of another weight"
    )


def _built_in(items: Iterable[dict[str, Any]]) -> list[str]:
    """Say which values of known operands the circuits have."""
    from trackmac.circuits.name_ranges import name_ranges

    texts: dict[str, None] = {}
    for item in items:
        for value in dict.fromkeys(item["known"].values()):
            names = name_ranges(name for name, known in item["known"].items() if known == value)
            texts[f"{item['name']} {names} = {value}"] = None
    return [
        f"built in, as what takes most time and energy: {'; '.join(texts)} (others: circuit show NAME --operand X=INT)"
    ] if texts else []  # fmt: skip


def _fitting(bits: tuple[int, ...] | None, count: int) -> tuple[int, ...] | None:
    """Return as many widths as a circuit takes: the first ones of those given, or the first for all."""
    if bits is None:
        return None
    return bits[:count] if len(bits) >= count else bits[:1]


def _widths_not_taken(bits: tuple[int, ...] | None, known: Iterable["CircuitFamily"]) -> list[str]:
    """Say which of several widths are taken by circuits that have another number of them."""
    if bits is None or len(bits) == 1:
        return []
    counts = sorted({len(each.width_names) for each in known} - {len(bits)})
    takes = [
        f"of {count} width{'s' * (count > 1)} take {','.join(map(str, _fitting(bits, count) or ()))}"
        f"{' for all' * (count > len(bits))}"
        for count in counts
    ]
    return [f"--bits {','.join(map(str, bits))}: circuits {'; '.join(takes)}"] if takes else []
