"""What is shown of all designs: the exact front, its thinned form, the knee, and the best within the budget."""

from dataclasses import dataclass

import numpy as np

from trackmac.bits import IntArray
from trackmac.exploration.hardware_search import Candidates, front_of, joined
from trackmac.exploration.network_search import NetworkSearch
from trackmac.exploration.pareto import Mask, epsilon_front, knee
from trackmac.exploration.study import StudyFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The exact front in its order, and places in it: which designs are shown, and which of them stand out."""

    exact: Candidates
    shown: IntArray
    knee: int
    best: int | None


def select(study: StudyFile, found: NetworkSearch) -> Selection:
    """Choose among all designs of all trials; technologies are never compared with one another.

    The knee and the best design are those of the first technology that has any, in the study's order. No design outside
    the exact front can be better than one on it within the budget, because limits are on objectives alone.
    """
    fronts = joined([search.front for search in found.searches.values()])
    exact = _ordered(front_of(fronts, study.objectives))
    shown = np.zeros(len(exact), dtype=np.bool_)
    for number in np.unique(exact.technology):
        index = np.flatnonzero(exact.technology == number)
        shown[index[_thinned(exact.taken(index), study)]] = True
    best = _best(exact, study)
    if best is not None:
        shown[best] = True
    places = np.flatnonzero(shown)
    first = places[exact.technology[places] == exact.technology[0]]
    return Selection(exact=exact, shown=places, knee=int(first[_knee(exact.taken(first), study)]), best=best)


def within_budget(designs: Candidates, study: StudyFile) -> Mask:
    """Return which designs keep every limit of the study's budget."""
    kept = np.ones(len(designs), dtype=np.bool_)
    for limit, value in study.constraints.given().items():
        side, objective = limit.split("_", 1)
        actual = getattr(designs, objective)
        kept &= actual >= value if side == "min" else actual <= value
    return kept


def least_product(designs: Candidates, study: StudyFile) -> int:
    """Return the design of the least product of the cost objectives; of equal ones the first by trial and point."""
    return int(np.lexsort((designs.point, designs.trial, designs.product(study.cost_objectives)))[0])


def _ordered(designs: Candidates) -> Candidates:
    """Sort by technology, the most accurate first, then by energy, latency, area, trial and point."""
    keys = (designs.point, designs.trial, designs.area_um2, designs.latency_ns, designs.energy_pj, -designs.accuracy)
    return designs.taken(np.lexsort((*keys, designs.technology)))


def _thinned(front: Candidates, study: StudyFile) -> Mask:
    return epsilon_front(front.costs(study.cost_objectives), front.costs(["accuracy"]), study.front_resolution)


def _knee(front: Candidates, study: StudyFile) -> int:
    """Compare costs by their logarithms: they span orders of magnitude, and a halving is worth the same anywhere."""
    logs = np.log10(front.costs(study.cost_objectives))
    return knee(np.hstack([front.costs(["accuracy"]), logs]))


def _best(exact: Candidates, study: StudyFile) -> int | None:
    allowed = np.flatnonzero(within_budget(exact, study))
    if not len(allowed):
        return None
    allowed = allowed[exact.technology[allowed] == exact.technology[allowed].min()]
    return int(allowed[least_product(exact.taken(allowed), study)])
