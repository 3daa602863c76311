"""The space-time chart of a circuit in a figure: rows of tracks and parts, columns of steps, repeats in brackets."""

from collections.abc import Sequence

from trackmac.drawings import CircuitDrawing, DrawnMark
from trackmac.report.svg_elements import BLUE, FAINT, GREEN, INK, MUTED, ORANGE, PALE, RED, VIOLET, Canvas, text_width

LABEL, COLUMN, ROW, BRACKET = 120, 25, 22, 15
NAMES = {
    "shift": "shift by n: ← brings the domains further on to the port",
    "sense": "sense",
    "transverse read": "transverse read",
    "write": "write",
    "evaluate": "n cells evaluate",
    "latch": "n latches close",
    "receive": "from the wires",
    "send": "to the wires",
}


def draw_chart(canvas: Canvas, drawing: CircuitDrawing, x: float, y: float, right: float) -> None:
    """Draw the chart between `x` and `right`, in as many panels as it takes, and its legend."""
    across = max(1, int((right - x - LABEL) // COLUMN))
    for first in range(0, len(drawing.columns), across):
        y = _panel(canvas, drawing, range(first, min(first + across, len(drawing.columns))), x, y)
    _legend(canvas, drawing, x, y + 6, right)


def _panel(canvas: Canvas, drawing: CircuitDrawing, columns: range, x: float, y: float) -> float:
    """Draw some columns; return where the panel ends below."""
    left = x + LABEL
    top = y + BRACKET * len({repeat.depth for repeat in drawing.repeats})
    _brackets(canvas, drawing, columns, left, top)
    for place, column in enumerate(columns):
        middle = left + (place + 0.5) * COLUMN
        canvas.text(middle, top + 11, str(drawing.columns[column].step), size=9.5, colour=MUTED, anchor="middle")
    top += 16
    for row, described in enumerate(drawing.rows):
        middle = top + (row + 0.5) * ROW
        if described.kind != "track":
            canvas.box(left, top + row * ROW + 1, len(columns) * COLUMN, ROW - 2, fill=PALE, stroke="none")
        canvas.text(left - 10, middle + 4, _short(described.label), size=11, colour=INK, anchor="end")
        canvas.path(f"M{left},{middle:.1f} h{len(columns) * COLUMN}", stroke=FAINT)
    ported = _rows_with_ports(drawing)
    for place, column in enumerate(columns):
        for mark in drawing.columns[column].marks:
            x, y = left + (place + 0.5) * COLUMN, top + (mark.row + 0.5) * ROW
            _mark(canvas, x, y, mark)
            if mark.ports:
                _note(canvas, x, y, mark, tracks=drawing.rows[mark.row].count, shows_ports=mark.row in ported)
    return top + len(drawing.rows) * ROW + 14


def _brackets(canvas: Canvas, drawing: CircuitDrawing, columns: range, left: float, top: float) -> None:
    """Draw above the steps what is repeated; a bracket stays open where it goes on in another panel."""
    depths = sorted({repeat.depth for repeat in drawing.repeats})
    for repeat in drawing.repeats:
        first, last = max(repeat.first, columns.start), min(repeat.last, columns.stop - 1)
        if first > last:
            continue
        start, end = left + (first - columns.start) * COLUMN + 2, left + (last - columns.start + 1) * COLUMN - 2
        y = top - BRACKET * depths.index(repeat.depth) - 4
        opening = f"M{start},{y + 6} V{y}" if first == repeat.first else f"M{start},{y}"
        closing = f"V{y + 6}" if last == repeat.last else ""
        canvas.path(f"{opening} H{end} {closing}", stroke=MUTED)
        label = f"×{repeat.times}"
        middle, width = (start + end) / 2, text_width(label, 10) + 4
        canvas.box(middle - width / 2, y - 6, width, 11, stroke="none")
        canvas.text(middle, y + 4, label, size=10, weight="bold", colour=INK, anchor="middle")


def _mark(canvas: Canvas, x: float, y: float, mark: DrawnMark) -> None:
    match mark.operation:
        case "shift":
            sign = -1 if mark.amount > 0 else 1
            canvas.path(f"M{x - 10 * sign:.1f},{y + 4:.1f} h{20 * sign}", stroke=INK, line=1.2, arrow=True)
            canvas.text(x, y - 1, str(abs(mark.amount)), size=9, anchor="middle")
        case "sense":
            canvas.circle(x, y, 6, fill="white", stroke=BLUE)
        case "transverse read":
            canvas.path(f"M{x - 8:.1f},{y:.1f} l8,-7 l8,7 l-8,7 z", stroke=GREEN, line=1.5, fill="white")
        case "write":
            canvas.box(x - 6, y - 6, 12, 12, fill=RED, stroke=RED)
        case "receive" | "send":
            canvas.text(x, y + 4, "↓" if mark.operation == "receive" else "↑", size=12, anchor="middle")
        case _:
            colour = ORANGE if mark.operation == "latch" else VIOLET
            canvas.box(x - 9, y - 7, 18, 14, fill="white", stroke=colour, radius=3, line=1.3)
            canvas.text(x, y + 3.5, str(mark.amount), size=9.5, colour=colour, anchor="middle")


def _note(canvas: Canvas, x: float, y: float, mark: DrawnMark, *, tracks: int, shows_ports: bool) -> None:
    """Write into a mark the ports, and beside it how many tracks there are, if not all `tracks` of the row."""
    if shows_ports and mark.operation != "transverse read":
        colour = "white" if mark.operation == "write" else BLUE
        canvas.text(x, y + 3, "".join(map(str, mark.ports)), size=8.5, colour=colour, anchor="middle")
    if mark.amount < tracks:
        canvas.text(x + 12, y - 3, str(mark.amount), size=7.5, colour=MUTED, anchor="end")


def _rows_with_ports(drawing: CircuitDrawing) -> set[int]:
    return {mark.row for column in drawing.columns for mark in column.marks if any(mark.ports)}


def _legend(canvas: Canvas, drawing: CircuitDrawing, x: float, y: float, right: float) -> None:
    used = {mark.operation for column in drawing.columns for mark in column.marks}
    entries = [DrawnMark(0, name, 1) for name in NAMES if name in used]
    start = x
    for mark in entries:
        length = 34 + text_width(NAMES[mark.operation], 10)
        if x + length > right:
            x, y = start, y + 20
        _mark(canvas, x + 12, y, mark)
        canvas.text(x + 28, y + 4, NAMES[mark.operation], size=10, colour=MUTED)
        x += length + 10
    for note in _notes(drawing):
        if x + text_width(note, 10) > right:
            x, y = start, y + 20
        canvas.text(x, y + 4, note, size=10, colour=MUTED)
        x += text_width(note, 10) + 16


def _notes(drawing: CircuitDrawing) -> Sequence[str]:
    notes = ["×n: the bracketed steps happen n times"] if drawing.repeats else []
    if _rows_with_ports(drawing):
        notes.append("digits in a mark: the ports")
    marks = [mark for column in drawing.columns for mark in column.marks]
    if any(mark.ports and mark.amount < drawing.rows[mark.row].count for mark in marks):
        notes.append("a number beside a mark: so many tracks of the row")
    return notes


def _short(text: str) -> str:
    return text if len(text) <= 19 else f"{text[:18]}…"
