"""The closed forms' answer for one network on one hardware: totals, layers, breakdowns, assumptions."""

from collections.abc import Mapping, Sequence

from trackmac.arrays import Dataflow, Hardware, grid_of
from trackmac.cost import EVENTS, Event
from trackmac.mapping import refuse_obstacles, stages_of
from trackmac.models.evidence import evidence_of
from trackmac.models.grid_costs import GridCosts, grid_costs
from trackmac.models.in_use import (
    at_rate,
    checked_rate,
    chip_duty,
    memory_baselines,
    own_assumptions,
    refuse_too_fast,
    reload_assumptions,
)
from trackmac.models.power_density import mean_power_density_w_per_cm2, peak_power_density_w_per_cm2
from trackmac.models.wear import wear
from trackmac.networks.shapes import LayerShape
from trackmac.results import Evaluation, LayerCost, Totals
from trackmac.technology import Technology, unit_costs
from trackmac.units import FloatArray, per_second, tera_operations_per_mm2, tera_operations_per_watt

OPERATIONS_PER_MAC = 2
EVENT_NAMES = tuple(event.value for event in EVENTS)
RELOAD, BROADCAST = "reload", "broadcast"
"""The kinds of the line that says what bringing a layer's weights costs: from off-chip memory, or from other units."""

NOTES = (
    "One image at a time: layers and images follow one another, so the interval between images is the latency.",
    "Flattening and concatenation cost nothing: readers take words from where they lie in the buffer, which keeps what "
    "a later layer still reads.",
    "The image and the biases are in the buffer at the start, and the results stay there: the way to and from the chip "
    "is not in these figures.",
    "A bus bit is priced at the whole way from the buffer to a mat, for every unit that receives it, broadcast or not.",
    "Computing cells are sized for the network's widest words.",
    "Peak power density is that of the densest phase of any layer, over the units that work in it, as if no heat left "
    "them sideways.",
    "Mean power density: a package without a heat sink carries away about 1 W/cm2 (assumed: recalled, not read again); "
    "a chip much smaller than its package may have more, since the package spreads the heat.",
    "Writes are those of the most-written junction, in the busiest unit; work is not moved around to level them.",
    "What is in the buffer at the start but not on tracks, the biases, comes from flash at every wake-up.",
    "Baselines compute with 8 x 8 CMOS units, as a closed form; no part of them was simulated.",
)

WEIGHTS_STAY = (
    "Weights are non-volatile: they are written once, before the first image, and stay; weight_write_energy_pj is that "
    "of the writes alone."
)
WEIGHTS_ARE_SENT = (
    "Each unit keeps one output. The weights lie on tracks of the chip, written once, and are sensed and sent to the "
    "units for every turn of pixels: the lines 'broadcast' are that. What receives one writes it for every product."
)
WEIGHTS_ARE_FETCHED = (
    "Each unit keeps one output. The weights do not fit the chip's tracks: they come from off-chip memory (DRAM) for "
    "every turn of pixels, straight to the units, as the lines 'reload' say. The DRAM's area is not counted, its "
    "refresh is, as dram_refresh."
)
WEIGHTS_COME = (
    "The weights do not fit the chip: layer by layer they are brought from off-chip memory (DRAM) for every image and "
    "written to the tracks, in as many rounds as the schedule says. The lines 'reload' are that; fetching, moving and "
    "writing follow one another and the arithmetic. The DRAM's area is not counted, its refresh is, as dram_refresh."
)
NOTES_ON_WEIGHTS = {
    (Dataflow.WEIGHT_STATIONARY, True): WEIGHTS_STAY,
    (Dataflow.WEIGHT_STATIONARY, False): WEIGHTS_COME,
    (Dataflow.OUTPUT_STATIONARY, True): WEIGHTS_ARE_SENT,
    (Dataflow.OUTPUT_STATIONARY, False): WEIGHTS_ARE_FETCHED,
}


def evaluate_network(
    name: str, shapes: Sequence[LayerShape], hardware: Hardware, technology: Technology, rate: float | None = None
) -> Evaluation:
    """Price a network of these layers on `hardware` in `technology`, for one image; at `rate` inferences a second.

    Raises:
        UnmappableError: the hardware cannot hold or run the network; the message says what stands in the way.
        InputError: `rate` is no number of inferences a second, or more than the hardware can do.
    """
    asked = None if rate is None else checked_rate(rate)
    costs = grid_costs(stages_of(shapes), grid_of([hardware], technology))
    refuse_obstacles(costs.plan, hardware.name)
    if asked is not None:
        refuse_too_fast(asked, float(costs.latency_ns[0]), hardware.name)
    stays = bool(costs.plan.is_resident[0])
    return Evaluation(
        network=name,
        hardware=hardware.name,
        technology=technology.name,
        totals=_totals(costs, shapes, technology),
        layers=_layers(costs, shapes),
        breakdown={
            "energy_pj": _first(costs.energy_parts_pj),
            "latency_ns": _first(costs.latency_parts_ns),
            "area_um2": _first(costs.chip.area_parts_um2),
            "leakage_nw": _first(costs.chip.leakage_parts_nw),
        },
        evidence=evidence_of(costs, technology),
        at_rate=None if asked is None else at_rate(costs, asked),
        baselines=memory_baselines(costs, asked),
        notes=(
            *NOTES[:1],
            NOTES_ON_WEIGHTS[hardware.dataflow, stays],
            *NOTES[1:],
            _binding(costs),
            *technology.notes,
        ),
        assumptions=(
            *technology.assumptions(),
            *(() if stays else reload_assumptions(technology)),
            *own_assumptions(),
        ),
    )


