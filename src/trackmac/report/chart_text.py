"""The space-time chart of a circuit for the terminal: rows of tracks and parts, columns of steps, repeats folded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from trackmac.drawings import CircuitDrawing, DrawnMark, DrawnRow

WIDTH = 110
LABEL_WIDTH = 18
MOST_PANELS = 4
MARGIN = 2
SYMBOLS = {"sense": "S", "transverse read": "T", "write": "W", "receive": "↓", "send": "↑"}
MEANINGS = {
    "shift": "←n →n shift by n domains, ← brings the domains further on to the port",
    "sense": "S sense",
    "transverse read": "T transverse read",
    "write": "W write",
    "evaluate": "1 one cell evaluates, 2 two at once ...",
    "latch": "1 one latch closes ...",
    "receive": "↓ from the wires",
    "send": "↑ to the wires",
}


@dataclass(frozen=True, slots=True)
class _Panel:
    """The columns from `first` on that fit a line: from the character `start` to `end` of the whole chart."""

    first: int
    last: int
    start: int
    end: int


def shortened(label: str) -> str:
    """Cut a label that is too long for its column."""
    return label if len(label) <= LABEL_WIDTH else f"{label[: LABEL_WIDTH - 1]}…"


def chart_lines(drawing: CircuitDrawing, is_whole: bool) -> Iterator[str]:
    """Yield the chart, broken into panels of at most `WIDTH` characters; of many, the first ones and the last."""
    cells = _cells(drawing)
    widths = _widths(drawing, cells)
    offsets = [sum(widths[:column]) + column for column in range(len(widths) + 1)]
    brackets = list(_brackets(drawing, offsets))
    rows = zip(drawing.rows, _rows(drawing, cells, widths), strict=True)
    lines = [(shortened(row.label), line) for row, line in rows]
    panels = _panels(offsets)
    for number, panel in enumerate(panels):
        if not is_whole and len(panels) > MOST_PANELS and MOST_PANELS - 2 < number < len(panels) - 1:
            if number == MOST_PANELS - 1:
                after, until = drawing.columns[panel.first].step, drawing.columns[panels[-1].first].step - 1
                yield from (f"... steps {after} to {until} (--all draws them)", "")
            continue
        for line in brackets:
            if part := line[panel.start : panel.end - 1].rstrip():
                yield f"{'':{LABEL_WIDTH}} {part}"
        yield f"{'step':{LABEL_WIDTH}} {_numbers(drawing, panel, offsets)}"
        for label, line in lines:
            yield f"{label:{LABEL_WIDTH}} {line[panel.start : panel.end - 1]}".rstrip()
        yield ""
    yield from _legend(drawing)


def _cells(drawing: CircuitDrawing) -> list[dict[int, str]]:
    """Return the text of each row in each column, where there is one."""
    marks = [mark for column in drawing.columns for mark in column.marks]
    with_ports = {mark.row for mark in marks if any(mark.ports)}
    cells: list[dict[int, str]] = []
    for column in drawing.columns:
        texts: dict[int, str] = {}
        for mark in column.marks:
            text = _symbol(mark, drawing.rows[mark.row], mark.row in with_ports)
            texts[mark.row] = texts.get(mark.row, "") + text
        cells.append(texts)
    return cells


def _symbol(mark: DrawnMark, row: DrawnRow, shows_ports: bool) -> str:
    """Write a mark: of a row of tracks that do not all take part, how many there are."""
    if mark.operation == "shift":
        return f"{'←' if mark.amount > 0 else '→'}{abs(mark.amount)}"
    if row.kind != "track":
        return SYMBOLS.get(mark.operation, "") + (str(mark.amount) if row.kind != "wires" else "")
    count = "" if mark.amount >= row.count else str(mark.amount)
    ports = "".join(map(str, mark.ports)) if shows_ports and mark.operation != "transverse read" else ""
    return f"{count}{SYMBOLS[mark.operation]}{ports}"


def _widths(drawing: CircuitDrawing, cells: Sequence[dict[int, str]]) -> list[int]:
    widths = [max([2, *map(len, texts.values())]) for texts in cells]
    for repeat in drawing.repeats:
        spare = sum(widths[repeat.first : repeat.last + 1]) + repeat.last - repeat.first
        widths[repeat.last] += max(0, len(f"┌×{repeat.times}┐") - spare)
    return widths


def _brackets(drawing: CircuitDrawing, offsets: Sequence[int]) -> Iterator[str]:
    """Yield the lines above the chart that say what is repeated, the outermost loops first."""
    for depth in sorted({repeat.depth for repeat in drawing.repeats}, reverse=True):
        line = ""
        for repeat in sorted(drawing.repeats, key=lambda each: each.first):
            if repeat.depth == depth:
                length = offsets[repeat.last + 1] - offsets[repeat.first] - 1
                line = f"{line:{offsets[repeat.first]}}┌{f'×{repeat.times}':─<{length - 2}}┐"
        yield line


def _numbers(drawing: CircuitDrawing, panel: _Panel, offsets: Sequence[int]) -> str:
    """Return the line of step numbers of a panel: all that fit."""
    line = ""
    for column in range(panel.first, panel.last + 1):
        step, offset = str(drawing.columns[column].step), offsets[column] - panel.start
        if (not line or len(line) < offset) and offset + len(step) < panel.end - panel.start:
            line = f"{line:{offset}}{step}"
    return line


def _rows(drawing: CircuitDrawing, cells: Sequence[dict[int, str]], widths: Sequence[int]) -> Iterable[str]:
    for row in range(len(drawing.rows)):
        yield " ".join(f"{texts.get(row, '·'):{width}}" for texts, width in zip(cells, widths, strict=True))


def _panels(offsets: Sequence[int]) -> list[_Panel]:
    room = WIDTH - MARGIN - LABEL_WIDTH - 1
    panels: list[_Panel] = []
    first = 0
    for column in range(len(offsets) - 1):
        if offsets[column + 1] - offsets[first] > room + 1:
            panels.append(_Panel(first, column - 1, offsets[first], offsets[column]))
            first = column
    return [*panels, _Panel(first, len(offsets) - 2, offsets[first], offsets[-1])]


def _legend(drawing: CircuitDrawing) -> Iterator[str]:
    marks = [mark for column in drawing.columns for mark in column.marks]
    used = {mark.operation for mark in marks}
    texts = [text for operation, text in MEANINGS.items() if operation in used]
    if any(any(mark.ports) and mark.operation in {"sense", "write"} for mark in marks):
        texts.append("W0 W1 W01 at port 0, 1, both")
    if any(mark.ports and mark.amount < drawing.rows[mark.row].count for mark in marks):
        texts.append("3W by 3 of the row's tracks")
    if drawing.repeats:
        texts.append("┌×n┐ n times")
    line = "("
    for text in texts:
        if len(line) + len(text) + 2 > WIDTH - MARGIN:
            yield line.rstrip()
            line = " "
        line += f"{text}; "
    yield f"{line.removesuffix('; ')})"
