"""Turns what a user names into an integer network."""

from pathlib import Path

from trackmac.errors import InputError, unknown_name
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.onnx_io import load_onnx
from trackmac.networks.zoo import ZOO, zoo_entry


def load_network(network: str | Path | IntegerNetwork) -> IntegerNetwork:
    """Return a network of the zoo by its name, the one in an .onnx file, or `network` itself.

    Raises:
        InputError: neither text nor a path.
        UnknownNameError: neither a zoo name nor the path of an .onnx file.
        FileFormatError: the file is missing or not what it should be.
        UnsupportedNetworkError: the file holds what trackmac does not read.
    """
    if isinstance(network, IntegerNetwork):
        return network
    if not isinstance(network, str | Path):
        raise InputError(f"a network is a name or a file, but this is {network!r:.60}; give one of these")
    entry = zoo_entry(str(network))
    if entry is not None:
        return entry.build()
    if Path(network).suffix.lower() == ".onnx":
        return load_onnx(network)
    raise unknown_name("network", str(network), [*ZOO, "FILE.onnx", "STUDY_DIR:TRIAL"])
