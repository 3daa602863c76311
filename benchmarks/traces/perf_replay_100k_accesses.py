"""Replays 100,000 random accesses of 64 bytes: from arrays, from a plain text trace (15 MB) and from a .gz.

One thread; so short, and so often, that some runs find a busy machine free. The .gz goal is a share of the rate at
which Python's gzip alone decompresses the same file in chunks of the same size. RTSim serves 74,000 to 99,000
requests/s.
"""

import gzip
import tempfile
from pathlib import Path

import numpy as np
from timing import in_turns, report

from trackmac.technology import load_technology
from trackmac.traces import Bank, PortAccess, PortUpdate, Replay, replay_trace, write_trace
from trackmac.traces.reading import CHUNK_BYTES

ACCESSES = 100_000
REPETITIONS = 400
GZIP_REPETITIONS = 100
GOAL_TEXT = 15e6
GOAL_ARRAYS = 200e6
GOAL_GZIP_FRACTION = 0.6


def decompress(path: Path) -> None:
    with gzip.open(path) as file:
        while file.read(CHUNK_BYTES):
            pass


def main() -> None:
    technology = load_technology("rtsim-destiny-2017")
    generator = np.random.default_rng(1)
    scattered = generator.integers(0, 1 << 14, ACCESSES).astype(np.uint64) * np.uint64(64)
    walk = np.arange(ACCESSES, dtype=np.uint64) * np.uint64(64)
    banks = {
        f"{access}, {update}": Bank(domains=64, tracks=32, ports=4, port_access=access, port_update=update)
        for access in PortAccess
        for update in PortUpdate
    }
    for order, addresses in (("random", scattered), ("one after another", walk)):
        actions = {name: lambda bank=bank, its=addresses: Replay(bank).serve(its) for name, bank in banks.items()}
        for name, timing in in_turns(actions, REPETITIONS).items():
            report(f"arrays, {order}, {name}", ACCESSES / timing.best, "accesses/s", goal=GOAL_ARRAYS, at_most=False)

    bank = banks["static, lazy"]
    with tempfile.TemporaryDirectory() as folder:
        text, packed = Path(folder, "t.nvt"), Path(folder, "t.nvt.gz")
        for path in (text, packed):
            write_trace(path, [(scattered, generator.random(ACCESSES) < 0.3)])
        timings = in_turns(
            {
                "gzip": lambda: replay_trace(packed, bank, technology),
                "decompression": lambda: decompress(packed),
            },
            GZIP_REPETITIONS,
        )
        timings |= in_turns({"text": lambda: replay_trace(text, bank, technology)}, REPETITIONS)
    rates = {name: ACCESSES / timing.best for name, timing in timings.items()}
    report("plain text", rates["text"], "accesses/s", goal=GOAL_TEXT, at_most=False)
    report(
        f".gz, {rates['gzip']:.3g} accesses/s",
        rates["gzip"] / rates["decompression"],
        "of bare decompression",
        goal=GOAL_GZIP_FRACTION,
        at_most=False,
    )


if __name__ == "__main__":
    main()
