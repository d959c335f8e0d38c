"""A few records that were changed at random, and a third of the commands that read them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it needs processes that can be ended when they hang")
def test_no_record_steers_or_breaks_a_command() -> None:
    command = [sys.executable, "-m", "tests.forged", "--steps", "20", "--every", "3", "--seed", "1"]
    done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "no hang, no crash, no control character" in done.stdout
