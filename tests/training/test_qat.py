from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from trackmac.errors import InputError
from trackmac.networks.layers import Conv2d, Linear, Requantize
from trackmac.networks.shapes import layer_shapes
from trackmac.networks.zoo import ZOO
from trackmac.networks.zoo.lenet5 import lenet5
from trackmac.training.architecture import CnnArchitecture, architecture_named
from trackmac.training.augmentation import Augmentation
from trackmac.training.datasets import Dataset, load_dataset, split_dataset
from trackmac.training.export import export_difference, export_network
from trackmac.training.loop import real_input
from trackmac.training.modules import float_module, quantized_module, update_bias_grids
from trackmac.training.qat import TARGET_STEPS, accuracy, default_epochs, default_learning_rate, train_network


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


def cnn(bits: int, *channels: int, hidden: int = 0, activation_bits: int | None = None) -> CnnArchitecture:
    return CnnArchitecture(
        channels=channels,
        kernel=3,
        hidden=hidden,
        weight_bits=bits,
        activation_bits=activation_bits or bits,
        input_shape=(1, 8, 8),
        classes=10,
    )


@pytest.mark.parametrize(("weight_bits", "activation_bits"), [(2, 2), (3, 6), (4, 4), (8, 3), (8, 8)])
def test_the_integer_network_equals_brevitas_on_every_test_image(
    digits: Dataset, weight_bits: int, activation_bits: int
) -> None:
    result = train_network(cnn(weight_bits, 4, 6, hidden=8, activation_bits=activation_bits), digits, seed=1, epochs=3)

    assert result.export_difference == 0.0
    assert result.network.is_trained
    assert len(np.unique(result.network.logits(digits.test_images))) > 10


def test_export_finds_a_single_step_of_difference(digits: Dataset) -> None:
    architecture = cnn(4, 4)
    torch.manual_seed(0)
    module = quantized_module(float_module(architecture).eval(), architecture)
    module(real_input(digits.train_images[:64]))
    update_bias_grids(module)
    network = export_network(module, architecture)

    assert export_difference(module, network, digits.test_images) == 0.0
    last = network.layers[-1]
    assert isinstance(last, Linear)
    other = Linear(
        name=last.name,
        weights=last.weights,
        bias=last.bias + np.eye(10, dtype=np.int64)[3],
        weight_format=last.weight_format,
        weight_exponent=last.weight_exponent,
    )
    changed = type(network)(
        name="changed",
        input_shape=network.input_shape,
        input_format=network.input_format,
        input_exponent=network.input_exponent,
        layers=(*network.layers[:-1], other),
        classes=10,
        is_trained=True,
    )
    assert export_difference(module, changed, digits.test_images) == 2.0**network.logit_exponent


def test_the_same_seed_gives_the_same_network_and_another_seed_another(digits: Dataset) -> None:
    first = train_network(cnn(4, 4), digits, seed=7, epochs=2)
    torch.rand(5)
    again = train_network(cnn(4, 4), digits, seed=7, epochs=2)
    other = train_network(cnn(4, 4), digits, seed=8, epochs=2)

    assert again.network == first.network
    assert again.validation_accuracy == first.validation_accuracy
    assert other.network != first.network


def test_training_leaves_the_callers_random_numbers_and_settings_alone(digits: Dataset) -> None:
    threads = torch.get_num_threads()
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002 - the global state is what this test is about
    expected = torch.rand(4).tolist(), np.random.rand(4).tolist()  # noqa: NPY002

    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    train_network(cnn(4, 4), digits, seed=1, epochs=1)

    assert (torch.rand(4).tolist(), np.random.rand(4).tolist()) == expected  # noqa: NPY002
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()


def test_training_reports_every_epoch_and_learns(digits: Dataset) -> None:
    calls: list[tuple[int, int, float]] = []

    result = train_network(cnn(4, 6), digits, seed=1, epochs=4, on_progress=lambda *call: calls.append(call))

    assert [call[:2] for call in calls] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert result.epochs == 4
    assert result.validation_accuracy == accuracy(result.network, digits.validation_images, digits.validation_labels)
    assert result.validation_accuracy > 0.6  # chance is 0.1


