import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from trackmac.bits import IntArray, NumberFormat
from trackmac.errors import FileFormatError, InputError, UnsupportedNetworkError
from trackmac.networks import onnx_file
from trackmac.networks.integer import IntegerNetwork
from trackmac.networks.layers import Flatten, Linear, Requantize
from trackmac.networks.onnx_io import load_onnx, save_onnx
from trackmac.networks.zoo import ZOO
from trackmac.networks.zoo.lenet5 import lenet5

LEVELS = {
    "off": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "on": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
}
WIDTHS = [(2, 2), (3, 5), (4, 4), (8, 2), (2, 8), (7, 7), (8, 8)]


def onnxruntime_logits(path: Path, images: NDArray[np.uint8], optimisation: str) -> NDArray[np.float64]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = LEVELS[optimisation]
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    channels_first = images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    logits: NDArray[np.float64] = session.run(None, {"image": channels_first})[0].astype(np.float64)
    return logits


def random_images(shape: tuple[int, int, int], number: int = 20) -> NDArray[np.uint8]:
    channels, height, width = shape
    return np.random.default_rng(0).integers(0, 256, size=(number, height, width, channels), dtype=np.uint8)


def real_logits(network: IntegerNetwork, logits: IntArray) -> NDArray[np.float64]:
    return logits.astype(np.float64) * 2.0**network.logit_exponent


@pytest.mark.parametrize("optimisation", LEVELS)
@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_onnxruntime_computes_the_same_logits(
    random_network: Callable[..., IntegerNetwork],
    tmp_path: Path,
    widths: tuple[int, int],
    is_signed: bool,
    optimisation: str,
) -> None:
    network = random_network(1, *widths, is_signed=is_signed)
    images = random_images(network.input_shape)
    save_onnx(network, tmp_path / "network.onnx")

    theirs = onnxruntime_logits(tmp_path / "network.onnx", images, optimisation)

    ours = network.logits(images)
    assert len(np.unique(ours)) > 10
    np.testing.assert_array_equal(theirs, real_logits(network, ours))


@pytest.mark.parametrize("optimisation", LEVELS)
@pytest.mark.parametrize("shift", [-3, 0, 1, 9])
def test_onnxruntime_shifts_and_rounds_the_same(tmp_path: Path, shift: int, optimisation: str) -> None:
    weights = np.arange(-8, 8).reshape(16, 1)
    int5, uint8 = NumberFormat(5, is_signed=True), NumberFormat(8, is_signed=False)
    layers = (
        Flatten(name="flatten"),
        Linear(name="hidden", weights=weights, bias=np.arange(16), weight_format=int5, weight_exponent=-9),
        Requantize(name="quantize", shift=shift, output_format=uint8),
        Linear(name="last", weights=np.eye(16, dtype=np.int64), bias=np.arange(16), weight_format=int5),
    )
    network = IntegerNetwork(
        name="shifts",
        input_shape=(1, 1, 1),
        input_format=uint8,
        input_exponent=-8,
        layers=layers,
        classes=16,
        is_trained=False,
    )
    every_pixel = np.arange(256, dtype=np.uint8).reshape(256, 1, 1, 1)
    save_onnx(network, tmp_path / "network.onnx")

    theirs = onnxruntime_logits(tmp_path / "network.onnx", every_pixel, optimisation)

    np.testing.assert_array_equal(theirs, real_logits(network, network.logits(every_pixel)))


@pytest.mark.parametrize("optimisation", LEVELS)
def test_requantising_twice_in_a_row_rounds_twice_in_onnxruntime_too(
    random_network: Callable[..., IntegerNetwork], tmp_path: Path, optimisation: str
) -> None:
    network = random_network(1, 4, 6)
    again = Requantize(name="again", shift=1, output_format=NumberFormat(4, is_signed=False))
    twice = dataclasses.replace(network, layers=(*network.layers[:3], again, *network.layers[3:]))
    images = random_images(network.input_shape)
    save_onnx(twice, tmp_path / "network.onnx")

    theirs = onnxruntime_logits(tmp_path / "network.onnx", images, optimisation)

    np.testing.assert_array_equal(theirs, real_logits(twice, twice.logits(images)))
    assert load_onnx(tmp_path / "network.onnx") == twice


