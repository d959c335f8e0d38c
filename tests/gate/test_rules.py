"""Settings, time and trouble."""

from __future__ import annotations

import itertools
import re
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.policy.limits import Limits
from tests.gate.conftest import BLOCKED, MORE_TIME, SETTINGS, Guarded, find_places, function, strip_waivers
from tests.windows import AND, NEEDS_LINKS

BAD = function(4, "bad")
SILENCE = (0, "", "")


@pytest.mark.parametrize(
    "setting",
    ['exclude = ["a.py"]', "", 'paths = ["su"]'],
)
def test_only_source_files_count(guarded: Guarded, setting: str) -> None:
    (guarded.path / "su").mkdir()
    guarded.configure(setting)
    guarded.stage("sub/a.py", BAD)
    assert guarded.hook().code == (0 if setting else 1)
    assert guarded.hook("sub/a.py").code == (0 if setting else 1)
    guarded.record()
    assert guarded.hook("sub/a.py").code == (0 if setting else 1), "unchanged, and judged whole"


@NEEDS_LINKS
def test_paths_that_a_link_leads_to_are_named_as_not_judged(guarded: Guarded) -> None:
    """Git names its files by the folder that the link leads to."""
    guarded.stage("real/a.py", function(2))
    (guarded.path / "link").symlink_to("real")
    guarded.git("add", "--all")
    note = "`paths` names link, a symbolic link, and checks of changes skip its files; name real instead\n"
    for paths, expected in (('["link"]', note), ('["link", "real"]', "")):
        guarded.configure(f"paths = {paths}")
        assert guarded.hook().err == (f"warning: {note}" if expected else "")
        assert (note in guarded.say("check", "--staged").out) == bool(expected)


@pytest.mark.skipif(sys.platform == "win32", reason="there, a backslash is no part of a name")
def test_the_name_of_an_empty_folder_is_that_of_its_files(guarded: Guarded) -> None:
    r"""A name with ``\xe9`` has doubled backslashes in reports, as it may not be text, and no more."""
    (guarded.path / r"caf\xe9").mkdir()
    guarded.stage("a.py", function(2))
    guarded.configure(r"paths = ['.', 'caf\xe9']")
    assert r"`paths` names caf\\xe9, which is empty" in guarded.say("check").out


def test_a_root_below_the_top(guarded: Guarded) -> None:
    guarded.write("sub/pyproject.toml", SETTINGS.format("").replace("= 3", "= 2"))
    guarded.stage("sub/a.py", function(3, "a"))
    guarded.stage("b.py", BAD)
    said = guarded.hook(cwd="sub")
    assert said.out.startswith("a.py\n    1:1  a  cyclomatic 3/2  added\n")
    assert "\nblocked by pytest-antipasta: 1 function became too complex" in said.out
    said = guarded.hook()
    assert said.out.startswith("b.py\n    1:1  bad  cyclomatic 4/3  added\n")
    assert "\nblocked by pytest-antipasta: 1 function became too complex" in said.out


def test_what_changes_elsewhere_is_none_of_a_root_below_the_top(guarded: Guarded, tmp_path: Path) -> None:
    guarded.stage("sub/pyproject.toml", SETTINGS.format(""))
    guarded.record()
    guarded.stage("b.py", BAD)
    said = "0 of 0 files, limited to `--staged`: no source file added or modified{}\n"
    assert guarded.say("check", "--staged", cwd="sub").out == said.format(" below sub/")
    shard = str(tmp_path / "1.shard")
    guarded.say("check", "--staged", "--shard=1/1", f"--report=shard={shard}", cwd="sub")
    assert said.format(" below sub/") in guarded.say("report", "merge", shard, cwd="sub").out
    guarded.git("rm", "--quiet", "--cached", "b.py")
    assert guarded.say("check", "--staged").out.startswith(said.format(""))


