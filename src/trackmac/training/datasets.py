"""Data sets: uint8 images with labels, split into train, validation and test parts that share no image.

A data set from outside is hostile until checked: sizes before memory is taken, shapes, dtypes, label counts.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.errors import FileFormatError, InputError, unknown_name
from trackmac.training.augmentation import Augmentation
from trackmac.training.class_folders import Progress, is_class_folder, read_class_folder, read_class_zip
from trackmac.training.image_files import Parts, read_idx_folder, read_npz
from trackmac.training.named_data import cifar10_parts, digits_parts, mnist_parts

SPLIT_SEED = 20260401  # of the shuffles below; part of every result, so it never changes
TEST_FRACTION = 0.2
VALIDATION_FRACTION = 0.2

Images = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Images [N, height, width] or [N, height, width, channels], with one label in 0..classes-1 for each."""

    name: str
    classes: int
    train_images: Images
    train_labels: IntArray
    validation_images: Images
    validation_labels: IntArray
    test_images: Images
    test_labels: IntArray
    augmentation: Augmentation = Augmentation.NONE
    """What its training images bear."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
        height, width = self.train_images.shape[1:3]
        channels = self.train_images.shape[3] if self.train_images.ndim == 4 else 1
        return channels, height, width


@dataclass(frozen=True, slots=True)
class NamedDataset:
    """A data set that is known by its name: where its parts come from."""

    summary: str
    input_shape: tuple[int, int, int]
    """Channels, height and width of one image."""
    parts: Callable[[str | None, Progress | None], Parts]
    """Reads them; given the name of a part, that one suffices."""
    augmentation: Augmentation = Augmentation.NONE


def load_dataset(data: str | Path, on_progress: Progress | None = None) -> Dataset:
    """Load a data set for training: a name in `DATASETS`, a folder of IDX files or of class folders, a zip, an .npz.

    The validation part is a stratified, shuffled `VALIDATION_FRACTION` of all that is not for testing. The test
    part is the one that came in files of its own, where there is one; otherwise a stratified `TEST_FRACTION`.

    Raises:
        InputError: no such data, or a file that is not what it should be.
    """
    if str(data) in DATASETS:
        named = DATASETS[str(data)]
        parts = named.parts(None, on_progress)
        assert parts.train is not None
        return split_dataset(str(data), *parts.train, test=parts.test, augmentation=named.augmentation)
    path = _existing(data)
    if path.suffix.lower() == ".npz" and path.is_file():
        images, labels = read_npz(path)
        if labels is None:
            raise FileFormatError(f"{path}: training needs labels, but the file has none; add an array 'labels'")
        return split_dataset(path.stem, images, labels)
    parts = _parts_of(path, None, on_progress)
    if parts.train is None:
        raise FileFormatError(f"{path}: training needs {_missing(path, 'train')}; add them")
    return split_dataset(path.stem, *parts.train, test=parts.test)


def load_images(data: str | Path, on_progress: Progress | None = None) -> tuple[Images, IntArray | None]:
    """Load images to run a network on, in file order, with their labels where there are any.

    They are the test part where the data have one of their own; otherwise that of a named data set, and all images of
    a folder, a zip or an .npz.

    Raises:
        InputError: no such data, or a file that is not what it should be.
    """
    if str(data) in DATASETS:
        parts = DATASETS[str(data)].parts("test", on_progress)
        if parts.test is not None:
            return parts.test
        dataset = load_dataset(data, on_progress)
        return dataset.test_images, dataset.test_labels
    path = _existing(data)
    if path.suffix.lower() == ".npz" and path.is_file():
        return read_npz(path)
    parts = _parts_of(path, "test", on_progress)
    if parts.test is not None:
        return parts.test
    if parts.train is None or not _has_classes(path):
        raise FileFormatError(f"{path}: the folder has no t10k-images and t10k-labels files; add them")
    return parts.train


def load_calibration_images(data: str | Path, on_progress: Progress | None = None) -> tuple[Images, IntArray | None]:
    """Load images to choose scales by: the training part where there is one, otherwise all.

    Raises:
        InputError: no such data, or a file that is not what it should be.
    """
    is_npz = Path(data).suffix.lower() == ".npz"
    if str(data) not in DATASETS and is_npz and _existing(data).is_file():
        return read_npz(Path(data))
    if str(data) in DATASETS:
        dataset = load_dataset(data, on_progress)
        return dataset.train_images, dataset.train_labels
    parts = _parts_of(_existing(data), "train", on_progress)
    found = parts.train or parts.test
    assert found is not None
    return found


def refuse_other_shape(data: str | Path, input_shape: tuple[int, int, int]) -> None:
    """Refuse a named data set whose images a network for `input_shape` cannot take, before it is loaded.

    Raises:
        InputError: with both shapes.
    """
    named = DATASETS.get(str(data))
    if named is not None and named.input_shape != input_shape:
        raise InputError(
            f"data {str(data)!r}: its images have shape {list(named.input_shape)}, but the network takes "
            f"{list(input_shape)}; choose other data or another network"
        )


def split_dataset(
    name: str,
    images: Images,
    labels: IntArray,
    test: tuple[Images, IntArray] | None = None,
    augmentation: Augmentation = Augmentation.NONE,
) -> Dataset:
    """Split off a validation part, and a test part where `test` is not given: stratified, shuffled, always alike.

    Raises:
        InputError: a class has too few images to stand in every part, or the test images differ in shape.
    """
    if labels.min() == labels.max():
        raise InputError(f"{name}: training needs 2 classes or more, but all images are of one; add others")
    rest = np.arange(len(labels))
    if test is None:
        rest, test_index = _stratified(rest, labels, TEST_FRACTION, name)
        # file order, so that the first N test images are the same for everyone
        test_index.sort()
        test = images[test_index], labels[test_index]
    elif test[0].shape[1:] != images.shape[1:]:
        raise InputError(
            f"{name}: training and test images must have one shape, but have {images.shape[1:]} and "
            f"{test[0].shape[1:]}; use images of one size"
        )
    validation_size = VALIDATION_FRACTION * len(labels) / len(rest)
    train, validation = _stratified(rest, labels, validation_size, name)
    return Dataset(
        name=name,
        classes=int(max(labels.max(), test[1].max())) + 1,
        train_images=images[train],
        train_labels=labels[train],
        validation_images=images[validation],
        validation_labels=labels[validation],
        test_images=test[0],
        test_labels=test[1],
        augmentation=augmentation,
    )


def _stratified(index: IntArray, labels: IntArray, fraction: float, name: str) -> tuple[IntArray, IntArray]:
    sizes = np.unique(labels[index], return_counts=True)[1]
    smaller = min(math.ceil(fraction * len(index)), len(index) - math.ceil(fraction * len(index)))
    if sizes.min() < 2 or smaller < len(sizes):
        raise InputError(
            f"{name}: {len(index)} images are too few to split with every class in every part; give more of each class"
        )
    from sklearn.model_selection import train_test_split

    kept, split_off = train_test_split(
        index, test_size=fraction, random_state=SPLIT_SEED, stratify=labels[index], shuffle=True
    )
    return kept, split_off


def _existing(data: str | Path) -> Path:
    path = Path(data)
    if not path.exists():
        if path.suffix or len(path.parts) > 1:
            raise InputError(f"data {str(data)!r}: no such file or folder; correct the path or use {_known()}")
        raise unknown_name("data set", str(data), DATASETS)
    if not path.is_dir() and not path.is_file():
        raise InputError(f"data {str(data)!r}: must be a file or a folder, but is neither; correct the path")
    return path


def _parts_of(path: Path, part: str | None, on_progress: Progress | None) -> Parts:
    if path.is_file():
        return read_class_zip(path, part, on_progress)
    return read_class_folder(path, part, on_progress) if is_class_folder(path) else read_idx_folder(path)


def _has_classes(path: Path) -> bool:
    return path.is_file() or is_class_folder(path)


def _missing(path: Path, part: str) -> str:
    return f"a folder {part!r}" if _has_classes(path) else f"{part}-images and {part}-labels files"


def _known() -> str:
    return " or ".join(sorted(DATASETS))


DATASETS = {
    "digits": NamedDataset(
        "1,797 handwritten digits, 8x8 grey, 10 classes; comes with scikit-learn", (1, 8, 8), digits_parts
    ),
    "mnist": NamedDataset(
        "70,000 handwritten digits, 28x28 grey, 10 classes; from data/mnist, otherwise from openml.org",
        (1, 28, 28),
        mnist_parts,
        Augmentation.SHIFT,
    ),
    "cifar10": NamedDataset(
        "60,000 photographs, 32x32 in colour, 10 classes; from data/cifar10[.zip], otherwise from openml.org",
        (3, 32, 32),
        cifar10_parts,
        Augmentation.FLIP,
    ),
}
