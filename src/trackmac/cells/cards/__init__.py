"""The transistors that the cells are made of: BSIM4 cards of our own, `cards/NAME.yaml`, and their text for ngspice."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from trackmac.files import FileModel, parse_yaml

Corner = Literal["TT", "FF", "SS"]
CORNERS: tuple[Corner, ...] = ("TT", "FF", "SS")
TEMPERATURES_C = (-40, 25, 125)
BSIM4_LEVEL = 54
BSIM4_VERSION = "4.5"

_FOLDER = files("trackmac.cells.cards")
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)]
Window = Annotated[tuple[float, ...], Field(min_length=2, max_length=2)]
Positive = Annotated[float, Field(gt=0)]


class CornerShift(FileModel):
    """What a corner changes: every threshold towards on (negative) or off, and every mobility."""

    threshold_v: float
    mobility_ratio: Positive


class Target(FileModel):
    """What a transistor's simulated currents and threshold must lie between, and who says so."""

    on_current_ua_per_um: Window
    off_current_na_per_um: Window
    threshold_v: Window
    evidence: Literal["measured", "simulated", "published", "assumed"]
    source: str


class TransistorCard(FileModel):
    """One kind of transistor: its channel, its lengths and its BSIM4 parameters in BSIM4's own units."""

    summary: str
    channel: Literal["n", "p"]
    gate_length_nm: Positive
    minimum_width_nm: Positive
    bsim4: dict[Word, float]


class Cards(FileModel):
    """The transistors of one node, its supplies and its corners."""

    name: str
    summary: str
    supply_v: Positive
    io_supply_v: Positive
    corners: dict[Corner, CornerShift]
    targets: dict[Word, Target]
    transistors: dict[Word, TransistorCard]

    def text(self, corner: Corner) -> str:
        """Return the `.model` lines of every transistor in `corner`."""
        shift = self.corners[corner]
        return "\n".join(_model(name, card, shift) for name, card in self.transistors.items())


@cache
def shipped_cards(name: str = "45nm") -> Cards:
    """Return the shipped cards `name`."""
    return parse_yaml((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Cards, where=name)


def _model(name: str, card: TransistorCard, shift: CornerShift) -> str:
    parameters = dict(card.bsim4)
    sign = 1 if card.channel == "n" else -1
    parameters["vth0"] += sign * shift.threshold_v
    parameters["u0"] *= shift.mobility_ratio
    head = f".model {name} {card.channel}mos level={BSIM4_LEVEL} version={BSIM4_VERSION}"
    return "\n".join([head, *(f"+ {key}={value:.6g}" for key, value in parameters.items())])
