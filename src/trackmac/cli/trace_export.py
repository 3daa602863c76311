"""`trackmac trace export`: the operand accesses of a network, for RTSim and for `trace replay`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackmac.cli.options import DEFAULT_HARDWARE, Hardware, Json, Network, Quiet, Technology, whole_number
from trackmac.cli.output import Output, refuse_unwritable

if TYPE_CHECKING:
    from rich.table import Table

    from trackmac.traces import TraceExport


def export(
    network: Network,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The trace; compressed if its name ends in .gz.")],
    hardware: Hardware = DEFAULT_HARDWARE,
    technology: Technology = None,
    layer: Annotated[
        list[str] | None, typer.Option("--layer", metavar="NAME", help="Only this layer; may be given several times.")
    ] = None,
    pixels: Annotated[
        int | None,
        typer.Option(
            "--pixels", metavar="N", parser=whole_number, help="Only the first N output pixels of each layer."
        ),
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Write the operand accesses of one inference, every weight that is read, as an NVMain trace.

    Prints the command whose shift steps are the schedule's own count, and beside it the shifts of computing. A DBC is
    a group of tracks in lockstep (one track, or across tracks one for each bit of a weight) of one unit; its domains
    are the tracks' own.
    """
    from trackmac import api

    output = Output(json, quiet)
    refuse_unwritable(out)
    with output.progress() as tell:
        result = api.export_trace(
            network, out, hardware, technology, layers=layer or (), pixels=pixels, on_progress=tell
        )
    if output.is_shown:
        _show(output, result)
    output.write_json(result.to_dict())


def _show(output: Output, result: "TraceExport") -> None:
    from trackmac.report import quantities

    count = quantities.count
    output.show(
        f"{result.trace}: {count(result.accesses)} accesses of {result.network} on {result.hardware}, "
        f"to {count(result.bank.dbcs)} DBCs",
        "",
        _layers(result),
        "",
        f"operands: {count(result.shift_steps)} shift steps, {count(result.track_shifts)} track shifts between "
        f"accesses, counted by",
        f"    {result.replay_command}",
        f"beside them: {count(result.homeward_track_shifts)} track shifts that bring weights home, "
        f"which no access asks for; "
        f"{count(result.compute_track_shifts)} move operands at work"
        + (
            f", {count(result.other_track_shifts)} of them in layers without weights"
            if result.other_track_shifts
            else ""
        ),
    )
    if not result.rows_are_domains:
        output.show(
            "The ports that read are not evenly spaced: in the trace each has rows of its own, which are the "
            "displacements of the track."
        )


def _layers(result: "TraceExport") -> "Table":
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    rows = [
        (
            layer.name,
            *(
                quantities.count(value)
                for value in (
                    layer.pixels, layer.accesses, layer.first_dbc, layer.dbcs, layer.shift_steps, layer.track_shifts,
                    layer.homeward_track_shifts, layer.compute_track_shifts,
                )
            ),
        )
        for layer in result.layers
    ]  # fmt: skip
    header = ("pixels", "accesses", "first DBC", "DBCs", "shift steps", "track shifts", "homeward", "compute")
    return plain_table(None, ("layer", *header), rows)
