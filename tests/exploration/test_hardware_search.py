import numpy as np
import pytest

from trackmac.arrays import grid_of
from trackmac.exploration.hardware_search import front_of, search_hardware
from trackmac.exploration.spaces import NetworkSpace, hardware_at, hardware_slabs
from trackmac.exploration.study import StudyFile
from trackmac.exploration.trial import Trainer
from trackmac.mapping import stages_of
from trackmac.models.grid_costs import grid_costs
from trackmac.networks import IntegerNetwork, layer_shapes

ROUNDING = 1e-9  # one point alone and the whole grid may differ in the last bit
COSTS = ("energy_pj", "latency_ns", "area_um2")


@pytest.fixture
def network(study: StudyFile, untrained: Trainer) -> IntegerNetwork:
    space = NetworkSpace(file=study.network_space, input_shape=(1, 8, 8), classes=10)
    return untrained(space.architecture(space.numbered(70)), "digits", 1, None).network


def test_no_point_is_missed_and_no_point_on_the_front_is_dominated(study: StudyFile, network: IntegerNetwork) -> None:
    technologies = study.technologies()
    slabs = hardware_slabs(study.space, technologies)
    stages = stages_of(layer_shapes(network))

    search = search_hardware(network, 4, 0.9, slabs, study.objectives)

    feasible: dict[tuple[int, int], tuple[float, ...]] = {}
    for point in range(search.points):
        hardware = hardware_at(slabs, point)
        number = study.space.technologies.index(hardware.technology)
        alone = grid_costs(stages, grid_of([hardware], technologies[number]))
        if alone.is_feasible[0]:
            feasible[number, point] = tuple(float(getattr(alone, name)[0]) for name in COSTS)
    assert search.feasible_points == len(feasible)
    front = {(int(search.front.technology[i]), int(search.front.point[i])) for i in range(len(search.front))}
    assert front <= feasible.keys()
    for (technology, point), costs in feasible.items():
        rivals = np.array([feasible[place] for place in front if place[0] == technology])
        assert (rivals <= np.array(costs) * (1 + ROUNDING)).all(axis=1).any(), "some design of the front is as good"
        if (technology, point) in front:
            others = np.array([other for place, other in feasible.items() if place[0] == technology])
            assert not (others < np.array(costs) * (1 - ROUNDING)).all(axis=1).any(), "no design is better in all"


def test_designs_of_different_technologies_are_not_compared(study: StudyFile, network: IntegerNetwork) -> None:
    slabs = hardware_slabs(study.space, study.technologies())
    front = search_hardware(network, 0, 0.9, slabs, study.objectives).front

    merged = front_of(front, study.objectives)

    assert set(merged.technology) == {0, 1}
    assert len(merged) == len(front)


def test_accuracy_counts_against_cost(study: StudyFile, network: IntegerNetwork) -> None:
    slabs = hardware_slabs(study.space, study.technologies())
    front = search_hardware(network, 0, 0.9, slabs, study.objectives).front

    np.testing.assert_array_equal(front.costs(["accuracy"])[:, 0], -0.9)
    np.testing.assert_allclose(front.product(("energy_pj", "area_um2")), np.log10(front.energy_pj * front.area_um2))
