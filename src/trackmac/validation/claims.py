"""All claims: here those of arithmetic circuits, what others have published and how we compute the same."""

from trackmac.circuits import circuit
from trackmac.models.circuit_costs import CircuitCost, circuit_cost
from trackmac.technology import Technology
from trackmac.validation.bank_claims import BANK_CLAIMS
from trackmac.validation.claim import Claim

BITS = 8


def _cost(name: str, technology: Technology, bits: int = BITS) -> CircuitCost:
    return circuit_cost(circuit(name, bits=bits), technology)


def _power_saved_by_the_latch(technology: Technology) -> float:
    """Power is energy over time, both adders running without a break."""
    latched, magnetic = _cost("latched_full_adder", technology), _cost("magnetic_full_adder", technology)
    return 1 - (latched.energy_pj / latched.latency_ns) / (magnetic.energy_pj / magnetic.latency_ns)


def _magnetic_additions(technology: Technology) -> list[CircuitCost]:
    """Five operands by the classic adder: four additions, each sum a bit wider than the words that it adds."""
    return [_cost("magnetic_full_adder", technology, BITS + wider) for wider in range(4)]


def _addition_speedup(technology: Technology) -> float:
    classic_ns = sum(addition.latency_ns for addition in _magnetic_additions(technology))
    return classic_ns / _cost("transverse_read_adder", technology).latency_ns


def _addition_energy_gain(technology: Technology) -> float:
    classic_pj = sum(addition.energy_pj for addition in _magnetic_additions(technology))
    return classic_pj / _cost("transverse_read_adder", technology).energy_pj


def _multiplication_speedup(technology: Technology) -> float:
    classic, ours = (_cost(name, technology) for name in MULTIPLIERS)
    return classic.latency_ns / ours.latency_ns


def _multiplication_energy_gain(technology: Technology) -> float:
    classic, ours = (_cost(name, technology) for name in MULTIPLIERS)
    return classic.energy_pj / ours.energy_pj


MULTIPLIERS = ("shift_add_multiplier", "transverse_read_multiplier")
PIRM = "PIRM, arXiv 2108.01202, abstract: 8 bits, against the best earlier racetrack PIM, "


CIRCUIT_CLAIMS: tuple[Claim, ...] = (
    Claim(
        quantity="power saved by a latched carry (8-bit adder, against the classic magnetic adder), fraction",
        published=0.563,
        evidence="published",
        source="Luo et al., ASP-DAC 2016, abstract: 56.3 % of the power of the state-of-the-art magnetic adder saved",
        ours=_power_saved_by_the_latch,
        explanation="senses and shifts, which both adders share, cost as much as writes in the table used; "
        "counted in writes alone the saving is 8 of 17",
    ),
    Claim(
        quantity="five-operand addition by transverse read (ours: against four magnetic ones), times faster",
        published=6.9,
        evidence="published",
        source=PIRM + "6.9x faster",
        ours=_addition_speedup,
    ),
    Claim(
        quantity="five-operand addition by transverse read (ours: against four magnetic ones), times less energy",
        published=5.5,
        evidence="published",
        source=PIRM + "5.5x less energy",
        ours=_addition_energy_gain,
    ),
    Claim(
        quantity="multiplication by transverse read (ours: against shift-add along the track), times faster",
        published=2.3,
        evidence="published",
        source=PIRM + "2.3x faster",
        ours=_multiplication_speedup,
    ),
    Claim(
        quantity="multiplication by transverse read (ours: against shift-add along the track), times less energy",
        published=3.4,
        evidence="published",
        source=PIRM + "3.4x less energy",
        ours=_multiplication_energy_gain,
        explanation="ours writes every partial product and every count into rows; where a write costs 3.4 pJ (RTSim's "
        "table) that outweighs the shifts it saves",
    ),
)

CLAIMS = CIRCUIT_CLAIMS + BANK_CLAIMS
