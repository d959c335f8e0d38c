"""Some projects of other tools, always the same, before and after ``config migrate``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.old_tools.__main__ import find_missing
from tests.report.browser import give_up

pytestmark = pytest.mark.programs
_CHECKOUT = Path(__file__).parents[2]


def test_after_a_migration_the_same_functions_are_reported() -> None:
    if find_missing():
        give_up("needs `pip install -e '.[lint]'`")
    command = [sys.executable, "-m", "tests.old_tools", "--seed", "1", "--projects", "10"]
    done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 1: 10 projects, 0 wrong" in done.stdout
