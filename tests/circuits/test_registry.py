import numpy as np
import pytest

from trackmac.bits import NumberFormat
from trackmac.circuits import FAMILIES, MACS, Layout, circuit, family
from trackmac.errors import OperandError


def test_one_width_stands_for_all_operands() -> None:
    assert circuit("shift_add_multiplier", bits=5).bits == (5, 5)
    assert circuit("shift_add_multiplier", bits=(4, 7)).bits == (4, 7)


def test_widths_may_be_a_list_or_numpy_integers() -> None:
    assert circuit("shift_add_multiplier", bits=[4, 7]) is circuit("shift_add_multiplier", bits=(4, 7))
    assert circuit("relu", bits=np.int64(6)) is circuit("relu", bits=6)  # type: ignore[arg-type]
    assert circuit("requantize", bits=np.array([8, 4])) is circuit("requantize", bits=(8, 4))
    assert circuit("relu", bits=np.array(6)) is circuit("relu", bits=6)


@pytest.mark.parametrize("bits", [np.array([4.0, 8.0]), np.array([[4, 8]]), np.array([True, True])])
def test_widths_in_an_array_are_integers_too(bits: object) -> None:
    with pytest.raises(OperandError, match=r"a width must be an integer within 2\.\.16 bits, but it is"):
        circuit("shift_add_multiplier", bits=bits)  # type: ignore[arg-type]


def test_no_width_is_the_familys_default() -> None:
    assert circuit("ripple_adder").bits == (8, 8)
    assert circuit("requantize").bits == (16,)
    assert circuit("requantize").result.format == NumberFormat(8, True)


def test_the_same_question_gives_the_same_circuit() -> None:
    assert circuit("relu", bits=6) is circuit("relu", bits=(6,))


def test_signed_and_layout_reach_the_circuit() -> None:
    found = circuit("max_pool", bits=4, signed=False, layout="across")

    assert found.layout is Layout.ACROSS
    assert found.operand("b").format == NumberFormat(4, False)


def test_a_carry_in_is_optional_and_counts_as_no_width() -> None:
    found = circuit("latched_full_adder", bits=3)

    assert found.operand("carry_in").default == 0
    assert found.bits == (3, 3)


def test_requantize_must_not_widen() -> None:
    with pytest.raises(
        OperandError, match=r"requantize must not widen, but it goes from 4 to 8 bits; give --bits IN,OUT"
    ):
        circuit("requantize", bits=(4, 8))


def test_every_mac_that_networks_run_on_is_a_family_and_others_read_transversely_or_know_an_operand() -> None:
    macs = {name for name, found in FAMILIES.items() if found.kind == "mac" and not found.at_trd}

    assert set(MACS) == {name for name in macs if not circuit(name).known}


def test_families_are_found_by_the_name_of_their_circuits() -> None:
    for name in FAMILIES:
        assert family(name).name == circuit(name).name == name


def test_a_circuit_that_reads_transversely_has_a_distance_of_7_unless_told() -> None:
    assert circuit("transverse_read_multiplier").trd == 7
    assert circuit("transverse_read_multiplier", trd=3).trd == 3
    assert circuit("transverse_read_multiplier", trd=np.int64(5)).trd == 5  # type: ignore[arg-type]
    assert circuit("ripple_adder").trd is None
    assert {name for name, found in FAMILIES.items() if found.at_trd} == {
        "transverse_read_adder",
        "transverse_read_multiplier",
        "transverse_read_mac",
        "transverse_read_dot_product",
        "bitplane_popcount_mac",
    }


@pytest.mark.parametrize("trd", [0, 4, 9, -3, True, 7.0, "7"])
def test_a_distance_other_than_3_5_or_7_is_refused(trd: object) -> None:
    with pytest.raises(
        OperandError, match=rf"^the transverse-read distance must be 3, 5 or 7 domains, but it is {trd!r};"
    ):
        circuit("transverse_read_adder", trd=trd)  # type: ignore[arg-type]


def test_a_distance_for_a_circuit_that_reads_nothing_transversely_is_refused() -> None:
    with pytest.raises(
        OperandError, match=r"^ripple_adder reads nothing transversely, so it has no distance of 5 domains"
    ):
        circuit("ripple_adder", trd=5)


def test_known_operands_are_the_costliest_unless_told() -> None:
    assert circuit("csd_multiplier").known == {"b": 43}
    assert circuit("csd_mac", signed=False).known == {"b": 171}
    assert circuit("csd_dot_product", known={"b2": -128}).known == {"b0": 43, "b1": 43, "b2": -128, "b3": 43}
    assert circuit("csd_multiplier", known={"b": np.int8(-3)}).known == {"b": -3}  # type: ignore[dict-item]
    assert circuit("ripple_adder", known={}) is circuit("ripple_adder")


def test_known_values_that_nobody_gave_are_told_from_others() -> None:
    assert circuit("csd_multiplier").stand_ins == circuit("csd_multiplier", known={}).stand_ins == {"b"}
    assert circuit("csd_multiplier", known={"b": 43}).stand_ins == set()
    assert circuit("csd_dot_product", known={"b2": -128}).stand_ins == {"b0", "b1", "b3"}
    assert circuit("ripple_adder").stand_ins == set()


def test_known_operands_keep_their_place_among_the_others() -> None:
    assert [word.name for word in circuit("csd_mac").operands] == ["a", "b", "c"]
    assert circuit("csd_mac", (5, 3)).bits == (5, 3, 8)
    assert circuit("csd_dot_product", (5, 3)).bits == (5, 5, 5, 5, 3, 3, 3, 3)


@pytest.mark.parametrize(
    ("name", "known", "message"),
    [
        ("ripple_adder", {"b": 1}, "ripple_adder has no operand that is built into its program; leave out"),
        ("csd_mac", {"a": 1}, "csd_mac has b built in, not 'a'; choose one of these"),
        ("csd_dot_product", {"b": 1}, "csd_dot_product has b0, b1, b2, b3 built in, not 'b'"),
        ("csd_mac", {"b": 128}, r"operand b must be an integer within -128\.\.127 \(int8\), but it is 128; use"),
        ("csd_mac", {"b": 1 << 80}, "operand b must be an integer within"),
        ("csd_mac", {"b": True}, "operand b must be an integer within .* but it is True"),
        ("csd_mac", {"b": 1.0}, "operand b must be an integer within .* but it is 1.0"),
    ],
)
def test_values_that_cannot_be_known_are_refused(name: str, known: dict[str, int], message: str) -> None:
    with pytest.raises(OperandError, match=message):
        circuit(name, known=known)
