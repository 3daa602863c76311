"""A macro unit in a drawing: tracks above, CMOS below at the same scale, and the ports along one track."""

from collections.abc import Mapping, Sequence

from trackmac.floorplans import Block, PortFootprint, Rectangle, UnitDrawing
from trackmac.report import quantities
from trackmac.report.svg_elements import BLUE, INK, MUTED, RED, VIOLET, Canvas
from trackmac.report.svg_panel import (
    LABEL,
    SLACK,
    View,
    draw_blocks,
    fitted,
    length_text,
    magnified,
    scale_bar,
    singular,
    swatch,
)

PANEL = 340
STEP = 380
TRACK_COLOURS = {"data": "#bfdbfe", "overhead": "#e5e7eb", "work_tracks": "#fed7aa"}
TRACK_WORDS = {"data": "data", "overhead": "overhead", "work_tracks": "at work"}
CMOS_COLOURS = {
    "ports": "#ddd6fe",
    "sense_amplifiers": "#bae6fd",
    "write_drivers": "#fecaca",
    "shift_drivers": "#fed7aa",
    "track_switches": "#fde68a",
    "latches": "#bbf7d0",
    "connections": "#f5d0fe",
}
LOGIC = "#99f6e4"
PORT_COLOURS = {"RW": VIOLET, "W": RED, "R": BLUE}
READABLE = 3  # px: lines closer than this run together
ROW = 17


def draw_unit(canvas: Canvas, unit: UnitDrawing, x: float, y: float) -> float:
    """Draw a macro unit; return where the drawing ends below."""
    tracks_um2, cmos_um2 = _used(unit.tracks), _used(unit.cmos)
    binding = (
        "CMOS decides its size; the tracks leave" if unit.is_cmos_bound else "The tracks decide its size; CMOS leaves"
    )
    canvas.text(x, y, f"Macro unit, {quantities.area(unit.outline.area_um2)}", size=15, weight="bold")
    canvas.text(
        x, y + 19, f"{binding} {quantities.area(abs(cmos_um2 - tracks_um2))} of it unused (slack).", colour=MUTED,
    )  # fmt: skip
    top = y + 52
    canvas.text(
        x,
        top - 8,
        f"above: tracks, {quantities.area(tracks_um2)}; {quantities.count(unit.weight_tracks)} hold weights",
        weight="bold",
    )
    above = _above(canvas, unit, x, top)
    canvas.text(x + STEP, top - 8, f"below: CMOS, {quantities.area(cmos_um2)}", weight="bold")
    colours = {block.part: CMOS_COLOURS.get(block.part, LOGIC) for block in unit.cmos}
    below = _below(canvas, unit, colours, x + STEP, top)
    listed = _list(canvas, unit.cmos, colours, x + 2 * STEP, top)
    return _one_track(canvas, unit, x, max(above, below, listed) + 44)


def _used(blocks: Sequence[Block]) -> float:
    return sum(block.rectangle.area_um2 for block in blocks if block.part != SLACK)


def _above(canvas: Canvas, unit: UnitDrawing, x: float, y: float) -> float:
    """Draw the tracks; return where the panel ends below."""
    views = _views(unit, x, y, unit.spare_before * unit.domain_um * 0.99)
    for view in views:
        draw_blocks(canvas, view, [block for block in unit.tracks if block.part == SLACK], {})
        _tracks(canvas, view, unit)
    place = x + 150
    for part, text in TRACK_WORDS.items():
        place = swatch(canvas, place, y + views[0].height + 18, TRACK_COLOURS[part], text)
    return _framed(canvas, views)


def _below(canvas: Canvas, unit: UnitDrawing, colours: Mapping[str, str], x: float, y: float) -> float:
    """Draw the CMOS; return where the panel ends below."""
    views = _views(unit, x, y, 0.0)
    for view in views:
        draw_blocks(canvas, view, unit.cmos, colours)
    return _framed(canvas, views)


def _views(unit: UnitDrawing, x: float, y: float, start_um: float) -> tuple[View, ...]:
    """Return the view of a layer and, where that is thin, one of a part of it, from `start_um` on."""
    view = fitted(unit.outline, x, y, PANEL)
    closer = magnified(view, PANEL, start_um)
    return (view,) if closer is None else (view, closer)


def _framed(canvas: Canvas, views: Sequence[View]) -> float:
    """Draw frames and scale bars, and say how much larger a part is; return where the last view ends below."""
    for view in views:
        canvas.box(view.left, view.top, view.width, view.height, fill="none", line=1.5)
        scale_bar(canvas, view, view.top + view.height + 14)
    for closer in views[1:]:
        times = quantities.digits(closer.scale / views[0].scale)
        canvas.text(closer.left, closer.top - 8, f"a part of it, {times} times larger", size=LABEL, colour=MUTED)
    return views[-1].top + views[-1].height + 20


