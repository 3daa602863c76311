"""A claim: what others have published, and how we compute the same thing from first principles.

A claim enters only with a source that could be read (an abstract, a text, code); recollections do not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from trackmac.technology import Technology


def always(_: Technology) -> bool:
    """Every technology has what is claimed."""
    return True


def describes_cells(technology: Technology) -> bool:
    """Whether figures are those of cells alone: the published tables give whole banks, which count wires already."""
    return technology.has("cell_area.sense_amplifier_um2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One published figure and the same figure from our model, in each technology that is comparable.

    `explanation` says why ours is more than a quarter away, in some technology, and `explains_up_to` how far it
    reaches: what is further off than that factor is missed. Where a range was published, `published` is its upper end
    and `published_low` its lower one.
    """

    quantity: str
    published: float
    evidence: Literal["measured", "simulated", "published"]
    source: str
    ours: Callable[[Technology], float]
    explanation: str = ""
    explains_up_to: float = 2.0
    published_low: float | None = None
    is_comparable: Callable[[Technology], bool] = always
