"""The units that keep one output each, on one simulated machine: activations and weights come over wires."""

import numpy as np

from trackmac.bits import IntArray
from trackmac.cost import NOTHING, Activity
from trackmac.inference.engines import Engine
from trackmac.inference.programs import Program, output_programs
from trackmac.inference.slice_units import SliceUnits
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.inference.weight_store import WeightStore
from trackmac.inference.work import Meter
from trackmac.mapping import OutputStationarySchedule
from trackmac.simulation.lockstep import BoundCircuit
from trackmac.simulation.packing import WordArray


class OutputUnits(SliceUnits):
    """Units at work on one output each in every lane: the channels of unit `u` in turn, at the pixel of its column."""

    def __init__(self, tracks: UnitTracks, index: int, weights: IntArray, columns: int, engine: Engine) -> None:
        super().__init__(tracks, index, weights, columns, engine)
        self._of_output = output_programs(tracks.hardware.circuit, tracks.layout, tracks.entry.stage.words)
        if self._of_output.ready_weight is not None:
            self.run(self._of_output.ready_weight)
        self.meter = Meter(self.machine)
        self._arrived = np.zeros((len(self.products), self.groups.units), dtype=np.int64)

    def load(self, turn: int) -> Activity:
        """Have the weights of every unit's channel number `turn` sent; return what sending one channel's took."""
        entry = self._tracks.entry
        assert isinstance(entry, OutputStationarySchedule)
        own = self._weights[turn :: entry.filters_per_unit]
        self._arrived[:] = 0
        if not entry.is_stored:
            self._arrived[:, : len(own)] = own.T
            return NOTHING
        slices = [entry.stored_slice(index) for index in range(entry.stored_slices)]
        store = WeightStore(self._tracks, own, slices)
        self._arrived[:, : len(own)] = store.sent()
        return store.activity

    def accumulate(self, turn: int, start: IntArray, activations: WordArray) -> None:
        """Compute every unit's output of its channel number `turn`; see `SliceUnits.accumulate`."""
        words, groups = self._tracks.entry.stage.words, self.groups_of_units(turn)
        self.run(self.programs.load_accumulator, self.groups.constant(start[np.newaxis], words.c.bits))
        self.machine.repeat(
            [
                (self._bound(self.programs.load_activation), {"word": self.groups.spread(activations, groups)}),
                (
                    self._bound(self._of_output.load_weight),
                    {"word": self.groups.constants(self._arrived, words.b.bits)},
                ),
                (self._bound(self._of_output.mac), {}),
            ],
            [{}] * len(self._arrived),
        )

    def _bound(self, program: Program) -> BoundCircuit:
        return self.machine.bound(program.circuit, program.binding)


def units_of(tracks: UnitTracks, index: int, weights: IntArray, columns: int, engine: Engine) -> SliceUnits:
    """Return the units that compute slice `index` of a layer with these weights, [channels, products]."""
    is_kept = isinstance(tracks.entry, OutputStationarySchedule)
    return (OutputUnits if is_kept else SliceUnits)(tracks, index, weights, columns, engine)
