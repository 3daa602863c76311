"""A tape does what a machine does: the same numbers, events and places, whatever the programs and the lanes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import MACS, Circuit, Layout, Place
from trackmac.circuits.microops import Evaluate
from trackmac.circuits.relu import relu
from trackmac.circuits.transfer import load_word, move_weights, unload_word
from trackmac.errors import OperandError
from trackmac.simulation import Deck, Lanes, Machine, Tape, TrackEndError, TrackGeometry, pack
from trackmac.simulation.lane_words import SharedWord, UnitWord, shared_word
from trackmac.simulation.packing import LANES_PER_WORD

SUM = NumberFormat(14, True)
MACS_AND_LAYOUTS = [
    (name, layout) for name in MACS for layout in Layout if (name, layout) != ("magnetic_mac", "across")
]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Dot products of a few weights in `units` units of `words` words of lanes each."""

    mac: Circuit
    layout: Layout
    units: int
    words: int
    kinds: int
    weights: IntArray
    inputs: IntArray

    @property
    def a(self) -> NumberFormat:
        return self.mac.operand("a").format

    @property
    def b(self) -> NumberFormat:
        return self.mac.operand("b").format

    @property
    def kind_of_unit(self) -> IntArray:
        return np.arange(self.units) % self.kinds

    @property
    def expected(self) -> IntArray:
        own = self.inputs[:, self.kind_of_unit]  # [products, units, lanes of a unit]
        return np.asarray(np.einsum("ku,kul->ul", self.weights, own)).ravel()

    @property
    def tracks(self) -> Mapping[str, TrackGeometry]:
        words = {"a": (self.a.bits, 1), "b": (self.b.bits, len(self.weights)), "c": (SUM.bits, 1)}
        words["product"] = self.a.bits + self.b.bits, 1
        if self.layout is Layout.ALONG:
            tracks = {name: TrackGeometry(bits * count) for name, (bits, count) in words.items()}
        else:
            tracks = {f"{name}{n}": TrackGeometry(count) for name, (bits, count) in words.items() for n in range(bits)}
        return tracks | {"carry": TrackGeometry(1)}


def job(name: str, layout: Layout, *, bits: tuple[int, int], units: int, words: int, kinds: int, seed: int) -> Job:
    rng = np.random.default_rng(seed)
    a, b = NumberFormat(bits[0], False), NumberFormat(bits[1], True)
    return Job(
        mac=MACS[name](a, b, SUM, layout),
        layout=layout,
        units=units,
        words=words,
        kinds=kinds,
        weights=rng.integers(b.minimum, b.maximum + 1, (3, units)),
        inputs=rng.integers(0, a.maximum + 1, (3, kinds, words * LANES_PER_WORD)),
    )


def places(word: str, number: int, bits: int, layout: Layout) -> list[Place]:
    along = layout is Layout.ALONG
    return [Place(word, number * bits + n) if along else Place(f"{word}{n}", number) for n in range(bits)]


def on(subject: Circuit, new: str) -> dict[str, str]:
    return {track.name: track.name.replace("word", new).replace("x", new) for track in subject.tracks}


def constant(values: IntArray, bits: int, words: int) -> UnitWord:
    set_bits = (values >> np.arange(bits)[:, np.newaxis]) & 1
    return UnitWord(set_bits=set_bits.astype(np.uint8), words=words)


def follow(lanes: Lanes, work: Job) -> list[IntArray]:
    """Let lanes do the job; return the sums, before and after rectifying."""
    a, b, layout = work.a, work.b, work.layout
    load, start, advance = load_word(a, layout), load_word(SUM, layout), move_weights(b, 1, layout)
    rectify, unload = relu(SUM, layout), unload_word(SUM, layout)
    for number, weights in enumerate(work.weights):
        lanes.store(places("b", number, b.bits, layout), constant(weights, b.bits, work.words))
    nothing = constant(np.zeros(work.units, np.int64), SUM.bits, work.words)
    lanes.execute(start, on(start, "c"), wires={"word": nothing})
    for number, codes in enumerate(work.inputs):
        if number:
            lanes.execute(advance)
        if layout is Layout.ALONG:
            go_home(lanes, "a")
        lanes.execute(load, on(load, "a"), wires={"word": shared(codes, a.bits, work)})
        lanes.execute(work.mac)
    sums = lanes.peek(places("c", 0, SUM.bits, layout), SUM)
    lanes.execute(rectify, on(rectify, "c"))
    sent = lanes.execute(unload, on(unload, "c"))["word"]
    return [np.asarray(sums), np.asarray(sent)]