def test_widths_given_replace_the_architectures(digits: Dataset) -> None:
    network = train_network(cnn(4, 4), digits, weight_bits=3, activation_bits=5, epochs=1).network

    assert network.name == "c4k3w3a5"
    assert network.input_format.bits == 5
    assert {layer.weight_format.bits for layer in network.layers if isinstance(layer, Conv2d | Linear)} == {3}
    assert {layer.output_format.bits for layer in network.layers if isinstance(layer, Requantize)} == {5}


def test_lenet5_trains_on_digits(digits: Dataset) -> None:
    result = train_network("lenet5", digits, weight_bits=4, activation_bits=4, epochs=1)

    assert result.network.name == "lenet5-8x8-w4a4"
    assert result.export_difference == 0.0


def test_the_trained_lenet5_has_the_shapes_of_the_zoos() -> None:
    architecture = architecture_named("lenet5", (1, 28, 28), 10)
    images = np.random.default_rng(0).integers(0, 256, size=(64, 28, 28), dtype=np.uint8)
    torch.manual_seed(0)
    module = quantized_module(float_module(architecture).eval(), architecture)
    module(real_input(images))
    update_bias_grids(module)

    ours = layer_shapes(export_network(module, architecture))

    expected = layer_shapes(lenet5())
    assert [shape.kind for shape in ours] == [shape.kind for shape in expected]
    assert [shape.output_shape for shape in ours] == [shape.output_shape for shape in expected]
    assert sum(shape.macs for shape in ours) == 416_520


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("resnet8", (3, 16, 16)),
        ("resnet8", (1, 28, 28)),
        ("ds-cnn", (1, 49, 10)),
        pytest.param("mobilenetv2", (3, 32, 32), marks=pytest.mark.slow),
    ],
)
def test_residuals_depthwise_and_averages_are_exported_exactly(name: str, shape: tuple[int, int, int]) -> None:
    channels, height, width = shape
    images = np.random.default_rng(0).integers(0, 256, size=(30, height, width, channels), dtype=np.uint8)
    dataset = split_dataset("random", images, np.arange(30) % 3)

    result = train_network(name, dataset, weight_bits=4, activation_bits=4, epochs=2)

    assert result.export_difference == 0.0
    assert [layer.name for layer in result.network.layers] == [layer.name for layer in ZOO[name].build().layers]
    assert len(np.unique(result.network.logits(images))) > 3


class KilledError(Exception):
    pass


@pytest.mark.parametrize("patience", [None, 2])
@pytest.mark.parametrize("epochs_done", [1, 3, 4])
def test_a_killed_training_resumes_to_the_same_network(
    digits: Dataset, tmp_path: Path, epochs_done: int, patience: int | None
) -> None:
    def kill(done: int, total: int, loss: float) -> None:
        if done == epochs_done:
            raise KilledError

    plan: dict[str, Any] = {"epochs": 5, "patience": patience, "augmentation": Augmentation.SHIFT}
    checkpoint = tmp_path / "net.checkpoint"
    with pytest.raises(KilledError):
        train_network(cnn(3, 4), digits, **plan, checkpoint=checkpoint, on_progress=kill)
    calls: list[int] = []
    resumed = train_network(
        cnn(3, 4), digits, **plan, checkpoint=checkpoint, is_resumed=True,
        on_progress=lambda done, total, loss: calls.append(done),
    )  # fmt: skip

    assert resumed.network == train_network(cnn(3, 4), digits, **plan).network
    assert calls[0] == epochs_done + 1


