"""Result types: what the models, the simulation and the exploration hand to a user. They compute nothing.

`to_dict()` gives plain data, ready for JSON, with the keys of the public interface.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from trackmac.floorplans import Floorplan

if TYPE_CHECKING:
    from polars import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CircuitRun:
    """One circuit, run on simulated tracks for some operands, each pair of them in a unit of its own.

    `events` and `energy_pj` are for all operands; `latency_ns`, `interval_ns` (the shortest time between the starts of
    two runs in one unit) and `steps` are the slowest unit's, `area_um2` is the largest one's: units differ only where
    known operands do, each of which has a program of its own. `sequencer_energy_pj` is the part of `energy_pj` that a
    sequencer for each unit takes; `sequencer_area_um2` is in no `area_um2`: a mat's units share one. `values` cannot be
    written to. Two runs are equal if all that they say is; they have no hash.
    """

    circuit: str
    bits: tuple[int, ...]
    signed: bool
    layout: str
    technology: str
    operands: Mapping[str, tuple[int, ...]]
    values: Any
    events: Mapping[str, int]
    energy_pj: float
    sequencer_energy_pj: float
    latency_ns: float
    interval_ns: float
    steps: int
    area_um2: float
    sequencer_area_um2: float

    __hash__ = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.values.setflags(write=False)

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, CircuitRun) else NotImplemented

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; the values under the key `result`."""
        data = {name: getattr(self, name) for name in self.__slots__ if name != "values"}
        bits = self.bits[0] if len(set(self.bits)) == 1 else list(self.bits)
        operands = {name: list(values) for name, values in self.operands.items()}
        return {**data, "bits": bits, "operands": operands, "events": dict(self.events), "result": self.values.tolist()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A network on a hardware, for one image. `dynamic_energy_pj` is `energy_pj` without leakage.

    `power_density_w_per_cm2` is the mean over image and chip, its peak that of the densest phase over the units at
    work. `writes_per_mtj_per_inference` are those of the most-written junction, through which all bits of a word along
    a track pass; `writes_per_domain_per_inference` those of the most-written domain. The cold start is from no power
    until the first image may come. `weight_write_energy_pj` is that of writing the weights once; where they do not fit
    the chip it is 0, and bringing them for every image takes `reload_energy_pj` and `reload_latency_ns`, which are part
    of energy and latency.
    """

    macs: int
    energy_pj: float
    dynamic_energy_pj: float
    latency_ns: float
    interval_ns: float
    area_um2: float
    leakage_nw: float
    tops_per_watt: float
    tops_per_mm2: float
    images_per_second: float
    energy_delay_product_pj_ns: float
    weight_write_energy_pj: float
    reload_energy_pj: float
    reload_latency_ns: float
    power_density_w_per_cm2: float
    peak_power_density_w_per_cm2: float
    writes_per_mtj_per_inference: int
    writes_per_domain_per_inference: int
    cold_start_energy_pj: float
    cold_start_ns: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCost:
    """One layer, for one image."""

    name: str
    kind: str
    macs: int
    energy_pj: float
    latency_ns: float
    events: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRate:
    """A chip that infers so often, between which it waits in the `standby` in which it needs least.

    `duty_fraction` is the time that it computes. `mean_power_nw` has everything in it, and `energy_per_inference_pj` is
    its share. `lifetime_years` is that of the most-written junction at the endurance assumed, with the least and the
    greatest of its range. None stands for never, or for no inference at all.
    """

    rate_per_second: float
    standby: str
    duty_fraction: float
    mean_power_nw: float
    energy_per_inference_pj: float | None
    battery_days: float | None
    lifetime_years: float | None
    lifetime_low_years: float | None
    lifetime_high_years: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryBaseline:
    """The same network and image on a CMOS array with its weights in another memory; ratios are to the evaluated chip.

    `mean_power_nw`, `battery_days` and `standby` are those at the rate, None without one or where the baseline is too
    slow for it.
    """

    name: str
    description: str
    energy_pj: float
    latency_ns: float
    area_um2: float
    leakage_nw: float
    cold_start_energy_pj: float
    cold_start_ns: float
    energy_ratio: float
    latency_ratio: float
    area_ratio: float
    standby: str | None
    mean_power_nw: float | None
    battery_days: float | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The closed forms' answer for one network on one hardware in one technology, for one image.

    `evidence` splits energy, latency and area by how well the device figures behind them are known. `at_rate` is None
    where no rate was asked for.
    """

    network: str
    hardware: str
    technology: str
    totals: Totals
    layers: tuple[LayerCost, ...]
    breakdown: Mapping[str, Mapping[str, float]]
    evidence: Mapping[str, Mapping[str, float]]
    at_rate: AtRate | None
    baselines: tuple[MemoryBaseline, ...]
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationResult:
    """A network run bit for bit on simulated tracks.

    `integer_logits` has one row of accumulators for each image. `events` is what the simulation counted,
    `predicted_events` what the closed forms say, both for all images.
    """

    network: str
    hardware: str
    images: int
    accuracy: float | None
    predictions: tuple[int, ...]
    integer_logits: tuple[tuple[int, ...], ...]
    mismatches: int
    events: Mapping[str, int]
    predicted_events: Mapping[str, int]
    faults_injected: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """One network on one hardware: a point of the front.

    `accuracy` is validation accuracy, on which the front is chosen; `test_accuracy`, `verified_images` and
    `mismatches` are None until the design is verified. `dynamic_energy_pj` is `energy_pj` without leakage.
    """

    id: str
    trial: int
    accuracy: float
    energy_pj: float
    latency_ns: float
    area_um2: float
    network: str
    hardware: Mapping[str, Any]
    test_accuracy: float | None = None
    verified_images: int | None = None
    mismatches: int | None = None
    events_agree: bool | None = None
    dynamic_energy_pj: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRow:
    """A published figure beside ours, `relative_error` ours / published - 1.

    Of a published range `published` is the upper end, `published_low` the lower one; otherwise they are the same.
    `is_missed` if ours is further off than the factor `explains_up_to`: 2, or as far as the explanation reaches.
    """

    quantity: str
    source: str
    evidence: str
    technology: str
    published: float
    published_low: float
    ours: float
    relative_error: float
    is_outside: bool
    explanation: str
    explains_up_to: float
    is_missed: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCheck:
    """One thing that a circuit has to keep: what was tried, and the first case in which it does not, if any."""

    name: str
    tried: str
    counter_example: str = ""

    @property
    def passed(self) -> bool:
        """Whether no case was found in which the circuit does not keep it."""
        return not self.counter_example


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitCheck:
    """A circuit held to what every circuit keeps; `print` shows a line for each check."""

    circuit: str
    checks: tuple[ContractCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return all(check.passed for check in self.checks)

    def __str__(self) -> str:
        lines = [f"{self.circuit}: {'all checks passed' if self.passed else 'NOT what a circuit has to be'}"]
        for check in self.checks:
            lines.append(f"  {'passed' if check.passed else 'FAILED'}  {check.name} ({check.tried})")
            lines += [f"          {check.counter_example}"] if check.counter_example else []
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        checks = [{**asdict(check), "passed": check.passed} for check in self.checks]
        return {"circuit": self.circuit, "passed": self.passed, "checks": checks}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the best design is compared with: the same network on another design, and how many times better ours is."""

    name: str
    description: str
    energy_pj: float
    latency_ns: float
    area_um2: float
    energy_ratio: float
    latency_ratio: float
    area_ratio: float
    verified_images: int
    mismatches: int
    events_agree: bool = True
    hardware: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationResult:
    """The outcome of a study: the front, its knee, the best design under the budget, and the baselines.

    `front` is thinned to what can be read and verified; the exact one has `exact_front_designs`. Each network was
    priced at all `hardware_points`; `feasible_points` of all trials together can run theirs. `notes` say what a reader
    should know, such as why there is no best design.
    """

    study: str
    dataset: str
    seed: int
    front: tuple[Design, ...]
    knee: Design
    best: Design | None
    budget: Mapping[str, float]
    baselines: tuple[Baseline, ...]
    trials_run: int
    trials_reused: int
    hardware_points: int
    feasible_points: int
    figures: tuple[Mapping[str, Any], ...] = field(default=())
    best_evaluation: Evaluation | None = None
    best_schedule: str = ""
    best_floorplan: Floorplan | None = None
    exact_front_designs: int = 0
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def to_frame(self) -> "DataFrame":
        """Return the front as a polars data frame: a row for each design, the hardware's keys as columns."""
        import polars

        return polars.DataFrame([_flat(design.to_dict()) for design in self.front])


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in data.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return flat
