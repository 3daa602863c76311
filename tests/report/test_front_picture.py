from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trackmac.errors import InputError
from trackmac.report.figures import draw_front, write_front_picture
from trackmac.results import ExplorationResult


def test_a_png_is_written(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    path = tmp_path / "front.png"

    write_front_picture(exploration_result, path)

    assert path.read_bytes().startswith(b"\x89PNG")


def test_each_technology_has_a_panel_and_the_designs_are_marked(exploration_result: ExplorationResult) -> None:
    panels = draw_front(exploration_result).axes[:2]

    assert [panel.get_title(loc="left") for panel in panels] == ["rtsim-destiny-2017", "spimulator-2025"]
    assert {text.get_text() for text in panels[0].texts} == {"knee", "best", "baseline"}
    assert not panels[1].texts


def test_every_design_is_drawn(exploration_result: ExplorationResult) -> None:
    panels = draw_front(exploration_result).axes[:2]

    assert [np.shape(panel.collections[0].get_offsets()) for panel in panels] == [(8, 2), (8, 2)]


def test_the_same_result_gives_the_same_picture(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"

    write_front_picture(exploration_result, first)
    write_front_picture(exploration_result, second)

    assert first.read_bytes() == second.read_bytes()


def test_one_design_alone_can_be_drawn(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    alone = exploration_result.front[:1]
    result = replace(exploration_result, front=alone, knee=alone[0], best=None, baselines=())

    write_front_picture(result, tmp_path / "front.png")

    assert (tmp_path / "front.png").stat().st_size > 0


def test_another_ending_is_refused(exploration_result: ExplorationResult, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end in \.png or \.svg, not '\.gif'"):
        write_front_picture(exploration_result, tmp_path / "front.gif")
