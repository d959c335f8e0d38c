"""Which files of a change are judged: those that a run over all files comes to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.gate.change_sets import committed_changes
from pytest_antipasta.gate.sides import open_commit
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.values import Settings
from tests.gate.conftest import SETTINGS, Guarded, function
from tests.limits import WITHOUT_RIGHTS, reads_locked_folders
from tests.windows import NEEDS_LINKS, NEEDS_SCRIPTS, NOT_ON_WINDOWS, QUOTE, can_be_on_disk

_NAMES = tuple(filter(can_be_on_disk, (
    "a.py", "a.txt", "lib/b.py", "lib/c.egg/d.py", "lib/c.egg/e/f.py", "lib/build/g.py", "lib/build/keep.py",
    "lib/h.py/i.py", "lib/h.py/j.txt", "lib/k.egg.py", "project/l.py", "project/src/m.py", "project/.py",
    "project/src/n.egg/o.py", "project/src/build/p.py", "project/src/build.py", "other/q.py",
    "other/r.egg/s.py", "project/tab\t.py", "project/src/\\x09.py", "project/src/\t.py",
)))  # fmt: skip


_UNRESOLVED = """\
#!/bin/sh
"{git}" "$@" | sed 's|^{real}|{link}|'
"""


@NEEDS_SCRIPTS
def test_a_git_may_name_its_repository_by_a_link(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As git for Windows before 2.25 does on a mapped drive."""
    guarded.stage("a.py", function(4))
    link, script = tmp_path / "link", tmp_path / "bin" / "git"
    link.symlink_to(guarded.path)
    script.parent.mkdir()
    script.write_text(_UNRESOLVED.format(git=shutil.which("git"), real=guarded.path, link=link))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent), prepend=os.pathsep)
    monkeypatch.chdir(guarded.path)
    assert main(["check", "--staged"]) == 1


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("", id="the defaults"),
        pytest.param("exclude = ['*.egg']", id="a folder by its ending"),
        pytest.param("exclude = ['build']", id="a folder by its name"),
        pytest.param("exclude = ['build/', '!build/keep.py']", id="a file of a folder that is left out"),
        pytest.param("exclude = ['*', '!*.py', '!src/']", id="all but some"),
        pytest.param("exclude = ['src/*', '!src/build/']", id="all of a folder but one in it"),
        pytest.param("include = ['*.py', '*.txt']", id="two endings"),
        pytest.param("include = ['src/']", id="a folder that is included"),
        pytest.param("paths = ['src', '../lib']", id="a folder outside of the root"),
        pytest.param("paths = ['../lib']\nexclude = ['*.egg', 'build']", id="patterns there"),
        pytest.param("paths = ['src/n.egg', 'src']\nexclude = ['*.egg']", id="a folder that is named"),
        pytest.param("paths = ['../a.txt', 'src/build/p.py']\nexclude = ['build/']", id="named files"),
        pytest.param("paths = ['../other/../lib', './src/.']", id="paths the long way round"),
        pytest.param("paths = ['../lib/c.egg']\nexclude = ['*.egg']", id="a folder above the patterns"),
    ],
)
def test_they_are_those_of_the_walk(tmp_path: Path, lines: str) -> None:
    for name in _NAMES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    (tmp_path / "project/pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{lines}\n")
    settings = load_settings(tmp_path / "project").settings
    paths = SourcePaths(settings, tmp_path)
    found = {paths.find(name) for name in _NAMES} - {None}
    assert sorted(map(str, found)) == [file.path for file in select_files(settings).files]
    assert found


