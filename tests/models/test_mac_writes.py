"""Where a MAC writes adds up to how often it writes, which other closed forms say from its walks."""

import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import Layout
from trackmac.cost import Event
from trackmac.models.circuit_counts import MAC_ACTIVITIES
from trackmac.models.mac_writes import MAC_WRITES

FORMATS = [NumberFormat(bits, is_signed) for bits in (2, 3, 4, 5, 8) for is_signed in (False, True)]


def test_every_mac_says_where_it_writes() -> None:
    assert set(MAC_WRITES) == set(MAC_ACTIVITIES)


@pytest.mark.parametrize("name", MAC_WRITES)
def test_writes_by_bit_sum_to_the_writes_of_the_mac(name: str) -> None:
    for a in FORMATS:
        for b in FORMATS:
            c = NumberFormat(a.bits + b.bits + 3, is_signed=True)

            by_bit = MAC_WRITES[name](a=a, b=b, accumulator=c)

            activity = MAC_ACTIVITIES[name](a=a, b=b, accumulator=c, layout=Layout.ALONG)
            assert sum(int(counts.sum()) for counts in by_bit.values()) == activity.events[Event.WRITES]
            assert all(counts.min() > 0 for counts in by_bit.values())


def test_a_product_of_shift_and_add_is_written_most_in_its_middle() -> None:
    eight = NumberFormat(8, is_signed=True)

    product = MAC_WRITES["shift_add_mac"](a=eight, b=eight, accumulator=NumberFormat(20, is_signed=True))["product"]

    np.testing.assert_array_equal(product, [1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1])
