"""What several test folders share."""

from dataclasses import replace

import pytest

from trackmac.arrays import Hardware, hardware_names, load_hardware
from trackmac.circuits import Layout
from trackmac.mapping.network_floorplan import network_floorplan
from trackmac.models.evaluation import evaluate_network
from trackmac.networks.load import load_network
from trackmac.networks.shapes import layer_shapes
from trackmac.results import Baseline, Design, ExplorationResult
from trackmac.technology import load_technology

TECHNOLOGIES = ("rtsim-destiny-2017", "spimulator-2025")
CIRCUITS = (
    ("booth_radix4_mac", "along"),
    ("shift_add_mac", "along"),
    ("booth_radix4_mac", "across"),
    ("magnetic_mac", "along"),
)


def made_up_exploration() -> ExplorationResult:
    """Return a result in the form of a real one: energies, latencies and areas are priced, accuracies are made up."""
    shapes = layer_shapes(load_network("lenet5"))
    designs: list[Design] = []
    for technology in TECHNOLOGIES:
        for number, (circuit, layout) in enumerate(CIRCUITS):
            for mats in (20, 32):
                hardware = replace(
                    load_hardware(hardware_names()[0]),
                    name=f"point-{number}-{mats}", technology=technology, circuit=circuit, layout=Layout(layout),
                    mats_per_bank=mats, tracks=96,
                )  # fmt: skip
                designs.append(_design(len(designs), hardware, shapes))
    best = designs[0]
    evaluation = evaluate_network(best.network, shapes, load_hardware("embedded"), load_technology(TECHNOLOGIES[0]))
    floorplan = network_floorplan(best.network, shapes, load_hardware("embedded"), load_technology(TECHNOLOGIES[0]))
    best = replace(
        best,
        hardware=replace(load_hardware("embedded"), technology=TECHNOLOGIES[0]).to_dict(),
        energy_pj=evaluation.totals.energy_pj,
        latency_ns=evaluation.totals.latency_ns,
        area_um2=evaluation.totals.area_um2,
    )
    front = (best, *designs[1:])
    baseline = Baseline(
        name="magnetic_full_adder", description="the classic magnetic adder, words along the tracks, same chip",
        energy_pj=2.5 * best.energy_pj, latency_ns=3 * best.latency_ns, area_um2=1.1 * best.area_um2,
        energy_ratio=2.5, latency_ratio=3.0, area_ratio=1.1, verified_images=10, mismatches=0,
    )  # fmt: skip
    return ExplorationResult(
        study="digits", dataset="digits", seed=0, front=front, knee=front[3], best=best,
        budget={"max_area_um2": 2e5, "min_accuracy": 0.93}, baselines=(baseline,), trials_run=12, trials_reused=0,
        hardware_points=1536, feasible_points=11_000,
        figures=tuple(load_technology(TECHNOLOGIES[0]).to_dict()["figures"]), best_evaluation=evaluation,
        best_floorplan=floorplan,
        exact_front_designs=412, notes=("the budget leaves 3 designs",),
    )  # fmt: skip


def _design(number: int, hardware: Hardware, shapes: object) -> Design:
    totals = evaluate_network("x", shapes, hardware, load_technology(hardware.technology)).totals  # type: ignore[arg-type]
    return Design(
        id=f"t{number:03d}-p{number * 37}", trial=number, accuracy=0.94 + 0.003 * number, energy_pj=totals.energy_pj,
        latency_ns=totals.latency_ns, area_um2=totals.area_um2, network=f"c6-16k5h{number}w8a8",
        hardware=hardware.to_dict(), test_accuracy=0.93 + 0.003 * number, verified_images=10, mismatches=0,
        events_agree=True, dynamic_energy_pj=totals.dynamic_energy_pj,
    )  # fmt: skip


@pytest.fixture(scope="session")
def exploration_result() -> ExplorationResult:
    return made_up_exploration()
