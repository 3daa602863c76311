from dataclasses import replace

from rich.console import Console

from trackmac.report.tables import MAX_ROWS, front_tables
from trackmac.results import ExplorationResult


def test_every_design_of_a_short_front_has_a_row(exploration_result: ExplorationResult) -> None:
    text = _printed(exploration_result)

    for design in exploration_result.front:
        assert design.id in text
    assert "more" not in text


def test_every_value_stands_under_its_name(exploration_result: ExplorationResult) -> None:
    table, *_ = front_tables(exploration_result)

    first = {str(column.header): str(next(iter(column.cells))) for column in table.columns}
    assert first == {
        "": "best", "id": "t000-p0", "accuracy": "94.00 %", "test": "93.00 %", "energy": "298 µJ", "latency": "3.85 ms",
        "area": "0.201 mm²", "images": "10", "mismatches": "0", "network": "c6-16k5h0w8a8",
        "hardware": "MU-64-2RW-67 booth_radix4_mac along 2x16x16",
    }  # fmt: skip


def test_each_device_record_has_a_table_of_its_own(exploration_result: ExplorationResult) -> None:
    tables = front_tables(exploration_result)

    names = {design.hardware["technology"] for design in exploration_result.front}
    assert [table.title for table in tables] == [f"priced with {name}" for name in sorted(names)]
    assert sum(table.row_count for table in tables) == len(exploration_result.front)


def test_events_that_disagree_are_shown(exploration_result: ExplorationResult) -> None:
    design = replace(exploration_result.front[0], mismatches=2, events_agree=False)

    assert "2, events disagree" in _printed(replace(exploration_result, front=(design,)))


def test_a_long_front_is_cut_and_says_so(exploration_result: ExplorationResult) -> None:
    long = _long(exploration_result)

    text = _printed(long)

    rows = [line for line in text.splitlines() if "MU-64" in line]
    assert len(rows) == MAX_ROWS
    assert f"and {100 - MAX_ROWS} more between them: all 100 are in front.csv" in text


def test_a_long_front_keeps_knee_and_best(exploration_result: ExplorationResult) -> None:
    long = _long(exploration_result)

    lines = _printed(long).splitlines()

    assert sum(line.startswith("best") for line in lines) == 1
    assert sum(line.startswith("knee") for line in lines) == 1


def test_names_are_not_markup(exploration_result: ExplorationResult) -> None:
    design = replace(exploration_result.front[0], network="[bold]net[/bold]")

    text = _printed(replace(exploration_result, front=(design,)))

    assert "[bold]net[/bold]" in text


def _long(result: ExplorationResult) -> ExplorationResult:
    front = tuple(replace(result.front[0], id=f"d{number:03d}") for number in range(100))
    return replace(result, front=front, knee=front[97], best=front[98])


def _printed(result: ExplorationResult) -> str:
    console = Console(width=250)
    with console.capture() as capture:
        console.print(*front_tables(result))
    return capture.get()
