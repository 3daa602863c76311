import gzip
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.errors import InputError, UnknownNameError
from trackmac.training.datasets import Dataset, load_dataset, load_images, split_dataset

IMAGES = np.random.default_rng(0).integers(0, 256, size=(60, 4, 5), dtype=np.uint8)
LABELS: IntArray = np.arange(60) % 3


def idx(array: NDArray[np.uint8]) -> bytes:
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.tobytes()


@pytest.fixture
def idx_folder(tmp_path: Path) -> Path:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(IMAGES))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS.astype(np.uint8)))
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(IMAGES[:7])))
    (tmp_path / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS[:7].astype(np.uint8))))
    return tmp_path


def parts(dataset: Dataset) -> list[NDArray[np.uint8]]:
    return [dataset.train_images, dataset.validation_images, dataset.test_images]


def test_digits_are_split_60_20_20_with_every_class_in_proportion() -> None:
    digits = load_dataset("digits")

    assert [len(part) for part in parts(digits)] == [1077, 360, 360]
    assert (digits.classes, digits.input_shape) == (10, (1, 8, 8))
    labels = [digits.train_labels, digits.validation_labels, digits.test_labels]
    shares = [np.bincount(part, minlength=10) / len(part) for part in labels]
    assert np.abs(shares[0] - shares[1]).max() < 0.01
    assert np.abs(shares[0] - shares[2]).max() < 0.01


def test_the_parts_share_no_image_and_lose_none() -> None:
    numbered = np.arange(200, dtype=np.uint8).reshape(200, 1, 1)

    split = split_dataset("numbers", numbered, np.arange(200) % 4)

    everything = np.concatenate([part.ravel() for part in parts(split)])
    assert sorted(everything.tolist()) == list(range(200))
    assert (split.test_labels == split.test_images.ravel() % 4).all()
    assert (split.train_labels == split.train_images.ravel() % 4).all()
    assert (split.validation_labels == split.validation_images.ravel() % 4).all()


def test_digits_keep_all_17_grey_levels() -> None:
    digits = load_dataset("digits")

    assert digits.train_images.dtype == np.uint8
    assert np.unique(digits.train_images).tolist() == [round(level * 255 / 16) for level in range(17)]


def test_the_split_never_changes() -> None:
    first, again = load_dataset("digits"), load_dataset("digits")

    np.testing.assert_array_equal(first.train_images, again.train_images)
    assert first.test_labels[:12].tolist() == [1, 4, 0, 1, 3, 8, 9, 0, 2, 6, 5, 5]


def test_images_of_a_named_data_set_are_its_test_part() -> None:
    images, labels = load_images("digits")

    assert labels is not None
    np.testing.assert_array_equal(images, load_dataset("digits").test_images)
    np.testing.assert_array_equal(labels, load_dataset("digits").test_labels)


def test_an_idx_folder_keeps_its_own_test_part_in_file_order(idx_folder: Path) -> None:
    dataset = load_dataset(idx_folder)
    images, labels = load_images(idx_folder)

    assert labels is not None
    np.testing.assert_array_equal(images, IMAGES[:7])
    np.testing.assert_array_equal(labels, LABELS[:7])
    np.testing.assert_array_equal(dataset.test_images, IMAGES[:7])
    assert [len(part) for part in parts(dataset)] == [48, 12, 7]


def test_an_npz_gives_its_images_in_file_order(tmp_path: Path) -> None:
    np.savez(tmp_path / "all.npz", images=IMAGES, labels=LABELS)
    np.savez(tmp_path / "bare.npz", images=IMAGES)

    images, labels = load_images(tmp_path / "all.npz")
    assert labels is not None
    np.testing.assert_array_equal(images, IMAGES)
    np.testing.assert_array_equal(labels, LABELS)
    assert load_images(tmp_path / "bare.npz")[1] is None
    assert [len(part) for part in parts(load_dataset(tmp_path / "all.npz"))] == [36, 12, 12]
    with pytest.raises(InputError, match="training needs labels"):
        load_dataset(tmp_path / "bare.npz")


