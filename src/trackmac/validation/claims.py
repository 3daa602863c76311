"""What others have published, and how we compute the same thing from first principles.

A claim enters only with a source that could be read (an abstract, a text, code); recollections do not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from trackmac.circuits import Circuit, circuit
from trackmac.models.circuit_costs import CircuitCost, circuit_cost
from trackmac.technology import Technology

BITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One published figure and the same figure from our model, in any technology.

    `explanation` says why ours may be more than a factor of two away; it is empty where it has to be within.
    """

    quantity: str
    published: float
    evidence: Literal["measured", "simulated", "published"]
    source: str
    ours: Callable[[Technology], float]
    explanation: str = ""


def _cost(name: str, technology: Technology) -> CircuitCost:
    return circuit_cost(_circuit(name), technology)


def _circuit(name: str) -> Circuit:
    return circuit(name, bits=BITS)


def _power_saved_by_the_latch(technology: Technology) -> float:
    """Power is energy over time, both adders running without a break."""
    latched, magnetic = _cost("latched_full_adder", technology), _cost("magnetic_full_adder", technology)
    return 1 - (latched.energy_pj / latched.latency_ns) / (magnetic.energy_pj / magnetic.latency_ns)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        quantity="power saved by a latched carry (8-bit adder, against the classic magnetic adder), fraction",
        published=0.563,
        evidence="published",
        source="Luo et al., ASP-DAC 2016, abstract: 56.3 % of the power of the state-of-the-art magnetic adder saved",
        ours=_power_saved_by_the_latch,
        explanation="senses and shifts, which both adders share, cost as much as writes in the table used; "
        "counted in writes alone the saving is 8 of 17",
    ),
)
