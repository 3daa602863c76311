"""All claims: here those of arithmetic circuits, what others have published and how we compute the same.

What is published of a circuit is without a sequencer, so ours is, too, on both sides of a comparison.
"""

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
    return 1 - _power(latched) / _power(magnetic)


def _power(cost: CircuitCost) -> float:
    return cost.datapath_energy_pj / cost.latency_ns


def _magnetic_additions(technology: Technology) -> list[CircuitCost]:
    """Five operands by the classic adder: four additions, each sum a bit wider than the words that it adds."""
    return [_cost("magnetic_full_adder", technology, BITS + wider) for wider in range(4)]


def _addition_speedup(technology: Technology) -> float:
    classic_ns = sum(addition.latency_ns for addition in _magnetic_additions(technology))
    return classic_ns / _cost("transverse_read_adder", technology).latency_ns


def _addition_energy_gain(technology: Technology) -> float:
    classic_pj = sum(addition.datapath_energy_pj for addition in _magnetic_additions(technology))
    return classic_pj / _cost("transverse_read_adder", technology).datapath_energy_pj


def _multiplication_speedup(technology: Technology) -> float:
    classic, ours = (_cost(name, technology) for name in MULTIPLIERS)
    return classic.latency_ns / ours.latency_ns


def _multiplication_energy_gain(technology: Technology) -> float:
    classic, ours = (_cost(name, technology) for name in MULTIPLIERS)
    return classic.datapath_energy_pj / ours.datapath_energy_pj


MULTIPLIERS = ("shift_add_multiplier", "transverse_read_multiplier")
PIRM = "PIRM, arXiv 2108.01202, abstract: 8 bits, against the best earlier racetrack PIM, "


CIRCUIT_CLAIMS: tuple[Claim, ...] = (
    Claim(
        quantity="power saved by a latched carry (8-bit adder against magnetic adder, no sequencer), fraction",
        published=0.563,
        evidence="published",
        source="Luo et al., ASP-DAC 2016, abstract: 56.3 % of the power of the state-of-the-art magnetic adder saved",
        ours=_power_saved_by_the_latch,
        explanation="the latch saves 8 of 25 senses and 8 of 17 writes; what both adders share, 17 senses, 9 writes "
        "and 44 track shifts, decides. Saved and shared: 3.8 and 28.8 pJ with physics-45nm (of these 24.4 for "
        "shifts), 47.3 and 80.4 with rtsim-destiny-2017 (42.6 for senses), 6.4 and 19.9 with spimulator-2025 "
        "(11.9 for senses)",
        explains_up_to=6.0,
    ),
    Claim(
        quantity="five-operand addition by transverse read (ours: against four magnetic ones), times faster",
        published=6.9,
        evidence="published",
        source=PIRM + "6.9x faster",
        ours=_addition_speedup,
        explanation="the baseline decides, and PIRM's could not be read; against four parallel adders across tracks "
        "transverse read is slower: 82.7 against 20.8 ns with physics-45nm, 75.9 against 27.9 with "
        "rtsim-destiny-2017, 439 against 154 with spimulator-2025. Loading the operands, with their signs "
        "repeated, is in no figure",
    ),
    Claim(
        quantity="five-operand addition by transverse read (ours: against 4 magnetic, no sequencer), times less energy",
        published=5.5,
        evidence="published",
        source=PIRM + "5.5x less energy",
        ours=_addition_energy_gain,
        explanation="what a sense, a write and a transverse read cost decides: 0.006, 0.48 and 1.4 pJ with "
        "physics-45nm, 2.5, 3.4 and 0.51 with rtsim-destiny-2017, 0.7, 0.1 and 0.51 with spimulator-2025. Four "
        "parallel adders across tracks take 20.5, 333 and 57.6 pJ, transverse read 31.6, 118 and 8.86",
        explains_up_to=3.0,
    ),
    Claim(
        quantity="multiplication by transverse read (ours: against shift-add along the track), times faster",
        published=2.3,
        evidence="published",
        source=PIRM + "2.3x faster",
        ours=_multiplication_speedup,
        explanation="the baseline decides, and PIRM's could not be read; against our shift-add multiplier across "
        "tracks transverse read is slower: 0.21 times as fast with physics-45nm, 0.29 with rtsim-destiny-2017, 0.33 "
        "with spimulator-2025",
    ),
    Claim(
        quantity="multiplication by transverse read (ours: against shift-add along, no sequencer), times less energy",
        published=3.4,
        evidence="published",
        source=PIRM + "3.4x less energy",
        ours=_multiplication_energy_gain,
        explanation="ours takes 249 against 180 pJ with physics-45nm and 900 against 641 with rtsim-destiny-2017, "
        "since it writes every partial product and every count into rows: 240 writes where shift-add makes 72, 114 "
        "against 34 pJ and 817 against 245. With spimulator-2025 ours takes less, 77.1 against 171: there writes are "
        "24 against 7 pJ, and shift-add's 128 senses alone take 90; the baseline of 3.4 times could not be read. "
        "Against shift-add across tracks the factor is 0.14, 0.63 and 1.3",
        explains_up_to=8.0,
    ),
)

CLAIMS = CIRCUIT_CLAIMS + BANK_CLAIMS
