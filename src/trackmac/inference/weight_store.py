"""Weights that lie on tracks of the chip and are sent to the units that compute with them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trackmac.bits import IntArray
from trackmac.cost import Activity, total
from trackmac.inference.lanes import LaneGroups
from trackmac.inference.programs import weight_move, weight_sending
from trackmac.inference.unit_tracks import UnitTracks
from trackmac.mapping import WeightSegment, segments_of
from trackmac.simulation import Machine


class WeightStore:
    """Filters `weights` [filters, words] on weight tracks, a lane for each; all lie alike, wherever their units are.

    `slices` are the words that lie in one unit each, one slice after another.
    """

    def __init__(self, tracks: UnitTracks, weights: NDArray[np.integer], slices: Sequence[range]) -> None:
        self._slices = [_StoredSlice(tracks, weights[:, words.start : words.stop]) for words in slices]

    @property
    def activity(self) -> Activity:
        """What the units of one filter did so far."""
        return total(stored.activity for stored in self._slices)

    def sent(self) -> IntArray:
        """Sense and send all words, one after another: int64 [words, filters]."""
        return np.concatenate([stored.sent() for stored in self._slices])


class _StoredSlice:
    """One slice of every filter."""

    def __init__(self, tracks: UnitTracks, weights: NDArray[np.integer]) -> None:
        self._tracks, self._word = tracks, tracks.entry.stage.words.b
        self._filters, words = weights.shape
        groups = LaneGroups(units=self._filters, columns=1)
        self._machine = Machine(groups.lanes, tracks.weight_geometries(words))
        self._by_unit = groups.by_unit
        self._segments = segments_of(tracks.entry, 0, words)
        for segment in self._segments:
            own = weights[:, segment.words.start : segment.words.stop].T
            self._machine.store(tracks.weight_places(segment), groups.constant(own, self._word.bits))

    @property
    def activity(self) -> Activity:
        return self._machine.activity

    def sent(self) -> IntArray:
        words = [word for segment in self._segments for word in self._walk(segment)]
        return np.stack(words)

    def _walk(self, segment: WeightSegment) -> list[NDArray[np.integer]]:
        """Send the words of a segment, out from home and back."""
        sent: list[NDArray[np.integer]] = []
        self._move(segment, -segment.place.lead)
        for word in segment.words:
            if word != segment.words.start:
                self._move(segment, 1)
            circuit = weight_sending(self._word, self._tracks.layout)
            binding, ports = self._tracks.weight_binding(segment), self._tracks.weight_ports(segment)
            sent.append(self._by_unit(self._machine.execute(circuit, binding=binding, ports=ports)["word"])[:, 0])
        self._move(segment, -segment.home_distance(self._word, self._tracks.layout))
        return sent

    def _move(self, segment: WeightSegment, domains: int) -> None:
        if domains:
            circuit = weight_move(self._word, domains, self._tracks.layout)
            binding, ports = self._tracks.weight_binding(segment), self._tracks.weight_ports(segment)
            self._machine.execute(circuit, binding=binding, ports=ports)
