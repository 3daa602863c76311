"""Which layer reads which: the wiring of an integer network."""

from collections.abc import Sequence

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.layers import INPUT, Add, Concat, Layer


def wiring(layers: Sequence[Layer]) -> tuple[tuple[str, ...], ...]:
    """Return the names that each layer reads, `INPUT` being the network's input.

    Raises:
        UnsupportedNetworkError: a name is used twice, is not that of a layer before, or a layer's output is not used.
    """
    known: list[str] = [INPUT]
    unused: dict[str, None] = {}
    result: list[tuple[str, ...]] = []
    for layer in layers:
        sources = layer.inputs or (known[-1],)
        _check_number(layer, sources)
        for source in sources:
            if source not in known:
                raise UnsupportedNetworkError(
                    f"layer {layer.name}: reads {source!r}, which is no layer before it; put the layers in order"
                )
            unused.pop(source, None)
        if layer.name in known:
            raise UnsupportedNetworkError(f"layer {layer.name}: the name is used 2 times; rename it")
        known.append(layer.name)
        unused[layer.name] = None
        result.append(sources)
    for name in list(unused)[:-1]:
        raise UnsupportedNetworkError(f"layer {name}: nothing reads its output; remove it")
    return tuple(result)


def last_uses(sources: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """Return for each name the number of the layer that reads it last."""
    return {name: number for number, names in enumerate(sources) for name in names}


def _check_number(layer: Layer, sources: tuple[str, ...]) -> None:
    if isinstance(layer, Add | Concat):
        is_right, rule = len(sources) == 2 or (isinstance(layer, Concat) and len(sources) > 2), "two inputs"
    else:
        is_right, rule = len(sources) == 1, "one input"
    if not is_right:
        raise UnsupportedNetworkError(f"layer {layer.name}: must have {rule}, but has {len(sources)}; name its inputs")
