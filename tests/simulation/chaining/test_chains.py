"""Folded programs, chains of adders in them, leave the bits that the rows they were folded from would leave."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.simulation.packing import WordArray
from trackmac.simulation.rows import ADD, AND_ADD, CHAIN, FILL, FURTHER, KEPT, LOOKUP_2, LOOKUP_3, MOVE, table_of
from trackmac.simulation.tape import kernel
from trackmac.simulation.tape.folded import RowArray, folder

PLANES, CONSTANTS, RECEIVED, SCRATCH = 8, 2, 4, 10
GIVEN = PLANES + CONSTANTS + RECEIVED
SLOTS = GIVEN + SCRATCH
FULL = np.uint64(0xFFFFFFFFFFFFFFFF)
ALL_LIVE = np.ones(PLANES, np.bool_)

Row = tuple[int, ...]


def reference(rows: list[Row], constants: list[int], received: WordArray) -> WordArray:
    """Return what all slots hold in the end, [slots, words]; planes start as ones."""
    slots = np.zeros((SLOTS, received.shape[1]), np.uint64)
    slots[:PLANES] = FULL
    slots[PLANES : PLANES + CONSTANTS] = np.array(constants, np.uint64)[:, np.newaxis] * FULL
    slots[PLANES + CONSTANTS : GIVEN] = received
    for operation, d0, d1, *sources, k in rows:
        x, y, z, factor = (slots[source].copy() for source in sources)
        if operation == FILL:
            slots[d0] = FULL * np.uint64(k)
        elif operation == MOVE:
            slots[d0] = ~x if k else x
        elif operation in {LOOKUP_2, LOOKUP_3}:
            slots[d0] = function(k, x, y, z)
        else:
            y = y & factor if operation == AND_ADD else y
            inverted = ~x if k else x
            slots[d0], slots[d1] = x ^ y ^ z, (inverted & y) | (inverted & z) | (y & z)
    return slots


def function(k: int, *inputs: WordArray) -> WordArray:
    result = np.zeros_like(inputs[0])
    for term in range(8):
        if k >> term & 1:
            product = np.full_like(result, FULL)
            for number, values in enumerate(inputs):
                product &= values if term >> number & 1 else FULL
            result ^= product
    return result


def folded(
    rows: list[Row], known: list[int], live: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> tuple[RowArray, int]:
    return folder(table_of(rows), PLANES, GIVEN, SLOTS).folded(known, live)


def played(rows: RowArray, slots: int, constants: list[int], received: WordArray) -> WordArray:
    """Return the planes after folded rows were played on one block."""
    words = received.shape[1]
    memory = np.zeros(slots * words, np.uint64)
    addresses = np.array([[plane.ctypes.data, 0] for plane in received], np.int64)
    nothing = np.zeros((0, 6), np.int64)
    kernel.play(
        rows.ravel(),
        np.array([0, len(rows)]),
        np.array([[0, RECEIVED, 0, 0, CONSTANTS]]),
        np.zeros((1, 1), np.int32),
        addresses,
        np.zeros((1, 1), np.int64),
        np.array(constants, np.uint8)[:, np.newaxis],
        nothing,
        np.zeros(0, np.int64),
        np.zeros(0, np.uint64),
        PLANES,
        PLANES + CONSTANTS,
        GIVEN,
        words,
        words,
        1,
        0,
        1,
        memory,
    )
    return memory[: PLANES * words].reshape(PLANES, words)


def bits(words: int, seed: int) -> WordArray:
    return np.random.default_rng(seed).integers(0, FULL, (RECEIVED, words), np.uint64, endpoint=True)


WRITABLE = [*range(PLANES), *range(GIVEN, SLOTS)]


@st.composite
def any_row(draw: st.DrawFn) -> Row:
    """Draw a row whose destinations are not among its sources."""
    operation = draw(st.sampled_from([FILL, MOVE, LOOKUP_2, LOOKUP_3, ADD, ADD, AND_ADD]))
    d0, d1 = draw(st.permutations(WRITABLE))[:2]
    source = st.sampled_from([slot for slot in range(SLOTS) if slot not in {d0, d1}])
    sources = [draw(source) for _ in range(4)]
    most = {LOOKUP_2: 15, LOOKUP_3: 255}.get(operation, 1)
    return operation, d0, d1, *sources, draw(st.integers(0, most))


@st.composite
def ripple(draw: st.DrawFn) -> list[Row]:
    """Draw adders each of which takes the carry of the one before, over two scratch slots in turns."""
    k, place = draw(st.integers(0, 1)), draw(st.integers(1, 3))
    carries = draw(st.permutations(range(GIVEN, SLOTS)))[:2]
    rows = []
    for number in range(draw(st.integers(1, 9))):
        carry, after = carries[number % 2], carries[1 - number % 2]
        d0 = draw(st.sampled_from([slot for slot in WRITABLE if slot not in carries]))
        source = st.sampled_from([slot for slot in range(SLOTS) if slot not in {d0, after, carry}])
        sources = [draw(source), draw(source)]
        sources.insert(place - 1, carry)
        rows.append((ADD, d0, after, *sources, 0, k))
    return rows


PROGRAMS = st.lists(st.one_of(any_row().map(lambda row: [row]), ripple()), max_size=8).map(
    lambda parts: [row for part in parts for row in part]
)
START: list[Row] = [(FILL, slot, 0, 0, 0, 0, 0, slot % 2) for slot in range(GIVEN, SLOTS)]


@settings(max_examples=300, deadline=None)
@given(
    program=PROGRAMS,
    known=st.lists(st.sampled_from([-1, 0, 1]), min_size=CONSTANTS, max_size=CONSTANTS),
    live=st.lists(st.booleans(), min_size=PLANES, max_size=PLANES),
    words=st.sampled_from([8, 16, 24, 56, 64]),
    seed=st.integers(0, 99),
)
def test_a_folded_program_leaves_the_same_bits(
    program: list[Row], known: list[int], live: list[bool], words: int, seed: int
) -> None:
    rows, received = START + program, bits(words, seed)
    constants = [seed >> number & 1 if bit < 0 else bit for number, bit in enumerate(known)]
    is_live = np.array(live)

    found = played(*folded(rows, known, is_live), constants, received)

    np.testing.assert_array_equal(found[is_live], reference(rows, constants, received)[:PLANES][is_live])


def chains(rows: RowArray) -> list[int]:
    """Return the lengths of a program's chains."""
    lengths, at = [], 0
    while at < len(rows):
        length = int(rows[at, -1]) // FURTHER + 1 if rows[at, 0] == CHAIN else 0
        lengths += [length] * (length > 0)
        at += max(length, 1)
    return lengths


