import numpy as np
import pytest

from trackmac.arrays import load_hardware
from trackmac.errors import InputError, UnmappableError
from trackmac.exploration.spaces import NetworkSpace
from trackmac.exploration.study import StudyFile
from trackmac.exploration.trial import Trainer, cached_dataset
from trackmac.exploration.verification import simulate
from trackmac.networks import IntegerNetwork


@pytest.fixture
def network(study: StudyFile, untrained: Trainer) -> IntegerNetwork:
    space = NetworkSpace(file=study.network_space, input_shape=(1, 8, 8), classes=10)
    return untrained(space.architecture(space.numbered(70)), "digits", 1, None).network


def test_both_roads_agree_and_the_logits_are_those_of_integer_arithmetic(network: IntegerNetwork) -> None:
    dataset = cached_dataset("digits")
    images, labels = dataset.test_images[:3], dataset.test_labels[:3]
    told: list[float] = []

    result = simulate(network, "tiny", images, labels, on_progress=told.append)

    assert result.mismatches == 0
    assert result.events == result.predicted_events
    assert result.events["writes"] > 0
    assert np.array(result.integer_logits).tolist() == network.logits(images).tolist()
    assert list(result.predictions) == network.predict(images).tolist()
    assert result.accuracy == float((network.predict(images) == labels).mean())
    assert told[-1] == 1.0


def test_accuracy_is_unknown_without_labels(network: IntegerNetwork) -> None:
    images = cached_dataset("digits").test_images[:1]

    assert simulate(network, "tiny", images).accuracy is None


def test_the_technology_decides_the_costs_and_not_the_result(network: IntegerNetwork) -> None:
    images = cached_dataset("digits").test_images[:1]

    ours, others = (simulate(network, "tiny", images, technology=name) for name in ("spimulator-2025", None))

    assert ours.integer_logits == others.integer_logits


def test_labels_of_another_number_are_refused(network: IntegerNetwork) -> None:
    dataset = cached_dataset("digits")

    with pytest.raises(InputError, match="labels must be one for each image, but 2 images have 3"):
        simulate(network, "tiny", dataset.test_images[:2], dataset.test_labels[:3])


def test_a_network_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UnmappableError, match="tiny"):
        simulate("lenet5", load_hardware("tiny"), np.zeros((1, 28, 28), dtype=np.uint8))