@pytest.mark.parametrize("optimisation", LEVELS)
@pytest.mark.parametrize("name", ["resnet8", "ds-cnn"])
def test_onnxruntime_computes_the_same_logits_of_branches_groups_and_averages(
    tmp_path: Path, name: str, optimisation: str
) -> None:
    network = ZOO[name].build()
    images = random_images(network.input_shape)
    save_onnx(network, tmp_path / "network.onnx")

    theirs = onnxruntime_logits(tmp_path / "network.onnx", images, optimisation)

    np.testing.assert_array_equal(theirs, real_logits(network, network.logits(images)))
    assert load_onnx(tmp_path / "network.onnx") == network


@pytest.mark.parametrize("optimisation", LEVELS)
def test_onnxruntime_computes_the_same_logits_of_lenet5(tmp_path: Path, optimisation: str) -> None:
    network = lenet5()
    images = random_images(network.input_shape)
    save_onnx(network, tmp_path / "network.onnx")

    theirs = onnxruntime_logits(tmp_path / "network.onnx", images, optimisation)

    np.testing.assert_array_equal(theirs, real_logits(network, network.logits(images)))


@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_a_network_comes_back_as_it_was_saved(
    random_network: Callable[..., IntegerNetwork],
    tmp_path: Path,
    widths: tuple[int, int],
    is_signed: bool,
) -> None:
    network = random_network(1, *widths, is_signed=is_signed)
    trained = dataclasses.replace(network, is_trained=True)

    save_onnx(trained, tmp_path / "network.onnx")

    assert load_onnx(tmp_path / "network.onnx") == trained


def test_the_saved_model_is_valid_onnx(random_network: Callable[..., IntegerNetwork], tmp_path: Path) -> None:
    save_onnx(random_network(1, 4, 4), tmp_path / "network.onnx")

    onnx.checker.check_model(onnx.load(tmp_path / "network.onnx"), full_check=True)


