"""`trackmac circuit show`: what a circuit is made of and what it does, step by step."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackmac.cli.operands import widths
from trackmac.cli.options import Bits, Json, LayoutName, PricedWith, Quiet, Trd, Unsigned
from trackmac.cli.output import Output

if TYPE_CHECKING:
    from trackmac.circuits import Circuit, Word

FIRST_STEPS, LAST_STEPS = 30, 6


def show_circuit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A circuit (trackmac circuit list).")],
    *,
    bits: Bits = None,
    unsigned: Unsigned = False,
    layout: LayoutName = None,
    trd: Trd = None,
    technology: PricedWith = None,
    show_all: Annotated[bool, typer.Option("--all", help="Print every step of a long program.")] = False,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Show a circuit: operands, tracks, micro-program, events, parts."""
    from trackmac.api import DEFAULT_TECHNOLOGY
    from trackmac.cells.provenance import load_checked
    from trackmac.circuits import circuit

    output = Output(json, quiet)
    built = circuit(name, widths(bits), not unsigned, layout, trd)
    data = _described(built, load_checked(technology or DEFAULT_TECHNOLOGY))
    if output.is_shown:
        _show(output, data, show_all)
    output.write_json(data)


def _described(built: "Circuit", technology: Any) -> dict[str, Any]:
    from trackmac.circuits import resources_of
    from trackmac.cli.steps import step_text
    from trackmac.models.circuit_costs import circuit_cost

    cost = circuit_cost(built, technology)
    needs = resources_of(built)
    return {
        "name": built.name,
        "summary": built.summary,
        "layout": str(built.layout),
        "bits": list(built.bits),
        "operands": [_word(word) for word in built.operands],
        "result": _word(built.result),
        "trd": built.trd,
        "tracks": [
            {"name": track.name, "domains": track.domains, "ports": list(track.ports)} for track in built.tracks
        ],
        "program": [step_text(step) for step in built.program],
        "steps": cost.steps,
        "events": {event.value: count for event, count in cost.activity.events.items()},
        "phases": {phase.value: count for phase, count in cost.activity.phases.items()},
        "resources": {**asdict(needs), "cells": dict(needs.cells), "transistors": needs.transistors},
        "technology": technology.name,
        "energy_pj": cost.energy_pj,
        "latency_ns": cost.latency_ns,
        "area_um2": cost.area_um2,
    }


def _word(word: "Word") -> dict[str, Any]:
    tracks = list(dict.fromkeys(place.track for place in word.places))
    return {"name": word.name, "format": str(word.format), "default": word.default, "tracks": tracks}


def _show(output: Output, data: dict[str, Any], show_all: bool) -> None:
    from trackmac.report import quantities

    output.show(f"{data['name']}: {data['summary']}", "")
    for word in (*data["operands"], {**data["result"], "name": f"result {data['result']['name']}"}):
        default = "" if word["default"] is None else f", {word['default']} if not given"
        output.show(f"  {word['name']}: {word['format']} {_where(word['tracks'])}{default}")
    tracks = ", ".join(f"{track['name']} {track['domains']}{_ports(track['ports'])}" for track in data["tracks"])
    output.show("", f"tracks (domains): {tracks}", "", f"program, {data['steps']} steps:")
    for number, text in _abbreviated(data["program"], show_all):
        output.show(f"{number:>5}  {text}")
    counts = {
        kind: ", ".join(f"{quantities.words(k)} {v}" for k, v in data[kind].items()) for kind in ("events", "phases")
    }
    parts = {**data["resources"], **data["resources"]["cells"]}
    del parts["cells"]
    output.show(
        "",
        f"events: {counts['events']}",
        f"time:   {counts['phases']} (steps of each phase)",
        f"parts:  {', '.join(f'{quantities.words(name)} {count}' for name, count in parts.items() if count)}",
        f"cost:   {quantities.energy(data['energy_pj'])}, {quantities.duration(data['latency_ns'])}, "
        f"{quantities.area(data['area_um2'])} in {data['technology']}",
    )


def _ports(ports: list[int]) -> str:
    """Say where the ports of a track are that has more than one."""
    return f" (ports at {', '.join(map(str, ports))})" if len(ports) > 1 else ""


def _where(tracks: list[str]) -> str:
    if not tracks:
        return "on the wires"
    return f"on track {tracks[0]}" if len(tracks) == 1 else f"across tracks {tracks[0]} to {tracks[-1]}"


def _abbreviated(program: list[str], show_all: bool) -> list[tuple[str, str]]:
    numbered = [(str(number), text) for number, text in enumerate(program, start=1)]
    hidden = len(numbered) - FIRST_STEPS - LAST_STEPS
    if show_all or hidden <= 1:
        return numbered
    return [*numbered[:FIRST_STEPS], ("...", f"{hidden} more steps (--all shows them)"), *numbered[-LAST_STEPS:]]
