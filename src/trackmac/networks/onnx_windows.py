"""Where the windows of a Conv or a pooling lie on a map: pads, TensorFlow's SAME, and sizes rounded up."""

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.checks import check_at_least
from trackmac.networks.onnx_file import Node, printable

Sides = tuple[int, int, int, int]
"""Top, left, bottom, right."""


def sides_of(node: Node, size: tuple[int, int], window: tuple[int, int]) -> Sides:
    """Return the padding of a map of that height and width under windows of that height and width, dilation included.

    With `ceil_mode`, a last window that the map does not fill gets its rest as padding.

    Raises:
        UnsupportedNetworkError: attributes of another form; the message names the node.
    """
    stride = numbers(node, "strides", (1, 1))
    check_at_least(1, stride, f"layer {printable(node.name)}: stride")
    match node.attributes.get("auto_pad", "NOTSET"):
        case "NOTSET":
            top, left, bottom, right = numbers(node, "pads", (0, 0, 0, 0))
        case "VALID":
            top, left, bottom, right = 0, 0, 0, 0
        case "SAME_UPPER" | "SAME_LOWER" as kind:
            (top, bottom), (left, right) = (
                _same(*sizes, is_upper=kind == "SAME_UPPER") for sizes in zip(size, stride, window, strict=True)
            )
        case other:
            raise UnsupportedNetworkError(
                f"{node}: auto_pad must be NOTSET, VALID or SAME_UPPER, but is {printable(str(other))}; export it so"
            )
    if node.attributes.get("ceil_mode", 0):
        bottom += _missing(size[0], top, bottom, stride[0], window[0])
        right += _missing(size[1], left, right, stride[1], window[1])
    return top, left, bottom, right


def numbers(node: Node, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """Return an attribute that is a list of as many integers as `default` has.

    Raises:
        UnsupportedNetworkError: it is not; the message names the node.
    """
    value = node.attributes.get(name, default)
    if isinstance(value, tuple) and len(value) == len(default):
        return tuple(int(item) for item in value)
    raise UnsupportedNetworkError(
        f"{node}: {name} must be {len(default)} numbers, but is {printable(str(value))}; only 2-D layers are read"
    )


def _same(size: int, stride: int, window: int, *, is_upper: bool) -> tuple[int, int]:
    """Return the padding before and after for size / stride windows, rounded up; an odd one is larger after."""
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    less, more = total // 2, total - total // 2
    return (less, more) if is_upper else (more, less)


def _missing(size: int, before: int, after: int, stride: int, window: int) -> int:
    """Return what the last window lacks, unless it would begin behind the map."""
    count = -(-(size + before + after - window) // stride) + 1
    if (count - 1) * stride >= size + before:
        count -= 1
    return max((count - 1) * stride + window - (size + before + after), 0)