def test_a_folder_that_is_not_there_is_refused_when_saving(
    random_network: Callable[..., IntegerNetwork], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        save_onnx(random_network(1, 4, 4), tmp_path / "nowhere" / "network.onnx")


def test_a_name_that_the_form_does_not_allow_is_refused_when_saving(
    random_network: Callable[..., IntegerNetwork], tmp_path: Path
) -> None:
    network = random_network(1, 4, 4)
    renamed = tuple(dataclasses.replace(layer, name=f"<{layer.name}>") for layer in network.layers)

    for bad in (dataclasses.replace(network, name="<script>"), dataclasses.replace(network, layers=renamed)):
        with pytest.raises(UnsupportedNetworkError, match="names may have"):
            save_onnx(bad, tmp_path / "network.onnx")


@pytest.fixture
def saved(random_network: Callable[..., IntegerNetwork], tmp_path: Path) -> Path:
    save_onnx(random_network(1, 4, 4), tmp_path / "network.onnx")
    return tmp_path / "network.onnx"


def edit(path: Path, change: Callable[[Any], None]) -> None:
    model = onnx.load(path)
    change(model)
    path.write_bytes(model.SerializeToString())


def node(model: Any, name: str) -> Any:
    return next(node for node in model.graph.node if node.name == name)


def replace_constant(model: Any, name: str, value: NDArray[Any]) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    tensor.CopyFrom(numpy_helper.from_array(value, name))


def set_operator(model: Any, name: str, operator: str) -> None:
    node(model, name).op_type = operator


def set_metadata(model: Any, text: str) -> None:
    model.metadata_props[0].value = text


def set_attribute(model: Any, name: str, attribute: str, values: list[int]) -> None:
    next(entry for entry in node(model, name).attribute if entry.name == attribute).ints[:] = values


def keep_half_of_the_weights(model: Any) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "fc.weights.codes")
    tensor.raw_data = tensor.raw_data[: len(tensor.raw_data) // 2]


def store_weights_elsewhere(model: Any) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "fc.weights.codes")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def use_float_weights(model: Any) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.ones((3, 40), dtype=np.float32), "floats"))
    node(model, "fc").input[1] = "floats"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda m: set_operator(m, "relu1", "Sigmoid"), UnsupportedNetworkError, "'relu1': operator 'Sigmoid'"),
        (lambda m: set_operator(m, "conv2", "ConvInteger"), UnsupportedNetworkError, "'conv2': operator 'ConvInteger'"),
        (lambda m: set_operator(m, "quantize1.clip", "Relu"), UnsupportedNetworkError, "must read real numbers"),
        (
            lambda m: setattr(node(m, "relu1"), "domain", "evil"),
            UnsupportedNetworkError,
            "'relu1': operator 'evil.Relu",
        ),
        (lambda m: node(m, "conv2").input.__setitem__(0, "image"), UnsupportedNetworkError, "'conv2'.*not quantised"),
        (
            lambda m: node(m, "conv2").input.__setitem__(0, "fc.output"),
            UnsupportedNetworkError,
            "'conv2'.*no node before",
        ),
        (lambda m: set_attribute(m, "pool1", "kernel_shape", [10**9, 1]), UnsupportedNetworkError, "does not fit"),
        (lambda m: set_attribute(m, "pool1", "strides", [0, 1]), UnsupportedNetworkError, "layer pool1: stride"),
        (lambda m: set_attribute(m, "pool1", "strides", [1]), UnsupportedNetworkError, "'pool1': strides must be 2"),
        (
            lambda m: set_attribute(m, "conv1", "pads", [9, 9, 9, 9]),
            UnsupportedNetworkError,
            "layer conv1: padding must",
        ),
        (lambda m: node(m, "relu1").attribute.add(name="alpha"), UnsupportedNetworkError, "'relu1': attribute 'alpha'"),
        (
            lambda m: setattr(node(m, "fc").attribute[0], "i", 0),
            UnsupportedNetworkError,
            "'fc': its bias must be 40 constants",
        ),
        (use_float_weights, UnsupportedNetworkError, "'fc': its weights must be quantised, but are float"),
        (store_weights_elsewhere, UnsupportedNetworkError, "'fc.weights.codes' must be in the file itself"),
        (keep_half_of_the_weights, FileFormatError, "'fc.weights.codes': shape and content disagree"),
        (lambda m: set_metadata(m, "{"), FileFormatError, "metadata 'trackmac'"),
        (lambda m: set_metadata(m, "[]"), FileFormatError, "metadata 'trackmac'"),
        (
            lambda m: set_metadata(m, m.metadata_props[0].value.replace('"fc":4', '"fc":10')),
            FileFormatError,
            "metadata 'trackmac': weight_bits.fc",
        ),
        (
            lambda m: set_metadata(m, m.metadata_props[0].value.replace('"fc":4', '"fc":3')),
            UnsupportedNetworkError,
            r"layer fc: weights must be within -4\.\.3",
        ),
        (
            lambda m: set_metadata(m, m.metadata_props[0].value.replace('"fc":4', '"fd":4')),
            FileFormatError,
            "weight_bits lacks 'fc'",
        ),
        (
            lambda m: set_metadata(m, m.metadata_props[0].value.replace("random-1", "<script>")),
            FileFormatError,
            "metadata 'trackmac': name",
        ),
        (lambda m: m.graph.node.pop(), UnsupportedNetworkError, "output 'logits' must be that of a quantised layer"),
        (lambda m: m.graph.output.pop(), UnsupportedNetworkError, "one input and one output"),
        (lambda m: m.functions.add(name="f"), UnsupportedNetworkError, "functions within the model"),
        (
            lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", -1),
            UnsupportedNetworkError,
            r"input 'image' must be float \[batch, channels, height, width\]",
        ),
        (
            lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[2], "dim_param", "height"),
            UnsupportedNetworkError,
            "all but the batch known.*fixed sizes",
        ),
        (
            lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[2], "dim_value", 10**15),
            UnsupportedNetworkError,
            "an image must have 1 to|one image may have",
        ),
    ],
)
def test_a_file_in_any_other_form_is_refused_in_one_line(
    saved: Path, change: Callable[[Any], None], error: type[InputError], message: str
) -> None:
    edit(saved, change)

    with pytest.raises(error, match=message) as refusal:
        load_onnx(saved)

    assert type(refusal.value) is error
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).startswith(str(saved))


