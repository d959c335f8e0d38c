"""``--debug``: decisions in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Program

SETTINGS = """\
[tool.pytest-antipasta]
exclude = ["old"]
cache_dir = "kept"

[tool.pytest-antipasta.thresholds]
halstead_effort = false
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text(f"x = '{name}'\n")
    return tmp_path


def debug(program: Program, *args: str) -> list[str]:
    return [line.removeprefix("debug: ") for line in program(*args, "--debug", code=None).err.splitlines()]


def test_where_settings_and_store_come_from(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = "exclude (pyproject.toml:2), cache_dir (pyproject.toml:3), "
    assert debug(program, "check")[:3] == [
        f"root {project}, settings from {project / 'pyproject.toml'}",
        f"set there: {places}thresholds.halstead_effort (pyproject.toml:6)",
        f"store {project / 'kept'}, by the settings",
    ]
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(project / "named"))
    named = f"store {project / 'named'}, by PYTEST_ANTIPASTA_CACHE_DIR"
    assert debug(program, "check")[2] == named
    option = f"store {project / 'other'}, by an option"
    assert debug(program, "check", "--cache-dir", "other")[2] == option
    assert debug(program, "check", "--no-cache")[2] == "store disabled"
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    (project / "pyproject.toml").unlink()
    lines = debug(program, "check", "--cache-dir", "other")
    why = "the current folder, because there are no settings and no git repository"
    assert lines[:2] == [f"root {project}, {why}, settings from nowhere: defaults", option]


def test_what_narrowed_and_how_many_workers_there_were(project: Path, program: Program) -> None:
    files, workers = debug(program, "check", "a.py", "b.py", ".")[3:5]
    assert files == "3 files of 3, limited to a.py, b.py, ."
    why = "little to measure; two are faster for 0\\.5 s of work or more, and \\d+ processors? may be used"
    assert re.fullmatch(f"using 0 workers: {why}", workers)
    assert debug(program, "check", "--jobs=1")[4] == "using 0 workers: 1 requested"


def test_why_files_were_measured(project: Path, program: Program) -> None:
    (project / "broken.py").write_text("def\n")
    new = "measured, because their contents are new"
    assert f"3 files {new}: a.py, b.py, c.py" in debug(program, "check")
    (project / "b.py").write_text("x = 3\n")
    lines = debug(program, "check")
    assert "4 files checked, 1 failed; 2 hits, 2 misses" in lines
    assert f"1 file {new}: b.py" in lines
    assert "1 file measured, because errors are not stored: broken.py" in lines
    for number in range(8):
        (project / f"d{number}.py").write_text(f"# {number}\n")
    lines = debug(program, "check", "--no-cache")
    names = "a.py, b.py, broken.py, c.py, d0.py, d1.py, d2.py, d3.py, d4.py, d5.py and 2 more"
    assert f"12 files measured, because there is no store: {names}" in lines
