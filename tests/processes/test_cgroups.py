"""What a container leaves of its host."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.engine.executor.worker_count import count_processors
from pytest_antipasta.processes.cgroups import read_free_memory, read_processor_share
from tests.limits import NEEDS_PROC, wait_until

NONE = float("inf")
V1 = "4:memory:/box\n3:cpu,cpuacct:/box\n1:name=systemd:/\n"


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        pytest.param("0::/\n", {}, (NONE, NONE), id="no limits"),
        pytest.param("", {}, (NONE, NONE), id="no groups"),
        pytest.param(
            "0::/\n",
            {"cpu.max": "150000 100000", "memory.max": "512000000", "memory.current": "200000000",
             "memory.stat": "anon 70\nactive_file 20000000\ninactive_file 30000000\nslab 9"},
            (1.5, 362),
            id="version 2",
        ),
        pytest.param(
            "0::/\n",
            {"cpu.max": "max 100000", "memory.max": "max", "memory.current": "1"},
            (NONE, NONE),
            id="all of it",
        ),
        pytest.param(
            "0::/a/b\n",
            {"a/cpu.max": "200000 100000", "a/b/cpu.max": "max 100000",
             "a/memory.max": "5000000", "a/memory.current": "4000000",
             "a/b/memory.max": "2500000", "a/b/memory.current": "1000000"},
            (2, 1),
            id="a group around ours",
        ),
        pytest.param(
            V1,
            {"cpu/box/cpu.cfs_quota_us": "50000", "cpu/box/cpu.cfs_period_us": "100000"},
            (0.5, NONE),
            id="version 1, time",
        ),
        pytest.param(
            V1,
            {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000",
             "memory/memory.limit_in_bytes": "3000000", "memory/memory.usage_in_bytes": "2000000",
             "memory/memory.stat": "inactive_file 700000\ntotal_inactive_file 500000\n"},
            (NONE, 1.5),
            id="version 1, its own group seen as the root",
        ),
        pytest.param("0::/\n", {"cpu.max": "what?", "memory.max": "9"}, (NONE, NONE), id="nonsense"),
    ],
)  # fmt: skip
def test_limits_of_control_groups(
    tmp_path: Path, membership: str, files: dict[str, str], expected: tuple[float, float]
) -> None:
    (tmp_path / "self").write_text(membership)
    for name, text in files.items():
        path = tmp_path / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    places = (tmp_path / "groups", tmp_path / "self")
    free = read_free_memory(*places, tmp_path / "no meminfo")
    assert (read_processor_share(*places), free) == expected


def test_a_host_may_have_less_left_than_a_group(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 16000 kB\nMemFree: 10 kB\nMemAvailable:    1000 kB\n")
    (tmp_path / "memory.max").write_text("5000000\n")
    (tmp_path / "memory.current").write_text("0\n")
    (tmp_path / "self").write_text("0::/\n")
    assert read_free_memory(tmp_path, tmp_path / "self", tmp_path / "meminfo") == 1.024


@NEEDS_PROC
def test_memory_that_is_taken_is_not_left(tmp_path: Path) -> None:
    """Something else may give as much back meanwhile, or have left less than that, but not for ever."""

    def is_missed() -> bool:
        before = read_free_memory(tmp_path, tmp_path)
        taken = bytearray(b"1") * 200_000_000
        return read_free_memory(tmp_path, tmp_path) < before - 100 and bool(taken)

    wait_until(is_missed)


def test_there_is_a_processor() -> None:
    assert count_processors() >= 1
