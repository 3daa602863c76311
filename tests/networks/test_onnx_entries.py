from pathlib import Path

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from trackmac.errors import UnsupportedNetworkError
from trackmac.networks.onnx_entries import graph_entries
from trackmac.networks.onnx_file import MAX_ENTRIES
from trackmac.networks.onnx_io import load_onnx, save_onnx
from trackmac.networks.zoo.lenet5 import lenet5

PLENTY = 10**9


def test_entries_are_those_that_onnx_decodes(tmp_path: Path) -> None:
    save_onnx(lenet5(4, 4), tmp_path / "network.onnx")
    content = (tmp_path / "network.onnx").read_bytes()
    graph = onnx.load_model_from_string(content).graph
    parts = (graph.node, graph.initializer, graph.input, graph.output, graph.value_info)

    assert graph_entries(content, PLENTY) == sum(map(len, parts)) + 1  # and its name
    assert graph_entries(content, 7) == 7


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_counted_to_their_end(content: bytes) -> None:
    assert 0 <= graph_entries(content, PLENTY) <= len(content)


@pytest.mark.parametrize("part", ["nodes", "constants"])
def test_a_graph_of_very_many_parts_is_refused_before_it_is_decoded(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [helper.make_node("Relu", ["a"], ["b"])] * (MAX_ENTRIES if part == "nodes" else 1)
    constants = [helper.make_tensor("c", TensorProto.FLOAT, [1], [0.0])] * (MAX_ENTRIES if part == "constants" else 0)
    model = helper.make_model(helper.make_graph([nodes[0]], "many", [], [], constants[:1]))
    graph = model.graph
    graph.node.extend(nodes[1:])
    graph.initializer.extend(constants[1:])
    (tmp_path / "many.onnx").write_bytes(model.SerializeToString())
    monkeypatch.setattr(onnx, "load_model_from_string", lambda content: pytest.fail("decoded"))

    with pytest.raises(UnsupportedNetworkError, match="nodes and constants together must be fewer than 100000"):
        load_onnx(tmp_path / "many.onnx")
