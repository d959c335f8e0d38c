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

NAME_LENGTH = "        name_length=len(node.name),\n"
ENTRIES = """\
    JudgedMetric("longest_line", limit=30, unit="characters", meaning="The widest line."),
    JudgedMetric("name_length", "block", limit=9, meaning="The characters of a function's name."),
"""


@pytest.fixture
def patched(tmp_path: Path) -> Path:
    """The folder of a copy of the package that has one metric of files more, and one of functions."""
    package = tmp_path / "copy" / "pytest_antipasta"
    shutil.copytree(Path(pytest_antipasta.__file__).parent, package)
    measured = package / "model" / "measured.py"
    add(measured, "    blank_lines: int | None = None\n", "    longest_line: int | None = None\n")
    raw = package / "metrics" / "raw.py"
    add(raw, "    single_comment_lines: int\n", "    longest_line: int = 0\n")
    longest = "        longest_line=max(map(len, text.splitlines()), default=0),\n"
    add(raw, "    return RawCounts(\n", longest)
    add(measured, "    length: int | None = None\n", "    name_length: int | None = None\n")
    add(package / "metrics" / "blocks.py", "        length=end_line - line + 1,\n", NAME_LENGTH)
    add(package / "model" / "registry.py", "OUR_METRICS = (\n", ENTRIES)
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
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout


def test_every_report_has_a_metric_that_is_registered(patched: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text(f"x = {'1' * 40}\ndef find_names():\n    pass\n")
    outputs = {form: tmp_path / f"report.{form}" for form in FORMATS}
    text = run(patched, folder, "check", *(f"--report={form}={path}" for form, path in outputs.items()))
    assert "a.py\n    2:1  find_names  name length 10/9\n   file  longest line 44/30\n" in text
    for form, path in outputs.items():
        report = path.read_text(encoding="utf-8").replace("_", " ")
        assert ("longest line" in report, "name length" in report) == (True, True), form
    (rule, *_) = [
        rule
        for rule in json.loads(outputs["sarif"].read_bytes())["runs"][0]["tool"]["driver"]["rules"]
        if rule["id"] == "longest_line"
    ]
    assert "The widest line." in rule["fullDescription"]["text"]


def test_limits_comments_and_explain_know_it(patched: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    text = f"# antipasta: ignore-file[longest_line<=50]\nx = {'1' * 40}\n"
    (folder / "a.py").write_text(text)
    assert "suppressed by comments: 1 violation in 1 file" in run(patched, folder, "check")
    assert "longest line 44/43" in run(patched, folder, "check", "--no-ignore", "--limit=longest_line=43")
    assert "longest_line 44, must be <= 30" in run(patched, folder, "explain", "a.py")
    (folder / "a.py").write_text(f"{text}# antipasta: ignore[name_length]\ndef find_names():\n    pass\n")
    assert "suppressed by comments: 2 violations in 1 file" in run(patched, folder, "check")
    assert "name_length 10, must be <= 9" in run(patched, folder, "explain", "a.py::find_names")
    for name in ("longest_line", "name_length"):
        assert f'"{name}":' in run(patched, folder, "config", "schema")
        assert name in run(patched, folder, "measure", "--format=csv").partition("\n")[0]
