"""PyTorch modules of an architecture: in float with batch normalisation, and quantised by Brevitas without it.

Scales are powers of two, one for each tensor, so that requantisation is a shift. Steps are named by their blocks: conv1
is a block's convolution, conv1_norm its normalisation, conv1_relu its ReLU or conv1_quantize its quantiser without one.
"""

import brevitas.nn as qnn
import torch
from brevitas.core.function_wrapper.ops_ste import RoundSte
from brevitas.quant.fixed_point import (
    Int8ActPerTensorFixedPoint,
    Int8WeightPerTensorFixedPoint,
    Uint8ActPerTensorFixedPoint,
    Uint8ActPerTensorFixedPointMaxInit,
)
from torch import Tensor, nn
from torch.nn.utils import parametrize

from trackmac.networks.blueprint import (
    AverageBlock,
    Block,
    Blueprint,
    ConvBlock,
    FlattenBlock,
    LinearBlock,
    MaxPoolBlock,
    SumBlock,
)
from trackmac.networks.layers import INPUT
from trackmac.training.architecture import Architecture
from trackmac.training.graph_module import GlobalAverage, GraphModule, Sum

LEAST_SCALE = 2.0**-14  # for tensors that are all zero, as behind units that have died; wide enough for sums in float32
COLLECTING_STEPS = 10  # batches from which the scales of activations start
FLOAT_BITS = 24  # of the whole numbers that float32 holds
QUANTIZED_INPUT = "image_quantize"


class InputQuantizer(Uint8ActPerTensorFixedPointMaxInit):  # type: ignore[misc]
    """Images in 0..1 at the constant scale 2^-bits."""

    scaling_impl_type = "const"
    max_val = 1.0


class WeightQuantizer(Int8WeightPerTensorFixedPoint):  # type: ignore[misc]
    """Signed, narrow range; the power of two nearest to the greatest weight (Brevitas' own: the next above it).

    Nearest loses the tips of the range and gains up to one bit for the rest, which matters at 2 and 3 bits.
    """

    restrict_value_float_to_int_impl = RoundSte
    scaling_min_val = LEAST_SCALE


class ActivationQuantizer(Uint8ActPerTensorFixedPoint):  # type: ignore[misc]
    """Unsigned, after ReLU; the scale starts from the first batches and is learned from there on."""

    restrict_value_float_to_int_impl = RoundSte
    collect_stats_steps = COLLECTING_STEPS
    scaling_min_val = LEAST_SCALE


class SignedActivationQuantizer(Int8ActPerTensorFixedPoint):  # type: ignore[misc]
    """Signed, where no ReLU is; otherwise as `ActivationQuantizer`."""

    restrict_value_float_to_int_impl = RoundSte
    collect_stats_steps = COLLECTING_STEPS
    scaling_min_val = LEAST_SCALE


class BiasGrid(nn.Module):
    """Rounds a bias to the scale of its accumulator, `step`; gradients pass straight through."""

    step: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("step", torch.tensor(0.0))

    def forward(self, bias: Tensor) -> Tensor:
        """Return `bias` on the grid; as it is while no step is known."""
        if self.step == 0:
            return bias
        return bias + (torch.round(bias / self.step) * self.step - bias).detach()


def float_module(architecture: Architecture) -> GraphModule:
    """Return the untrained float module, with batch normalisation before each ReLU."""
    blueprint = architecture.blueprint()
    module = GraphModule()
    ends = {INPUT: INPUT}
    for block in blueprint.blocks:
        sources = [ends[source] for source in block.sources]
        if isinstance(block, ConvBlock | LinearBlock):
            end = _append_weighted(module, block, blueprint.weights_shape(block), sources[0])
        else:
            end = _append_unweighted(module, block, blueprint, architecture.activation_bits, sources)
        is_rectified = isinstance(block, ConvBlock | LinearBlock | SumBlock) and block.name in blueprint.rectified
        ends[block.name] = module.append(f"{block.name}_relu", nn.ReLU(), end) if is_rectified else end
    return module


def quantized_module(trained: GraphModule, architecture: Architecture) -> GraphModule:
    """Return the Brevitas module that starts from the float module `trained`, its batch normalisation folded in."""
    blueprint = architecture.blueprint()
    module = GraphModule()
    bits = architecture.activation_bits
    begin = qnn.QuantIdentity(act_quant=InputQuantizer, bit_width=bits)
    ends = {INPUT: module.append(QUANTIZED_INPUT, begin, INPUT)}
    for block in blueprint.blocks:
        sources = [ends[source] for source in block.sources]
        if isinstance(block, ConvBlock | LinearBlock):
            padded = _append_padding(module, block, sources[0])
            norm = dict(trained.steps.items()).get(f"{block.name}_norm")
            layer = _quantized_layer(trained.steps[block.name], norm, architecture.weight_bits)
            end = module.append(block.name, layer, padded)
        else:
            end = _append_unweighted(module, block, blueprint, bits, sources)
        ends[block.name] = _append_quantizer(module, block, blueprint, bits, end)
    return module


