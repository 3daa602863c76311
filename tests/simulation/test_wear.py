"""Writes by domain and by junction: counted by hand for small programs."""

import numpy as np

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout, circuit
from trackmac.circuits.relu import relu
from trackmac.circuits.transfer import load_word, move_weights
from trackmac.cost import Event
from trackmac.simulation import Machine, TrackGeometry
from trackmac.simulation.wear import domain_writes, port_writes

FOUR = NumberFormat(4, is_signed=True)


def test_a_word_along_a_track_wears_each_domain_once_and_its_junction_with_every_bit() -> None:
    machine = Machine(64, {"x": TrackGeometry(domains=6)})

    for _ in range(3):
        machine.execute(relu(FOUR))

    assert domain_writes(machine)["x"].tolist() == [3, 3, 3, 3, 0, 0]
    assert port_writes(machine)["x"].tolist() == [12]


def test_a_word_across_tracks_wears_a_junction_with_each_bit() -> None:
    tracks = {f"x{bit}": TrackGeometry(domains=1, overhead=0) for bit in range(4)}
    machine = Machine(64, tracks)

    machine.execute(relu(FOUR, Layout.ACROSS))

    assert [domain_writes(machine)[name].tolist() for name in tracks] == [[1]] * 4
    assert [port_writes(machine)[name].tolist() for name in tracks] == [[1]] * 4


def test_writes_are_laid_to_where_the_track_stood_and_to_the_port_that_was_used() -> None:
    machine = Machine(64, {"track": TrackGeometry(domains=12, ports=(0, 6), overhead=8)})
    word = relu(NumberFormat(2, is_signed=False))

    machine.execute(word, binding={"x": "track"}, ports={"track": 1})
    machine.execute(move_weights(FOUR, 3), binding={"b": "track"})
    machine.execute(word, binding={"x": "track"}, ports={"track": 0})

    assert domain_writes(machine)["track"].tolist() == [0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0]
    assert port_writes(machine)["track"].tolist() == [2, 2]


def test_a_write_through_a_second_port_is_laid_to_it_and_to_the_domain_under_it() -> None:
    adder = circuit("transverse_read_adder", 2, trd=3)  # each column is written twice, through its port over domain 2
    machine = Machine(64, {track.name: TrackGeometry(domains=3, ports=track.ports) for track in adder.tracks})

    machine.execute(adder)

    assert [counts.tolist() for counts in domain_writes(machine).values()] == [[0, 0, 2]] * 3
    assert [counts.tolist() for counts in port_writes(machine).values()] == [[0, 2]] * 3


def test_no_write_is_lost_or_made_up() -> None:
    machine = Machine(64, {"word": TrackGeometry(domains=4)})
    machine.execute(load_word(FOUR), wires={"word": np.zeros(64, np.int64)})

    assert sum(counts.sum() for counts in domain_writes(machine).values()) == machine.activity.events[Event.WRITES]
