"""Cells that sense junctions: the pre-charge sense amplifier, the magnetic full adder's trees, the transverse read.

The pre-charge sense amplifier (Zhao et al. 2009, recalled): both sides are charged while the clock is down; when it
rises they race to ground through what lies below them, and the side of the lower resistance wins.
"""

import itertools

from trackmac.cells.gates import N_WIDTH_NM, P_WIDTH_NM, any_of, gate, inverter, multiplexer
from trackmac.cells.library import FULL_ADDER
from trackmac.cells.logic_netlists import table_rows
from trackmac.cells.netlist import GROUND, SUPPLY, Cell, Junction, Transistor

RACE_WIDTH_NM = 1920.0
"""Of what decides in a sense amplifier: wide, because thresholds differ less between wide transistors."""

PASS_WIDTH_NM = 240.0
PAIR_WIDTH_NM = 1920.0
LATCH_WIDTH_NM = 960.0
"""Input pairs of a transverse read's comparators: steps of 20 to 50 mV must stand out of mismatch."""

DIVIDER_STAGES = 4

DIVIDER_WIDTHS_NM = {3: 110.0, 5: 110.0, 7: 110.0}
"""Of the transistors above the track: so narrow that a read's current, at most 8.1 uA in every corner (3e6 A/cm2 x 270
nm2), leaves the walls pinned; a test simulates it."""

LIFT_WIDTH_NM = 480.0
"""Of the diodes below all dividers, which lift their small voltages to where n-channel pairs amplify."""

LEAST_SETTLING_PS = {3: 400.0, 5: 850.0, 7: 1500.0}
"""In which a read current settles so far that all counts are right, by the distance; found by bisection, TT, 25 C."""

SETTLING_RATIO = 2.0
"""Settling that is waited for over the least: a choice, and a margin for corners; 1 to 3 is its range."""


def race(left_foot: str, right_foot: str, clock: str = "clock", foot: str = "foot") -> tuple[Transistor, ...]:
    """Return the 7 transistors that decide which of two feet conducts better, and 4 that drive the answer out.

    `out` is up where the right foot won.
    """
    width, load = RACE_WIDTH_NM, RACE_WIDTH_NM / 4
    return (
        Transistor("pmos", "left", clock, SUPPLY, P_WIDTH_NM),
        Transistor("pmos", "right", clock, SUPPLY, P_WIDTH_NM),
        Transistor("pmos", "left", "right", SUPPLY, load),
        Transistor("pmos", "right", "left", SUPPLY, load),
        Transistor("nmos", "left", "right", left_foot, width),
        Transistor("nmos", "right", "left", right_foot, width),
        Transistor("nmos", foot, clock, GROUND, width),
        *inverter("out", "right"),
        *inverter("out_inv", "left"),
    )


SENSE_AMPLIFIER = Cell(
    name="sense_amplifier",
    summary="Pre-charge sense amplifier: a port's junction against a reference half way between P and AP",
    inputs=("bit",),
    outputs=("out", "out_inv"),
    rows=(((0,), (0, 1)), ((1,), (1, 0))),
    transistors=race("left_foot", "right_foot"),
    junctions=(
        Junction(top="left_foot", bottom="foot", state="bit"),
        Junction(top="right_foot", bottom="foot", state="0.5"),
    ),
    clock="clock",
)

_PAIR = (
    Junction(top="true_foot", bottom="foot", state="b"),
    Junction(top="inverted_foot", bottom="foot", state="b", is_inverted=True),
)
_INVERSES = (*inverter("a_inv", "a"), *inverter("carry_inv", "carry"))


def _pass(above: str, gate_node: str, below: str) -> Transistor:
    return Transistor("nmos", above, gate_node, below, PASS_WIDTH_NM)


def _tree_rows(column: int) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
    return tuple((values, (outputs[column], 1 - outputs[column])) for values, outputs in table_rows(FULL_ADDER))


MAGNETIC_SUM = Cell(
    name="magnetic_sum",
    summary="Sum tree of the magnetic full adder: a and carry cross the ways to the two junctions of b",
    inputs=FULL_ADDER.inputs,
    outputs=("out", "out_inv"),
    rows=_tree_rows(0),
    transistors=(
        *race("top_left", "top_right"),
        *_INVERSES,
        _pass("top_left", "a", "same"),
        _pass("top_left", "a_inv", "other"),
        _pass("top_right", "a", "other"),
        _pass("top_right", "a_inv", "same"),
        _pass("same", "carry", "true_foot"),
        _pass("same", "carry_inv", "inverted_foot"),
        _pass("other", "carry", "inverted_foot"),
        _pass("other", "carry_inv", "true_foot"),
    ),
    junctions=_PAIR,
    clock="clock",
)

MAGNETIC_CARRY = Cell(
    name="magnetic_carry",
    summary="Carry tree of the magnetic full adder: where a and carry differ, the junctions of b decide",
    inputs=FULL_ADDER.inputs,
    outputs=("out", "out_inv"),
    rows=_tree_rows(1),
    transistors=(
        *race("top_left", "top_right"),
        *_INVERSES,
        _pass("top_left", "a", "left_a"),
        _pass("left_a", "carry_inv", "true_foot"),
        _pass("top_left", "a_inv", "left_none"),
        _pass("left_none", "carry", "true_foot"),
        _pass("left_none", "carry_inv", "foot"),
        _pass("top_right", "a", "right_a"),
        _pass("right_a", "carry_inv", "inverted_foot"),
        _pass("right_a", "carry", "foot"),
        _pass("top_right", "a_inv", "right_none"),
        _pass("right_none", "carry", "inverted_foot"),
    ),
    junctions=_PAIR,
    clock="clock",
)


