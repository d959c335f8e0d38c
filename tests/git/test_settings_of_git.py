"""Settings of git's, and what it has in its environment, that must not change a verdict."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.gate.conftest import SETTINGS, Guarded, find_places, function

LINES = "".join(f"# line {number}\n" for number in range(40))


@pytest.fixture(scope="session")
def _renamed(_origin: Path) -> Path:
    guarded = Guarded(_origin.with_name("renamed"), origin=_origin)
    for number in (1, 2):
        guarded.stage(f"sub/old{number}.py", function(5) + f"{LINES}# {number}\n")
    guarded.record("two files")
    for number in (1, 2):
        guarded.git("mv", f"sub/old{number}.py", f"sub/é {number}.py")
        guarded.stage(f"sub/é {number}.py", function(5, end="return 7") + f"{LINES}# {number}\n")
    guarded.stage("sub/new.py", function(6))
    return guarded.path


@pytest.fixture
def renamed(guarded: Guarded, _renamed: Path) -> Guarded:
    """Two files are renamed and edited at once, and no worse than before; a bad one is new."""
    shutil.rmtree(guarded.path)
    shutil.copytree(_renamed, guarded.path)
    return guarded


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("diff.renameLimit", "1", id="how many files may have been renamed"),
        pytest.param("diff.renames", "false", id="whether any have"),
        pytest.param("diff.renames", "copies", id="whether some are copies"),
        pytest.param("diff.relative", "true", id="where paths begin"),
        pytest.param("diff.noPrefix", "true", id="how paths begin"),
        pytest.param("diff.orderFile", "order", id="in which order files come"),
        pytest.param("core.quotePath", "true", id="how names are written"),
        pytest.param("core.abbrev", "4", id="how short names of objects are"),
        pytest.param("color.ui", "always", id="colours"),
        pytest.param("column.ui", "always", id="columns"),
    ],
)
def test_a_setting_does_not_change_the_verdict(renamed: Guarded, name: str, value: str) -> None:
    renamed.git("config", name, value)
    said = renamed.hook(cwd="sub")
    assert (said.code, find_places(said.out)) == (1, ["new.py:1"])
    assert said.out.startswith("new.py\n    1:1  f  cyclomatic 6/3  added\n")


def test_a_replaced_blob_is_not_believed(guarded: Guarded) -> None:
    guarded.stage("a.py", function(6))
    bad, good = (guarded.git("rev-parse", name).strip() for name in (":a.py", ":good.py"))
    guarded.git("replace", bad, good)
    assert guarded.hook().code == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("GIT_LITERAL_PATHSPECS", "1", id="paths are meant as they are written"),
        pytest.param("GIT_GLOB_PATHSPECS", "1", id="paths are patterns, with folders"),
        pytest.param("GIT_NOGLOB_PATHSPECS", "1", id="paths are no patterns"),
        pytest.param("GIT_ICASE_PATHSPECS", "1", id="small letters are capital ones"),
        pytest.param("GIT_TRACE", "1", id="git says on its standard error what it does"),
        pytest.param("GIT_TRACE2", "1", id="git says more of that"),
    ],
)
def test_the_environment_does_not_change_the_verdict(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """What is staged of the settings counts, also in a folder below, and no history is told from none."""
    strict = SETTINGS.format("nested = true")
    guarded.stage("pyproject.toml", strict)
    guarded.stage("sub/pyproject.toml", strict)
    guarded.stage("PyProject.toml", "[tool.pytest-antipasta]\njudge = 1\n")
    guarded.record()
    for path in ("pyproject.toml", "sub/pyproject.toml"):
        guarded.write(path, strict.replace("= 3", "= 9"))
    for path in ("a.py", "sub/a.py"):
        guarded.stage(path, function(4))
    monkeypatch.setenv(name, value)
    said = guarded.hook()
    assert (said.code, find_places(said.out)) == (1, ["a.py:1", "sub/a.py:1"])
    for path in ("pyproject.toml", "sub/pyproject.toml"):
        guarded.write(path, strict)
    said = guarded.say("check", "--diff", "HEAD", "--quiet")
    assert (said.code, find_places(said.out)) == (1, ["a.py:1", "sub/a.py:1"])
    guarded.git("checkout", "--quiet", "--orphan", "alone")
    guarded.record()
    said = guarded.say("check", "--diff", "main")
    assert (
        said.code,
        "main and HEAD have no common ancestor: their histories are unrelated" in said.err,
    ) == (2, True)