def predicted_events(
    shapes: Sequence[LayerShape], hardware: Hardware, technology: Technology, images: int
) -> dict[Event, int]:
    """Return the closed forms' events for so many images, over all layers.

    Raises:
        UnmappableError: the hardware cannot hold or run the network.
    """
    costs = grid_costs(stages_of(shapes), grid_of([hardware], technology))
    refuse_obstacles(costs.plan, hardware.name)
    counts = costs.counts.events[..., 0].sum(axis=0).tolist()
    return {event: count * images for event, count in zip(EVENTS, counts, strict=True) if count}


def _totals(costs: GridCosts, shapes: Sequence[LayerShape], technology: Technology) -> Totals:
    macs = sum(shape.macs for shape in shapes)
    energy, latency, area = (float(x[0]) for x in (costs.energy_pj, costs.latency_ns, costs.area_um2))
    written = int(costs.plan.weight_bits[0])
    reloads = slice(len(costs.counts.names) if costs.plan.is_resident[0] else costs.computing, None)
    worn, start = wear(costs.plan), chip_duty(costs).cold_start
    write_energy = unit_costs(technology).energy_pj(Event.WRITES, physical_domains=0.0, bus_length_mm=0.0)
    return Totals(
        macs=macs,
        energy_pj=energy,
        dynamic_energy_pj=float(costs.dynamic_energy_pj[0]),
        latency_ns=latency,
        interval_ns=latency,
        area_um2=area,
        leakage_nw=float(costs.leakage_nw[0]),
        tops_per_watt=tera_operations_per_watt(OPERATIONS_PER_MAC * macs, energy),
        tops_per_mm2=tera_operations_per_mm2(OPERATIONS_PER_MAC * macs, latency, area),
        images_per_second=per_second(latency),
        energy_delay_product_pj_ns=energy * latency,
        weight_write_energy_pj=written * write_energy,
        reload_energy_pj=sum(costs.entry_energies_pj[reloads, 0].tolist()),
        reload_latency_ns=sum(costs.entry_times_ns[reloads, 0].tolist()),
        power_density_w_per_cm2=float(mean_power_density_w_per_cm2(costs)[0]),
        peak_power_density_w_per_cm2=float(peak_power_density_w_per_cm2(costs)[0]),
        writes_per_mtj_per_inference=int(worn.per_mtj[0]),
        writes_per_domain_per_inference=int(worn.per_domain[0]),
        cold_start_energy_pj=float(start.wake_energy_pj[0]),
        cold_start_ns=float(start.wake_ns[0]),
    )


def _layers(costs: GridCosts, shapes: Sequence[LayerShape]) -> tuple[LayerCost, ...]:
    """Return a line for each layer, and before it one for what brings its weights, if anything does.

    A layer that only says where words lie costs nothing.
    """
    counts = costs.counts.events[..., 0].tolist()
    events = [{name: count for name, count in zip(EVENT_NAMES, row, strict=True) if count} for row in counts]
    entries = zip(costs.entry_energies_pj[:, 0].tolist(), costs.entry_times_ns[:, 0].tolist(), events, strict=True)
    named = list(zip(costs.counts.names, entries, strict=True))
    layers, reloads = dict(named[: costs.computing]), dict(named[costs.computing :])
    kind = BROADCAST if costs.plan.is_resident[0] else RELOAD
    lines: list[LayerCost] = []
    for shape in shapes:
        if shape.name in reloads:
            lines.append(_layer(shape.name, kind, 0, reloads[shape.name]))
        lines.append(_layer(shape.name, shape.kind, shape.macs, layers.get(shape.name, (0.0, 0.0, {}))))
    return tuple(lines)


def _layer(name: str, kind: str, macs: int, priced: tuple[float, float, dict[str, int]]) -> LayerCost:
    energy_pj, latency_ns, events = priced
    return LayerCost(name=name, kind=kind, macs=macs, energy_pj=energy_pj, latency_ns=latency_ns, events=events)


def _first(parts: Mapping[str, FloatArray]) -> dict[str, float]:
    return {name: float(part[0]) for name, part in parts.items()}


def _binding(costs: GridCosts) -> str:
    """Say what decides a macro unit's footprint, and what the other one leaves unused."""
    unit, grid = costs.chip.unit, costs.plan.grid
    tracks, cmos, slack = (float(area[0]) for area in (unit.tracks_um2, unit.cmos_um2, unit.slack_um2))
    larger, smaller = ("CMOS", "tracks") if unit.is_cmos_bound[0] else ("tracks", "CMOS")
    return (
        f"A macro unit has {tracks:.1f} um2 of tracks over {cmos:.1f} um2 of CMOS: its footprint is that of the "
        f"{larger}, of which the {smaller} leave {slack:.1f} um2 unused. A track has {grid.domains[0]} data domains, "
        f"{grid.overhead_domains[0]} overhead domains and, where it holds weights, "
        f"{grid.weight_ports.layouts[0].label} ports."
    )
