"""What a container leaves of its host."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.engine import count_processors
from pytest_antipasta.processes import find_processor_share
from pytest_antipasta.processes.cgroups import find_memory

NONE = float("inf")
V1 = "4:memory:/box\n3:cpu,cpuacct:/box\n1:name=systemd:/\n"


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        pytest.param("0::/\n", {}, (NONE, NONE), id="no limits"),
        pytest.param("", {}, (NONE, NONE), id="no groups"),
        pytest.param(
            "0::/\n", {"cpu.max": "150000 100000", "memory.max": "512000000"}, (1.5, 512), id="version 2"
        ),
        pytest.param("0::/\n", {"cpu.max": "max 100000", "memory.max": "max"}, (NONE, NONE), id="all of it"),
        pytest.param(
            "0::/a/b\n",
            {"a/cpu.max": "200000 100000", "a/b/cpu.max": "max 100000", "a/b/memory.max": "1000000"},
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
             "memory/memory.limit_in_bytes": "3000000"},
            (NONE, 3),
            id="version 1, its own group seen as the root",
        ),
        pytest.param("0::/\n", {"cpu.max": "what?", "memory.max": ""}, (NONE, NONE), id="nonsense"),
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
    assert (find_processor_share(*places), find_memory(*places)) == expected


def test_there_is_a_processor() -> None:
    assert count_processors() >= 1
