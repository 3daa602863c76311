"""Circuits of other packages, found by their entry points and imported only when they are asked for.

A package offers a circuit by an entry point of the group `trackmac.circuits`: the circuit's name, and the module that
registers it.
"""

from collections.abc import Container
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from trackmac.errors import PluginError

GROUP = "trackmac.circuits"


@cache
def circuit_plugins() -> tuple[EntryPoint, ...]:
    """Return the entry points of circuits in all installed packages, by name; nothing is imported."""
    return tuple(sorted(entry_points(group=GROUP), key=lambda plugin: (plugin.name, plugin.value)))


def load_plugin(plugin: EntryPoint, registered: Container[str]) -> None:
    """Import the module of `plugin`, whereupon its circuit is among the `registered` ones.

    Raises:
        PluginError: the module cannot be imported, or registers no circuit of that name.
    """
    try:
        plugin.load()
    except (Exception, SystemExit) as error:  # it is the package's own code: whatever goes wrong in there
        problem = f"{type(error).__name__}: {error}"
    else:
        if plugin.name in registered:
            return
        problem = f"it registers no circuit {plugin.name!r}"
    package = f" of {plugin.dist.name} {plugin.dist.version}" if plugin.dist else ""
    raise PluginError(
        f"the circuit plugin {plugin.name!r}{package} must register its circuit when {plugin.value} is imported, "
        f"but {problem}; repair or uninstall it"
    )
