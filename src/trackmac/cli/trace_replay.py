"""`trackmac trace replay`: the shifts that an NVMain trace makes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trackmac.cli.options import Json, Quiet, whole_number
from trackmac.cli.output import Output

if TYPE_CHECKING:
    from trackmac.traces import TraceReplay

RTSIM_TABLE = "rtsim-destiny-2017"
"""What a replay is priced with, so that its energies are RTSim's as its counts are."""


def replay(
    trace: Annotated[Path, typer.Argument(metavar="TRACE", help="An NVMain trace, plain or .gz.")],
    *,
    domains: Annotated[int, typer.Option(metavar="N", parser=whole_number, help="Data domains of a track.")],
    tracks: Annotated[int, typer.Option(metavar="N", parser=whole_number, help="Tracks of a DBC, in lockstep.")],
    ports: Annotated[int, typer.Option(metavar="N", parser=whole_number, help="Ports of a track, evenly spaced.")],
    port_access: Annotated[
        Literal["static", "dynamic"], typer.Option(help="The port of the domain's segment, or the nearest one.")
    ],
    port_update: Annotated[
        Literal["lazy", "eager"], typer.Option(help="After an access the track stays, or it returns.")
    ],
    dbcs: Annotated[int, typer.Option(metavar="N", parser=whole_number, help="Domain-block clusters.")] = 256,
    word_bytes: Annotated[
        int, typer.Option(metavar="N", parser=whole_number, help="Bytes that one address step of a domain has.")
    ] = 64,
    technology: Annotated[
        str,
        typer.Option(
            metavar="TECH", help="A name (trackmac list technologies) or a YAML file; else RTSim's own table."
        ),
    ] = RTSIM_TABLE,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Count the shifts of an NVMain trace, as RTSim does, and how far off the tracks get, which RTSim does not.

    Addresses go over the domains of a DBC, word by word, then to the next DBC. Energies are those of RTSim's table,
    rtsim-destiny-2017, or of another --technology.
    """
    from trackmac.technology import load_technology
    from trackmac.traces import Bank, PortAccess, PortUpdate, replay_trace

    output = Output(json, quiet)
    bank = Bank(
        domains=domains,
        tracks=tracks,
        ports=ports,
        port_access=PortAccess(port_access),
        port_update=PortUpdate(port_update),
        dbcs=dbcs,
        word_bytes=word_bytes,
    )
    priced_with = load_technology(technology)
    with output.progress() as tell:
        result = replay_trace(trace, bank, priced_with, tell)
    if output.is_shown:
        _show(output, result)
    output.write_json(result.to_dict())


def _show(output: Output, result: "TraceReplay") -> None:
    from trackmac.report import quantities

    bank, shifts = result.bank, result.shifts
    output.show(
        f"{result.trace}: {quantities.count(shifts.requests)} requests, {quantities.count(result.writes)} to write",
        f"{bank.dbcs} DBCs of {bank.tracks} tracks, {bank.domains} domains, {bank.ports} "
        f"port{'s' * (bank.ports > 1)} a track; {bank.port_access} choice of port, {bank.port_update} return",
        f"{quantities.count(shifts.shift_steps)} shift steps, {quantities.count(result.track_shifts)} track shifts; "
        f"{quantities.energy(result.shift_energy_pj)} ({result.technology}), and "
        f"{quantities.energy(result.overhead_shift_energy_pj)} for the overhead domains",
        f"tracks displaced by {shifts.min_displacement:+d} to {shifts.max_displacement:+d} domains: "
        f"{shifts.overhead_needed} overhead domains needed",
    )
