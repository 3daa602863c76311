from typing import Any

import pytest

from trackmac.errors import IllegalHardwareError
from trackmac.traces import Bank, PortAccess, PortUpdate


def bank(**sizes: Any) -> Bank:
    fitting = {"domains": 64, "tracks": 32, "ports": 2, **sizes}
    return Bank(port_access=PortAccess.STATIC, port_update=PortUpdate.LAZY, **fitting)


@pytest.mark.parametrize(
    ("address", "home"),
    [
        (0, (0, 0)),
        (63, (0, 0)),
        (64, (0, 1)),
        (0xFFF, (0, 63)),
        (0x1000, (1, 0)),
        (0x100000, (0, 0)),
        (0xE5480, (229, 18)),
    ],
)
def test_addresses_fall_on_domains_as_in_rtsim(address: int, home: tuple[int, int]) -> None:
    # reference/facts.md, section 4: domain (A >> 6) mod 64, DBC (A >> 12) mod 256
    assert bank().home(address) == home


def test_ports_that_do_not_divide_the_domains_are_refused() -> None:
    with pytest.raises(IllegalHardwareError, match="3 ports do not divide 64 domains; choose a divisor"):
        bank(ports=3)


def test_more_ports_than_domains_are_refused() -> None:
    with pytest.raises(IllegalHardwareError, match="128 ports do not divide 64 domains"):
        bank(ports=128)


@pytest.mark.parametrize(
    ("name", "most"),
    [*((name, 1 << 20) for name in ("domains", "tracks", "ports", "word_bytes")), ("dbcs", 1 << 24)],
)
def test_sizes_out_of_range_are_refused(name: str, most: int) -> None:
    for size in (0, -1, most + 1):
        with pytest.raises(IllegalHardwareError, match=f"{name} must be 1 to {most}, but it is {size}"):
            bank(**{name: size})
    if name != "ports":
        assert getattr(bank(**{name: most}), name) == most
