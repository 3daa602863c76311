"""Static pictures of the front, for documents."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackmac.errors import InputError
from trackmac.report import quantities
from trackmac.report.designs import chosen, in_technology, technologies, technology_of
from trackmac.results import Design, ExplorationResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

INK, SOFT, GRID = "#1f2937", "#6b7280", "#e5e7eb"
BEST, KNEE = "#ea580c", "#1f2937"
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 10.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#9ca3af",
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "svg.hashsalt": "trackmac",
}
MANY_DECADES = 10**2.5
LARGEST_MARKER_PT2, SMALLEST_MARKER_PT2 = 320, 28


def write_front_picture(result: ExplorationResult, path: Path) -> None:
    """Draw the front into a .png or .svg file: energy against latency, a panel for each technology.

    Colour is validation accuracy, size is area; knee, best design and baseline are marked.

    Raises:
        InputError: the file's ending is another one, or it cannot be written.
    """
    from matplotlib import rc_context

    if path.suffix not in {".png", ".svg"}:
        raise InputError(f"{path}: a picture must end in .png or .svg, not {path.suffix!r}; choose one of them")
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    with rc_context(STYLE):
        try:
            draw_front(result).savefig(path, dpi=160, metadata=metadata)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror}); choose another folder") from None


def draw_front(result: ExplorationResult) -> "Figure":
    """Return the picture as a matplotlib figure."""
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

    names = technologies(result)
    figure = Figure(figsize=(4.6 * len(names) + 1.6, 4.5), layout="constrained")
    panels = figure.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    accuracies = [100 * design.accuracy for design in result.front]
    norm = Normalize(min(accuracies), max(accuracies) + (max(accuracies) == min(accuracies)))
    for panel, name in zip(panels, names, strict=True):
        points = _draw_panel(panel, name, result, norm)
    for axis in (panels[0].xaxis, panels[0].yaxis):
        _label_ticks(axis)
    figure.colorbar(points, ax=list(panels), label="validation accuracy (%)", pad=0.02).outline.set_visible(False)
    panels[0].set_ylabel("energy of an image (µJ)")
    figure.suptitle(_title(result), x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure


def _label_ticks(axis: "Axis") -> None:
    """Put plain numbers at 1, 2 and 5 of each decade, or at 1 alone where there are many."""
    from matplotlib.ticker import LogLocator, NullLocator

    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < MANY_DECADES else (1,)))
    axis.set_major_formatter(lambda value, _: f"{value:,g}")
    axis.set_minor_locator(NullLocator())


def _title(result: ExplorationResult) -> str:
    return f"{result.study}: {len(result.front)} designs on the front (colour: accuracy, size: chip area)"


def _draw_panel(panel: "Axes", technology: str, result: ExplorationResult, norm: Any) -> Any:
    designs = in_technology(technology, result)
    largest = max(design.area_um2 for design in result.front)
    sizes = [max(SMALLEST_MARKER_PT2, LARGEST_MARKER_PT2 * design.area_um2 / largest) for design in designs]
    points = panel.scatter(
        *_positions(designs), s=sizes, c=[100 * design.accuracy for design in designs], norm=norm, cmap="viridis",
        alpha=0.85, edgecolors="white", linewidths=0.7, zorder=3,
    )  # fmt: skip
    panel.set(xscale="log", yscale="log", xlabel="latency of an image (ms)")
    panel.margins(0.12)
    panel.set_title(technology, fontsize=10.5, color=SOFT, loc="left")
    panel.grid(which="major", color=GRID, linewidth=0.8)
    panel.spines[["top", "right"]].set_visible(False)
    if technology_of(chosen(result)) == technology:
        for baseline in result.baselines:
            at = quantities.milliseconds(baseline.latency_ns), quantities.microjoules(baseline.energy_pj)
            panel.scatter(*at, s=75, marker="X", color=SOFT, edgecolors="white", zorder=4)
            _label(panel, "baseline", at, SOFT)
    marked = {"knee": (result.knee, KNEE)} | ({"best": (result.best, BEST)} if result.best else {})
    for role, (design, color) in marked.items():
        if technology_of(design) == technology:
            (x,), (y,) = _positions([design])
            panel.scatter(x, y, s=LARGEST_MARKER_PT2 * 1.5, facecolors="none", edgecolors=color, linewidths=2, zorder=5)
            _label(panel, role, (x, y), color)
    return points


def _label(panel: "Axes", text: str, at: tuple[float, float], color: str) -> None:
    from matplotlib.patheffects import withStroke

    up = -24 if text == "best" else 15  # best and knee are often neighbours
    panel.annotate(
        text, at, (0, up), textcoords="offset points", ha="center", color=color, fontweight="bold", zorder=6,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )  # fmt: skip


def _positions(designs: Sequence[Design]) -> tuple[list[float], list[float]]:
    latencies = [quantities.milliseconds(design.latency_ns) for design in designs]
    return latencies, [quantities.microjoules(design.energy_pj) for design in designs]
