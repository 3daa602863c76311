import gzip
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from trackmac.errors import InputError
from trackmac.training.augmentation import Augmentation, augmented
from trackmac.training.datasets import load_dataset, load_images

SHARED = Path(os.environ.get("TRACKMAC_DATA", "../shared/data"))


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for local data."""
    monkeypatch.setenv("TRACKMAC_DATA", str(tmp_path))
    return tmp_path


def test_mnist_is_read_from_the_folder_that_the_environment_names(nowhere: Path) -> None:
    (nowhere / "mnist").mkdir()
    pixels, labels = np.arange(40 * 6, dtype=np.uint8).reshape(40, 2, 3), (np.arange(40) % 2).astype(np.uint8)
    for part in ("train", "t10k"):
        for kind, array in (("images-idx3", pixels), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
            (nowhere / "mnist" / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))

    images, _ = load_images("mnist")

    np.testing.assert_array_equal(images, pixels)
    assert load_dataset("mnist").augmentation is Augmentation.SHIFT


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_what_cannot_be_fetched_is_refused_with_the_way_out(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.create_connection", fail)

    with pytest.raises(InputError, match=rf"data '{name}': is not in .* \(no network\); put it there, or set"):
        load_dataset(name)


def test_cifar10_is_fetched_where_there_are_no_files(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, size=(50, 3072))
    called: dict[str, Any] = {}

    def fetch(name: str, **options: Any) -> SimpleNamespace:
        called.update(options, name=name)
        return SimpleNamespace(data=pixels, target=np.array([str(i % 2) for i in range(50)]))

    monkeypatch.setattr("trackmac.training.named_data.refuse_offline", lambda: None)
    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)

    dataset = load_dataset("cifar10")

    assert (called["name"], called["data_home"]) == ("CIFAR_10", str(nowhere / "openml"))
    assert dataset.input_shape == (3, 32, 32)
    found = {image.transpose(2, 0, 1).tobytes() for image in dataset.test_images}
    assert found < {row.astype(np.uint8).tobytes() for row in pixels}


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "cifar10_jpeg.zip").is_file(), reason="needs ../shared/data/cifar10_jpeg.zip")
def test_the_first_images_of_cifar10_are_of_all_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKMAC_DATA", str(SHARED))

    images, labels = load_images("cifar10")

    assert images.shape == (10_000, 32, 32, 3)
    assert labels is not None
    assert labels[:10].tolist() == list(range(10))


def test_shifted_images_are_the_old_ones_elsewhere() -> None:
    images = np.zeros((50, 16, 16, 3), dtype=np.uint8)
    images[:, 8, 3] = 200

    shifted = augmented(images, Augmentation.SHIFT, np.random.default_rng(0))
    flipped = augmented(images, Augmentation.FLIP, np.random.default_rng(0))

    rows, columns = np.nonzero(shifted[..., 0])[1:]
    assert len(rows) == 50
    assert set(rows - 8) == set(columns - 3) == {-2, -1, 0, 1, 2}
    assert set(np.nonzero(flipped[..., 0])[2] - 3) == {-2, -1, 0, 1, 2, 7, 8, 9, 10, 11}
    assert augmented(images, Augmentation.NONE, np.random.default_rng(0)) is images