def test_a_top_below_the_root(guarded: Guarded) -> None:
    (guarded.path / "pyproject.toml").rename(guarded.path.parent / "pyproject.toml")
    guarded.git("rm", "--quiet", "--cached", "pyproject.toml")
    guarded.stage("sub/a.py", BAD)
    said = guarded.hook()
    assert said.out.startswith("sub/a.py\n    1:1  bad  cyclomatic 4/3")
    record = "pytest-antipasta baseline write --staged sub/a.py"
    assert said.out.endswith(f"\nrecord    {record}\n"), "git can't stage what is above it"
    assert guarded.hook("old.py").out.startswith("old.py\n    1:1  f  cyclomatic 5/3")


@pytest.mark.parametrize(("judge", "code"), [("changed", 0), ("all", 1)])
def test_judge(guarded: Guarded, judge: str, code: int) -> None:
    guarded.configure(f'judge = "{judge}"')
    guarded.stage("old.py", function(5) + function(2, "g"))
    assert guarded.hook().code == code


@pytest.mark.parametrize(
    ("pattern", "code"),
    [("old.py::*", 1), ("@pay", 1), ("g", 0)],
)
def test_critical_functions(guarded: Guarded, pattern: str, code: int) -> None:
    guarded.configure(f'critical_functions = ["{pattern}"]')
    guarded.stage("old.py", f"@pay(1)\n{function(4)}")
    assert guarded.hook().code == code


@pytest.mark.parametrize("old", ["core", "other"])
def test_unchanged_code_passes_if_its_file_moves_to_what_is_critical(guarded: Guarded, old: str) -> None:
    """Whether it was critical before is not known where a folder is renamed along with its pattern."""
    guarded.configure(f'critical_functions = ["{old}/*::*"]')
    guarded.stage("core/x.py", function(5) + "# a comment\n" * 9)
    guarded.record()
    guarded.git("mv", "core", "kernel")
    guarded.configure('critical_functions = ["kernel/*::*"]')
    assert guarded.hook().code == 0


def test_a_number_that_comes_nearer_to_what_it_must_be_is_no_worse(guarded: Guarded) -> None:
    exact = SETTINGS.format("").replace("= 3", '= {limit = 3, comparison = "=="}')
    guarded.stage("pyproject.toml", exact)
    guarded.record()
    guarded.stage("old.py", function(4))
    assert guarded.hook().code == 0
    guarded.stage("old.py", function(2))
    assert guarded.hook().code == 0
    guarded.stage("old.py", function(6))
    said = guarded.hook()
    assert (said.code, "cyclomatic 5 → 6 (+1), must be == 3\n" in said.out) == (1, True)


def test_the_way_out_of_an_exact_limit_is_one(guarded: Guarded) -> None:
    exact = SETTINGS.format("").replace("= 3", '= {limit = 3, comparison = "=="}')
    guarded.stage("pyproject.toml", exact)
    guarded.stage("a.py", function(2))
    said = guarded.hook()
    comment = re.search(r"allow     add to a.py:1  (#.*)", said.out)
    assert comment is not None
    guarded.stage("a.py", function(2).replace(":\n", f":  {comment[1]}\n", 1))
    assert guarded.hook().code == 0


@pytest.mark.parametrize(("setting", "code"), [("", 0), ("strict_files = true", 1)])
def test_strict_files(guarded: Guarded, setting: str, code: int) -> None:
    guarded.stage("pyproject.toml", SETTINGS.format(setting) + "lines_of_code = 3\n")
    guarded.stage("old.py", function(5) + "\n\n")
    said = guarded.hook()
    assert said.code == code
    assert ("lines of code 6 → 8/3 (+2)\n" in said.out) == bool(code)


@pytest.mark.parametrize(
    ("setting", "code", "expected"),
    [
        ("", 0, f"warning: not checked, time_budget of 5 s exceeded: a.py, b.py\n{MORE_TIME}"),
        (
            'on_timeout = "block"',
            3,
            f'not checked, time_budget of 5 s exceeded: a.py, b.py (on_timeout = "block")\n{BLOCKED}'
            "blocked by pytest-antipasta: 2 files not checked\n",
        ),
    ],
)
@pytest.mark.usefixtures("no_time")
def test_no_time(guarded: Guarded, setting: str, code: int, expected: str) -> None:
    guarded.configure(setting)
    guarded.record()
    guarded.stage("a.py", BAD)
    guarded.stage("b.py", BAD)
    assert guarded.hook() == (code, expected, "")


