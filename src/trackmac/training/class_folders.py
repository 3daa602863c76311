"""Reads images sorted into folders named by their class, in a folder or a zip; hostile until checked.

Either CLASS/IMAGE, or train/CLASS/IMAGE and test/CLASS/IMAGE, perhaps all of it in one folder more. Classes are
numbered in the order of their names; images are ordered by file name, then by class, so that where all classes number
their images alike, the first N are of all classes.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.errors import FileFormatError
from trackmac.training.image_files import MAX_CLASSES, MAX_DATA_BYTES, Labelled, Parts, check_unpacked_size

MAX_IMAGE_BYTES = 20_000_000
MAX_SIDE = 4096
MAX_IMAGES = 2_000_000
FORMATS = ("PNG", "JPEG", "BMP", "PPM", "GIF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".pgm", ".gif"})
PARTS = ("train", "test")

Read = Callable[[PurePosixPath], bytes]
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An image file: `path` within the folder or zip."""

    path: PurePosixPath
    label: str


def is_class_folder(folder: Path) -> bool:
    """Return whether a folder holds folders rather than data files."""
    return any(entry.is_dir() for entry in folder.iterdir())


def read_class_folder(folder: Path, part: str | None = None, on_progress: Progress | None = None) -> Parts:
    """Read the images below `folder`; with `part` given, that part alone where there are parts.

    Raises:
        FileFormatError: no images, too many or too large, of several shapes, or broken.
    """

    def read(path: PurePosixPath) -> bytes:
        with (folder / path).open("rb") as file:
            return file.read(MAX_IMAGE_BYTES + 1)

    try:
        paths = [PurePosixPath(*path.relative_to(folder).parts) for path in _files(folder, depth=4)]
        return _read_parts(folder, paths, read, part, on_progress)
    except OSError as error:
        raise FileFormatError(f"{folder}: cannot be read ({error.strerror}); check its permissions") from None


def read_class_zip(path: Path, part: str | None = None, on_progress: Progress | None = None) -> Parts:
    """Read the images in a zip; with `part` given, that part alone where there are parts.

    Raises:
        FileFormatError: as `read_class_folder`, no zip, or one that unpacks to too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            check_unpacked_size(path, sum(entry.file_size for entry in entries), path.stat().st_size)
            names = {PurePosixPath(entry.filename): entry for entry in entries if not entry.is_dir()}

            def read(name: PurePosixPath) -> bytes:
                with archive.open(names[name]) as file:
                    return file.read(MAX_IMAGE_BYTES + 1)

            return _read_parts(path, list(names), read, part, on_progress)
    except FileFormatError:
        raise
    except Exception as error:  # what zipfile and its decompressors raise on hostile archives is no short list
        reason = " ".join(str(error).split())[:100]
        raise FileFormatError(f"{path}: cannot be read as a zip of images ({reason}); check the file") from None


def _files(folder: Path, depth: int) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and depth > 1:
            yield from _files(entry, depth - 1)
        elif entry.is_file():
            yield entry


def _read_parts(
    where: Path, paths: list[PurePosixPath], read: Read, part: str | None, on_progress: Progress | None
) -> Parts:
    images = [path for path in paths if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")]
    if not images:
        raise FileFormatError(f"{where}: must hold images in folders named by class, but none is there; check it")
    if len(images) > MAX_IMAGES:
        raise FileFormatError(f"{where}: at most {MAX_IMAGES} images are read, but it holds {len(images)}; split it")
    parts = _sorted_parts(where, images)
    classes = sorted({entry.label for entries in parts.values() for entry in entries})
    if len(classes) > MAX_CLASSES:
        raise FileFormatError(f"{where}: at most {MAX_CLASSES} classes are read, but it has {len(classes)}; use fewer")
    wanted = [part] if part in parts else list(parts)
    total, done = sum(len(parts[name]) for name in wanted), 0
    found: dict[str, Labelled] = {}
    for name in wanted:
        reader = _Stack(where, read)
        for entry in parts[name]:
            reader.add(entry)
            done += 1
            if on_progress is not None and done % 100 == 0:
                on_progress(done / total)
        labels: IntArray = np.array([classes.index(entry.label) for entry in parts[name]], dtype=np.int64)
        found[name] = reader.stacked(), labels
    return Parts(found.get("train"), found.get("test"))


def _sorted_parts(where: Path, images: list[PurePosixPath]) -> dict[str, list[_Entry]]:
    """Return the images of each part; all are for training where there are no parts."""
    depths = {len(path.parts) for path in images}
    below = min(depths) - 2
    tops = {path.parts[below - 1] for path in images if below > 0}
    has_parts = below > 0 and tops <= set(PARTS)
    if len(depths) > 1 or below < 0 or below > 2 or (not has_parts and len(tops) > 1):
        raise FileFormatError(
            f"{where}: images must lie as CLASS/IMAGE or train|test/CLASS/IMAGE, but one is {str(images[0])[:60]!r}; "
            "sort them so"
        )
    parts: dict[str, list[_Entry]] = {}
    for path in images:
        name = path.parts[below - 1] if has_parts else PARTS[0]
        parts.setdefault(name, []).append(_Entry(path, path.parts[-2]))
    for entries in parts.values():
        entries.sort(key=lambda entry: (entry.path.name, entry.label))
    return dict(sorted(parts.items(), reverse=True))


class _Stack:
    """Decodes images into one array; the first one says shape and whether they are grey."""

    def __init__(self, where: Path, read: Read) -> None:
        self._where, self._read = where, read
        self._images: list[NDArray[np.uint8]] = []
        self._bytes = 0

    def add(self, entry: _Entry) -> None:
        content = self._read(entry.path)
        what = f"{self._where}: {str(entry.path)[-60:]}"
        if len(content) > MAX_IMAGE_BYTES:
            raise FileFormatError(f"{what}: an image may have {MAX_IMAGE_BYTES} bytes, but this has more; shrink it")
        image = _decoded(content, what)
        first = self._images[0] if self._images else image
        if image.ndim != first.ndim and image.ndim == 2:
            image = np.repeat(image[:, :, np.newaxis], 3, axis=2)
        if image.shape != first.shape:
            raise FileFormatError(
                f"{what}: images must have one shape, but this has {list(image.shape)} and the first "
                f"{list(first.shape)}; resize them"
            )
        self._bytes += image.nbytes
        if self._bytes > MAX_DATA_BYTES:
            raise FileFormatError(f"{self._where}: at most {MAX_DATA_BYTES} bytes of pixels are read; use fewer images")
        self._images.append(image)

    def stacked(self) -> NDArray[np.uint8]:
        return np.stack(self._images)


def _decoded(content: bytes, what: str) -> NDArray[np.uint8]:
    """Return [H, W] for grey images and [H, W, 3] for all others; transparency is dropped."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if max(image.size) > MAX_SIDE:
                raise FileFormatError(
                    f"{what}: images may be {MAX_SIDE} pixels wide and high, but this is {image.size}; shrink it"
                )
            plain: Any = image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")
            return np.asarray(plain, dtype=np.uint8)
    except FileFormatError:
        raise
    except Exception as error:  # what Pillow's decoders raise on hostile files is no short list
        reason = " ".join(str(error).split())[:80]
        raise FileFormatError(f"{what}: cannot be read as an image ({reason}); get it anew") from None
