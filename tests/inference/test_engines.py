"""Tapes and machines run the same stages: every layer's outputs and events must be equal."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trackmac.arrays import DotProductWords
from trackmac.circuits import Layout
from trackmac.circuits.microops import Evaluate
from trackmac.inference import memory_limits, unit_tracks
from trackmac.inference.network_run import NetworkRun, run_network
from trackmac.inference.programs import DotProductPrograms, Program, dot_product_programs
from trackmac.mapping import Schedule
from trackmac.networks import IntegerNetwork
from trackmac.simulation import Machine

Images = NDArray[np.uint8]


def taped(network: IntegerNetwork, schedule: Schedule, images: Images) -> NetworkRun:
    return run_network(network, schedule, images, bus_width_bits=64)


def on_machines(network: IntegerNetwork, schedule: Schedule, images: Images) -> NetworkRun:
    def ignore(name: str, machine: Machine) -> None:
        """Somebody looks on."""

    return run_network(network, schedule, images, bus_width_bits=64, on_layer=ignore)


def test_tapes_and_machines_agree_layer_by_layer(
    network: IntegerNetwork, any_schedule: Schedule, images: Images
) -> None:
    ours, theirs = taped(network, any_schedule, images), on_machines(network, any_schedule, images)

    assert ours.layers == theirs.layers
    np.testing.assert_array_equal(ours.logits, theirs.logits)


def test_batches_in_threads_agree_with_one_batch(
    network: IntegerNetwork, any_schedule: Schedule, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = np.concatenate([images] * 3)
    at_once = taped(network, any_schedule, many)
    monkeypatch.setattr(memory_limits, "MAX_IMAGES", 2)

    in_parts = taped(network, any_schedule, many)

    assert in_parts.layers == at_once.layers
    np.testing.assert_array_equal(in_parts.logits, at_once.logits)


@pytest.mark.parametrize("name", ["shared units", "slices", "magnetic", "slices across"])
def test_a_broken_program_is_a_mismatch_on_tapes_too(
    name: str, network: IntegerNetwork, images: Images, map_to: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = map_to(network, name)
    monkeypatch.setattr(unit_tracks, "dot_product_programs", _with_a_broken_mac)

    result = taped(network, schedule, images)

    by_name = {layer.name: layer.mismatches for layer in result.layers}
    assert by_name["conv1"] > 0
    assert result.layers == on_machines(network, schedule, images).layers


def _with_a_broken_mac(mac: str, layout: Layout, words: DotProductWords) -> DotProductPrograms:
    """Return the programs, but for a MAC whose last logic has one row of its truth table inverted."""
    programs = dot_product_programs(mac, layout, words)
    circuit = programs.mac.circuit
    number = max(number for number, step in enumerate(circuit.program) if step.of(Evaluate))
    step = circuit.program[number]
    (first, *_) = (op for op in step.ops if isinstance(op, Evaluate))
    table = tuple(tuple(1 - bit for bit in row) if place == 2 else row for place, row in enumerate(first.cell.table))
    ops = tuple(replace(op, cell=replace(op.cell, table=table)) if op is first else op for op in step.ops)
    program = (*circuit.program[:number], replace(step, ops=ops), *circuit.program[number + 1 :])
    return replace(programs, mac=Program(replace(circuit, program=program), programs.mac.binding))
