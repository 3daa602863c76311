"""`trackmac circuit`: the arithmetic circuits."""

import typer

from trackmac.cli.circuit_list import list_circuits
from trackmac.cli.circuit_run import run_circuit
from trackmac.cli.circuit_show import show_circuit

circuit_app = typer.Typer(name="circuit", help="List, show and run the arithmetic circuits.", rich_markup_mode=None)
circuit_app.command("list", short_help="List every circuit and its cost.")(list_circuits)
circuit_app.command("show", short_help="Show a circuit's micro-program and parts.")(show_circuit)
circuit_app.command("run", short_help="Run a circuit on simulated tracks.")(run_circuit)
