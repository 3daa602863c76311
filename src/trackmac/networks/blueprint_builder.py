"""Draws a blueprint block by block; a branch begins where `hold` was called, and ends in `add`."""

from trackmac.networks.blueprint import (
    AverageBlock,
    Block,
    Blueprint,
    ConvBlock,
    FlattenBlock,
    LinearBlock,
    MaxPoolBlock,
    Shape,
    SumBlock,
    block_shape,
)
from trackmac.networks.checks import Padding, four_sides
from trackmac.networks.layers import INPUT


class BlueprintBuilder:
    """The blocks so far; each reads the current map."""

    def __init__(self, input_shape: tuple[int, int, int]) -> None:
        self._input_shape = input_shape
        self._blocks: list[Block] = []
        self._shapes: dict[str, Shape] = {INPUT: input_shape}
        self._current = INPUT

    @property
    def channels(self) -> int:
        """Channels of the current map."""
        return self._shapes[self._current][0]

    @property
    def height_and_width(self) -> Shape:
        """Height and width of the current map."""
        return self._shapes[self._current][1:]

    def conv(
        self,
        name: str,
        channels: int,
        kernel: int | tuple[int, int],
        padding: int | Padding = 0,
        *,
        stride: int = 1,
        groups: int = 1,
        is_rectified: bool = True,
    ) -> None:
        """Append convolution, ReLU where `is_rectified`, and requantisation."""
        self._append(
            ConvBlock(
                name=name,
                sources=(self._current,),
                channels=channels,
                kernel=(kernel, kernel) if isinstance(kernel, int) else kernel,
                stride=stride,
                padding=four_sides((padding, padding) if isinstance(padding, int) else padding),
                groups=groups,
                is_rectified=is_rectified,
            )
        )

    def depthwise(self, name: str, kernel: int, padding: int | Padding, *, stride: int = 1) -> None:
        """Append a convolution of each channel for itself, ReLU and requantisation."""
        self.conv(name, self.channels, kernel, padding, stride=stride, groups=self.channels)

    def hidden(self, name: str, features: int) -> None:
        """Append a linear layer, ReLU and requantisation."""
        self._append(LinearBlock(name=name, sources=(self._current,), features=features))

    def max_pool(self, name: str, kernel: int = 2, stride: int = 2, padding: int = 0) -> None:
        """Append max-pooling."""
        self._append(MaxPoolBlock(name=name, sources=(self._current,), kernel=kernel, stride=stride, padding=padding))

    def global_average_pool(self, name: str) -> None:
        """Append the average of each channel."""
        self._append(AverageBlock(name=name, sources=(self._current,)))

    def flatten(self) -> None:
        """Append a Flatten."""
        self._append(FlattenBlock(name="flatten", sources=(self._current,)))

    def hold(self) -> str:
        """Return the current map's name, for a branch."""
        return self._current

    def go_back(self, name: str) -> None:
        """Go on from a map that `hold` named."""
        self._current = name

    def add(self, name: str, other: str, *, is_rectified: bool = True) -> None:
        """Append the sum of the current map and a held one, ReLU where `is_rectified`, and requantisation."""
        self._append(SumBlock(name=name, sources=(self._current, other), is_rectified=is_rectified))

    def blueprint(self, name: str, last: str, classes: int) -> Blueprint:
        """Append the linear layer `last` and return the whole."""
        self._append(LinearBlock(name=last, sources=(self._current,), features=classes, is_last=True))
        return Blueprint(name=name, input_shape=self._input_shape, classes=classes, blocks=tuple(self._blocks))

    def _append(self, block: Block) -> None:
        self._shapes[block.name] = block_shape(block, self._shapes)
        self._blocks.append(block)
        self._current = block.name
