"""The Python interface: what the commands do, as functions. `import trackmac as tm` gives all of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trackmac.arrays import Hardware, load_hardware
from trackmac.bits import IntArray
from trackmac.circuits import Circuit, CircuitFamily, circuit
from trackmac.cost import Activity, Event, total
from trackmac.errors import InputError, OperandError
from trackmac.exploration.explore import explore
from trackmac.floorplans import Floorplan
from trackmac.mapping.schedule import Schedule
from trackmac.networks.integer import IntegerNetwork
from trackmac.results import CircuitCheck, CircuitRun, Evaluation, SimulationResult
from trackmac.technology import Technology, unit_costs
from trackmac.traces import TraceExport

__all__ = [
    "check_circuit",
    "circuit",
    "evaluate",
    "explore",
    "export_trace",
    "floorplan",
    "load_hardware",
    "load_network",
    "load_technology",
    "register_circuit",
    "run",
    "run_operands",
    "schedule",
    "simulate",
]

DEFAULT_HARDWARE = "embedded"
DEFAULT_TECHNOLOGY = "physics-45nm"

NetworkSource = str | Path | IntegerNetwork
HardwareSource = str | Path | Hardware
TechnologySource = str | Path | Technology


def load_network(network: NetworkSource) -> IntegerNetwork:
    """Return a network of the zoo by its name, the one in an .onnx file, or the one of a trial, `STUDY_DIR:TRIAL`.

    Raises:
        UnknownNameError: none of these.
        FileFormatError: the file is missing or not what it should be.
        UnsupportedNetworkError: the file holds what trackmac does not read.
    """
    from trackmac.exploration.store import load_trial_network
    from trackmac.networks.load import load_network as load_named_network

    if isinstance(network, str) and ":" in network and not network.endswith(".onnx"):
        return load_trial_network(network)
    return load_named_network(network)


def load_technology(technology: TechnologySource) -> Technology:
    """Return a technology by its shipped name or from a YAML file.

    Raises:
        UnknownNameError: neither a shipped name nor a path.
        FileFormatError: the file breaks a rule, or it, or cells characterised beside it, were edited.
    """
    from trackmac.cells.provenance import load_checked

    return load_checked(technology)


def run(
    circuit: Circuit, /, *operands: ArrayLike, technology: TechnologySource = DEFAULT_TECHNOLOGY, **named: ArrayLike
) -> CircuitRun:
    """Run `circuit` on simulated tracks, bit for bit, once for each entry of the operands, each in a unit of its own.

    A known operand may have a value of its own in each entry, too, with the program that belongs to it; left out, it
    has the one that the circuit was asked for with (`known`), if it was. Each unit then has a sequencer of its own:
    `latency_ns`, `interval_ns` and `steps` are the slowest one's, `area_um2` is the largest one's. Under one sequencer
    the slowest decides for all.

    Args:
        circuit: as `circuit` returns it.
        operands: integers, lists or one-dimensional integer arrays, in the order of the circuit's operands.
        technology: what it is priced with.
        named: the same, by name.

    Raises:
        InputError: `circuit` is no circuit, or `technology` no technology.
        OperandError: an operand is missing, unknown, given twice, not integer, out of range, or not as
            long as the others.
    """
    return run_operands(circuit, _by_name(_checked(circuit), operands, named), technology)


def run_operands(
    circuit: Circuit, given: Mapping[str, ArrayLike], technology: TechnologySource = DEFAULT_TECHNOLOGY
) -> CircuitRun:
    """Run `circuit` as `run` does, the operands by name, whatever they are called.

    Raises:
        InputError: as `run`.
        OperandError: as `run`.
    """
    from trackmac.circuits.occupancy import interval_ns
    from trackmac.models.circuit_costs import price
    from trackmac.simulation.known_values import run as run_known

    operands = {name: _one_list(values, name) for name, values in given.items()}
    _refuse_missing(_checked(circuit), operands)
    chosen = load_technology(technology)
    values, groups = run_known(circuit, operands)
    phase_ns = unit_costs(chosen).phase_ns
    costs = [
        price(group.circuit, group.result.activity, interval_ns(group.circuit, phase_ns), chosen) for group in groups
    ]
    slowest = max(costs, key=lambda cost: cost.latency_ns)
    events = total(group.result.activity.in_parallel(group.result.lanes) for group in groups).events
    return CircuitRun(
        circuit=circuit.name,
        bits=circuit.bits,
        signed=circuit.is_signed,
        layout=str(circuit.layout),
        technology=chosen.name,
        operands={name: tuple(column.tolist()) for name, column in _with_known(circuit, operands).items()},
        values=values,
        events={event.value: count for event, count in events.items()},
        energy_pj=sum(cost.energy_pj * group.result.lanes for cost, group in zip(costs, groups, strict=True)),
        sequencer_energy_pj=events.get(Event.SEQUENCER_STEPS, 0) * chosen.value("sequencer.energy_pj"),
        latency_ns=slowest.latency_ns,
        interval_ns=max(cost.interval_ns for cost in costs),
        steps=slowest.steps,
        area_um2=max(cost.area_um2 for cost in costs),
        sequencer_area_um2=slowest.sequencer_area_um2,
    )


def register_circuit(family: CircuitFamily, activity: Callable[[Circuit], Activity]) -> None:
    """Add a circuit of your own: from now on it goes by its name, like any other (docs/extending.md).

    Args:
        family: its name, its layouts and how it is built at given widths.
        activity: its closed form: what one execution costs, from formats and layout alone.

    Raises:
        InputError: the name is no identifier or taken, what is built has another name, an operand called `technology`
            or a cell that is not in the library, or the closed form returns something else than an Activity.
    """
    from trackmac.circuits import register, sample_of
    from trackmac.models.circuit_counts import register_activity

    if not callable(activity):
        raise InputError(f"a closed form must be a function of the circuit, but it is {activity!r:.60}; give one")
    predicted = activity(sample_of(family))
    if not isinstance(predicted, Activity):
        raise InputError(
            f"a closed form must return an Activity, but that of {family.name} returns {predicted!r:.60}; correct it"
        )
    register(family)
    register_activity(family.name, activity)


def check_circuit(name: str) -> CircuitCheck:
    """Hold a circuit to what all circuits keep: exact results, counts as its closed form says, tracks that come home.

    It is tried in all its layouts, signed and not, at many widths, against its reference and the naive simulator, and
    broken in small ways to see that this is noticed. What it was tried on, and the first counter-example, is told.

    Raises:
        UnknownNameError: there is no circuit of that name.
    """
    from trackmac.validation.circuit_check import check_circuit as check

    return check(name)


def evaluate(
    network: NetworkSource,
    hardware: HardwareSource,
    technology: TechnologySource | None = None,
    rate: float | None = None,
) -> Evaluation:
    """Price a network on a hardware with the closed forms, for one image; without `technology`, in the hardware's own.

    With a `rate`, in inferences a second, the result's `at_rate` has mean power, lifetime and days on a battery.

    Raises:
        InputError: no such network, hardware or technology, the hardware cannot hold or run the network, or not so
            often.
    """
    from trackmac.cells.provenance import stale_lines
    from trackmac.models.evaluation import evaluate_network

    loaded, on, within = _loaded(network, hardware, technology)
    result = evaluate_network(loaded.name, loaded.shapes, on, within, rate)
    return replace(result, notes=(*result.notes, *stale_lines([within])))


def schedule(network: NetworkSource, hardware: HardwareSource, technology: TechnologySource | None = None) -> Schedule:
    """Return where a network's weights lie on a hardware, which units compute what, what moves; it prints as a table.

    Raises:
        InputError: as `evaluate`.
    """
    from trackmac.mapping.schedule import schedule as schedule_network

    loaded, on, within = _loaded(network, hardware, technology)
    return schedule_network(loaded.shapes, on, within)


def export_trace(
    network: NetworkSource,
    out: str | Path,
    hardware: HardwareSource = DEFAULT_HARDWARE,
    technology: TechnologySource | None = None,
    *,
    layers: Sequence[str] = (),
    pixels: int | None = None,
    on_progress: Callable[[str, float, float], None] = lambda task, done, total: None,
) -> TraceExport:
    """Write the operand accesses of one inference as an NVMain trace; some layers' only, or of some pixels of each.

    The result has the schedule's own count of their shifts, and on which bank a replay counts the same.

    Raises:
        InputError: as `evaluate`; no such layer, a trace beyond reason, or one that cannot be written.
    """
    from trackmac.trace_exports import exported

    loaded, on, within = _loaded(network, hardware, technology)
    return exported(loaded, on, within, Path(out), layers=layers, pixels=pixels, on_progress=on_progress)


def floorplan(
    network: NetworkSource, hardware: HardwareSource, technology: TechnologySource | None = None
) -> Floorplan:
    """Return the drawing to scale of a hardware whose units are built for a network: chip, bank, mat, macro unit.

    Raises:
        InputError: as `evaluate`.
    """
    from trackmac.mapping.network_floorplan import network_floorplan

    loaded, on, within = _loaded(network, hardware, technology)
    return network_floorplan(loaded.name, loaded.shapes, on, within)


def simulate(
    network: NetworkSource,
    hardware: HardwareSource,
    images: NDArray[np.uint8],
    labels: Sequence[int] | IntArray | None = None,
    *,
    technology: TechnologySource | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> SimulationResult:
    """Run a network bit for bit on simulated tracks, for uint8 images [N, H, W] or [N, H, W, C].

    Accuracy is None without `labels`; `on_progress` is told the fraction done.

    Raises:
        InputError: as `evaluate`, or the images are not those that the network takes.
    """
    from trackmac.exploration.verification import simulate as simulate_network

    loaded, on, within = _loaded(network, hardware, technology)
    pixels, known = np.asarray(images), None if labels is None else np.asarray(labels)
    if known is not None and known.dtype.kind not in "iu":
        raise InputError(f"labels must be integers, but are {known.dtype}; convert them")
    return simulate_network(loaded, on, pixels, labels=known, technology=within, on_progress=on_progress)


def _loaded(
    network: NetworkSource, hardware: HardwareSource, technology: TechnologySource | None
) -> tuple[IntegerNetwork, Hardware, Technology]:
    on = load_hardware(hardware)
    if technology is None and not isinstance(hardware, Hardware):
        on = replace(on, technology=_beside(Path(hardware), on.technology))
    return load_network(network), on, load_technology(on.technology if technology is None else technology)


def _beside(hardware_file: Path, technology: str) -> str:
    """Return the technology that a hardware file names: a shipped name, or a path from the file's own folder."""
    is_path = technology.endswith((".yaml", ".yml"))
    return str(hardware_file.parent / technology) if is_path else technology


