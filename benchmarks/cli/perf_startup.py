"""How long `import trackmac` and `trackmac --help` take in a fresh process: at most 0.5 s each, without torch."""

import subprocess
import sys
from pathlib import Path

from timing import in_turns, report

GOAL_SECONDS = 0.5


def main() -> None:
    command = str(Path(sys.executable).with_name("trackmac"))
    timings = in_turns(
        {
            "python -c pass": lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
            "import trackmac": lambda: subprocess.run([sys.executable, "-c", "import trackmac"], check=True),
            "trackmac --help": lambda: subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL),
        },
        repetitions=8,
    )
    for name, timing in timings.items():
        report(f"{name}, best of 8 (median {timing.median:.2f} s)", timing.best, "s", goal=GOAL_SECONDS)


if __name__ == "__main__":
    main()
