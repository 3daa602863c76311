"""Walks over weights: which are alike, what runs on one, and that all tracks are home after it."""

from itertools import chain

import numpy as np

from trackmac.inference.unit_tracks import UnitTracks
from trackmac.inference.weight_walks import trades, walk_programs, walks_alike
from trackmac.mapping import DotProductSchedule, Schedule, segments_of
from trackmac.simulation import Machine


def unit_tracks(schedule: Schedule) -> list[UnitTracks]:
    entries = [entry for entry in schedule.stages if isinstance(entry, DotProductSchedule)]
    return [UnitTracks(hardware=schedule.hardware, entry=entry) for entry in entries]


def test_walks_over_groups_on_which_words_lie_alike_are_taken_together(any_schedule: Schedule) -> None:
    for tracks in unit_tracks(any_schedule):
        words = tracks.entry.words_per_slice
        for turn in range(tracks.entry.filters_per_unit):
            parts = list(walks_alike(tracks, turn, words))

            assert tuple(chain(*chain(*parts))) == segments_of(tracks.entry, turn, words)
            for walks in parts:
                shapes = [[(segment.place, len(segment.words)) for segment in walk] for walk in walks]
                assert all(shape == shapes[0] for shape in shapes)
                groups = [{segment.group for segment in walk} for walk in walks]
                assert all(len(group) == 1 for group in groups)
                assert len(set.union(*groups)) == len(walks)


def test_a_walk_multiplies_every_word_and_ends_at_home(any_schedule: Schedule) -> None:
    for tracks in unit_tracks(any_schedule):
        words, programs = tracks.entry.words_per_slice, tracks.programs
        machine = Machine(64, tracks.geometries(words))
        if programs.ready_activation is not None:
            machine.execute(programs.ready_activation.circuit, programs.ready_activation.binding)
        start = {name: machine.displacement(name) for name in machine.tracks}
        for walk in chain(*walks_alike(tracks, 0, words)):
            ran = list(walk_programs(machine, tracks, walk))
            for bound in ran:
                machine.run(bound, {word.name: np.zeros(64, np.int64) for word in bound.received})

            count = sum(len(segment.words) for segment in walk)
            assert sum(bound.binding.circuit is programs.mac.circuit for bound in ran) == count
            assert sum(bound.binding.circuit is programs.load_activation.circuit for bound in ran) == count
            assert {name: machine.displacement(name) for name in machine.tracks} == start


def test_tracks_of_walks_that_are_alike_trade_places_with_the_first_ones(any_schedule: Schedule) -> None:
    for tracks in unit_tracks(any_schedule):
        for walks in walks_alike(tracks, 0, tracks.entry.words_per_slice):
            own = [list(tracks.weight_binding(walk[0]).values()) for walk in walks]

            assert trades(tracks, walks) == [dict(zip(own[0], names, strict=True)) for names in own]
