"""Units whose tracks keep their bits and displacement from program to program."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import MACS, Circuit, Layout, Place, circuit
from trackmac.circuits.microops import Shift, Step
from trackmac.circuits.transfer import load_word, move_weights, unload_word
from trackmac.cost import Event
from trackmac.errors import OperandError
from trackmac.simulation import Machine, PackedWord, TrackEndError, TrackGeometry, pack

BYTE, SUM = NumberFormat(8, True), NumberFormat(20, True)
LAYOUTS = pytest.mark.parametrize("layout", list(Layout))


def random_bytes(*shape: int) -> IntArray:
    return np.random.default_rng(len(shape)).integers(-128, 128, shape)


def on(subject: Circuit, old: str, new: str) -> dict[str, str]:
    """Return the binding of the tracks of word `old` to those of `new`."""
    return {track.name: track.name.replace(old, new, 1) for track in subject.tracks}


def dot_product_machine(lanes: int, weights: int, layout: Layout) -> Machine:
    if layout is Layout.ALONG:
        lengths = {"a": 8, "b": 8 * weights, "product": 16, "c": 20}
    else:
        words = {"a": (8, 1), "b": (8, weights), "product": (16, 1), "c": (20, 1)}
        lengths = {f"{name}{bit}": length for name, (bits, length) in words.items() for bit in range(bits)}
    return Machine(lanes, {name: TrackGeometry(length) for name, length in lengths.items()})


def weight_places(number: int, layout: Layout) -> list[Place]:
    along = layout is Layout.ALONG
    return [Place("b", 8 * number + bit) if along else Place(f"b{bit}", number) for bit in range(8)]


@LAYOUTS
@pytest.mark.parametrize("name", ["shift_add_mac", "booth_radix4_mac"])
def test_dot_products_come_out_again_and_again(name: str, layout: Layout) -> None:
    lanes, count = 100, 5
    weights, inputs = random_bytes(count, lanes), random_bytes(2, count, lanes)
    machine = dot_product_machine(lanes, count, layout)
    mac = MACS[name](BYTE, BYTE, SUM, layout)
    load, start_sum = load_word(BYTE, layout), load_word(SUM, layout)
    unload, advance = unload_word(SUM, layout), move_weights(BYTE, 1, layout)
    for number in range(count):
        machine.store(weight_places(number, layout), weights[number])

    for vector in inputs:
        machine.execute(start_sum, on(start_sum, "word", "c"), wires={"word": np.zeros(lanes, np.int64)})
        for values in vector:
            go_home(machine, "a")
            machine.execute(load, on(load, "word", "a"), wires={"word": pack(values, 8)})
            machine.execute(mac)
            machine.execute(advance)
        sent = machine.execute(unload, on(unload, "word", "c"))
        go_home(machine, "b")

        np.testing.assert_array_equal(sent["word"], (vector * weights).sum(axis=0))


def go_home(machine: Machine, track: str) -> None:
    """Shift one track, or those of a word across tracks, to where they started."""
    names = [name for name in machine.tracks if name.rstrip("0123456789") == track]
    steps = -machine.displacement(names[0])
    if steps:
        machine.execute(shifting({name: machine.tracks[name].domains for name in names}, steps))


def shifting(domains: Mapping[str, int], steps: int) -> Circuit:
    """Return the program that only shifts."""
    some = circuit("relu", 2)
    tracks = tuple(
        replace(some.tracks[0], name=name, domains=max(count, abs(steps) + 1)) for name, count in domains.items()
    )
    start = dict.fromkeys(domains, max(-steps, 0))
    return replace(some, tracks=tracks, start=start, program=(Step((Shift(tuple(domains), steps),)),))


def test_what_was_stored_is_found_and_shifting_does_not_change_it() -> None:
    machine = Machine(70, {"t": TrackGeometry(12)})
    places = [Place("t", domain) for domain in (3, 4, 5, 9)]
    values = np.arange(70) % 16 - 8

    machine.store(places, values)
    machine.execute(shifting({"t": 12}, 7))

    np.testing.assert_array_equal(machine.peek(places, NumberFormat(4, True)), values)
    assert machine.displacement("t") == 7


def test_a_packed_word_is_stored_like_its_values() -> None:
    machine = Machine(70, {"t": TrackGeometry(4)})
    places = [Place("t", domain) for domain in range(4)]

    machine.store(places, pack(np.arange(70) % 16, 4))

    np.testing.assert_array_equal(machine.peek(places, NumberFormat(4, False)), np.arange(70) % 16)


def test_a_flipped_bit_is_flipped_in_one_lane_only() -> None:
    machine = Machine(130, {"t": TrackGeometry(4), "u": TrackGeometry(4)})
    places = [Place("u", domain) for domain in range(4)]
    machine.store(places, np.zeros(130, np.int64))

    machine.flip("u", 2, 129)

    expected = np.zeros(130, np.int64)
    expected[129] = 4
    np.testing.assert_array_equal(machine.peek(places, NumberFormat(4, False)), expected)


def test_untouched_domains_are_ones_and_stay_as_they_are() -> None:
    machine = Machine(3, {"x": TrackGeometry(8)})
    machine.store([Place("x", domain) for domain in range(2, 6)], np.array([-8, 7, -1]))
    relu = circuit("relu", 4)

    machine.execute(shifting({"x": 8}, 2))
    machine.execute(relu)

    whole = machine.peek([Place("x", domain) for domain in range(8)], NumberFormat(8, False))
    assert whole.tolist() == [0b11000011 | value << 2 for value in (0, 7, 0)]


@pytest.mark.parametrize("port", [0, 1])
def test_each_port_reaches_its_own_word(port: int) -> None:
    machine = Machine(1, {"x": TrackGeometry(8, ports=(0, 4))})
    machine.store([Place("x", domain) for domain in range(8)], np.array([0b1000_1000]))

    machine.execute(circuit("relu", 4), ports={"x": port})

    (value,) = machine.peek([Place("x", domain) for domain in range(8)], NumberFormat(8, False))
    assert value == (0b1000_0000, 0b0000_1000)[port]


def test_a_track_that_would_leave_its_overhead_is_refused_and_nothing_happens() -> None:
    machine = Machine(2, {"t": TrackGeometry(8, overhead=3)})

    machine.execute(shifting({"t": 8}, 3))
    with pytest.raises(TrackEndError, match=r"would move track t to displacements 3\.\.4, .* allows -3\.\.3"):
        machine.execute(shifting({"t": 8}, 1))
    assert machine.displacement("t") == 3
    machine.execute(shifting({"t": 8}, -6))
    with pytest.raises(TrackEndError, match=r"to displacements -4\.\.-3"):
        machine.execute(shifting({"t": 8}, -1))


def test_sensing_beyond_the_last_domain_is_refused() -> None:
    machine = Machine(2, {"x": TrackGeometry(6)})
    machine.execute(shifting({"x": 6}, 3))

    with pytest.raises(TrackEndError, match=r"relu would use domains 3\.\.6 of track x, which has 0\.\.5"):
        machine.execute(circuit("relu", 4))
    machine.execute(shifting({"x": 6}, -1))
    machine.execute(circuit("relu", 4))


def test_a_place_that_the_machine_lacks_is_refused() -> None:
    machine = Machine(2, {"x": TrackGeometry(6)})

    for place in (Place("x", 6), Place("x", -1), Place("y", 0)):
        with pytest.raises(TrackEndError, match=f"no domain {place.domain} of track '{place.track}'"):
            machine.peek([place], NumberFormat(1, False))


@pytest.mark.parametrize("binding", [{"x": "y"}, {"a": "x", "b": "x"}])
def test_a_circuit_needs_different_tracks_of_the_machine(binding: dict[str, str]) -> None:
    machine = Machine(2, {"x": TrackGeometry(6)})
    subject = circuit("relu" if "x" in binding else "max_pool", 4)

    with pytest.raises(ValueError, match="different tracks of the machine"):
        machine.execute(subject, binding)


def test_activity_adds_up_over_programs() -> None:
    machine = Machine(5, {"x": TrackGeometry(4), "word": TrackGeometry(4)})
    relu, load = circuit("relu", 4), load_word(NumberFormat(4, True))

    for _ in range(3):
        machine.execute(relu)
    machine.execute(load, wires={"word": np.arange(5)})

    assert machine.activity.events[Event.BUS_BITS] == 4
    assert machine.activity.events[Event.WRITES] == 3 * 4 + 4
    assert machine.activity.events[Event.SENSES] == 3 * (1 + 4)


def test_wires_must_carry_the_word_in_all_lanes() -> None:
    machine = Machine(5, {"word": TrackGeometry(4)})
    load = load_word(NumberFormat(4, True))

    for wires, message in (
        ({}, "takes ['word'] over the wires, but is given []"),
        ({"word": np.arange(4)}, "has 5 lanes, but word word has 4"),
        ({"word": np.arange(5) + 4}, "operand word must be within -8..7"),
        ({"word": pack(np.arange(5), 3)}, "word word has 4 bits, but is packed in 3"),
        ({"word": PackedWord(np.zeros((4, 1), np.uint64), 4)}, "has 5 lanes, but packed word word has 4"),
    ):
        with pytest.raises(OperandError) as caught:
            machine.execute(load, wires=wires)
        assert message in str(caught.value)


def test_new_wires_and_longer_programs_leave_the_tracks_as_they_were() -> None:
    machine = Machine(
        9, {"a": TrackGeometry(4), "b": TrackGeometry(4), "word": TrackGeometry(6), "product": TrackGeometry(8)}
    )
    values = np.arange(9) - 5
    for track in ("a", "b"):
        machine.store([Place(track, bit) for bit in range(4)], values)

    machine.execute(load_word(NumberFormat(6, True)), wires={"word": values})
    machine.execute(circuit("booth_radix4_multiplier", 4))

    product = machine.peek([Place("product", bit) for bit in range(8)], NumberFormat(8, True))
    np.testing.assert_array_equal(product, values * values)
    np.testing.assert_array_equal(machine.peek([Place("word", bit) for bit in range(6)], NumberFormat(6, True)), values)
