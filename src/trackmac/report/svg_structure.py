"""The structure of a circuit in a figure: tracks as strips of domains, and the parts that a bit passes."""

from dataclasses import dataclass

from trackmac.drawings import CircuitDrawing, DrawnPart, DrawnTracks
from trackmac.report.svg_elements import BLUE, FAINT, GREEN, INK, MUTED, ORANGE, PALE, RED, VIOLET, Canvas, text_width

LABEL, STRIP, DOMAIN, ROW = 120, 300, 14, 58
PART_HEIGHT, GAP, CHANNEL = 34, 20, 64
LANE = 5  # px above a part, below what is written under the part above it: where wires pass
COLOURS = {
    "wires in": MUTED,
    "sense amplifier": BLUE,
    "transverse read": GREEN,
    "cell": VIOLET,
    "latch": ORANGE,
    "write driver": RED,
    "wires out": MUTED,
}
TITLES = {"sense amplifier": "sense", "transverse read": "count ones", "latch": "latch", "write driver": "write"}


@dataclass(frozen=True, slots=True)
class _Placed:
    part: DrawnPart
    x: int
    y: int
    width: int

    @property
    def middle(self) -> float:
        return self.y + PART_HEIGHT / 2

    def is_left_of(self, other: "_Placed") -> bool:
        """Whether a wire to the other one runs from left to right."""
        return self.x + self.width <= other.x


def draw_structure(canvas: Canvas, drawing: CircuitDrawing, x: float, y: float) -> float:
    """Draw the tracks at the left and the parts right of them; return where the drawing ends below."""
    pins: dict[str, tuple[float, float]] = {}
    right = x
    for row, tracks in enumerate(drawing.tracks):
        end = _strip(canvas, tracks, x, y + row * ROW)
        pins[_stem(tracks.label)] = (end, y + row * ROW + DOMAIN / 2)
        right = max(right, end)
    placed = _placed(drawing, round(right) + CHANNEL, round(y))
    for part in placed:
        _wires(canvas, part, placed, pins)
    for part in placed:
        _part(canvas, part, placed)
    lowest = max([part.y + PART_HEIGHT for part in placed], default=y)
    bottom = max(y + len(drawing.tracks) * ROW, lowest + 20) + 4
    _legend(canvas, drawing, x, bottom)
    return bottom


def _strip(canvas: Canvas, tracks: DrawnTracks, x: float, y: float) -> float:
    """Draw the domains of tracks, spare ones dashed, and the ports below; return its right end."""
    total = tracks.spare_before + tracks.domains + tracks.spare_after
    size = min(DOMAIN, STRIP / total)
    left = x + LABEL
    canvas.text(left - 10, y + 11, _short(tracks.label), weight="bold", anchor="end")
    if tracks.count > 1:
        canvas.text(left - 10, y + 25, f"{tracks.count} tracks", size=10, colour=MUTED, anchor="end")
        for depth in (6, 3):
            canvas.box(left + depth, y - depth, total * size, DOMAIN, stroke=FAINT)
    loaded = set(tracks.loaded)
    for index in range(total):
        domain = index - tracks.spare_before
        is_spare = not 0 <= domain < tracks.domains
        fill = "white" if is_spare else "#bfdbfe" if domain in loaded else PALE
        stroke = FAINT if is_spare else "#4b5563"
        canvas.box(left + index * size, y, size, DOMAIN, fill=fill, stroke=stroke, line=0.8)
    for port in tracks.ports:
        middle = left + (tracks.spare_before + tracks.start_domain + port.position + 0.5) * size
        colour = {"R": BLUE, "W": RED}.get(port.kind, VIOLET)
        top = y + DOMAIN + 1
        canvas.path(f"M{middle - 5:.1f},{top + 8:.1f} h10 l-5,-8 z", stroke=colour, fill=colour)
        canvas.text(middle, top + 19, port.kind, size=10, colour=colour, weight="bold", anchor="middle")
    driver = "never shifts" if tracks.driver is None else f"shift driver {tracks.driver}"
    spare = tracks.spare_before + tracks.spare_after
    note = f"{tracks.domains} + {spare} spare, {driver}"
    canvas.text(left, y + DOMAIN + 32, note, size=9.5, colour=MUTED)
    return left + total * size + (6 if tracks.count > 1 else 0)


def _placed(drawing: CircuitDrawing, x: int, y: int) -> list[_Placed]:
    """Put the parts into layers from left to right: what reads, cells by level, latches, what writes."""
    last = max([part.level for part in drawing.parts], default=0)
    layer_of = {"wires in": 0, "sense amplifier": 0, "transverse read": 0, "latch": last + 2}
    layers: dict[int, list[DrawnPart]] = {}
    for part in drawing.parts:
        layer = 1 + part.level if part.kind == "cell" else layer_of.get(part.kind, last + 3)
        layers.setdefault(layer, []).append(part)
    placed: list[_Placed] = []
    for _, parts in sorted(layers.items()):
        width = max(_width(part) for part in parts)
        placed += [_Placed(part, x, y + row * (PART_HEIGHT + GAP), width) for row, part in enumerate(parts)]
        x += width + CHANNEL
    return placed


def _width(part: DrawnPart) -> int:
    back = text_width(", ".join(name for pin in part.takes for name in pin), 9.5) if part.kind == "cell" else 0
    return round(max(74, min(150, back), *(text_width(line, 11) + 16 for line in _lines(part))))


