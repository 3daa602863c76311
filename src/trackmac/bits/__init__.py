"""Numbers as bits; nothing about hardware."""

from trackmac.bits.formats import IntArray, NumberFormat, bits_for_range

__all__ = ["IntArray", "NumberFormat", "bits_for_range"]
