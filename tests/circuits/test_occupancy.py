"""What a run takes, by hand; two runs that start an interval apart never disturb each other."""

from collections.abc import Iterable, Iterator

import pytest

from trackmac.bits import IntArray, NumberFormat
from trackmac.cells.library import FULL_ADDER, OR
from trackmac.circuits import FAMILIES, Circuit, Layout, circuit
from trackmac.circuits.circuit import Place, Track, Word
from trackmac.circuits.microops import (
    CONSTANTS,
    Evaluate,
    Latch,
    MicroOp,
    Receive,
    Sense,
    Shift,
    Step,
    TransverseRead,
    Write,
    step_activity,
)
from trackmac.circuits.occupancy import (
    Occupancy,
    Part,
    PartKind,
    busiest,
    interval_ns,
    lockstep_groups,
    most_at_once,
    occupancies,
)
from trackmac.circuits.resources import resources_of
from trackmac.cost import Phase, total

TIMES_NS = {
    Phase.SHIFT: 3,
    Phase.SENSE: 5,
    Phase.EVALUATE: 1,
    Phase.WRITE: 11,
    Phase.TRANSVERSE_READ: 7,
    Phase.TRANSFER: 2,
}


def time_ns(phase: Phase) -> int:
    return TIMES_NS[phase]


def made_up(tracks: tuple[Track, ...], *steps: tuple[MicroOp, ...]) -> Circuit:
    """Return a circuit whose word is the first domain of the first track."""
    word = Word(name="x", format=NumberFormat(1, False), places=(Place(tracks[0].name, 0),))
    return Circuit(
        name="made_up",
        summary="",
        layout=Layout.ALONG,
        operands=(word,),
        result=word,
        tracks=tracks,
        program=tuple(map(Step, steps)),
        reference=_reference,
    )


def _reference(x: IntArray) -> IntArray:
    return x


def taken(program: Circuit) -> dict[str, tuple[int, int]]:
    """Return first and last step by the part's name, amplifiers and latches by their signals."""
    return {each.part.name: (each.first_step, each.last_step) for each in occupancies(program)}


def latency_ns(program: Circuit) -> int:
    return sum(time_ns(phase) * count for phase, count in total(map(step_activity, program.program)).phases.items())


def copy_to(source: str, target: str) -> tuple[tuple[MicroOp, ...], ...]:
    return (Sense(source, f"{source}_bit"),), (Write(target, f"{source}_bit"),)


def test_stages_on_different_parts_overlap() -> None:
    # first stage x -> y (sense 5, write 11), second y -> z, whose write the one driver makes, too
    tracks = (Track("x", 1), Track("y", 1), Track("z", 1))
    program = made_up(tracks, *copy_to("x", "y"), *copy_to("y", "z"))

    assert taken(program) == {
        "x": (0, 0),
        "x_bit": (0, 1),
        "y": (1, 2),
        "driver 1": (1, 3),
        "y_bit": (2, 3),
        "z": (3, 3),
    }
    assert latency_ns(program) == 32
    assert interval_ns(program, time_ns) == 27  # the driver: all but the first sense


def test_a_pipeline_whose_stages_share_nothing_starts_every_longest_stage() -> None:
    tracks = (Track("x", 4), Track("y", 4))
    there_and_back = [[(Shift((name,), 3),), (Shift((name,), -3),)] for name in ("x", "y")]
    program = made_up(tracks, *there_and_back[0], *there_and_back[1], (Shift(("y",), 1),), (Shift(("y",), -1),))

    found = busiest(program, time_ns)

    assert found == Occupancy(part=Part(PartKind.TRACK, "y"), first_step=2, last_step=5, phases={Phase.SHIFT: 8})
    assert interval_ns(program, time_ns) == 24
    assert latency_ns(program) == 42


def test_an_amplifier_is_taken_as_long_as_a_cell_passes_on_what_it_holds() -> None:
    add = Evaluate(FULL_ADDER, ("x", "0", "0"), ("sum", "carry"))
    gate = Evaluate(OR, ("sum", "0"), ("out",))
    tracks = (Track("t", 1), Track("u", 1), Track("v", 3))
    away = (Shift(("v",), 1),)
    program = made_up(tracks, (Sense("t", "x"),), (add,), (gate,), away, (Write("u", "out"),), away)

    assert taken(program) == {
        "t": (0, 0),
        "x": (0, 4),
        "full_adder 1": (1, 4),
        "or 1": (2, 4),
        "v": (3, 5),
        "driver 1": (4, 4),
        "u": (4, 4),
    }


