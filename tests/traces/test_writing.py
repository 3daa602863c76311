from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackmac.errors import InputError
from trackmac.traces import read_trace, refuse_too_many, write_trace

ACCESSES = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.booleans()), min_size=1, max_size=30)


def arrays(accesses: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    addresses, writes = zip(*accesses, strict=True)
    return np.array(addresses, np.uint64), np.array(writes, np.bool_)


@pytest.mark.parametrize("name", ["t.nvt", "t.nvt.gz"])
@settings(deadline=None)  # the first call compiles
@given(parts=st.lists(ACCESSES, min_size=1, max_size=3))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, name: str, parts: list[list[tuple[int, bool]]]
) -> None:
    path = tmp_path_factory.mktemp("traces") / name
    everything = [access for part in parts for access in part]

    assert write_trace(path, (arrays(part) for part in parts)) == len(everything)

    found = [
        (int(address), bool(writes))
        for accesses in read_trace(path)
        for address, writes in zip(accesses.addresses, accesses.writes, strict=True)
    ]
    assert found == everything
    assert path.read_bytes().startswith(b"\x1f\x8b") == name.endswith(".gz")


def test_lines_are_those_that_rtsim_reads(tmp_path: Path) -> None:
    write_trace(tmp_path / "t.nvt", [arrays([(0xE5480, True), (0, False)])])

    zeros = "0" * 128  # as in reference/rtsim/rand.nvt.gz
    assert (tmp_path / "t.nvt").read_text() == f"NVMV0\n400 W 0xe5480 {zeros} 0\n800 R 0x0 {zeros} 0\n"


def test_a_long_trace_has_rising_cycles(tmp_path: Path) -> None:
    addresses = np.arange(10_000, dtype=np.uint64)
    write_trace(tmp_path / "t.nvt", [(addresses, np.zeros(10_000, np.bool_))])

    lines = (tmp_path / "t.nvt").read_text().splitlines()[1:]

    assert [int(line.split()[0]) for line in lines] == list(range(400, 400 * 10_001, 400))
    assert [int(line.split()[2], 16) for line in lines] == list(range(10_000))


def test_a_compressed_trace_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_trace(tmp_path / name, [arrays([(1, True)])])

    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_trace(tmp_path / "absent" / "t.nvt", [])


def test_a_trace_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "t.nvt"
    path.write_text("before", encoding="ascii")

    def breaking() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield arrays([(1, True)])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_trace(path, breaking())

    assert path.read_text(encoding="ascii") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_trace_beyond_reason_is_refused_with_its_size_and_a_way_out(tmp_path: Path) -> None:
    refuse_too_many(100_000_000, 1 << 24, tmp_path / "t.nvt")

    with pytest.raises(InputError, match=r"would have 200,000,000, 31 GB of text; choose layers \(--layer\)"):
        refuse_too_many(200_000_000, 1, tmp_path / "t.nvt")
    with pytest.raises(InputError, match=r"at most 16,777,216 DBCs, but this trace needs 16,777,217; choose layers"):
        refuse_too_many(1, (1 << 24) + 1, tmp_path / "t.nvt")
