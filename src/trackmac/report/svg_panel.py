"""A panel of a drawing to scale: blocks in an outline, as large as fits, its scale bar, and a part of it magnified."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackmac.floorplans import Block, Rectangle
from trackmac.report import quantities
from trackmac.report.svg_elements import INK, MUTED, Canvas, text_width

THIN = 48  # px: below, a part is magnified
LABEL = 11
SLACK = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of a drawing is shown, where (px), and at how many px per um."""

    shown: Rectangle
    left: float
    top: float
    scale: float

    @property
    def width(self) -> float:
        """In px."""
        return self.shown.width_um * self.scale

    @property
    def height(self) -> float:
        """In px."""
        return self.shown.height_um * self.scale

    def box(self, rectangle: Rectangle) -> tuple[float, float, float, float]:
        """Return left, top, width and height, in px, of what is shown of a rectangle."""
        shown = self.shown
        left, top = max(rectangle.left_um, shown.left_um), max(rectangle.top_um, shown.top_um)
        right = min(rectangle.left_um + rectangle.width_um, shown.left_um + shown.width_um)
        bottom = min(rectangle.top_um + rectangle.height_um, shown.top_um + shown.height_um)
        return (
            self.left + (left - shown.left_um) * self.scale,
            self.top + (top - shown.top_um) * self.scale,
            max(right - left, 0.0) * self.scale,
            max(bottom - top, 0.0) * self.scale,
        )


def fitted(outline: Rectangle, left: float, top: float, size: float) -> View:
    """Return the view of all of `outline`, its longer side of `size` px."""
    return View(shown=outline, left=left, top=top, scale=size / max(outline.width_um, outline.height_um))


def magnified(view: View, size: float, start_um: float = 0.0) -> View | None:
    """Return what of a thin drawing begins at `start_um`, magnified, below it; None if it can be read as it is."""
    outline = view.shown
    short_um = min(outline.width_um, outline.height_um)
    if short_um * view.scale >= THIN:
        return None
    scale = 2 * THIN / short_um
    width_um, height_um = min(outline.width_um, size / scale), min(outline.height_um, size / 2 / scale)
    left_um = outline.left_um + min(max(start_um, 0.0), outline.width_um - width_um)
    part = Rectangle(left_um, outline.top_um, width_um, height_um)
    return View(shown=part, left=view.left, top=view.top + view.height + 62, scale=scale)


def draw_blocks(canvas: Canvas, view: View, blocks: Sequence[Block], colours: Mapping[str, str]) -> None:
    """Draw the blocks, each with its name where that fits; slack is dashed."""
    for block in blocks:
        left, top, width, height = view.box(block.rectangle)
        if width <= 0 or height <= 0:
            continue
        line = 0.6 if min(width, height) > 4 else 0.15
        if block.part == SLACK:
            canvas.box(left, top, width, height, fill="white", stroke=MUTED, line=line, dashes="4 3")
        else:
            canvas.box(left, top, width, height, fill=colours[block.part], stroke=INK, line=line)
    for block in blocks:
        _label(canvas, view.box(block.rectangle), singular(block.part), block.count)


def plural(part: str) -> str:
    """Write the name of a part as words."""
    return quantities.words(part).replace("h tree", "H-tree")


def singular(part: str) -> str:
    """Write the name of one of the parts as words."""
    name = plural(part)
    return name.removesuffix("es") if name.endswith("ches") else name.removesuffix("s")


def swatch(canvas: Canvas, x: float, base: float, colour: str, text: str) -> float:
    """Draw a small square of a colour and what it stands for; return where the next one may begin."""
    canvas.box(x, base - 9, 11, 11, fill=colour, line=0.6)
    canvas.text(x + 17, base, text, size=LABEL)
    return x + 30 + text_width(text, LABEL)


def _label(canvas: Canvas, box: tuple[float, float, float, float], name: str, count: int) -> None:
    """Name a block in the longest way that fits, over two lines if need be."""
    left, top, width, height = box
    counted = f"{quantities.count(count)} × {name}" if count > 1 else name
    for lines in ([counted], counted.rsplit(" ", 1), [name], name.split(" ")):
        wide = max(text_width(line, LABEL) for line in lines)
        if wide + 4 <= width and len(lines) * (LABEL + 2) <= height:
            first = top + height / 2 + LABEL / 3 - (len(lines) - 1) * (LABEL + 2) / 2
            for number, line in enumerate(lines):
                canvas.text(left + width / 2, first + number * (LABEL + 2), line, size=LABEL, anchor="middle")
            return


def scale_bar(canvas: Canvas, view: View, below: float) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten, at most 100 px long, and its length."""
    most_um = 100 / view.scale
    power = 10.0 ** math.floor(math.log10(most_um))
    length_um = max(step * power for step in (1, 2, 5) if step * power <= most_um * (1 + 1e-9))
    right = view.left + length_um * view.scale
    canvas.path(f"M{view.left:.1f},{below - 4:.1f} v8 m0,-4 H{right:.1f} m0,-4 v8", line=1.5)
    canvas.text(right + 8, below + 4, length_text(length_um), size=LABEL)


def length_text(length_um: float) -> str:
    """Write a length in nm, um or mm, whichever suits it."""
    if length_um < 1:
        return f"{quantities.digits(length_um * 1e3)} nm"
    return f"{quantities.digits(length_um)} µm" if length_um < 1e3 else f"{quantities.digits(length_um * 1e-3)} mm"
