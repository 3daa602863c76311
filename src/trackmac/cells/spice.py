"""Runs ngspice in batch and reads what it wrote."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trackmac.errors import InputError

EXECUTABLE = "ngspice"
OLDEST_VERSION = 34
RAW_FILE = "out.raw"
TIME_LIMIT_SECONDS = 300
_COMPLAINTS = ("timestep too small", "singular matrix", "no convergence", "convergence", "error", "aborted", "failed")

Waveform = NDArray[np.float64]


class SpiceError(InputError):
    """ngspice is missing, too old, or did not finish an analysis; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """What one analysis gave: `scale[k]` is the time in s or the swept value, `signals[name][k]` in V or A."""

    scale: Waveform
    signals: Mapping[str, Waveform]

    def at(self, name: str, position: float) -> float:
        """Return a signal at a position on the scale, interpolated."""
        return float(np.interp(position, self.scale, self.signals[name]))


@cache
def ngspice_version(executable: str = EXECUTABLE) -> str:
    """Return the version of the ngspice on the PATH, such as "39".

    Raises:
        SpiceError: there is none, it does not say its version, or it is too old.
    """
    path = shutil.which(executable)
    if path is None:
        raise SpiceError(
            f"characterising needs {executable}, but it is not on the PATH; install it (Debian: apt install ngspice) "
            "or use the shipped figures"
        )
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    found = re.search(r"ngspice-(\d+)", answer.stdout)
    if found is None:
        raise SpiceError(f"{path}: ngspice's version must be known, but --version does not say one; install ngspice")
    if int(found[1]) < OLDEST_VERSION:
        raise SpiceError(f"ngspice {OLDEST_VERSION} or later is needed, but {path} is {found[1]}; install a newer one")
    return found[1]


def run_deck(deck: str, what: str) -> Waves:
    """Run a deck whose control section writes `RAW_FILE`; `what` names it in errors.

    Raises:
        SpiceError: ngspice is missing or too old, or it did not finish the analysis.
    """
    ngspice_version()
    with tempfile.TemporaryDirectory(prefix="trackmac-") as folder:
        Path(folder, "deck.cir").write_text(deck, encoding="utf-8")
        try:
            answer = subprocess.run(
                [EXECUTABLE, "-b", "-n", "deck.cir"],
                cwd=folder, capture_output=True, text=True, errors="replace", check=False, timeout=TIME_LIMIT_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise SpiceError(
                f"{what}: ngspice must finish in {TIME_LIMIT_SECONDS} s, but it does not; simplify the cell"
            ) from None
        raw = Path(folder, RAW_FILE)
        data = raw.read_bytes() if raw.is_file() else b""
    complaint = _complaint(answer.stdout + "\n" + answer.stderr)
    if not data or complaint or answer.returncode:
        raise SpiceError(
            f"{what}: ngspice must finish the analysis, but it says {complaint or 'nothing'!r} and ends with code "
            f"{answer.returncode}; check the netlist and its conditions"
        )
    return parse_raw(data, what)


def parse_raw(data: bytes, what: str) -> Waves:
    """Parse ngspice's binary raw file of real numbers.

    Raises:
        SpiceError: it is not one, or it is cut off.
    """
    header, separator, body = data.partition(b"Binary:\n")
    text = header.decode("ascii", errors="replace")
    variables, points = (re.search(rf"No\. {word}:\s*(\d+)", text) for word in ("Variables", "Points"))
    names = re.findall(r"^\s+\d+\s+(\S+)\s+\S+", text, flags=re.MULTILINE)
    if not separator or variables is None or points is None or len(names) != int(variables[1]):
        raise SpiceError(f"{what}: ngspice's result must be a binary raw file, but it is not; install ngspice anew")
    shape = int(points[1]), int(variables[1])
    if len(body) < 8 * shape[0] * shape[1]:
        raise SpiceError(f"{what}: ngspice's result must have {shape[0]} points, but it is cut off; is the disk full?")
    table = np.frombuffer(body, dtype=np.float64, count=shape[0] * shape[1]).reshape(shape)
    columns = {name.lower(): table[:, index] for index, name in enumerate(names)}
    return Waves(scale=table[:, 0], signals=columns)


def _complaint(log: str) -> str:
    """Return the first line of a log that says what went wrong, if there is one."""
    lines = (" ".join(line.split()) for line in log.splitlines())
    return next((line[:120] for line in lines if any(word in line.lower() for word in _COMPLAINTS)), "")
