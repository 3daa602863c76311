"""`import trackmac as tm`: what other people's scripts rely on."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import trackmac as tm
from trackmac import api
from trackmac.circuits import FAMILIES
from trackmac.errors import InputError, OperandError, UnknownNameError

loose: Any = tm


def test_all_is_sorted_and_complete() -> None:
    assert tm.__all__ == sorted(tm.__all__)
    for name in tm.__all__:
        assert getattr(tm, name) is not None
        assert name in dir(tm)


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'trackmac' has no attribute 'sweep'"):
        tm.sweep  # noqa: B018


def test_the_import_loads_no_heavy_library() -> None:
    code = (
        "import sys, trackmac; "
        "assert not {'torch', 'numba', 'brevitas', 'plotly', 'polars', 'numpy'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_errors_can_be_caught_in_a_fresh_interpreter() -> None:
    code = (
        "import trackmac as tm\n"
        "try: tm.circuit('nope')\n"
        "except tm.UnknownNameError as error: assert isinstance(error, tm.errors.InputError | tm.TrackmacError)\n"
        "else: raise SystemExit('no error')"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_error_is_exported() -> None:
    classes = {name for name, value in vars(tm.errors).items() if isinstance(value, type) and name.endswith("Error")}

    assert classes <= set(tm.__all__)
    assert all(getattr(tm, name) is getattr(tm.errors, name) for name in classes)


def test_pricing_a_network_needs_no_torch() -> None:
    code = "import sys, trackmac as tm; tm.evaluate('lenet5', 'embedded'); assert 'torch' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_circuit_runs_on_integers_lists_and_arrays() -> None:
    adder = tm.circuit("ripple_adder")

    assert tm.run(adder, 3, -4).values.tolist() == [-1]
    assert tm.run(adder, [3, 5], (4, -5)).values.tolist() == [7, 0]
    assert tm.run(adder, np.array([100], dtype=np.int8), b=[100]).values.tolist() == [200]


def test_a_run_has_values_events_energy_and_latency() -> None:
    result = tm.run(tm.circuit("shift_add_multiplier", bits=(4, 8)), [-8, 7], [127, -128])

    assert result.values.dtype == np.int64
    assert result.values.tolist() == [-1016, -896]
    assert isinstance(result.events, dict)
    assert result.events["writes"] > 0
    assert result.energy_pj > 0
    assert result.latency_ns > 0


def test_empty_lists_give_an_empty_result() -> None:
    for name in ("ripple_adder", "csd_multiplier"):
        nothing = np.array([], dtype=np.int64)
        lists, arrays = tm.run(tm.circuit(name), [], []), tm.run(tm.circuit(name), nothing, nothing)

        assert lists == arrays
        assert (lists.values.tolist(), lists.values.dtype, lists.energy_pj) == ([], np.int64, 0)


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("name", FAMILIES)
def test_a_run_says_whether_signed_operands_were_asked_for(name: str, is_signed: bool) -> None:
    circuit = tm.circuit(name, signed=is_signed)

    assert tm.run(circuit, *([] for _ in circuit.operands)).signed == is_signed


def test_runs_are_equal_by_what_they_say() -> None:
    adder = tm.circuit("ripple_adder")
    one, same, other = tm.run(adder, [1, 2], [3, 4]), tm.run(adder, [1, 2], [3, 4]), tm.run(adder, [1, 2], [4, 3])

    assert one == same
    assert one != other
    assert one != "a run"
    with pytest.raises(TypeError, match="unhashable type: 'CircuitRun'"):
        hash(one)


def test_the_values_of_a_run_cannot_be_written_to() -> None:
    result = tm.run(tm.circuit("ripple_adder"), [1, 2], [3, 4])

    with pytest.raises(ValueError, match="read-only"):
        result.values[0] = 0


@pytest.mark.parametrize("name", ["circuit", "technology"])
def test_an_operand_may_be_called_anything(name: str) -> None:
    relu = tm.circuit("relu")
    renamed = replace(relu, operands=(replace(relu.operands[0], name=name),))

    assert api.run_operands(renamed, {name: [-5, 5]}).values.tolist() == [0, 5]
    assert tm.run(renamed, -5).values.tolist() == [0]


def test_operands_go_by_name() -> None:
    relu = tm.circuit("relu", bits=4)

    assert tm.run(relu, x=[-8, -1, 0, 7]).values.tolist() == [0, 0, 0, 7]


def test_unsigned_operands() -> None:
    assert tm.run(tm.circuit("ripple_subtractor", signed=False), 0, 255).values.tolist() == [-255]


def test_a_run_is_priced_in_the_technology_asked_for() -> None:
    adder = tm.circuit("ripple_adder")

    ours, theirs = (tm.run(adder, 1, 2, technology=name) for name in ("rtsim-destiny-2017", "spimulator-2025"))

    assert ours.events == theirs.events
    assert ours.energy_pj != theirs.energy_pj
    assert theirs.technology == "spimulator-2025"


@pytest.mark.parametrize("name", FAMILIES)
def test_the_energy_of_a_run_is_that_of_the_closed_form(name: str) -> None:
    from trackmac.models.circuit_costs import circuit_cost

    circuit = tm.circuit(name)
    operands = [[1, 0, 1] if word.known is None else [word.known] * 3 for word in circuit.operands]

    result = tm.run(circuit, *operands)

    cost = circuit_cost(circuit, tm.load_technology(result.technology))
    assert result.energy_pj == pytest.approx(3 * cost.energy_pj)
    assert result.latency_ns == pytest.approx(cost.latency_ns)
    assert result.steps == cost.steps


def test_each_known_value_has_a_program_and_the_slowest_lane_decides() -> None:
    multiplier = tm.circuit("csd_multiplier")
    weights = [43, 0, -128, 43]

    together = tm.run(multiplier, [3, 5, -128, -7], weights)
    alone = [tm.run(multiplier, a, b) for a, b in zip([3, 5, -128, -7], weights, strict=True)]

    assert together.values.tolist() == [129, 0, 16384, -301]
    assert together.events == {event: sum(one.events.get(event, 0) for one in alone) for event in alone[0].events}
    assert together.energy_pj == pytest.approx(sum(one.energy_pj for one in alone))
    assert together.latency_ns == max(one.latency_ns for one in alone) == alone[0].latency_ns > alone[2].latency_ns
    assert together.steps == max(one.steps for one in alone)
    assert together.area_um2 == max(one.area_um2 for one in alone)
    assert together.operands == {"a": (3, 5, -128, -7), "b": tuple(weights)}


def test_known_operands_that_are_left_out_are_told() -> None:
    chosen = tm.circuit("csd_mac", known={"b": -7})

    result = tm.run(chosen, [2, 3], c=[0, 100])

    assert result.values.tolist() == [-14, 79]
    assert result.operands == {"a": (2, 3), "b": (-7, -7), "c": (0, 100)}
    assert tm.run(chosen, 2, 5, 100).values.tolist() == [110]


def test_a_known_operand_that_nobody_gave_is_missing() -> None:
    with pytest.raises(OperandError, match="csd_mac needs operand b, which is missing"):
        tm.run(tm.circuit("csd_mac"), a=3, c=0)
    with pytest.raises(OperandError, match="csd_dot_product needs operand b1, which is missing"):
        tm.run(tm.circuit("csd_dot_product", known={"b0": 43}), 1, 1, 1, 1)
    assert tm.run(tm.circuit("csd_multiplier", known={"b": 43}), 2).values.tolist() == [86]


def test_weights_of_nothing_but_zeros_cost_nothing() -> None:
    result = tm.run(tm.circuit("csd_dot_product"), 9, 9, 9, 9, 0, 0, 0, 0, 5)

    assert (result.values.tolist(), result.events, result.energy_pj, result.steps) == ([5], {}, 0, 0)


@pytest.mark.parametrize(
    ("operands", "named", "message"),
    [
        (([1, 2], [1]), {}, "of equal number, but a has 2, b has 1"),
        ((1,), {}, "needs operand b, which is missing"),
        ((1, 2, 3), {}, "takes a, b, but 3 operands are given"),
        ((1, 2), {"a": 3}, "operand a is given twice"),
        ((1,), {"z": 3}, "has operands a, b, not 'z'"),
        ((1.5, 2), {}, "operand a must be one list of integers, but it is float64"),
        (("7", 2), {}, "operand a must be one list of integers"),
        (([[1]], 2), {}, "with 2 axes"),
        (([1, [2]], 2), {}, "operand a must be one list of integers, but it is uneven"),
        ((1 << 70, 2), {}, "operand a must be one list of integers"),
        ((200, 2), {}, r"operand a must be within -128\.\.127 \(int8\), but it is 200"),
        ((True, 2), {}, "operand a must be one list of integers, but it is bool"),
    ],
)
def test_wrong_operands_are_refused(operands: tuple[object, ...], named: dict[str, object], message: str) -> None:
    with pytest.raises(OperandError, match=message):
        tm.run(tm.circuit("ripple_adder"), *operands, **named)  # type: ignore[arg-type]


@pytest.mark.parametrize("bits", [1, 17, 0, -3])
def test_a_width_out_of_range_is_refused(bits: int) -> None:
    with pytest.raises(OperandError, match=r"within 2\.\.16 bits, but it is"):
        tm.circuit("ripple_adder", bits=bits)


def test_a_network_is_evaluated() -> None:
    network, hardware = tm.load_network("lenet5"), tm.load_hardware("embedded")

    result = tm.evaluate(network, hardware)

    assert result == tm.evaluate("lenet5", "embedded")
    assert result.totals.macs == 416_520
    assert tm.evaluate(network, hardware, technology="spimulator-2025").technology == "spimulator-2025"


def test_a_network_is_simulated() -> None:
    network = tm.load_network("lenet5")
    images = np.random.default_rng(0).integers(0, 256, size=(1, 28, 28), dtype=np.uint8)

    result = tm.simulate(network, "embedded", images, labels=[3])

    assert result.mismatches == 0
    assert dict(result.events) == dict(result.predicted_events)
    assert result.integer_logits == tuple(tuple(row) for row in network.logits(images).tolist())
    assert result.accuracy == float(result.predictions[0] == 3)


def test_what_is_no_circuit_is_refused() -> None:
    with pytest.raises(InputError, match=r"this is 'ripple_adder'; give trackmac\.circuit\(NAME\)"):
        tm.run("ripple_adder", 1, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: loose.circuit(None), "a circuit goes by its name, but this is None; give one"),
        (lambda: loose.circuit(["relu"]), "a circuit goes by its name, but this is"),
        (lambda: loose.check_circuit(None), "a circuit goes by its name, but this is None; give one"),
        (lambda: loose.circuit("relu", signed="no"), "signed must be True or False, but it is 'no'; choose one"),
        (lambda: loose.circuit("relu", signed=0), "signed must be True or False, but it is 0"),
        (lambda: loose.circuit("csd_mac", known=[3]), r"known values must go by operand, but they are \[3\]; give"),
        (lambda: loose.circuit("csd_mac", known=0), "known values must go by operand, but they are 0"),
        (lambda: loose.circuit("csd_mac", known={3: 3}), "csd_mac has b built in, not 3"),
        (lambda: loose.run(loose.circuit("relu"), 1, technology=None), "a technology is a name or a YAML file"),
        (lambda: loose.load_hardware(None), "a hardware is a name or a YAML file, but this is None"),
        (lambda: loose.load_network(None), "a network is a name or a file, but this is None"),
        (lambda: loose.register_circuit(None, None), "a closed form must be a function of the circuit"),
        (lambda: loose.register_circuit(None, len), "what is registered must be a CircuitFamily, but it is None"),
    ],
)  # fmt: skip
def test_arguments_of_another_type_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        ([[[0] * 28] * 28], None, "images must be uint8, but are int64"),
        (None, None, "images must be uint8, but are object"),
        (np.zeros((1, 28, 28), dtype=np.uint8), ["seven"], "labels must be integers, but are <U5"),
        (np.zeros((1, 28, 28), dtype=np.uint8), [7.5], "labels must be integers, but are float64"),
        (np.zeros((1, 28, 28), dtype=np.uint8), [1 << 70], "labels must be integers, but are object"),
    ],
)
def test_images_and_labels_of_another_type_are_refused(images: object, labels: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tm.simulate("lenet5", "embedded", images, labels)  # type: ignore[arg-type]


def test_unknown_names_are_refused() -> None:
    for load in (tm.load_network, tm.load_hardware, tm.load_technology):
        with pytest.raises(UnknownNameError, match=r"unknown .* 'nope'"):
            load("nope")


def test_results_are_plain_data_on_request(exploration_result: tm.ExplorationResult) -> None:
    run = tm.run(tm.circuit("ripple_adder"), [1], [2]).to_dict()
    evaluation = tm.evaluate("lenet5", "embedded").to_dict()

    assert run["result"] == [3]
    assert json.loads(json.dumps(run, allow_nan=False)) == run
    for data in (evaluation, exploration_result.to_dict()):
        assert json.dumps(data, allow_nan=False)


def test_the_front_is_a_data_frame_on_request(exploration_result: tm.ExplorationResult) -> None:
    frame = exploration_result.to_frame()

    assert frame.height == len(exploration_result.front)
    assert frame["energy_pj"].to_list() == [design.energy_pj for design in exploration_result.front]
    assert set(frame["hardware.macro_unit.domains"]) == {64}
