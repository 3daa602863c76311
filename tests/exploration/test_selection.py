from collections.abc import Sequence
from typing import Any

import numpy as np

from trackmac.exploration.hardware_search import Candidates, HardwareSearch
from trackmac.exploration.network_search import NetworkSearch
from trackmac.exploration.selection import Selection, select, within_budget
from trackmac.exploration.study import StudyFile

# trial, technology, accuracy, energy, latency, area
DESIGNS = [
    (0, 0, 0.90, 10.0, 10.0, 10.0),
    (0, 0, 0.90, 5.0, 40.0, 10.0),
    (1, 0, 0.95, 10.0, 10.0, 12.0),
    (2, 0, 0.85, 11.0, 11.0, 11.0),  # dominated by the first
    (0, 1, 0.90, 1.0, 1.0, 1.0),  # another technology: cheap figures, no rival
    (1, 1, 0.95, 2.0, 2.0, 2.0),
]


def candidates(rows: Sequence[tuple[float, ...]]) -> Candidates:
    trial, technology, accuracy, energy, latency, area = (np.array(column) for column in zip(*rows, strict=True))
    return Candidates(
        trial=trial.astype(np.int64),
        point=np.arange(len(rows)),
        technology=technology.astype(np.int64),
        accuracy=accuracy,
        energy_pj=energy,
        dynamic_energy_pj=energy,
        latency_ns=latency,
        area_um2=area,
    )


def selected(study: StudyFile, rows: Sequence[tuple[float, ...]], **changes: Any) -> Selection:
    search = HardwareSearch(front=candidates(rows), points=len(rows), feasible_points=len(rows))
    found = NetworkSearch(searches={0: search}, trials_run=1, trials_reused=0)
    return select(study.changed({"front_resolution": 0.0, **changes}), found)


def test_the_front_is_exact_and_ordered_by_technology_and_accuracy(study: StudyFile) -> None:
    chosen = selected(study, DESIGNS)

    assert chosen.exact.point.tolist() == [2, 1, 0, 5, 4]
    assert chosen.shown.tolist() == [0, 1, 2, 3, 4]


def test_the_best_design_is_the_least_product_in_the_first_technology(study: StudyFile) -> None:
    chosen = selected(study, DESIGNS)

    assert chosen.best is not None
    assert chosen.exact.point[chosen.best] == 0


def test_the_best_design_keeps_every_limit(study: StudyFile) -> None:
    chosen = selected(study, DESIGNS, constraints={"min_accuracy": 0.95, "max_area_um2": 12.0})

    assert chosen.best is not None
    assert chosen.exact.point[chosen.best] == 2


def test_a_budget_that_only_a_later_technology_keeps_is_kept_there(study: StudyFile) -> None:
    chosen = selected(study, DESIGNS, constraints={"max_energy_pj": 2.0})

    assert chosen.best is not None
    assert chosen.exact.point[chosen.best] == 4


def test_a_budget_that_nothing_keeps_has_no_best_design(study: StudyFile) -> None:
    assert selected(study, DESIGNS, constraints={"max_energy_pj": 0.5}).best is None


def test_a_limit_is_kept_at_the_limit(study: StudyFile) -> None:
    designs = candidates(DESIGNS)
    limits = {"min_accuracy": 0.9, "max_energy_pj": 10.0, "max_latency_ns": 10.0, "max_area_um2": 10.0}

    kept = within_budget(designs, study.changed({"constraints": limits}))

    assert kept.tolist() == [True, False, False, False, True, True]


def test_the_knee_is_in_the_first_technology(study: StudyFile) -> None:
    chosen = selected(study, DESIGNS)

    assert chosen.exact.technology[chosen.knee] == 0


def test_the_best_design_is_shown_even_where_thinning_leaves_it_out(study: StudyFile) -> None:
    near = [(0, 0, 0.90, 10.0, 10.0, 10.2), (0, 0, 0.90, 10.1, 10.1, 10.1)]

    thinned = selected(study, near, front_resolution=1.0)
    limited = selected(study, near, front_resolution=1.0, constraints={"max_area_um2": 10.15})

    assert thinned.exact.point[thinned.shown].tolist() == [0]
    assert limited.exact.point[limited.shown].tolist() == [0, 1]
    assert limited.exact.point[limited.best or 0] == 1
