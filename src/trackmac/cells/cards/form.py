"""What benches, netlists and layout rules ask of a node's transistors, whoever modelled them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from trackmac.files import FileModel

Corner = Literal["TT", "FF", "SS"]
CORNERS: tuple[Corner, ...] = ("TT", "FF", "SS")
TEMPERATURES_C = (-40, 25, 125)

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Positive = Annotated[float, Field(gt=0)]


class TransistorCard(FileModel, ABC):
    """One kind of transistor; cells declare widths of the 45 nm node, which are multiplied by `width_ratio`."""

    summary: str
    channel: Literal["n", "p"]
    gate_length_nm: Positive
    minimum_width_nm: Positive
    width_ratio: Positive = 1.0

    @abstractmethod
    def line(self, name: str, nodes: str, kind: str, declared_nm: float, threshold_shift_v: float) -> str:
        """Return a transistor's SPICE line; `nodes` are its drain, gate, source and body."""


class Cards(FileModel, ABC):
    """The transistors of one node, and what a bench of its cells needs.

    Attributes:
        time_ratio: how much longer than the 45 nm cards' a bench's periods are.
        load_ff: what hangs on every output.
        divider_ratio: width, relative to ours, of what divides the supply with the domains of a transverse read.
    """

    name: str
    summary: str
    supply_v: Positive
    io_supply_v: Positive
    feature_nm: Positive
    time_ratio: Positive
    load_ff: Annotated[int, Field(gt=0)]
    divider_ratio: Positive
    transistors: Mapping[Word, TransistorCard]

    @abstractmethod
    def text(self, corner: Corner) -> str:
        """Return what a deck needs before the first transistor line."""
