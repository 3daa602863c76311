"""What a command says, and where: tables on standard output, progress on standard error, results as JSON."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from trackmac.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

WIDTH = 250  # a narrower terminal wraps whole lines, which reads better than folded cells


class Output:
    """The output of one command; with `--json -`, standard output holds the JSON and nothing else."""

    def __init__(self, json_target: str | None, quiet: bool) -> None:
        self._json_target = json_target
        self._is_quiet = quiet
        if json_target is not None and json_target != "-":
            refuse_unwritable(Path(json_target))

    @property
    def is_shown(self) -> bool:
        """Whether tables for people are printed."""
        return not self._is_quiet and self._json_target != "-"

    def show(self, *parts: "RenderableType") -> None:
        """Print for people; text is taken as it is, never as markup."""
        if not self.is_shown:
            return
        from rich.console import Console

        console = Console(file=sys.stdout, width=WIDTH, markup=False, highlight=False, emoji=False)
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, str))

    def write_json(self, data: Mapping[str, Any]) -> None:
        """Write the result where `--json` says, if it does."""
        if self._json_target is None:
            return
        text = json.dumps(data, indent=2, allow_nan=False) + "\n"
        if self._json_target == "-":
            sys.stdout.write(text)
        else:
            write_text(Path(self._json_target), text)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str, float, float], None]]:
        """Show bars on standard error, if that is a terminal; yields what takes task, steps done, all steps."""
        if self._is_quiet or not sys.stderr.isatty():
            yield lambda label, done, total: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        tasks: dict[str, TaskID] = {}
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

            def tell(label: str, done: float, total: float) -> None:
                if label not in tasks:
                    tasks[label] = bars.add_task(label)
                bars.update(tasks[label], completed=done, total=total)

            yield tell


def refuse_unwritable(path: Path) -> None:
    """Refuse a file that cannot be written, before any work is done for it.

    Raises:
        InputError: its folder is missing, it is a folder itself, or writing it is not allowed.
    """
    is_new = not path.exists()
    try:
        with path.open("a", encoding="utf-8"):
            pass
        if is_new:
            path.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def write_text(path: Path, text: str) -> None:
    """Write a text file.

    Raises:
        InputError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: cannot be written ({error.strerror}); choose another file")


class UntilClosed:
    """A stream whose reader may go away: from then on what is written to it is dropped.

    Stands in for `sys.stdout`, so that `trackmac list circuits | head -1` ends without a complaint.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, unless nobody reads any more."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._drop()
            return len(text)

    def flush(self) -> None:
        """Flush, unless nobody reads any more."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        # what is left in the buffer goes to /dev/null, also when the interpreter flushes it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
