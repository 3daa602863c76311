"""A whole network on simulated tracks must compute what integer arithmetic does, and own up to it where it does not."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from trackmac.bits import NumberFormat
from trackmac.cost import NOTHING, Phase, total
from trackmac.errors import InputError
from trackmac.inference import memory_limits
from trackmac.inference.network_run import NetworkRun, run_network
from trackmac.mapping import DotProductSchedule, Schedule, segments_of
from trackmac.networks import Conv2d, Flatten, IntegerNetwork, Linear, MaxPool2d, ReLU
from trackmac.simulation import Machine

Images = NDArray[np.uint8]
Map = Callable[[IntegerNetwork, str], Schedule]

BUS_WIDTH_BITS = 64


def run(
    network: IntegerNetwork, schedule: Schedule, images: Images, on_layer: Callable[[str, Machine], None] | None = None
) -> NetworkRun:
    return run_network(network, schedule, images, bus_width_bits=BUS_WIDTH_BITS, on_layer=on_layer)


def rectified_network() -> IntegerNetwork:
    """Return a network of ReLUs without requantisation, pooled accumulators among them."""
    rng = np.random.default_rng(3)
    number_format = NumberFormat(2, is_signed=True)
    weights = rng.integers(-2, 2, (3, 1, 2, 2))
    return IntegerNetwork(
        name="rectified", input_shape=(1, 5, 5), input_format=NumberFormat(2, is_signed=False), input_exponent=-2,
        layers=(
            Conv2d(name="conv", weights=weights, bias=np.array([0, 1, -1]), weight_format=number_format),
            ReLU(name="relu"),
            MaxPool2d(name="pool", kernel=(2, 2), stride=(2, 2)),
            Flatten(name="flatten"),
            Linear(
                name="linear", weights=rng.integers(-2, 2, (4, 12)), bias=np.array([3, -3, 0, 1]),
                weight_format=number_format,
            ),
            ReLU(name="last"),
        ),
        classes=4, is_trained=False,
    )  # fmt: skip


def test_tracks_and_integer_arithmetic_agree_in_every_layer(
    network: IntegerNetwork, any_schedule: Schedule, images: Images
) -> None:
    result = run(network, any_schedule, images)

    assert {layer.name: layer.mismatches for layer in result.layers} == {layer.name: 0 for layer in network.layers}
    np.testing.assert_array_equal(result.logits, network.logits(images))


def test_the_hardware_of_these_tests_maps_layers_in_every_way(every_schedule: tuple[Schedule, ...]) -> None:
    entries = [
        entry for schedule in every_schedule for entry in schedule.stages if isinstance(entry, DotProductSchedule)
    ]

    assert any(entry.slices > 2 for entry in entries)
    assert any(len(entry.slice_words(entry.slices - 1)) < entry.words_per_slice for entry in entries)
    assert any(entry.filters_per_unit > 1 for entry in entries)
    assert any(entry.stage.dot.channels_out % entry.filters_per_unit for entry in entries)
    assert any(entry.replicas > 1 and entry.stage.dot.pixels % entry.replicas for entry in entries)
    assert any(entry.words_per_period == 1 for entry in entries)
    assert any(entry.words_per_slice % entry.words_per_period for entry in entries)


@pytest.mark.parametrize("name", ["shared units", "magnetic", "shared units across"])
def test_rectified_accumulators_are_pooled_and_sent_at_full_width(name: str, map_to: Map) -> None:
    network = rectified_network()
    images = np.random.default_rng(5).integers(0, 256, (4, 5, 5), dtype=np.uint8)

    result = run(network, map_to(network, name), images)

    assert result.mismatches == 0
    np.testing.assert_array_equal(result.logits, network.logits(images))


@pytest.mark.parametrize(
    ("layer", "place"),
    [("conv1", ("c", 7)), ("pool1", ("c", 1)), ("conv2", ("c", 9)), ("linear", ("c", 0)), ("linear", ("c", 8))],
)
def test_a_bit_flipped_in_mid_inference_is_a_mismatch(
    layer: str, place: tuple[str, int], network: IntegerNetwork, images: Images, map_to: Map
) -> None:
    def flip(name: str, machine: Machine) -> None:
        if name == layer:
            machine.flip(*place, lane=2)

    result = run(network, map_to(network, "shared units"), images, on_layer=flip)

    assert result.mismatches > 0
    by_name = {entry.name: entry.mismatches for entry in result.layers}
    assert by_name[layer] == 1


def test_a_mismatch_is_carried_on_to_the_layers_behind(network: IntegerNetwork, images: Images, map_to: Map) -> None:
    def flip(name: str, machine: Machine) -> None:
        if name == "conv2":
            machine.flip("c", 9, 1)  # the sign

    result = run(network, map_to(network, "slices"), images, on_layer=flip)

    by_name = {entry.name: entry.mismatches for entry in result.layers}
    assert by_name["conv1"] == by_name["relu1"] == by_name["requantize1"] == by_name["pool1"] == 0
    assert by_name["conv2"] == by_name["requantize2"] == by_name["flatten"] == 1
    assert by_name["linear"] > 1
    assert not np.array_equal(result.logits, network.logits(images))


def test_a_weight_that_fails_between_two_filters_is_a_mismatch(
    network: IntegerNetwork, images: Images, map_to: Map
) -> None:
    """Filters of one unit have weights of their own: the second is hit, the first is not."""
    schedule = map_to(network, "shared units")
    entry = schedule.stages[0]
    assert isinstance(entry, DotProductSchedule)
    second = segments_of(entry, 1, entry.words_per_slice)[0]
    group, first_domain = second.group, second.place.first_domain

    def flip(name: str, machine: Machine) -> None:
        if name == "conv1":
            for lane in range(machine.lanes):
                machine.flip(f"b{group}_", first_domain, lane)

    result = run(network, schedule, images, on_layer=flip)

    assert result.layers[0].mismatches > 0


def test_events_do_not_depend_on_how_much_is_simulated_at_once(
    network: IntegerNetwork, any_schedule: Schedule, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = run(network, any_schedule, images)
    seen: list[str] = []
    monkeypatch.setattr(memory_limits, "MACHINE_LANES", 64)
    monkeypatch.setattr(memory_limits, "MAX_IMAGES", 2)

    in_parts = run(network, any_schedule, images, on_layer=lambda name, machine: seen.append(name))

    assert seen.count("conv1") == 2
    np.testing.assert_array_equal(in_parts.logits, at_once.logits)
    assert in_parts.layers == at_once.layers


def test_events_and_time_grow_with_the_images(network: IntegerNetwork, images: Images, map_to: Map) -> None:
    schedule = map_to(network, "slices across")

    one, three = run(network, schedule, images[:1]), run(network, schedule, images)

    assert three.activity == one.activity.repeated(3)
    assert total(layer.activity for layer in three.layers) == three.activity


def test_no_images_give_no_logits_and_no_events(network: IntegerNetwork, images: Images, map_to: Map) -> None:
    result = run(network, map_to(network, "slices"), images[:0])

    assert result.logits.shape == (0, 7)
    assert result.activity == NOTHING
    assert [layer.name for layer in result.layers] == [layer.name for layer in network.layers]


def test_flattening_costs_nothing(network: IntegerNetwork, images: Images, map_to: Map) -> None:
    result = run(network, map_to(network, "slices"), images)

    by_name = {layer.name: layer.activity for layer in result.layers}
    assert by_name["flatten"] == NOTHING
    assert all(activity != NOTHING for name, activity in by_name.items() if name != "flatten")


def test_progress_rises_to_one(network: IntegerNetwork, images: Images, map_to: Map) -> None:
    told: list[float] = []

    run_network(network, map_to(network, "slices"), images, bus_width_bits=BUS_WIDTH_BITS, on_progress=told.append)

    assert len(told) == 3
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == 1


def test_images_of_another_shape_are_refused(network: IntegerNetwork, images: Images, map_to: Map) -> None:
    with pytest.raises(InputError, match=r"takes images of shape \[N, 10, 6, 2\]"):
        run(network, map_to(network, "slices"), images[:, :5])


def test_heads_end_where_they_started(network: IntegerNetwork, any_schedule: Schedule, images: Images) -> None:
    machines: list[tuple[dict[str, int], Machine]] = []

    def keep(name: str, machine: Machine) -> None:
        machines.append(({track: machine.displacement(track) for track in machine.tracks}, machine))

    run(network, any_schedule, images, on_layer=keep)

    assert len(machines) == 4
    for before, machine in machines:
        after = {track: machine.displacement(track) for track in machine.tracks}
        assert after == before
        assert all(place == 0 for track, place in after.items() if track != "a")


def test_a_narrower_bus_takes_more_cycles_and_nothing_else(
    network: IntegerNetwork, images: Images, map_to: Map
) -> None:
    schedule = map_to(network, "replicas")

    wide = run_network(network, schedule, images, bus_width_bits=1024)
    narrow = run_network(network, schedule, images, bus_width_bits=1)

    assert wide.activity.events == narrow.activity.events
    assert {phase: steps for phase, steps in wide.activity.phases.items() if phase is not Phase.TRANSFER} == {
        phase: steps for phase, steps in narrow.activity.phases.items() if phase is not Phase.TRANSFER
    }
    assert narrow.activity.phases[Phase.TRANSFER] > 10 * wide.activity.phases[Phase.TRANSFER]
