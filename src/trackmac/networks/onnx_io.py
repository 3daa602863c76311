"""ONNX files in trackmac's own QDQ form: power-of-two scales, zero points 0, one chain of nodes.

- the input and each `Requantize`: QuantizeLinear, Clip where it has fewer than 8 bits, DequantizeLinear;
- `Conv2d` and `Linear`: Conv and Gemm with DequantizeLinear of int8 weights and of an int32 bias;
- `MaxPool2d`, `ReLU`, `Flatten`: the operators of those names, in float between them;
- weight widths, which QDQ cannot carry, the name and whether it is trained: JSON in the metadata.

Any runtime computes such a graph exactly while sums stay below 2^24 steps, where float32 stays exact. onnxruntime on
x86 without VNNI adds pairs of 8-bit products in 16 bits, which saturates at 8-bit weights; its session option
`session.x64quantprecision` = 1 turns that off.
"""

from trackmac.networks.onnx_reader import load_onnx
from trackmac.networks.onnx_writer import save_onnx

__all__ = ["load_onnx", "save_onnx"]
