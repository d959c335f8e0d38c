"""Settings of git's, and what it has in its environment, that must not change a verdict."""

from __future__ import annotations

import pytest

from tests.gate.conftest import SETTINGS, Guarded, find_places, function

LINES = "".join(f"# line {number}\n" for number in range(40))


SETTINGS_OF_GIT = (
    "diff.renameLimit=1", "diff.renames=false", "diff.renames=copies", "diff.relative=true",
    "diff.noPrefix=true", "diff.orderFile=order", "core.quotePath=true", "core.abbrev=4", "color.ui=always",
    "column.ui=always",
)  # fmt: skip


def test_no_setting_changes_the_verdict(guarded: Guarded) -> None:
    """Two files are renamed and edited at once, and no worse than before; a bad one is new."""
    for number in (1, 2):
        guarded.stage(f"sub/old{number}.py", function(5) + f"{LINES}# {number}\n")
    guarded.record("two files")
    for number in (1, 2):
        guarded.git("mv", f"sub/old{number}.py", f"sub/é {number}.py")
        guarded.stage(f"sub/é {number}.py", function(5, end="return 7") + f"{LINES}# {number}\n")
    guarded.stage("sub/new.py", function(6))
    for setting in SETTINGS_OF_GIT:
        name, _, value = setting.partition("=")
        guarded.git("config", name, value)
        said = guarded.hook(cwd="sub")
        assert (said.code, find_places(said.out)) == (1, ["new.py:1"]), setting
        assert said.out.startswith("new.py\n    1:1  f  cyclomatic 6/3  added\n")
        guarded.git("config", "--unset", name)


def test_a_replaced_blob_is_not_believed(guarded: Guarded) -> None:
    guarded.stage("a.py", function(6))
    bad, good = (guarded.git("rev-parse", name).strip() for name in (":a.py", ":good.py"))
    guarded.git("replace", bad, good)
    assert guarded.hook().code == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("GIT_LITERAL_PATHSPECS", "1", id="paths are meant as they are written"),
        pytest.param("GIT_ICASE_PATHSPECS", "1", id="small letters are capital ones"),
        pytest.param("GIT_TRACE", "1", id="git says on its standard error what it does"),
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
