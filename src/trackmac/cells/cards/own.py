"""Cards of our own: BSIM4 parameters in a YAML file, and their text for ngspice."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from trackmac.cells.cards.form import Cards, Corner, Positive, TransistorCard, Word
from trackmac.files import FileModel

BSIM4_LEVEL = 54
BSIM4_VERSION = "4.5"
DIFFUSION_LENGTHS = 2.5
"""Length of a source or drain in gate lengths: a contact and its distances, our estimate."""

Window = Annotated[tuple[float, ...], Field(min_length=2, max_length=2)]


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


class OwnTransistor(TransistorCard):
    """One kind of transistor by its BSIM4 parameters, in BSIM4's own units."""

    bsim4: dict[Word, float]

    def line(self, name: str, nodes: str, kind: str, declared_nm: float, threshold_shift_v: float) -> str:
        """Return the line of a transistor of a `.model`; metres, as SPICE has them."""
        width, length = declared_nm * self.width_ratio * 1e-9, self.gate_length_nm * 1e-9
        area, edge = width * DIFFUSION_LENGTHS * length, width + 2 * DIFFUSION_LENGTHS * length
        shift = f" delvto={threshold_shift_v:.6g}" if threshold_shift_v else ""
        return (
            f"M{name} {nodes} {kind} w={width:.6g} l={length:.6g} ad={area:.6g} as={area:.6g} "
            f"pd={edge:.6g} ps={edge:.6g}{shift}"
        )


class OwnCards(Cards):
    """The transistors of a node by parameters of our own, and its corners."""

    corners: dict[Corner, CornerShift]
    targets: dict[Word, Target]
    transistors: Mapping[Word, OwnTransistor]

    def text(self, corner: Corner) -> str:
        """Return the `.model` lines of every transistor in `corner`."""
        return self._texts[corner]

    @cached_property
    def _texts(self) -> dict[Corner, str]:
        return {
            corner: "\n".join(_model(name, card, shift) for name, card in self.transistors.items())
            for corner, shift in self.corners.items()
        }


def _model(name: str, card: OwnTransistor, shift: CornerShift) -> str:
    parameters = dict(card.bsim4)
    sign = 1 if card.channel == "n" else -1
    parameters["vth0"] += sign * shift.threshold_v
    parameters["u0"] *= shift.mobility_ratio
    head = f".model {name} {card.channel}mos level={BSIM4_LEVEL} version={BSIM4_VERSION}"
    return "\n".join([head, *(f"+ {key}={value:.6g}" for key, value in parameters.items())])
