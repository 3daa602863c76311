"""Counting ones as logic: the bits of a transverse read's count, made of full and half adders."""

from collections.abc import Sequence

from trackmac.simulation.logic import XOR_3, ZERO, LogicNetwork, Signal, Table

MAJORITY: Table = (0, 0, 0, 1, 0, 1, 1, 1)


def ones(network: LogicNetwork, signals: Sequence[Signal]) -> list[Signal]:
    """Return the bits of the number of ones among `signals`, lowest first: n.bit_length() bits of n signals.

    Of three signals of one weight an adder makes one of that weight and one of twice it, until one is left.
    """
    bits: list[Signal] = []
    weight = list(signals)
    while weight:
        carries: list[Signal] = []
        while len(weight) > 1:
            taken = (*weight[:3], ZERO)[:3]
            weight = [*weight[3:], network.function(XOR_3, taken)]
            carries.append(network.function(MAJORITY, taken))
        bits += weight
        weight = carries
    return bits
