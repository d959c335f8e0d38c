"""``check --format agent``: bounds, order, and what is never left out."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository

MOST, MOST_OF_CLEAN = 4000, 1000
SETTINGS = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 2\ncognitive_complexity = 2\n"


def branchy(name: str, branches: int) -> str:
    return f"def {name}(a):\n" + "".join(
        f"    if a == {one}:\n        return {one}\n" for one in range(branches)
    )


@pytest.fixture
def project(made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with low limits; the current folder."""
    repository = Repository(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    repository.git("config", "core.longpaths", "true")  # on Windows, paths have 260 characters by default
    monkeypatch.chdir(tmp_path)
    return repository


def check(capfdbinary: pytest.CaptureFixture[bytes], *args: str) -> tuple[int, bytes]:
    """Return the exit code, and all that an agent reads."""
    code = main(["check", "--format", "agent", *args])
    return code, b"".join(capfdbinary.readouterr())


def fill(root: Path, *, fails: bool) -> None:
    """Write many files with long names, and all that can be said of files."""
    long = "ä" * 60
    for number in range(50):
        folder = root / f"{long[:40]}{number}" / long / long
        folder.mkdir(parents=True)
        text = (
            "".join(branchy(f"{long * 5}_{one}", 3 + number % 7) for one in range(3)) if fails else "a = 1\n"
        )
        (folder / f"{long}.py").write_text(text, encoding="utf-8")
    for number in range(20):
        comment = f"  # antipasta: ignore[cyclomatic_complexity<=9] {long}"
        text = branchy(f"suppressed_{number}", 3).replace(":\n", f":{comment}\n", 1)
        (root / f"suppressed_{number}.py").write_text(text, encoding="utf-8")
        (root / f"unknown_{number}.py").write_text(f"a = 1  # antipasta: ignore[{long}]\n", encoding="utf-8")
        if fails:
            (root / f"broken_{number}.py").write_text("def f(:\n")


def test_no_run_takes_more_than_its_bound(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    project.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    fill(project.path, fails=True)
    project.git("add", ".")
    for args in ((), ("--staged",), ("--diff", "HEAD"), ("--quiet",), ("--no-ignore",)):
        code, said = check(capfdbinary, *args)
        assert code == 1
        assert 3000 < len(said) < MOST
        assert b"not measured (syntax)" in said
        assert b": cyclomatic_complexity " in said
        assert b"\nand " in said


def test_a_clean_run_takes_a_quarter_of_that(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    project.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    fill(project.path, fails=False)
    (project.path / "pyproject.toml").write_text(SETTINGS.replace("cognitive_complexity = 2", ""))
    project.git("add", ".")
    for args in ((), ("--staged",)):
        code, said = check(capfdbinary, *args)
        assert code == 0, said
        assert b"no violations" in said
        assert len(said) < MOST_OF_CLEAN


def test_the_worst_stands_first_and_a_short_list_is_whole(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for number in range(20):
        (project.path / f"m{number:02}.py").write_text(branchy("f", 3 + number))
    code, said = check(capfdbinary)
    lines = said.decode().splitlines()
    assert code == 1
    assert lines[0] == "20 of 20 functions are over a limit, in 20 of 20 files"
    places = [line.partition(":")[0] for line in lines if " f: " in line]
    assert places == [f"m{number:02}.py" for number in reversed(range(20))]
    assert "  look at lines 1-45" in lines[2]
    assert lines[-1].startswith("next: `pytest-antipasta explain m19.py::f`")
    (project.path / "m19.py").write_text(f"def f(a): return {' or '.join('ab' * 20)}\n")
    assert b"look at lines 1-45" not in check(capfdbinary)[1], "its only line is that of its place"
    assert not any(line.startswith("and ") for line in lines)


def test_the_command_that_comes_next_can_be_pasted(
    project: Repository, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (project.path / "below").mkdir()
    (project.path / "it's $HOME.py").write_text(branchy("f", 1) + branchy("f", 9))
    monkeypatch.chdir("below")
    code, said = check(capfdbinary, str(project.path))
    assert code == 1
    found = re.search(r"^next: `pytest-antipasta (.*)` shows", said.decode(), re.MULTILINE)
    assert found, said
    assert main(shlex.split(found[1])) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert "it's $HOME.py:4 function f#2" in shown
    assert "cyclomatic_complexity 10, must be <= 2" in shown


def test_it_can_be_shorter(project: Repository, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (project.path / "a.py").write_text(branchy("f", 3) + branchy("g", 4))
    said = check(capfdbinary, "--top", "1")[1].decode()
    assert "a.py:8 g: " in said
    assert "a.py:1 f" not in said


def test_a_file_over_a_limit_has_no_lines_to_look_at(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (project.path / "a.py").write_text("a = 1\n" * 3)
    code, said = check(capfdbinary, "--limit", "lines_of_code=2")
    assert code == 1
    assert b"\na.py: lines_of_code 3/2\n" in said
    assert b"look at" not in said


def test_names_that_a_terminal_would_obey_are_escaped(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    if os.name == "nt":
        pytest.skip("no such names there")
    (project.path / "a\x1b[31m.py").write_text(branchy("f", 3))
    said = check(capfdbinary)[1]
    assert b"\x1b" not in said
    assert b"a\\x1b[31m.py:1 f: " in said


def test_what_fails_a_change_is_not_left_out(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (project.path / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\nnew_waivers = 'fail'\n{SETTINGS}")
    commit_all(project.path, "settings")
    fill(project.path, fails=False)
    project.git("add", ".")
    code, said = check(capfdbinary, "--staged")
    assert code == 1
    assert b"error: 20 waivers not allowed" in said
    assert len(said) < MOST


def test_what_to_read_first_is_cut_and_not_left_out(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    commit_all(project.path, "settings")
    names = [f"read_{'long_' * 40}{number}" for number in range(6)]
    (project.path / "a.py").write_text("".join(branchy(name, 1) for name in names))
    project.git("add", ".")
    code, said = check(capfdbinary, "--staged")
    lines = said.decode().splitlines()
    assert code == 0
    assert len(said) < MOST_OF_CLEAN
    first = lines.index("read these first:")
    assert [line.partition("_")[0] for line in lines[first + 1 :]] == [
        "  a.py:1 read",
        "  a.py:4 read",
        "and 4 more lines",
    ]


def test_a_change_that_fails_has_more_room_for_what_it_does(
    project: Repository, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    commit_all(project.path, "settings")
    comment = "  # antipasta: ignore[cyclomatic<=3]"
    for number in range(6):
        text = branchy("allowed", 2).replace(":\n", f":{comment}\n", 1)
        (project.path / f"{'long_' * 8}{number}.py").write_text(text)
    (project.path / "a.py").write_text(branchy("f", 9))
    project.git("add", ".")
    code, said = check(capfdbinary, "--staged")
    assert code == 1
    assert said.count(f"allowed: cyclomatic_complexity: comment{comment[1:]}".encode()) == 6