@pytest.mark.parametrize("data", ["nowhere/at/all", "missing.npz"])
def test_data_that_is_not_there_is_refused(data: str) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        load_dataset(data)
    with pytest.raises(InputError, match="no such file or folder"):
        load_images(data)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown data set 'digit': did you mean 'digits'"):
        load_dataset("digit")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train-images-idx3-ubyte", b"", "must be an IDX file"),
        ("train-images-idx3-ubyte", b"\0\0\x0d\x03" + bytes(12), "must be an IDX file of unsigned bytes"),
        ("train-images-idx3-ubyte", idx(IMAGES)[:9], "12 bytes must follow, but only 5 do"),
        ("train-images-idx3-ubyte", idx(IMAGES)[:-1], "1200 bytes must follow, but only 1199 do"),
        ("train-images-idx3-ubyte", idx(IMAGES) + b"\0", "its header says 1200 bytes, but more follow"),
        ("train-images-idx3-ubyte", b"\0\0\x08\x03" + b"\xff" * 12, "bytes are read, but its header says"),
        ("train-images-idx3-ubyte", idx(IMAGES.reshape(60, 20)), r"images must be uint8 of shape \[N, H, W\]"),
        ("train-labels-idx1-ubyte", idx(np.zeros(59, dtype=np.uint8)), "labels must be 60 integers"),
        ("t10k-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES[:7]))[:-20], "cannot be read"),
        ("t10k-images-idx3-ubyte.gz", b"plain text", "cannot be read"),
        ("t10k-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES[:7, :3])), "must have one shape"),
    ],
)
def test_a_damaged_or_lying_idx_file_is_refused(idx_folder: Path, name: str, content: bytes, message: str) -> None:
    (idx_folder / name).write_bytes(content)

    with pytest.raises(InputError, match=message) as refusal:
        load_dataset(idx_folder)

    assert "\n" not in str(refusal.value)


def test_a_folder_without_idx_files_or_with_half_a_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must hold IDX files"):
        load_dataset(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(IMAGES))
    with pytest.raises(InputError, match="images and labels come in pairs"):
        load_dataset(tmp_path)


def test_a_folder_with_test_images_alone_runs_but_does_not_train(idx_folder: Path) -> None:
    for file in idx_folder.glob("train-*"):
        file.unlink()

    assert len(load_images(idx_folder)[0]) == 7
    with pytest.raises(InputError, match="training needs train-images"):
        load_dataset(idx_folder)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": IMAGES}, "must hold an array 'images', but holds"),
        ({"images": IMAGES.astype(float)}, "images must be uint8 .* but are float64"),
        ({"images": IMAGES[0]}, r"shape \[4, 5\]"),
        ({"images": IMAGES[:0]}, r"shape \[0, 4, 5\]"),
        ({"images": IMAGES, "labels": LABELS[:-1]}, "labels must be 60 integers"),
        ({"images": IMAGES, "labels": LABELS.astype(float)}, "but are float64"),
        ({"images": IMAGES, "labels": LABELS - 1}, r"labels must be within 0\.\.999, but reach from -1"),
        ({"images": np.array([{"a": 1}], dtype=object)}, "cannot be read as"),
    ],
)
def test_an_npz_that_holds_something_else_is_refused(
    tmp_path: Path, arrays: dict[str, NDArray[np.generic]], message: str
) -> None:
    np.savez(tmp_path / "data.npz", **arrays)  # type: ignore[arg-type]

    with pytest.raises(InputError, match=message) as refusal:
        load_images(tmp_path / "data.npz")

    assert "\n" not in str(refusal.value)


def test_an_npz_whose_header_lies_or_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, images=IMAGES)
    content = path.read_bytes()

    path.write_bytes(content.replace(b"(60, 4, 5)", b"(99999999)"))
    with pytest.raises(InputError, match="cannot be read as"):
        load_images(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="cannot be read as"):
        load_images(path)


@pytest.mark.parametrize(
    "header", ["{'descr': [[[[", "{'descr': '|u1', 'fortran_order': False, 'shape': (True, 4, 5)}", "(" * 9000]
)
def test_an_npz_with_a_hostile_header_is_refused(tmp_path: Path, header: str) -> None:
    length = (len(header) + 1).to_bytes(2, "little")
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00" + length + header.encode() + b"\n" + bytes(20))

    with pytest.raises(InputError, match="cannot be read as"):
        load_images(tmp_path / "data.npz")


def test_an_npz_with_damaged_compressed_data_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("images.npy", bytes(5000))
    content = bytearray(path.read_bytes())
    content[60:80] = bytes(20)
    path.write_bytes(content)

    with pytest.raises(InputError, match="cannot be read as"):
        load_images(path)


@pytest.mark.parametrize("data", ["/dev/zero", "pipe"])
def test_data_that_never_ends_is_refused(tmp_path: Path, data: str) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(InputError, match="must be a file or a folder, but is neither"):
        load_images(tmp_path / data)


def test_too_few_images_of_a_class_to_split_are_refused() -> None:
    with pytest.raises(InputError, match="too few to split"):
        split_dataset("few", IMAGES[:5], np.array([0, 0, 1, 1, 2]))


def test_one_class_does_not_train() -> None:
    with pytest.raises(InputError, match="one: training needs 2 classes or more, but all images are of one"):
        split_dataset("one", IMAGES, LABELS * 0)
