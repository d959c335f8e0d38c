"""Settings and baselines that git does not have: the ones on disk are used, and each check says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.gate.conftest import SETTINGS, function

USED = "{}: the file on disk was used; "


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit, and one with a function that is over its limit."""
    monkeypatch.chdir(repository.path)
    Path("a.py").write_text(function(1, "f"))
    commit_all(repository.path, "first")
    Path("b.py").write_text(function(5, "g"))
    repository.git("add", "b.py")
    return repository.path


def test_a_hook_says_that_its_settings_are_not_staged(project: Path, program: Program) -> None:
    Path("pyproject.toml").write_text(SETTINGS.format("").replace("3", "9"))
    said = USED.format("pyproject.toml") + "it is not staged"
    assert program("hook").err == f"warning: {said}; run `git add pyproject.toml`\n"
    assert said in program("check", "--staged").out


def test_the_command_that_stages_settings_is_typed_where_the_user_is(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git runs the hook at its top."""
    Path("pyproject.toml").write_text(SETTINGS.format("").replace("3", "9"))
    monkeypatch.setenv("GIT_PREFIX", "my package/")
    assert program("hook").err.endswith("; run `git add ../pyproject.toml`\n")


def test_settings_of_folders_below_are_said_to_be_only_on_disk(
    project: Path, repository: Repository, program: Program
) -> None:
    Path("pyproject.toml").write_text(SETTINGS.format("nested = true"))
    nested = Path("sub", "pyproject.toml")
    nested.parent.mkdir()
    nested.write_text(SETTINGS.format("").replace("3", "9"))
    repository.git("mv", "b.py", "sub/b.py")
    repository.git("add", "pyproject.toml")
    said = USED.format(nested.as_posix()) + "it is not staged"
    assert program("hook").err == f"warning: {said}; run `git add sub/pyproject.toml`\n"
    assert said in program("check", "--staged").out


def test_a_range_says_what_its_commit_does_not_have(
    project: Path, repository: Repository, program: Program
) -> None:
    repository.git("commit", "--quiet", "--message", "second")
    Path("pyproject.toml").write_text(SETTINGS.format(""))
    program("baseline", "write", "--quiet")
    lines = program("check", "--diff", "HEAD~1..HEAD").out.splitlines()
    for name in ("pyproject.toml", "antipasta-baseline.json"):
        (line,) = (line for line in lines if line.startswith(USED.format(name)))
        assert line.endswith(" does not have it")
    assert "the file on disk was used" not in program("check", "--diff", "HEAD~1").out


def test_nothing_is_said_of_settings_that_git_ignores(
    project: Path, repository: Repository, program: Program
) -> None:
    Path("pyproject.toml").write_text(SETTINGS.format("").replace("3", "9"))
    (repository.path / ".git" / "info" / "exclude").write_text("pyproject.toml\n")
    assert program("hook").err == ""


def test_nor_of_a_file_that_has_no_settings(project: Path, program: Program) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'p'\n")
    assert program("hook").err == ""


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ('exclude = ["c.py"]', 'settings exclude ([] → ["c.py"])'),
        ('include = ["[ab].py"]', "settings include ("),
        ('paths = ["a.py"]', "settings paths ("),
    ],
    ids=["exclude", "include", "paths"],
)
@pytest.mark.parametrize("name", ["pyproject.toml", "named.toml"])
def test_a_new_file_that_new_settings_leave_out_is_a_waiver(
    project: Path, program: Program, added: str, told: str, name: str
) -> None:
    Path(name).write_text(SETTINGS.format('new_waivers = "fail"'))
    commit_all(project, "second")
    Path("c.py").write_text(function(5, "h"))
    Path(name).write_text(SETTINGS.format(f'new_waivers = "fail"\n{added}'))
    said = program("check", "--diff", "HEAD", "--config", name, code=1).out
    assert told in said
    assert "would have failed: " in said
    assert "c.py::h cyclomatic_complexity" in said


@pytest.mark.parametrize("name", ["pyproject.toml", "named.toml"])
def test_new_settings_that_allow_more_are_a_waiver_before_git_has_them(
    project: Path, program: Program, name: str
) -> None:
    Path(name).write_text(SETTINGS.format("").replace("3", "11"))
    Path("b.py").write_text(function(11, "g"))
    said = program("check", "--diff", "HEAD", "--config", name).out
    assert f"{name}: settings thresholds.cyclomatic_complexity (<= 10 → <= 11); 1 value would" in said


def test_what_a_change_of_a_long_list_allows_is_shown(project: Path, program: Program) -> None:
    long = [f"generated/package_{number}.py" for number in range(9)]
    Path("pyproject.toml").write_text(SETTINGS.format(f"exclude = {long}"))
    commit_all(project, "second")
    Path("c.py").write_text(function(5, "h"))
    Path("pyproject.toml").write_text(SETTINGS.format(f"exclude = {[*long, 'c.py']}"))
    assert 'settings exclude ([…] → ["c.py", …]); 1 value' in program("check", "--diff", "HEAD").out
    Path("pyproject.toml").write_text(SETTINGS.format(f"exclude = {['c.py', 'b' * 300]}"))
    assert "bbb…); 1 value would have failed: " in program("check", "--diff", "HEAD").out


def test_so_is_one_that_nested_settings_leave_out(project: Path, program: Program) -> None:
    Path("pyproject.toml").write_text(SETTINGS.format('new_waivers = "fail"\nnested = true'))
    Path("sub").mkdir()
    Path("sub/pyproject.toml").write_text(SETTINGS.format(""))
    commit_all(project, "second")
    Path("sub/c.py").write_text(function(5, "h"))
    Path("sub/pyproject.toml").write_text(SETTINGS.format('exclude = ["c.py"]'))
    said = program("check", "--diff", "HEAD", code=1).out
    assert "1 value would have failed: sub/c.py::h cyclomatic_complexity" in said
