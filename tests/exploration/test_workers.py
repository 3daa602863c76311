import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trackmac.errors import InputError
from trackmac.exploration.workers import Workers, usable_cores

ORPHANS = """
import os, sys, time
from trackmac.exploration.workers import Workers

def work(seconds):
    print(os.getpid(), flush=True)
    time.sleep(seconds)

if __name__ == "__main__":
    with Workers(2) as workers:
        for _ in workers.run(work, [60, 60]):
            pass
"""


def is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def test_one_job_runs_in_this_process_in_order() -> None:
    with Workers(1) as workers:
        assert list(workers.run(lambda task: (task, os.getpid()), [1, 2])) == [(1, os.getpid()), (2, os.getpid())]


def test_two_jobs_run_every_task_once_in_other_processes() -> None:
    with Workers(2) as workers:
        first = sorted(workers.run(abs, [-1, -2, -3]))
        second = sorted(workers.run(abs, [-4, 5]))

    assert (first, second) == ([1, 2, 3], [4, 5])


def test_an_error_in_a_worker_is_raised_here() -> None:
    with Workers(2) as workers, pytest.raises(ValueError, match="invalid literal"):
        list(workers.run(int, ["x"]))


def test_a_worker_that_dies_is_reported_with_the_way_out() -> None:
    with Workers(2) as workers, pytest.raises(InputError, match=r"a worker process ended unexpectedly.*--resume"):
        list(workers.run(os._exit, [3]))


def test_no_jobs_are_refused() -> None:
    with pytest.raises(InputError, match="jobs must be 1 or more, but are 0"):
        Workers(0)


def test_there_is_a_core_to_use() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(map(is_alive, workers))

        parent.kill()
        parent.wait()

    deadline = time.monotonic() + 10
    while any(map(is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, workers))
