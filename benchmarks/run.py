"""Runs every benchmark below this folder, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    for benchmark in sorted(HERE.glob("*/perf_*.py")):
        print(f"\n{benchmark.relative_to(HERE)}", flush=True)
        subprocess.run([sys.executable, str(benchmark)], check=True, env=environment)


if __name__ == "__main__":
    main()
