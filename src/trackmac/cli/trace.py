"""`trackmac trace`: memory traces on racetrack memory."""

import typer

from trackmac.cli.trace_replay import replay

trace_app = typer.Typer(name="trace", help="Replay memory traces on racetrack memory.", rich_markup_mode=None)


@trace_app.callback()
def _trace() -> None:
    """Replay memory traces on racetrack memory."""  # makes typer keep the name of an only command


trace_app.command("replay", short_help="Count the shifts of an NVMain trace.")(replay)
