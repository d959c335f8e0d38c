"""What the hunt finds in fifteen steps that are always the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]


def hunt(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.hunt", "--seed", "1", *arguments]
    return subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)


def test_no_verdict_is_wrong() -> None:
    done = hunt("--steps", "15")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 15 steps, 0 differences" in done.stdout
