"""`trackmac trace`: memory traces on racetrack memory."""

import typer

from trackmac.cli.trace_export import export
from trackmac.cli.trace_replay import replay

trace_app = typer.Typer(
    name="trace", help="Export and replay memory traces of racetrack memory.", rich_markup_mode=None
)
trace_app.command("replay", short_help="Count the shifts of an NVMain trace.")(replay)
trace_app.command("export", short_help="Write a network's operand accesses as an NVMain trace.")(export)
