"""The drawing of a circuit for the terminal: tracks, data path, and the space-time chart, in Unicode."""

from collections.abc import Iterable, Iterator, Sequence

from trackmac.drawings import CircuitDrawing, DrawnPart, DrawnTracks
from trackmac.report.chart_text import LABEL_WIDTH, chart_lines, shortened

LOADED, EMPTY, SPARE = "■", "□", "·"
MOST_DOMAINS = 40  # drawn one by one; in a longer strip, runs of one kind are cut
KEPT = 8
LEGEND = (
    f"({LOADED} operand bit  {EMPTY} other domain  {SPARE} spare domain  … more of these  "
    "▲ port: R read, W written, RW both)"
)
Box = tuple[str, ...]


def circuit_text(drawing: CircuitDrawing, *, is_whole: bool = False) -> str:
    """Return the drawing as lines of at most 110 characters; a long chart is cut unless it `is_whole`."""
    return "\n".join((
        "tracks before the first step:",
        *_indented(line for tracks in drawing.tracks for line in _strip(tracks)),
        f"  {LEGEND}",
        "",
        "data path:",
        *_indented(_joined(list(_boxes(drawing.parts)))),
        "",
        f"space-time chart, {drawing.steps} steps:",
        *_indented(chart_lines(drawing, is_whole)),
    ))  # fmt: skip


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in lines)


def _strip(tracks: DrawnTracks) -> tuple[str, str]:
    """Return the domains of tracks and, below, their ports."""
    loaded = set(tracks.loaded)
    body = "".join(LOADED if domain in loaded else EMPTY for domain in range(tracks.domains))
    domains = SPARE * tracks.spare_before + body + SPARE * tracks.spare_after
    origin = tracks.spare_before + tracks.start_domain
    ports = {origin + port.position: f"▲{port.kind}" for port in tracks.ports}
    below = ""
    shown = ""
    for index in _kept(domains, ports):
        if index is None:
            shown += "…"
            continue
        if index in ports:
            below = below.ljust(len(shown)) + ports[index]
        shown += domains[index]
    driver = "never shifts" if tracks.driver is None else f"shift driver {tracks.driver}"
    count = f"{tracks.count} tracks, " if tracks.count > 1 else ""
    label = shortened(tracks.label).ljust(LABEL_WIDTH)
    spare = tracks.spare_before + tracks.spare_after
    size = f"{count}{tracks.domains} domain{'s' * (tracks.domains > 1)} + {spare} spare, {driver}"
    return f"{label} {shown}   {size}", f"{'':{LABEL_WIDTH}} {below}"


def _kept(domains: str, ports: Iterable[int]) -> Iterator[int | None]:
    """Yield the domains that are drawn, None where equal ones are left out of a strip that is too long."""
    near = {port + step for port in ports for step in range(-1, 3)}
    is_long = len(domains) > MOST_DOMAINS
    left_out = False
    for index, symbol in enumerate(domains):
        around = domains[max(0, index - KEPT // 2) : index + KEPT // 2 + 1]
        is_inner = is_long and len(around) == KEPT + 1 and set(around) == {symbol} and index not in near
        if not is_inner:
            yield index
        elif not left_out:
            yield None
        left_out = is_inner


def _boxes(parts: Sequence[DrawnPart]) -> Iterator[Box]:
    """Yield the boxes of the data path: what is read, what computes and keeps, what is written."""
    texts = {part: _part_text(part) for part in parts}
    for title, kinds, width in (
        ("read", ("wires in", "sense amplifier", "transverse read"), 26),
        ("cells and latches", ("cell", "latch"), 44),
        ("write", ("write driver", "wires out"), 22),
    ):
        lines = [line for part in parts if part.kind in kinds for line in _wrapped(texts[part], width)]
        if lines:
            drivers = max((part.count for part in parts if part.kind == "write driver"), default=0)
            heading = f"write, {drivers} at once" if title == "write" and drivers > 1 else title
            inner = max(len(heading) + 2, *map(len, lines))
            yield (
                f"┌ {heading} {'─' * (inner - len(heading))}┐",
                *(f"│ {line:{inner}} │" for line in lines),
                f"└{'─' * (inner + 2)}┘",
            )


def _part_text(part: DrawnPart) -> str:
    pins = ", ".join("|".join(pin) for pin in part.takes)
    gives = ", ".join(part.gives)
    copies = f" ×{part.count}" if part.count > 1 and part.kind != "write driver" else ""
    match part.kind:
        case "cell":
            return f"{part.label}({pins}) ▸ {gives}{copies}"
        case "latch":
            return f"latch {part.label} ◂ {pins}{copies}"
        case "transverse read":
            return f"{pins} ▸ count ones ▸ {gives}{copies}"
        case "wires in":
            return f"wires ▸ {gives}{copies}"
        case "wires out":
            return f"{pins} ▸ wires{copies}"
        case _:
            return f"{pins} ▸ {gives}{copies}"


def _wrapped(text: str, width: int) -> list[str]:
    """Break a line after commas, bars and arrows."""
    words = text.replace("|", "| ").split(" ")
    lines = [words[0]]
    for word in words[1:]:
        gap = "" if lines[-1].endswith("|") else " "
        if len(lines[-1]) + len(gap) + len(word) <= width:
            lines[-1] += gap + word
        else:
            lines.append(f"  {word}")
    return lines


def _joined(boxes: Sequence[Box]) -> Iterator[str]:
    """Yield the lines of boxes side by side, an arrow from each to the next."""
    for row in range(max(map(len, boxes), default=0)):
        line = ""
        for number, box in enumerate(boxes):
            cell = box[row] if row < len(box) else " " * len(box[0])
            line += ("" if number == 0 else "─▶" if row == 1 else "  ") + cell
        yield line.rstrip()
