"""Where the two roads meet: a design is run bit for bit on simulated tracks, beside what the closed forms predict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trackmac.arrays import Hardware, load_hardware
from trackmac.bits import IntArray
from trackmac.cost import Event
from trackmac.errors import InputError
from trackmac.exploration.progress import VERIFYING, Progress
from trackmac.exploration.store import StudyStore, VerificationRecord
from trackmac.exploration.trial import cached_dataset
from trackmac.exploration.workers import Workers
from trackmac.mapping import schedule
from trackmac.models.evaluation import predicted_events
from trackmac.networks import IntegerNetwork
from trackmac.networks.load import load_network
from trackmac.results import SimulationResult
from trackmac.technology import Technology, load_technology


def simulate(
    network: str | Path | IntegerNetwork,
    hardware: str | Path | Hardware,
    images: NDArray[np.uint8],
    labels: IntArray | None = None,
    *,
    technology: str | Path | Technology | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> SimulationResult:
    """Run a network bit for bit on simulated tracks, and predict its events by the closed forms.

    Args:
        network: a zoo name, an .onnx file or a network.
        hardware: a shipped name, a YAML file or a hardware.
        images: uint8 [N, H, W] or [N, H, W, C].
        labels: int64 [N]; accuracy is None without them.
        technology: the hardware's own if None.
        on_progress: is told the fraction done, from 0 to 1.

    Raises:
        InputError: unknown names, images or labels that do not fit, or a network that the hardware cannot run.
    """
    from trackmac.inference.network_run import run_network

    chosen, built = load_network(network), load_hardware(hardware)
    device = load_technology(built.technology if technology is None else technology)
    if labels is not None and labels.shape != images.shape[:1]:
        raise InputError(
            f"labels must be one for each image, but {len(images)} images have {labels.size}; give as many"
        )
    shapes = chosen.shapes
    run = run_network(
        chosen,
        schedule(shapes, built, device),
        images,
        bus_width_bits=int(device.value("bus.width_bits")),
        on_progress=on_progress,
    )
    predictions = run.logits.argmax(axis=1)
    return SimulationResult(
        network=chosen.name,
        hardware=built.name,
        images=len(images),
        accuracy=None if labels is None or not len(labels) else float((predictions == labels).mean()),
        predictions=tuple(int(label) for label in predictions),
        integer_logits=tuple(tuple(int(logit) for logit in row) for row in run.logits),
        mismatches=run.mismatches,
        events=_counted(run.activity.events),
        predicted_events=_counted(predicted_events(shapes, built, device, len(images))),
        faults_injected=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationTask:
    """One design to be verified on the first `images` images of the test part."""

    id: str
    network_path: Path
    hardware: Hardware
    technology: Technology
    dataset: str
    images: int


def verify(task: VerificationTask) -> VerificationRecord:
    """Run one design bit for bit and compare its events with the closed forms'."""
    images = cached_dataset(task.dataset).test_images[: task.images]
    result = simulate(task.network_path, task.hardware, images, technology=task.technology)
    return VerificationRecord(
        id=task.id,
        images=len(images),
        mismatches=result.mismatches,
        events_agree=result.events == result.predicted_events,
    )


def verify_all(
    tasks: Sequence[VerificationTask], store: StudyStore, workers: Workers, progress: Progress
) -> dict[str, VerificationRecord]:
    """Verify every design that `store` does not know as verified on as many images; return all records by design."""
    stored = [store.verified.get((task.id, task.images)) for task in tasks]
    known = {record.id: record for record in stored if record is not None}
    progress(VERIFYING, len(known), len(tasks))
    for record in workers.run(verify, [task for task in tasks if task.id not in known]):
        store.add_verification(record)
        known[record.id] = record
        progress(VERIFYING, len(known), len(tasks))
    return known


def _counted(events: Mapping[Event, int]) -> dict[str, int]:
    return {event.value: count for event, count in sorted(events.items()) if count}
