"""Circuits over several words, beside what they compute on paper."""

import itertools

import numpy as np
import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits import Circuit, Layout
from trackmac.circuits.argmax import argmax
from trackmac.circuits.average_pool import average_pool
from trackmac.circuits.carry_save_accumulator import carry_save_accumulator
from trackmac.circuits.residual_add import residual_add
from trackmac.errors import OperandError
from trackmac.simulation import packed

LAYOUTS = pytest.mark.parametrize("layout", list(Layout))
SIGNS = pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "unsigned"])


def run(circuit: Circuit, *words: list[int]) -> list[int]:
    operands = {word.name: np.array(values) for word, values in zip(circuit.operands, words, strict=True)}
    values: list[int] = packed.run(circuit, operands).values.tolist()
    return values


def random_words(circuit: Circuit, lanes: int) -> dict[str, IntArray]:
    generator = np.random.default_rng(len(circuit.operands))
    return {
        word.name: np.concatenate(
            [
                [word.format.minimum, word.format.maximum],
                generator.integers(word.format.minimum, word.format.maximum + 1, lanes),
            ]
        )
        for word in circuit.operands
    }


def test_a_mean_rounds_a_half_to_even() -> None:
    mean = average_pool(NumberFormat(8, True))

    assert run(mean, [1, 1, -1, 127], [0, 2, -1, 127], [0, 1, 0, 127], [1, 2, 0, 127]) == [0, 2, 0, 127]


def test_the_first_of_equal_words_is_the_greatest() -> None:
    index = argmax(NumberFormat(4, True))

    assert run(index, [5, -8, 1, 0], [5, -8, 2, 0], [3, -8, 7, 0], [5, -7, 7, 0]) == [0, 3, 2, 0]


@LAYOUTS
@SIGNS
@pytest.mark.parametrize("words", [2, 3, 5, 8, 10])
def test_any_number_of_words_is_exact(words: int, is_signed: bool, layout: Layout) -> None:
    x = NumberFormat(6, is_signed)
    circuits = [argmax(x, words, layout), carry_save_accumulator(x, words, layout)]
    if words in {2, 8}:
        circuits.append(average_pool(x, words, layout))
    for circuit in circuits:
        operands = random_words(circuit, 500)
        table = np.array(list(operands.values()))

        result = packed.run(circuit, operands).values

        expected = {
            "argmax": table.argmax(axis=0),
            "carry_save_accumulator": table.sum(axis=0),
            "average_pool": np.rint(table.mean(axis=0)),
        }
        np.testing.assert_array_equal(result, expected[circuit.name])


@SIGNS
def test_a_carry_save_sum_reaches_both_bounds(is_signed: bool) -> None:
    x = NumberFormat(8, is_signed)
    circuit = carry_save_accumulator(x, 16)

    assert run(circuit, *[[x.minimum, x.maximum]] * 16) == [16 * x.minimum, 16 * x.maximum]
    assert circuit.result.format.bits == 12


def test_a_mean_of_three_words_is_no_shift() -> None:
    with pytest.raises(ValueError, match="only for a power of two of words, not for 3"):
        average_pool(NumberFormat(8, True), 3)


@LAYOUTS
def test_a_residual_sum_is_clamped_to_any_format(layout: Layout) -> None:
    for a_signed, b_signed, output_signed, bits in itertools.product(
        (True, False), (True, False), (True, False), (2, 4)
    ):
        output = NumberFormat(bits, output_signed)
        circuit = residual_add(NumberFormat(4, a_signed), NumberFormat(3, b_signed), output, layout)
        pairs = itertools.product(*(range(w.format.minimum, w.format.maximum + 1) for w in circuit.operands))
        a, b = (list(column) for column in zip(*pairs, strict=True))

        assert run(circuit, a, b) == np.clip(np.add(a, b), output.minimum, output.maximum).tolist()


def test_clamping_to_a_format_as_wide_as_the_sum_is_refused() -> None:
    with pytest.raises(OperandError, match=r"residual_add clamps, but int5 is not narrower than the sum \(int5\)"):
        residual_add(NumberFormat(4, True), NumberFormat(4, True), NumberFormat(5, True))
