"""A short soak."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_no_run_leaves_anything_behind(tmp_path: Path) -> None:
    # A process of its own: what others have opened is not its business.
    command = [sys.executable, "-m", "tests.soak", "--runs", "10"]
    environment = os.environ | {"TMPDIR": "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "| child processes | 0 | 0 | 0 |" in done.stdout.splitlines()
