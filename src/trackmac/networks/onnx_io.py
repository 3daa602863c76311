"""ONNX files: any quantised network is read, and written in trackmac's own QDQ form.

What is written, steps being powers of two:

- the input and each `Requantize`: QuantizeLinear, Clip where it has fewer than 8 bits, DequantizeLinear; where it has a
  multiplier, or reads what is quantised already, Cast, Mul, Round and Cast in float64 before it, which are exact, and
  which onnxruntime does not merge with other quantisers;
- `Conv2d` and `Linear`: Conv and Gemm with DequantizeLinear of the weights and of an int32 bias;
- all others: the operators of those names, in float between them;
- weight widths, which QDQ cannot carry, the name and whether it is trained: JSON in the metadata.

Weights are stored as uint8 with zero point 128, not as int8 with 0: on x86 without VNNI onnxruntime multiplies uint8 by
int8 with an instruction that adds pairs of products in 16 bits, and saturates there at 8-bit weights.

Any runtime computes such a graph exactly while sums stay below 2^24 steps, where float32 stays exact.
"""

from trackmac.networks.onnx_reader import load_onnx
from trackmac.networks.onnx_writer import save_onnx

__all__ = ["load_onnx", "save_onnx"]
