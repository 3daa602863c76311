"""The programs that a unit runs in a stage, each built once and bound to the unit's tracks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from trackmac.arrays import DotProductWords, Rescaling, Start
from trackmac.bits import NumberFormat
from trackmac.circuits import MACS, Layout
from trackmac.circuits.accumulate import accumulate
from trackmac.circuits.booth_radix4 import booth_radix4_multiplier
from trackmac.circuits.circuit import Circuit
from trackmac.circuits.clip import clip
from trackmac.circuits.max_pool import max_pool
from trackmac.circuits.offset import offset
from trackmac.circuits.relu import relu
from trackmac.circuits.requantize import requantize
from trackmac.circuits.transfer import load_weight, load_word, move_weights, send_weight, unload_word
from trackmac.inference.work_tracks import word_tracks


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A circuit, and which of the unit's tracks stands for each of its own; the weight's are bound when it runs."""

    circuit: Circuit
    binding: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DotProductPrograms:
    """What a unit runs in a stage of dot products."""

    load_accumulator: Program
    ready_activation: Program | None
    """Moves `a` to its top bit, where loads start and MACs end; where a machine starts, it is not counted."""
    load_activation: Program
    mac: Program
    mac_carries: tuple[str, ...]
    """Tracks of one domain that the MAC has besides its words'."""
    load_partial_sum: Program
    add_partial_sum: Program
    unload_accumulator: Program


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultiplicationPrograms:
    """How a result is multiplied: by a word that takes the place of the activation, whose track may have to come."""

    clear_activation: Program | None
    load_multiplier: Program
    multiply: Program
    ready_activation: Program | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RewritingPrograms:
    """What a unit runs on a result in `c` before it leaves."""

    take_offset: Program | None
    """Takes away the code that stands for zero."""
    multiply: MultiplicationPrograms | None
    rescale: Program | None
    unload_result: Program


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OperandPrograms:
    """How a further word joins the one in `c`."""

    load: Program
    join: Program


