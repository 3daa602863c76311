"""The obvious replay: every port of every DBC, and the domain that is under it, one access at a time."""

from collections.abc import Iterable

from trackmac.port_policy import PortAccess, PortUpdate
from trackmac.traces.bank import Bank
from trackmac.traces.replay import Shifts


def replay(bank: Bank, addresses: Iterable[int]) -> Shifts:
    """Serve accesses to these byte addresses on a bank at rest, one after another."""
    rest = [port * bank.domains // bank.ports for port in range(bank.ports)]
    under = [list(rest) for _ in range(bank.dbcs)]  # under[b][j]: the domain of DBC b that is now at port j
    requests, steps, displacements = 0, 0, [0]
    for address in addresses:
        dbc, domain = bank.home(address)
        ports = under[dbc]
        if bank.port_access is PortAccess.STATIC:
            chosen = max(port for port in range(bank.ports) if rest[port] <= domain)
        else:
            chosen = min(range(bank.ports), key=lambda port: (abs(ports[port] - domain), port))
        steps += _move(ports, domain - ports[chosen])
        displacements.append(ports[0] - rest[0])
        if bank.port_update is PortUpdate.EAGER:
            steps += _move(ports, rest[chosen] - ports[chosen])
        requests += 1
    return Shifts(
        requests=requests,
        shift_steps=steps,
        min_displacement=min(displacements),
        max_displacement=max(displacements),
    )


def _move(ports: list[int], steps: int) -> int:
    """Shift a track, and with it what is under every port; return the steps, whatever their direction."""
    ports[:] = [domain + steps for domain in ports]
    return abs(steps)
