"""From a trained Brevitas module to the integer network that computes the same, to the last bit."""

import math
from typing import Any

import brevitas.nn as qnn
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize
from trackmac.training.architecture import Architecture

IMAGES_AT_ONCE = 512


def export_network(module: nn.Sequential, architecture: Architecture) -> IntegerNetwork:
    """Return the integer network of a module that `trackmac.training.modules.quantized_module` made.

    Raises:
        UnsupportedNetworkError: a scale is not a power of two, or a weight not a whole number of steps.
    """
    module.eval()
    layers: list[Layer] = []
    exponent = input_exponent = -architecture.activation_bits
    with torch.no_grad():
        for name, layer in module.named_children():
            match layer:
                case qnn.QuantIdentity():
                    exponent = input_exponent = _exponent(layer.act_quant.scale(), name)
                case qnn.QuantConv2d() | qnn.QuantLinear():
                    weighted = _weighted_layer(name, layer, exponent, architecture.weight_bits)
                    layers.append(weighted)
                    exponent += weighted.weight_exponent
                case qnn.QuantReLU():
                    output_exponent = _exponent(layer.act_quant.scale(), name)
                    output_format = NumberFormat(architecture.activation_bits, is_signed=False)
                    shift = output_exponent - exponent
                    stem = name.removesuffix("_relu")
                    layers.append(ReLU(name=name))
                    layers.append(Requantize(name=f"{stem}_requantize", shift=shift, output_format=output_format))
                    exponent = output_exponent
                case nn.MaxPool2d():
                    layers.append(MaxPool2d(name=name, kernel=(2, 2), stride=(2, 2)))
                case nn.Flatten():
                    layers.append(Flatten(name=name))
    return IntegerNetwork(
        name=architecture.name,
        input_shape=architecture.input_shape,
        input_format=NumberFormat(architecture.activation_bits, is_signed=False),
        input_exponent=input_exponent,
        layers=tuple(layers),
        classes=architecture.classes,
        is_trained=True,
    )


def export_difference(module: nn.Sequential, network: IntegerNetwork, images: NDArray[np.uint8]) -> float:
    """Return the greatest absolute difference between the module's logits and the network's, over `images`.

    It is 0 unless a sum in the module passes 2^24 steps, where float32 can no longer hold it.
    """
    module.eval()
    with torch.no_grad():
        parts = [
            module(real_input(part)).double() for part in np.array_split(images, -(-len(images) // IMAGES_AT_ONCE))
        ]
    ours = network.logits(images) * 2.0**network.logit_exponent
    return float(np.abs(torch.cat(parts).numpy() - ours).max())


def real_input(images: NDArray[np.uint8]) -> Tensor:
    """Return uint8 images [N, H, W] or [N, H, W, C] as float32 [N, C, H, W] in 0..1."""
    stacked = images[:, np.newaxis] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(stacked).astype(np.float32) / np.float32(255))


def _weighted_layer(name: str, layer: Any, input_exponent: int, weight_bits: int) -> Conv2d | Linear:
    quantized = layer.quant_weight()
    weight_exponent = _exponent(quantized.scale, name)
    weights = _codes(quantized.value, weight_exponent, name)
    bias = _codes(layer.bias, input_exponent + weight_exponent, name)
    weight_format = NumberFormat(weight_bits, is_signed=True)
    if isinstance(layer, qnn.QuantLinear):
        return Linear(
            name=name, weights=weights, bias=bias, weight_format=weight_format, weight_exponent=weight_exponent
        )
    return Conv2d(
        name=name,
        weights=weights,
        bias=bias,
        weight_format=weight_format,
        weight_exponent=weight_exponent,
        stride=tuple(layer.stride),
        padding=tuple(layer.padding),
    )


def _exponent(scale: Tensor, name: str) -> int:
    mantissa, exponent = math.frexp(scale.item())
    if mantissa != 0.5:
        raise UnsupportedNetworkError(
            f"layer {name}: a scale must be a power of two, but is {scale.item()}; train anew"
        )
    return exponent - 1


def _codes(values: Tensor, exponent: int, name: str) -> IntArray:
    steps = values.double().numpy() * 2.0**-exponent
    codes: IntArray = np.rint(steps).astype(np.int64)
    if not np.array_equal(codes, steps):
        raise UnsupportedNetworkError(
            f"layer {name}: weights and biases must be whole steps of 2^{exponent}; train anew"
        )
    return codes
