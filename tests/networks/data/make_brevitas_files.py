"""Made the files beside it: an untrained residual network of Brevitas 0.13.4, exported as QCDQ and as QONNX.

Needs `pip install onnxoptimizer qonnx`; run it in this folder. Widths: 4 bits, powers of two; 8 bits, float scales.
"""

from typing import Any

import numpy as np
import torch
from brevitas import nn as qnn
from brevitas.export import export_onnx_qcdq, export_qonnx
from brevitas.quant import (
    Int8ActPerTensorFixedPoint,
    Int8ActPerTensorFloat,
    Int8WeightPerChannelFloat,
    Int8WeightPerTensorFixedPoint,
    Int32Bias,
    Uint8ActPerTensorFixedPoint,
    Uint8ActPerTensorFloat,
)
from torch import nn

FIXED = (Int8WeightPerTensorFixedPoint, Uint8ActPerTensorFixedPoint, Int8ActPerTensorFixedPoint)
FLOAT = (Int8WeightPerChannelFloat, Uint8ActPerTensorFloat, Int8ActPerTensorFloat)


class Residual(nn.Module):
    """3x16x16 images, 5 classes."""

    def __init__(self, bits: int, quantizers: tuple[type, type, type]) -> None:
        super().__init__()
        weight, unsigned, signed = quantizers
        weights = {"weight_quant": weight, "weight_bit_width": bits, "return_quant_tensor": True}
        unsigned_codes = {"act_quant": unsigned, "bit_width": bits, "return_quant_tensor": True}
        self.entry = qnn.QuantIdentity(**unsigned_codes)
        self.conv1 = qnn.QuantConv2d(3, 8, 3, padding=1, stride=2, bias=True, bias_quant=Int32Bias, **weights)
        self.relu1 = qnn.QuantReLU(**unsigned_codes)
        self.depthwise = qnn.QuantConv2d(8, 8, 3, padding=1, groups=8, bias=False, **weights)
        self.branches = qnn.QuantIdentity(act_quant=signed, bit_width=bits, return_quant_tensor=True)
        self.relu2 = qnn.QuantReLU(**unsigned_codes)
        self.max_pool, self.average = nn.MaxPool2d(2), nn.AvgPool2d(2)
        self.middle = qnn.QuantIdentity(**unsigned_codes)
        self.linear = qnn.QuantLinear(32, 5, bias=True, bias_quant=Int32Bias, **weights)

    def forward(self, x: Any) -> Any:
        x = self.relu1(self.conv1(self.entry(x)))
        x = self.relu2(self.branches(x) + self.branches(self.depthwise(x)))
        x = self.middle(self.average(self.max_pool(x.value)))
        return self.linear(x.flatten(1)).value


def main() -> None:
    images = np.random.default_rng(5).uniform(size=(64, 3, 16, 16)).astype(np.float32)
    for name, bits, quantizers in (("fixed4", 4, FIXED), ("float8", 8, FLOAT)):
        torch.manual_seed(0)
        module = Residual(bits, quantizers)
        module.train()
        module(torch.from_numpy(images))
        module.eval()
        export_onnx_qcdq(module, args=torch.from_numpy(images[:1]), export_path=f"{name}.qcdq.onnx", dynamo=False)
        export_qonnx(module, args=torch.from_numpy(images[:1]), export_path=f"{name}.qonnx.onnx", dynamo=False)


if __name__ == "__main__":
    main()
