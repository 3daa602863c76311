"""How wide sums must be so that they cannot overflow."""

import numpy as np

from trackmac.bits import NumberFormat, bits_for_range
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.weighted_layers import Conv2d, Linear

MAX_ACCUMULATOR_BITS = 53  # float64 matrix products are exact up to there


def accumulator_format(layer: Conv2d | Linear, input_format: NumberFormat) -> NumberFormat:
    """Return the narrowest signed format that holds every partial sum of `layer`, whatever the input and the order.

    For output channel c the sums lie in min(0, b_c) + sum_k min(0, w_ck x_min, w_ck x_max) ..
    max(0, b_c) + sum_k max(0, w_ck x_min, w_ck x_max), and inputs reach both ends. A single product fits as well:
    at least input bits + weight bits.

    Raises:
        UnsupportedNetworkError: more than `MAX_ACCUMULATOR_BITS`.
    """
    weights = layer.weights.reshape(layer.weights.shape[0], -1)
    # x_min <= 0 <= x_max: a weight's products reach from one of its sign times x_min to one times x_max
    positive, negative = np.maximum(weights, 0).sum(axis=1), np.minimum(weights, 0).sum(axis=1)
    low = positive * input_format.minimum + negative * input_format.maximum + np.minimum(layer.bias, 0)
    high = positive * input_format.maximum + negative * input_format.minimum + np.maximum(layer.bias, 0)
    bits = bits_for_range(int(low.min()), int(high.max()), is_signed=True)
    return _checked(layer.name, NumberFormat(max(bits, input_format.bits + layer.weight_format.bits), is_signed=True))


def sum_format(name: str, low: int, high: int) -> NumberFormat:
    """Return the narrowest format for the sums of layer `name`; 0 lies between, so each partial sum fits as well.

    Raises:
        UnsupportedNetworkError: more than `MAX_ACCUMULATOR_BITS`.
    """
    return _checked(name, NumberFormat(bits_for_range(low, high, is_signed=low < 0), is_signed=low < 0))


def _checked(name: str, sums: NumberFormat) -> NumberFormat:
    if sums.bits > MAX_ACCUMULATOR_BITS:
        raise UnsupportedNetworkError(
            f"layer {name}: accumulators may have {MAX_ACCUMULATOR_BITS} bits, but need {sums.bits}; "
            "use fewer inputs or bits"
        )
    return sums
