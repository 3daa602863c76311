import itertools

import pytest

from trackmac.errors import UnmappableError
from trackmac.exploration.hardware_search import refuse_unmappable
from trackmac.exploration.lightest import lightest_networks
from trackmac.exploration.space_files import HardwareSpaceFile
from trackmac.exploration.spaces import NetworkSpace, hardware_at, hardware_slabs
from trackmac.exploration.study import StudyFile
from trackmac.networks import layer_shapes


@pytest.fixture
def space(study: StudyFile) -> NetworkSpace:
    return NetworkSpace(file=study.network_space, input_shape=(1, 8, 8), classes=10)


def test_every_architecture_has_one_number(space: NetworkSpace) -> None:
    count = space.file.architectures()

    architectures = [space.architecture(space.numbered(index)) for index in range(count)]

    assert count == (3 + 9) * 2 * 2 * 2
    assert len(set(architectures)) == count


def test_every_combination_of_parameters_is_an_architecture_of_the_space(space: NetworkSpace) -> None:
    sizes = space.dimensions()
    combinations = itertools.product(*(range(size) for size in sizes.values()))

    found = {space.architecture(dict(zip(sizes, choice, strict=True))) for choice in combinations}

    assert found == {space.architecture(space.numbered(index)) for index in range(space.file.architectures())}


def test_parameters_name_choices_in_sorted_order(study: StudyFile) -> None:
    file = study.network_space.model_copy(update={"channels": (3, 1, 2)})
    space = NetworkSpace(file=file, input_shape=(1, 8, 8), classes=10)
    parameters = dict.fromkeys(space.dimensions(), 0) | {"depth": 1, "channels_1": 2, "channels_2": 1}

    assert space.architecture(parameters).channels == (3, 2)


def test_slabs_are_every_combination_that_can_be_built(study: StudyFile) -> None:
    space: HardwareSpaceFile = study.space

    slabs = hardware_slabs(space, study.technologies())

    built = [hardware_at(slabs, slab.first_point + i) for slab in slabs for i in range(len(slab.grid))]
    points = {(h.technology, h.circuit, h.layout, h.domains, h.ports, h.tracks, h.mats_per_bank) for h in built}
    everything = itertools.product(
        space.technologies, space.circuits, space.layouts, space.domains, space.ports, space.tracks, space.mats_per_bank
    )
    assert points == {point for point in everything if point[3] % point[4] == 0}
    assert len(points) == len(built)
    assert [hardware.name for hardware in built] == [f"h{number:05d}" for number in range(len(built))]


def test_ports_that_only_read_are_a_dimension_of_their_own(study: StudyFile) -> None:
    space = study.space.model_copy(update={"ports": (1, 2), "read_ports": (0, 2), "domains": (32,)})

    slabs = hardware_slabs(space, study.technologies())

    built = [hardware_at(slabs, slab.first_point + i) for slab in slabs for i in range(len(slab.grid))]
    assert {hardware.port_layout.label for hardware in built} == {"1RW", "2RW", "2RW+2R"}  # 1 + 2 do not divide 32
    assert (
        space.points_at_most()
        == 2 * study.space.model_copy(update={"ports": (1, 2), "domains": (32,)}).points_at_most()
    )


def test_a_circuit_is_combined_only_with_layouts_that_it_has(study: StudyFile) -> None:
    space = study.space.model_copy(update={"circuits": ("magnetic_mac", "shift_add_mac")})

    designs = {(slab.grid.circuit, str(slab.grid.layout)) for slab in hardware_slabs(space, study.technologies())}

    assert designs == {("magnetic_mac", "along"), ("shift_add_mac", "along"), ("shift_add_mac", "across")}


def test_dataflows_are_combined_with_every_design_in_slabs_of_their_own(study: StudyFile) -> None:
    space = study.space.model_copy(update={"dataflows": ("weight-stationary", "output-stationary")})

    slabs = hardware_slabs(space, study.technologies())

    assert space.points_at_most() == 2 * study.space.points_at_most()
    built = [hardware_at(slabs, slab.first_point) for slab in slabs]
    found = [(hardware.technology, hardware.circuit, hardware.layout, hardware.dataflow) for hardware in built]
    assert len(set(found)) == len(found) == 2 * len({design[:3] for design in found})


def test_the_lightest_networks_have_the_least_of_everything(study: StudyFile) -> None:
    networks = list(lightest_networks(study.network_space, (1, 8, 8), 10))

    assert [network.name for network in networks] == ["c1k1w2a2", "c1-1k1w2a2"]
    assert layer_shapes(networks[1])[-1].output_shape == (10,)


def test_hardware_that_can_run_nothing_is_refused_before_any_training(study: StudyFile) -> None:
    space = study.space.model_copy(update={"tracks": (1,)})
    slabs = hardware_slabs(space, study.technologies())

    with pytest.raises(UnmappableError, match=r"no point of hardware_space can run a network.*tracks to work"):
        refuse_unmappable(lightest_networks(study.network_space, (1, 8, 8), 10), slabs)


def test_hardware_that_can_run_something_is_accepted(study: StudyFile) -> None:
    slabs = hardware_slabs(study.space, study.technologies())

    refuse_unmappable(lightest_networks(study.network_space, (1, 8, 8), 10), slabs)

    assert slabs
