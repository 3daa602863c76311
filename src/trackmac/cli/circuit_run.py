"""`trackmac circuit run`: a circuit, bit for bit, on simulated tracks."""

from typing import TYPE_CHECKING, Annotated

import typer

from trackmac.cli.operands import operands, widths
from trackmac.cli.options import Bits, Json, LayoutName, PricedWith, Quiet, Trd, Unsigned
from trackmac.cli.output import Output

if TYPE_CHECKING:
    from trackmac.results import CircuitRun

SHOWN = 10  # operand tuples; the others are in the JSON


def run_circuit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A circuit (trackmac circuit list).")],
    *,
    a: Annotated[
        list[str] | None, typer.Option("--a", metavar="INT[,INT...]", help="Operand a, one value a run.")
    ] = None,
    b: Annotated[
        list[str] | None, typer.Option("--b", metavar="INT[,INT...]", help="Operand b, one value a run.")
    ] = None,
    operand: Annotated[
        list[str] | None, typer.Option("--operand", metavar="X=INT[,INT...]", help="Any operand, by its name.")
    ] = None,
    bits: Bits = None,
    unsigned: Unsigned = False,
    layout: LayoutName = None,
    trd: Trd = None,
    technology: PricedWith = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Run a circuit on simulated tracks: results, events, energy, latency."""
    from trackmac import api
    from trackmac.cells.provenance import load_checked, stale_lines

    output = Output(json, quiet)
    given = operands(a or [], b or [], operand or [])
    built = api.circuit(name, widths(bits), not unsigned, layout, trd)
    chosen = load_checked(technology or api.DEFAULT_TECHNOLOGY)
    result = api.run_operands(built, given, chosen)
    if output.is_shown:
        _show(output, result)
        if built.known:
            output.show(
                f"{', '.join(built.known)} built in: each value has a program and each run a sequencer of its own, "
                "steps and time are the slowest's; under one sequencer the slowest decides for all"
            )
        output.show(*stale_lines([chosen]))
    output.write_json(result.to_dict())


def _show(output: Output, result: "CircuitRun") -> None:
    from trackmac.report import quantities

    runs = len(result.values)
    for index in range(min(runs, SHOWN)):
        inputs = ", ".join(f"{name} = {values[index]}" for name, values in result.operands.items())
        output.show(f"{result.circuit}({inputs}) = {result.values[index]}")
    if runs > SHOWN:
        output.show(f"... and {quantities.count(runs - SHOWN)} more (all are in --json)")
    events = ", ".join(f"{quantities.words(name)} {quantities.count(count)}" for name, count in result.events.items())
    output.show(
        f"{'signed' if result.signed else 'unsigned'}, {'x'.join(map(str, result.bits))} bits, words {result.layout} "
        f"tracks, {result.technology}",
        f"{quantities.count(result.steps)} steps, {quantities.duration(result.latency_ns)} a run; "
        f"{quantities.energy(result.energy_pj)} for {quantities.count(runs)} run{'s' * (runs > 1)}; "
        f"{quantities.area(result.area_um2)} a unit",
        quantities.sequencer(result.sequencer_energy_pj, result.sequencer_area_um2),
        f"events: {events}",
    )
