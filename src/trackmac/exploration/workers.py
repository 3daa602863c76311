"""Runs tasks in processes of their own, or in this one; results come as they are ready."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self, TypeVar

from trackmac.errors import InputError

Task = TypeVar("Task")
Result = TypeVar("Result")


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


class Workers:
    """A pool of `jobs` processes; with 1 job the tasks run in this process.

    Worker processes never see Ctrl-C, which is ours to handle, and end at once when the pool is left by an error or
    this process dies, however it dies: each waits for the end of a pipe whose other end is held here alone.
    """

    def __init__(self, jobs: int) -> None:
        if jobs < 1:
            raise InputError(f"jobs must be 1 or more, but are {jobs}; give the number of processes")
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._lifeline: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is None or self._lifeline is None:
            return
        if error is not None:
            self._lifeline.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._lifeline.close()

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield `function(task)` for every task, in the order in which they finish.

        Raises:
            InputError: a worker process died.
        """
        if self._jobs == 1 or not tasks:
            yield from map(function, tasks)
            return
        pool = self._started()
        try:
            with _interrupts_held():
                futures = [pool.submit(function, task) for task in tasks]
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool:
            raise InputError(
                "a worker process ended unexpectedly, perhaps for want of memory, or because a script calls explore "
                "outside `if __name__ == '__main__':`; use --jobs 1 or fewer jobs, and --resume to go on"
            ) from None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            receiver, self._lifeline = multiprocessing.Pipe(duplex=False)
            self._pool = ProcessPoolExecutor(
                max_workers=self._jobs,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_prepare_worker,
                initargs=(receiver,),
            )
        return self._pool


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back; a process that is started meanwhile inherits that for good."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _prepare_worker(lifeline: Connection) -> None:
    threading.Thread(target=_die_with_parent, args=(lifeline,), daemon=True).start()


def _die_with_parent(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)
