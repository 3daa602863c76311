"""Files of other tools: onnxruntime's quantize_static, Brevitas' QCDQ and QONNX, and hand-made QDQ."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from trackmac.bits import NumberFormat
from trackmac.errors import UnsupportedNetworkError
from trackmac.networks import Add, Clip, Conv2d, IntegerNetwork, MaxPool2d, ReLU, Requantize
from trackmac.networks.onnx_io import load_onnx, save_onnx

Array = NDArray[Any]
DATA = Path(__file__).parent / "data"
LEVELS = {
    "off": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "on": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


class ModelMaker:
    """Collects nodes and constants; each method returns the name of its output."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, name: str, value: Any) -> str:
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, operator: str, name: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        made = helper.make_node(operator, list(inputs), [f"{name}_out"], name=name, domain=domain, **attributes)
        self._nodes.append(made)
        return f"{name}_out"

    def conv(self, name: str, source: str, channels: tuple[int, int], kernel: int = 3, **attributes: Any) -> str:
        taken, given = channels
        shape = (given, taken // attributes.get("group", 1), kernel, kernel)
        spread = self.rng.uniform(0.3, 3.0, size=(given, 1, 1, 1))  # channels of different ranges
        weights = self.rng.normal(size=shape) * spread / np.sqrt(np.prod(shape[1:]))
        bias = self.rng.normal(size=given) * 0.1
        return self.node(
            "Conv",
            name,
            source,
            self.constant(f"{name}_w", weights.astype(np.float32)),
            self.constant(f"{name}_b", bias.astype(np.float32)),
            **{"kernel_shape": [kernel, kernel], **attributes},
        )

    def gemm(self, name: str, source: str, features: tuple[int, int]) -> str:
        weights = self.rng.normal(size=features[::-1]) / np.sqrt(features[0])
        bias = self.rng.normal(size=features[1]) * 0.1
        return self.node(
            "Gemm",
            name,
            source,
            self.constant(f"{name}_w", weights.astype(np.float32)),
            self.constant(f"{name}_b", bias.astype(np.float32)),
            transB=1,
        )

    def model(self, output: str, shape: tuple[int, int, int], classes: int, **opsets: int) -> Any:
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *shape])
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", classes])
        graph = helper.make_graph(self._nodes, "made", [image], [result], self._constants)
        imports = [helper.make_opsetid("", 17), *(helper.make_opsetid(name, 1) for name in opsets)]
        return helper.make_model(graph, ir_version=8, opset_imports=imports)


