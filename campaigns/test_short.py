"""A short run of each campaign, always the same: in a process of its own, as a contributor begins it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.__main__ import NAMES
from campaigns.migrations.main import find_missing
from tests.report.browser import give_up

pytestmark = pytest.mark.slow

_CHECKOUT = Path(__file__).parents[1]
_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
_HISTORY = pytest.mark.skipif(
    not (_CHECKOUT / ".git").exists(), reason="the checkout has no history: it is no clone"
)
_FORK = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="it needs processes that can be ended at any moment"
)


def _begin(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(folder)
    return subprocess.run(
        [sys.executable, "-m", "campaigns", *words.split()],
        cwd=_CHECKOUT,
        env={**os.environ, "TMPDIR": memory},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param("baselines --steps 3", " 3 steps, 0 differences, .* 9 commands"),
        pytest.param("commits --steps 4", " 4 steps, 0 differences"),
        pytest.param("cold --steps 12", r"12 steps, .* 0 differences"),
        pytest.param("coverages --first 7 --steps 3", " 3 steps, 0 differences, .* 2 sessions of pytest"),
        pytest.param("editor --steps 2", " 2 steps, 0 differences"),
        pytest.param("faults --steps 1", r"(?s)finds a damaged database\n.*0 of 20 rounds", marks=_FORK),
        pytest.param("forged --steps 5 --every 3", "no hang, no crash, no control character", marks=_FORK),
        pytest.param("hints --steps 4", r"4 functions over (?s:.*)\n0 wrong\n"),
        pytest.param("hunt --steps 5", " 5 steps, 0 differences"),
        pytest.param("kills --steps 1", "1 rounds of .*'wrong': 0", marks=_FORK),
        pytest.param("lives --steps 3", "seed 1: 3 histories, .*; 0 histories with differences"),
        pytest.param("memo --steps 5 --no-sample", "5 steps, .*: no difference", marks=_FORK),
        pytest.param("patterns --steps 40", "40 steps of each of .*: 0 wrong"),
        pytest.param("proof --steps 30", "30 steps, .* 0 differences"),
        pytest.param("replay --steps 2 .", "^2 commits, .* 0 judged differently", marks=_HISTORY),
        pytest.param("reports --steps 3", " 3 steps, 0 differences, .* 3 reports of files that fail"),
        pytest.param("sessions --steps 3", " 3 steps, 0 differences"),
        pytest.param("settings --steps 200", r"200 files, \d+ with mistakes: 0 wrong"),
        pytest.param("soak --steps 10", r"\n\| child processes \| 0 \| 0 \| 0 \|\n", marks=_LINUX),
        pytest.param("stores --steps 2", " 2 steps, 0 differences", marks=_FORK),
        # The second of these steps adds settings below the root that exclude what they come with.
        pytest.param("ways --first 20 --steps 3", " 3 steps, 0 differences"),
    ],
)  # fmt: skip
def test_it_finds_nothing(words: str, told: str, tmp_path: Path) -> None:
    done = _begin(words, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(told, done.stdout), done.stdout


def test_what_is_migrated_reports_the_same(tmp_path: Path) -> None:
    if find_missing():
        give_up("needs `pip install -e '.[lint]'`")
    done = _begin("migrations --steps 5", tmp_path)
    assert (done.returncode, "seed 1: 5 projects, 0 wrong" in done.stdout) == (0, True), done.stdout


def test_the_page_describes_each(tmp_path: Path) -> None:
    """And a name that is none prints all names."""
    page = Path(__file__).with_name("README.md").read_text("utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == sorted(NAMES)
    done = _begin("swim", tmp_path)
    assert done.returncode == 2
    assert done.stdout.startswith(f"usage: python -m campaigns {{{','.join(sorted(NAMES))}}} ")
