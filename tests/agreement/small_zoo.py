"""The zoo's networks with few channels: the same layers in the same order, small enough to run on tracks in tests."""

from dataclasses import replace
from typing import Any

import numpy as np
from tests.networks.test_onnx_tools import ModelMaker

from trackmac.networks.blueprint import (
    AverageBlock,
    Block,
    Blueprint,
    ConvBlock,
    LinearBlock,
    MaxPoolBlock,
    SumBlock,
)
from trackmac.networks.layers import INPUT
from trackmac.networks.zoo import ZOO

CLASSES = 5
SMALL = {  # image, and by how much channels are divided
    "lenet5": ((1, 28, 28), 3),
    "ds-cnn": ((1, 25, 5), 8),
    "resnet8": ((3, 8, 8), 4),
    "resnet20": ((3, 8, 8), 8),
    "mobilenetv1": ((3, 32, 32), 64),
    "mobilenetv2": ((3, 32, 32), 32),
    "vgg-small": ((3, 16, 16), 64),
    "resnet18": ((3, 32, 32), 64),
}


def small_blueprint(name: str) -> Blueprint:
    """Return the structure of a zoo network with fewer channels, for small images."""
    shape, by = SMALL[name]
    blocks = tuple(_thinned(block, by) for block in ZOO[name].blueprint(shape, CLASSES).blocks)
    return Blueprint(name=name, input_shape=shape, classes=CLASSES, blocks=blocks)


def _thinned(block: Block, by: int) -> Block:
    match block:
        case ConvBlock():
            groups = 1 if block.groups == 1 else max(2, block.groups // by)
            return replace(block, channels=max(2, block.channels // by), groups=groups)
        case LinearBlock():
            return block if block.is_last else replace(block, features=max(2, block.features // by))
        case _:
            return block


def float_model(blueprint: Blueprint, seed: int = 0) -> Any:
    """Return the float ONNX model of a blueprint, of random weights; its channels have different ranges."""
    make = ModelMaker(seed)
    ends = {INPUT: "image"}
    for block in blueprint.blocks:
        taken = [ends[source] for source in block.sources]
        ends[block.name] = _drawn(make, block, blueprint, taken)
    return make.model(ends[blueprint.blocks[-1].name], blueprint.input_shape, blueprint.classes)


def _drawn(make: ModelMaker, block: Block, blueprint: Blueprint, taken: list[str]) -> str:
    channels = blueprint.shapes[block.sources[0]][0]
    match block:
        case ConvBlock():
            return _convolution(make, block, blueprint.weights_shape(block), taken[0])
        case LinearBlock():
            sums = make.gemm(block.name, taken[0], (channels, block.features))
            return sums if block.is_last else make.node("Relu", f"{block.name}_relu", sums)
        case MaxPoolBlock():
            window, sides = [block.kernel] * 2, [block.padding] * 4
            return make.node("MaxPool", block.name, *taken, kernel_shape=window, strides=[block.stride] * 2, pads=sides)
        case AverageBlock():
            return make.node("GlobalAveragePool", block.name, *taken)
        case SumBlock():
            sums = make.node("Add", block.name, *taken)
            return make.node("Relu", f"{block.name}_relu", sums) if block.is_rectified else sums
        case _:
            return make.node("Flatten", block.name, *taken)


def _convolution(make: ModelMaker, block: ConvBlock, shape: tuple[int, ...], taken: str) -> str:
    spread = make.rng.uniform(0.3, 3.0, size=(shape[0], 1, 1, 1))
    weights = make.rng.normal(size=shape) * spread / np.sqrt(np.prod(shape[1:]))
    sums = make.node(
        "Conv",
        block.name,
        taken,
        make.constant(f"{block.name}_w", weights.astype(np.float32)),
        make.constant(f"{block.name}_b", (make.rng.normal(size=shape[0]) * 0.1).astype(np.float32)),
        kernel_shape=list(block.kernel),
        strides=[block.stride] * 2,
        pads=list(block.padding),
        group=block.groups,
    )
    return make.node("Relu", f"{block.name}_relu", sums) if block.is_rectified else sums
