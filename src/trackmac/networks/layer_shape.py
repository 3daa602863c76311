"""What one layer does to one image, in numbers: all that a cost model needs, without the weights."""

from dataclasses import dataclass

from trackmac.bits import NumberFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerShape:
    """What one layer does to one image, in numbers; None where a field does not apply to the kind of layer."""

    name: str
    kind: str
    """conv2d, linear, max_pool2d, avg_pool2d, relu, clip, add, concat, requantize or flatten."""
    input_shape: tuple[int, ...]
    """Of the first input."""
    output_shape: tuple[int, ...]
    macs: int
    """Multiply-accumulates for one image, positions in the padding counted; 0 where there are no weights."""
    dot_length: int | None
    """Products summed into one output: C_in / groups * kernel height * kernel width."""
    outputs: int
    """Output elements for one image: `pixels` * `channels_out`."""
    pixels: int
    channels_out: int
    parameters: int
    """Weights and biases; 0 where there are none."""
    input_format: NumberFormat
    """Of the first input."""
    weight_format: NumberFormat | None
    output_format: NumberFormat
    accumulator_format: NumberFormat | None
    """Holds every partial sum of a conv2d, linear, avg_pool2d or add layer, in any order, for any input."""
    shift: int | None
    """Of a requantize layer."""
    window: tuple[int, int] | None
    """Height and width of the window of a max_pool2d or avg_pool2d layer."""
    inputs: tuple[str, ...] = ()
    """Names of the layers that it reads, `input` being the network's input."""
    groups: int = 1
    """Of a conv2d layer: `groups` == C_in == C_out is a depthwise one."""
    multipliers: tuple[int, ...] = (1,)
    """Of a requantize layer, one or one for each channel, or of an add layer, one for each input."""
    input_zero_point: int = 0
    zero_point: int = 0
    """Of a requantize layer."""
    bounds: tuple[int, int] | None = None
    """Of a clip layer: the least and the greatest code."""

    def __hash__(self) -> int:
        """Return a hash of a few fields: shapes are looked up by the hundred at every hardware point."""
        return hash((self.name, self.outputs, self.macs, self.output_format.bits))


@dataclass(frozen=True, slots=True)
class FeatureMap:
    """What flows between layers: [channels, height, width] or [features], of one format."""

    shape: tuple[int, ...]
    number_format: NumberFormat
