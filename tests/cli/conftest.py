from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from trackmac.cli.main import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    def refuses(self, message: str) -> bool:
        """Whether it ended as wrong input does: code 2, and one line on standard error with `message` in it."""
        lines = self.err.splitlines()
        return (
            self.code == 2
            and not self.out
            and len(lines) == 1
            and lines[0].startswith("error: ")
            and message in lines[0]
        )


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*arguments: Any) -> Outcome:
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code=code, out=captured.out, err=captured.err)

    return call
