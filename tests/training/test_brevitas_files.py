"""QCDQ files that Brevitas exports here and now, of every width: our integers against the module's own output."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from brevitas import nn as qnn
from brevitas.quant import (
    Int8WeightPerChannelFloat,
    Int8WeightPerTensorFixedPoint,
    Int8WeightPerTensorFloat,
    Int32Bias,
    Uint8ActPerTensorFixedPoint,
    Uint8ActPerTensorFloat,
)
from torch import Tensor, nn

from trackmac.networks import Conv2d
from trackmac.networks.onnx_io import load_onnx

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")  # of its exporter

WIDTHS = (2, 3, 4, 8)
IMAGES = 300


class Small(nn.Module):
    """1x8x8 images, 4 classes; biases in steps of the sums."""

    def __init__(self, bits: int, weight: type, activation: type) -> None:
        super().__init__()
        weights = {"weight_quant": weight, "weight_bit_width": bits, "bias_quant": Int32Bias}
        codes = {"act_quant": activation, "bit_width": bits, "return_quant_tensor": True}
        self.entry, self.relu1, self.relu2 = qnn.QuantIdentity(**codes), qnn.QuantReLU(**codes), qnn.QuantReLU(**codes)
        self.conv = qnn.QuantConv2d(1, 6, 3, padding=1, bias=True, **weights)
        self.depthwise = qnn.QuantConv2d(6, 6, 3, stride=2, groups=6, bias=True, **weights)
        self.pool = nn.MaxPool2d(2)
        self.linear = qnn.QuantLinear(6, 4, bias=True, **weights)

    def forward(self, x: Any) -> Tensor:
        x = self.relu1(self.conv(self.entry(x)))
        x = self.relu2(self.depthwise(x))
        x = self.pool(x)
        result: Tensor = self.linear(x.flatten(1))
        return result


def exported(bits: int, weight: type, activation: type, path: Path) -> Small:
    """Return the module, its ranges learnt from random images, and write its file."""
    pytest.importorskip("onnxoptimizer", reason="Brevitas exports through it")
    from brevitas.export import export_onnx_qcdq

    torch.manual_seed(bits)
    module = Small(bits, weight, activation)
    module.train()
    module(torch.rand(256, 1, 8, 8))
    module.eval()
    export_onnx_qcdq(module, args=torch.rand(1, 1, 8, 8), export_path=str(path), dynamo=False)
    return module


def outputs(module: Small, path: Path) -> tuple[Any, Any, Any]:
    """Return our logits, the module's, and a step of ours."""
    network = load_onnx(path)
    images = np.random.default_rng(1).integers(0, 256, size=(IMAGES, 8, 8), dtype=np.uint8)
    real = torch.from_numpy(images[:, np.newaxis].astype(np.float32) / np.float32(255))
    with torch.no_grad():
        theirs = module(real).double().numpy()
    step = np.array(network.logit_scales) if network.logit_scales else 2.0**network.logit_exponent
    return network.real_logits(network.logits(images)), theirs, step


@pytest.mark.parametrize("bits", WIDTHS)
def test_powers_of_two_equal_brevitas_in_every_element(bits: int, tmp_path: Path) -> None:
    path = tmp_path / "fixed.onnx"
    module = exported(bits, Int8WeightPerTensorFixedPoint, Uint8ActPerTensorFixedPoint, path)

    ours, theirs, _ = outputs(module, path)

    assert len(np.unique(theirs)) > 10
    np.testing.assert_array_equal(ours, theirs)
    assert {layer.weight_format.bits for layer in load_onnx(path).layers if isinstance(layer, Conv2d)} == {bits}


def test_float_scales_are_within_a_unit_of_brevitas(tmp_path: Path) -> None:
    within, same = [], []
    for bits, weight in product(WIDTHS, (Int8WeightPerTensorFloat, Int8WeightPerChannelFloat)):
        path = tmp_path / "float.onnx"
        ours, theirs, step = outputs(exported(bits, weight, Uint8ActPerTensorFloat, path), path)
        # a unit of the last activation moves a logit by a weight's code: up to that many of its steps
        unit = step * max(1, 2 ** (bits - 1) - 1)
        within.append((np.abs(ours - theirs) < 1.5 * unit).mean())
        same.append((ours.argmax(axis=1) == theirs.argmax(axis=1)).mean())

    assert min(within) >= 0.999
    # Scales learnt from the greatest sum S make ratios such as 15 / S: whole rows of sums lie on ties of rounding,
    # where float32 goes either way. An untrained network's classes are that near to each other (least: 99.1 % at 3,000)
    assert min(same) >= 0.98
    assert np.mean(same) >= 0.995
