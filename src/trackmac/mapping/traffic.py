"""What a stage moves over the H-tree for one image, in bits: words that units receive and send, and what is broadcast.

With D outputs of K products each, in s slices, the units receive D K activations, D s words that accumulators start
with (the bias, or 0 behind the first slice), D (s - 1) partial sums, which were sent before, and a multiplier for each
result that is requantised by one; they send D results. An activation is read from the buffer once for all units of a
copy whose filters take it, and again for each filter that shares a unit: pixels x groups x min(filters of a group, F).
Weights that do not stay come to all copies; where outputs stay, one for each product, sent before by units of the chip.
"""

from dataclasses import asdict, dataclass

from trackmac.mapping.schedule import DotProductSchedule, ElementSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Bits of one image. `read_bits` of activations leave the buffer; units receive `operand_bits` of them."""

    read_bits: int
    operand_bits: int
    start_bits: int
    partial_sum_bits: int
    multiplier_bits: int
    result_bits: int
    weight_bits: int

    @property
    def bus_bits(self) -> int:
        """All bits that units receive or send."""
        received = self.operand_bits + self.start_bits + self.multiplier_bits
        return received + self.partial_sum_bits + self.result_bits + self.weight_bits

    def to_dict(self) -> dict[str, int]:
        """Return plain data."""
        return {**asdict(self), "bus_bits": self.bus_bits}


def traffic(entry: DotProductSchedule | ElementSchedule) -> Traffic:
    """Return what the stage moves for one image."""
    outputs, stage = entry.stage.head.outputs, entry.stage
    scale = stage.rescaling
    multiplier_bits = outputs * (scale.multiplier_bits if scale is not None else 0)
    result_bits = outputs * stage.output_format.bits
    if isinstance(entry, ElementSchedule):
        return Traffic(
            read_bits=outputs * entry.stage.read_bits,
            operand_bits=outputs * (stage.c.bits + sum(word.bits for word in entry.stage.operands[1:])),
            start_bits=0,
            partial_sum_bits=0,
            multiplier_bits=multiplier_bits,
            result_bits=result_bits,
            weight_bits=0,
        )
    dot, words = entry.stage.dot, entry.stage.words
    readings = dot.pixels * dot.groups * min(entry.stage.filters_per_group, entry.filters_per_unit)
    return Traffic(
        read_bits=readings * entry.stage.dot_length * words.a.bits,
        operand_bits=outputs * entry.stage.dot_length * words.a.bits,
        start_bits=outputs * entry.slices * words.c.bits,
        partial_sum_bits=2 * outputs * (entry.slices - 1) * words.c.bits,
        multiplier_bits=multiplier_bits,
        result_bits=result_bits,
        weight_bits=entry.weight_traffic_bits,
    )
