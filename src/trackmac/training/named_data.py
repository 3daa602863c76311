"""Where the data sets with names come from: a dependency, local files, or openml.org by scikit-learn."""

import os
import socket
import urllib.request
from pathlib import Path

import numpy as np

from trackmac.errors import InputError
from trackmac.training.class_folders import Progress, read_class_folder, read_class_zip
from trackmac.training.image_files import Labelled, Parts, read_idx_folder

FOLDER_VARIABLE = "TRACKMAC_DATA"
FOLDER = Path("data")
HOST, HTTPS_PORT, PATIENCE_S = "www.openml.org", 443, 5.0
MNIST_TRAINING = 60_000  # of the images in openml.org's order, which is that of the original files


def digits_parts(part: str | None, on_progress: Progress | None) -> Parts:
    """Return the digits that come with scikit-learn, which have no parts."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    scaled = np.round(images.reshape(-1, 8, 8) * 255 / 16).astype(np.uint8)
    return Parts((scaled, labels.astype(np.int64)), None)


def mnist_parts(part: str | None, on_progress: Progress | None) -> Parts:
    """Return MNIST, from IDX files in a folder `mnist` where there is one."""
    folder = _local("mnist")
    if folder is not None:
        return read_idx_folder(folder)
    images, labels = _fetched("mnist", "mnist_784", (28, 28))
    cut = MNIST_TRAINING
    return Parts((images[:cut], labels[:cut]), (images[cut:], labels[cut:]))


def cifar10_parts(part: str | None, on_progress: Progress | None) -> Parts:
    """Return CIFAR-10, from class folders in `cifar10`, or in a zip of that name, where there is one."""
    found = _local("cifar10", "cifar10.zip", "cifar10_jpeg.zip")
    if found is not None:
        return (read_class_folder if found.is_dir() else read_class_zip)(found, part, on_progress)
    images, labels = _fetched("cifar10", "CIFAR_10", (3, 32, 32))
    return Parts((np.ascontiguousarray(images.transpose(0, 2, 3, 1)), labels), None)


def data_folder() -> Path:
    """Return where local data are looked for: the folder that the environment names, otherwise `data`."""
    return Path(os.environ.get(FOLDER_VARIABLE) or FOLDER)


def _local(*names: str) -> Path | None:
    places = (data_folder() / name for name in names)
    return next((place for place in places if place.exists()), None)


def _fetched(name: str, remote: str, shape: tuple[int, ...]) -> Labelled:
    """Fetch a data set from openml.org, where it is called `remote`, into the data folder.

    Raises:
        InputError: it cannot be had.
    """
    folder = data_folder()
    try:
        refuse_offline()
        from sklearn.datasets import fetch_openml

        found = fetch_openml(
            remote, version=1, as_frame=False, parser="liac-arff", data_home=str(folder / "openml"), n_retries=1
        )
    except Exception as error:  # network, server, disk: what goes wrong is no short list
        reason = " ".join(str(error).split())[:80]
        raise InputError(
            f"data {name!r}: is not in {folder} and cannot be fetched from openml.org ({reason}); put it there, or set "
            f"{FOLDER_VARIABLE} to the folder that has it"
        ) from None
    images = np.asarray(found.data).reshape(-1, *shape).astype(np.uint8)
    return images, np.asarray(found.target).astype(np.int64)


def refuse_offline() -> None:
    """Find out in seconds whether openml.org can be reached; behind a proxy that is left to the download.

    Raises:
        OSError: it cannot.
    """
    if "https" not in urllib.request.getproxies():
        socket.create_connection((HOST, HTTPS_PORT), timeout=PATIENCE_S).close()
