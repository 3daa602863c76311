"""Groups a network's layers into stages, and says what they ask of a unit."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from trackmac.arrays import Clipping, Sum, Workload
from trackmac.bits import NumberFormat
from trackmac.errors import UnmappableError
from trackmac.mapping.stage import REWRITING, DotProductStage, ElementStage, Stage, StoredMap
from trackmac.networks.layers import INPUT
from trackmac.networks.shapes import LayerShape

WEIGHTED = ("conv2d", "linear")
ADDRESSES = ("flatten", "concat")
"""Layers that only say where words lie in the buffer: a reader takes them from there, so that they cost nothing."""


def stages_of(shapes: Sequence[LayerShape]) -> tuple[Stage, ...]:
    """Group the layers of a network into stages, in the network's order; each reads what stages before it left.

    A layer that rewrites words runs in the stage whose result it alone reads, up to a requantisation; else it is a
    stage of its own. A layer that names no inputs reads the layer before it.

    Raises:
        UnmappableError: there is no convolution or linear layer at all.
    """
    return _stages_of(tuple(shapes))


@lru_cache(maxsize=64)
def _stages_of(shapes: tuple[LayerShape, ...]) -> tuple[Stage, ...]:
    grouping = _Grouping(shapes)
    for shape, sources in grouping.wired:
        grouping.add(shape, sources)
    if not any(isinstance(stage, DotProductStage) for stage in grouping.stages):
        raise UnmappableError(
            "a network needs a convolution or linear layer to be mapped, but this one has none; add one"
        )
    return grouping.finished


class _Grouping:
    """The stages so far; `_stored` names for each layer the maps that hold its output, `_ends` the stage it ends."""

    def __init__(self, shapes: Sequence[LayerShape]) -> None:
        names = [INPUT, *(shape.name for shape in shapes)]
        self.wired = [(shape, shape.inputs or (before,)) for shape, before in zip(shapes, names, strict=False)]
        self.stages: list[Stage] = []
        self._readers = Counter(source for _, sources in self.wired for source in sources)
        self._ends: dict[str, int] = {}
        first = shapes[0]
        self._formats: dict[str, NumberFormat] = {INPUT: first.input_format}
        image = StoredMap(INPUT, math.prod(first.input_shape) * first.input_format.bits)
        self._stored: dict[str, tuple[StoredMap, ...]] = {INPUT: (image,)}

    def add(self, shape: LayerShape, sources: tuple[str, ...]) -> None:
        """Put the next layer where it runs."""
        self._formats[shape.name] = shape.output_format
        maps = tuple(item for source in sources for item in self._stored[source])
        if shape.kind in ADDRESSES:
            self._stored[shape.name] = maps
            return
        number = self._ends.pop(sources[0], None) if shape.kind in REWRITING else None
        if number is not None and self._is_continued(sources[0], number):
            self.stages[number] = replace(self.stages[number], then=(*self.stages[number].then, shape))
        else:
            number = len(self.stages)
            self.stages.append(_new_stage(shape, maps, [self._formats[source] for source in sources]))
        self._ends[shape.name] = number
        self._stored[shape.name] = (self.stages[number].output,)

    @property
    def finished(self) -> tuple[Stage, ...]:
        """All stages, the last of which knows what the network leaves: the maps that its last layer names."""
        results = self._stored[self.wired[-1][0].name]
        return (*self.stages[:-1], replace(self.stages[-1], results=results))

    def _is_continued(self, source: str, number: int) -> bool:
        return self._readers[source] == 1 and self.stages[number].requantize is None


def _new_stage(shape: LayerShape, inputs: tuple[StoredMap, ...], formats: Sequence[NumberFormat]) -> Stage:
    if shape.kind in WEIGHTED:
        return DotProductStage(dot=shape, inputs=inputs)
    words = 1 if shape.window is None else math.prod(shape.window)
    then = (shape,) if shape.kind in REWRITING else ()
    return ElementStage(head=shape, operands=tuple(formats) * words, then=then, inputs=inputs)


def workload_of(stages: Sequence[Stage]) -> Workload:
    """Return every kind of work that the stages ask of a unit, each once."""
    dots = [stage for stage in stages if isinstance(stage, DotProductStage)]
    elements = [stage for stage in stages if isinstance(stage, ElementStage)]
    rescalings = (stage.rescaling for stage in stages)
    return Workload(
        dot_products=tuple(dict.fromkeys(stage.words for stage in dots)),
        rectified=tuple(dict.fromkeys(stage.c for stage in stages if _has(stage, "relu"))),
        clipped=tuple(dict.fromkeys(_clippings(stages))),
        rescalings=tuple(dict.fromkeys(item for item in rescalings if item is not None)),
        pooled=tuple(dict.fromkeys(stage.c for stage in elements if stage.head.kind == "max_pool2d")),
        started=tuple(dict.fromkeys(stage.start for stage in elements if stage.is_sum)),
        summed=tuple(dict.fromkeys(_sums(elements))),
        rewritten=tuple(dict.fromkeys(stage.c for stage in elements if len(stage.operands) == 1)),
    )


def _sums(stages: Sequence[ElementStage]) -> Iterator[Sum]:
    for stage in stages:
        if stage.is_sum:
            yield from (Sum(x=join.word, c=stage.c, times=join.times) for join in stage.joins)


def _clippings(stages: Sequence[Stage]) -> Iterator[Clipping]:
    for stage in stages:
        for layer in stage.in_place:
            if layer.bounds is not None:
                yield Clipping(c=stage.c, low=layer.bounds[0], high=layer.bounds[1])


def _has(stage: Stage, kind: str) -> bool:
    return any(layer.kind == kind for layer in stage.in_place)


def buffered_bits(stages: Sequence[Stage]) -> tuple[int, ...]:
    """Return for each stage the bits in the buffer while it runs: its inputs and outputs, and what is read later.

    The network's results stay, whoever has read them, and so does what nothing reads.
    """
    uses: dict[str, int] = {}
    for number, stage in enumerate(stages):
        uses |= {item.name: number for item in stage.inputs}
    uses |= {item.name: len(stages) for stage in stages for item in stage.results}
    held: dict[str, int] = {}
    result: list[int] = []
    for number, stage in enumerate(stages):
        held |= {item.name: item.bits for item in stage.inputs} | {stage.output.name: stage.output.bits}
        result.append(sum(held.values()))
        held = {name: bits for name, bits in held.items() if uses.get(name, len(stages)) > number}
    return tuple(result)


def constant_bits(stages: Sequence[Stage]) -> int:
    """Return the bits that the buffer keeps for every image: biases, as wide as accumulators, and multipliers."""
    biases = sum(stage.dot.channels_out * stage.c.bits for stage in stages if isinstance(stage, DotProductStage))
    return biases + sum(stage.multiplier_bits for stage in stages)
