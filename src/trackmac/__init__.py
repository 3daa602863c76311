"""trackmac: hardware-software co-exploration with racetrack-memory in-memory computing.

`import trackmac as tm`: everything below is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackmac.api import (
        circuit,
        evaluate,
        explore,
        floorplan,
        load_hardware,
        load_network,
        load_technology,
        run,
        simulate,
    )
    from trackmac.arrays import Hardware
    from trackmac.circuits import Circuit
    from trackmac.networks.integer import IntegerNetwork
    from trackmac.results import (
        Baseline,
        CircuitRun,
        Design,
        Evaluation,
        ExplorationResult,
        LayerCost,
        SimulationResult,
        Totals,
    )
    from trackmac.technology import Technology

__version__ = "0.1.0"

__all__ = [
    "Baseline",
    "Circuit",
    "CircuitRun",
    "Design",
    "Evaluation",
    "ExplorationResult",
    "Hardware",
    "IntegerNetwork",
    "LayerCost",
    "SimulationResult",
    "Technology",
    "Totals",
    "__version__",
    "circuit",
    "evaluate",
    "explore",
    "floorplan",
    "load_hardware",
    "load_network",
    "load_technology",
    "run",
    "simulate",
]

_HOME = {
    "Circuit": "circuits",
    "Hardware": "arrays",
    "IntegerNetwork": "networks.integer",
    "Technology": "technology",
    **dict.fromkeys(
        (
            "Baseline",
            "CircuitRun",
            "Design",
            "Evaluation",
            "ExplorationResult",
            "LayerCost",
            "SimulationResult",
            "Totals",
        ),
        "results",
    ),
    **dict.fromkeys(
        (
            "circuit",
            "evaluate",
            "explore",
            "floorplan",
            "load_hardware",
            "load_network",
            "load_technology",
            "run",
            "simulate",
        ),
        "api",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
