"""What a circuit needs, as lines of text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from trackmac.circuits.name_ranges import name_ranges

if TYPE_CHECKING:
    from trackmac.circuits.requirements import Requirements, TrackNeed, WordPlace

_PLURALS = {
    "shift": "shifting tracks",
    "sense": "senses",
    "transverse_read": "transverse reads",
    "evaluate": "cells evaluating",
    "write": "writes",
    "latch": "latches",
    "receive": "bits from the wires",
    "send": "bits to the wires",
}
_TEXTS = {"along a track": "on track"}


def requirement_lines(needs: "Requirements") -> Iterator[str]:
    """Yield what stands under `circuit show`'s heading "needs"."""
    yield from _tracks(needs)
    yield f"before the first step: {_before(needs)}"
    yield f"after the last: {word_text(needs.result)}{_not_home(needs)}"
    yield f"at once: {', '.join(_at_once(needs))}"
    counts = [f"{count} {name.replace('_', ' ')}" for name, count in needs.resources.cells.items()]
    yield f"transistor-level cells: {', '.join(counts) or 'none'}"


def word_text(word: "WordPlace") -> str:
    """Say what a word is and where it lies."""
    text = f"{word.name}: {word.format} {_TEXTS.get(word.where, word.where)}"
    if word.tracks and word.domains:
        first, last = word.domains
        text += f" {name_ranges(word.tracks)}, domain{'s' * (last > first)} {first}"
        text += f" to {last}" if last > first else ""
    if word.value is not None:
        text += f" as {word.value}"
    return text if word.default is None else f"{text}, {word.default} if not given"


def _tracks(needs: "Requirements") -> Iterator[str]:
    """Yield a line for tracks that are alike: their domains, spare ones, ports, and how far they move."""
    alike: dict[tuple[object, ...], list[TrackNeed]] = {}
    for need in needs.tracks:
        reach = (need.least_displacement, need.greatest_displacement, need.end_displacement)
        alike.setdefault((need.domains, _ports(need), need.start_domain, *reach, need.overhead_note), []).append(need)
    for group in alike.values():
        need = group[0]
        size = f"{need.domains} domain{'s' * (need.domains > 1)} + {need.overhead_domains} spare"
        least, greatest = need.least_displacement, need.greatest_displacement
        moves = f"displaced {least}..{greatest} from domain {need.start_domain}" if greatest > least else "never moves"
        name = name_ranges(each.track for each in group)
        yield f"{'track' if len(group) == 1 else f'{len(group)} tracks'} {name}: {size}; {_ports(need)}; {moves}"
        if need.overhead_note:
            yield f"    ({need.declared_overhead_domains} spare in the area: {need.overhead_note})"


def _ports(need: "TrackNeed") -> str:
    """Say of each port what it is for, and where it is if there are several."""
    several = len(need.ports) > 1
    ports = [f"{port.kind or 'unused'}{f' at {port.position}' if several else ''}" for port in need.ports]
    return f"port{'s' * several} {', '.join(ports)}"


def _before(needs: "Requirements") -> str:
    cleared: dict[str, set[int]] = {}
    for place in needs.cleared:
        cleared.setdefault(place.track, set()).add(place.domain)
    zeros = [f"0 in domain {', '.join(map(str, sorted(at)))} of {track}" for track, at in cleared.items()]
    loaded = [f"{name_ranges(needs.loaded)} on the tracks"] if needs.loaded else []
    wires = [operand.name for operand in needs.operands if operand.where == "on the wires"]
    arriving = [f"{name_ranges(wires)} over the wires as the program asks for it"] if wires else []
    return "; ".join([*loaded, *zeros, *arriving]) or "nothing"


def _not_home(needs: "Requirements") -> str:
    away = [f"{need.track} by {need.end_displacement:+d}" for need in needs.tracks if need.end_displacement]
    return f"; all tracks where they started, but {', '.join(away)}" if away else "; all tracks where they started"


def _at_once(needs: "Requirements") -> Iterator[str]:
    """Yield what happens in one step, and the tracks that share a shift driver."""
    for kind, count in needs.most_at_once.items():
        yield f"{count} {_PLURALS[kind] if count > 1 else kind.replace('_', ' ')}"
    for group in needs.lockstep:
        if len(group) > 1:
            yield f"{name_ranges(group)} in lockstep"
