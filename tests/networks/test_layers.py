import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.layers import Conv2d, Linear, Requantize

INT4 = NumberFormat(4, is_signed=True)


def linear(weights: list[list[int]], bias: list[int], weight_format: NumberFormat = INT4) -> Linear:
    return Linear(name="fc", weights=np.array(weights), bias=np.array(bias), weight_format=weight_format)


def test_weights_are_copied_and_read_only() -> None:
    weights = np.array([[1, 2]])

    layer = Linear(name="fc", weights=weights, bias=np.array([0]), weight_format=INT4)
    weights[0, 0] = 7

    assert layer.weights.tolist() == [[1, 2]]
    with pytest.raises(ValueError, match="read-only"):
        layer.weights[0, 0] = 3


def test_equal_layers_are_equal_and_one_other_weight_makes_them_differ() -> None:
    assert linear([[1, 2]], [0]) == linear([[1, 2]], [0])
    assert hash(linear([[1, 2]], [0])) == hash(linear([[1, 2]], [0]))
    assert linear([[1, 2]], [0]) != linear([[1, 3]], [0])
    assert linear([[1, 2]], [0]) != linear([[1, 2]], [1])


def test_the_extreme_weights_are_taken_and_one_more_is_refused() -> None:
    assert linear([[-8, 7]], [0]).weights.tolist() == [[-8, 7]]
    with pytest.raises(
        UnsupportedNetworkError, match=r"layer fc: weights must be within -8\.\.7 \(int4\), but one is 8"
    ):
        linear([[0, 8]], [0])


@pytest.mark.parametrize("bits", [1, 10])
def test_a_weight_width_outside_2_to_9_is_refused(bits: int) -> None:
    with pytest.raises(UnsupportedNetworkError, match=f"2 to 9 bits, but have {bits}"):
        linear([[0]], [0], NumberFormat(bits, is_signed=True))


def test_unsigned_weights_are_refused() -> None:
    with pytest.raises(UnsupportedNetworkError, match="weights must be signed, but are uint4"):
        linear([[0]], [0], NumberFormat(4, is_signed=False))


def test_a_bias_of_another_length_is_refused() -> None:
    with pytest.raises(UnsupportedNetworkError, match=r"layer fc: bias must have shape \(1,\), but it is \(2,\)"):
        linear([[1, 2]], [0, 0])


def test_padding_as_wide_as_the_kernel_is_refused() -> None:
    with pytest.raises(UnsupportedNetworkError, match="padding must be smaller than the 3x3 kernel"):
        Conv2d(
            name="conv",
            weights=np.ones((1, 1, 3, 3), dtype=np.int64),
            bias=np.zeros(1, dtype=np.int64),
            weight_format=INT4,
            padding=(0, 3),
        )


def test_a_shift_that_no_64_bit_integer_survives_is_refused() -> None:
    with pytest.raises(UnsupportedNetworkError, match="layer q: shift must be within"):
        Requantize(name="q", shift=63, output_format=NumberFormat(4, is_signed=False))


def test_real_numbers_are_no_weights() -> None:
    with pytest.raises(TypeError, match="integer codes"):
        Linear(name="fc", weights=np.ones((1, 1)), bias=np.array([0]), weight_format=INT4)  # type: ignore[arg-type]
