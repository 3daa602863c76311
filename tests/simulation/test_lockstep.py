"""Programs that run in rounds, tracks trading places, do what they do one by one: on machines and on tapes."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import MACS, Circuit, Layout, Place
from trackmac.circuits.transfer import load_word, move_weights, unload_word
from trackmac.simulation import Lanes, Machine, Tape, TrackEndError, TrackGeometry, pack
from trackmac.simulation.lane_words import LaneWords, SharedWords, UnitWord, UnitWords, shared_word
from trackmac.simulation.lockstep import BoundCircuit
from trackmac.simulation.packing import LANES_PER_WORD

A, B, C = NumberFormat(3, is_signed=False), NumberFormat(4, is_signed=True), NumberFormat(12, is_signed=True)
WORDS = 2
"""Weights on one group of tracks."""

MACS_AND_LAYOUTS = [
    (name, layout) for name in MACS for layout in Layout if (name, layout) != ("magnetic_mac", "across")
]
Programs = list[tuple[BoundCircuit, Mapping[str, LaneWords]]]
Trades = list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Job:
    """Dot products with the weights [rounds * WORDS, units], WORDS of them on each group of tracks."""

    mac: Circuit
    layout: Layout
    words: int
    weights: IntArray
    inputs: IntArray

    @property
    def rounds(self) -> int:
        return len(self.weights) // WORDS

    @property
    def units(self) -> int:
        return len(self.weights.T)

    @property
    def tracks(self) -> dict[str, TrackGeometry]:
        counts = {"a": (A.bits, 1), "c": (C.bits, 1), "product": (A.bits + B.bits, 1)}
        counts |= {f"b{number}_": (B.bits, WORDS) for number in range(self.rounds)}
        along = self.layout is Layout.ALONG
        return {
            track: TrackGeometry(count * bits if along else count)
            for name, (bits, count) in counts.items()
            for track in self.names(name, bits)
        } | {"carry": TrackGeometry(1)}

    @property
    def trades(self) -> Trades:
        """The tracks of which group take the place of the first one's in each round."""
        return [self.on("b0_", f"b{number}_", B.bits) for number in range(self.rounds)]

    @property
    def expected(self) -> IntArray:
        return np.asarray(np.einsum("ku,kl->ul", self.weights, self.inputs)).ravel()

    def names(self, word: str, bits: int) -> list[str]:
        return [word] if self.layout is Layout.ALONG else [f"{word}{bit}" for bit in range(bits)]

    def on(self, name: str, other: str, bits: int) -> dict[str, str]:
        return dict(zip(self.names(name, bits), self.names(other, bits), strict=True))

    def places(self, word: str, bits: int, number: int = 0) -> list[Place]:
        if self.layout is Layout.ALONG:
            return [Place(word, number * bits + bit) for bit in range(bits)]
        return [Place(track, number) for track in self.names(word, bits)]


def job(name: str, layout: Layout, *, units: int, words: int, rounds: int, seed: int) -> Job:
    rng = np.random.default_rng(seed)
    return Job(
        mac=MACS[name](A, B, C, layout),
        layout=layout,
        words=words,
        weights=rng.integers(B.minimum, B.maximum + 1, (rounds * WORDS, units)),
        inputs=rng.integers(0, A.maximum + 1, (rounds * WORDS, words * LANES_PER_WORD)),
    )


@dataclass(frozen=True, kw_only=True)
class Round:
    """The programs of one round, which are tried out first so that all tracks go home."""

    lanes: Lanes
    tried: Machine
    programs: Programs = field(default_factory=list)

    def add(self, circuit: Circuit, binding: Mapping[str, str], words: Mapping[str, LaneWords]) -> None:
        self.programs.append((self.lanes.bound(circuit, binding), words))
        self.tried.execute(circuit, binding, wires=dict.fromkeys(words, np.zeros(LANES_PER_WORD, np.int64)))

    def home(self, binding: Mapping[str, str], layout: Layout) -> None:
        distance = -self.tried.displacement(next(iter(binding.values())))
        if distance:
            self.add(move_weights(NumberFormat(len(binding), is_signed=True), distance, layout), binding, {})


