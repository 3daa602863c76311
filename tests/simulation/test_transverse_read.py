"""A transverse read in both simulators: every pattern of domains between two ports, and what may go wrong."""

from itertools import product

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Layout, Place, Track, Word
from trackmac.circuits.microops import Shift, Step, TransverseRead, Write
from trackmac.cost import Event, Phase
from trackmac.simulation import Machine, TrackGeometry, naive, packed
from trackmac.simulation.counting import ones
from trackmac.simulation.logic import LogicNetwork, Signal

DISTANCES = (3, 5, 7)


def evaluated(network: LogicNetwork, known: dict[Signal, int]) -> dict[Signal, int]:
    values = {0: 0, 1: 1} | known
    for signal, gate in enumerate(network.gates):
        if gate is not None:
            row = sum(values[source] << position for position, source in enumerate(gate.inputs))
            values[signal] = gate.table[row]
    return values


@pytest.mark.parametrize("count", range(1, 9))
def test_the_logic_of_a_count_is_the_number_of_ones(count: int) -> None:
    network = LogicNetwork()
    signals = [network.external() for _ in range(count)]
    bits = ones(network, signals)

    assert len(bits) == count.bit_length()
    for pattern in product((0, 1), repeat=count):
        values = evaluated(network, dict(zip(signals, pattern, strict=True)))
        assert sum(values[bit] << position for position, bit in enumerate(bits)) == sum(pattern)


def counter(distance: int) -> Circuit:
    """Return a circuit that counts the ones of domains 1 to `distance` and writes the count's bits on a track each."""
    bits = distance.bit_length()
    names = tuple(f"count{bit}" for bit in range(bits))
    return Circuit(
        name="counter",
        summary="counts ones",
        layout=Layout.ACROSS,
        operands=(
            Word(
                name="x",
                format=NumberFormat(distance, False),
                places=tuple(Place("x", domain) for domain in range(1, distance + 1)),
            ),
        ),
        result=Word(name="count", format=NumberFormat(bits, False), places=tuple(Place(name, 0) for name in names)),
        tracks=(Track("x", distance + 2, (0, distance - 1)), *(Track(name, 1) for name in names)),
        program=(
            Step((Shift(("x",), 1),)),
            Step((TransverseRead("x", names),)),
            Step(tuple(Write(name, name) for name in names)),
            Step((Shift(("x",), -1),)),
        ),
        reference=_ones,
    )


def _ones(x: IntArray) -> IntArray:
    return np.bitwise_count(x.astype(np.uint64)).astype(np.int64)


@pytest.mark.parametrize("distance", DISTANCES)
def test_both_simulators_count_the_ones_of_every_pattern(distance: int) -> None:
    circuit = counter(distance)
    operands = {"x": np.arange(1 << distance)}

    slow, fast = naive.run(circuit, operands), packed.run(circuit, operands)

    np.testing.assert_array_equal(slow.values, circuit.reference(**operands))
    np.testing.assert_array_equal(fast.values, slow.values)
    assert slow.activity == fast.activity
    assert slow.activity.events[Event.TRANSVERSE_READS] == slow.activity.phases[Phase.TRANSVERSE_READ] == 1


@pytest.mark.parametrize("distance", DISTANCES)
def test_the_bits_of_a_count_are_the_parity_and_the_carries_of_coruscant(distance: int) -> None:
    counts = packed.run(counter(distance), {"x": (1 << np.arange(distance + 1)) - 1}).values

    parity, carry, second_carry = (counts >> bit & 1 for bit in range(3))
    assert {n for n in range(distance + 1) if parity[n]} == {1, 3, 5, 7} & set(range(distance + 1))
    assert {n for n in range(distance + 1) if carry[n]} == {2, 3, 6, 7} & set(range(distance + 1))
    assert {n for n in range(distance + 1) if second_carry[n]} == {4, 5, 6, 7} & set(range(distance + 1))


def test_a_machine_runs_it_on_a_track_with_a_second_port() -> None:
    circuit = counter(5)
    tracks = {track.name: TrackGeometry(track.domains, track.ports) for track in circuit.tracks}
    machine = Machine(3, tracks)
    machine.store(circuit.operands[0].places, np.array([0b10110, 0b11111, 0]))

    machine.execute(circuit)

    assert machine.peek(circuit.result.places, circuit.result.format).tolist() == [3, 5, 0]


def test_a_machine_whose_track_lacks_the_second_port_is_refused() -> None:
    circuit = counter(5)
    machine = Machine(3, {track.name: TrackGeometry(track.domains) for track in circuit.tracks})

    with pytest.raises(ValueError, match=r"track x needs ports over domains \[4\]; it has \(0,\)"):
        machine.execute(circuit)
