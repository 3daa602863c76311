"""`trackmac explore`: networks and hardware together, to a verified Pareto front."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackmac.cli.options import Json, Quiet, folder_path, whole_number
from trackmac.cli.output import Output
from trackmac.errors import CheckFailedError

if TYPE_CHECKING:
    from trackmac.results import Baseline, Design, ExplorationResult

DEFAULT_STUDY = "digits"


def explore(
    study: Annotated[
        str, typer.Argument(metavar="STUDY.yaml", help="A YAML file or the name of a shipped study.")
    ] = DEFAULT_STUDY,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", parser=folder_path, help="Folder for results; else results/NAME."),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option("--trials", metavar="N", parser=whole_number, help="Networks to train; else the study's."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", parser=whole_number, help="Processes; else one for each core.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", parser=whole_number, help="Else the study's.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what the folder holds.")] = False,
    verify: Annotated[
        int | None,
        typer.Option(
            "--verify", metavar="N", parser=whole_number, help="Images to verify each design on; else the study's."
        ),
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Train small CNNs, search the hardware for each, verify the front bit for bit, and write a report.

    Stopped at any moment, it goes on with --resume. Ends with exit code 1 where a verified design does not compute what
    integer arithmetic does, or causes other events than the closed forms predict.
    """
    from trackmac.exploration.explore import explore as explore_study
    from trackmac.exploration.study import load_study
    from trackmac.report.files import write_report_files

    output = Output(json, quiet)
    loaded = load_study(study)
    folder = Path("results") / loaded.name if out is None else out
    with output.progress() as tell:
        result = explore_study(
            loaded, out=folder, trials=trials, jobs=jobs, seed=seed, resume=resume, verify=verify, progress=tell
        )
    written = write_report_files(result, folder)
    if output.is_shown:
        _show(output, result, written[0])
    output.write_json(result.to_dict())
    _refuse_failures(result)


def _show(output: Output, result: "ExplorationResult", page: Path) -> None:
    from trackmac.report import quantities
    from trackmac.report.designs import budget_text
    from trackmac.report.tables import front_tables

    output.show(
        f"{result.study}: {quantities.count(result.trials_run)} networks trained, "
        f"{quantities.count(result.trials_reused)} reused, each on {quantities.count(result.hardware_points)} hardware "
        f"points; {quantities.count(result.feasible_points)} pairs can run",
        "",
        *(part for table in front_tables(result) for part in (table, "")),
        f"knee: {_design_text(result.knee)}",
        f"best: {_design_text(result.best) if result.best else 'none'} (budget: {budget_text(result.budget)})",
    )
    for baseline in result.baselines:
        output.show(
            f"baseline {baseline.name} needs {quantities.ratio(baseline.energy_ratio)} the energy, "
            f"{quantities.ratio(baseline.latency_ratio)} the time, {quantities.ratio(baseline.area_ratio)} the area"
        )
    output.show(*(f"note: {note}" for note in result.notes))
    output.show("", f"report: {page}")


def _design_text(design: "Design") -> str:
    from trackmac.report import quantities
    from trackmac.report.designs import hardware_label

    return (
        f"{design.id}, {design.network} on {hardware_label(design.hardware)}: test accuracy "
        f"{quantities.fraction(design.test_accuracy)}, {quantities.energy(design.energy_pj)}, "
        f"{quantities.duration(design.latency_ns)}, {quantities.area(design.area_um2)}"
    )


def _refuse_failures(result: "ExplorationResult") -> None:
    checked: list[tuple[str, Design | Baseline]] = [(design.id, design) for design in result.front]
    checked += [(f"baseline {baseline.name}", baseline) for baseline in result.baselines]
    for name, item in checked:
        if item.mismatches:
            raise CheckFailedError(
                f"{name}: every output must equal integer arithmetic, but {item.mismatches} differ; "
                "this is an error of trackmac, please report it"
            )
        if item.events_agree is False:
            raise CheckFailedError(
                f"{name}: the events counted must be those predicted, but they differ; "
                "this is an error of trackmac, please report it"
            )
