"""The tracks of a macro unit at work: where activation, product and accumulator lie, and where every weight lives."""

from dataclasses import dataclass
from functools import lru_cache

from trackmac.arrays import Hardware
from trackmac.arrays.ports import Operation
from trackmac.arrays.reach import static_displacements, static_overhead
from trackmac.circuits import Layout
from trackmac.circuits.circuit import Place
from trackmac.inference.programs import DotProductPrograms, RewritingPrograms, dot_product_programs, rewriting_programs
from trackmac.inference.work_tracks import rewritten_words, word_tracks, work_tracks
from trackmac.mapping import DotProductSchedule, OutputStationarySchedule, WeightSegment, segments_of
from trackmac.simulation import TrackGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTracks:
    """The tracks that one stage of dot products uses in a unit."""

    hardware: Hardware
    entry: DotProductSchedule

    @property
    def programs(self) -> DotProductPrograms:
        """What the unit runs."""
        return dot_product_programs(self.hardware.circuit, self.layout, self.entry.stage.words)

    @property
    def rewriting(self) -> RewritingPrograms:
        """What the unit runs on a finished dot product."""
        stage = self.entry.stage
        return rewriting_programs(self.layout, stage.c, stage.rescaling, stage.words.a)

    @property
    def layout(self) -> Layout:
        """Whether words lie along or across tracks."""
        return self.hardware.layout

    def geometries(self, products: int) -> dict[str, TrackGeometry]:
        """Return all tracks that a unit uses for slices of so many words: work tracks, and those of its weights."""
        formats = self.entry.stage.words
        words = rewritten_words(self.entry.stage)
        words["a"], words["product"] = max(formats.a.bits, words["a"]), max(formats.c.bits, words["product"])
        tracks = work_tracks(words, self.layout)
        tracks |= dict.fromkeys(self.programs.mac_carries, TrackGeometry(domains=1, overhead=0))
        if isinstance(self.entry, OutputStationarySchedule):
            return tracks | work_tracks({"b": formats.b.bits}, self.layout)
        return tracks | self.weight_geometries(products)

    def weight_geometries(self, products: int) -> dict[str, TrackGeometry]:
        """Return the weight tracks that slices of so many words take, of all filters that a unit holds at once."""
        spare = static_overhead(self.hardware.port_layout)
        weights = TrackGeometry(self.hardware.domains, self._ports, overhead=spare.ahead, behind=spare.behind)
        groups = 1 + segments_of(self.entry, self.entry.filters_at_once - 1, products)[-1].group
        names = (name for group in range(groups) for name in self._weight_tracks(group))
        return dict.fromkeys(names, weights)

    @property
    def _ports(self) -> tuple[int, ...]:
        """Where the ports of a weight track stand."""
        return tuple(port.position for port in self.hardware.port_layout.ports)

    def _weight_tracks(self, group: int) -> tuple[str, ...]:
        return word_tracks(f"b{group}_", self.entry.stage.words.b.bits, self.layout)

    def weight_binding(self, segment: WeightSegment) -> dict[str, str]:
        """Return which tracks stand for a circuit's weight `b`."""
        bits = self.entry.stage.words.b.bits
        return dict(zip(word_tracks("b", bits, self.layout), self._weight_tracks(segment.group), strict=True))

    def weight_ports(self, segment: WeightSegment) -> dict[str, int]:
        """Return the number of each weight track's port that reads the segment."""
        return dict.fromkeys(self._weight_tracks(segment.group), self._ports.index(segment.place.port))

    def write_ports(self, segment: WeightSegment, domain: int) -> dict[str, int]:
        """Return the number of each of the segment's weight tracks' port that writes `domain`."""
        port = domain - self.writing_displacement(domain)
        assert port in self.hardware.port_layout.positions(Operation.WRITE)
        return dict.fromkeys(self._weight_tracks(segment.group), self._ports.index(port))

    def writing_displacement(self, domain: int) -> int:
        """Return how far a weight track is displaced while `domain` is written."""
        return int(static_displacements(self.hardware.port_layout, Operation.WRITE)[domain])

    def weight_places(self, segment: WeightSegment) -> tuple[Place, ...]:
        """Return where the bits of the segment's words lie, word by word."""
        words, bits = len(segment.words), self.entry.stage.words.b.bits
        return _weight_places(self._weight_tracks(segment.group), segment.place.first_domain, words, bits)


@lru_cache(maxsize=4096)
def _weight_places(tracks: tuple[str, ...], first: int, words: int, bits: int) -> tuple[Place, ...]:
    """Return where the bits of words lie from a domain on: each along the one track, or one on each track."""
    if len(tracks) == 1:
        return tuple(Place(tracks[0], first + domain) for domain in range(words * bits))
    return tuple(Place(track, first + word) for word in range(words) for track in tracks)
