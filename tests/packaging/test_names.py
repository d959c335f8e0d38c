"""The names of our files are ones that every system can have."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.windows import can_be_on_windows

TOP = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/nul.py", False),
        ("AUX/a.py", False),
        ("com1", False),
        ("what?.py", False),
        ("a./b", False),
        ("null.py", True),
        ("a/console.py", True),
        (".a b.py", True),
    ],
)
def test_windows_has_no_files_named_like_devices(name: str, *, expected: bool) -> None:
    assert can_be_on_windows(name) == expected


def test_we_can_be_cloned_on_windows() -> None:
    """As pip and pre-commit do; git writes no file there if it can't write one."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no clone")
    names = os.fsdecode(listed.stdout).split("\0")
    assert [name for name in names if not can_be_on_windows(name)] == []
    assert len({name.casefold() for name in names}) == len(names)
