"""What stays in a unit while a layer is computed: its weights, or its output."""

from enum import StrEnum


class Dataflow(StrEnum):
    """Which operand of a multiply-and-accumulate does not move."""

    WEIGHT_STATIONARY = "weight-stationary"
    OUTPUT_STATIONARY = "output-stationary"
