"""A new metric of ours: it takes a field, its computation and its entry in the registry, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_antipasta
from tests.report.conftest import FORMATS


@pytest.fixture
def patched(tmp_path: Path) -> Path:
    """The folder of a copy of the package that has one metric more."""
    package = tmp_path / "copy" / "pytest_antipasta"
    shutil.copytree(Path(pytest_antipasta.__file__).parent, package)
    measured = package / "model" / "measured.py"
    add(measured, "    blank_lines: int | None = None\n", "    longest_line: int | None = None\n")
    raw = package / "metrics" / "raw.py"
    add(raw, "    single_comment_lines: int\n", "    longest_line: int = 0\n")
    longest = "        longest_line=max(map(len, text.splitlines()), default=0),\n"
    add(raw, "    return RawCounts(\n", longest)
    entry = '    JudgedMetric("longest_line", limit=30, unit="characters", meaning="The widest line."),\n'
    add(package / "model" / "registry.py", "OUR_METRICS = (\n", entry)
    return package.parent


def add(path: Path, anchor: str, text: str) -> None:
    """Add text to a module behind an anchor."""
    source = path.read_text(encoding="utf-8")
    assert source.count(anchor) == 1
    path.write_text(source.replace(anchor, anchor + text), encoding="utf-8")


def run(patched: Path, folder: Path, *args: str) -> str:
    """Return what a command of the copy prints in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(patched)}
    command = [sys.executable, "-P", "-m", "pytest_antipasta", *args]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.stdout


def test_every_report_has_a_metric_that_is_registered(patched: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text(f"x = {'1' * 40}\n")
    outputs = {form: tmp_path / f"report.{form}" for form in FORMATS}
    text = run(patched, folder, "check", *(f"--report={form}={path}" for form, path in outputs.items()))
    assert "a.py\n   file  longest line 44/30\n" in text
    for form, path in outputs.items():
        assert "longest line" in path.read_text(encoding="utf-8").replace("_", " "), form
    (rule, *_) = [
        rule
        for rule in json.loads(outputs["sarif"].read_bytes())["runs"][0]["tool"]["driver"]["rules"]
        if rule["id"] == "longest_line"
    ]
    assert "The widest line." in rule["fullDescription"]["text"]


def test_limits_comments_and_explain_know_it(patched: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text(f"# antipasta: ignore-file[longest_line<=50]\nx = {'1' * 40}\n")
    assert "suppressed by comments: 1 violation in 1 file" in run(patched, folder, "check")
    assert "longest line 44/43" in run(patched, folder, "check", "--no-ignore", "--limit=longest_line=43")
    assert "longest_line 44, must be <= 30" in run(patched, folder, "explain", "a.py")
    assert '"longest_line":' in run(patched, folder, "config", "schema")
    assert "longest_line" in run(patched, folder, "measure", "--format=csv").partition("\n")[0]
