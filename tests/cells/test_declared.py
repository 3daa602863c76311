"""Every cell of the library has a netlist, and the library counts that netlist's transistors."""

import pytest

from trackmac.cells.declared import DECLARED
from trackmac.cells.library import CELLS, PERIPHERAL_CELLS


@pytest.mark.parametrize("name", [*CELLS, *PERIPHERAL_CELLS])
def test_the_library_counts_the_netlist_s_transistors(name: str) -> None:
    assert (CELLS | PERIPHERAL_CELLS)[name].transistors == len(DECLARED[name].transistors)


@pytest.mark.parametrize("name", CELLS)
def test_a_logic_cell_must_give_its_own_truth_table(name: str) -> None:
    cell = DECLARED[name]

    assert (cell.inputs, cell.outputs) == (CELLS[name].inputs, CELLS[name].outputs)
    assert tuple(outputs for _, outputs in cell.rows) == CELLS[name].table
    assert len({inputs for inputs, _ in cell.rows}) == 2 ** len(cell.inputs)


@pytest.mark.parametrize("cell", DECLARED.values(), ids=lambda cell: cell.name)
def test_every_inner_node_is_driven_and_every_pin_is_used(cell: object) -> None:
    from trackmac.cells.netlist import Cell

    assert isinstance(cell, Cell)
    touched = {node for part in cell.transistors for node in (part.drain, part.source)}
    touched |= {node for junction in cell.junctions for node in (junction.top, junction.bottom)}
    gates = {part.gate for part in cell.transistors}

    assert set(cell.outputs) <= touched
    assert gates <= touched | set(cell.inputs) | set(cell.controls)
    assert set(cell.inputs) | set(cell.controls) <= gates | touched | cell.states