def first_round(lanes: Lanes, work: Job) -> Programs:
    """Return the programs of the first round: load, multiply, accumulate, next weight; home again."""
    one = Round(lanes=lanes, tried=Machine(LANES_PER_WORD, work.tracks))
    weight, a = work.on("b", "b0_", B.bits), {"b": "a"}
    for number in range(WORDS):
        if number:
            one.add(move_weights(B, 1, work.layout), weight, {})
        planes = np.stack([pack(codes, A.bits).planes for codes in work.inputs[number::WORDS]])
        one.add(load_word(A, work.layout), work.on("word", "a", A.bits), {"word": activations(planes, work.units)})
        one.add(work.mac, weight, {})
        if work.layout is Layout.ALONG:
            one.home(a, Layout.ALONG)
    one.home(weight, work.layout)
    return one.programs


def activations(planes: "np.ndarray[tuple[int, ...], np.dtype[np.uint64]]", units: int) -> SharedWords:
    """Return planes [words, bits, words of a unit], the same for all units, with room behind."""
    flat = shared_word(planes.reshape(-1, 1, planes.shape[-1]), np.zeros(units, np.int64))
    return SharedWords(planes=flat.planes.reshape(*planes.shape[:2], 1, -1), kind_of_unit=flat.kind_of_unit)


def in_rounds(lanes: Lanes, programs: Programs, on: Trades) -> None:
    lanes.repeat(programs, on)


def one_by_one(lanes: Lanes, programs: Programs, on: Trades) -> None:
    for number, trades in enumerate(on):
        for bound, wires in programs:
            circuit, names = bound.binding.circuit, bound.binding.names
            binding = {track.name: trades.get(name, name) for track, name in zip(circuit.tracks, names, strict=True)}
            lanes.execute(circuit, binding, wires={name: words[number] for name, words in wires.items()})


def dot_products(lanes: Lanes, work: Job, follow: Callable[[Lanes, Programs, Trades], None], weights: str) -> IntArray:
    """Return the sums; `weights` says how these got to their tracks."""
    bits = (work.weights[:, np.newaxis] >> np.arange(B.bits)[:, np.newaxis]) & 1  # [words, bits, units]
    word = UnitWord(set_bits=bits.reshape(-1, work.units).astype(np.uint8), words=work.words)
    places = [place for number in range(WORDS) for place in work.places("b0_", B.bits, number)]
    lanes.store(places, word if weights == "alike in a unit" else word.packed(), work.trades)
    load, zero = load_word(C, work.layout), np.zeros(lanes.lanes, np.int64)
    lanes.execute(load, work.on("word", "c", C.bits), wires={"word": zero})
    follow(lanes, first_round(lanes, work), work.trades)
    if weights == "written again":
        last = work.on("word", f"b{work.rounds - 1}_", B.bits)
        lanes.execute(load_word(B, work.layout), last, wires={"word": zero})
    return np.asarray(lanes.peek(work.places("c", C.bits), C))


