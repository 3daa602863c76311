"""A study made ready to run: everything that can be wrong is checked before anything long begins."""

from dataclasses import dataclass

from trackmac.exploration.hardware_search import refuse_unmappable
from trackmac.exploration.lightest import lightest_networks
from trackmac.exploration.spaces import HardwareSlab, NetworkSpace, hardware_slabs
from trackmac.exploration.study import StudyFile
from trackmac.exploration.trial import cached_dataset
from trackmac.technology import Technology
from trackmac.training.datasets import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySetup:
    """A study, its technologies, its data and its two spaces."""

    study: StudyFile
    technologies: tuple[Technology, ...]
    dataset: Dataset
    space: NetworkSpace
    slabs: tuple[HardwareSlab, ...]


def prepare(study: StudyFile) -> StudySetup:
    """Load what `study` names.

    Raises:
        InputError: data or technologies are missing or wrong, or no hardware can run any of the networks.
    """
    technologies = study.technologies()
    slabs = hardware_slabs(study.space, technologies)
    dataset = cached_dataset(study.dataset)
    space = NetworkSpace(file=study.network_space, input_shape=dataset.input_shape, classes=dataset.classes)
    refuse_unmappable(lightest_networks(space.file, space.input_shape, space.classes), slabs)
    return StudySetup(study=study, technologies=technologies, dataset=dataset, space=space, slabs=slabs)