def shared(codes: IntArray, bits: int, work: Job) -> SharedWord:
    planes = np.stack([pack(kind, bits).planes for kind in codes], axis=1)
    return shared_word(planes, work.kind_of_unit)


def go_home(lanes: Lanes, track: str) -> None:
    distance = -lanes.displacement(track)
    if distance:
        lanes.execute(move_weights(NumberFormat(2, True), distance, Layout.ALONG), {"b": track})


def machine(work: Job) -> Machine:
    return Machine(work.units * work.words * LANES_PER_WORD, work.tracks)


@settings(max_examples=25, deadline=None)
@given(
    which=st.sampled_from(MACS_AND_LAYOUTS),
    bits=st.tuples(st.integers(2, 5), st.integers(2, 5)),
    units=st.integers(1, 6),
    words=st.sampled_from([1, 2, 7, 8, 9, 65, 70]),
    kinds=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_a_tape_equals_a_machine_and_integers(  # noqa: PLR0917 - drawn by hypothesis
    which: tuple[str, Layout], bits: tuple[int, int], units: int, words: int, kinds: int, seed: int
) -> None:
    work = job(*which, bits=bits, units=units, words=words, kinds=min(kinds, units), seed=seed)
    ours, theirs = Tape(units, words, work.tracks), machine(work)

    taped, done = follow(ours, work), follow(theirs, work)

    np.testing.assert_array_equal(taped[0], work.expected)
    np.testing.assert_array_equal(taped[1], np.maximum(work.expected, 0))
    np.testing.assert_array_equal(taped, done)
    assert ours.activity == theirs.activity
    assert executions(ours) == executions(theirs)


def executions(lanes: Machine | Tape) -> list[tuple[str, tuple[str, ...], list[int], int]]:
    return sorted(
        (binding.circuit.name, binding.names, firsts.tolist(), times) for binding, firsts, times in lanes.executions
    )


@pytest.mark.parametrize(("name", "layout"), MACS_AND_LAYOUTS)
@pytest.mark.parametrize("words", [2, 9])
def test_a_broken_program_gives_the_same_wrong_sums_on_both(name: str, layout: Layout, words: int) -> None:
    work = job(name, layout, bits=(3, 3), units=3, words=words, kinds=1, seed=1)
    noticed = 0
    for mutant in mutants(work.mac):
        broken = replace(work, mac=mutant)
        taped, done = follow(Tape(3, words, work.tracks), broken), follow(machine(work), broken)

        np.testing.assert_array_equal(taped, done)
        noticed += not np.array_equal(taped[0], work.expected)
    assert noticed >= 2


def mutants(circuit: Circuit) -> list[Circuit]:
    """Return the circuit with some steps' logic wrong: one row of a truth table inverted."""
    steps = [number for number, step in enumerate(circuit.program) if step.of(Evaluate)]
    return [_with_wrong_logic(circuit, number) for number in steps[:: max(1, len(steps) // 4)]]


def _with_wrong_logic(circuit: Circuit, number: int) -> Circuit:
    step = circuit.program[number]
    (first, *_) = (op for op in step.ops if isinstance(op, Evaluate))
    rows = [tuple(1 - bit for bit in row) if place == 1 else row for place, row in enumerate(first.cell.table)]
    wrong = replace(first, cell=replace(first.cell, table=tuple(rows)))
    ops = tuple(wrong if op is first else op for op in step.ops)
    program = (*circuit.program[:number], replace(step, ops=ops), *circuit.program[number + 1 :])
    return replace(circuit, program=program)


def test_words_on_the_wires_may_change_between_two_plays() -> None:
    work = job("booth_radix4_mac", Layout.ALONG, bits=(3, 4), units=2, words=8, kinds=1, seed=3)
    tape = Tape(2, 8, work.tracks)
    load, unload = load_word(SUM, Layout.ALONG), unload_word(SUM, Layout.ALONG)
    values = np.arange(8 * LANES_PER_WORD) - 100
    word = shared_word(pack(values, SUM.bits).planes[:, np.newaxis], np.zeros(2, np.int64))
    tape.execute(load, on(load, "c"), wires={"word": word})
    sent = tape.execute(unload, on(unload, "c"))["word"]
    before = np.asarray(sent)

    word.planes[:] = pack(-values, SUM.bits).planes[:, np.newaxis]
    tape.play()

    np.testing.assert_array_equal(before, np.tile(values, 2))
    np.testing.assert_array_equal(sent, np.tile(-values, 2))


def test_a_tape_takes_what_another_one_sends() -> None:
    work = job("booth_radix4_mac", Layout.ALONG, bits=(3, 4), units=2, words=1, kinds=1, seed=3)
    first, second = Tape(2, 1, work.tracks), Tape(2, 1, work.tracks)
    load, unload = load_word(SUM, Layout.ALONG), unload_word(SUM, Layout.ALONG)
    values = np.arange(2 * LANES_PER_WORD) - 70
    first.execute(load, on(load, "c"), wires={"word": values})
    sent = first.execute(unload, on(unload, "c"))["word"]

    second.execute(load, on(load, "c"), wires={"word": sent})

    np.testing.assert_array_equal(second.peek(places("c", 0, SUM.bits, Layout.ALONG), SUM), values)


def test_tapes_of_one_deck_do_not_mix_up_what_they_were_told() -> None:
    deck, results = Deck(), []
    for seed in (1, 2):
        work = job("shift_add_mac", Layout.ACROSS, bits=(4, 4), units=2, words=8, kinds=2, seed=seed)
        results.append((follow(deck.tape(2, 8, work.tracks), work)[0], work.expected))

    for taped, expected in results:
        np.testing.assert_array_equal(taped, expected)


def test_a_tape_refuses_what_a_machine_refuses() -> None:
    tape = Tape(1, 1, {"c": TrackGeometry(SUM.bits)})
    load = load_word(SUM, Layout.ALONG)

    with pytest.raises(OperandError, match="takes \\['word'\\] over the wires"):
        tape.execute(load, on(load, "c"))
    with pytest.raises(OperandError, match="has 64 lanes"):
        tape.execute(load, on(load, "c"), wires={"word": np.zeros(3, np.int64)})
    with pytest.raises(OperandError, match="8192"):
        tape.execute(load, on(load, "c"), wires={"word": np.full(64, 1 << 13)})
    with pytest.raises(TrackEndError, match="has no domain"):
        tape.peek([Place("c", SUM.bits)], NumberFormat(1, False))


@pytest.mark.parametrize("kind", [Machine, Tape])
def test_what_was_bound_once_runs_as_often_as_it_is_executed(kind: type[Lanes]) -> None:
    work = job("booth_radix4_mac", Layout.ACROSS, bits=(3, 3), units=2, words=1, kinds=1, seed=4)
    load, advance = load_word(work.a, Layout.ACROSS), move_weights(work.b, 1, Layout.ACROSS)
    word = shared(work.inputs[0], work.a.bits, work)

    def lanes() -> Machine | Tape:
        return Machine(work.units * LANES_PER_WORD, work.tracks) if kind is Machine else Tape(2, 1, work.tracks)

    once, each = lanes(), lanes()
    bound_load, bound_advance, bound_mac = once.bound(load, on(load, "a")), once.bound(advance), once.bound(work.mac)
    for _ in range(2):
        once.run(bound_load, {"word": word})
        once.run(bound_mac)
        once.run(bound_advance)
        each.execute(load, on(load, "a"), wires={"word": word})
        each.execute(work.mac)
        each.execute(advance)
    assert once.displacement("b0") == each.displacement("b0") == 2
    assert once.activity == each.activity
    seen = [lane.peek(places("c", 0, SUM.bits, Layout.ACROSS), SUM) for lane in (once, each)]
    np.testing.assert_array_equal(np.asarray(seen[0]), np.asarray(seen[1]))
    with pytest.raises(OperandError, match="takes"):
        once.run(bound_load)
