"""A whole network, every bit of every multiply-and-accumulate, on simulated racetracks, checked layer by layer."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from trackmac.arrays import Hardware
from trackmac.bits import IntArray
from trackmac.cost import NOTHING, Activity, total
from trackmac.inference import engines
from trackmac.inference.dot_product_stage import DotProductSimulation
from trackmac.inference.element_stage import ElementSimulation
from trackmac.inference.memory_limits import images_at_once
from trackmac.inference.stage_run import Stage, run_stage
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.mapping import DotProductSchedule, ElementSchedule, Schedule
from trackmac.networks import Concat, Conv2d, Flatten, IntegerNetwork, Layer, Linear
from trackmac.networks.arithmetic import apply_layer
from trackmac.networks.layers import INPUT
from trackmac.networks.shapes import LayerShape
from trackmac.simulation import Deck, Lanes, Machine
from trackmac.simulation.processors import on_all_processors

OnLayer = Callable[[str, Machine], None]
OnProgress = Callable[[float], None]

COMPARED_IMAGES = 32
"""Images whose outputs are compared together: few enough that they stay in the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRun:
    """One layer: its outputs that differ from integer arithmetic, and what it did for all images.

    `reload` is what bringing its weights took, for all images, where they do not stay.
    """

    name: str
    mismatches: int
    activity: Activity
    reload: Activity = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkRun:
    """A network's run: `logits`, int64 [images, classes], are the words that the last layer's tracks held."""

    logits: IntArray
    layers: tuple[LayerRun, ...]

    @property
    def mismatches(self) -> int:
        """Elements of all layers that differ from integer arithmetic."""
        return sum(layer.mismatches for layer in self.layers)

    @property
    def activity(self) -> Activity:
        """What happened, for all images."""
        return total(part for layer in self.layers for part in (layer.reload, layer.activity))


def run_network(
    network: IntegerNetwork,
    schedule: Schedule,
    images: NDArray[np.uint8],
    *,
    bus_width_bits: int,
    on_layer: OnLayer | None = None,
    on_progress: OnProgress | None = None,
) -> NetworkRun:
    """Run `network` on simulated tracks as `schedule` says, and compare every layer with plain integer arithmetic.

    Args:
        network: the network that the schedule was made for.
        schedule: where every weight lies and which unit computes what.
        images: uint8 [N, H, W] or [N, H, W, C].
        bus_width_bits: width of the bus between buffer and units.
        on_layer: sees a layer's machine in mid-inference, before its results leave the units, and may disturb it; it
            is called once for each machine: large layers take several, one after another. Without it, layers are taped
            and played in one go, many times as fast: no machine stands still in mid-inference.
        on_progress: is told the fraction of the multiply-and-accumulates that is done, from 0 to 1.

    Raises:
        InputError: the images are not those that the network takes.
    """
    codes = network.quantize_images(images)
    shapes = network.shapes
    at_once = images_at_once(max(_unfolded_words(shape) for shape in shapes))
    stages = _stages(network, schedule, bus_width_bits, on_layer)
    progress = _Progress(len(codes) * sum(shape.macs for shape in shapes), on_progress)
    batches = [codes[start : start + at_once] for start in range(0, len(codes), at_once)]
    run = partial(_run_batch, network, stages, progress)
    with threadpool_limits(1, user_api="blas"):  # its threads would wait for each other, busily
        # the first batch finds out what the others share
        runs = [*map(run, batches[:1]), *(on_all_processors if on_layer is None else map)(run, batches[1:])]
    logits = [run.logits for run in runs]
    return NetworkRun(
        logits=np.concatenate(logits) if logits else np.empty((0, network.classes), dtype=np.int64),
        layers=tuple(_all_batches(runs, index, layer.name) for index, layer in enumerate(network.layers)),
    )


def _unfolded_words(shape: LayerShape) -> int:
    """Return the words that one image takes in memory, unfolded: about a byte each."""
    window = 1 if shape.window is None else math.prod(shape.window)
    return max(shape.pixels * shape.groups * (shape.dot_length or 1), shape.outputs * window)


