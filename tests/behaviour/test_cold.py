"""A short life of a tree: with its store a command says what it says without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]


def test_with_the_store_and_without_a_command_says_the_same() -> None:
    command = [sys.executable, "-m", "tests.cold", "--steps", "40", "--seed", "1"]
    done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "40 steps" in done.stdout
    assert " 0 differences" in done.stdout