def branching_model(seed: int = 0) -> Any:
    """Return a float model with nearly every operator that is read: 3x12x12 images, 5 classes."""
    make = ModelMaker(seed)
    one, six = (make.constant(name, np.array(value, dtype=np.float32)) for name, value in (("zero", 0.0), ("six", 0.9)))
    stem = make.node("Relu", "relu1", make.conv("conv1", "image", (3, 8), pads=[1, 0, 1, 2], strides=[2, 1]))
    depth = make.conv("depthwise", stem, (8, 8), pads=[1, 1, 1, 1], group=8)
    depth = make.node("Clip", "relu6", depth, one, six)
    point = make.conv("pointwise", depth, (8, 8), kernel=1)
    joined = make.node("Relu", "relu2", make.node("Add", "add", point, stem))
    left = make.conv("left", joined, (8, 4), pads=[2, 2, 2, 2], dilations=[2, 2])
    right = make.node("MaxPool", "max_pool", joined, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    both = make.node("Concat", "concat", left, right, axis=1)
    pooled = make.node("AveragePool", "average_pool", both, kernel_shape=[3, 3], strides=[3, 3])
    pooled = make.node("GlobalAveragePool", "global_pool", make.conv("last", pooled, (12, 16), pads=[1, 1, 1, 1]))
    flat = make.node("Flatten", "flatten", pooled)
    logits = make.gemm("linear", flat, (16, 5))
    return make.model(logits, (3, 12, 12), 5)


class Calibration(CalibrationDataReader):  # type: ignore[misc]
    """Random images, one after another."""

    def __init__(self, shape: tuple[int, int, int], number: int = 16) -> None:
        images = np.random.default_rng(1).uniform(size=(number, 1, *shape)).astype(np.float32)
        self._images = iter(images)

    def get_next(self) -> dict[str, Array] | None:
        image = next(self._images, None)
        return None if image is None else {"image": image}


def run_onnx(path: Path, images: NDArray[np.uint8], optimisation: str = "on") -> Array:
    """Return onnxruntime's output for uint8 images [N, H, W, C]."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = LEVELS[optimisation]
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    channels_first = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    name = session.get_inputs()[0].name
    return np.asarray(session.run(None, {name: channels_first})[0])


def save(model: Any, path: Path) -> Path:
    onnx.save(model, path)
    return path


def random_images(network: IntegerNetwork, number: int = 60) -> NDArray[np.uint8]:
    channels, height, width = network.input_shape
    return np.random.default_rng(3).integers(0, 256, size=(number, height, width, channels), dtype=np.uint8)


def steps_off(network: IntegerNetwork, images: NDArray[np.uint8], theirs: NDArray[Any]) -> NDArray[np.float64]:
    """Return by how many steps each logit differs, but for an offset that all logits share."""
    step = network.logit_scales[0] if network.logit_scales else 2.0**network.logit_exponent
    off = (network.real_logits(network.logits(images)) - theirs) / step
    result: NDArray[np.float64] = off - np.rint(np.median(off))
    return result


# 7-bit int8 weights (reduce_range): without VNNI, onnxruntime's uint8-by-int8 products saturate at 8 bits
@pytest.mark.parametrize("optimisation", ["off", "on"])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("activations", [QuantType.QUInt8, QuantType.QInt8])
@pytest.mark.parametrize("form", [QuantFormat.QDQ, QuantFormat.QOperator])
def test_a_statically_quantised_network_is_within_a_step_of_onnxruntime(
    tmp_path: Path, form: QuantFormat, activations: QuantType, per_channel: bool, optimisation: str
) -> None:
    save(branching_model(), tmp_path / "float.onnx")
    quantize_static(
        str(tmp_path / "float.onnx"),
        str(tmp_path / "network.onnx"),
        Calibration((3, 12, 12)),
        quant_format=form,
        per_channel=per_channel,
        activation_type=activations,
        weight_type=QuantType.QInt8,
        reduce_range=True,
    )

    network = load_onnx(tmp_path / "network.onnx")

    images = random_images(network, 400)
    theirs = run_onnx(tmp_path / "network.onnx", images, optimisation)
    off = np.abs(steps_off(network, images, theirs))
    # one-step differences inside the network reach several logits: every element counts, the last ones most
    assert (off < 0.5).mean() >= 0.97
    assert (off < 1.5).mean() >= 0.999
    assert (network.predict(images) == theirs.argmax(axis=1)).mean() >= 0.995
    assert {"depthwise", "left", "add", "max_pool"} <= {layer.name.removesuffix("_quant") for layer in network.layers}


@pytest.mark.parametrize("name", ["fixed4.qcdq", "float8.qcdq"])
def test_a_network_of_brevitas_computes_what_onnxruntime_does(name: str) -> None:
    network = load_onnx(DATA / f"{name}.onnx")
    images = random_images(network)

    # Brevitas fixes the batch to that of its sample; optimised 8-bit products saturate where VNNI is missing
    runs = [run_onnx(DATA / f"{name}.onnx", images[i : i + 1], "off") for i in range(len(images))]
    theirs = np.concatenate(runs)

    ours = network.real_logits(network.logits(images))
    assert len(np.unique(theirs)) > 10
    if name.startswith("fixed"):
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_array_equal(ours.argmax(axis=1), theirs.argmax(axis=1))
        np.testing.assert_allclose(ours, theirs, atol=2e-3)


@pytest.mark.parametrize("name", ["fixed4", "float8"])
def test_qonnx_and_qcdq_of_one_network_are_one_network(name: str) -> None:
    qcdq, qonnx = load_onnx(DATA / f"{name}.qcdq.onnx"), load_onnx(DATA / f"{name}.qonnx.onnx")
    images = random_images(qcdq)

    np.testing.assert_array_equal(qcdq.logits(images), qonnx.logits(images))
    assert [type(layer) for layer in qcdq.layers] == [type(layer) for layer in qonnx.layers]
    bits = {layer.weight_format.bits for layer in qonnx.layers if isinstance(layer, Conv2d)}
    assert bits == {int(name[-1])}


class Quantizing(ModelMaker):
    """Makes QDQ graphs by hand, scales as given."""

    def quantize(self, name: str, source: str, scale: float, zero: int = 0, dtype: type = np.uint8) -> str:
        taken = [
            self.constant(f"{name}_s", np.array(scale, dtype=np.float32)),
            self.constant(f"{name}_z", np.array(zero, dtype=dtype)),
        ]
        return self.node("DequantizeLinear", f"{name}_dq", self.node("QuantizeLinear", name, source, *taken), *taken)

    def weights(self, name: str, shape: tuple[int, ...], scale: Any) -> str:
        codes = self.rng.integers(-7, 8, size=shape).astype(np.int8)
        scales = np.array(scale, dtype=np.float32)
        zeros = np.zeros(scales.shape, dtype=np.int8)
        taken = [
            self.constant(f"{name}_{part}", value) for part, value in zip("csz", (codes, scales, zeros), strict=True)
        ]
        return self.node("DequantizeLinear", f"{name}_dq", *taken, axis=0)


def convolution(make: Quantizing, scale: Any = 2.0**-4) -> str:
    """Return the sums of a 3x3 convolution to 4 channels, of a quantised 1x6x6 image."""
    image = make.quantize("entry", "image", 2.0**-8)
    return make.node("Conv", "conv", image, make.weights("w", (4, 1, 3, 3), scale), kernel_shape=[3, 3])


def ended(make: Quantizing, source: str, path: Path, features: int = 64) -> Path:
    """Flatten `source`, add a linear layer, and save."""
    flat = make.node("Flatten", "flatten", source)
    logits = make.node("Gemm", "linear", flat, make.weights("v", (3, features), 2.0**-3), transB=1)
    return save(make.model(logits, (1, 6, 6), 3), path)


def relu6(make: Quantizing) -> str:
    bounds = [make.constant(name, np.array(value, dtype=np.float32)) for name, value in (("lo", 0.0), ("hi", 0.75))]
    return make.quantize("q", make.node("Clip", "clip", convolution(make), *bounds), 2.0**-7)


def normalised(make: Quantizing) -> str:
    """Powers of two: gamma / sqrt(variance) is +-2^k, and the offset a whole number of steps."""
    values = {
        "gamma": [0.5, -0.25, 2.0, 1.0],
        "beta": [0.5, 0.25, -0.125, 0.0],
        "mean": [0.0, 0.0, 0.0, 0.0],
        "variance": [1.0, 1.0, 4.0, 1.0],
    }
    taken = [make.constant(name, np.array(value, dtype=np.float32)) for name, value in values.items()]
    return make.quantize("q", make.node("BatchNormalization", "bn", convolution(make), *taken, epsilon=0.0), 2.0**-6)


def two_branches(make: Quantizing) -> str:
    sums = convolution(make)
    a, b = make.quantize("a", sums, 2.0**-6), make.quantize("b", sums, 2.0**-4, 100)
    return make.quantize("q", make.node("Relu", "relu", make.node("Add", "add", a, b)), 2.0**-5)


def joined(make: Quantizing) -> str:
    sums = convolution(make)
    a, b = make.quantize("a", sums, 2.0**-6), make.quantize("b", sums, 2.0**-4, 100)
    joined = make.quantize("q", make.node("Concat", "concat", a, b, axis=1), 2.0**-5, 90)
    return make.quantize("p", make.node("GlobalAveragePool", "pool", joined), 2.0**-5, 80)


def per_channel(make: Quantizing) -> str:
    return make.quantize("q", convolution(make, [2.0**-4, 2.0**-2, 2.0**-5, 2.0**-4]), 2.0**-5, 17)


def padded_by_a_zero_point(make: Quantizing) -> str:
    image = make.quantize("entry", "image", 2.0**-7, -60, np.int8)
    sums = make.node(
        "Conv", "conv", image, make.weights("w", (4, 1, 3, 3), 2.0**-4), kernel_shape=[3, 3], pads=[1, 0, 2, 1]
    )
    return make.quantize("q", make.node("MaxPool", "pool", sums, kernel_shape=[2, 2], strides=[2, 2]), 2.0**-5)


def padded_before(make: Quantizing) -> str:
    """A Pad before the first quantiser and one behind it, which the convolution takes up."""
    around = make.constant("around", np.array([0, 0, 1, 0, 0, 0, 1, 0]))
    image = make.quantize("entry", make.node("Pad", "pad0", "image", around), 2.0**-7, -60, np.int8)
    below = make.constant("below", np.array([0, 0, 0, 0, 0, 0, 1, 1]))
    image = make.quantize("again", make.node("Pad", "pad1", image, below), 2.0**-7, -60, np.int8)
    sums = make.node("Conv", "conv", image, make.weights("w", (4, 1, 3, 3), 2.0**-4), kernel_shape=[3, 3])
    return make.quantize("q", make.node("Relu", "relu", sums), 2.0**-5)


def averaged_over_padding(make: Quantizing) -> str:
    codes = make.quantize("q", convolution(make), 2.0**-5, 90)
    pool: dict[str, Any] = {"kernel_shape": [2, 2], "pads": [1, 0, 1, 0], "count_include_pad": 1}
    return make.quantize("p", make.node("AveragePool", "pool", codes, **pool), 2.0**-5, 100)


def fitted(make: Quantizing) -> str:
    """TensorFlow's SAME, and a pooling whose size is rounded up."""
    image, weights = make.quantize("entry", "image", 2.0**-8), make.weights("w", (4, 1, 3, 3), 2.0**-4)
    sums = make.node("Conv", "conv", image, weights, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    codes = make.quantize("q", sums, 2.0**-5, 90)
    return make.node("MaxPool", "pool", codes, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)


def asymmetric(make: Quantizing, zeros: int | list[int] = 37) -> str:
    """uint8 weights whose zero point lies off the middle, so that they have 9 bits less it."""
    codes = make.rng.integers(0, 256, size=(4, 1, 3, 3)).astype(np.uint8)
    scale = np.full(np.shape(zeros), 2.0**-8, dtype=np.float32)
    constants = zip("csz", (codes, scale, np.array(zeros, dtype=np.uint8)), strict=True)
    taken = [make.constant(f"w_{part}", value) for part, value in constants]
    weights = make.node("DequantizeLinear", "w_dq", *taken, axis=0)
    image = make.quantize("entry", "image", 2.0**-8)
    return make.quantize("q", make.node("Conv", "conv", image, weights, kernel_shape=[3, 3]), 2.0**-3, 90)


FORMS: list[tuple[Callable[[Quantizing], str], int]] = [
    (padded_before, 140),
    (averaged_over_padding, 60),
    (fitted, 16),
    (asymmetric, 64),
    (relu6, 64),
    (two_branches, 64),
    (joined, 8),
    (per_channel, 64),
    (padded_by_a_zero_point, 24),
]


@pytest.mark.parametrize("optimisation", ["off", "on"])
@pytest.mark.parametrize(("build", "features"), [*FORMS, (normalised, 64)])
def test_powers_of_two_equal_onnxruntime_in_every_element(
    build: Callable[[Quantizing], str], features: int, optimisation: str, tmp_path: Path
) -> None:
    make = Quantizing(4)
    path = ended(make, build(make), tmp_path / "network.onnx", features)
    network = load_onnx(path)
    images = random_images(network)

    theirs = run_onnx(path, images, optimisation)

    assert len(np.unique(theirs)) > 10
    np.testing.assert_array_equal(network.real_logits(network.logits(images)), theirs)


@pytest.mark.parametrize("optimisation", ["off", "on"])
@pytest.mark.parametrize(("build", "features"), FORMS)
def test_what_was_read_and_saved_anew_is_what_onnxruntime_computes(
    build: Callable[[Quantizing], str], features: int, optimisation: str, tmp_path: Path
) -> None:
    make = Quantizing(4)
    network = load_onnx(ended(make, build(make), tmp_path / "network.onnx", features))
    images = random_images(network)

    save_onnx(network, tmp_path / "again.onnx")

    ours = network.real_logits(network.logits(images))
    np.testing.assert_array_equal(run_onnx(tmp_path / "again.onnx", images, optimisation), ours)
    np.testing.assert_array_equal(load_onnx(tmp_path / "again.onnx").logits(images), network.logits(images))


def test_weights_less_a_zero_point_for_each_channel_equal_onnxruntime(tmp_path: Path) -> None:
    make = Quantizing(4)
    network = load_onnx(ended(make, asymmetric(make, [3, 128, 255, 60]), tmp_path / "network.onnx"))
    images = random_images(network)

    conv = network.layers[0]
    assert isinstance(conv, Conv2d)
    assert conv.weight_format == NumberFormat(9, is_signed=True)
    assert conv.weights.min() < -200
    assert conv.weights.max() > 200
    ours = network.real_logits(network.logits(images))
    np.testing.assert_array_equal(run_onnx(tmp_path / "network.onnx", images, "off"), ours)
    save_onnx(network, tmp_path / "again.onnx")
    np.testing.assert_array_equal(run_onnx(tmp_path / "again.onnx", images, "off"), ours)
    assert load_onnx(tmp_path / "again.onnx").layers[0] == conv


@pytest.mark.parametrize("optimisation", ["off", "on"])
def test_uint8_weights_and_activations_are_within_a_step_of_onnxruntime(tmp_path: Path, optimisation: str) -> None:
    save(branching_model(), tmp_path / "float.onnx")
    quantize_static(
        str(tmp_path / "float.onnx"),
        str(tmp_path / "network.onnx"),
        Calibration((3, 12, 12)),
        quant_format=QuantFormat.QOperator,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QUInt8,
    )

    network = load_onnx(tmp_path / "network.onnx")

    images = random_images(network, 400)
    theirs = run_onnx(tmp_path / "network.onnx", images, optimisation)
    assert (np.abs(steps_off(network, images, theirs)) < 1.5).mean() >= 0.999
    assert (network.predict(images) == theirs.argmax(axis=1)).mean() >= 0.995
    assert 9 in {layer.weight_format.bits for layer in network.layers if isinstance(layer, Conv2d)}


def test_images_channels_last_are_taken_channels_first(tmp_path: Path) -> None:
    make = Quantizing(4)
    plain = load_onnx(ended(make, relu6(make), tmp_path / "plain.onnx"))
    model = onnx.load(tmp_path / "plain.onnx")
    sizes = model.graph.input[0].type.tensor_type.shape.dim
    sizes[1].dim_value, sizes[3].dim_value = 6, 1
    turned = helper.make_node("Transpose", ["image"], ["turned"], name="turn", perm=[0, 3, 1, 2])
    next(node for node in model.graph.node if "image" in node.input).input[0] = "turned"
    model.graph.node.insert(0, turned)

    assert load_onnx(save(model, tmp_path / "last.onnx")).layers == plain.layers
    assert load_onnx(tmp_path / "last.onnx").input_shape == (1, 6, 6)


@pytest.mark.parametrize("ending", ["Softmax", "ArgMax", "LogSoftmax"])
def test_what_keeps_the_order_of_logits_is_left_out(ending: str, tmp_path: Path) -> None:
    make = Quantizing(4)
    path = ended(make, relu6(make), tmp_path / "plain.onnx")
    plain, model = load_onnx(path), onnx.load(path)
    model.graph.node.append(helper.make_node(ending, [model.graph.output[0].name], ["end"], name="end", axis=1))
    model.graph.output[0].name = "end"

    assert load_onnx(save(model, path)).layers == plain.layers


def test_relu6_is_a_clip_of_codes(tmp_path: Path) -> None:
    make = Quantizing(4)
    layers = {layer.name: layer for layer in load_onnx(ended(make, relu6(make), tmp_path / "network.onnx")).layers}

    assert isinstance(layers["clip"], ReLU)
    assert layers["q.clamp"] == Clip(name="q.clamp", low=0, high=96)  # 0.75 * 2^7


def test_branches_of_other_scales_meet_in_integers(tmp_path: Path) -> None:
    make = Quantizing(4)
    network = load_onnx(ended(make, two_branches(make), tmp_path / "network.onnx"))
    layers = {layer.name: layer for layer in network.layers}

    assert layers["add"] == Add(name="add", inputs=("a", "b"), multipliers=(1, 4))
    assert layers["q"] == Requantize(
        name="q", shift=1, output_format=NumberFormat(8, is_signed=False), input_zero_point=400
    )


def test_max_pooling_of_sums_keeps_its_place(tmp_path: Path) -> None:
    make = Quantizing(4)
    network = load_onnx(ended(make, padded_by_a_zero_point(make), tmp_path / "network.onnx", 24))

    conv, pool = network.layers[:2]
    assert isinstance(conv, Conv2d)
    assert isinstance(pool, MaxPool2d)
    assert (conv.input_zero_point, conv.padding, network.input_zero_point) == (-60, (1, 0, 2, 1), -60)


def without_quantisers(make: Quantizing) -> str:
    return make.conv("floating", "image", (1, 4))


def float_weights(make: Quantizing) -> str:
    return make.quantize("q", make.conv("floating", make.quantize("entry", "image", 2.0**-8), (1, 4)), 2.0**-5)


def sixteen_bits(make: Quantizing) -> str:
    return make.quantize("wide", convolution(make), 2.0**-5, 0, np.uint16)


def sigmoid(make: Quantizing) -> str:
    return make.quantize("q", make.node("Sigmoid", "gate", convolution(make)), 2.0**-5)


def foreign(make: Quantizing) -> str:
    return make.quantize("q", make.node("Conv", "alien", convolution(make), domain="else.where"), 2.0**-5)


def product(make: Quantizing) -> str:
    codes = make.quantize("a", convolution(make), 2.0**-5)
    return make.quantize("q", make.node("Mul", "square", codes, codes), 2.0**-5)


def not_quantised_between(make: Quantizing) -> str:
    return convolution(make)


def average_without_the_padding(make: Quantizing) -> str:
    codes = make.quantize("q", convolution(make), 2.0**-5)
    return make.quantize("p", make.node("AveragePool", "mean", codes, kernel_shape=[2, 2], pads=[1, 0, 0, 0]), 2.0**-5)


def padded_with_ones(make: Quantizing) -> str:
    around, one = make.constant("around", np.array([0, 0, 1, 1, 0, 0, 1, 1])), make.constant("one", np.float32(1))
    return make.quantize("q", make.node("Pad", "ones", make.quantize("e", "image", 2.0**-8), around, one), 2.0**-5)


def flattened_behind_a_pad(make: Quantizing) -> str:
    around = make.constant("around", np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    return make.node("Pad", "pad", make.quantize("q", convolution(make), 2.0**-5), around)


def padded_by_what_is_computed(make: Quantizing) -> str:
    sides = make.node("ConstantOfShape", "sides", make.constant("axes", np.array([8])))
    return make.node("Pad", "pad", make.quantize("q", "image", 2.0**-8), sides)


def softmax_within(make: Quantizing) -> str:
    return make.quantize("a", make.node("Relu", "late", make.node("Softmax", "early", convolution(make))), 2.0**-5)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (without_quantisers, "node 'floating': its input is not quantised; make a float network"),
        (float_weights, "node 'floating': its weights must be quantised, but are float"),
        (sixteen_bits, "node 'wide': codes must be of 2 to 8 bits, but are uint16"),
        (sigmoid, "node 'gate': operator 'Sigmoid' is not supported"),
        (padded_by_what_is_computed, "node 'sides': operator 'ConstantOfShape' .* computes a constant, which .* folds"),
        (foreign, "node 'alien': operator 'else.where.Conv' is not supported"),
        (product, "node 'square': products of two activations"),
        (average_without_the_padding, "node 'mean': averages that leave out the padding divide by other numbers"),
        (padded_with_ones, "node 'ones': must pad with zeros, but does not"),
        (flattened_behind_a_pad, "node 'flatten': operator 'Flatten' may not follow a Pad"),
        (not_quantised_between, "layer linear: inputs .put a Requantize before it.: must have 2 to 8 bits"),
        (softmax_within, "node 'late': operator 'Relu' may not follow a Softmax"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(
    build: Callable[[Quantizing], str], message: str, tmp_path: Path
) -> None:
    make = Quantizing(4)
    path = ended(make, build(make), tmp_path / "network.onnx")

    with pytest.raises(UnsupportedNetworkError, match=message) as refusal:
        load_onnx(path)

    assert "\n" not in str(refusal.value)
