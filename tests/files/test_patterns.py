"""Patterns mean what git says they do, and none of them takes for ever."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.settings.entries import MOST_PATTERNS
from pytest_antipasta.settings.patterns import compile_patterns
from pytest_antipasta.settings.values import Settings
from tests.conftest import Repository


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 200),
        ("*" + "[ab]?*" * 20 + "b", "a" * 200),
        ("x/" + "*a" * 40 + "b", "x/" + "a" * 200),
        ("**/*a*a*a*a/" * 20 + "b", f"{'a' * 100}/" * 30),
        ("**/a/" * 20 + "b", "a/" * 500),
        ("**\\/a/" * 20 + "b", "a/" * 500),
    ],
)
def test_no_pattern_takes_for_ever(pattern: str, path: str) -> None:
    selects = compile_patterns((pattern,))
    assert (selects(f"{path}c"), selects(f"{path}b")) == (False, True)


@pytest.mark.timeout(60)
def test_what_git_never_answers_is_answered_by_files(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Git compares a name in each folder with each pattern of folders in all ways, up to version 2.40."""
    version = re.findall(r"\d+", repository.git("version"))
    if (*map(int, version[:2]),) > (2, 40):
        pytest.skip("this git answers")
    monkeypatch.setenv("PYTEST_ANTIPASTA_GIT_TIMEOUT", "0.5")
    monkeypatch.chdir(repository.path)
    deep = Path(*"a" * 100)
    deep.mkdir(parents=True)
    (deep / "c.py").write_text("x = 1\n")
    Path(".gitignore").write_text("**/a/**/a/**/a/**/a/**/a/**/a/**/b\n")
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("no violations in 1 file\nonly .gitignore files are used to find ignored files, ")
    assert "as git failed: git ls-files timed out after 0.5 s; " in said


def test_a_path_that_is_named_twice_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    settings = Settings(root=tmp_path, source=None, paths=(".", "./.", ".//"))
    assert [file.path for file in select_files(settings).files] == ["a.py"]


def test_a_gitignore_file_with_too_many_lines_is_named(tmp_path: Path) -> None:
    lines = [*(f"a{number}" for number in range(MOST_PATTERNS)), "late.py", ""]
    (tmp_path / ".gitignore").write_text("\n".join(lines))
    for name in ("a7", "late.py"):
        (tmp_path / name).touch()
    selection = select_files(Settings(root=tmp_path, source=None, include=("*",)))
    assert [file.path for file in selection.files] == [".gitignore", "late.py"]
    assert selection.notes == (".gitignore: only the first 10,000 of 10,002 lines are used",)


@pytest.mark.parametrize(
    ("patterns", "place", "why"),
    [
        pytest.param(
            '["/a/", "!/a/x.py", "/b/*", "!/b/x.py"]',
            1,
            "a pattern before it matches a parent folder (write /a/* instead of /a/)",
            id="in an excluded folder",
        ),
        pytest.param('["!/a/x.py"]', 0, "no pattern before it matches its files", id="not excluded"),
        pytest.param(
            '["/a/*", "!/a/x.py", "x.py"]',
            1,
            "a pattern after it matches its files again",
            id="excluded again",
        ),
        pytest.param(
            '["/a/*", "!/a/x.py", "!/a/[x]*"]',
            1,
            "a `!` pattern after it matches its files",
            id="included by a later pattern",
        ),
        pytest.param(
            '["/a/*", "/b/*", "!x.py", "!/a/x.py"]',
            3,
            "a `!` pattern before it matches its files",
            id="included by an earlier pattern",
        ),
    ],
)
def test_what_takes_no_file_back_is_a_note(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    patterns: str,
    place: int,
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    os.makedirs("a")
    os.makedirs("b")
    for name in ("a/x.py", "b/x.py", "b/y.py"):
        Path(name).touch()
    Path("pyproject.toml").write_text(f"[tool.pytest-antipasta]\nexclude = {patterns}\n")
    assert main(["config", "validate"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        f'note: exclude[{place}] (pyproject.toml:2): "!/a/x.py" has no effect: {why}'
    ]


def test_patterns_of_which_later_ones_leave_no_file_are_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").touch()
    limit = "thresholds.cyclomatic = 9\n"
    overrides = "".join(
        f"[[tool.pytest-antipasta.overrides]]\nfiles = {files}\n{limit}"
        for files in ('["!b.py", "a.py", "!*.py"]', '["a.py", "!b.py"]')
    )
    Path("pyproject.toml").write_text(overrides)
    assert main(["config", "validate"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        'note: overrides[0].files[1] (pyproject.toml:2): "a.py" has no effect: '
        "`!` patterns after it match its files"
    ]
