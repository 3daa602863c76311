"""Integer networks: layers, shapes, ONNX files and a zoo."""

from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import (
    Add,
    AvgPool2d,
    Clip,
    Concat,
    Conv2d,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Requantize,
)
from trackmac.networks.shapes import LayerShape, layer_shapes

__all__ = [
    "Add",
    "AvgPool2d",
    "Clip",
    "Concat",
    "Conv2d",
    "Flatten",
    "GlobalAvgPool",
    "IntegerNetwork",
    "Layer",
    "LayerShape",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Requantize",
    "layer_shapes",
]