def comparator(level: int) -> tuple[Transistor, ...]:
    """Return a comparator: `more{level}` is up where the track's voltage is above the level's reference.

    A differential pair amplifies while enabled; a clocked latch decides. Without the pair the kick of all latches,
    which meets on the track and not on the references, would shift every level.
    """
    shared, mirrored, straight = f"shared{level}", f"mirrored{level}", f"straight{level}"  # the pair's nodes
    low, high = f"low{level}", f"high{level}"  # drains of the latch's input side
    down, up = f"down{level}", f"up{level}"  # the latch's nodes; `down` falls where the track's voltage is higher
    tail = f"tail{level}"
    return (
        Transistor("nmos", shared, "enable", GROUND, 2 * N_WIDTH_NM),
        Transistor("nmos", mirrored, "track", shared, PAIR_WIDTH_NM),
        Transistor("nmos", straight, f"reference{level}", shared, PAIR_WIDTH_NM),
        *(Transistor("pmos", node, "enable_inv", SUPPLY, P_WIDTH_NM) for node in (mirrored, straight)),
        Transistor("nmos", tail, "clock", GROUND, 2 * N_WIDTH_NM),
        Transistor("nmos", low, straight, tail, LATCH_WIDTH_NM),
        Transistor("nmos", high, mirrored, tail, LATCH_WIDTH_NM),
        Transistor("nmos", down, up, low, 2 * N_WIDTH_NM),
        Transistor("nmos", up, down, high, 2 * N_WIDTH_NM),
        Transistor("pmos", down, up, SUPPLY, P_WIDTH_NM),
        Transistor("pmos", up, down, SUPPLY, P_WIDTH_NM),
        *(Transistor("pmos", node, "clock", SUPPLY, P_WIDTH_NM) for node in (low, high, down, up)),
        *inverter(f"more{level}", down),
        *inverter(f"less{level}", up),
    )


def divider(node: str, width_nm: float) -> tuple[Transistor, ...]:
    """Return what sends a read current through a resistance between `node` and `lift` while enabled.

    Four transistors in series are as resistive as one of a quarter of their width, and differ less. The diodes of all
    dividers are in parallel: what they differ in moves the track and its references alike.
    """
    nodes = [SUPPLY, *(f"{node}_{stage}" for stage in range(1, DIVIDER_STAGES)), node]
    return (
        *(Transistor("pmos", below, "enable_inv", above, width_nm) for above, below in itertools.pairwise(nodes)),
        Transistor("nmos", "lift", "lift", GROUND, LIFT_WIDTH_NM),
    )


DECODERS: dict[int, tuple[Transistor, ...]] = {
    3: (
        *multiplexer("bit0", "more2", "more1", "more3"),
        *inverter("more2_inv", "more2"),
        *inverter("bit1", "more2_inv"),
    ),
    5: (
        *multiplexer("low_half", "more2", "more1", "more3"),
        *multiplexer("bit0", "more4", "low_half", "more5"),
        *inverter("more2_inv", "more2"),
        *gate("bit1", any_of("more2_inv", "more4")),
        *inverter("more4_inv", "more4"),
        *inverter("bit2", "more4_inv"),
    ),
    7: (
        *multiplexer("bit1", "more4", "more2", "more6"),
        *multiplexer("low_half", "more2", "more1", "more3"),
        *multiplexer("high_half", "more6", "more5", "more7"),
        *multiplexer("bit0", "more4", "low_half", "high_half"),
        *inverter("more4_inv", "more4"),
        *inverter("bit2", "more4_inv"),
    ),
}
"""From how many levels are exceeded to the bits of the count, by the transverse-read distance."""


def transverse_sense_amplifier(distance: int, divider_ratio: float = 1.0) -> Cell:
    """Return the flash converter that counts the ones among `distance` domains.

    The track and `distance` references of k - 1/2 ones each divide the supply; a comparator per level. The domains are
    in series, so the count alone decides and not which of them are ones. Their resistance is the same in every node,
    so the transistors above them are `divider_ratio` times as wide as in ours.
    """
    levels = range(1, distance + 1)
    bits, width = distance.bit_length(), divider_ratio * DIVIDER_WIDTHS_NM[distance]
    converters = itertools.chain.from_iterable((*divider(f"reference{k}", width), *comparator(k)) for k in levels)
    return Cell(
        name=f"transverse_sense_amplifier_{distance}",
        summary=f"Transverse read over {distance} domains: a comparator for each count of ones, and a decoder",
        inputs=("ones",),
        outputs=tuple(f"bit{place}" for place in range(bits)),
        rows=tuple(((ones,), tuple((ones >> place) & 1 for place in range(bits))) for ones in range(distance + 1)),
        transistors=(
            *inverter("enable_inv", "enable", scale=16),
            *divider("track", width),
            *converters,
            *DECODERS[distance],
        ),
        junctions=(
            Junction(top="track", bottom="lift", state="ones", segments=distance, place="domain"),
            *(
                Junction(
                    top=f"reference{k}", bottom="lift", state=f"{k - 0.5}", segments=distance,
                    place="domain",
                )
                for k in levels
            ),
        ),
        clock="clock",
        enable="enable",
        settling_ps=SETTLING_RATIO * LEAST_SETTLING_PS[distance],
    )  # fmt: skip


TRANSVERSE_SENSE_AMPLIFIERS = tuple(transverse_sense_amplifier(distance) for distance in (3, 5, 7))
