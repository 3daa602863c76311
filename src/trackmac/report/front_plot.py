"""The interactive plot of the front, as plain plotly data: traces and layout."""

from collections.abc import Sequence
from html import escape
from typing import Any

from trackmac.report import quantities
from trackmac.report.designs import chosen, hardware_label, in_technology, roles, technologies, technology_of, verdict
from trackmac.results import Baseline, Design, ExplorationResult

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "pentagon", "hexagon")
LARGEST_MARKER_PX = 30
SMALLEST_MARKER_PX = 9
TICKS = [step * 10.0**decade for decade in range(-9, 10) for step in (1, 2, 5)]
RINGS = {"best": ("#c2410c", "circle-open"), "knee": ("#1f2937", "square-open")}


def front_plot(result: ExplorationResult) -> dict[str, Any]:
    """Return energy against latency of every design: colour is accuracy, size is area, symbol is technology."""
    traces = [
        _designs(name, symbol, result) for name, symbol in zip(technologies(result), _symbols(result), strict=True)
    ]
    traces += [_ring(role, design) for role, design in (("knee", result.knee), ("best", result.best)) if design]
    if result.baselines:
        traces.append(_baselines(result.baselines, chosen(result)))
    return {"data": traces, "layout": _layout(result)}


def _symbols(result: ExplorationResult) -> list[str]:
    return [SYMBOLS[index % len(SYMBOLS)] for index in range(len(technologies(result)))]


def _designs(technology: str, symbol: str, result: ExplorationResult) -> dict[str, Any]:
    designs = in_technology(technology, result)
    largest = max(design.area_um2 for design in result.front)
    sizes = [max(SMALLEST_MARKER_PX, LARGEST_MARKER_PX * (design.area_um2 / largest) ** 0.5) for design in designs]
    return {
        **_points(designs, escape(technology)),
        "text": [_hover(design, result) for design in designs],
        "marker": {
            "symbol": symbol,
            "size": sizes,
            "color": [100 * design.accuracy for design in designs],
            "coloraxis": "coloraxis",
            "opacity": 0.85,
            "line": {"width": 1, "color": "white"},
        },
    }


def _ring(role: str, design: Design) -> dict[str, Any]:
    color, symbol = RINGS[role]
    marker = {"symbol": symbol, "size": LARGEST_MARKER_PX + 8, "color": color, "line": {"width": 2.5}}
    return {**_points([design], role), "marker": marker, "hoverinfo": "skip", "hovertemplate": None}


def _baselines(baselines: Sequence[Baseline], design: Design) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "baseline",
        "x": [quantities.milliseconds(baseline.latency_ns) for baseline in baselines],
        "y": [quantities.microjoules(baseline.energy_pj) for baseline in baselines],
        "text": [
            f"<b>baseline {escape(baseline.name)}</b><br>{escape(design.network)}<br>"
            f"{quantities.energy(baseline.energy_pj)}, {quantities.duration(baseline.latency_ns)}, "
            f"{quantities.area(baseline.area_um2)}"
            for baseline in baselines
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"symbol": "x", "size": 13, "color": "#6b7280", "line": {"width": 1, "color": "white"}},
    }


def _points(designs: Sequence[Design], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [quantities.milliseconds(design.latency_ns) for design in designs],
        "y": [quantities.microjoules(design.energy_pj) for design in designs],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover(design: Design, result: ExplorationResult) -> str:
    marks = "".join(f" ({role})" for role in roles(design, result))
    lines = (
        f"<b>{escape(design.id)}{marks}</b>",
        escape(design.network),
        escape(hardware_label(design.hardware)),
        escape(technology_of(design)),
        f"accuracy {quantities.fraction(design.accuracy)} validation, {quantities.fraction(design.test_accuracy)} test",
        f"{quantities.energy(design.energy_pj)} and {quantities.duration(design.latency_ns)} an image",
        quantities.area(design.area_um2),
        f"verified: {verdict(design)}",
    )
    return "<br>".join(lines)


def _layout(result: ExplorationResult) -> dict[str, Any]:
    axis = {
        "type": "log",
        "tickvals": TICKS,
        "ticktext": [f"{tick:,g}" for tick in TICKS],
        "gridcolor": "#e5e7eb",
        "zeroline": False,
        "ticks": "outside",
        "tickcolor": "#9ca3af",
    }
    accuracies = [100 * design.accuracy for design in result.front]
    return {
        "xaxis": {**axis, "title": {"text": "latency of an image (ms)"}},
        "yaxis": {**axis, "title": {"text": "energy of an image (µJ)"}},
        "coloraxis": {
            "colorscale": "Viridis",
            "cmin": min(accuracies),
            "cmax": max(accuracies),
            "colorbar": {
                "title": {"text": "validation<br>accuracy (%)"},
                "thickness": 14,
                "outlinewidth": 0,
                "ticksuffix": " ",
            },
        },
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
        "margin": {"l": 70, "r": 20, "t": 50, "b": 60},
        "plot_bgcolor": "white",
        "paper_bgcolor": "white",
        "hoverlabel": {"align": "left", "bgcolor": "white", "font": {"color": "#111827"}},
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": "#1f2937"},
        "height": 520,
    }
