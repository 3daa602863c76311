"""The Python interface: what the commands do, as functions. `import trackmac as tm` gives all of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trackmac.arrays import Hardware, load_hardware
from trackmac.bits import IntArray
from trackmac.circuits import Circuit, circuit
from trackmac.errors import InputError, OperandError
from trackmac.exploration.explore import explore
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.shapes import layer_shapes
from trackmac.results import CircuitRun, Evaluation, SimulationResult
from trackmac.technology import Technology

__all__ = [
    "circuit",
    "evaluate",
    "explore",
    "load_hardware",
    "load_network",
    "load_technology",
    "run",
    "simulate",
]

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
    circuit: Circuit, *operands: ArrayLike, technology: TechnologySource = DEFAULT_TECHNOLOGY, **named: ArrayLike
) -> CircuitRun:
    """Run `circuit` on simulated tracks, bit for bit, once for each entry of the operands.

    Args:
        circuit: as `circuit` returns it.
        operands: integers, lists or one-dimensional integer arrays, in the order of the circuit's operands.
        technology: what it is priced with.
        named: the same, by name.

    Raises:
        InputError: `circuit` is no circuit.
        OperandError: an operand is missing, unknown, given twice, not integer, out of range, or not as
            long as the others.
    """
    from trackmac.models.circuit_costs import price
    from trackmac.simulation.packed import run as run_packed

    if not isinstance(circuit, Circuit):
        raise InputError(f"a circuit is what runs, but this is {circuit!r:.60}; give trackmac.circuit(NAME)")
    chosen = load_technology(technology)
    given = _by_name(circuit, operands, named)
    outcome = run_packed(circuit, given)
    cost = price(circuit, outcome.activity, chosen)
    return CircuitRun(
        circuit=circuit.name,
        bits=circuit.bits,
        signed=all(word.format.is_signed for word in circuit.operands if word.default is None),
        layout=str(circuit.layout),
        technology=chosen.name,
        operands={name: tuple(values.tolist()) for name, values in given.items()},
        values=outcome.values,
        events={event.value: count for event, count in outcome.events.items()},
        energy_pj=cost.energy_pj * outcome.lanes,
        latency_ns=cost.latency_ns,
        steps=cost.steps,
        area_um2=cost.area_um2,
    )


def evaluate(
    network: NetworkSource, hardware: HardwareSource, technology: TechnologySource | None = None
) -> Evaluation:
    """Price a network on a hardware with the closed forms, for one image; without `technology`, in the hardware's own.

    Raises:
        InputError: no such network, hardware or technology, or the hardware cannot hold or run the network.
    """
    from trackmac.cells.provenance import stale_lines
    from trackmac.models.evaluation import evaluate_network

    loaded, on, within = _loaded(network, hardware, technology)
    result = evaluate_network(loaded.name, layer_shapes(loaded), on, within)
    return replace(result, notes=(*result.notes, *stale_lines([within])))


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


def _by_name(circuit: Circuit, operands: Sequence[ArrayLike], named: dict[str, ArrayLike]) -> dict[str, IntArray]:
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
    return {name: _one_list(values, name) for name, values in given.items()}


def _one_list(values: ArrayLike, name: str) -> IntArray:
    try:
        array = np.atleast_1d(np.asarray(values))
    except (ValueError, OverflowError):
        raise OperandError(
            f"operand {name} must be one list of integers, but it is uneven; give one number a lane"
        ) from None
    if array.dtype.kind not in "iu" or array.ndim > 1:
        raise OperandError(
            f"operand {name} must be one list of integers, but it is {array.dtype} with {array.ndim} axes; convert it"
        )
    return array