def executions(lanes: Machine | Tape) -> Counter[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    found: Counter[tuple[str, tuple[str, ...], tuple[int, ...]]] = Counter()
    for binding, firsts, times in lanes.executions:
        found[binding.circuit.name, binding.names, tuple(firsts.tolist())] += times
    return found


@settings(max_examples=30, deadline=None)
@given(
    which=st.sampled_from(MACS_AND_LAYOUTS),
    units=st.integers(1, 4),
    words=st.sampled_from([1, 8, 9, 65]),
    rounds=st.integers(1, 4),
    weights=st.sampled_from(["alike in a unit", "one in each lane", "written again"]),
    seed=st.integers(0, 99),
)
def test_rounds_do_what_their_programs_do_one_by_one(  # noqa: PLR0917 - drawn by hypothesis
    which: tuple[str, Layout], units: int, words: int, rounds: int, weights: str, seed: int
) -> None:
    work = job(*which, units=units, words=words, rounds=rounds, seed=seed)
    expected = Machine(units * words * LANES_PER_WORD, work.tracks)
    np.testing.assert_array_equal(dot_products(expected, work, one_by_one, weights), work.expected)

    for lanes in (Machine(expected.lanes, work.tracks), Tape(units, words, work.tracks)):
        np.testing.assert_array_equal(dot_products(lanes, work, in_rounds, weights), work.expected)

        assert lanes.activity == expected.activity
        assert executions(lanes) == executions(expected)
        assert all(lanes.displacement(name) == expected.displacement(name) for name in work.tracks)


@pytest.mark.parametrize("follow", [in_rounds, one_by_one])
def test_words_that_are_alike_in_a_unit_come_one_in_each_round(
    follow: Callable[[Lanes, Programs, Trades], None],
) -> None:
    tape = Tape(3, 1, {"c": TrackGeometry(C.bits), "d": TrackGeometry(C.bits), "e": TrackGeometry(C.bits)})
    load = tape.bound(load_word(C), {"word": "c"})
    bits = np.random.default_rng(0).integers(0, 2, (3, C.bits, 3)).astype(np.uint8)

    follow(tape, [(load, {"word": UnitWords(set_bits=bits, words=1)})], [{}, {"c": "d"}, {"c": "e"}])

    weights = np.array([*(1 << np.arange(C.bits - 1)), -(1 << (C.bits - 1))])
    for number, track in enumerate("cde"):
        sent = tape.execute(unload_word(C), {"word": track})["word"]
        np.testing.assert_array_equal(sent, np.repeat(weights @ bits[number], LANES_PER_WORD))


def test_words_on_the_wires_may_change_between_two_plays_of_rounds() -> None:
    work = job("booth_radix4_mac", Layout.ALONG, units=2, words=1, rounds=3, seed=3)
    tape = Tape(2, 1, work.tracks)
    programs = first_round(tape, work)
    zero = UnitWord(set_bits=np.zeros((C.bits, 2), np.uint8), words=1)
    tape.execute(load_word(C), {"word": "c"}, wires={"word": zero})
    tape.repeat(programs, work.trades)
    sums = tape.peek(work.places("c", C.bits), C)
    assert np.asarray(sums).any()

    for _, wires in programs:
        for words in wires.values():
            assert isinstance(words, SharedWords)
            words.planes[:] = 0
    tape.play()

    np.testing.assert_array_equal(sums, 0)


@pytest.mark.parametrize("kind", [Machine, Tape])
def test_rounds_that_would_not_be_what_they_seem_are_refused(kind: type[Lanes]) -> None:
    geometry = TrackGeometry(domains=4)
    tracks = {"b": geometry, "other": geometry, "short": TrackGeometry(domains=2)}
    lanes: Machine | Tape = Machine(LANES_PER_WORD, tracks) if kind is Machine else Tape(1, 1, tracks)
    away, back, far = (lanes.bound(move_weights(B, distance)) for distance in (1, -1, 5))

    with pytest.raises(ValueError, match="where it found them"):
        lanes.repeat([(away, {})], [{}, {}])
    with pytest.raises(ValueError, match="short cannot take the place of b"):
        lanes.repeat([(away, {}), (back, {})], [{}, {"b": "short"}])
    with pytest.raises(ValueError, match="cannot send words"):
        lanes.repeat([(lanes.bound(unload_word(B), {"word": "b"}), {})], [{}])
    with pytest.raises(TrackEndError):
        lanes.repeat([(far, {})], [{}])
    lanes.run(away)
    with pytest.raises(ValueError, match="displaced otherwise"):
        lanes.repeat([(back, {}), (away, {})], [{}, {"b": "other"}])
    assert lanes.displacement("b") == 1
    assert sum(times for *_, times in lanes.executions) == 1