def update_bias_grids(module: GraphModule) -> None:
    """Set each bias' grid to the scale of its accumulator: input scale * weight scale, as they are now."""
    was_training = module.training
    module.eval()
    scales: dict[str, Tensor] = {}
    with torch.no_grad():
        for name, step in module.steps.items():
            source = module.sources[name][0]
            if isinstance(step, qnn.QuantIdentity | qnn.QuantReLU):
                scales[name] = step.act_quant.scale()
            elif isinstance(step, qnn.QuantConv2d | qnn.QuantLinear):
                grid = step.parametrizations.bias[0]
                grid.step.copy_(scales[source] * step.quant_weight().scale)
            elif source in scales:
                scales[name] = scales[source]
    module.train(was_training)


def average_factor(elements: int, activation_bits: int) -> tuple[int, int]:
    """Return multiplier and shift that divide a sum of `elements` codes, every product exact in float32."""
    if elements & (elements - 1) == 0:
        return 1, elements.bit_length() - 1
    shift = FLOAT_BITS - activation_bits - 1
    multiplier = round((1 << shift) / elements)
    common = (multiplier & -multiplier).bit_length() - 1
    return multiplier >> common, shift - common


def _append_weighted(module: GraphModule, block: ConvBlock | LinearBlock, shape: tuple[int, ...], source: str) -> str:
    """Append convolution or linear layer, and normalisation unless it is the last one; return the end."""
    if isinstance(block, ConvBlock):
        padded = _append_padding(module, block, source)
        conv = nn.Conv2d(
            shape[1] * block.groups,
            block.channels,
            block.kernel,
            stride=block.stride,
            padding=_torch_padding(block),
            groups=block.groups,
            bias=False,
        )
        end = module.append(block.name, conv, padded)
        return module.append(f"{block.name}_norm", nn.BatchNorm2d(block.channels), end)
    end = module.append(block.name, nn.Linear(shape[1], block.features, bias=block.is_last), source)
    return end if block.is_last else module.append(f"{block.name}_norm", nn.BatchNorm1d(block.features), end)


def _append_unweighted(
    module: GraphModule, block: Block, blueprint: Blueprint, activation_bits: int, sources: list[str]
) -> str:
    step: nn.Module
    match block:
        case MaxPoolBlock():
            step = nn.MaxPool2d(block.kernel, block.stride, block.padding)
        case SumBlock():
            step = Sum()
        case AverageBlock():
            height, width = blueprint.shapes[block.sources[0]][1:]
            multiplier, shift = average_factor(height * width, activation_bits)
            step = GlobalAverage(multiplier * 2.0**-shift)
        case _:
            step = nn.Flatten()
    return module.append(block.name, step, *sources)


def _append_quantizer(module: GraphModule, block: Block, blueprint: Blueprint, bits: int, end: str) -> str:
    """Append what makes codes of a block's sums, with ReLU where the block has one."""
    if isinstance(block, MaxPoolBlock | FlattenBlock) or block == blueprint.blocks[-1]:
        return end
    is_rectified = block.name in blueprint.rectified
    if is_rectified and not isinstance(block, AverageBlock):
        return module.append(f"{block.name}_relu", qnn.QuantReLU(act_quant=ActivationQuantizer, bit_width=bits), end)
    quantizer = ActivationQuantizer if is_rectified else SignedActivationQuantizer
    return module.append(f"{block.name}_quantize", qnn.QuantIdentity(act_quant=quantizer, bit_width=bits), end)


def _append_padding(module: GraphModule, block: Block, source: str) -> str:
    """Append zeros around a map where they are not the same on opposite sides."""
    if not isinstance(block, ConvBlock) or _is_even(block):
        return source
    top, left, bottom, right = block.padding
    return module.append(f"{block.name}_pad", nn.ZeroPad2d((left, right, top, bottom)), source)


def _torch_padding(block: ConvBlock) -> tuple[int, int]:
    """Return what the convolution itself pads: rows and columns on both sides."""
    return (block.padding[0], block.padding[1]) if _is_even(block) else (0, 0)


def _is_even(block: ConvBlock) -> bool:
    return block.padding[:2] == block.padding[2:]


def _quantized_layer(layer: nn.Module, norm: nn.Module | None, weight_bits: int) -> nn.Module:
    assert isinstance(layer, nn.Conv2d | nn.Linear)
    assert norm is None or isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
    quantized: nn.Module
    if isinstance(layer, nn.Conv2d):
        quantized = qnn.QuantConv2d(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size,
            stride=layer.stride,
            padding=layer.padding,
            groups=layer.groups,
            bias=True,
            weight_quant=WeightQuantizer,
            weight_bit_width=weight_bits,
        )
    else:
        quantized = qnn.QuantLinear(
            layer.in_features,
            layer.out_features,
            bias=True,
            weight_quant=WeightQuantizer,
            weight_bit_width=weight_bits,
        )
    weight, bias = _folded(layer, norm)
    with torch.no_grad():
        quantized.get_parameter("weight").copy_(weight)
        quantized.get_parameter("bias").copy_(bias)
    parametrize.register_parametrization(quantized, "bias", BiasGrid())
    return quantized


def _folded(layer: nn.Conv2d | nn.Linear, norm: nn.BatchNorm1d | nn.BatchNorm2d | None) -> tuple[Tensor, Tensor]:
    """Fold y = (x - mean) / sqrt(var + eps) * gain + offset into weight and bias."""
    if norm is None:
        assert layer.bias is not None
        return layer.weight, layer.bias
    assert norm.running_mean is not None
    assert norm.running_var is not None
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    per_channel = gain.reshape(-1, *[1] * (layer.weight.ndim - 1))
    return layer.weight * per_channel, norm.bias - norm.running_mean * gain