@NEEDS_LINKS
def test_an_untracked_file_is_judged_where_a_walk_comes_to_it(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(guarded.path)
    outside = tmp_path / "outside.py"
    outside.write_text(function(6))
    guarded.write("env/pyvenv.cfg", "")
    for name in ("env/lib/module.py", "env/x.egg/y.py", "new.py", "sub/new.py"):
        guarded.write(name, function(6))
    (guarded.path / "link.py").symlink_to(outside)
    (guarded.path / "linked").symlink_to(tmp_path)
    os.mkfifo(guarded.path / "pipe.py")
    assert main(["check", "--diff", "HEAD", "--quiet"]) == 1
    places = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert places == ["new.py", "sub/new.py"]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("", id="as it is"),
        pytest.param("exclude = ['[de]*/']", id="excluded", marks=pytest.mark.slow),
    ],
)
def test_a_folder_that_can_not_be_opened_is_not_measured_as_in_a_walk(guarded: Guarded, lines: str) -> None:
    rights = WITHOUT_RIGHTS if reads_locked_folders() else ()
    if rights and shutil.which(rights[0]) is None:
        pytest.skip("root reads all folders: `apt-get install util-linux`")
    guarded.configure(lines)
    guarded.stage("old.py", function(2))
    guarded.stage("data/known.py", function(2))
    guarded.stage("data/sub/other.py", function(2))
    guarded.record("data")
    guarded.write("data/known.py", function(6))
    guarded.write("else/new.py", function(6))
    found = {}
    for name in ("data", "else"):
        (guarded.path / name).chmod(0)
    for way in ((), ("--diff", "HEAD")):
        command = [*rights, sys.executable, "-m", "pytest_antipasta", "check", "--quiet", *way]
        done = subprocess.run(command, cwd=guarded.path, capture_output=True, text=True, check=False)
        found[way] = (done.returncode, done.stdout.splitlines())
    for name in ("data", "else"):
        (guarded.path / name).chmod(0o755)
    expected = [
        line
        for name in ("data", "else")
        for line in (
            f"{name}: not measured (unreadable): the folder can't be read: Permission denied",
            "    make it readable (`chmod u+rX`), or exclude it",
        )
    ]
    assert found == dict.fromkeys(found, (0, []) if lines else (3, expected))


@pytest.mark.parametrize("paths", [(), ("lib",)], ids=["all", "a folder without changes"])
def test_pytest_passes_where_nothing_changed_as_a_check_does(
    guarded: Guarded, paths: tuple[str, ...]
) -> None:
    guarded.stage("lib/it.py", function(2))
    guarded.record("lib")
    if paths:
        guarded.stage("new.py", function(6))
    assert guarded.say("check", "--staged", *paths).code == 0
    options = ("--antipasta-only", "--antipasta-staged", *paths)
    assert guarded.run_pytest(*options).code == 0
    guarded.stage("new.py", function(2))
    assert guarded.run_pytest(*options[:2], "-k", "nothing").code == pytest.ExitCode.NO_TESTS_COLLECTED


