"""A few hostile files among a few others; ``python -m tests.hostile`` has thousands of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_each_hostile_file_costs_itself_alone(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"f{number}.py").write_text(f"def f(a):\n    return a + {number}\n")
    command = [sys.executable, "-m", "tests.hostile", "--tree", str(tmp_path), "--way", "check --jobs 2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[2].startswith("| `check --jobs 2` | 30 | ")
