"""Where the weights lie that come over wires to units which keep their outputs, and in which order they are sent.

The units that send hold them as one copy of a layer would that computes where its weights are: filters whole or in
slices, several in successive slots of a unit's tracks, a turn of pixels there being what a pixel is here. Filters are
dealt out to these units in the order in which they are needed: so those that are needed at once lie in as many units
as there are, and each unit sends its own slot by slot.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from trackmac.mapping.schedule import DotProductSchedule, OutputStationarySchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingSchedule(DotProductSchedule):
    """How the weights of a stage lie in `units` that send them, as those of one copy; `waves` counts the sending.

    Filters are computed in `filter_turns` turns, each for so many `pixels_at_once`. They are numbered in the order in
    which they are needed: n lies in slot n / senders of unit n mod senders of those with a first slice.
    """

    filter_turns: int
    pixels_at_once: int

    @property
    def is_by_rows(self) -> bool:
        """Whether filters lie row by row: they share the tracks that send them."""
        return False

    @property
    def senders(self) -> int:
        """Units that have the same slice."""
        return self.units // self.slices

    @property
    def times_brought(self) -> int:
        """How often each weight is sent for one image: for every turn of pixels."""
        return self.waves // self.filters_per_unit

    @property
    def filters_of_units(self) -> tuple[tuple[int, int], ...]:
        """How many units with the same slice have how many filters."""
        fewest, others = divmod(self.stage.dot.channels_out, self.senders)
        return (others, fewest + 1), (self.senders - others, fewest)

    @property
    def goes(self) -> Iterator[range]:
        """The filters that are sent at once, one from a unit, one go after another in a turn of pixels."""
        first = 0
        for turn in range(self.filter_turns):
            end = first + len(range(turn, self.stage.dot.channels_out, self.filter_turns))
            for start in range(first, end, self.senders):
                yield range(start, min(start + self.senders, end))
            first = end


def sender(entry: OutputStationarySchedule) -> SendingSchedule:
    """Return where the weights of a stage lie that the chip stores."""
    filters = -(-entry.stage.dot.channels_out // entry.stored_units)
    units = entry.stored_units * entry.stored_slices
    same = {field.name: getattr(entry, field.name) for field in fields(DotProductSchedule)}
    stored = {
        "slices": entry.stored_slices,
        "words_per_slice": entry.stored_words,
        "filters_per_unit": filters,
        "units": units,
        "active_units": units,
        "replicas": 1,
        "waves": filters * entry.times_brought,
        "mats": entry.sending_mats,
    }
    return SendingSchedule(**same | stored, filter_turns=entry.filters_per_unit, pixels_at_once=entry.replicas)
