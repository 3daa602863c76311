"""trackmac: hardware-software co-exploration with racetrack-memory in-memory computing.

`import trackmac as tm`: everything below but the errors is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trackmac import errors
from trackmac.errors import (
    CheckFailedError,
    FileFormatError,
    IllegalHardwareError,
    InputError,
    OperandError,
    PluginError,
    TrackmacError,
    UnknownNameError,
    UnmappableError,
    UnsupportedNetworkError,
)

if TYPE_CHECKING:
    from trackmac.api import (
        check_circuit,
        circuit,
        evaluate,
        explore,
        export_trace,
        floorplan,
        load_hardware,
        load_network,
        load_technology,
        register_circuit,
        run,
        schedule,
        simulate,
    )
    from trackmac.arrays import Hardware
    from trackmac.circuits import Circuit, CircuitFamily
    from trackmac.mapping.schedule import Schedule
    from trackmac.networks.integer import IntegerNetwork
    from trackmac.results import (
        Baseline,
        CircuitCheck,
        CircuitRun,
        Design,
        Evaluation,
        ExplorationResult,
        LayerCost,
        SimulationResult,
        Totals,
    )
    from trackmac.technology import Technology
    from trackmac.traces import TraceExport

__version__ = "0.1.0"

__all__ = [
    "Baseline",
    "CheckFailedError",
    "Circuit",
    "CircuitCheck",
    "CircuitFamily",
    "CircuitRun",
    "Design",
    "Evaluation",
    "ExplorationResult",
    "FileFormatError",
    "Hardware",
    "IllegalHardwareError",
    "InputError",
    "IntegerNetwork",
    "LayerCost",
    "OperandError",
    "PluginError",
    "Schedule",
    "SimulationResult",
    "Technology",
    "Totals",
    "TraceExport",
    "TrackmacError",
    "UnknownNameError",
    "UnmappableError",
    "UnsupportedNetworkError",
    "__version__",
    "check_circuit",
    "circuit",
    "errors",
    "evaluate",
    "explore",
    "export_trace",
    "floorplan",
    "load_hardware",
    "load_network",
    "load_technology",
    "register_circuit",
    "run",
    "schedule",
    "simulate",
]

_HOME = {
    "Circuit": "circuits",
    "CircuitFamily": "circuits",
    "Hardware": "arrays",
    "IntegerNetwork": "networks.integer",
    "Schedule": "mapping.schedule",
    "Technology": "technology",
    "TraceExport": "traces",
    **dict.fromkeys(
        (
            "Baseline",
            "CircuitCheck",
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
            "schedule",
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
