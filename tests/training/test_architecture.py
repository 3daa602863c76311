import dataclasses

import pytest

from trackmac.errors import InputError, UnknownNameError
from trackmac.training.architecture import CnnArchitecture, ConvBlock, LeNet5, architecture_named

CNN = CnnArchitecture(
    channels=(8, 16, 32), kernel=3, hidden=0, weight_bits=4, activation_bits=4, input_shape=(1, 8, 8), classes=10
)


def test_a_name_tells_channels_kernel_hidden_features_and_widths() -> None:
    assert CNN.name == "c8-16-32k3w4a4"
    assert dataclasses.replace(CNN, channels=(8,), kernel=5, hidden=24, weight_bits=3).name == "c8k5h24w3a4"


def test_blocks_pool_while_the_map_is_4_or_wider() -> None:
    assert CNN.blocks() == (
        ConvBlock(8, 3, 1, has_pool=True),
        ConvBlock(16, 3, 1, has_pool=True),
        ConvBlock(32, 3, 1, has_pool=False),
    )


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
    classic = LeNet5(input_shape=(1, 28, 28), classes=10)
    small = LeNet5(input_shape=(1, 8, 8), classes=10, weight_bits=4, activation_bits=5)

    assert [block.padding for block in classic.blocks()] == [2, 0]
    assert [block.padding for block in small.blocks()] == [2, 2]
    assert (classic.name, small.name) == ("lenet5-w8a8", "lenet5-8x8-w4a5")


def test_lenet5_refuses_images_that_leave_nothing_to_pool() -> None:
    with pytest.raises(InputError, match="at least 4x4"):
        LeNet5(input_shape=(1, 3, 8), classes=10)


def test_an_unknown_name_is_refused() -> None:
    assert architecture_named("lenet5", (1, 28, 28), 10) == LeNet5(input_shape=(1, 28, 28), classes=10)
    with pytest.raises(UnknownNameError, match="unknown trainable network 'lenet6': did you mean 'lenet5'"):
        architecture_named("lenet6", (1, 28, 28), 10)
