"""A trace of a network's operand accesses: the schedule's count of their shifts, and beside it those of computing."""

from collections.abc import Callable, Sequence
from pathlib import Path

from trackmac.arrays import Dataflow, Hardware, grid_of
from trackmac.cost import Event
from trackmac.mapping.operand_accesses import OperandAccesses, StageAccesses, operand_accesses
from trackmac.mapping.schedule import schedule
from trackmac.models.broadcast_counts import broadcast_counts
from trackmac.models.network_counts import layer_counts
from trackmac.models.tally import LayerCounts
from trackmac.networks.integer import IntegerNetwork
from trackmac.port_policy import PortAccess, PortUpdate
from trackmac.technology import Technology
from trackmac.traces import Bank, LayerAccesses, TraceExport, refuse_too_many, write_export
from trackmac.traces.writing import WORD_BYTES


def exported(
    network: IntegerNetwork,
    hardware: Hardware,
    technology: Technology,
    out: Path,
    *,
    layers: Sequence[str],
    pixels: int | None,
    on_progress: Callable[[str, float, float], None],
) -> TraceExport:
    """Write the trace; what it says of itself was computed before, and not from it.

    Raises:
        InputError: as `api.export_trace`.
    """
    planned = schedule(network.shapes, hardware, technology)
    accesses = operand_accesses(planned, layers, pixels)
    parts, others = _layers(network, hardware, technology, accesses)
    refuse_too_many(sum(part.accesses for part in parts), accesses.clusters, out)
    export = TraceExport(
        trace=str(out),
        network=network.name,
        hardware=hardware.name,
        bank=Bank(
            domains=accesses.rows.domains,
            tracks=accesses.tracks,
            ports=accesses.rows.ports,
            port_access=PortAccess.STATIC,
            port_update=PortUpdate.LAZY,
            dbcs=accesses.clusters,
            word_bytes=WORD_BYTES,
        ),
        rows_are_domains=accesses.rows.are_domains,
        layers=parts,
        other_track_shifts=0 if layers or pixels is not None else others,
    )
    write_export(export, accesses.addresses(WORD_BYTES), on_progress)
    return export


def _layers(
    network: IntegerNetwork, hardware: Hardware, technology: Technology, accesses: OperandAccesses
) -> tuple[tuple[LayerAccesses, ...], int]:
    """Return what the trace has of each layer, and the track shifts of all layers that are not in it, for one image."""
    from trackmac.mapping import plan, stages_of

    planned = plan(stages_of(network.shapes), grid_of([hardware], technology))
    shifts = _track_shifts(layer_counts(planned))
    sending = _track_shifts(broadcast_counts(planned).layers) if hardware.dataflow is Dataflow.OUTPUT_STATIONARY else {}
    parts: list[LayerAccesses] = []
    for stage in accesses.stages:
        computing = sum(shifts.pop(layer.name, 0) for layer in stage.entry.stage.layers)
        sent = sending.get(stage.name, 0) * stage.passes // stage.entry.times_brought
        parts.append(_layer(stage, computing * stage.pixels // stage.entry.stage.dot.pixels + sent))
    return tuple(parts), sum(shifts.values())


def _track_shifts(counted: Sequence[LayerCounts]) -> dict[str, int]:
    return {item.name: int(item.events[Event.TRACK_SHIFTS][0]) for item in counted if Event.TRACK_SHIFTS in item.events}


def _layer(stage: StageAccesses, track_shifts: int) -> LayerAccesses:
    """Return a layer whose weights and computing make so many track shifts for the pixels in the trace."""
    found = stage.shifts
    return LayerAccesses(
        name=stage.name,
        accesses=found.accesses,
        first_dbc=stage.first_cluster,
        dbcs=stage.clusters,
        pixels=stage.pixels,
        shift_steps=found.shift_steps,
        track_shifts=found.track_shifts,
        homeward_track_shifts=found.homeward_track_shifts,
        compute_track_shifts=track_shifts - found.track_shifts - found.homeward_track_shifts,
    )
