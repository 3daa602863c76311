"""Pictures of simulated cells: waveforms, and the distribution of a sense margin."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trackmac.units import FloatArray

COLUMNS = 2
MARGIN_BINS = 40
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
    """Draw a histogram of each labelled point's margins, in mV, of the decision the label names; below 0 it is wrong.

    All points share their bins' width and axis, 0 being an edge of a bin.
    """
    edges_mv = margin_edges_mv(margins_v.values())
    rows = -(-len(margins_v) // COLUMNS)
    figure, axes = _figure(rows, COLUMNS, (9.0, 2.0 * rows + 0.6), share_axes=False)
    for axis, (label, margins) in zip(axes, margins_v.items(), strict=False):
        axis.hist(1e3 * margins, bins=edges_mv, color=BLUE, alpha=0.8)
        axis.axvline(0.0, color=RED)
        axis.set_title(label, fontsize=9)
        axis.set_xlabel("sense margin (mV)", fontsize=8)
        axis.set_ylabel("varied cells", fontsize=8)
        axis.yaxis.get_major_locator().set_params(integer=True)
    for axis in axes[len(margins_v) :]:
        axis.set_visible(False)
    figure.savefig(file, dpi=120)


def margin_edges_mv(margins_v: Iterable[FloatArray]) -> FloatArray:
    """Return the edges of bins of one width, 0 among them, that hold all margins."""
    all_mv = 1e3 * np.concatenate(list(margins_v))
    low, high = min(0.0, float(all_mv.min())), max(0.0, float(all_mv.max()))
    width = (high - low) / MARGIN_BINS or 1.0
    return width * np.arange(math.floor(low / width), math.ceil(high / width) + 2)


def _figure(rows: int, columns: int, size: tuple[float, float], *, share_axes: bool) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=share_axes)
    return figure, list(axes.flat)