class _Progress:
    """Turns MACs that are done into a fraction of all."""

    def __init__(self, macs: int, tell: OnProgress | None) -> None:
        self._macs, self._tell, self._done, self._lock = macs, tell, 0, Lock()

    def add(self, macs: int) -> None:
        with self._lock:
            self._done += macs
            if macs and self._tell is not None:
                self._tell(self._done / self._macs)


def _stages(
    network: IntegerNetwork, schedule: Schedule, bus_width_bits: int, on_layer: OnLayer | None
) -> dict[str, Stage]:
    """Return the stages, each by the name of its first layer."""
    layers = {layer.name: layer for layer in network.layers}
    hardware, stages, deck = schedule.hardware, {}, Deck()
    for entry in schedule.stages:
        name = entry.stage.name
        engine = engines.Tapes(deck) if on_layer is None else engines.Machines()
        stages[name] = _stage(entry, layers[name], hardware, bus_width_bits, engine=engine, on_layer=on_layer)
    return stages


def _stage(
    entry: DotProductSchedule | ElementSchedule,
    layer: Layer,
    hardware: Hardware,
    bus_width_bits: int,
    *,
    engine: engines.Engine,
    on_layer: OnLayer | None,
) -> Stage:
    watch = partial(_show, on_layer, entry.stage.name)
    if isinstance(entry, DotProductSchedule):
        assert isinstance(layer, Conv2d | Linear)
        tracks = UnitTracks(hardware=hardware, entry=entry)
        return DotProductSimulation(
            tracks=tracks, layer=layer, bus_width_bits=bus_width_bits, engine=engine, on_macs=watch
        )
    return ElementSimulation(
        hardware=hardware, entry=entry, layer=layer, bus_width_bits=bus_width_bits, engine=engine, on_results=watch
    )


def _show(on_layer: OnLayer | None, name: str, lanes: Lanes) -> None:
    if on_layer is not None:
        assert isinstance(lanes, Machine)
        on_layer(name, lanes)


def _run_batch(
    network: IntegerNetwork, stages: Mapping[str, Stage], progress: _Progress, codes: IntArray
) -> NetworkRun:
    outputs: dict[str, NDArray[Any]] = {INPUT: codes}
    activities: dict[str, Activity] = {}
    reloads: dict[str, Activity] = {}
    for layer, shape in zip(network.layers, network.shapes, strict=True):
        inputs = [outputs[source] for source in shape.inputs]
        if layer.name in stages:
            run = run_stage(stages[layer.name], inputs, progress.add)
            outputs |= run.outputs
            activities |= run.activities
            reloads[layer.name] = run.reload
        elif isinstance(layer, Flatten | Concat):  # they only say where words lie
            outputs[layer.name] = apply_layer(layer, *inputs)
    mismatches = _mismatches(network, codes, outputs)
    layers = [
        LayerRun(
            name=layer.name,
            mismatches=wrong,
            activity=activities.get(layer.name, NOTHING),
            reload=reloads.get(layer.name, NOTHING),
        )
        for layer, wrong in zip(network.layers, mismatches, strict=True)
    ]
    logits = outputs[network.layers[-1].name].astype(np.int64)
    return NetworkRun(logits=logits, layers=tuple(layers))


def _mismatches(network: IntegerNetwork, codes: IntArray, outputs: Mapping[str, NDArray[np.integer]]) -> list[int]:
    """Return how many outputs of each layer differ from integer arithmetic."""

    def compare(start: int) -> list[int]:
        some = slice(start, start + COMPARED_IMAGES)
        clean = zip(network.layers, network.outputs_in_turn(codes[some]), strict=True)
        return [int(np.count_nonzero(outputs[layer.name][some] != x)) for layer, x in clean]

    parts = on_all_processors(compare, range(0, len(codes), COMPARED_IMAGES))
    return [sum(by_layer) for by_layer in zip(*parts, strict=True)]


def _all_batches(runs: Sequence[NetworkRun], index: int, name: str) -> LayerRun:
    parts = [run.layers[index] for run in runs]
    return LayerRun(
        name=name,
        mismatches=sum(part.mismatches for part in parts),
        activity=total(part.activity for part in parts),
        reload=total(part.reload for part in parts),
    )
