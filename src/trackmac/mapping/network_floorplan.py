"""The floorplan of a hardware whose units are built for a network."""

from collections.abc import Sequence

from trackmac.arrays import Hardware, chip, grid_of
from trackmac.arrays.floorplan import floorplan
from trackmac.floorplans import Floorplan
from trackmac.mapping.plan import plan
from trackmac.mapping.schedule import refuse_obstacles
from trackmac.mapping.stages import stages_of
from trackmac.networks.shapes import LayerShape
from trackmac.technology import Technology


def network_floorplan(name: str, shapes: Sequence[LayerShape], hardware: Hardware, technology: Technology) -> Floorplan:
    """Return the drawing of `hardware` in `technology`, its computing cells sized for the network of these layers.

    Raises:
        UnmappableError: the hardware cannot hold or run the network.
    """
    planned = plan(stages_of(shapes), grid_of([hardware], technology))
    refuse_obstacles(planned, hardware.name)
    built = chip(planned.grid, planned.design)
    return floorplan(f"{hardware.label} for {name}", planned.grid, built, planned.design)