@NEEDS_LINKS
def test_a_link_in_place_of_a_file_is_not_followed(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(guarded.path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "good.py").write_text(function(6))
    guarded.stage("package/good.py", function(2))
    guarded.record("a package")
    (guarded.path / "good.py").unlink()
    (guarded.path / "good.py").symlink_to(outside / "good.py")
    (guarded.path / "package/good.py").unlink()
    (guarded.path / "package").rmdir()
    (guarded.path / "package").symlink_to(outside)
    assert main(["check", "--diff", "HEAD", "--quiet"]) == 0
    guarded.git("add", "--all")
    assert main(["check", "--staged", "--quiet"]) == 0
    assert guarded.hook().code == 0
    assert capsys.readouterr().out == ""


def test_a_content_that_is_too_large_is_not_measured(guarded: Guarded) -> None:
    guarded.configure("max_file_size_mb = 0.001")
    guarded.stage("large.py", "# filler\n" * 200)
    said = guarded.hook()
    message = "0.0018 MB is over max_file_size_mb = 0.001; raise max_file_size_mb or exclude the file"
    assert (said.code, said.out.splitlines()[0]) == (3, f"large.py: not measured (too_large): {message}")


@pytest.mark.parametrize("name", ["esc\x1b.py", "nu\udcff.py"])
@NOT_ON_WINDOWS
def test_a_change_is_narrowed_to_a_file_whatever_its_name(
    guarded: Guarded, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(guarded.path)
    guarded.stage(name, function(4))
    guarded.stage("other.py", function(4))
    assert main(["check", "--staged", name]) == 1
    assert "1 function became too complex, in 1 file" in capsys.readouterr().out
    assert main(["check", "--staged", "."]) == 1
    assert "2 functions became too complex, in 2 files" in capsys.readouterr().out


def test_a_named_file_that_has_changed_and_is_left_out_is_told(guarded: Guarded) -> None:
    guarded.configure("exclude = ['lib/', 'it is.py']")
    guarded.record()
    for name in ("a.py", "lib/b.py", "it is.py", "c.txt", "d.ipynb"):
        guarded.stage(name, "x = 1\n")
    note = "{} has changed, but is not checked: the settings leave it out; run `{}` to see why\n"
    assert "has changed" not in guarded.say("check", "--staged").out
    for change in ("--staged", "--diff=HEAD"):
        for name, typed in (("lib/b.py",) * 2, ("it is.py", f"{QUOTE}it is.py{QUOTE}"), ("c.txt",) * 2):
            command = f"pytest-antipasta config show {typed}"
            assert f"\n{note.format(name, command)}" in guarded.say("check", change, name).out
        assert "has changed" not in guarded.say("check", change, "a.py", "lib").out
        said = guarded.say("check", change, "d.ipynb").out
        assert ("1 notebook not checked; " in said, "has changed" in said) == (True, False)
    shown = guarded.say("config", "show", "lib/b.py").out
    assert "# checked: no: exclude[0] (" in shown


# On Windows, cmd.exe would run what follows the `&`, and PowerShell what is in `$(…)`.
@pytest.mark.parametrize(
    "name", ["a&$(b).py"] if sys.platform == "win32" else ["esc\x1b.py", "nu\udcff.py"], ids=ascii
)
def test_a_command_that_can_not_be_typed_is_not_proposed(guarded: Guarded, name: str) -> None:
    guarded.configure("exclude = ['*.py']")
    guarded.stage(name, "x = 1\n")
    said = guarded.say("check", "--staged", name).out
    assert " has changed, but is not checked: the settings leave it out\n" in said


def test_a_changed_file_that_is_left_out_is_named_from_the_current_folder(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guarded.stage("lib/-b.txt", "x")
    monkeypatch.chdir(guarded.path / "lib")
    assert main(["check", "--staged", "./-b.txt"]) == 0
    assert "\n-b.txt has changed, but is not checked: " in (said := capsys.readouterr().out)
    assert main(["config", "show", *said.partition("config show ")[2].partition("`")[0].split()]) == 0
    assert "include (default): no pattern matches it" in capsys.readouterr().out


def test_a_branch_that_moves_meanwhile_changes_nothing(guarded: Guarded) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (guarded.path / name).write_text(function(6))
        guarded.git("add", name)
        guarded.git("commit", "--quiet", "--no-verify", "--message", name)
        if name == "b.py":
            side = open_commit(
                Repository(guarded.path), "HEAD", guarded.path, lambda _: Rules(Settings(guarded.path, None))
            )
            changes = committed_changes(side, "HEAD~1")
    assert [diff.path for diff in changes.diffs_by_parent[0]] == ["b.py"]
    assert side.tree.find(["b.py", "c.py"]).keys() == {"b.py"}


def test_settings_in_another_folder_are_refused_where_they_select_nothing(
    guarded: Guarded, tmp_path: Path
) -> None:
    """A commit would pass in any case."""
    guarded.stage("bad.py", function(6))
    outside = tmp_path / "settings" / "strict.toml"
    outside.parent.mkdir()
    outside.write_text(SETTINGS.format(""))
    for args in (["hook"], ["check", "--staged"], ["check", "--diff=HEAD"]):
        said = guarded.say(*args, "--config", str(outside))
        assert said.code == 2
        assert "is outside of the git repository whose changes were requested; settings" in said.err
    inside = guarded.path / "conf" / "strict.toml"
    inside.parent.mkdir()
    inside.write_text(SETTINGS.format(""))
    line = "conf/strict.toml applies to conf/, which has no source file; move it to the folder of the project"
    assert f"warning: {line}\n" in guarded.say("hook", "--config", "conf/strict.toml").err
    assert line in guarded.say("check", "--staged", "--config", "conf/strict.toml").out
    (inside.parent / "good.py").write_text(function(1))
    assert line not in guarded.say("hook", "--config", "conf/strict.toml").err