def test_a_checkpoint_of_another_training_is_refused(digits: Dataset, tmp_path: Path) -> None:
    checkpoint = tmp_path / "net.checkpoint"
    train_network(cnn(3, 4), digits, epochs=2, checkpoint=checkpoint)

    with pytest.raises(InputError, match="is of another training: its seed is '0', not '1'"):
        train_network(cnn(3, 4), digits, epochs=2, seed=1, checkpoint=checkpoint, is_resumed=True)
    with pytest.raises(InputError, match="is of another training: its network is 'c4k3w3a3', not 'c4k3w4a4'"):
        train_network(cnn(4, 4), digits, epochs=2, checkpoint=checkpoint, is_resumed=True)


def test_what_is_no_checkpoint_is_refused_and_nothing_in_it_is_unpickled(digits: Dataset, tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "unpickled",)

    checkpoint = tmp_path / "net.checkpoint"
    with pytest.raises(InputError, match="no such checkpoint"):
        train_network(cnn(3, 4), digits, checkpoint=checkpoint, is_resumed=True)
    torch.save({"format": Hostile()}, checkpoint)
    with pytest.raises(InputError, match="cannot be read as a checkpoint"):
        train_network(cnn(3, 4), digits, checkpoint=checkpoint, is_resumed=True)
    assert not (tmp_path / "unpickled").exists()
    checkpoint.write_bytes(b"text")
    with pytest.raises(InputError, match="cannot be read as a checkpoint"):
        train_network(cnn(3, 4), digits, checkpoint=checkpoint, is_resumed=True)
    torch.save({"format": 3}, checkpoint)
    with pytest.raises(InputError, match="must be a checkpoint of trackmac train"):
        train_network(cnn(3, 4), digits, checkpoint=checkpoint, is_resumed=True)


def test_patience_ends_a_training_that_gets_no_better_and_takes_its_best_epoch(digits: Dataset) -> None:
    result = train_network(cnn(2, 2), digits, epochs=24, patience=1)

    assert 15 < result.epochs < 24
    assert result.export_difference == 0.0


def test_images_of_another_size_than_the_architectures_are_refused(digits: Dataset) -> None:
    with pytest.raises(InputError, match=r"lenet5-w8a8 is for images of \[1, 28, 28\] in 10 classes, but digits has"):
        train_network(architecture_named("lenet5", (1, 28, 28), 10), digits)


@pytest.mark.parametrize("epochs", [-1, 0, 10_001])
def test_epochs_out_of_range_are_refused(digits: Dataset, epochs: int) -> None:
    with pytest.raises(InputError, match=rf"epochs must be within 1\.\.10000, but are {epochs}"):
        train_network(cnn(4, 4), digits, epochs=epochs)


@pytest.mark.parametrize("seed", [-1, 1 << 63])
def test_a_seed_out_of_range_is_refused(digits: Dataset, seed: int) -> None:
    with pytest.raises(InputError, match=rf"a seed must be within 0\.\.2\^63-1, but is {seed}"):
        train_network(cnn(4, 4), digits, seed=seed)


def test_large_data_sets_get_fewer_epochs() -> None:
    assert default_epochs(1077) == 32
    assert default_epochs(19_200) == TARGET_STEPS // 300 == 10
    assert default_epochs(10_000_000) == 4


def test_many_quantised_steps_are_small_ones() -> None:
    assert default_learning_rate(200) == 0.01
    assert default_learning_rate(8000) == 0.001


@pytest.mark.parametrize("rate", [0.0, -1.0, 1.5, float("nan")])
def test_a_learning_rate_out_of_range_is_refused(digits: Dataset, rate: float) -> None:
    with pytest.raises(InputError, match="a learning rate must be above 0"):
        train_network(cnn(4, 4), digits, epochs=1, learning_rate=rate)


@pytest.mark.slow
@pytest.mark.parametrize(("bits", "floor"), [(2, 0.85), (3, 0.94), (4, 0.95), (6, 0.96), (8, 0.96)])
def test_fully_trained_networks_reach_the_accuracy_that_exploration_counts_on(
    digits: Dataset, bits: int, floor: float
) -> None:
    network = train_network(cnn(bits, 8, 16), digits, seed=0).network

    assert accuracy(network, digits.test_images, digits.test_labels) >= floor
