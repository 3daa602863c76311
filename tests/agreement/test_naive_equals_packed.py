"""Two simulators that share no code but the declaration: results, every event and every phase must be the same."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import FAMILIES, Circuit, Layout, circuit
from trackmac.circuits.program_check import ProgramError
from trackmac.circuits.requantize import requantize
from trackmac.circuits.transfer import load_weight, load_word, send_weight, unload_word
from trackmac.simulation import naive, packed

SIGNS = (False, True)
SMALL_TOTAL, LARGE_TOTAL = 6, 10
RANDOM_PAIRS = 2000
MOST_CORNERS = 300
PAIRS_PER_WIDTH = 50

FAMILIES_AND_LAYOUTS = [(name, layout) for name, family in FAMILIES.items() for layout in family.layouts]
every_family = pytest.mark.parametrize(("name", "layout"), FAMILIES_AND_LAYOUTS)


def splits(name: str, total: int) -> list[tuple[int, ...]]:
    """Return all widths of a family's operands that are `total` bits together at most."""
    count = len(FAMILIES[name].width_names)
    if name == "requantize":
        return [(n, m) for n in range(2, total + 1) for m in range(2, n + 1)]
    if count == 1:  # two words of that width are tried in all combinations
        return [(n,) for n in range(2, total // 2 + 1)]
    pairs = [(n, m) for n in range(2, total - 1) for m in range(2, total - n + 1)]
    return [tuple(itertools.islice(itertools.cycle(pair), count)) for pair in pairs]


def every_operand(subject: Circuit, seed: int) -> dict[str, IntArray]:
    """Return all combinations of the first two operands' values, and random values of the others."""
    first, others = subject.operands[:2], subject.operands[2:]
    if math.prod(len(word.values) for word in first) > 1 << LARGE_TOTAL:  # two elements of a dot product, of one width
        return random_operands(subject, 1 << SMALL_TOTAL, np.random.default_rng(seed))
    grid = np.array(list(itertools.product(*(word.values for word in first)))).T
    generator = np.random.default_rng(seed)
    return dict(zip((word.name for word in first), grid, strict=True)) | {
        word.name: generator.integers(word.values[0], word.values[-1], grid.shape[1], endpoint=True) for word in others
    }


def corners(subject: Circuit) -> dict[str, IntArray]:
    """Return all combinations of every operand's least and greatest values, 0, 1 and alternating bits.

    Of many operands, MOST_CORNERS random ones of them.
    """
    axes = []
    for word in subject.operands:
        low, high = word.values[0], word.values[-1]
        stripes = int("01" * word.format.bits, 2) & high
        axes.append(sorted(value for value in {low, low + 1, 0, 1, stripes, high} if value in word.values))
    if math.prod(len(axis) for axis in axes) <= MOST_CORNERS:
        grid = np.array(list(itertools.product(*axes))).T
    else:
        generator = np.random.default_rng(len(axes))
        grid = np.array([generator.choice(axis, MOST_CORNERS) for axis in axes])
    return dict(zip((word.name for word in subject.operands), grid, strict=True))


def random_operands(subject: Circuit, lanes: int, generator: np.random.Generator) -> dict[str, IntArray]:
    return {
        word.name: generator.integers(word.values[0], word.values[-1], lanes, endpoint=True)
        for word in subject.operands
    }


def assert_agreement(subject: Circuit, operands: dict[str, IntArray]) -> None:
    slow, fast = naive.run(subject, operands), packed.run(subject, operands)

    np.testing.assert_array_equal(slow.values, fast.values)
    assert slow.activity == fast.activity
    assert slow.events == fast.events


def circuits(name: str, layout: Layout, total: int) -> Iterator[Circuit]:
    for widths, is_signed in itertools.product(splits(name, total), SIGNS):
        yield FAMILIES[name].build(widths, is_signed, layout)


@every_family
def test_small_operands_agree(name: str, layout: Layout) -> None:
    for seed, subject in enumerate(circuits(name, layout, SMALL_TOTAL)):
        assert_agreement(subject, every_operand(subject, seed))


@pytest.mark.slow
@every_family
def test_operands_of_10_bits_together_agree(name: str, layout: Layout) -> None:
    for seed, subject in enumerate(circuits(name, layout, LARGE_TOTAL)):
        assert_agreement(subject, every_operand(subject, seed))


def wide_widths(name: str, generator: np.random.Generator) -> tuple[int, ...]:
    """Return random widths that are more than 10 bits together."""
    count = len(FAMILIES[name].width_names)
    while True:
        widths = tuple(int(width) for width in generator.integers(2, 17, count))
        is_wide = sum(widths) * max(3 - count, 1) > LARGE_TOTAL
        if is_wide and (name != "requantize" or widths[1] <= widths[0]):
            return widths


@every_family
def test_corners_agree(name: str, layout: Layout) -> None:
    for is_signed in SIGNS:
        subject = FAMILIES[name].build((8, 5, 2, 2, 3)[: len(FAMILIES[name].width_names)], is_signed, layout)

        assert_agreement(subject, corners(subject))


@pytest.mark.slow
@every_family
def test_corners_of_all_widths_agree(name: str, layout: Layout) -> None:
    for widths, is_signed in itertools.product(((16, 16), (16, 2), (13, 12), (11, 9)), SIGNS):
        subject = FAMILIES[name].build((*widths, 7, 2, 9)[: len(FAMILIES[name].width_names)], is_signed, layout)

        assert_agreement(subject, corners(subject))


@pytest.mark.slow
@every_family
def test_2000_random_wider_pairs_agree(name: str, layout: Layout) -> None:
    generator = np.random.default_rng([2000, *name.encode()])
    for number in range(RANDOM_PAIRS // PAIRS_PER_WIDTH):
        subject = FAMILIES[name].build(wide_widths(name, generator), bool(number % 2), layout)

        assert_agreement(subject, random_operands(subject, PAIRS_PER_WIDTH, generator))


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("shift", [-2, 0, 1, 3, 6, 9])
def test_requantisation_by_any_shift_agrees(shift: int, layout: Layout) -> None:
    for x_signed, output_signed in itertools.product(SIGNS, SIGNS):
        subject = requantize(NumberFormat(6, x_signed), shift, NumberFormat(3, output_signed), layout)

        assert_agreement(subject, every_operand(subject, 0))


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("name", [name for name in FAMILIES if circuit(name).known])
def test_every_known_value_agrees(name: str, layout: Layout) -> None:
    for is_signed in SIGNS:
        worst = circuit(name, (3, 3), is_signed, layout.value)
        first = next(iter(worst.known))
        for value in range(-4, 4) if is_signed else range(8):
            subject = circuit(name, (3, 3), is_signed, layout.value, known={first: value})

            assert_agreement(subject, random_operands(subject, 30, np.random.default_rng(3)))


@pytest.mark.parametrize("layout", list(Layout))
def test_words_on_the_wires_agree(layout: Layout) -> None:
    word = NumberFormat(5, True)
    subjects = (load_word(word, layout), load_word(word, layout, from_top=True), unload_word(word, layout))
    for subject in (*subjects, load_weight(word, layout), send_weight(word, layout)):
        assert_agreement(subject, every_operand(subject, 0))


@every_family
def test_both_simulators_agree_on_broken_programs_too(name: str, layout: Layout) -> None:
    """A step left out changes results and counts: in the same way, if each simulator really runs the program."""
    subject = FAMILIES[name].build((3, 3, 3, 3, 3)[: len(FAMILIES[name].width_names)], True, layout)
    operands = random_operands(subject, 8, np.random.default_rng(3))
    unbroken = naive.run(subject, operands).activity
    runnable = 0
    for index in range(len(subject.program)):
        program = (*subject.program[:index], *subject.program[index + 1 :])
        try:
            broken = replace(subject, program=program)
        except ProgramError:
            continue
        runnable += 1
        assert_agreement(broken, operands)
        assert packed.run(broken, operands).activity != unbroken, index
    assert runnable
