"""Closed forms of every circuit: what one execution costs, as algebra in widths, signedness, layout and shift.

This is the road beside simulation: nothing here reads a circuit's program. The formulas stand with their derivations
in the modules by kind; here is the way to them by a circuit's name.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from trackmac.bits import NumberFormat
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.cost import Activity
from trackmac.errors import unknown_name
from trackmac.models.activation_counts import (
    clip_activity,
    max_pool_activity,
    relu_activity,
    requantize_activity,
    residual_add_activity,
)
from trackmac.models.addition_counts import (
    accumulate_activity,
    latched_full_adder_activity,
    magnetic_full_adder_activity,
    offset_activity,
    parallel_adder_activity,
    ripple_adder_activity,
    ripple_subtractor_activity,
)
from trackmac.models.csd_counts import csd_dot_product_activity, csd_mac_activity, csd_multiplier_activity
from trackmac.models.multiplication_counts import (
    booth_radix4_mac_activity,
    booth_radix4_multiplier_activity,
    dot_product_activity,
    fixed_point_requantize_activity,
    magnetic_mac_activity,
    shift_add_mac_activity,
    shift_add_multiplier_activity,
)
from trackmac.models.transfer_counts import (
    load_weight_activity,
    load_word_activity,
    move_weights_activity,
    send_weight_activity,
    unload_word_activity,
)
from trackmac.models.transverse_read_counts import (
    bitplane_popcount_mac_activity,
    transverse_read_adder_activity,
    transverse_read_dot_product_activity,
    transverse_read_mac_activity,
    transverse_read_multiplier_activity,
)
from trackmac.models.window_counts import argmax_activity, average_pool_activity, carry_save_accumulator_activity

__all__ = [
    "MAC_ACTIVITIES",
    "MacActivity",
    "accumulate_activity",
    "argmax_activity",
    "average_pool_activity",
    "bitplane_popcount_mac_activity",
    "booth_radix4_mac_activity",
    "booth_radix4_multiplier_activity",
    "carry_save_accumulator_activity",
    "circuit_activity",
    "clip_activity",
    "csd_dot_product_activity",
    "csd_mac_activity",
    "csd_multiplier_activity",
    "dot_product_activity",
    "fixed_point_requantize_activity",
    "latched_full_adder_activity",
    "load_weight_activity",
    "load_word_activity",
    "magnetic_full_adder_activity",
    "magnetic_mac_activity",
    "max_pool_activity",
    "move_weights_activity",
    "offset_activity",
    "parallel_adder_activity",
    "relu_activity",
    "requantize_activity",
    "residual_add_activity",
    "ripple_adder_activity",
    "ripple_subtractor_activity",
    "send_weight_activity",
    "shift_add_mac_activity",
    "shift_add_multiplier_activity",
    "transverse_read_adder_activity",
    "transverse_read_dot_product_activity",
    "transverse_read_mac_activity",
    "transverse_read_multiplier_activity",
    "unload_word_activity",
]


class MacActivity(Protocol):
    """The closed form of a multiply-and-accumulate circuit; `accumulator` is the format of the accumulator's word."""

    def __call__(self, *, a: NumberFormat, b: NumberFormat, accumulator: NumberFormat, layout: Layout) -> Activity:
        """Return what one execution costs."""


MAC_ACTIVITIES: Mapping[str, MacActivity] = {
    "shift_add_mac": shift_add_mac_activity,
    "booth_radix4_mac": booth_radix4_mac_activity,
    "magnetic_mac": magnetic_mac_activity,
}


def circuit_activity(circuit: Circuit) -> Activity:
    """Return what one execution of a registered circuit costs, from its name, layout, formats and known operands alone.

    For `requantize` and `fixed_point_requantize` the shift is what the registry takes: the bits that the output has
    less than the input or the product.

    Raises:
        UnknownNameError: there is no closed form for a circuit of that name.
    """
    if circuit.name not in _BY_NAME:
        raise unknown_name("closed form of a circuit", circuit.name, _BY_NAME)
    return _BY_NAME[circuit.name](circuit)


class _TwoOperands(Protocol):
    def __call__(self, *, a: NumberFormat, b: NumberFormat) -> Activity: ...


class _Multiplier(Protocol):
    def __call__(self, *, a: NumberFormat, b: NumberFormat, layout: Layout) -> Activity: ...


class _InPlace(Protocol):
    def __call__(self, *, x: NumberFormat, layout: Layout) -> Activity: ...


class _SeveralWords(Protocol):
    def __call__(self, *, x: NumberFormat, words: int, layout: Layout) -> Activity: ...


_ByCircuit = Callable[[Circuit], Activity]


def _format(circuit: Circuit, operand: str) -> NumberFormat:
    return circuit.operand(operand).format


def _adder(activity: _TwoOperands) -> _ByCircuit:
    return lambda circuit: activity(a=_format(circuit, "a"), b=_format(circuit, "b"))


def _multiplier(activity: _Multiplier) -> _ByCircuit:
    return lambda circuit: activity(a=_format(circuit, "a"), b=_format(circuit, "b"), layout=circuit.layout)


def _mac(activity: MacActivity) -> _ByCircuit:
    return lambda circuit: activity(
        a=_format(circuit, "a"), b=_format(circuit, "b"), accumulator=circuit.result.format, layout=circuit.layout
    )


def _in_place(activity: _InPlace, operand: str) -> _ByCircuit:
    return lambda circuit: activity(x=_format(circuit, operand), layout=circuit.layout)


def _accumulate(circuit: Circuit) -> Activity:
    return accumulate_activity(x=_format(circuit, "x"), accumulator=circuit.result.format, layout=circuit.layout)


