import dataclasses

import pytest

from trackmac.errors import InputError, UnknownNameError
from trackmac.networks.blueprint import ConvBlock
from trackmac.training.architecture import CnnArchitecture, architecture_named

CNN = CnnArchitecture(
    channels=(8, 16, 32), kernel=3, hidden=0, weight_bits=4, activation_bits=4, input_shape=(1, 8, 8), classes=10
)


def test_a_name_tells_channels_kernel_hidden_features_and_widths() -> None:
    assert CNN.name == "c8-16-32k3w4a4"
    assert dataclasses.replace(CNN, channels=(8,), kernel=5, hidden=24, weight_bits=3).name == "c8k5h24w3a4"


def test_blocks_pool_while_the_map_is_4_or_wider() -> None:
    names = ["conv1", "conv1_pool", "conv2", "conv2_pool", "conv3", "flatten", "linear1"]
    assert [block.name for block in CNN.blueprint().blocks] == names
    assert dict(CNN.blueprint().shapes)["conv3"] == (32, 2, 2)


def test_other_widths_change_nothing_else() -> None:
    other = CNN.with_bits(2, 7)

    assert other == dataclasses.replace(CNN, weight_bits=2, activation_bits=7)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("weight_bits", 1, r"weight_bits must be within 2\.\.8, but is 1"),
        ("activation_bits", 9, r"activation_bits must be within 2\.\.8, but is 9"),
        ("kernel", 4, "a kernel must be odd"),
        ("channels", (), "channels must be one number"),
        ("channels", (8, 0), "channels must be one number"),
        ("hidden", -1, "hidden features must be 0"),
    ],
)
def test_sizes_out_of_range_are_refused(field: str, value: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        dataclasses.replace(CNN, **{field: value})  # type: ignore[arg-type]


def test_lenet5_pads_its_second_convolution_only_where_the_image_is_small() -> None:
    classic = architecture_named("lenet5", (1, 28, 28), 10)
    small = architecture_named("lenet5", (1, 8, 8), 10).with_bits(4, 5)

    assert [block.padding[0] for block in classic.blueprint().blocks if isinstance(block, ConvBlock)] == [2, 0]
    assert [block.padding[0] for block in small.blueprint().blocks if isinstance(block, ConvBlock)] == [2, 2]
    assert (classic.name, small.name) == ("lenet5-w8a8", "lenet5-8x8-w4a5")


def test_lenet5_refuses_images_that_leave_nothing_to_pool() -> None:
    with pytest.raises(InputError, match="layer conv2_pool: its 2x2 window is larger than the 1x4 map"):
        architecture_named("lenet5", (1, 3, 8), 10)


def test_an_unknown_name_is_refused() -> None:
    assert architecture_named("lenet5", (1, 28, 28), 10).network == "lenet5"
    with pytest.raises(UnknownNameError, match="unknown trainable network 'lenet6': did you mean 'lenet5'"):
        architecture_named("lenet6", (1, 28, 28), 10)
