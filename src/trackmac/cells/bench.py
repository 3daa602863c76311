"""The decks that characterise a cell: a transient through its rows, and its currents at rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from trackmac.cells.cards import Cards, Corner, shipped_cards
from trackmac.cells.mtj import DOMAIN, PORT, Mtj
from trackmac.cells.netlist import IO_SUPPLY, SUPPLY, Cell, Junction, junction_line, subcircuit
from trackmac.cells.spice import RAW_FILE
from trackmac.cells.stimulus import SLEW_PS, Schedule, pulses, steps, tour

STATIC_PERIOD_PS = 500.0
PRECHARGE_PS, EVALUATE_PS = 400.0, 400.0
IO_PERIOD_PS = 4000.0
INSTANCE = "Xcell"
LONGEST_STEP_PS = 10.0
LONGEST_SETTLING_STEP_PS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under which conditions a cell is simulated; `load_ff` hangs on every output."""

    corner: Corner = "TT"
    temperature_c: int = 25
    supply_v: float = 0.9
    io_supply_v: float = 3.0
    load_ff: int = 1
    port: Mtj = PORT
    domain: Mtj = DOMAIN
    cards: Cards = field(default_factory=shipped_cards)

    @classmethod
    def of(cls, cards: Cards, corner: Corner = "TT", temperature_c: int = 25) -> "Conditions":
        """Return the usual conditions of cells made of `cards`."""
        return cls(
            corner=corner,
            temperature_c=temperature_c,
            supply_v=cards.supply_v,
            io_supply_v=cards.io_supply_v,
            load_ff=cards.load_ff,
            cards=cards,
        )

    def swing_v(self, cell: Cell) -> float:
        """Return the voltage of a cell's outputs that are up."""
        return self.io_supply_v if cell.is_io else self.supply_v


def schedule_of(cell: Cell, cards: Cards) -> Schedule:
    """Return when what happens in a cell's transient; its first evaluation only settles."""
    evaluations, ratio = len(walk_of(cell)), cards.time_ratio
    if cell.clock is None:
        return Schedule(evaluations=evaluations, period_ps=ratio * (IO_PERIOD_PS if cell.is_io else STATIC_PERIOD_PS))
    precharge, evaluate = ratio * PRECHARGE_PS, ratio * EVALUATE_PS
    rise, enable = (precharge + ratio * cell.settling_ps, precharge) if cell.enable else (precharge, None)
    return Schedule(evaluations=evaluations, period_ps=rise + evaluate, rise_ps=rise, enable_ps=enable)


def walk_of(cell: Cell) -> tuple[int, ...]:
    """Return the order of a cell's rows; what is charged anew before each evaluation remembers none, and gets fewer."""
    return tour(len(cell.rows), is_memoryless=cell.clock is not None and not cell.is_holding)


def transient_deck(cell: Cell, conditions: Conditions, inner: Sequence[str] = ()) -> str:
    """Return the deck that takes a cell through its tour; it writes inputs, outputs, supply currents, `inner` nodes."""
    schedule = schedule_of(cell, conditions.cards)
    sources = [f"V{name} {name} 0 {waveform}" for name, waveform in _waveforms(cell, conditions, schedule).items()]
    loads = [f"C{output} {output} 0 {conditions.load_ff}f" for output in cell.outputs]
    step = conditions.cards.time_ratio * (LONGEST_SETTLING_STEP_PS if cell.enable else LONGEST_STEP_PS)
    analysis = f"tran {step:g}p {schedule.stop_ps:g}p 0 {step:g}p"
    saved = (*cell.inputs, *cell.controls, *(f"{INSTANCE}.{node}" for node in inner), *cell.outputs)
    return _deck(cell, conditions, [*sources, *loads], analysis, saved)


