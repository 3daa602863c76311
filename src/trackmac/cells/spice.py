"""Runs ngspice in batch and reads what it wrote."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
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
VERSION_LIMIT_SECONDS = 30
ALMOST_PS = 0.999e-12
"""Of an analysis's end in ps, what its last point in s may fall short of."""

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
    answer = _run([path, "--version"], VERSION_LIMIT_SECONDS, f"{path} --version")
    found = re.search(r"ngspice-(\d{1,9})", answer.stdout)
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
        answer = _run([EXECUTABLE, "-b", "-n", "deck.cir"], TIME_LIMIT_SECONDS, what, folder)
        raw = Path(folder, RAW_FILE)
        data = raw.read_bytes() if raw.is_file() else b""
    complaint = _complaint(answer.stdout + "\n" + answer.stderr)
    if not data or complaint or answer.returncode:
        raise SpiceError(
            f"{what}: ngspice must finish the analysis, but it says {complaint or 'nothing'!r} and ends with code "
            f"{answer.returncode}; check the netlist and its conditions"
        )
    waves = parse_raw(data, what)
    _refuse_incomplete(deck, waves, what)
    return waves


def _run(
    command: Sequence[str], limit_seconds: int, what: str, folder: str | None = None
) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", check=False, timeout=limit_seconds
        )
    except subprocess.TimeoutExpired:
        raise SpiceError(
            f"{what}: ngspice must finish in {limit_seconds} s, but it does not; is it the right program, or the cell "
            "too large?"
        ) from None
    except OSError as error:
        raise SpiceError(f"{what}: ngspice cannot be run ({error.strerror}); install it anew") from None


def _refuse_incomplete(deck: str, waves: Waves, what: str) -> None:
    """Refuse a result without a signal that the deck saves, or of another length than its analysis."""
    saved = " ".join(re.findall(r"^save (.+)$", deck, flags=re.MULTILINE)).lower().split()
    missing = [name for name in saved if name not in waves.signals]
    if missing:
        raise SpiceError(
            f"{what}: ngspice's result must have {missing[0]}, but it has {', '.join(waves.signals)[:80]}; install "
            f"ngspice {OLDEST_VERSION} or later"
        )
    sweep = re.search(r"^dc \S+ (\S+) (\S+) (\S+)$", deck, flags=re.MULTILINE)
    transient = re.search(r"^tran \S+ (\S+)p ", deck, flags=re.MULTILINE)
    if sweep:
        start, stop, step = map(float, sweep.groups())
        is_whole = len(waves.scale) == round((stop - start) / step) + 1
    else:
        is_whole = transient is None or waves.scale[-1] >= float(transient[1]) * ALMOST_PS
    if not is_whole:
        raise SpiceError(
            f"{what}: ngspice's result must reach the analysis's end, but it has {len(waves.scale)} points up to "
            f"{waves.scale[-1]:g}; check the netlist and its conditions"
        )


def parse_raw(data: bytes, what: str) -> Waves:
    """Parse ngspice's binary raw file of real numbers.

    Raises:
        SpiceError: it is not one, it is empty or cut off, or not all of it are numbers.
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
    if not shape[0] or not np.isfinite(table).all():
        found = "something else" if shape[0] else "none"
        raise SpiceError(
            f"{what}: ngspice's result must be numbers, but it has {found}; check the netlist and its conditions"
        )
    columns = {name.lower(): table[:, index] for index, name in enumerate(names)}
    return Waves(scale=table[:, 0], signals=columns)


def _complaint(log: str) -> str:
    """Return the first line of a log that says what went wrong, if there is one."""
    lines = (" ".join(line.split()) for line in log.splitlines())
    return next((line[:120] for line in lines if any(word in line.lower() for word in _COMPLAINTS)), "")
