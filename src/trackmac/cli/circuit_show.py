"""`trackmac circuit show`: what a circuit needs, what it does step by step, how it looks, and what it costs."""

from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trackmac.cli.operands import known_operands, widths
from trackmac.cli.options import Bits, Json, LayoutName, PricedWith, Quiet, Trd, Unsigned
from trackmac.cli.output import Output, refuse_unwritable, write_text

if TYPE_CHECKING:
    from trackmac.circuits import Circuit, Word
    from trackmac.drawings import CircuitDrawing

FIRST_STEPS, LAST_STEPS = 30, 6
WIDTH = 110


def show_circuit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A circuit (trackmac circuit list).")],
    *,
    bits: Bits = None,
    unsigned: Unsigned = False,
    layout: LayoutName = None,
    trd: Trd = None,
    technology: PricedWith = None,
    operand: Annotated[
        list[str] | None,
        typer.Option("--operand", metavar="X=INT", help="An operand that the program has built in, such as a weight."),
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="Print and draw every step of a long program.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write the diagram as an SVG file.")] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Show a circuit: what it needs, its micro-program, its diagram, what it costs."""
    from trackmac.api import DEFAULT_TECHNOLOGY
    from trackmac.cells.provenance import load_checked
    from trackmac.circuits import circuit
    from trackmac.circuits.drawing_data import drawing_of
    from trackmac.report.circuit_svg import circuit_svg

    output = Output(json, quiet)
    if svg is not None:
        refuse_unwritable(svg)
    built = circuit(name, widths(bits), not unsigned, layout, trd, known=known_operands(operand or []))
    drawing = drawing_of(built)
    data = _described(built, drawing, load_checked(technology or DEFAULT_TECHNOLOGY), show_all)
    if output.is_shown:
        _show(output, built, data, show_all)
    if svg is not None:
        write_text(svg, circuit_svg(drawing))
        output.show(f"diagram written to {svg}")
    output.write_json(data)


def _described(built: "Circuit", drawing: "CircuitDrawing", technology: Any, show_all: bool) -> dict[str, Any]:
    from trackmac.circuits.requirements import requirements_of
    from trackmac.cli.steps import step_text
    from trackmac.models.circuit_costs import circuit_cost
    from trackmac.report.circuit_text import circuit_text

    cost = circuit_cost(built, technology)
    needs = requirements_of(built)
    parts = needs.resources
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
        "requirements": asdict(needs),
        "program": [step_text(step) for step in built.program],
        "diagram": circuit_text(drawing, is_whole=show_all),
        "steps": cost.steps,
        "events": {event.value: count for event, count in cost.activity.events.items()},
        "phases": {phase.value: count for phase, count in cost.activity.phases.items()},
        "resources": {**asdict(parts), "cells": dict(parts.cells), "transistors": parts.transistors},
        "technology": technology.name,
        "energy_pj": cost.energy_pj,
        "sequencer_energy_pj": cost.sequencer_energy_pj,
        "sequencer_area_um2": cost.sequencer_area_um2,
        "latency_ns": cost.latency_ns,
        "interval_ns": cost.interval_ns,
        "energy_delay_product_pj_ns": cost.energy_delay_product_pj_ns,
        "area_um2": cost.area_um2,
    }


def _word(word: "Word") -> dict[str, Any]:
    tracks = list(dict.fromkeys(place.track for place in word.places))
    return {
        "name": word.name, "format": str(word.format), "default": word.default, "known": word.known, "tracks": tracks,
    }  # fmt: skip


def _show(output: Output, built: "Circuit", data: dict[str, Any], show_all: bool) -> None:
    from trackmac.circuits.requirements import requirements_of
    from trackmac.cli.requirements_text import requirement_lines, word_text
    from trackmac.cli.steps import folded_step_text

    needs = requirements_of(built)
    program = [folded_step_text(step) for step in built.program]
    output.show(*_broken(f"{data['name']}: {data['summary']}"), "")
    output.show(*(f"  {word_text(operand)}" for operand in needs.operands))
    output.show(f"  result {word_text(needs.result)}", "", "needs:")
    output.show(*(line for text in requirement_lines(needs) for line in _broken(f"  {text}", 6)))
    output.show("", f"program, {data['steps']} steps:")
    for number, text in _abbreviated(program, show_all):
        output.show(*_broken(f"{number:>5}  {text}", 9))
    output.show("", data["diagram"], "")
    _show_costs(output, data)


def _show_costs(output: Output, data: dict[str, Any]) -> None:
    from trackmac.report import quantities

    counts = {
        kind: ", ".join(f"{quantities.words(k)} {v}" for k, v in data[kind].items()) for kind in ("events", "phases")
    }
    parts = {**data["resources"], **data["resources"]["cells"]}
    del parts["cells"]
    lines = (
        f"events: {counts['events']}",
        f"time:   {counts['phases']} (steps of each phase)",
        f"parts:  {', '.join(f'{quantities.words(name)} {count}' for name, count in parts.items() if count)}",
        f"cost:   {quantities.energy(data['energy_pj'])}, latency {quantities.duration(data['latency_ns'])}, "
        f"interval {quantities.duration(data['interval_ns'])}, {quantities.area(data['area_um2'])}, energy-delay "
        f"product {quantities.energy_delay(data['energy_delay_product_pj_ns'])} in {data['technology']}",
        quantities.sequencer(data["sequencer_energy_pj"], data["sequencer_area_um2"]),
    )
    output.show(*(line for text in lines for line in _broken(text, 8)))


def _broken(text: str, indent: int = 0) -> list[str]:
    """Break a long line between words, what follows indented."""
    following = " " * indent
    return wrap(text, WIDTH, subsequent_indent=following, break_long_words=False, break_on_hyphens=False)


def _abbreviated(program: list[str], show_all: bool) -> list[tuple[str, str]]:
    numbered = [(str(number), text) for number, text in enumerate(program, start=1)]
    hidden = len(numbered) - FIRST_STEPS - LAST_STEPS
    if show_all or hidden <= 1:
        return numbered
    return [*numbered[:FIRST_STEPS], ("...", f"{hidden} more steps (--all shows them)"), *numbered[-LAST_STEPS:]]
