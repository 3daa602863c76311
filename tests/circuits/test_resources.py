import pytest

from trackmac.cells.library import (
    CELLS,
    LATCH,
    SENSE_AMPLIFIER,
    SHIFT_DRIVER,
    TRANSVERSE_SENSE_AMPLIFIERS,
    WRITE_DRIVER,
)
from trackmac.circuits import Resources, circuit, resources_of, shared
from trackmac.circuits.resources import SELECT_TRANSISTORS


def test_a_ripple_adder_needs_two_amplifiers_a_driver_a_latch_and_an_adder() -> None:
    needs = resources_of(circuit("ripple_adder", bits=8))

    assert (needs.sense_amplifiers, needs.write_drivers, needs.latches) == (2, 1, 1)
    assert needs.cells == {"full_adder": 1}
    assert needs.connections == 0
    assert needs.input_gates == 1  # the carry into the first bit is 0, later the latch


def test_words_across_tracks_need_parts_for_every_bit() -> None:
    needs = resources_of(circuit("accumulate", bits=8, layout="across"))

    assert needs.sense_amplifiers == 9 + 8
    assert needs.write_drivers == 9
    assert needs.cells == {"full_adder": 9}
    assert (needs.latches, needs.shift_drivers) == (0, 0)


def test_a_shift_add_mac_needs_what_is_drawn_by_hand() -> None:
    # a, b, the product so far, the product at accumulation and the accumulator are sensed; one driver writes both words
    needs = resources_of(circuit("shift_add_mac", bits=4))

    assert needs == Resources(
        sense_amplifiers=5,
        write_drivers=1,
        shift_drivers=4,
        driven_tracks=4,
        latches=1,
        connections=1,
        # 0|latch into both cells; adder: product or accumulator, partial or product; latch: 2 cells; driver: 3 cells
        input_gates=2 + 2 + 1 + 2,
        cells={"and": 1, "full_adder": 1, "full_subtractor": 1},
    )


def test_tracks_that_always_move_together_share_a_driver() -> None:
    assert resources_of(circuit("max_pool", bits=8)).shift_drivers == 1
    assert resources_of(circuit("ripple_adder", bits=8)).shift_drivers == 2
    assert resources_of(circuit("ripple_adder", bits=(4, 8))).shift_drivers == 3


def test_transistors_are_those_of_the_parts() -> None:
    needs = Resources(
        sense_amplifiers=2,
        write_drivers=3,
        shift_drivers=4,
        latches=5,
        connections=6,
        input_gates=8,
        cells={"full_adder": 7},
    )

    parts = 2 * SENSE_AMPLIFIER.transistors + 3 * WRITE_DRIVER.transistors + 4 * SHIFT_DRIVER.transistors
    parts += 5 * LATCH.transistors + (6 + 8) * SELECT_TRANSISTORS + 7 * CELLS["full_adder"].transistors
    assert needs.transistors == parts


@pytest.mark.parametrize("order", [1, -1])
def test_a_shared_unit_has_of_each_part_the_most_that_any_circuit_needs(order: int) -> None:
    adder = Resources(sense_amplifiers=2, write_drivers=1, latches=1, input_gates=3, cells={"full_adder": 1})
    relu = Resources(sense_amplifiers=1, write_drivers=3, shift_drivers=2, connections=4, cells={"and_not": 2})

    unit = shared((adder, relu)[::order])

    assert unit == Resources(
        sense_amplifiers=2,
        write_drivers=3,
        shift_drivers=2,
        latches=1,
        connections=4,
        input_gates=3,
        cells={"and_not": 2, "full_adder": 1},
    )


@pytest.mark.parametrize("distance", [3, 5, 7])
def test_a_transverse_amplifier_grows_with_the_distance(distance: int) -> None:
    amplifier = TRANSVERSE_SENSE_AMPLIFIERS[distance]

    assert amplifier.transistors > distance * SENSE_AMPLIFIER.transistors
    assert Resources(cells={amplifier.name: 2}).transistors == 2 * amplifier.transistors