def adder(length: int, k: int, *, first_carry: int, extra: Mapping[int, Row]) -> list[Row]:
    """Return rows that add received bits to planes in place, `extra` ones after some of them."""
    rows = list(START)
    carry = first_carry
    for bit in range(length):
        after = GIVEN + 1 + bit % 2
        rows.append((ADD, GIVEN + 3, after, bit, PLANES + CONSTANTS + bit % RECEIVED, carry, 0, k))
        rows.append((MOVE, bit, 0, GIVEN + 3, 0, 0, 0, 0))
        rows.extend([extra[bit]] if bit in extra else [])
        carry = after
    return rows


RANDOM_PLANES: list[Row] = [
    (
        LOOKUP_2,
        plane,
        0,
        PLANES + CONSTANTS + plane % 4,
        PLANES + CONSTANTS + (plane + 1 + plane // 4) % 4,
        0,
        0,
        10 + plane % 2,
    )
    for plane in range(PLANES)
]


@pytest.mark.parametrize("words", [8, 24, 64])
@pytest.mark.parametrize("k", [0, 1])
@pytest.mark.parametrize("length", range(2, PLANES + 1))
def test_adders_with_a_carry_of_their_own_are_one_chain(length: int, k: int, words: int) -> None:
    received = bits(words, length)
    unknown = adder(length, k, first_carry=PLANES, extra={})
    rows = START + RANDOM_PLANES + unknown[len(START) :]

    program, slots = folded(rows, [-1, -1], ALL_LIVE)

    assert chains(program) == [length]
    np.testing.assert_array_equal(played(program, slots, [1, 0], received), reference(rows, [1, 0], received)[:PLANES])


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("k", [0, 1])
def test_half_adders_begin_chains(k: int, known: int) -> None:
    received = bits(16, known)
    rows = START + RANDOM_PLANES + adder(6, k, first_carry=PLANES, extra={})[len(START) :]

    program, slots = folded(rows, [known, 0], ALL_LIVE)

    assert chains(program) == [6]
    found = played(program, slots, [known, 0], received)
    np.testing.assert_array_equal(found, reference(rows, [known, 0], received)[:PLANES])


def test_a_carry_that_is_read_elsewhere_ends_a_chain() -> None:
    received = bits(16, 5)
    keep = (MOVE, 7, 0, GIVEN + 1, 0, 0, 0, 1)  # the carry of bit 2, inverted
    rows = START + RANDOM_PLANES + adder(6, 0, first_carry=PLANES, extra={2: keep})[len(START) :]

    program, slots = folded(rows, [-1, -1], ALL_LIVE)

    assert chains(program) == [3, 3]
    np.testing.assert_array_equal(played(program, slots, [1, 1], received), reference(rows, [1, 1], received)[:PLANES])


def test_a_last_carry_is_written_where_it_stays() -> None:
    received = bits(8, 6)
    keep = (MOVE, 7, 0, GIVEN + 2, 0, 0, 0, 0)
    rows = START + RANDOM_PLANES + adder(6, 1, first_carry=PLANES, extra={5: keep})[len(START) :]

    program, slots = folded(rows, [-1, -1], ALL_LIVE)

    (first,) = [row for row in program if row[0] == CHAIN and row[-1] & KEPT]
    assert first[-1] // FURTHER == 5
    np.testing.assert_array_equal(played(program, slots, [0, 1], received), reference(rows, [0, 1], received)[:PLANES])


def test_chains_of_inverted_words_take_no_row_to_invert_them() -> None:
    negated: list[Row] = []
    for bit in range(6):  # 0 - word, by half adders on the inverted bits
        carry, after = GIVEN + bit % 2, GIVEN + 1 - bit % 2
        negated.append((MOVE, GIVEN + 2, 0, bit, 0, 0, 0, 1))
        negated.append((ADD, GIVEN + 3, after, GIVEN + 2, GIVEN + 4, carry, 0, 0))
        negated.append((MOVE, bit, 0, GIVEN + 3, 0, 0, 0, 0))
    received = bits(64, 7)
    rows = [*START, *RANDOM_PLANES, (FILL, GIVEN, 0, 0, 0, 0, 0, 1), (FILL, GIVEN + 4, 0, 0, 0, 0, 0, 0), *negated]

    program, slots = folded(rows, [-1, -1], ALL_LIVE)

    assert max(chains(program)) == 4  # bit 0 stays, bit 1 inverts both words
    assert not [row for row in program if row[0] == MOVE]
    np.testing.assert_array_equal(played(program, slots, [0, 0], received), reference(rows, [0, 0], received)[:PLANES])


def test_what_is_wanted_of_one_adder_decides_its_row() -> None:
    rows: list[Row] = [*START, (ADD, 0, GIVEN, 10, 11, 12, 0, 1), (ADD, GIVEN + 1, 1, 10, 11, 13, 0, 0)]

    program, _ = folded(rows, [-1, -1], ALL_LIVE)

    assert [tuple(row[[0, -1]]) for row in program] == [(LOOKUP_3, 22), (LOOKUP_3, 104)]
