"""How often a simulated unit writes each domain and each junction is what the closed forms of `models/wear` say."""

from functools import reduce

import numpy as np
import pytest
from tests.agreement.test_inference_equals_closed_form import (
    BUS_WIDTH_BITS,
    TECHNOLOGY,
    random_network,
    random_schedule,
)

from trackmac.arrays import grid_of
from trackmac.bits import IntArray
from trackmac.inference.network_run import run_network
from trackmac.mapping import DotProductSchedule, DotProductStage, Plan, Schedule, plan, stages_of
from trackmac.models.mac_writes import CARRY
from trackmac.models.wear import dot_product_writes, element_writes, wear, weight_wear, write_times
from trackmac.networks import IntegerNetwork, layer_shapes
from trackmac.simulation import Machine
from trackmac.simulation.wear import domain_writes, port_writes

Counts = dict[str, IntArray]
"""Writes to each place of each work word."""


def machines_of(network: IntegerNetwork, mapped: Schedule) -> dict[str, Machine]:
    """Return, after one image, the first machine of each stage: units with a first slice, at work on some pixels."""
    channels, height, width = network.input_shape
    image = np.random.default_rng(0).integers(0, 256, (1, height, width, channels), dtype=np.uint8)
    machines: dict[str, Machine] = {}

    def keep_first(stage: str, machine: Machine) -> None:
        machines.setdefault(stage, machine)

    run_network(network, mapped, image, bus_width_bits=BUS_WIDTH_BITS, on_layer=keep_first)
    return machines


def times_for_one_image(mapped: Schedule, stage: str) -> int:
    """Return how often the busiest unit repeats for one image what a lane of the stage's machine does."""
    for entry in mapped.stages:
        if isinstance(entry, DotProductSchedule):
            if entry.stage.dot.name == stage:
                return entry.waves // entry.filters_per_unit  # a lane computes all filters of its unit for one pixel
        elif entry.stage.head.name == stage:
            return entry.waves
    raise KeyError(stage)


def counted_by_word(machine: Machine) -> dict[str, tuple[IntArray, IntArray]]:
    """Return, for each work word of the machine, how often its domains and its junctions were written."""
    domains, ports = domain_writes(machine), port_writes(machine)
    tracks: dict[str, list[str]] = {}
    for name in machine.tracks:
        tracks.setdefault(word_of(name), []).append(name)
    tracks.pop("weights", ())
    return {
        word: (np.concatenate([domains[name] for name in names]), np.concatenate([ports[name] for name in names]))
        for word, names in tracks.items()
    }


def weight_writes(machine: Machine) -> tuple[int, int]:
    """Return the writes of the most-written domain, and junction, of the weight tracks of the machine."""
    domains, ports = (
        [counts.max() for name, counts in by(machine).items() if word_of(name) == "weights"]
        for by in (domain_writes, port_writes)
    )
    return max(domains, default=0), max(ports, default=0)


def word_of(track: str) -> str:
    """Return whose bits a track holds: it is called as its word, with the bit's number if it has but one."""
    word = track.rstrip("0123456789")
    if "_" in track:
        return "weights"
    return word if word in {"a", "b", "product", "c"} else CARRY


def predicted_by_word(planned: Plan, name: str) -> dict[str, IntArray]:
    """Return how often each bit of each work word is written in a stage, at the plan's only point."""
    network, grid = planned.network, planned.grid
    (number,) = (number for number, stage in enumerate(network.stages) if stage.name == name)
    stage, times = network.stages[number], write_times(planned)[network.places[number], :, 0]
    if isinstance(stage, DotProductStage):
        found = dot_product_writes(stage, grid.circuit, grid.dataflow)
    else:
        found = element_writes(stage)
    return {word: times @ writes for word, writes in found.items()}


def trimmed(counts: IntArray) -> list[int]:
    """Return the counts without the zeros at the end: a track may have more domains than its word."""
    return [int(count) for count in np.trim_zeros(counts, "b")]


def check(network: IntegerNetwork, mapped: Schedule) -> None:
    planned = plan(stages_of(layer_shapes(network)), grid_of([mapped.hardware], TECHNOLOGY))
    dots: list[tuple[Counts, Counts]] = []
    weights = [0, 0]
    pooled: tuple[Counts, Counts] = ({}, {})
    for stage, machine in machines_of(network, mapped).items():
        times, counted = times_for_one_image(mapped, stage), counted_by_word(machine)
        domains, ports = ({word: times * by[kind] for word, by in counted.items()} for kind in (0, 1))
        predicted = predicted_by_word(planned, stage)
        assert {word: trimmed(counts) for word, counts in domains.items() if counts.any()} == {
            word: trimmed(counts) for word, counts in predicted.items()
        }
        if any(entry.stage.name == stage and isinstance(entry, DotProductSchedule) for entry in mapped.stages):
            dots.append((domains, ports))
            weights = [before + own for before, own in zip(weights, weight_writes(machine), strict=True)]
        else:
            pooled = merged(pooled[0], domains), merged(pooled[1], ports)
    if planned.shares_units[0]:  # a unit works for one layer after another
        dots = [(reduce(merged, (dot[0] for dot in dots)), reduce(merged, (dot[1] for dot in dots)))]
    of_weights = weight_wear(planned)
    assert [of_weights.per_domain[0], of_weights.per_mtj[0]] == weights
    most = [
        max(weights[kind], *(int(c.max()) for dot in dots for c in merged(dot[kind], pooled[kind]).values()))
        for kind in (0, 1)
    ]
    worn = wear(planned)
    assert [worn.per_domain[0], worn.per_mtj[0]] == most


def merged(first: Counts, second: Counts) -> Counts:
    """Return the sums, word by word and bit by bit, of arrays that may differ in length."""
    result = dict(first)
    for word, counts in second.items():
        known = result.get(word, np.zeros(0, np.int64))
        size = max(len(known), len(counts))
        result[word] = np.pad(known, (0, size - len(known))) + np.pad(counts, (0, size - len(counts)))
    return result


def check_random(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng)
    check(network, random_schedule(rng, network))


@pytest.mark.parametrize("seed", range(12))
def test_a_simulated_unit_writes_each_domain_as_often_as_the_closed_forms_say(seed: int) -> None:
    check_random(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_many_simulated_units_write_each_domain_as_often_as_the_closed_forms_say(seed: int) -> None:
    check_random(seed)
