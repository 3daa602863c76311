"""Random changes of training images that keep their class."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import unknown_name

SHIFT_PARTS = 8  # images move by at most an eighth of their size


class Augmentation(StrEnum):
    """What is done to each training image, each time anew."""

    NONE = "none"
    SHIFT = "shift"
    """Moved by up to an eighth of its height and width; black comes in."""
    FLIP = "flip"
    """Moved, and mirrored left to right half of the time."""


def augmentation_named(name: str) -> Augmentation:
    """Return the augmentation of that name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in tuple(Augmentation):
        raise unknown_name("augmentation", name, Augmentation)
    return Augmentation(name)


def augmented(images: NDArray[np.uint8], augmentation: Augmentation, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return changed copies of images [N, H, W] or [N, H, W, C]; the images themselves where nothing is done."""
    if augmentation is Augmentation.NONE:
        return images
    count, height, width = images.shape[:3]
    rows, columns = height // SHIFT_PARTS, width // SHIFT_PARTS
    margins = ((0, 0), (rows, rows), (columns, columns), *[(0, 0)] * (images.ndim - 3))
    padded = np.pad(images, margins)
    down = random.integers(2 * rows, size=count, endpoint=True)
    right = random.integers(2 * columns, size=count, endpoint=True)
    each = np.arange(count)[:, np.newaxis, np.newaxis]
    down_index = (down[:, np.newaxis] + np.arange(height))[:, :, np.newaxis]
    right_index = right[:, np.newaxis] + np.arange(width)
    if augmentation is Augmentation.FLIP:
        is_mirrored = random.random(count) < 0.5
        right_index[is_mirrored] = right_index[is_mirrored, ::-1]
    moved: NDArray[np.uint8] = padded[each, down_index, right_index[:, np.newaxis, :]]
    return moved
