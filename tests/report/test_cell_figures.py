from pathlib import Path

import numpy as np
import pytest

from trackmac.report.cell_figures import margin_edges_mv, save_margins, save_waveforms


@pytest.mark.parametrize("count", [1, 2, 5])
def test_margins_of_any_number_of_points_are_drawn(tmp_path: Path, count: int) -> None:
    margins = {f"point {index}": np.linspace(-0.01, 0.05, 20) for index in range(count)}

    save_margins(tmp_path / "margins.png", margins)

    assert (tmp_path / "margins.png").read_bytes().startswith(b"\x89PNG")


def test_waveforms_are_drawn_one_below_the_other(tmp_path: Path) -> None:
    time_ns = np.linspace(0, 1, 50)

    save_waveforms(tmp_path / "one.png", "not", time_ns, {"a": time_ns})
    save_waveforms(tmp_path / "two.png", "not", time_ns, {"a": time_ns, "out": 1 - time_ns})

    assert (tmp_path / "two.png").stat().st_size > (tmp_path / "one.png").stat().st_size


def test_bins_of_all_points_are_of_one_width_with_an_edge_at_0() -> None:
    margins = [np.array([-0.013, 0.02]), np.array([0.001, 0.0995])]

    edges = margin_edges_mv(margins)

    assert np.diff(edges) == pytest.approx(np.diff(edges)[0])
    assert np.abs(edges).min() == pytest.approx(0, abs=1e-9)
    assert edges[0] <= -13
    assert edges[-1] >= 99.5
    assert len(margin_edges_mv([np.zeros(3)])) >= 2
