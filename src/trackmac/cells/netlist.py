"""A cell as data: its transistors and junctions, the nodes between them, and what it has to answer.

`subcircuit` turns a cell into the text that ngspice reads. Nodes are names; `0` is ground, `vdd` and `vddio` are the
supplies.
"""

from dataclasses import dataclass
from typing import Literal

from trackmac.cells.cards import Cards
from trackmac.cells.mtj import DOMAIN, PORT, Mtj

GROUND, SUPPLY, IO_SUPPLY = "0", "vdd", "vddio"

Row = tuple[tuple[int, ...], tuple[int, ...]]
"""Values of a cell's inputs and the outputs that belong to them."""


@dataclass(frozen=True, slots=True)
class Transistor:
    """One transistor; `kind` is a name in the cards."""

    kind: str
    drain: str
    gate: str
    source: str
    width_nm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction:
    """Junctions in series between two nodes, `segments` of them, as many antiparallel as `state` says.

    `state` is an input of the cell, or a number for a reference; with `is_inverted` it counts the parallel ones.
    """

    top: str
    bottom: str
    state: str
    is_inverted: bool = False
    segments: int = 1
    place: Literal["port", "domain"] = "port"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A wire that a driver drives: a resistance between two nodes, and where it is from."""

    top: str
    bottom: str
    resistance_ohm: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One declared cell.

    Attributes:
        inputs: driven nodes and states of junctions, in the order of the rows' values.
        rows: every input combination that can occur, and the outputs that the cell must give.
        clock: the node whose rising edge starts an evaluation; a cell without one answers its inputs at once.
        enable: a node that is up from `settling_ps` before the clock's rise to its fall, which sets up a read current.
        settling_ps: for how long; a choice, not a result.
        is_holding: whether the outputs must stay when the clock is down and the inputs change.
        idle_rows: rows in which nothing is asked of the cell, over which leakage is averaged; all by default.
        path: what a driver drives; not part of the cell.
        is_io: whether the outputs swing to the supply of the thick-oxide transistors.
    """

    name: str
    summary: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[Row, ...]
    transistors: tuple[Transistor, ...]
    junctions: tuple[Junction, ...] = ()
    clock: str | None = None
    enable: str | None = None
    settling_ps: float = 0.0
    is_holding: bool = False
    idle_rows: tuple[int, ...] | None = None
    path: Junction | Strip | None = None
    is_io: bool = False

    @property
    def states(self) -> frozenset[str]:
        """The inputs that are states of junctions."""
        return frozenset(junction.state for junction in self.junctions) & set(self.inputs)

    @property
    def controls(self) -> tuple[str, ...]:
        """The nodes that time an evaluation."""
        return tuple(node for node in (self.clock, self.enable) if node)

    @property
    def ports(self) -> tuple[str, ...]:
        """The nodes of the subcircuit, in order."""
        return (*self.inputs, *self.controls, *self.outputs, SUPPLY, IO_SUPPLY)


def subcircuit(cell: Cell, cards: Cards, port: Mtj = PORT, domain: Mtj = DOMAIN) -> str:
    """Return the `.subckt` of a cell."""
    lines = [f"* {cell.summary}", f".subckt {cell.name} {' '.join(cell.ports)}"]
    lines += [
        transistor_line(f"{index}", transistor, cards) for index, transistor in enumerate(cell.transistors, start=1)
    ]
    lines += [
        junction_line(f"j{index}", junction, cell, port if junction.place == "port" else domain)
        for index, junction in enumerate(cell.junctions, start=1)
    ]
    return "\n".join([*lines, f".ends {cell.name}"])


def transistor_line(name: str, transistor: Transistor, cards: Cards, threshold_shift_v: float = 0.0) -> str:
    """Return one transistor as SPICE has it; its body is at its own supply or at ground."""
    card = cards.transistors[transistor.kind]
    body = GROUND if card.channel == "n" else IO_SUPPLY if transistor.kind.endswith("_io") else SUPPLY
    nodes = f"{transistor.drain} {transistor.gate} {transistor.source} {body}"
    return card.line(name, nodes, transistor.kind, transistor.width_nm, threshold_shift_v)


def junction_line(name: str, junction: Junction, cell: Cell, mtj: Mtj) -> str:
    """Return one junction as SPICE has it."""
    count = f"v({junction.state})" if junction.state in cell.inputs else junction.state
    if junction.is_inverted:
        count = f"{junction.segments}-{count}"
    return mtj.element(name, junction.top, junction.bottom, count, junction.segments)