def _lines(part: DrawnPart) -> tuple[str, str]:
    """Return what stands in a part's box: its name and how many there are."""
    label = part.label.replace("_", " ")
    copies = f" ×{part.count}" if part.count > 1 and part.kind != "write driver" else ""
    if part.kind == "cell":
        return f"{label}{copies}", "→ " + _short(", ".join(part.gives), 26)
    return f"{TITLES.get(part.kind, part.kind)}{copies}", label


def _part(canvas: Canvas, placed: _Placed, others: list[_Placed]) -> None:
    """Draw a part's box; below it, in place of wires that go back, what comes from parts that are not at its left."""
    colour = COLOURS[placed.part.kind]
    canvas.box(placed.x, placed.y, placed.width, PART_HEIGHT, stroke=colour, line=1.4, radius=4)
    title, below = _lines(placed.part)
    middle = placed.x + placed.width / 2
    canvas.text(middle, placed.y + 14, title, size=11, weight="bold", colour=colour, anchor="middle")
    canvas.text(middle, placed.y + 27, below, size=10.5, colour=INK, anchor="middle")
    given = {name for other in others if not other.is_left_of(placed) for name in _signals(other.part)}
    back = [name for name in dict.fromkeys(name for pin in placed.part.takes for name in pin) if name in given]
    if back and placed.part.kind in {"cell", "latch"}:
        most = int(placed.width / text_width("n", 9.5)) + 6
        text = _short("↩ " + ", ".join(back), most)
        width = text_width(text, 9.5)
        canvas.box(middle - width / 2, placed.y + PART_HEIGHT + 2, width, 12, stroke="none")
        canvas.text(middle, placed.y + PART_HEIGHT + 12, text, size=9.5, colour=ORANGE, anchor="middle")


def _signals(part: DrawnPart) -> tuple[str, ...]:
    return () if part.kind in {"write driver", "wires out"} else part.gives


def _wires(canvas: Canvas, target: _Placed, placed: list[_Placed], pins: dict[str, tuple[float, float]]) -> None:
    """Draw what comes to a part from the tracks, or from parts at its left."""
    names = {name for pin in target.part.takes for name in pin}
    if target.part.kind in {"sense amplifier", "transverse read"}:
        starts = [(*pins[name], target.part.kind) for name in sorted(names & pins.keys())]
    else:
        sources = [part for part in placed if part.is_left_of(target) and names & set(_signals(part.part))]
        starts = [(part.x + part.width, part.middle, part.part.kind) for part in sources]
    to_x, to_y = target.x, target.middle
    for x, y, kind in starts:
        canvas.path(_route((x, y), (to_x, to_y), placed), stroke=COLOURS[kind], line=1.1, arrow=True)


def _route(start: tuple[float, float], end: tuple[float, float], placed: list[_Placed]) -> str:
    """Return the path of a wire: curves, and between them straight past the parts that lie in between."""
    (x, y), (to_x, to_y) = start, end
    path = f"M{x:.1f},{y:.1f}"
    columns: dict[int, list[_Placed]] = {}
    for part in placed:
        if x < part.x and part.x + part.width < to_x:
            columns.setdefault(part.x, []).append(part)
    for left, parts in sorted(columns.items()):
        lane = _free_lane(y + (to_y - y) * (left - x) / (to_x - x), parts)
        right = left + parts[0].width
        path += f"{_curve(x, y, left, lane)} H{right}"
        x, y = right, lane
    return path + _curve(x, y, to_x, to_y)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    bend = max(20.0, (to_x - x) / 2)
    return f" C{x + bend:.1f},{y:.1f} {to_x - bend:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}"


def _free_lane(wanted: float, parts: list[_Placed]) -> float:
    """Return the height nearest to the `wanted` one at which a wire touches no part of a column, nor what is below."""
    if all(not part.y - LANE <= wanted <= part.y + PART_HEIGHT + GAP - LANE for part in parts):
        return wanted
    lanes = [part.y + offset for part in parts for offset in (-LANE, PART_HEIGHT + GAP - LANE)]
    return min(lanes, key=lambda lane: abs(lane - wanted))


def _legend(canvas: Canvas, drawing: CircuitDrawing, x: float, y: float) -> None:
    for fill, stroke, text in (
        ("#bfdbfe", "#4b5563", "operand bit"),
        (PALE, "#4b5563", "other domain"),
        ("white", FAINT, "spare domain"),
    ):
        canvas.box(x, y - 9, 10, 10, fill=fill, stroke=stroke, line=0.8)
        canvas.text(x + 15, y, text, size=10, colour=MUTED)
        x += 15 + text_width(text, 10) + 18
    drivers = max([part.count for part in drawing.parts if part.kind == "write driver"], default=0)
    shared = f"{drivers} write driver{'s' * (drivers > 1)}, shared by the tracks" if drivers else "no write driver"
    text = f"▲ port: R read, W written, RW both · ↩ from a latch, or from a cell beside · {shared}"
    canvas.text(x, y, text, size=10, colour=MUTED)


def _stem(label: str) -> str:
    """Return the name that the parts know tracks by: a0..a7 is a."""
    return label.split("..", maxsplit=1)[0].split(",", maxsplit=1)[0].rstrip("0123456789") or label


def _short(text: str, most: int = 17) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
