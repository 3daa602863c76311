"""Stages: the runs of layers that a macro unit does without its words leaving it."""

from collections.abc import Sequence
from dataclasses import dataclass

from trackmac.arrays import DotProductWords, Rescaling, Workload
from trackmac.bits import NumberFormat
from trackmac.errors import UnmappableError
from trackmac.networks.shapes import LayerShape

WEIGHTED = ("conv2d", "linear")
NOT_MAPPED = ("avg_pool2d", "clip", "add", "concat")


@dataclass(frozen=True, slots=True, kw_only=True)
class DotProductStage:
    """A convolution or linear layer and the ReLU and requantisation that follow it on the accumulator's track."""

    dot: LayerShape
    relu: LayerShape | None = None
    requantize: LayerShape | None = None

    @property
    def words(self) -> DotProductWords:
        """The formats of activation, weight and accumulator."""
        assert self.dot.weight_format is not None
        assert self.dot.accumulator_format is not None
        return DotProductWords(a=self.dot.input_format, b=self.dot.weight_format, c=self.dot.accumulator_format)

    @property
    def dot_length(self) -> int:
        """Products in one dot product."""
        assert self.dot.dot_length is not None
        return self.dot.dot_length

    @property
    def rescaling(self) -> Rescaling | None:
        """The requantisation at the stage's end, if there is one."""
        if self.requantize is None:
            return None
        assert self.requantize.shift is not None
        return Rescaling(c=self.words.c, shift=self.requantize.shift, output=self.requantize.output_format)

    @property
    def output_format(self) -> NumberFormat:
        """What leaves the unit: the requantised word, or the accumulator."""
        return self.words.c if self.requantize is None else self.requantize.output_format


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStage:
    """A max-pooling layer: every unit of the chip takes output elements in turn."""

    pool: LayerShape

    @property
    def window(self) -> int:
        """Elements of one window."""
        assert self.pool.window is not None
        return self.pool.window[0] * self.pool.window[1]


Stage = DotProductStage | PoolStage


def stages_of(shapes: Sequence[LayerShape]) -> tuple[Stage, ...]:
    """Group the layers of a network into stages.

    Raises:
        UnmappableError: a kind of layer that no stage runs, or a ReLU or requantisation that does not follow a
            convolution or linear layer directly.
    """
    stages: list[Stage] = []
    for shape in shapes:
        _refuse_unmapped(shape)
        last = stages[-1] if stages else None
        if shape.kind in WEIGHTED:
            stages.append(DotProductStage(dot=shape))
        elif shape.kind == "max_pool2d":
            stages.append(PoolStage(pool=shape))
        elif shape.kind == "relu" and isinstance(last, DotProductStage) and last.requantize is last.relu is None:
            stages[-1] = DotProductStage(dot=last.dot, relu=shape)
        elif shape.kind == "requantize" and isinstance(last, DotProductStage) and last.requantize is None:
            stages[-1] = DotProductStage(dot=last.dot, relu=last.relu, requantize=shape)
        elif shape.kind != "flatten":
            raise UnmappableError(
                f"layer {shape.name}: a {shape.kind} runs on the accumulator of a convolution or linear layer, "
                "relu before requantize, but it follows something else; reorder the layers"
            )
    if not any(isinstance(stage, DotProductStage) for stage in stages):
        raise UnmappableError(
            "a network needs a convolution or linear layer to be mapped, but this one has none; add one"
        )
    return tuple(stages)


def _refuse_unmapped(shape: LayerShape) -> None:
    if shape.kind in NOT_MAPPED:
        reason = f"{shape.kind} layers do not run on tracks yet"
    elif shape.groups > 1:
        reason = f"a convolution in {shape.groups} groups does not run on tracks yet"
    elif shape.kind == "requantize" and (set(shape.multipliers) != {1} or shape.zero_point or shape.input_zero_point):
        reason = "requantisation by a multiplier or with a zero point does not run on tracks yet"
    else:
        return
    raise UnmappableError(f"layer {shape.name}: {reason}; choose another network")


def workload_of(stages: Sequence[Stage]) -> Workload:
    """Return every kind of work that the stages ask of a unit, each once."""
    dots = [stage for stage in stages if isinstance(stage, DotProductStage)]
    pools = [stage for stage in stages if isinstance(stage, PoolStage)]
    rescalings = (stage.rescaling for stage in dots)
    return Workload(
        dot_products=tuple(dict.fromkeys(stage.words for stage in dots)),
        rectified=tuple(dict.fromkeys(stage.words.c for stage in dots if stage.relu is not None)),
        rescalings=tuple(dict.fromkeys(item for item in rescalings if item is not None)),
        pooled=tuple(dict.fromkeys(stage.pool.output_format for stage in pools)),
    )
