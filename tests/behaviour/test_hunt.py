"""What the hunts find in some steps that are always the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]


def hunt(what: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", what, "--seed", "1", *arguments]
    return subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)


def test_no_verdict_is_wrong() -> None:
    done = hunt("tests.hunt", "--steps", "15")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 15 steps, 0 differences" in done.stdout


def test_every_way_in_says_the_same_of_a_change() -> None:
    """The second of these steps adds settings below the root that exclude what they come with."""
    done = hunt("tests.ways", "--first", "20", "--steps", "6")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 6 steps, 0 differences" in done.stdout
