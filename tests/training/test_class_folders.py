import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trackmac.errors import InputError
from trackmac.training.datasets import load_calibration_images, load_dataset, load_images


def png(value: int, size: tuple[int, int] = (5, 4), mode: str = "L") -> bytes:
    content = io.BytesIO()
    Image.new(mode, size, value if mode == "L" else (value, 1, 2)).save(content, "PNG")
    return content.getvalue()


def files(parts: tuple[str, ...] = ("",)) -> dict[str, bytes]:
    """10 images of each of 2 classes, in every part; the pixels tell part, class and number."""
    return {
        f"{part}{label}/{number:02}.png": png(100 * place + 50 * (label == "dog") + number)
        for place, part in enumerate(parts)
        for label in ("dog", "cat")
        for number in range(10)
    }


def folder_of(path: Path, content: dict[str, bytes]) -> Path:
    for name, data in content.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def zip_of(path: Path, content: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("top", ["", "images/"])
def test_parts_and_classes_are_those_of_the_folders(tmp_path: Path, top: str, is_zip: bool) -> None:
    content = {f"{top}{name}": data for name, data in files(("train/", "test/")).items()}
    path = zip_of(tmp_path / "x.zip", content) if is_zip else folder_of(tmp_path / "x", content)

    images, labels = load_images(path)
    dataset = load_dataset(path)
    calibration, _ = load_calibration_images(path)

    assert images.shape == (20, 4, 5)
    assert images[:4, 0, 0].tolist() == [100, 150, 101, 151]  # by file name, then by class: cat, dog, cat, dog
    assert labels is not None
    assert labels[:4].tolist() == [0, 1, 0, 1]
    assert (len(dataset.train_labels), len(dataset.validation_labels), len(dataset.test_labels)) == (16, 4, 20)
    assert dataset.input_shape == (1, 4, 5)
    assert calibration.max() < 100


def test_without_parts_all_images_run_and_a_fifth_of_them_tests(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "x", files())

    assert len(load_images(path)[0]) == 20
    assert len(load_dataset(path).test_labels) == 4


def test_colour_wins_over_grey_only_where_it_comes_first(tmp_path: Path) -> None:
    mixed = {"a/0.png": png(9, mode="RGB"), "a/1.png": png(7)}
    images, _ = load_images(zip_of(tmp_path / "x.zip", mixed))

    assert images.shape == (2, 4, 5, 3)
    assert images[:, 0, 0].tolist() == [[9, 1, 2], [7, 7, 7]]
    with pytest.raises(
        InputError, match=r"images must have one shape, but this has \[4, 5, 3\] and the first \[4, 5\]"
    ):
        load_images(zip_of(tmp_path / "y.zip", {"a/0.png": png(7), "a/1.png": png(9, mode="RGB")}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a/0.png": png(1), "a/1.png": png(1, size=(6, 4))}, r"a/1.png: images must have one shape"),
        ({"a/0.png": b"text"}, "a/0.png: cannot be read as an image"),
        ({"a/0.png": png(1)[:40]}, "a/0.png: cannot be read as an image"),
        ({"a/0.png": png(1, size=(5000, 1))}, "images may be 4096 pixels wide and high"),
        ({"a/0.txt": b"text"}, "must hold images in folders named by class"),
        ({"0.png": png(1)}, r"images must lie as CLASS/IMAGE or train\|test/CLASS/IMAGE"),
        ({"a/0.png": png(1), "a/b/0.png": png(1)}, "images must lie as CLASS/IMAGE"),
        ({"x/a/0.png": png(1), "y/a/0.png": png(1)}, "images must lie as CLASS/IMAGE"),
    ],
)
def test_folders_of_something_else_are_refused(tmp_path: Path, content: dict[str, bytes], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_images(zip_of(tmp_path / "x.zip", content))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"a/0.png": bytes(200_000_000)})

    with pytest.raises(InputError, match=r"must not unpack to 200000000, more than 200 times as many \(a zip bomb\?\)"):
        load_images(path)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zip_of(tmp_path / "y.zip", files()).read_bytes()[:-30])

    with pytest.raises(InputError, match="cannot be read as a zip of images"):
        load_images(tmp_path / "x.zip")


def test_a_test_part_alone_does_not_train(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="training needs a folder 'train'; add"):
        load_dataset(zip_of(tmp_path / "x.zip", files(("test/",))))


def test_pixels_are_those_of_the_files(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, size=(4, 5), dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")

    images, _ = load_images(zip_of(tmp_path / "x.zip", {"a/0.png": content.getvalue()}))

    np.testing.assert_array_equal(images[0], pixels)