def _tracks(canvas: Canvas, view: View, unit: UnitDrawing) -> None:
    """Draw the tracks, with lines between them where these can be told apart, and the domain at each port."""
    weights = next((block for block in unit.tracks if block.part == "data"), None)
    for block in unit.tracks:
        left, top, width, height = view.box(block.rectangle)
        pitch = unit.pitch_um * view.scale
        if block.part == SLACK or width <= 0:
            continue
        canvas.box(left, top, width, height, fill=TRACK_COLOURS[block.part], line=0.4)
        if pitch >= READABLE:
            rows = "".join(f"M{left:.1f},{top + n * pitch:.2f} h{width:.1f} " for n in range(1, int(height / pitch)))
            canvas.path(rows or "M0,0", stroke="#9ca3af", line=0.3)
    for port in unit.ports:
        if weights is not None:
            bar = Rectangle(port.left_um, weights.rectangle.top_um, unit.domain_um, weights.rectangle.height_um)
            left, top, width, height = view.box(bar)
            if width > 0:
                canvas.box(left, top, width, height, fill=_colour(port), stroke="none")


def _list(canvas: Canvas, blocks: Sequence[Block], colours: Mapping[str, str], x: float, y: float) -> float:
    """List the parts of the CMOS, the largest first."""
    whole_um2 = _used(blocks)
    parts = sorted((block for block in blocks if block.part != SLACK), key=lambda block: -block.rectangle.area_um2)
    for row, block in enumerate(parts):
        base = y + 10 + row * ROW
        canvas.box(x, base - 9, 11, 11, fill=colours[block.part], line=0.6)
        canvas.text(x + 18, base, f"{quantities.count(block.count)} × {singular(block.part)}", size=LABEL)
        area_um2 = block.rectangle.area_um2
        canvas.text(x + 255, base, quantities.area(area_um2), size=LABEL, anchor="end")
        canvas.text(x + 310, base, quantities.fraction(area_um2 / whole_um2), size=LABEL, anchor="end")
    return y + len(parts) * ROW


def _one_track(canvas: Canvas, unit: UnitDrawing, x: float, y: float) -> float:
    """Draw one track that holds weights with its domains, below it the ports with the room that each takes along it."""
    spare = f"{unit.spare_before} + {unit.spare_after}" if unit.spare_after else f"{unit.spare_before}"
    canvas.text(x, y, "One track that holds weights, along it to scale", size=15, weight="bold")
    canvas.text(
        x, y + 19, f"{quantities.count(unit.domains)} data domains (blue), {spare} overhead domains (grey), "
        f"{length_text(unit.domain_um)} each; a port takes 12 (RW), 8 (W) or 4 (R) domain lengths of the CMOS below.",
        colour=MUTED,
    )  # fmt: skip
    length_um = (unit.spare_before + unit.domains + unit.spare_after) * unit.domain_um
    reach_um = max([length_um, *(port.left_um + port.width_um for port in unit.ports)])
    view = fitted(Rectangle(0.0, 0.0, reach_um, unit.domain_um), x, y + 34, 2 * STEP + 310)
    size = unit.domain_um * view.scale
    before, data = unit.spare_before * size, unit.domains * size
    canvas.box(x, view.top, length_um * view.scale, 16, fill=TRACK_COLOURS["overhead"])
    canvas.box(x + before, view.top, data, 16, fill=TRACK_COLOURS["data"])
    if size >= READABLE:
        marks = "".join(
            f"M{x + n * size:.2f},{view.top:.1f} v16 " for n in range(1, int(length_um * view.scale / size))
        )
        canvas.path(marks or "M0,0", stroke=MUTED, line=0.4)
    bottom = _ports(canvas, unit, view)
    scale_bar(canvas, view, bottom + 16)
    place = x + 190
    for kind, colour in PORT_COLOURS.items():
        count = sum(port.kind == kind for port in unit.ports)
        if count:
            place = swatch(canvas, place, bottom + 20, colour, f"{count} {kind}")
    return bottom + 26


def _ports(canvas: Canvas, unit: UnitDrawing, view: View) -> float:
    """Draw the ports, those that would overlap in rows of their own; return where the last row ends."""
    ends: list[float] = []
    top = view.top + 22
    for port in unit.ports:
        row = next((row for row, end in enumerate(ends) if end <= port.left_um + 1e-9), len(ends))
        ends[row : row + 1] = [port.left_um + port.width_um]
        left, width = view.left + port.left_um * view.scale, port.width_um * view.scale
        canvas.box(left, top + row * 20, width, 16, fill="white", stroke=_colour(port), line=1.2)
        canvas.box(left, view.top, unit.domain_um * view.scale, 16, fill=_colour(port), stroke="none")
        if width >= 18:
            canvas.text(
                left + width / 2, top + row * 20 + 12, port.kind,
                size=LABEL, colour=_colour(port), weight="bold", anchor="middle",
            )  # fmt: skip
    return top + len(ends) * 20


def _colour(port: PortFootprint) -> str:
    return PORT_COLOURS.get(port.kind, INK)
