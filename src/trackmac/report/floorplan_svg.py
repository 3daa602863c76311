"""The floorplan of an accelerator as a self-contained SVG file: chip, bank, mat and macro unit, all to scale."""

from trackmac.floorplans import Floorplan
from trackmac.report import quantities
from trackmac.report.svg_elements import INK, MUTED, RED, Canvas
from trackmac.report.svg_panel import LABEL, draw_blocks, fitted, magnified, plural, scale_bar
from trackmac.report.svg_unit import PANEL, ROW, STEP, draw_unit

MARGIN = 24
COLOURS = {
    "banks": "#f3f4f6",
    "mats": "#dbeafe",
    "macro_units": "#93c5fd",
    "decoders": "#fde68a",
    "column_switches": "#fef9c3",
    "sequencers": "#ddd6fe",
    "bus_interfaces": "#bbf7d0",
    "sense_amplifiers": "#bae6fd",
    "write_drivers": "#fecaca",
    "shift_drivers": "#fed7aa",
    "bank_h_trees": "#d1d5db",
    "bank_forks": "#86efac",
    "bank_controllers": "#c4b5fd",
    "h_tree": "#9ca3af",
    "h_tree_forks": "#4ade80",
    "controller": "#a78bfa",
    "buffer": "#fdba74",
}


def floorplan_svg(plan: Floorplan) -> str:
    """Return the drawing as an SVG document; texts from outside are escaped."""
    canvas = Canvas()
    canvas.text(MARGIN, 34, f"{plan.title}, {plan.technology}", size=16, weight="bold")
    canvas.text(
        MARGIN, 54, "Areas are to scale and fill each outline; tracks and ports also in their lengths. The shapes of "
        "the other blocks are a choice: the model gives areas.", colour=MUTED,
    )  # fmt: skip
    bottom = max(_level(canvas, plan, number) for number in range(len(plan.levels)))
    bottom = _legend(canvas, plan, bottom + 30)
    draw_unit(canvas, plan.unit, MARGIN, bottom + 44)
    return canvas.document(MARGIN, 2 * MARGIN + 2 * STEP + PANEL)


def _level(canvas: Canvas, plan: Floorplan, number: int) -> float:
    """Draw a level and, where one of its parts is shown on its own, that one in place; return where it ends below."""
    level, top = plan.levels[number], 104.0
    x = MARGIN + number * STEP
    name = quantities.words(level.name)
    title = name if number == 0 else f"one {name}"
    canvas.text(x, top - 10, f"{title}, {quantities.area(level.outline.area_um2)}", size=15, weight="bold")
    view = fitted(level.outline, x, top, PANEL)
    closer = magnified(view, PANEL)
    for shown in (view,) if closer is None else (view, closer):
        draw_blocks(canvas, shown, level.blocks, COLOURS)
        for inner in plan.levels[number + 1 : number + 2]:
            draw_blocks(canvas, shown, inner.blocks, COLOURS)
            left, upper, width, height = shown.box(inner.outline)
            canvas.box(left, upper, width, height, fill="none", stroke=RED, line=1.5)
        canvas.box(shown.left, shown.top, shown.width, shown.height, fill="none", stroke=_frame(number), line=1.5)
        scale_bar(canvas, shown, shown.top + shown.height + 14)
    last = closer or view
    return last.top + last.height + 20


def _frame(number: int) -> str:
    """Return red for what the level before shows within a red frame."""
    return RED if number else INK


def _legend(canvas: Canvas, plan: Floorplan, y: float) -> float:
    """List the parts of the chip with their areas, in three columns; return where it ends below."""
    whole_um2 = sum(plan.areas_um2.values())
    parts = sorted(((part, area) for part, area in plan.areas_um2.items() if area), key=lambda item: -item[1])
    canvas.text(MARGIN, y, f"All parts of the chip, {quantities.area(whole_um2)}", size=15, weight="bold")
    rows = -(-len(parts) // 3)
    for number, (part, area_um2) in enumerate(parts):
        x, base = MARGIN + number // rows * STEP, y + 24 + number % rows * ROW
        canvas.box(x, base - 9, 11, 11, fill=COLOURS[part], line=0.6)
        canvas.text(x + 18, base, plural(part), size=LABEL)
        canvas.text(x + 230, base, f"{area_um2:,.1f} µm²", size=LABEL, anchor="end")
        canvas.text(x + 295, base, quantities.fraction(area_um2 / whole_um2), size=LABEL, anchor="end")
    return y + 24 + rows * ROW
