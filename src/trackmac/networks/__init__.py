"""Integer networks: layers, shapes, ONNX files and a zoo."""

from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Conv2d, Flatten, Layer, Linear, MaxPool2d, ReLU, Requantize
from trackmac.networks.shapes import LayerShape, layer_shapes

__all__ = [
    "Conv2d",
    "Flatten",
    "IntegerNetwork",
    "Layer",
    "LayerShape",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Requantize",
    "layer_shapes",
]
