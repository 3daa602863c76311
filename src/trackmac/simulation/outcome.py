"""What a simulation returns."""

from collections.abc import Mapping
from dataclasses import dataclass

from trackmac.bits import IntArray
from trackmac.cost import Activity, Event


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CircuitResult:
    """The results of a circuit in all lanes, int64 [lanes], and what happened in one of them."""

    values: IntArray
    activity: Activity
    lanes: int

    @property
    def events(self) -> Mapping[Event, int]:
        """How often each event happened, in all lanes together."""
        return self.activity.in_parallel(self.lanes).events
