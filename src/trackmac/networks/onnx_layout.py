"""Networks that take images channels last, as TensorFlow's do: the Transpose behind the input is taken away."""

from dataclasses import replace

from trackmac.networks.onnx_file import Graph, Node

POINTWISE = ("Add", "Cast", "Clip", "DequantizeLinear", "Div", "Identity", "Mul", "QuantizeLinear", "Sub")
CHANNELS_FIRST = (0, 3, 1, 2)


def channels_first(graph: Graph) -> Graph:
    """Return a graph that takes [channels, height, width], where the file's takes [height, width, channels].

    It is known by what reads the image: a Transpose, or for one channel a Reshape, perhaps behind quantisers and
    constants. Other graphs are returned as they are.
    """
    untouched = {graph.input_name}
    movers: list[Node] = []
    for node in graph.nodes:
        if not untouched & set(node.inputs):
            continue
        if _moves_channels(node, graph):
            movers.append(node)
        elif node.operator in POINTWISE and not node.domain:
            untouched.update(node.outputs)
        else:
            return graph
    if not movers:
        return graph
    height, width, channels = graph.input_shape
    renamed = {node.outputs[0]: node.inputs[0] for node in movers}
    rest = [node for node in graph.nodes if node not in movers]
    nodes = [replace(node, inputs=tuple(renamed.get(name, name) for name in node.inputs)) for node in rest]
    output = renamed.get(graph.output_name, graph.output_name)
    return replace(graph, nodes=tuple(nodes), input_shape=(channels, height, width), output_name=output)


def _moves_channels(node: Node, graph: Graph) -> bool:
    if node.domain:
        return False
    if node.operator == "Transpose":
        return node.attributes.get("perm") == CHANNELS_FIRST
    height, width, channels = graph.input_shape
    wanted = graph.constants.get(node.inputs[1]) if node.operator == "Reshape" and len(node.inputs) > 1 else None
    if wanted is None or channels != 1 or wanted.size != len(CHANNELS_FIRST):
        return False
    return wanted.reshape(-1).tolist()[1:] == [1, height, width] and (height, width) != (1, 1)
