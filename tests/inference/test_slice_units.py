import numpy as np
import pytest
from numpy.typing import NDArray

from trackmac.arrays.ports import Operation
from trackmac.inference.engines import Engine, Machines, Tapes
from trackmac.inference.lanes import column_planes
from trackmac.inference.slice_units import SliceUnits
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.mapping import DotProductSchedule, Schedule, segments_of
from trackmac.networks import Conv2d, IntegerNetwork

ENGINES = pytest.mark.parametrize("engine", [Machines(), Tapes()], ids=["machines", "tapes"])


def convolutions(network: IntegerNetwork, schedule: Schedule) -> list[tuple[DotProductSchedule, NDArray[np.int64]]]:
    """Return each stage of convolutions with its layer's weights [channels, products]."""
    layers = {layer.name: layer for layer in network.layers if isinstance(layer, Conv2d)}
    return [
        (entry, layers[entry.stage.dot.name].weights.reshape(entry.stage.dot.channels_out, -1))
        for entry in schedule.stages
        if isinstance(entry, DotProductSchedule) and entry.stage.dot.name in layers
    ]


@ENGINES
def test_a_slice_computes_its_part_of_every_dot_product(
    engine: Engine, network: IntegerNetwork, any_schedule: Schedule
) -> None:
    rng = np.random.default_rng(2)
    for entry, weights in convolutions(network, any_schedule):
        tracks = UnitTracks(hardware=any_schedule.hardware, entry=entry)
        for index in range(entry.slices):
            units = SliceUnits(tracks, index, weights, 70, engine)
            codes = rng.integers(0, entry.stage.words.a.maximum + 1, (len(units.products), 70))
            own = weights[:, units.products.start : units.products.stop]
            for turn in range(entry.filters_per_unit):
                start = rng.integers(-20, 20, units.groups.units)

                units.accumulate(turn, start, column_planes(codes, entry.stage.words.a.bits)[:, :, np.newaxis])

                filters = own[turn :: entry.filters_per_unit]
                expected = filters @ codes + start[: len(filters), np.newaxis]
                np.testing.assert_array_equal(units.groups.by_unit(units.accumulators())[: len(filters)], expected)


def test_weights_stay_on_their_tracks(network: IntegerNetwork, any_schedule: Schedule) -> None:
    engine = Machines()
    for entry, weights in convolutions(network, any_schedule):
        tracks = UnitTracks(hardware=any_schedule.hardware, entry=entry)
        units = SliceUnits(tracks, 0, weights, 3, engine)
        codes = np.random.default_rng(2).integers(0, entry.stage.words.a.maximum + 1, (len(units.products), 3))
        a_bits, bits = entry.stage.words.a.bits, entry.stage.words.b.bits
        for turn in range(entry.filters_per_unit):
            start = np.zeros(units.groups.units, dtype=np.int64)
            units.accumulate(turn, start, column_planes(codes, a_bits)[:, :, np.newaxis])

        for turn in range(entry.filters_per_unit):
            filters = weights[turn :: entry.filters_per_unit]
            for segment in segments_of(entry, turn, len(units.products)):
                places = tracks.weight_places(segment)
                for number, word in enumerate(segment.words):
                    peeked = units.machine.peek(places[number * bits : (number + 1) * bits], entry.stage.words.b)
                    lying = units.groups.by_unit(peeked)[: len(filters)]
                    np.testing.assert_array_equal(lying, np.repeat(filters[:, word, np.newaxis], 3, axis=1))


def test_a_unit_needs_no_more_tracks_than_the_hardware_has(network: IntegerNetwork, any_schedule: Schedule) -> None:
    hardware = any_schedule.hardware
    for entry in any_schedule.stages:
        if isinstance(entry, DotProductSchedule):
            tracks = UnitTracks(hardware=hardware, entry=entry).geometries(entry.words_per_slice)

            assert len(tracks) <= hardware.tracks
            weight_tracks = [geometry for name, geometry in tracks.items() if name.startswith("b")]
            assert all(geometry.domains == hardware.domains for geometry in weight_tracks)
            ports = [port.position for port in hardware.port_layout.ports]
            assert all(list(geometry.ports) == ports for geometry in weight_tracks)
            readers = hardware.port_layout.positions(Operation.READ).tolist()
            assert {segment.port for segment in entry.segments} <= set(readers)
