"""A short campaign of faults."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it needs processes that can be killed at any moment")
def test_no_fault_of_the_store_changes_a_verdict(tmp_path: Path) -> None:
    # A process of its own: it forks, and has no threads.
    environment = os.environ | {"TMPDIR": "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(tmp_path)}
    command = [sys.executable, "-m", "tests.faults", "--rounds", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n- ") + done.stdout.startswith("- ") == 20
    assert "0 of 20 rounds failed." in done.stdout
    assert "- `pytest -n 2` finds a damaged database\n" in done.stdout