def test_a_latch_frees_the_amplifier_and_is_taken_from_closing_to_last_use() -> None:
    tracks = (Track("t", 1), Track("u", 1))
    program = made_up(
        tracks,
        (Sense("t", "x"),),
        (Latch("x", "kept"),),
        (Sense("u", "y"),),
        (Write("u", "kept"),),
        (Sense("t", "z"),),
    )

    spans = taken(program)

    assert (spans["x"], spans["kept"], spans["y"]) == ((0, 1), (1, 3), (2, 2))


def test_a_count_is_held_by_the_amplifier_of_its_track() -> None:
    tracks = (Track("t", 3, (0, 2)), Track("u", 1))
    program = made_up(
        tracks, (TransverseRead("t", ("s", "c")),), (Write("u", "s"),), (Write("u", "c"),), (Write("t", "0"),)
    )

    assert taken(program)["s c"] == (0, 2)
    assert {each.part.kind for each in occupancies(program)} == {
        PartKind.TRACK,
        PartKind.TRANSVERSE_SENSE_AMPLIFIER,
        PartKind.WRITE_DRIVER,
    }


def test_what_comes_over_the_wires_takes_no_amplifier() -> None:
    program = made_up((Track("t", 1),), (Receive("w"), Write("t", "w")))

    assert set(taken(program)) == {"t", "driver 1"}


def test_a_program_without_steps_takes_nothing() -> None:
    program = made_up((Track("t", 1),))

    assert busiest(program, time_ns) is None
    assert interval_ns(program, time_ns) == 0
    assert (lockstep_groups(program), most_at_once(program)) == ((), {})


def test_a_shift_add_mac_waits_for_its_product() -> None:
    found = busiest(circuit("shift_add_mac", bits=4), time_ns)

    assert found is not None
    assert found.part == Part(PartKind.TRACK, "product")


def test_which_part_is_busy_longest_depends_on_the_durations() -> None:
    mac = circuit("transverse_read_mac", bits=4, trd=3)

    sense_matters = busiest(mac, lambda phase: 100 if phase is Phase.SENSE else 1)
    shift_matters = busiest(mac, lambda phase: 100 if phase is Phase.SHIFT else 1)

    assert sense_matters is not None
    assert sense_matters.part.name.startswith("c")
    assert shift_matters is not None
    assert shift_matters.part.name.startswith("column")


def test_tracks_that_always_move_together_are_a_group() -> None:
    assert lockstep_groups(circuit("max_pool", bits=8)) == (("a", "b"),)
    assert lockstep_groups(circuit("ripple_adder", bits=8)) == (("a", "b"), ("sum",))
    assert lockstep_groups(circuit("ripple_adder", bits=(4, 8))) == (("a",), ("b",), ("sum",))
    assert lockstep_groups(circuit("parallel_adder", bits=4)) == ()


def test_most_at_once_is_what_a_step_does_at_most() -> None:
    assert most_at_once(circuit("parallel_adder", bits=4)) == {"sense": 8, "evaluate": 5, "write": 5}
    assert most_at_once(circuit("ripple_adder", bits=4)) == {
        "shift": 3,
        "sense": 2,
        "evaluate": 1,
        "write": 1,
        "latch": 1,
    }


def variants(name: str, width: int) -> Iterator[Circuit]:
    for family in FAMILIES[name].at_trd.values() or (FAMILIES[name],):
        widths = (width,) * len(family.width_names)
        for layout in family.layouts:
            for is_signed in (False, True):
                yield family.build(widths, is_signed, layout)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_interval_is_positive_and_no_longer_than_the_latency(name: str) -> None:
    for each in variants(name, 4):
        assert 0 < interval_ns(each, time_ns) <= latency_ns(each)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_parts_are_those_that_the_unit_has(name: str) -> None:
    for each in variants(name, 3):
        needs, parts = resources_of(each), [occupancy.part for occupancy in occupancies(each)]
        of_kind = {kind: [part.name for part in parts if part.kind is kind] for kind in PartKind}

        assert len(of_kind[PartKind.SENSE_AMPLIFIER]) == needs.sense_amplifiers
        assert len(of_kind[PartKind.WRITE_DRIVER]) == needs.write_drivers
        assert len(of_kind[PartKind.LATCH]) == needs.latches
        assert len(of_kind[PartKind.CELL]) + len(of_kind[PartKind.TRANSVERSE_SENSE_AMPLIFIER]) == sum(
            needs.cells.values()
        )
        assert len(lockstep_groups(each)) == needs.shift_drivers


Instant = tuple[int, bool, int, Step]


