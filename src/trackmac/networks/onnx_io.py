"""ONNX files in trackmac's own QDQ form: power-of-two scales, one chain of nodes.

- the input and each `Requantize`: QuantizeLinear (zero point 0), Clip where it has fewer than 8 bits, DequantizeLinear;
- `Conv2d` and `Linear`: Conv and Gemm with DequantizeLinear of the weights and of an int32 bias;
- `MaxPool2d`, `ReLU`, `Flatten`: the operators of those names, in float between them;
- weight widths, which QDQ cannot carry, the name and whether it is trained: JSON in the metadata.

Weights are stored as uint8 with zero point 128, not as int8 with 0: on x86 without VNNI onnxruntime multiplies uint8 by
int8 with an instruction that adds pairs of products in 16 bits, and saturates there at 8-bit weights.

Any runtime computes such a graph exactly while sums stay below 2^24 steps, where float32 stays exact.
"""

from trackmac.networks.onnx_reader import load_onnx
from trackmac.networks.onnx_writer import save_onnx

__all__ = ["load_onnx", "save_onnx"]
