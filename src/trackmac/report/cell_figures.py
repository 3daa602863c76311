"""Pictures of simulated cells: waveforms, and the distribution of a sense margin."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trackmac.units import FloatArray

COLUMNS = 2
MARGIN_BINS = 24
BLUE, RED = "#1d4ed8", "#c2410c"


def save_waveforms(file: Path, title: str, time_ns: FloatArray, signals: Mapping[str, FloatArray]) -> None:
    """Draw each signal, in V over [time], below the other."""
    figure, axes = _figure(len(signals), 1, (9.0, 0.9 * len(signals) + 0.9), share_axes=True)
    for axis, (name, volts) in zip(axes, signals.items(), strict=True):
        axis.plot(time_ns, volts, color=BLUE, linewidth=1.0)
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
        axis.grid(alpha=0.3)
    axes[-1].set_xlabel("time (ns)")
    figure.suptitle(f"{title} (V)")
    figure.savefig(file, dpi=120)


def save_margins(file: Path, margins_v: Mapping[str, FloatArray]) -> None:
    """Draw a histogram of the margins in mV of each labelled point; left of 0 lies a wrong decision."""
    rows = -(-len(margins_v) // COLUMNS)
    figure, axes = _figure(rows, COLUMNS, (9.0, 2.0 * rows + 0.6), share_axes=False)
    for axis, (label, margins) in zip(axes, margins_v.items(), strict=False):
        axis.hist(1e3 * margins, bins=MARGIN_BINS, color=BLUE, alpha=0.8)
        axis.axvline(0.0, color=RED)
        axis.set_title(label, fontsize=9)
        axis.set_xlabel("sense margin (mV)", fontsize=8)
    for axis in axes[len(margins_v) :]:
        axis.set_visible(False)
    figure.savefig(file, dpi=120)


def _figure(rows: int, columns: int, size: tuple[float, float], *, share_axes: bool) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=share_axes)
    return figure, list(axes.flat)
