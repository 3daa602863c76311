"""Ports by kind: what they can do, what room they take, what is refused."""

import pytest

from trackmac.arrays.ports import KNOWN_LAYOUTS, Operation, Port, PortKind, PortLayout, evenly_spaced, layout
from trackmac.errors import IllegalHardwareError


@pytest.mark.parametrize(
    ("label", "footprint"),
    [("4RW", 48), ("5RW", 60), ("2RW+10R", 64), ("2W+12R", 64), ("2RW+2W+6R", 64), ("4W+8R", 64)],
)
def test_the_known_layouts_take_no_more_room_than_their_track(label: str, footprint: int) -> None:
    ports = KNOWN_LAYOUTS[label]

    assert (ports.label, ports.domains, ports.footprint_domains) == (label, 64, footprint)


def test_eight_ports_on_64_domains_are_wider_than_their_track() -> None:
    assert evenly_spaced(64, 8).footprint_domains == 96  # MU-64-32-4: legal, bound by what lies below


def test_each_kind_serves_what_its_letters_say() -> None:
    ports = layout(64, RW=(0,), W=(20,), R=(40,))

    assert ports.positions(Operation.READ).tolist() == [0, 40]
    assert ports.positions(Operation.WRITE).tolist() == [0, 20]


def test_ports_out_of_order_are_refused() -> None:
    with pytest.raises(IllegalHardwareError, match=r"rising position, but stand at \[5, 2\]; sort them"):
        PortLayout(8, (Port(5), Port(2, PortKind.R)))


@pytest.mark.parametrize(
    ("domains", "ports", "message"),
    [
        (64, {"RW": (0, 16, 16)}, "no two ports can stand at one position, but two are at 16"),
        (64, {"W": (0,), "R": (0,)}, "no two ports can stand at one position, but two are at 0"),
        (2, {"RW": (0, 1, 2)}, "at most one port for each domain, but 3 ports stand over 2 domains"),
        (64, {"RW": (0, 64)}, "must stand over domains 0 to 63, but one is at 64"),
        (64, {"RW": (-1,)}, "must stand over domains 0 to 63, but one is at -1"),
        (64, {"R": (0, 32)}, "needs a port that can write it, but 2R has none; give at least one RW or W port"),
        (64, {"W": (0, 32)}, "needs a port that can read it, but 2W has none; give at least one RW or R port"),
        (64, {}, "needs a port that can read it, but a track without ports has none"),
    ],
)
def test_layouts_that_cannot_be_built_are_refused(
    domains: int, ports: dict[str, tuple[int, ...]], message: str
) -> None:
    with pytest.raises(IllegalHardwareError, match=message):
        layout(domains, **ports)


def test_evenly_spaced_kinds_take_turns() -> None:
    ports = evenly_spaced(48, 2, write_ports=1, read_ports=3)

    assert [str(port.kind) for port in ports.ports] == ["RW", "W", "R", "R", "RW", "R"]
    assert [port.position for port in ports.ports] == list(range(0, 48, 8))
    assert ports.is_evenly_spaced


@pytest.mark.parametrize("label", KNOWN_LAYOUTS)
def test_of_the_known_layouts_one_is_evenly_spaced(label: str) -> None:
    assert KNOWN_LAYOUTS[label].is_evenly_spaced == (label == "4RW")


def test_ports_that_do_not_divide_the_domains_are_not_evenly_spaced() -> None:
    with pytest.raises(IllegalHardwareError, match="3 ports do not divide 64 domains"):
        evenly_spaced(64, 3)
