"""Reads images and labels from files: IDX (the format and names of MNIST, plain or .gz) and .npz.

Every size is checked before memory is taken; nothing is unpickled.
"""

import gzip
import io
import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.errors import FileFormatError

MAX_DATA_BYTES = 2_000_000_000
MAX_CLASSES = 1000
BOMB_BYTES, BOMB_RATIO = 100_000_000, 200  # what unpacks to more bytes than that, and to so many times its size
IDX_UINT8 = 8

Labelled = tuple[NDArray[np.uint8], IntArray]


@dataclass(frozen=True, slots=True)
class Parts:
    """The training and the test part of a data set; None where there are no files of it."""

    train: Labelled | None
    test: Labelled | None


def check_unpacked_size(path: Path, unpacked: int, packed: int) -> None:
    """Refuse an archive that unpacks to more than is read, or to suspiciously much for its size.

    Raises:
        FileFormatError: it does.
    """
    if unpacked > MAX_DATA_BYTES:
        raise FileFormatError(
            f"{path}: at most {MAX_DATA_BYTES} bytes are read, but it unpacks to {unpacked}; split it"
        )
    if unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * packed:
        raise FileFormatError(
            f"{path}: {packed} bytes must not unpack to {unpacked}, more than {BOMB_RATIO} times as many "
            "(a zip bomb?); store it uncompressed"
        )


def read_idx_folder(folder: Path) -> Parts:
    """Read `train-*` and `t10k-*` image and label files of `folder`, each plain or .gz.

    Raises:
        FileFormatError: none is there, only half of a pair is, or a file is not what it should be.
    """
    parts = Parts(_read_pair(folder, "train"), _read_pair(folder, "t10k"))
    if parts.train is None and parts.test is None:
        raise FileFormatError(
            f"{folder}: must hold IDX files named as MNIST's (train-images-idx3-ubyte[.gz] and so on), or a folder of "
            "images for each class, but none is there; give another folder"
        )
    return parts


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes, plain or .gz.

    The header is 0, 0, type (8: uint8), number of axes, then each axis' length as a big-endian 32-bit integer.

    Raises:
        FileFormatError: truncated, too long, another type, or a header that does not fit the content.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] != IDX_UINT8 or not 1 <= head[3] <= 4:
                raise FileFormatError(f"{path}: must be an IDX file of unsigned bytes, but begins otherwise; check it")
            lengths = np.frombuffer(_exactly(file, 4 * head[3], path), dtype=">u4").tolist()
            size = math.prod(lengths)
            if not 0 < size <= MAX_DATA_BYTES:
                raise FileFormatError(
                    f"{path}: 1 to {MAX_DATA_BYTES} bytes are read, but its header says {size}; check the file"
                )
            check_unpacked_size(path, size, path.stat().st_size)
            content = _exactly(file, size, path)
            if file.read(1):
                raise FileFormatError(f"{path}: its header says {size} bytes, but more follow; get the file anew")
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError(f"{path}: cannot be read ({error}); get the file anew") from None
    return np.frombuffer(content, dtype=np.uint8).reshape(lengths)


def read_npz(path: Path) -> tuple[NDArray[np.uint8], IntArray | None]:
    """Read arrays `images` (uint8; N,H,W or N,H,W,C) and `labels` (integers; may be absent) of an .npz file.

    Raises:
        FileFormatError: not an .npz, too large, or arrays of another name, dtype, shape or number.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        check_unpacked_size(path, size, path.stat().st_size)
        with np.load(path, allow_pickle=False) as arrays:
            if "images" not in arrays:
                raise FileFormatError(f"{path}: must hold an array 'images', but holds {sorted(arrays)}; rename it")
            images = arrays["images"]
            labels = arrays.get("labels")
    except FileFormatError:
        raise
    except Exception as error:  # what zipfile, its decompressors and numpy raise on hostile archives is no short list
        reason = " ".join(str(error).split())
        raise FileFormatError(f"{path}: cannot be read as .npz ({reason}); check the file") from None
    _check_images(images, path)
    return images, None if labels is None else _checked_labels(labels, images, path)


def _read_pair(folder: Path, prefix: str) -> Labelled | None:
    images_path = _find(folder, f"{prefix}-images-idx3-ubyte")
    labels_path = _find(folder, f"{prefix}-labels-idx1-ubyte")
    if images_path is None and labels_path is None:
        return None
    if images_path is None or labels_path is None:
        there = images_path or labels_path
        raise FileFormatError(f"{there}: images and labels come in pairs, but the other file is missing; add it")
    images = read_idx(images_path)
    _check_images(images, images_path)
    return images, _checked_labels(read_idx(labels_path), images, labels_path)


def _find(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _exactly(file: io.BufferedIOBase | gzip.GzipFile, size: int, path: Path) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise FileFormatError(f"{path}: {size} bytes must follow, but only {len(content)} do; get the file anew")
    return content


def _check_images(images: object, path: Path) -> None:
    if not isinstance(images, np.ndarray):
        raise FileFormatError(f"{path}: 'images' must be an array, but is not; save it with numpy.savez")
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or 0 in images.shape:
        raise FileFormatError(
            f"{path}: images must be uint8 of shape [N, H, W] or [N, H, W, C], "
            f"but are {images.dtype} of shape {list(images.shape)}; convert them"
        )


def _checked_labels(labels: object, images: NDArray[np.uint8], path: Path) -> IntArray:
    if not isinstance(labels, np.ndarray):
        raise FileFormatError(f"{path}: 'labels' must be an array, but is not; save it with numpy.savez")
    if not np.issubdtype(labels.dtype, np.integer) or labels.shape != images.shape[:1]:
        raise FileFormatError(
            f"{path}: labels must be {len(images)} integers, one for each image, "
            f"but are {labels.dtype} of shape {list(labels.shape)}; correct them"
        )
    if labels.min() < 0 or labels.max() >= MAX_CLASSES:
        raise FileFormatError(
            f"{path}: labels must be within 0..{MAX_CLASSES - 1}, but reach from {labels.min()} to {labels.max()}; "
            "number the classes from 0"
        )
    return labels.astype(np.int64)
