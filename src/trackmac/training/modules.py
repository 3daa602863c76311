"""PyTorch modules of an architecture: in float with batch normalisation, and quantised by Brevitas without it.

Scales are powers of two, one for each tensor, so that requantisation is a shift. Layer names are those of the integer
network that `trackmac.training.export` makes: conv1, conv1_relu, conv1_pool, ..., flatten, linear1, ...
"""

from collections import OrderedDict

import brevitas.nn as qnn
import torch
from brevitas.core.function_wrapper.ops_ste import RoundSte
from brevitas.quant.fixed_point import (
    Int8WeightPerTensorFixedPoint,
    Uint8ActPerTensorFixedPoint,
    Uint8ActPerTensorFixedPointMaxInit,
)
from torch import Tensor, nn
from torch.nn.utils import parametrize

from trackmac.training.architecture import Architecture

LEAST_SCALE = 2.0**-14  # for tensors that are all zero, as behind units that have died; wide enough for sums in float32


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
    collect_stats_steps = 10
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


def float_module(architecture: Architecture) -> nn.Sequential:
    """Return the untrained float module, with batch normalisation before each ReLU."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels, height, width = architecture.input_shape
    for number, block in enumerate(architecture.blocks(), start=1):
        name = f"conv{number}"
        layers[name] = nn.Conv2d(channels, block.channels, block.kernel, padding=block.padding, bias=False)
        layers[f"{name}_norm"] = nn.BatchNorm2d(block.channels)
        layers[f"{name}_relu"] = nn.ReLU()
        height, width = (side + 2 * block.padding - block.kernel + 1 for side in (height, width))
        if block.has_pool:
            layers[f"{name}_pool"] = nn.MaxPool2d(2)
            height, width = height // 2, width // 2
        channels = block.channels
    layers["flatten"] = nn.Flatten()
    features = channels * height * width
    hidden_features = architecture.hidden_features()
    for number, hidden in enumerate(hidden_features, start=1):
        layers[f"linear{number}"] = nn.Linear(features, hidden, bias=False)
        layers[f"linear{number}_norm"] = nn.BatchNorm1d(hidden)
        layers[f"linear{number}_relu"] = nn.ReLU()
        features = hidden
    layers[f"linear{len(hidden_features) + 1}"] = nn.Linear(features, architecture.classes)
    return nn.Sequential(layers)


def quantized_module(trained: nn.Sequential, architecture: Architecture) -> nn.Sequential:
    """Return the Brevitas module that starts from the float module `trained`, its batch normalisation folded in."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["input"] = qnn.QuantIdentity(act_quant=InputQuantizer, bit_width=architecture.activation_bits)
    named = dict(trained.named_children())
    for name, layer in named.items():
        match layer:
            case nn.Conv2d() | nn.Linear():
                norm = named.get(f"{name}_norm")
                assert norm is None or isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d)
                layers[name] = _quantized_layer(layer, norm, architecture.weight_bits)
            case nn.ReLU():
                layers[name] = qnn.QuantReLU(act_quant=ActivationQuantizer, bit_width=architecture.activation_bits)
            case nn.MaxPool2d() | nn.Flatten():
                layers[name] = layer
    return nn.Sequential(layers)


def update_bias_grids(module: nn.Sequential) -> None:
    """Set each bias' grid to the scale of its accumulator: input scale * weight scale, as they are now."""
    was_training = module.training
    module.eval()
    with torch.no_grad():
        for layer in module:
            if isinstance(layer, qnn.QuantIdentity | qnn.QuantReLU):
                input_scale = layer.act_quant.scale()
            elif isinstance(layer, qnn.QuantConv2d | qnn.QuantLinear):
                grid = layer.parametrizations.bias[0]
                grid.step.copy_(input_scale * layer.quant_weight().scale)
    module.train(was_training)


def _quantized_layer(
    layer: nn.Conv2d | nn.Linear, norm: nn.BatchNorm1d | nn.BatchNorm2d | None, weight_bits: int
) -> nn.Module:
    quantized: nn.Module
    if isinstance(layer, nn.Conv2d):
        quantized = qnn.QuantConv2d(
            layer.in_channels,
            layer.out_channels,
            layer.kernel_size,
            padding=layer.padding,
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
