"""A program that is told to end at any stage says so in a word, and leaves nothing half written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commits import commit_all, stage_all
from tests.conftest import Repository
from tests.gate.conftest import SETTINGS, function
from tests.windows import NEEDS_SIGNALS

pytestmark = [
    pytest.mark.slow,
    NEEDS_SIGNALS,
]
# Python tells what it opens, lists, compiles and starts; a signal is sent at the first that is meant.
PROGRAM = """
import json, os, sys
number, event, part = json.loads(sys.argv.pop(1))
left = [1]

def tell(name, arguments):
    if left and name == event and part in repr(arguments):
        left.clear()
        os.kill(os.getpid(), number)

from pytest_antipasta.cli import run
from pytest_antipasta.engine import memo_keeping
memo_keeping.SMALLEST_INDEX = 0
sys.addaudithook(tell)
run()
"""
CHECK = ("check", "--report=json=report.json")
BASELINE = ("baseline", "write")
STAGES = {
    "import": (CHECK, "open", "msgspec"),
    "the settings": (CHECK, "open", "pyproject.toml"),
    "git": (CHECK, "subprocess.Popen", "ls-files"),
    "the walk": (CHECK, "os.scandir", "repository"),
    "the store": (CHECK, "sqlite3.connect", "cache.db"),
    "a file": (CHECK, "open", "a3.py"),
    "measuring": (CHECK, "compile", "def f3"),
    "the memo": (("check",), "subprocess.Popen", "HEAD^{tree}"),
    "the journal": (CHECK, "open", "runs.jsonl"),
    "the report": (CHECK, "open", ".report.json."),
    "the report in its place": (CHECK, "os.rename", ".report.json."),
    "the baseline": (BASELINE, "open", ".antipasta-baseline.json."),
    "the baseline in its place": (BASELINE, "os.rename", ".antipasta-baseline.json."),
    "the staged file": (("hook",), "compile", "def bad"),
}
"""For each stage, what is run, and what Python does then."""


@pytest.fixture
def tree(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of a commit, and one that is staged."""
    monkeypatch.chdir(repository.path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    Path("pyproject.toml").write_text(SETTINGS.format(""))
    for number in range(6):
        Path(f"a{number}.py").write_text(function(number + 1, f"f{number}"))
    commit_all(repository.path, "first")
    Path("b.py").write_text(function(2, "bad"))
    stage_all(repository.path)
    return repository.path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python."""
    return subprocess.run((sys.executable, *arguments), capture_output=True, text=True)


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
    ids=["Ctrl-C", "SIGTERM"],
)
@pytest.mark.parametrize("stage", STAGES)
def test_it_says_so_and_leaves_nothing_half_written(
    tree: Path, stage: str, number: int, code: int, word: str
) -> None:
    words, event, part = STAGES[stage]
    names = set(os.listdir())
    done = run("-c", PROGRAM, json.dumps([number, event, part]), *words)
    assert (done.returncode, done.stderr) == (code, f"{word}\n")
    whole = {"report.json", "antipasta-baseline.json"}
    written = set(os.listdir()) - names
    assert written <= whole
    assert written == set() or "in its place" in stage
    for name in written:
        json.loads(Path(name).read_text())
    assert os.listdir(os.environ["TMPDIR"]) == []
    later = run("-m", "pytest_antipasta", "check", "--no-baseline")
    assert (later.returncode, later.stderr) == (1, "")
    assert "3 of 7 functions are over a limit, in 3 of 7 files" in later.stdout
