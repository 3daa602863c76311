"""The report: one HTML page that needs no network, made of a result and nothing else."""

from pathlib import Path
from typing import Any

from trackmac.errors import InputError
from trackmac.report import designs, quantities
from trackmac.report.evidence import evidence_text
from trackmac.report.floorplan_svg import floorplan_svg
from trackmac.report.front_plot import front_plot
from trackmac.results import ExplorationResult

PAGE = "page.html"


def write_report(result: ExplorationResult, path: Path) -> None:
    """Write the report of an exploration as one self-contained HTML page.

    Raises:
        InputError: `path` cannot be written.
    """
    page = render_report(result)
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another folder") from None


def render_report(result: ExplorationResult) -> str:
    """Return the report as HTML; every text that came from a file is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=PackageLoader("trackmac.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_filters())
    style, _, _ = environment.loader.get_source(environment, "page.css")  # type: ignore[union-attr]
    return environment.get_template(PAGE).render(
        result=result,
        design=designs.chosen(result),
        evaluation=result.best_evaluation,
        drawing=Markup(floorplan_svg(result.best_floorplan)) if result.best_floorplan else None,
        plot=front_plot(result),
        plotly_js=Markup(get_plotlyjs()),
        style=Markup(style),
        roles=designs.roles,
        energy=quantities.energy,
        duration=quantities.duration,
        area=quantities.area,
    )


def _filters() -> dict[str, Any]:
    return {
        "energy": quantities.energy,
        "duration": quantities.duration,
        "area": quantities.area,
        "power": quantities.power,
        "power_density": quantities.power_density,
        "accuracy": quantities.fraction,
        "ratio": quantities.ratio,
        "count": quantities.count,
        "evidence": evidence_text,
        "digits": quantities.digits,
        "words": quantities.words,
        "hardware_label": designs.hardware_label,
        "technology": designs.technology_of,
        "verdict": designs.verdict,
        "budget": designs.budget_text,
    }