@pytest.mark.parametrize("name", [b"relu1", b"pool1", b"flatten"])
def test_a_name_that_is_not_utf_8_is_refused(saved: Path, name: bytes) -> None:
    saved.write_bytes(saved.read_bytes().replace(name, b"\xff" + name[1:]))

    with pytest.raises(FileFormatError, match=r"must be UTF-8 text|cannot be decoded") as refusal:
        load_onnx(saved)

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["a\nb", "<script>", "r" * 5000, ""])
def test_a_strange_name_is_cleaned(saved: Path, name: str) -> None:
    clean = load_onnx(saved)
    edit(saved, lambda model: setattr(node(model, "relu1"), "name", name))

    network = load_onnx(saved)

    assert [type(layer) for layer in network.layers] == [type(layer) for layer in clean.layers]
    save_onnx(network, saved)  # refuses names that the form does not allow


@pytest.mark.parametrize("scale", [np.nan, np.inf, 0.0, -0.5])
@pytest.mark.parametrize("name", ["input.scale", "quantize1.scale", "conv1.weights.scale", "fc.bias.scale"])
def test_a_scale_that_is_no_positive_number_is_refused(saved: Path, name: str, scale: float) -> None:
    edit(saved, lambda model: replace_constant(model, name, np.array(scale, dtype=np.float32)))

    with pytest.raises(UnsupportedNetworkError, match="must be finite"):
        load_onnx(saved)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(saved: Path, value: float) -> None:
    def change(model: Any) -> None:
        model.graph.initializer.append(numpy_helper.from_array(np.full((3, 40), value, dtype=np.float32), "floats"))

    edit(saved, change)

    with pytest.raises(UnsupportedNetworkError, match="constant 'floats' must be finite, but holds NaN or infinity"):
        load_onnx(saved)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("fc.weights.zero_point", np.array(0, dtype=np.uint8), r"layer fc: weights must be within -8\.\.7"),
        ("fc.weights.codes", np.zeros((3, 40), dtype=np.int16), "codes must be of 2 to 8 bits, but are int16"),
        ("fc.weights.codes", np.zeros((3, 40), dtype=np.float32), "codes must be of 2 to 8 bits, but are float32"),
        ("fc.weights.codes", np.zeros((3, 0), dtype=np.uint8), "'fc': its weights must have 2 axes, none empty"),
        ("fc.bias.codes", np.zeros(4, dtype=np.int32), "'fc': its bias must be 3 constants"),
        ("input.scale", np.array(2.0**100, dtype=np.float32), "input scale must be within|shift must be within"),
        ("quantize1.scale", np.array(2.0**-100, dtype=np.float32), "layer quantize1: shift must be within"),
    ],
)
def test_a_constant_that_breaks_the_form_is_refused(saved: Path, name: str, value: NDArray[Any], message: str) -> None:
    edit(saved, lambda model: replace_constant(model, name, value))

    with pytest.raises(UnsupportedNetworkError, match=message):
        load_onnx(saved)


def test_a_file_cut_off_anywhere_is_refused(saved: Path) -> None:
    content = saved.read_bytes()

    for length in range(0, len(content), 97):
        saved.write_bytes(content[:length])
        with pytest.raises(InputError) as refusal:
            load_onnx(saved)
        assert "\n" not in str(refusal.value)


def test_text_named_onnx_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("this is not a network\n")

    with pytest.raises(FileFormatError, match="must be an ONNX model"):
        load_onnx(tmp_path / "text.onnx")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        load_onnx(tmp_path / "missing.onnx")


def test_a_huge_file_is_refused_before_it_is_read(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "MAX_BYTES", saved.stat().st_size - 1)

    with pytest.raises(FileFormatError, match="bytes are read, but it has"):
        load_onnx(saved)
