"""The drawing of a circuit as a figure: one self-contained SVG of tracks, data path and space-time chart."""

from trackmac.drawings import CircuitDrawing
from trackmac.report.svg_chart import draw_chart
from trackmac.report.svg_elements import INK, MUTED, Canvas
from trackmac.report.svg_structure import draw_structure

MARGIN = 28
LEAST_WIDTH = 760


def circuit_svg(drawing: CircuitDrawing) -> str:
    """Return the text of an SVG file that shows `drawing`."""
    canvas = Canvas()
    canvas.text(MARGIN, 34, drawing.title, size=17, weight="bold", colour=INK)
    canvas.text(MARGIN, 54, f"{drawing.summary}; {drawing.steps} steps", size=12.5, colour=MUTED)
    canvas.text(MARGIN, 88, "a  tracks before the first step, and the data path", size=13, weight="bold", colour=INK)
    below = draw_structure(canvas, drawing, MARGIN, 108)
    canvas.text(MARGIN, below + 34, "b  space-time chart", size=13, weight="bold", colour=INK)
    draw_chart(canvas, drawing, MARGIN, below + 50, max(LEAST_WIDTH, canvas.width) - MARGIN)
    return canvas.document(MARGIN, LEAST_WIDTH)
