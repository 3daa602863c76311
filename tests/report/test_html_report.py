"""The page: what it says is in the result, and names from files stay text."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from trackmac.errors import InputError
from trackmac.report import quantities
from trackmac.report.front_plot import front_plot
from trackmac.report.html import render_report, write_report
from trackmac.results import Design, ExplorationResult

HOSTILE = "<script>alert('x')</script>&<b>"


class _Page(HTMLParser):
    """Collects text, tags and the addresses that a page would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] not in {"script", "style"}:
            self.texts.append(data)


@pytest.fixture(scope="module")
def page(exploration_result: ExplorationResult) -> _Page:
    return _Page(render_report(exploration_result))


def test_the_page_loads_nothing(page: _Page) -> None:
    assert page.addresses == []
    assert "iframe" not in page.tags
    assert "link" not in page.tags


def test_every_design_of_the_front_is_in_the_table(page: _Page, exploration_result: ExplorationResult) -> None:
    for design in exploration_result.front:
        assert f" {design.id} " in page.text
        assert f" {design.network} " in page.text


def test_the_headline_gives_study_data_seed_budget_and_best_design(page: _Page) -> None:
    assert "explored together on the data set digits , seed 0" in page.text
    assert "12 networks, each on every one of 1,536 hardware points" in page.text
    assert "within the budget (area ≤ 0.200 mm², accuracy ≥ 93.00 %) is the network c6-16k5h0w8a8" in page.text


def test_the_parts_of_each_breakdown_sum_to_the_total_shown(page: _Page, exploration_result: ExplorationResult) -> None:
    evaluation = exploration_result.best_evaluation
    assert evaluation is not None

    for key in ("energy_pj", "latency_ns", "area_um2"):
        assert sum(evaluation.breakdown[key].values()) == pytest.approx(getattr(evaluation.totals, key))
    for title in ("Energy of an image, by event", "Latency of an image, by phase", "Area, by part"):
        assert title in page.text
    assert "track shifts" in page.text
    assert "macro units" in page.text


def test_the_page_shows_the_schedule_of_the_chosen_design(exploration_result: ExplorationResult) -> None:
    shown = _Page(render_report(replace(exploration_result, best_schedule="conv  1 unit")))

    assert "Schedule conv 1 unit" in " ".join(shown.text.split())


def test_every_layer_of_the_chosen_design_is_in_the_table(page: _Page, exploration_result: ExplorationResult) -> None:
    assert exploration_result.best_evaluation is not None

    for layer in exploration_result.best_evaluation.layers:
        assert f" {layer.name} " in page.text


def test_every_device_figure_has_value_range_evidence_and_source(
    page: _Page, exploration_result: ExplorationResult
) -> None:
    for figure in exploration_result.figures:
        assert figure["key"] in page.text
        assert " ".join(figure["source"].split()) in page.text
    assumed = sum(figure["evidence"] == "assumed" for figure in exploration_result.figures)
    assert f"{assumed} of them are assumed" in page.text
    assert page.text.count(" assumed ") >= assumed


def test_the_baseline_is_shown_with_its_ratios(page: _Page) -> None:
    assert "magnetic_full_adder the classic magnetic adder" in page.text
    assert "2.50× 3.00× 1.10×" in page.text


def test_the_memories_beside_the_best_design_are_shown_with_their_assumptions(
    page: _Page, exploration_result: ExplorationResult
) -> None:
    evaluation = exploration_result.best_evaluation
    assert evaluation is not None
    assert len(evaluation.baselines) == 3
    for memory in evaluation.baselines:
        assert memory.description in page.text
        assert memory.assumptions[0] in page.text
    assert quantities.power_density(evaluation.totals.peak_power_density_w_per_cm2) in page.text


def test_the_notes_of_the_result_are_shown(page: _Page) -> None:
    assert "the budget leaves 3 designs" in page.text
    assert "without leakage" in page.text


def test_names_from_files_stay_text(exploration_result: ExplorationResult) -> None:
    hardware = {**exploration_result.front[0].hardware, "technology": HOSTILE, "circuit": HOSTILE}
    design = replace(exploration_result.front[0], id=HOSTILE, network=HOSTILE, hardware=hardware)
    hostile = replace(
        exploration_result,
        study=HOSTILE, dataset=HOSTILE, front=(design,), knee=design, best=design, notes=(HOSTILE,),
        baselines=(replace(exploration_result.baselines[0], name=HOSTILE, description=HOSTILE),),
        figures=({**exploration_result.figures[0], "source": HOSTILE},),
    )  # fmt: skip

    html = render_report(hostile)

    assert HOSTILE not in html
    assert "alert('x')</script>" not in html
    assert _Page(html).tags.count("script") == _Page(render_report(exploration_result)).tags.count("script")


def test_without_a_best_design_the_page_says_so(exploration_result: ExplorationResult) -> None:
    page = _Page(render_report(replace(exploration_result, best=None, baselines=(), best_evaluation=None)))

    assert "No design meets the budget" in page.text
    assert exploration_result.knee.network in page.text


def test_a_mismatch_is_shown(exploration_result: ExplorationResult) -> None:
    wrong = replace(exploration_result.front[0], mismatches=3, events_agree=False)

    page = _Page(render_report(replace(exploration_result, front=(wrong,), knee=wrong, best=wrong)))

    assert "10 images, 3 mismatches, EVENTS DISAGREE" in page.text


def test_an_unverified_design_is_called_that(exploration_result: ExplorationResult) -> None:
    open_one = replace(
        exploration_result.front[0], test_accuracy=None, verified_images=None, mismatches=None, events_agree=None
    )

    page = _Page(render_report(replace(exploration_result, front=(open_one,), knee=open_one, best=open_one)))

    assert "not verified" in page.text


def test_the_plot_has_every_design_once_and_its_marks(exploration_result: ExplorationResult) -> None:
    plot = front_plot(exploration_result)

    named = {trace["name"]: trace for trace in plot["data"]}
    assert set(named) == {"rtsim-destiny-2017", "spimulator-2025", "knee", "best", "baseline"}
    drawn = [x for name in ("rtsim-destiny-2017", "spimulator-2025") for x in named[name]["x"]]
    assert sorted(drawn) == pytest.approx(sorted(design.latency_ns * 1e-6 for design in exploration_result.front))
    assert named["best"]["x"] == pytest.approx([_best(exploration_result).latency_ns * 1e-6])
    assert named["knee"]["y"] == pytest.approx([exploration_result.knee.energy_pj * 1e-6])


def test_the_plot_in_the_page_is_json(exploration_result: ExplorationResult) -> None:
    html = render_report(exploration_result)

    found = re.search(r"^const plot = (.*);$", html, flags=re.MULTILINE)

    assert found is not None
    assert len(json.loads(found.group(1))["data"]) == 5


def test_a_folder_that_is_not_there_is_refused(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"report\.html: cannot be written \(No such file or directory\)"):
        write_report(exploration_result, tmp_path / "nowhere" / "report.html")


def _best(result: ExplorationResult) -> Design:
    assert result.best is not None
    return result.best


def test_the_chosen_design_is_drawn_to_scale(page: _Page, exploration_result: ExplorationResult) -> None:
    plan = exploration_result.best_floorplan
    assert plan is not None

    assert "Drawn to scale" in page.text
    assert page.tags.count("svg") == 1
    assert plan.title in page.text


def test_without_a_floorplan_nothing_is_drawn(exploration_result: ExplorationResult) -> None:
    page = _Page(render_report(replace(exploration_result, best_floorplan=None)))

    assert "Drawn to scale" not in page.text
    assert "svg" not in page.tags