def rest_deck(cell: Cell, conditions: Conditions, *, is_driving: bool) -> str:
    """Return the deck that gives a cell's currents at rest in every row, with or without its path.

    The clock is down, a latch's up.
    """
    sources = ["Vrow row 0 0"]
    for pin, name in enumerate(cell.inputs):
        points = ", ".join(
            f"{index}, {_level(cell, name, values[pin], conditions):g}" for index, (values, _) in enumerate(cell.rows)
        )
        sources.append(f"B{name} {name} 0 v=pwl(v(row), {points})")
    clock_v = conditions.supply_v if cell.is_holding else 0.0  # held by its loop, a bit has no one state at rest
    sources += [f"V{name} {name} 0 {clock_v:g}" for name in cell.controls]
    saved = list(cell.outputs)
    if is_driving and cell.path is not None:
        sources.append(path_line(cell, conditions.port))
    return _deck(cell, conditions, sources, f"dc vrow 0 {len(cell.rows) - 1} 1", saved)


def path_line(cell: Cell, port: Mtj) -> str:
    """Return the SPICE line of what a driver drives."""
    if isinstance(cell.path, Junction):
        return junction_line("path", cell.path, cell, port)
    assert cell.path is not None, f"{cell.name} drives nothing"
    return f"Rpath {cell.path.top} {cell.path.bottom} {cell.path.resistance_ohm}"


def netlist(cell: Cell, conditions: Conditions) -> str:
    """Return every deck that a cell's figures come from, in one text."""
    decks = [transient_deck(cell, conditions), rest_deck(cell, conditions, is_driving=False)]
    decks += [rest_deck(driver, conditions, is_driving=True) for driver in driving_states(cell)]
    return "\n".join(decks)


def driving_states(cell: Cell) -> tuple[Cell, ...]:
    """Return a driver with each state of its path, antiparallel and parallel; none where a cell drives nothing."""
    if isinstance(cell.path, Junction):
        return tuple(replace(cell, path=replace(cell.path, state=state)) for state in ("1", "0"))
    return () if cell.path is None else (cell,)


def _waveforms(cell: Cell, conditions: Conditions, schedule: Schedule) -> dict[str, str]:
    walk = walk_of(cell)
    delay = SLEW_PS if cell.clock else 0.0  # a clocked cell's inputs change after the clock's fall
    inputs = {
        name: steps([_level(cell, name, cell.rows[row][0][pin], conditions) for row in walk], schedule.period_ps, delay)
        for pin, name in enumerate(cell.inputs)
    }
    if cell.clock:
        inputs[cell.clock] = pulses(conditions.supply_v, schedule, schedule.rise_ps)
    if cell.enable and schedule.enable_ps is not None:
        inputs[cell.enable] = pulses(conditions.supply_v, schedule, schedule.enable_ps)
    return inputs


def _level(cell: Cell, name: str, value: int, conditions: Conditions) -> float:
    """Return the voltage that stands for an input's value: the supply, or for a junction's state the value itself."""
    return float(value) if name in cell.states else value * conditions.supply_v


def _deck(
    cell: Cell, conditions: Conditions, elements: list[str], analysis: str, saved: tuple[str, ...] | list[str]
) -> str:
    currents = [f"i(v{supply})" for supply in (SUPPLY, IO_SUPPLY)]
    lines = [
        f"* trackmac: {cell.name}, {conditions.corner}, {conditions.temperature_c} C, {conditions.supply_v:g} V",
        f".options temp={conditions.temperature_c}",
        conditions.cards.text(conditions.corner),
        subcircuit(cell, conditions.cards, conditions.port, conditions.domain),
        f"{INSTANCE} {' '.join(cell.ports)} {cell.name}",
        f"V{SUPPLY} {SUPPLY} 0 {conditions.supply_v:g}",
        f"V{IO_SUPPLY} {IO_SUPPLY} 0 {conditions.io_supply_v:g}",
        *elements,
        ".control",
        "set num_threads=1",
        "set filetype=binary",
        f"save {' '.join([*(f'v({name})' for name in saved), *currents])}",
        analysis,
        f"write {RAW_FILE}",
        "quit",
        ".endc",
        ".end",
    ]
    return "\n".join(lines) + "\n"
