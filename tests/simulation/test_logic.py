"""Any truth table becomes gates that compute it, and rows that do."""

import itertools
import random

import numpy as np
import pytest

from trackmac.bits import IntArray
from trackmac.simulation import kernel
from trackmac.simulation.logic import ONE, XOR_3, ZERO, LogicNetwork, Signal, Table, algebraic_normal_form
from trackmac.simulation.registers import allocate
from trackmac.simulation.rows import LINE_WORDS, SLOT_COLUMNS
from trackmac.simulation.selection import select_rows

FULL_ADDER_TABLES = (XOR_3, (0, 0, 0, 1, 0, 1, 1, 1))


def value_of(network: LogicNetwork, signal: Signal, values: dict[Signal, int]) -> int:
    gate = network.gates[signal]
    if gate is None:
        return values[signal]
    return gate.table[sum(value_of(network, source, values) << pin for pin, source in enumerate(gate.inputs))]


def assert_computes(table: Table, count: int, sources: list[int]) -> None:
    """Check the function of `count` external signals that are applied as `sources`; -2 and -1 are zero and one."""
    network = LogicNetwork()
    externals = [network.external() for _ in range(count)]
    inputs = tuple({-2: ZERO, -1: ONE}.get(source, externals[source]) for source in sources)
    signal = network.function(table, inputs)
    for bits in itertools.product((0, 1), repeat=count):
        values = dict(zip(externals, bits, strict=True)) | {ZERO: 0, ONE: 1}
        row = sum(values[name] << pin for pin, name in enumerate(inputs))

        assert value_of(network, signal, values) == table[row]
    assert all(gate is None or len(gate.inputs) <= 3 for gate in network.gates)


def test_all_functions_of_three_inputs_are_computed() -> None:
    for table in itertools.product((0, 1), repeat=8):
        assert_computes(table, 3, [0, 1, 2])


@pytest.mark.parametrize("seed", range(40))
def test_random_functions_of_constant_repeated_and_permuted_inputs_are_computed(seed: int) -> None:
    chooser = random.Random(seed)
    for pins in (2, 3, 4, 5, 6):
        table = tuple(chooser.choices((0, 1), k=1 << pins))

        assert_computes(table, 6, [chooser.choice((-2, -1, *range(6))) for _ in range(pins)])


def test_an_input_without_effect_costs_nothing() -> None:
    network = LogicNetwork()
    a, b = network.external(), network.external()

    assert network.function((0, 1, 0, 1), (a, b)) == a
    assert network.function((1, 1, 1, 1), (a, b)) == ONE


def test_the_same_function_is_computed_once() -> None:
    network = LogicNetwork()
    a, b = network.external(), network.external()

    assert network.function((0, 0, 1, 0), (a, b)) == network.function((0, 1, 0, 0), (b, a))


def test_the_algebraic_normal_form_adds_up_to_the_table() -> None:
    for table in itertools.product((0, 1), repeat=8):
        terms = algebraic_normal_form(table)
        for row in range(8):
            products = [terms >> term & 1 for term in range(8) if term & row == term]

            assert sum(products) % 2 == table[row]


def execute(rows: IntArray, slots: list[int]) -> list[int]:
    """Run rows on slots of one word each, and return these."""
    room = rows.copy()
    room[:, SLOT_COLUMNS] *= LINE_WORDS
    memory = np.repeat(np.array(slots, np.uint64), LINE_WORDS)
    kernel.execute(room.view(np.uint64), np.zeros(room.shape, np.uint64), memory, LINE_WORDS, LINE_WORDS)
    words: list[int] = memory[::LINE_WORDS].tolist()
    return words


def run_rows(tables: list[Table], pins: int, kept: int) -> list[int]:
    """Compute `tables` of `pins` planes that hold all combinations, and return the planes made, as integers."""
    network = LogicNetwork()
    inputs = tuple(network.external() for _ in range(pins))
    signals = [network.function(table, inputs) for table in tables]
    slots = pins + len(signals)
    left = dict(enumerate(signals, start=pins))
    rows, scratch = allocate(select_rows(network, signals), slots, dict(enumerate(inputs)), left)
    start = [sum((row >> pin & 1) << row for row in range(1 << pins)) for pin in range(pins)]
    memory = execute(rows, [*start, *[0] * (len(signals) + scratch)])
    assert kept == len(rows) or kept < 0
    return [word & (1 << (1 << pins)) - 1 for word in memory[pins:slots]]


@pytest.mark.parametrize("seed", range(60))
def test_rows_compute_what_the_tables_say(seed: int) -> None:
    chooser = random.Random(seed)
    pins = chooser.choice((1, 2, 3, 4, 5))
    tables = [tuple(chooser.choices((0, 1), k=1 << pins)) for _ in range(chooser.choice((1, 2, 5)))]
    adders = [tuple(table[row & 7] for row in range(1 << pins)) for table in FULL_ADDER_TABLES if pins >= 3]

    made = run_rows(tables + adders, pins, kept=-1)

    assert made == [sum(entry << row for row, entry in enumerate(table)) for table in tables + adders]


@pytest.mark.parametrize("inverted", [None, 0, 1, 2])
def test_a_full_adder_or_subtractor_is_one_row(inverted: int | None) -> None:
    bits = [[row >> pin & 1 for pin in range(3)] for row in range(8)]
    carry = tuple(int(sum(bit ^ (pin == inverted) for pin, bit in enumerate(row)) >= 2) for row in bits)

    made = run_rows([XOR_3, carry], 3, kept=1)

    assert made == [sum(entry << row for row, entry in enumerate(table)) for table in (XOR_3, carry)]


def test_a_partial_product_and_its_adder_are_one_row() -> None:
    bits = [[row >> pin & 1 for pin in range(4)] for row in range(16)]
    total = [(a & b) + p + c for a, b, p, c in bits]
    network = LogicNetwork()
    a, b, p, c = (network.external() for _ in range(4))
    partial = network.function((0, 0, 0, 1), (a, b))
    outputs = [network.function(table, (p, partial, c)) for table in FULL_ADDER_TABLES]

    rows = select_rows(network, outputs)

    assert len(rows) == 1
    table, scratch = allocate(rows, 6, dict(enumerate((a, b, p, c))), {4: outputs[0], 5: outputs[1]})
    start = [sum(row[pin] << number for number, row in enumerate(bits)) for pin in range(4)]
    memory = execute(table, [*start, *[0] * (2 + scratch)])
    assert memory[4] & 0xFFFF == sum((t & 1) << row for row, t in enumerate(total))
    assert memory[5] & 0xFFFF == sum((t >> 1) << row for row, t in enumerate(total))


def test_planes_may_change_places() -> None:
    network = LogicNetwork()
    a, b = network.external(), network.external()

    rows, scratch = allocate([], 2, {0: a, 1: b}, {0: b, 1: a})

    assert execute(rows, [3, 5, *[0] * scratch])[:2] == [5, 3]


def test_a_plane_is_not_overwritten_before_it_is_read() -> None:
    network = LogicNetwork()
    a, b = network.external(), network.external()
    both = network.function((0, 0, 0, 1), (a, b))
    either = network.function((0, 1, 1, 0), (a, b))

    rows, scratch = allocate(select_rows(network, [both, either]), 2, {0: a, 1: b}, {0: both, 1: either})

    assert execute(rows, [0b0011, 0b0101, *[0] * scratch])[:2] == [0b0001, 0b0110]
