"""Dot products and fixed-point requantisation beside plain integer arithmetic, at their bounds."""

import itertools

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import Circuit, Layout
from trackmac.circuits.dot_product import (
    booth_radix4_dot_product,
    dot_product_format,
    magnetic_dot_product,
    shift_add_dot_product,
)
from trackmac.circuits.fixed_point_requantize import fixed_point_requantize
from trackmac.simulation import packed

INT8, UINT8, INT4 = NumberFormat(8, True), NumberFormat(8, False), NumberFormat(4, True)
BUILDERS = (shift_add_dot_product, booth_radix4_dot_product, magnetic_dot_product)
every_builder = pytest.mark.parametrize("build", BUILDERS, ids=lambda build: str(build.__name__))


def result_of_equal_pairs(circuit: Circuit, a: int, b: int, c: int) -> int:
    words = len(circuit.operands) // 2
    pairs = {f"a{k}": np.array([a]) for k in range(words)} | {f"b{k}": np.array([b]) for k in range(words)}
    return int(packed.run(circuit, pairs | {"c": np.array([c])}).values[0])


@every_builder
@pytest.mark.parametrize(("a_format", "b_format"), [(INT8, INT8), (UINT8, INT4), (UINT8, UINT8)], ids=str)
def test_all_extremes_reach_the_accumulators_bounds(
    build: object, a_format: NumberFormat, b_format: NumberFormat
) -> None:
    assert callable(build)
    circuit: Circuit = build(a_format, b_format, 16)
    c = circuit.operand("c").format
    corners = list(itertools.product((a_format.minimum, a_format.maximum), (b_format.minimum, b_format.maximum)))
    low_pair = min(corners, key=lambda pair: pair[0] * pair[1])
    high_pair = max(corners, key=lambda pair: pair[0] * pair[1])

    low, high = (result_of_equal_pairs(circuit, *p, e) for p, e in ((low_pair, c.minimum), (high_pair, c.maximum)))

    assert low == 16 * low_pair[0] * low_pair[1] + c.minimum
    assert high == 16 * high_pair[0] * high_pair[1] + c.maximum
    narrower = NumberFormat(circuit.result.format.bits - 1, circuit.result.format.is_signed)
    assert low < narrower.minimum or high > narrower.maximum, "no bit is spare"


def test_the_accumulator_of_16_int8_products_has_room_for_all_of_them() -> None:
    # 16 * 2^14 + 2^15 - 1 = 294,911, which 19 bits hold and a sign.
    assert dot_product_format(INT8, INT8, NumberFormat(16, True), 16) == NumberFormat(20, True)


@every_builder
def test_a_long_dot_product_of_random_words_is_exact(build: object) -> None:
    assert callable(build)
    circuit: Circuit = build(UINT8, INT4, 32)
    generator = np.random.default_rng(32)
    operands = {
        word.name: generator.integers(word.format.minimum, word.format.maximum + 1, 200) for word in circuit.operands
    }

    result = packed.run(circuit, operands)

    a, b = (np.array([operands[f"{name}{k}"] for k in range(32)]) for name in "ab")
    np.testing.assert_array_equal(result.values, (a * b).sum(axis=0) + operands["c"])


def test_an_accumulator_that_is_not_given_starts_at_zero() -> None:
    pairs = {f"{name}{k}": np.array([k + 1]) for name in "ab" for k in range(4)}

    assert packed.run(shift_add_dot_product(INT8, INT8), pairs).values.tolist() == [1 + 4 + 9 + 16]


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("is_signed", [True, False])
def test_every_fixed_point_scaling_is_rounded_half_to_even_and_clamped(is_signed: bool, layout: Layout) -> None:
    x, output = NumberFormat(6, is_signed), NumberFormat(4, is_signed)
    values, multipliers = np.meshgrid(np.arange(x.minimum, x.maximum + 1), np.arange(16))
    for shift in (0, 1, 4, 7, 11):
        circuit = fixed_point_requantize(x, 4, shift, output, layout)

        result = packed.run(circuit, {"x": values.ravel(), "multiplier": multipliers.ravel()}).values

        expected = np.clip(np.rint(values * multipliers / 2**shift), output.minimum, output.maximum)
        np.testing.assert_array_equal(result, expected.ravel())


def test_a_fixed_point_shift_to_the_left_is_refused() -> None:
    with pytest.raises(ValueError, match="belongs into the multiplier, but it is by 2"):
        fixed_point_requantize(INT8, 4, -2, INT8)