@lru_cache(maxsize=256)
def dot_product_programs(mac: str, layout: Layout, words: DotProductWords) -> DotProductPrograms:
    """Return the programs for dot products of these formats with the MAC circuit of that name."""
    a, b, c = words.a, words.b, words.c
    multiply_accumulate = MACS[mac](a, b, c, layout)
    operands = bind("a", "a", a.bits, layout) | bind("c", "c", c.bits, layout)
    operands |= bind("product", "product", a.bits + b.bits, layout)
    weight = word_tracks("b", b.bits, layout)
    return DotProductPrograms(
        load_accumulator=load_result(c, layout),
        ready_activation=Program(weight_move(a, a.bits - 1, layout), {"b": "a"}) if layout is Layout.ALONG else None,
        load_activation=Program(load_word(a, layout, from_top=True), bind("word", "a", a.bits, layout)),
        mac=Program(multiply_accumulate, operands),
        mac_carries=tuple(track.name for track in multiply_accumulate.tracks if track.name not in {*operands, *weight}),
        load_partial_sum=Program(load_word(c, layout), bind("word", "product", c.bits, layout)),
        add_partial_sum=Program(
            accumulate(c, c, layout), bind("x", "product", c.bits, layout) | bind("c", "c", c.bits, layout)
        ),
        unload_accumulator=Program(unload_word(c, layout), bind("word", "c", c.bits, layout)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputPrograms:
    """What a unit runs, besides, that keeps its output and takes a weight from the wires for every product."""

    ready_weight: Program | None
    """Moves `b` to its top bit, where loads start and MACs end; where a machine starts, it is not counted."""
    load_weight: Program
    mac: Program


@lru_cache(maxsize=256)
def output_programs(mac: str, layout: Layout, words: DotProductWords) -> OutputPrograms:
    """Return the programs for outputs of these formats that stay, with the MAC circuit of that name."""
    b, program = words.b, dot_product_programs(mac, layout, words).mac
    ready = Program(weight_move(b, b.bits - 1, layout), {"b": "b"}) if layout is Layout.ALONG else None
    return OutputPrograms(
        ready_weight=ready,
        load_weight=Program(load_word(b, layout, from_top=True), bind("word", "b", b.bits, layout)),
        mac=Program(program.circuit, {**program.binding, **bind("b", "b", b.bits, layout)}),
    )


@lru_cache(maxsize=256)
def rewriting_programs(
    layout: Layout, c: NumberFormat, rescaling: Rescaling | None, a: NumberFormat | None = None
) -> RewritingPrograms:
    """Return the programs that rewrite a result of this format and send it; `a` is that of an activation, if any."""
    take_offset, multiply, rescale = None, None, None
    unload_result = Program(unload_word(c, layout), bind("word", "c", c.bits, layout))
    if rescaling is not None:
        output, source, target = rescaling.output, "c", "product"
        if rescaling.input_zero_point:
            subtract = offset(c, rescaling.input_zero_point, layout)
            take_offset = Program(subtract, bind("x", "c", rescaling.centred.bits, layout))
        if rescaling.multiplier is not None:
            multiply = _multiplication(layout, rescaling.centred, rescaling.multiplier, a)
            source, target = target, source
        circuit = requantize(rescaling.scaled, rescaling.shift, output, layout, zero_point=rescaling.zero_point)
        binding = bind("x", source, rescaling.scaled.bits, layout) | bind("result", target, output.bits, layout)
        rescale = Program(circuit, binding)
        unload_result = Program(unload_word(output, layout), bind("word", target, output.bits, layout))
    return RewritingPrograms(
        take_offset=take_offset,
        multiply=multiply,
        rescale=rescale,
        unload_result=unload_result,
    )


@lru_cache(maxsize=256)
def in_place(layout: Layout, c: NumberFormat, bounds: tuple[int, int] | None) -> Program:
    """Return the program that clips `c` to the bounds, or that rectifies it where there are none."""
    circuit = relu(c, layout) if bounds is None else clip(c, *bounds, layout)
    return Program(circuit, bind("x", "c", c.bits, layout))


def _multiplication(
    layout: Layout, c: NumberFormat, multiplier: NumberFormat, a: NumberFormat | None
) -> MultiplicationPrograms:
    clear, ready = None, None
    if a is not None and layout is Layout.ALONG:
        clear, ready = (Program(weight_move(a, domains, layout), {"b": "a"}) for domains in (1 - a.bits, a.bits - 1))
    binding = bind("a", "c", c.bits, layout) | bind("b", "a", multiplier.bits, layout)
    binding |= bind("product", "product", c.bits + multiplier.bits, layout)
    return MultiplicationPrograms(
        clear_activation=clear,
        load_multiplier=Program(load_word(multiplier, layout), bind("word", "a", multiplier.bits, layout)),
        multiply=Program(booth_radix4_multiplier(c, multiplier, layout), binding),
        ready_activation=ready,
    )


@lru_cache(maxsize=256)
def load_result(c: NumberFormat, layout: Layout) -> Program:
    """Return the program that writes a word from the wires to `c`."""
    return Program(load_word(c, layout), bind("word", "c", c.bits, layout))


@lru_cache(maxsize=256)
def load_start(start: Start, layout: Layout) -> Program:
    """Return the program that writes a word from the wires to `c`, zeros below it."""
    circuit = load_word(start.word, layout, zeros_below=start.zeros_below)
    return Program(circuit, bind("word", "c", start.c.bits, layout))


@lru_cache(maxsize=256)
def operand_programs(
    word: NumberFormat, c: NumberFormat, layout: Layout, *, is_sum: bool, times: int
) -> OperandPrograms:
    """Return the programs by which a word is added to `c`, so many times, or takes its place if it is greater."""
    load = Program(load_word(word, layout), bind("word", "product", word.bits, layout))
    return OperandPrograms(load=load, join=_added(word, c, layout, times) if is_sum else _greater(word, layout))


def _added(word: NumberFormat, c: NumberFormat, layout: Layout, times: int) -> Program:
    circuit = accumulate(word, c, layout, times=times)
    return Program(circuit, bind("c", "c", c.bits, layout) | bind("x", "product", word.bits, layout))


def _greater(word: NumberFormat, layout: Layout) -> Program:
    binding = bind("a", "c", word.bits, layout) | bind("b", "product", word.bits, layout)
    return Program(max_pool(word, layout), binding)


@lru_cache(maxsize=1024)
def weight_move(word: NumberFormat, domains: int, layout: Layout) -> Circuit:
    """Return the program that shifts the weight tracks by so many domains."""
    return move_weights(word, domains, layout)


@lru_cache(maxsize=256)
def weight_load(bits: int, layout: Layout) -> Circuit:
    """Return the program that writes so many bits of a weight from the wires, on its way over the weight tracks."""
    return load_weight(NumberFormat(bits, is_signed=False), layout)


@lru_cache(maxsize=256)
def weight_sending(word: NumberFormat, layout: Layout) -> Circuit:
    """Return the program that senses a weight and sends it, on its way over the weight tracks."""
    return send_weight(word, layout)


def bind(circuit_word: str, unit_word: str, bits: int, layout: Layout) -> dict[str, str]:
    """Return which of the unit's tracks stand for a circuit's word of so many bits."""
    return dict(zip(word_tracks(circuit_word, bits, layout), word_tracks(unit_word, bits, layout), strict=True))
