"""The frozen schedule of one network on one hardware: what a plan says of a single point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trackmac.arrays import Hardware, grid_of
from trackmac.arrays.ports import PortLayout
from trackmac.bits import IntArray
from trackmac.circuits import Layout
from trackmac.errors import UnmappableError
from trackmac.mapping.dot_product_plan import DotProductPlan
from trackmac.mapping.output_stationary import OutputStationaryPlan
from trackmac.mapping.plan import ElementPlan, Plan, plan
from trackmac.mapping.stage import DotProductStage, ElementStage
from trackmac.mapping.stages import stages_of
from trackmac.mapping.weight_segments import Segment, repeats, track_segments
from trackmac.networks.shapes import LayerShape
from trackmac.technology import Technology


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductSchedule:
    """How one stage of dot products runs on one hardware; the fields are those of `DotProductPlan`.

    `segments` are those of a track, the same in each of its `periods`.
    """

    stage: DotProductStage
    slices: int
    words_per_slice: int
    ports: PortLayout
    layout: Layout
    segments: tuple[Segment, ...]
    periods: int
    filters_per_unit: int
    units: int
    replicas: int
    rounds: int
    waves: int
    active_units: int
    mats: int

    @property
    def results_at_once(self) -> int:
        """The units with a first slice, that finish a dot product at once."""
        return self.active_units // self.slices

    @property
    def groups_at_once(self) -> int:
        """The groups of a convolution that one copy's units work on at once."""
        return min(self.stage.dot.groups, self.units // self.slices)

    def groups_of_filters(self, numbers: IntArray) -> IntArray:
        """Return the groups whose activations filters take; the last one's where there is no such filter."""
        return np.minimum(numbers // self.stage.filters_per_group, self.stage.dot.groups - 1)

    @property
    def weights_stay(self) -> bool:
        """Whether the weights lie on the unit's own tracks for good."""
        return self.rounds == 0

    @property
    def bringing_mats(self) -> int:
        """Mats that work at once while the weights are brought."""
        return self.mats

    @property
    def times_brought(self) -> int:
        """How often each weight is brought for one image, where weights do not stay."""
        return 1

    @property
    def units_that_bring(self) -> int:
        """The units that work on bringing one filter's weights: each copy's writes them."""
        return self.replicas

    @property
    def sends(self) -> int:
        """How many units work on it one after another."""
        return 1

    @property
    def is_fetched(self) -> bool:
        """Whether weights that are brought come from off-chip memory."""
        return True

    @property
    def weight_traffic_bits(self) -> int:
        """Bits of weights that units receive or send for one image."""
        return 0 if self.weights_stay else self.stage.weight_bits * self.replicas

    def slot(self, turn: int) -> int:
        """Return where a unit's filter number `turn` lies among those that it holds at once."""
        return 0 if self.rounds else turn

    @property
    def filters_at_once(self) -> int:
        """The filters that a unit holds at once."""
        return 1 if self.rounds else self.filters_per_unit

    @property
    def filters_of_units(self) -> tuple[tuple[int, int], ...]:
        """How many units with the same slice take how many filters."""
        full, rest = divmod(self.stage.dot.channels_out, self.filters_per_unit)
        return (full, self.filters_per_unit), (1, rest)

    @property
    def is_by_rows(self) -> bool:
        """Whether a filter has its tracks to itself, words across them: then they lie row by row (`weight_rows`)."""
        return self.layout is Layout.ACROSS and self.filters_at_once == 1

    @property
    def period(self) -> tuple[Segment, ...]:
        """The segments of a track's first period."""
        return self.segments[: len(self.segments) // self.periods]

    @property
    def words_per_period(self) -> int:
        """Words of one period."""
        return sum(segment.words for segment in self.period)

    def slice_words(self, index: int) -> range:
        """Return the products of the dot product that slice `index` computes."""
        start = index * self.words_per_slice
        return range(start, min(start + self.words_per_slice, self.stage.dot_length))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputStationarySchedule(DotProductSchedule):
    """How one stage of dot products runs on one hardware whose weights come over wires; see `OutputStationaryPlan`."""

    is_stored: bool
    stored_slices: int
    stored_words: int
    stored_units: int
    sending_mats: int

    @property
    def weights_stay(self) -> bool:
        """Whether the weights lie on the unit's own tracks for good."""
        return False

    @property
    def is_by_rows(self) -> bool:
        """Whether filters lie row by row: they share the tracks that send them."""
        return False

    @property
    def bringing_mats(self) -> int:
        """Mats that work at once while the weights are brought."""
        return self.sending_mats

    @property
    def times_brought(self) -> int:
        """How often each weight is brought for one image: for every turn of pixels."""
        return self.waves // self.filters_per_unit

    @property
    def units_that_bring(self) -> int:
        """The units that work on bringing one filter's weights: one sends them to all."""
        return 1

    @property
    def sends(self) -> int:
        """How many units send one after another until all channels that are computed at once have a weight."""
        return -(-self.units // self.stored_units)

    @property
    def is_fetched(self) -> bool:
        """Whether the weights come from off-chip memory."""
        return not self.is_stored

    @property
    def weight_traffic_bits(self) -> int:
        """Bits of weights that units receive, one for each product, and that units of the chip send before."""
        received = self.stage.dot.outputs * self.stage.dot_length * self.stage.words.b.bits
        return received + (self.stage.weight_bits * self.times_brought if self.is_stored else 0)

    def slot(self, turn: int) -> int:
        """Return where a filter lies among those of the unit that sends it (`stored_filters`).

        Each starts a period of its own and is brought home, so that the programs move it as one in slot 0, which is
        what simulation does.
        """
        return 0

    def stored_slice(self, index: int) -> range:
        """Return the words of slice `index`, where the weights are stored."""
        start = index * self.stored_words
        return range(start, min(start + self.stored_words, self.stage.dot_length))


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSchedule:
    """How one stage of elements runs on one hardware."""

    stage: ElementStage
    waves: int
    active_units: int
    mats: int

    @property
    def results_at_once(self) -> int:
        """The units that finish an element at once."""
        return self.active_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Where every filter lives and how often each unit runs, for one network on one hardware."""

    hardware: Hardware
    stages: tuple[DotProductSchedule | ElementSchedule, ...]
    weight_bits: int

    def __str__(self) -> str:
        return self.table()

    def table(self) -> str:
        """Return the schedule as text: a line for each stage of where it runs, and one of what it moves."""
        from trackmac.mapping.schedule_table import schedule_table

        return schedule_table(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the schedule as plain data."""
        from trackmac.mapping.schedule_table import rows_of, shift_steps_of

        steps = shift_steps_of(self)
        return {
            "hardware": self.hardware.to_dict(),
            "weight_bits": self.weight_bits,
            "stages": [{**row.to_dict(), "operand_shift_steps": steps.get(row.name, 0)} for row in rows_of(self)],
        }


def schedule(shapes: Sequence[LayerShape], hardware: Hardware, technology: Technology) -> Schedule:
    """Map a network's layers to `hardware`.

    Raises:
        UnmappableError: the hardware cannot hold or run the network; the message says what stands in the way.
    """
    planned = plan(stages_of(shapes), grid_of([hardware], technology))
    refuse_obstacles(planned, hardware.name)
    return Schedule(
        hardware=hardware,
        stages=tuple(_entry(item, hardware) for item in planned.stages),
        weight_bits=int(planned.weight_bits[0]),
    )


def refuse_obstacles(planned: Plan, name: str, point: int = 0) -> None:
    """Refuse a plan whose `point` cannot run the network.

    Raises:
        UnmappableError: with the first obstacle in the way.
    """
    for obstacle in planned.obstacles:
        if obstacle.is_broken[point]:
            raise UnmappableError(f"{name}: {obstacle.message(point)}")


def _entry(item: DotProductPlan | ElementPlan, hardware: Hardware) -> DotProductSchedule | ElementSchedule:
    if isinstance(item, ElementPlan):
        return ElementSchedule(
            stage=item.stage, waves=int(item.waves[0]), active_units=int(item.active_units[0]), mats=int(item.mats[0])
        )
    if isinstance(item, OutputStationaryPlan):
        return OutputStationarySchedule(
            **_dot_products(item, hardware),
            is_stored=bool(item.is_stored[0]),
            stored_slices=int(item.stored_slices[0]),
            stored_words=int(item.stored_words[0]),
            stored_units=int(item.stored_units[0]),
            sending_mats=-(-int(item.senders[0]) // hardware.units_per_mat),
        )
    return DotProductSchedule(**_dot_products(item, hardware))


def _dot_products(item: DotProductPlan, hardware: Hardware) -> dict[str, Any]:
    """Return the fields that the schedules of both dataflows have."""
    stride = item.stage.words.b.bits if hardware.layout is Layout.ALONG else 1
    segments = track_segments(hardware.port_layout, stride)
    counts = ("slices", "words_per_slice", "filters_per_unit", "units", "replicas", "rounds", "waves", "active_units")
    return {
        "stage": item.stage,
        "ports": hardware.port_layout,
        "layout": hardware.layout,
        "segments": segments,
        "periods": max(repeats(segments), 1),
        **{name: int(getattr(item, name)[0]) for name in (*counts, "mats")},
    }
