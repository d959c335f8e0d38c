"""Repositories whose filters are programs, whose references look like options, and that lack objects."""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.model.errors import FETCH
from tests.gate.conftest import Guarded, function
from tests.windows import NEEDS_SCRIPTS


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """What a program leaves that was run."""
    return tmp_path / "marker"


@pytest.fixture
def program(tmp_path: Path, marker: Path) -> str:
    """A program that must not be run."""
    path = tmp_path / "program"
    path.write_text(f'#!/bin/sh\necho "$@" >> {marker}\nexit 1\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_what_filters_stand_for_is_judged_all_the_same(
    guarded: Guarded,
    program: str,
    marker: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    guarded.stage(".gitattributes", "*.py filter=f\n")
    guarded.record("attributes")
    for name in ("clean", "smudge", "process"):
        guarded.git("config", f"filter.f.{name}", program)
    guarded.git("config", "filter.f.required", "true")
    guarded.write("old.py", function(6))
    guarded.write("new.py", function(6))
    monkeypatch.chdir(guarded.path)
    assert main(["check", "--diff", "HEAD", "--quiet"]) == 1
    assert [line.partition(" (")[0] for line in capsys.readouterr().out.splitlines()] == [
        "new.py",
        "    1:1  f  cyclomatic 6/3           added",
        "old.py",
        "    1:1  f  cyclomatic 5 → 6/3",
    ]
    assert not marker.exists()


def test_a_reference_is_no_option(guarded: Guarded) -> None:
    for name in ("--output=pwned", "--no-index"):
        guarded.git("update-ref", f"refs/heads/{name}", "HEAD")
        for diff in (name, f"HEAD..{name}", f"{name}..HEAD"):
            assert guarded.say("check", f"--diff={diff}").code == 0, diff
            assert not (guarded.path / "pwned").exists(), diff


def test_what_a_partial_clone_lacks_is_told_and_not_fetched(
    guarded: Guarded, tmp_path: Path, program: str, marker: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    guarded.stage("old.py", function(6))
    guarded.record("worse")
    guarded.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    guarded.git("clone", "--quiet", "--filter=blob:none", f"file://{guarded.path}", str(clone))
    monkeypatch.chdir(clone)
    guarded.git("-C", str(clone), "config", "remote.origin.uploadpack", program)
    assert main(["check", "--diff", "HEAD~..HEAD"]) == 3
    line = "old.py: not measured (unreadable): content not found in git or the working tree"
    assert line in capsys.readouterr().out.splitlines()
    sparse = tmp_path / "sparse"
    options = ("--quiet", "--filter=blob:none", "--no-checkout")
    guarded.git("clone", *options, f"file://{guarded.path}", str(sparse))
    guarded.git("-C", str(sparse), "sparse-checkout", "set", "--no-cone", "/pyproject.toml")
    guarded.git("-C", str(sparse), "checkout", "--quiet")
    guarded.git("-C", str(sparse), "config", "remote.origin.uploadpack", program)
    monkeypatch.chdir(sparse)
    assert main(["check", "--diff", "HEAD~"]) == 3
    assert line in capsys.readouterr().out.splitlines()
    monkeypatch.chdir(clone)
    for name in ("old.py", "good.py"):
        guarded.git("-C", str(clone), "mv", name, f"new_{name}")
        guarded.write(f"../clone/new_{name}", function(6) + f"# {name}\n")
        guarded.git("-C", str(clone), "add", f"new_{name}")
    guarded.git("-C", str(clone), "commit", "--quiet", "--message", "renamed")
    assert main(["check", "--diff", "HEAD~2..HEAD"]) == 2
    assert "this is a partial clone; fetch the rest with `git fetch --ref" in capsys.readouterr().err
    assert not marker.exists()
    guarded.git("-C", str(clone), "config", "--unset", "remote.origin.uploadpack")
    guarded.git("-C", str(clone), "fetch", "--quiet", "--refetch", "--no-filter")
    assert main(["check", "--diff", "HEAD~..HEAD"]) == 1


def test_an_embedded_bare_repository_is_not_asked(
    guarded: Guarded, program: str, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.git("init", "--quiet", "--bare", "inner")
    guarded.git("-C", "inner", "config", "core.fsmonitor", program)
    guarded.git("-C", "inner", "config", "core.bare", "false")
    guarded.git("-C", "inner", "config", "core.worktree", "..")
    guarded.write("inner/x.py", function(2))
    monkeypatch.chdir(guarded.path)
    assert main(["check", "inner"]) == 0
    assert not marker.exists()


def test_a_repository_that_is_damaged_is_not_one_without_an_ancestor(guarded: Guarded) -> None:
    first = guarded.git("rev-parse", "HEAD").strip()
    second, third = guarded.record("second"), guarded.record("third")
    guarded.lose(second)
    with pytest.raises(GitError, match=f"Could not read {second}"):
        Repository(guarded.path).history.merge_bases(third, [first])
    with pytest.raises(GitError) as caught:
        Repository(guarded.path).history.common_ancestors(first, third)
    assert "no common ancestor" not in str(caught.value)


def test_a_folder_that_git_has_lost_is_told_with_what_to_do(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a clone with ``--filter=tree:0``: newer versions of git do not say that it is a partial one."""
    guarded.write("folder/old.py", function(1))
    guarded.git("add", "folder")
    guarded.record("old")
    guarded.write("folder/old.py", function(2))
    guarded.git("add", "folder")
    guarded.record("new")
    tree = guarded.git("rev-parse", "HEAD~:folder").strip()
    guarded.lose(tree)
    monkeypatch.chdir(guarded.path)
    assert main(["check", "--diff", "HEAD~"]) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(rf"error: could not determine the changes: .* tree .*{tree}\)?; {FETCH}", told), told


OLD_GIT = """\
#!/bin/sh
case " $* " in *" diff "*)
    printf 'error: unknown option\\nusage: git diff\\n    how it is used\\n' >&2
    exit 129
esac
exec {git} "$@"
"""


@NEEDS_SCRIPTS
def test_of_what_an_old_git_says_one_line_is_told(
    guarded: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not know an option, and tells how it is used in sixty lines."""
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text(OLD_GIT.format(git=shutil.which("git")))
    script.chmod(0o755)
    monkeypatch.chdir(guarded.path)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    assert main(["hook"]) == 0
    (told,) = capsys.readouterr().err.splitlines()
    assert told == "warning: antipasta did not check this commit: unknown option"
