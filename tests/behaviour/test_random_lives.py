"""Lives and hotspots of a few random histories, which are always the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]


def test_they_are_what_the_oracle_says() -> None:
    command = [sys.executable, "-m", "tests.lives", "--seed", "1", "--steps", "5"]
    done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 1: 5 histories, " in done.stdout
