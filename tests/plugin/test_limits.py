"""A file that takes too much is a failed item, and costs no other."""

from __future__ import annotations

import pytest

from tests.limits import LARGE, SLOW
from tests.plugin.conftest import PASSING, Project, outcomes
from tests.windows import NEEDS_PROCESSOR_TIME, NOT_ON_WINDOWS

NOTHING_LEFT = """\
import os
from pathlib import Path
from pytest_antipasta.processes import cgroups

if "PYTEST_XDIST_WORKER" in os.environ:
    cgroups._HOST = Path(__file__).with_name("meminfo")
"""
SETTINGS = "[tool.pytest-antipasta]\nfile_timeout = 0.1\n"


@NEEDS_PROCESSOR_TIME
@pytest.mark.slow
def test_a_file_that_takes_too_long_is_named(project: Project) -> None:
    project.write({"slow.py": SLOW, "large.py": LARGE, "fine.py": PASSING, "pyproject.toml": SETTINGS})
    result = project.run("--antipasta-only", "-n", "1")
    found = {name.removesuffix("::antipasta"): outcome for name, outcome in outcomes(result).items()}
    assert found == {"slow.py": "failed", "large.py": "passed", "fine.py": "passed"}
    reason = "it used more than 0.1 s of CPU time; raise file_timeout or exclude the file"
    known = "    size: 450,016 bytes"
    result.stdout.fnmatch_lines([f"slow.py: not measured (timeout): {reason}", known], consecutive=True)


@NOT_ON_WINDOWS
@pytest.mark.slow
def test_a_file_for_which_a_worker_has_too_little_memory_is_measured_once_more(project: Project) -> None:
    project.write({"meminfo": "MemAvailable: 0 kB\n", "conftest.py": NOTHING_LEFT, "fine.py": PASSING})
    project.write({"large.py": b"x = [" + b"a, " * 150_000 + b"] # " + b"-" * 700_000})
    result = project.run("--antipasta-only", "-n", "2")
    assert set(outcomes(result).values()) == {"passed"}
    assert "low memory: measuring large.py again" in result.outlines