@pytest.mark.usefixtures("no_time")
@pytest.mark.parametrize(("there", "action"), [("guarded", "check --diff HEAD~1"), ("empty", "check")])
def test_what_a_late_commit_is_advised_to_run_checks_it(
    there: str, action: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first commit of a repository, too."""
    project: Guarded = request.getfixturevalue(there)
    project.stage("a.py", BAD)
    assert f"after the commit, run `pytest-antipasta {action}`" in project.hook().out
    project.record()
    monkeypatch.setattr("pytest_antipasta.gate.measuring.time", time)
    said = project.say(*action.split())
    assert (said.code, find_places(said.out)) == (1, ["a.py:1"])


@pytest.mark.parametrize("budget", [150, 250, 350])
def test_the_time_is_up_while_a_file_is_compared(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, budget: float
) -> None:
    """Measuring what it was, and parsing either side, take of the same time."""
    guarded.configure(f"time_budget = {budget}")
    guarded.record()
    guarded.stage("old.py", function(5, end="return -a"))
    seconds = itertools.count(time.monotonic() + 100, 100)  # so many pass with every look at the clock
    clock = SimpleNamespace(monotonic=lambda: next(seconds), perf_counter=time.perf_counter)
    monkeypatch.setattr("pytest_antipasta.gate.measuring.time", clock)
    said = guarded.hook()
    assert said == (0, f"warning: not checked, time_budget of {budget} s exceeded: old.py\n{MORE_TIME}", "")


@pytest.mark.usefixtures("no_time")
def test_of_many_files_that_there_is_no_time_for_some_are_named(guarded: Guarded) -> None:
    for number in range(25):
        guarded.stage(f"f{number:02}.py", BAD)
    said = guarded.hook()
    assert said.out.endswith(f"f18.py, f19.py and 5 more files\n{MORE_TIME}")


def test_the_order_of_judgement(guarded: Guarded) -> None:
    guarded.configure('fail_fast = true\ncritical_paths = ["core/"]')
    guarded.stage("core/a.py", BAD)
    guarded.stage("large.py", BAD + function(2) * 9)
    guarded.stage("small.py", BAD)
    said = guarded.hook()
    assert said.code == 1
    assert said.out.startswith("core/a.py\n    1:1  bad  ")
    assert "skipped after the first failure: large.py, small.py (see `fail_fast`)" in said.out


def test_a_tolerated_number_ends_nothing(guarded: Guarded) -> None:
    guarded.configure("fail_fast = true")
    guarded.stage("old.py", function(5, end="return -aaaaaaa"))
    guarded.stage("a.py", BAD)
    said = guarded.hook()
    assert "old.py" not in said.out
    assert "a.py\n    1:1  bad  " in said.out


def test_a_syntax_error_is_the_users(guarded: Guarded) -> None:
    guarded.stage("a.py", "def f(:\n")
    said = guarded.hook()
    assert said.code == 3
    assert said.out.startswith("a.py:1: not measured (syntax): ")
    assert "language_version" not in said.out
    guarded.stage("b.py", BAD)
    assert guarded.hook().code == 1


def test_an_error_that_the_settings_allow(guarded: Guarded) -> None:
    guarded.configure('on_error = "warn"')
    guarded.stage("a.py", "def f(:\n")
    assert guarded.hook().code == 0


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python knows template strings")
@pytest.mark.parametrize(
    ("framework", "advice"),
    [
        (
            "1",
            "set `language_version: python3.X` for it in the settings of pre-commit or prek; with "
            "`language: system`, install pytest-antipasta there",
        ),
        ("", "install pytest-antipasta there, and run its `pytest-antipasta hooks install`"),
    ],
)
def test_syntax_of_a_newer_python(
    guarded: Guarded, framework: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT", framework)
    guarded.stage("a.py", "x = t'{y}'\n")
    said = guarded.hook()
    assert said.code == 3
    assert (
        f"this is Python {sys.version_info[0]}.{sys.version_info[1]}; for newer syntax, the hook must run"
        in said.out
    )
    assert f"    {advice}\n" in said.out


@pytest.mark.parametrize("source", ["if x:\n\tif y:\n        z\n", "print 'x'\n"], ids=["tabs", "Python 2"])
def test_syntax_that_no_newer_python_takes(guarded: Guarded, source: str) -> None:
    guarded.stage("a.py", source)
    said = guarded.hook()
    assert said.code == 3
    assert "not measured (syntax)" in said.out
    assert "for newer syntax" not in said.out


@pytest.mark.parametrize(("setting", "code"), [("", 0), ('on_internal_error = "block"', 3)])
def test_a_mistake_of_ours_is_told(
    guarded: Guarded, setting: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    guarded.configure(setting)
    guarded.stage("a.py", BAD)
    monkeypatch.setattr(Limits, "judge", fail)
    said = guarded.hook()
    told = "ZeroDivisionError: oops (test_rules.py:"
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(
        f"{'error' if code else 'warning'}: antipasta did not check this commit: {told}"
    )
    assert said.err.count("\n") == 1
    debugged = guarded.hook("--debug")
    assert "Traceback (most recent call last):" in debugged.err


@pytest.mark.parametrize(("setting", "code"), [("", 0), ('on_internal_error = "block"', 3)])
def test_no_git(guarded: Guarded, setting: str, code: int, tmp_path: Path) -> None:
    guarded.configure(setting)
    guarded.stage("a.py", BAD)
    done = guarded.run_program("hook", PATH=str(tmp_path))
    assert done.code == code
    assert done.out == ""
    assert done.err.startswith(f"{'error' if code else 'warning'}: antipasta did not check this commit: ")
    assert "Traceback" not in done.err


def test_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["hook"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "not a git repository" in err
    assert err.endswith("; run this inside a git repository, or run `git init` first\n")
    assert err.count("\n") == 1


def test_wrong_settings_are_the_users(guarded: Guarded) -> None:
    guarded.configure('judge = "nothing"')
    guarded.stage("a.py", BAD)
    said = guarded.hook()
    assert said.code == 2
    assert "judge" in said.err


def test_quiet_leaves_what_fails(guarded: Guarded) -> None:
    guarded.stage("old.py", function(5) + "    # as it was\n" + function(5, "kept") + BAD)
    guarded.record()
    guarded.stage(
        "old.py",
        function(5, end="return 7")
        + "# antipasta: ignore\n"
        + function(2, "g")
        + BAD * 2
        + "# antipasta: ignore\n"
        + function(5, "h"),
    )
    full, brief = guarded.hook(), guarded.hook("-q")
    assert (full.code, brief.code) == (1, 1)
    assert brief.err == full.err
    lines = strip_waivers(full.out).splitlines()
    assert [line.split()[0] for line in lines[:6]] == [
        "old.py",
        "16:1",
        "tolerated",
        "warning:",
        "`#N`",
        "blocked",
    ]
    assert brief.out.splitlines() == lines[:2]


@pytest.mark.parametrize("way", [[], ["--whole"]], ids=["a commit", "all files"])
def test_debug_tells_where_and_how_long(guarded: Guarded, cache_dir: Path, way: list[str]) -> None:
    guarded.stage("good.py", function(1))
    lines = guarded.hook("--debug", *way).err.splitlines()
    source = guarded.path / "pyproject.toml"
    assert lines[0] == f"debug: root {guarded.path}, settings from {source}"
    assert f"debug: store {cache_dir}, by PYTEST_ANTIPASTA_CACHE_DIR" in lines
    assert any(line.endswith(" checked, 0 failed; 0 hits, 1 miss") for line in lines) == (not way)
    assert re.fullmatch(r"debug: .*open \d\.\d+ s, .*judge \d\.\d+ s, .* s in total", lines[-1])
    assert guarded.hook(*way).err == ""


def test_a_store_that_fails_is_told(guarded: Guarded, cache_dir: Path) -> None:
    shutil.rmtree(cache_dir)
    cache_dir.write_text("a file where a folder is to be")
    guarded.stage("a.py", BAD)
    for way in ([], ["--whole"]):
        said = guarded.hook(*way)
        assert said.code == 1
        assert said.err.startswith("warning: store disabled for this run: ")


def test_a_terminal_without_arrows_gets_utf8(guarded: Guarded) -> None:
    guarded.stage("old.py", function(6))
    said = guarded.run_program("hook", PYTHONIOENCODING="ascii")
    assert said.code == 1
    assert "cyclomatic 5 \N{RIGHTWARDS ARROW} 6/3 (+1)" in said.out


@pytest.mark.parametrize(
    ("start", "code"), [pytest.param("HEAD~1", 1, id="one"), pytest.param("HEAD", 0, id="none")]
)
def test_a_range(guarded: Guarded, monkeypatch: pytest.MonkeyPatch, start: str, code: int) -> None:
    guarded.stage("a.py", BAD)
    guarded.record()
    guarded.stage("b.py", BAD)
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", start)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    said = guarded.hook()
    assert said.code == code
    assert "b.py" not in said.out


@pytest.mark.usefixtures("no_time")
def test_a_range_that_there_is_no_time_for(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded.stage("a.py", BAD)
    guarded.record()
    start, end = (guarded.git("rev-parse", name)[:12] for name in ("HEAD~1", "HEAD"))
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", start)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    command = f"check --diff {start}..{end}"
    assert f"    run `pytest-antipasta {command}`, which has no time limit" in guarded.hook().out
    monkeypatch.setattr("pytest_antipasta.gate.measuring.time", time)
    said = guarded.say(*command.split())
    assert (said.code, find_places(said.out)) == (1, ["a.py:1"]), "old.py is unchanged"


@pytest.mark.usefixtures("no_time")
def test_a_first_push_that_there_is_no_time_for(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    start = {"PRE_COMMIT_FROM_REF": "0" * 40, "PRE_COMMIT_TO_REF": "HEAD", "PRE_COMMIT_REMOTE_NAME": "origin"}
    for name, value in start.items():
        monkeypatch.setenv(name, value)
    assert "    run `pytest-antipasta check`, which has no time limit" in guarded.hook().out


def test_a_push_of_the_first_commit(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pre-commit and prek run it: with all files, and without a range."""
    guarded.stage("a.py", BAD)
    guarded.record()
    guarded.write("a.py", function(2))
    monkeypatch.setenv("PRE_COMMIT_REMOTE_NAME", "origin")
    monkeypatch.setenv("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")
    said = guarded.hook("a.py", "old.py")
    assert (said.code, find_places(said.out)) == (1, ["old.py:1", "a.py:1"])
    assert f"git add antipasta-baseline.json{AND}git commit\n" in said.out


def test_a_push_back_to_settings_that_are_wrong(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pre-commit runs it if a push is forced: the other side has the commit, and nobody can change it."""
    guarded.stage("pyproject.toml", SETTINGS.format('judge = "x"'))
    wrong = guarded.record()
    guarded.stage("pyproject.toml", SETTINGS.format(""))
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", guarded.record())
    monkeypatch.setenv("PRE_COMMIT_TO_REF", wrong)
    monkeypatch.setenv("PRE_COMMIT_REMOTE_NAME", "origin")
    said = guarded.hook()
    assert (said.code, said.out, said.err) == (0, "", "")


def test_a_range_that_is_not_here(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "origin/main")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    said = guarded.hook()
    assert said.code == 0
    assert "unknown commit 'origin/main'; `git branch --all`" in said.err