def overlapping(program: Circuit, interval: int) -> list[Instant]:
    """Return (time, is it a start, run, step) of two runs that start `interval` apart; at one time, ends come first."""
    instants: list[Instant] = []
    for run in (0, 1):
        now = run * interval
        for step in program.program:
            end = now + sum(time_ns(phase) * count for phase, count in step_activity(step).phases.items())
            instants += [(now, True, run, step), (end, False, run, step)]
            now = end
    return sorted(instants, key=lambda instant: instant[:3])


def tracks_of(op: MicroOp) -> tuple[str, ...]:
    if isinstance(op, Shift):
        return op.tracks
    return (op.track,) if isinstance(op, Sense | TransverseRead | Write) else ()


def signals_of(op: MicroOp) -> tuple[str, ...]:
    if isinstance(op, Evaluate):
        return op.inputs
    return (op.source,) if isinstance(op, Write | Latch) else ()


class Hazards:
    """Plays the steps of two runs and collects what the second does too early or the first too late.

    `held[n]` are the run that set node `n`, and when; `inputs[n]` those of a cell's inputs, which must still be so when
    its output is used. A node is an amplifier, a latch or a pin of a copy of a cell; `nodes[r]` says at which one each
    signal of a run is. What a step uses must hold until it ends, when its latches close.
    """

    def __init__(self) -> None:
        self.clock = 0
        self.held: dict[str, tuple[int, int]] = {}
        self.inputs: dict[str, dict[str, tuple[int, int]]] = {}
        self.nodes: tuple[dict[str, str], ...] = ({}, {})
        self.tracks: dict[str, int] = {}
        self.found: list[str] = []

    def play(self, instants: Iterable[Instant]) -> list[str]:
        for _, is_start, run, step in instants:
            copies: dict[str, int] = {}
            for op in step.ops:
                self._take(run, tracks_of(op))
                for signal in signals_of(op):
                    if signal not in CONSTANTS:
                        self._use(run, self.nodes[run][signal])
                if is_start:
                    self._set_outputs(run, op, copies)
            if not is_start:
                closing = [op.into for op in step.ops if isinstance(op, Latch)]
                for latch in closing:
                    self._set(run, latch, latch)
        return self.found

    def _set_outputs(self, run: int, op: MicroOp, copies: dict[str, int]) -> None:
        match op:
            case Sense(_, into):
                self._set(run, into, into)
            case TransverseRead(_, bits):
                for bit in bits:
                    self._set(run, bit, bit)
            case Evaluate(cell, inputs, outputs):
                copies[cell.name] = copies.get(cell.name, 0) + 1
                pins = [self.nodes[run][signal] for signal in inputs if signal not in CONSTANTS]
                for signal in outputs:
                    node = f"{cell.name} {copies[cell.name]} {signal}"
                    self._set(run, signal, node)
                    self.inputs[node] = {pin: self.held[pin] for pin in pins}

    def _take(self, run: int, tracks: Iterable[str]) -> None:
        for track in tracks:
            if run < self.tracks.get(track, 0):
                self.found.append(f"track {track} is taken by the second run before the first is done")
            self.tracks[track] = max(run, self.tracks.get(track, 0))

    def _set(self, run: int, signal: str, node: str) -> None:
        self.clock += 1
        self.nodes[run][signal] = node
        self.held[node] = (run, self.clock)
        self.inputs.pop(node, None)

    def _use(self, run: int, node: str) -> None:
        if self.held[node][0] != run:
            self.found.append(f"{node} is used by run {run} but was set by the other")
        for pin, stamp in self.inputs.get(node, {}).items():
            if self.held[pin] != stamp:
                self.found.append(f"{node} no longer holds: {pin} has changed")
            self._use(run, pin)


def hazards(program: Circuit, interval: float) -> list[str]:
    return Hazards().play(overlapping(program, int(interval)))


@pytest.mark.parametrize("name", FAMILIES)
def test_runs_an_interval_apart_do_not_disturb_each_other(name: str) -> None:
    for each in variants(name, 3):
        assert not hazards(each, interval_ns(each, time_ns))


@pytest.mark.parametrize(
    ("name", "layout", "trd"),
    [
        ("ripple_adder", "along", None),
        ("shift_add_mac", "along", None),
        ("booth_radix4_mac", "along", None),
        ("parallel_adder", "across", None),
        ("relu", "across", None),
        ("transverse_read_mac", "across", 7),
    ],
)
def test_runs_any_closer_disturb_each_other(name: str, layout: str, trd: int | None) -> None:
    each = circuit(name, 4, layout=layout, trd=trd)

    assert hazards(each, interval_ns(each, time_ns) - 1)
