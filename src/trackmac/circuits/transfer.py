"""Words on their way into and out of a unit, and weight tracks between words: what surrounds the arithmetic."""

from dataclasses import replace
from functools import lru_cache, partial

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.builder import BitStep, ProgramBuilder
from trackmac.circuits.circuit import Circuit, Layout, Word
from trackmac.circuits.microops import Shift, Step


@lru_cache(maxsize=256)
def load_word(
    word_format: NumberFormat, layout: Layout = Layout.ALONG, *, from_top: bool = False, zeros_below: int = 0
) -> Circuit:
    """Return the program that writes a word from the wires, so many zeros below it.

    With `from_top` it starts with the track at the word's top bit and writes downwards, ending at its first bit
    without a rewind; otherwise it writes upwards and rewinds. Zeros come from no wire: the write drivers have them.
    """
    builder = ProgramBuilder(layout)
    stored_format = NumberFormat(word_format.bits + zeros_below, word_format.is_signed)
    stored = builder.word("word", stored_format, start_at_top=from_top)
    start = dict(builder.heads)
    source = Word(name="word", format=word_format, places=())
    zeros = [BitStep(write={place: "0"}) for place in stored.places[:zeros_below]]
    received = [
        BitStep(receive=wire, write={place: wire})
        for wire, place in zip(source.wires, stored.places[zeros_below:], strict=True)
    ]
    steps = [*zeros, *received]
    builder.walk(steps[::-1] if from_top else steps)
    builder.shift_home(stored)
    return Circuit(
        name="load_word",
        summary="takes a word from the wires and writes it",
        layout=layout,
        operands=(source,),
        result=stored,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_moved_up, bits=zeros_below),
        start=start,
    )


@lru_cache(maxsize=256)
def load_weight(word_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the program that writes a weight from the wires and stays at its top bit, ready for the next one."""
    builder = ProgramBuilder(layout)
    stored = builder.word("b", word_format)
    source = Word(name="word", format=word_format, places=())
    builder.walk(
        [BitStep(receive=wire, write={place: wire}) for place, wire in zip(stored.places, source.wires, strict=True)]
    )
    return Circuit(
        name="load_weight",
        summary="takes a weight from the wires and writes it, on the way to the next",
        layout=layout,
        operands=(source,),
        result=stored,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_unchanged,
    )


@lru_cache(maxsize=256)
def unload_word(word_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the program that senses a word and sends it over the wires."""
    builder = ProgramBuilder(layout)
    stored = builder.word("word", word_format)
    sent = Word(name="word", format=word_format, places=())
    builder.walk(
        [
            BitStep(sense={"bit": place}, send=("bit", wire))
            for place, wire in zip(stored.places, sent.wires, strict=True)
        ]
    )
    builder.shift_home(stored)
    return Circuit(
        name="unload_word",
        summary="senses a word and sends it over the wires",
        layout=layout,
        operands=(stored,),
        result=sent,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_unchanged,
    )


@lru_cache(maxsize=256)
def send_weight(word_format: NumberFormat, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the program that senses a weight, sends it over the wires and stays at its top bit, as a MAC does."""
    builder = ProgramBuilder(layout)
    stored = builder.word("b", word_format)
    sent = Word(name="word", format=word_format, places=())
    builder.walk(
        [
            BitStep(sense={"bit": place}, send=("bit", wire))
            for place, wire in zip(stored.places, sent.wires, strict=True)
        ]
    )
    return Circuit(
        name="send_weight",
        summary="senses a weight and sends it over the wires, on the way to the next",
        layout=layout,
        operands=(stored,),
        result=sent,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=_sent,
    )


@lru_cache(maxsize=256)
def move_weights(word_format: NumberFormat, domains: int, layout: Layout = Layout.ALONG) -> Circuit:
    """Return the program that shifts the tracks of weight `b` by so many domains: +1 to the next word, or back.

    The tracks are declared as long as the way; which part of a unit's track that is, follows where it stands.
    """
    builder = ProgramBuilder(layout)
    word = builder.word("b", word_format)
    tracks = tuple(replace(track, domains=max(track.domains, abs(domains) + 1)) for track in builder.tracks)
    names = tuple(track.name for track in tracks)
    return Circuit(
        name="move_weights",
        summary="shifts the weight tracks on to the next word, or back to the first",
        layout=layout,
        operands=(),
        result=word,
        tracks=tracks,
        program=(Step((Shift(names, domains),)),),
        reference=_unchanged,
        start=dict.fromkeys(names, max(-domains, 0)),
    )


def _unchanged(word: IntArray) -> IntArray:
    return word


def _moved_up(word: IntArray, *, bits: int) -> IntArray:
    return word << bits


def _sent(b: IntArray) -> IntArray:
    return b