def _requantize(circuit: Circuit) -> Activity:
    x, output = _format(circuit, "x"), circuit.result.format
    return requantize_activity(x=x, shift=x.bits - output.bits, output=output, layout=circuit.layout)


def _fixed_point_requantize(circuit: Circuit) -> Activity:
    x, multiplier_bits, output = _format(circuit, "x"), _format(circuit, "multiplier").bits, circuit.result.format
    shift = max(x.bits + multiplier_bits - output.bits, 0)
    return fixed_point_requantize_activity(
        x=x, multiplier_bits=multiplier_bits, shift=shift, output=output, layout=circuit.layout
    )


def _dot_product(mac_activity: MacActivity) -> _ByCircuit:
    def activity(circuit: Circuit) -> Activity:
        a, b, layout = _format(circuit, "a0"), _format(circuit, "b0"), circuit.layout
        mac = mac_activity(a=a, b=b, accumulator=circuit.result.format, layout=layout)
        return dot_product_activity(mac, a=a, b=b, words=len(circuit.operands) // 2, layout=layout)

    return activity


def _known(circuit: Circuit, operand: str) -> int:
    value = circuit.operand(operand).known
    assert value is not None, f"{operand} of {circuit.name} is not known"
    return value


def _csd_multiplier(circuit: Circuit) -> Activity:
    a, b = _format(circuit, "a"), _format(circuit, "b")
    return csd_multiplier_activity(a=a, b=b, weight=_known(circuit, "b"), layout=circuit.layout)


def _csd_mac(circuit: Circuit) -> Activity:
    return csd_mac_activity(
        a=_format(circuit, "a"),
        b=_format(circuit, "b"),
        weight=_known(circuit, "b"),
        accumulator=circuit.result.format,
        layout=circuit.layout,
    )


def _csd_dot_product(circuit: Circuit) -> Activity:
    return csd_dot_product_activity(
        a=_format(circuit, "a0"),
        b=_format(circuit, "b0"),
        weights=[_known(circuit, f"b{k}") for k in range(len(circuit.operands) // 2)],
        accumulator=circuit.result.format,
        layout=circuit.layout,
    )


def _residual_add(circuit: Circuit) -> Activity:
    return residual_add_activity(
        a=_format(circuit, "a"), b=_format(circuit, "b"), output=circuit.result.format, layout=circuit.layout
    )


def _several_words(activity: _SeveralWords) -> _ByCircuit:
    return lambda circuit: activity(x=_format(circuit, "x0"), words=len(circuit.operands), layout=circuit.layout)


def _distance(circuit: Circuit) -> int:
    assert circuit.trd is not None, f"{circuit.name} has no window"
    return circuit.trd


def _transverse_read_adder(circuit: Circuit) -> Activity:
    return transverse_read_adder_activity(operands=[word.format for word in circuit.operands], trd=_distance(circuit))


def _transverse_read_multiplier(circuit: Circuit) -> Activity:
    return transverse_read_multiplier_activity(a=_format(circuit, "a"), b=_format(circuit, "b"), trd=_distance(circuit))


def _transverse_read_mac(circuit: Circuit) -> Activity:
    return transverse_read_mac_activity(
        a=_format(circuit, "a"),
        b=_format(circuit, "b"),
        accumulator=circuit.result.format,
        trd=_distance(circuit),
    )


def _transverse_read_dot_product(circuit: Circuit) -> Activity:
    return transverse_read_dot_product_activity(
        a=_format(circuit, "a0"),
        b=_format(circuit, "b0"),
        accumulator=circuit.result.format,
        words=len(circuit.operands) // 2,
        trd=_distance(circuit),
    )


def _bitplane_popcount_mac(circuit: Circuit) -> Activity:
    return bitplane_popcount_mac_activity(
        x=_format(circuit, "x0"),
        w=_format(circuit, "w0"),
        accumulator=circuit.result.format,
        trd=_distance(circuit),
    )


_BY_NAME: dict[str, _ByCircuit] = {
    "magnetic_full_adder": _adder(magnetic_full_adder_activity),
    "latched_full_adder": _adder(latched_full_adder_activity),
    "ripple_adder": _adder(ripple_adder_activity),
    "ripple_subtractor": _adder(ripple_subtractor_activity),
    "parallel_adder": _adder(parallel_adder_activity),
    "shift_add_multiplier": _multiplier(shift_add_multiplier_activity),
    "booth_radix4_multiplier": _multiplier(booth_radix4_multiplier_activity),
    **{name: _mac(activity) for name, activity in MAC_ACTIVITIES.items()},
    **{name.removesuffix("mac") + "dot_product": _dot_product(activity) for name, activity in MAC_ACTIVITIES.items()},
    "csd_multiplier": _csd_multiplier,
    "csd_mac": _csd_mac,
    "csd_dot_product": _csd_dot_product,
    "accumulate": _accumulate,
    "transverse_read_adder": _transverse_read_adder,
    "transverse_read_multiplier": _transverse_read_multiplier,
    "transverse_read_mac": _transverse_read_mac,
    "transverse_read_dot_product": _transverse_read_dot_product,
    "bitplane_popcount_mac": _bitplane_popcount_mac,
    "relu": _in_place(relu_activity, "x"),
    "max_pool": _in_place(max_pool_activity, "a"),
    "requantize": _requantize,
    "fixed_point_requantize": _fixed_point_requantize,
    "residual_add": _residual_add,
    "average_pool": _several_words(average_pool_activity),
    "argmax": _several_words(argmax_activity),
    "carry_save_accumulator": _several_words(carry_save_accumulator_activity),
}


def register_activity(name: str, activity: Callable[[Circuit], Activity]) -> None:
    """Add the closed form of the registered circuit `name`; it must not read the circuit's program."""
    _BY_NAME[name] = activity
