"""From a trained Brevitas module to the integer network that computes the same, to the last bit."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.assembly import Rescaling, Weights, assembled
from trackmac.networks.blueprint import Shape
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import INPUT, Conv2d, Layer, Linear
from trackmac.training.architecture import Architecture
from trackmac.training.graph_module import GraphModule
from trackmac.training.loop import module_logits
from trackmac.training.modules import QUANTIZED_INPUT, average_factor


def export_network(module: GraphModule, architecture: Architecture) -> IntegerNetwork:
    """Return the integer network of a module that `trackmac.training.modules.quantized_module` made.

    Raises:
        UnsupportedNetworkError: a scale is not a power of two, or a weight not a whole number of steps.
    """
    module.eval()
    with torch.no_grad():
        parameters = _TrainedParameters(module)
        network = assembled(
            architecture.blueprint(),
            parameters,
            name=architecture.name,
            weight_bits=architecture.weight_bits,
            activation_bits=architecture.activation_bits,
            is_trained=True,
            input_exponent=parameters.input_exponent,
        )
    logit_exponent = parameters.exponent_of(network.layers[-1])
    if logit_exponent == network.logit_exponent:
        return network
    # behind an average over 49, say, a network does not know its exponents
    return replace(network, logit_scales=(2.0**logit_exponent,) * network.classes)


def export_difference(module: GraphModule, network: IntegerNetwork, images: NDArray[np.uint8]) -> float:
    """Return the greatest absolute difference between the module's logits and the network's, over `images`.

    It is 0 unless a sum in the module passes 2^24 steps, where float32 can no longer hold it.
    """
    theirs = module_logits(module, images).double().numpy()
    ours = network.real_logits(network.logits(images))
    return float(np.abs(theirs - ours).max())


class _TrainedParameters:
    """Codes of trained weights, and the exponent of every integer layer's scale so far."""

    def __init__(self, module: GraphModule) -> None:
        self._steps = module.steps
        self.input_exponent = self._quantizer_exponent(QUANTIZED_INPUT)
        self._exponents = {INPUT: self.input_exponent}

    def weights(self, name: str, shape: Shape, source: str) -> Weights:
        """Return whole steps of the trained weights and biases."""
        layer: Any = self._steps[name]
        quantized = layer.quant_weight()
        exponent = _exponent(quantized.scale, name)
        codes = _codes(quantized.value, exponent, name)
        assert codes.shape == shape
        return Weights(codes, _codes(layer.bias, self._exponents[source] + exponent, name), exponent)

    def rescaling(self, name: str, source: str, output: NumberFormat, elements: int) -> Rescaling:
        """Return what the trained quantiser does to sums."""
        quantizer = next(step for step in (f"{name}_relu", f"{name}_quantize") if step in self._steps)
        multiplier, shift = average_factor(elements, output.bits)
        exponent = self._quantizer_exponent(quantizer)
        self._exponents[f"{name}_requantize"] = exponent
        return Rescaling(exponent - self._exponents[source] + shift, multiplier)

    def multipliers(self, name: str, sources: tuple[str, str]) -> tuple[int, int]:
        """Return powers of two that bring both to the smaller scale."""
        first, second = (self._exponents[source] for source in sources)
        least = min(first, second)
        self._exponents[name] = least
        return 1 << first - least, 1 << second - least

    def follow(self, layer: Layer, sources: tuple[str, ...], readers: int) -> None:
        """Note the exponent of a layer's output; those of sums and requantisations are known before."""
        added = layer.weight_exponent if isinstance(layer, Conv2d | Linear) else 0
        self._exponents.setdefault(layer.name, self._exponents[sources[0]] + added)

    def exponent_of(self, layer: Layer) -> int:
        """Return the exponent of a layer's output."""
        return self._exponents[layer.name]

    def _quantizer_exponent(self, name: str) -> int:
        quantizer: Any = self._steps[name]
        return _exponent(quantizer.act_quant.scale(), name)


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
