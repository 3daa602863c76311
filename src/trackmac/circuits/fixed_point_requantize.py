"""Requantisation by a fixed-point factor: multiplier x 2^-shift, rounded half to even and clamped to the output format.

The product by radix-4 Booth digits of the multiplier, a word on a track of its own (one factor for each channel, say);
then the walks of `requantize` over the product.
"""

from functools import partial

from trackmac.bits import IntArray, NumberFormat
from trackmac.circuits.addition import product_format
from trackmac.circuits.booth_radix4 import multiply
from trackmac.circuits.builder import ProgramBuilder
from trackmac.circuits.carry import LATCHED
from trackmac.circuits.circuit import Circuit, Layout
from trackmac.circuits.requantize import scale_and_clamp, scaled_and_clamped


def fixed_point_requantize(
    x_format: NumberFormat, multiplier_bits: int, shift: int, output: NumberFormat, layout: Layout = Layout.ALONG
) -> Circuit:
    """Return x * multiplier * 2^-shift, rounded half to even and clamped; multiplier and shift are not negative."""
    if shift < 0:
        raise ValueError(f"a shift to the left belongs into the multiplier, but it is by {-shift}")
    builder = ProgramBuilder(layout)
    x, multiplier = builder.word("x", x_format), builder.word("multiplier", NumberFormat(multiplier_bits, False))
    product = builder.word("product", product_format(x_format, multiplier.format))
    result = builder.word("result", output)
    multiply(builder, x, multiplier, product, LATCHED)
    scale_and_clamp(builder, product, result, shift)
    builder.shift_home(x, multiplier, product, result)
    return Circuit(
        name="fixed_point_requantize",
        summary="scales a word by a multiplier and a power of two, rounds half to even and clamps it",
        layout=layout,
        operands=(x, multiplier),
        result=result,
        tracks=tuple(builder.tracks),
        program=tuple(builder.steps),
        reference=partial(_reference, shift=shift, output=output),
    )


def _reference(x: IntArray, multiplier: IntArray, *, shift: int, output: NumberFormat) -> IntArray:
    return scaled_and_clamped(x * multiplier, shift=shift, output=output)