def _checked(circuit: Circuit) -> Circuit:
    if not isinstance(circuit, Circuit):
        raise InputError(f"a circuit is what runs, but this is {circuit!r:.60}; give trackmac.circuit(NAME)")
    return circuit


def _refuse_missing(circuit: Circuit, given: Mapping[str, IntArray]) -> None:
    """Refuse a run whose known operands have no value but the one that stands in for them."""
    for word in circuit.operands:
        if word.name in circuit.stand_ins and word.name not in given:
            raise OperandError(
                f"{circuit.name} needs operand {word.name}, which is missing; give it a value for each lane"
            )


def _by_name(circuit: Circuit, operands: Sequence[ArrayLike], named: dict[str, ArrayLike]) -> dict[str, ArrayLike]:
    names = [word.name for word in circuit.operands]
    if len(operands) > len(names):
        raise OperandError(
            f"{circuit.name} takes {', '.join(names)}, but {len(operands)} operands are given; drop some"
        )
    given = dict(zip(names, operands, strict=False))
    for name, values in named.items():
        if name in given:
            raise OperandError(f"operand {name} is given twice; keep one of them")
        given[name] = values
    return given


def _with_known(circuit: Circuit, given: dict[str, IntArray]) -> dict[str, IntArray]:
    """Return the operands that were given, and the known ones that were not, in the circuit's order."""
    lanes = next(iter(given.values())).size
    filled = {name: np.full(lanes, value) for name, value in circuit.known.items()} | given
    return {word.name: filled[word.name] for word in circuit.operands if word.name in filled}


def _one_list(values: ArrayLike, name: str) -> IntArray:
    try:
        array = np.atleast_1d(np.asarray(values))
    except (ValueError, OverflowError):
        raise OperandError(
            f"operand {name} must be one list of integers, but it is uneven; give one number a lane"
        ) from None
    if not array.size and array.ndim == 1:
        return array.astype(np.int64)  # numpy takes an empty list for floats
    if array.dtype.kind not in "iu" or array.ndim > 1:
        raise OperandError(
            f"operand {name} must be one list of integers, but it is {array.dtype} with {array.ndim} axes; convert it"
        )
    return array
