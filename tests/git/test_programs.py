"""Programs that a repository's settings and its environment name: git runs them for itself, never for us."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo_keeping
from tests.conftest import Repository
from tests.gate.conftest import Guarded, function
from tests.git.conftest import configure
from tests.memos import watch_memos
from tests.tables import keep_quick

_FILL = "printf 'protocol=https\\nhost=h\\n\\n' | git credential fill"
# Each with what makes git run it; none where that takes a terminal, a newer git, or settings of the user's.
SETTINGS = {
    "core.fsmonitor": "git status",
    "core.hooksPath": "git commit --allow-empty -m x",
    "core.sshCommand": "git fetch ssh://n/x",
    "core.gitProxy": "git fetch git://n/x",
    "core.editor": "git commit --allow-empty",
    "core.askPass": _FILL,
    "core.alternateRefsCommand": "git rev-list --alternate-refs",
    "core.pager": None,
    "credential.helper": _FILL,
    "diff.d.command": "git diff HEAD",
    "diff.d.textconv": "git diff HEAD",
    "diff.external": "git diff HEAD",
    "filter.f.clean": "git add --renormalize .",
    "filter.f.process": "git add --renormalize .",
    "filter.f.smudge": "rm good.py; git checkout-index good.py",
    "filter.g=h.clean": "git add --renormalize .",
    "gpg.program": "git commit --allow-empty -S -m x",
    "hook.h.command": None,
    "include.path": "git diff HEAD",
    "includeIf.gitdir:**/repository/.git.path": "git diff HEAD",
    "pager.diff": None,
    "sequence.editor": "git reset --hard && git rebase --interactive --root",
    "trace2.eventTarget": None,
    "trace2.normalTarget": None,
    "uploadpack.packObjectsHook": None,
}
ENVIRONMENT = {
    "GIT_ASKPASS": _FILL,
    "GIT_EDITOR": "git commit --allow-empty",
    "GIT_EXTERNAL_DIFF": "git diff HEAD",
    "GIT_PAGER": None,
    "GIT_PROXY_COMMAND": "git fetch git://n/x",
    "GIT_SEQUENCE_EDITOR": "git reset --hard && git rebase --interactive --root",
    "GIT_SSH": "git fetch ssh://n/x",
    "GIT_SSH_COMMAND": "git fetch ssh://n/x",
}
HOOKS = ("pre-commit", "post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman")
PYTEST = ("pytest", "-p", "antipasta", "--antipasta-only", "-p", "no:cacheprovider")
WAYS = {
    "check": ("pytest_antipasta", "check"),
    "check --staged": ("pytest_antipasta", "check", "--staged"),
    "check --diff": ("pytest_antipasta", "check", "--diff", "HEAD~1"),
    "check --diff of commits": ("pytest_antipasta", "check", "--diff", "HEAD~1..HEAD"),
    "hook": ("pytest_antipasta", "hook"),
    "hook --whole": ("pytest_antipasta", "hook", "--whole"),
    "measure": ("pytest_antipasta", "measure"),
    "hook with a file": ("pytest_antipasta", "hook", "old.py"),
    "pytest": PYTEST,
    "pytest, staged": (*PYTEST, "--antipasta-staged"),
    "trend": ("pytest_antipasta", "trend"),
    "baseline write": ("pytest_antipasta", "baseline", "write"),
    "hooks status": ("pytest_antipasta", "hooks", "status"),
    "check --top": ("pytest_antipasta", "check", "--top", "5"),
    "the page": ("pytest_antipasta", "check", "--report", "html=page.html"),
    "config init": ("pytest_antipasta", "config", "init", "--config", "other.toml"),
}


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """Where each program leaves a mark."""
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


@pytest.fixture
def values(tmp_path: Path, marks: Path) -> dict[str, str]:
    """A program for each setting, or what leads to one."""
    folder = tmp_path / "programs"
    folder.mkdir()
    values = {}
    for number, name in enumerate([*SETTINGS, *ENVIRONMENT]):
        program = folder / f"program{number}"
        mark = marks / name.replace("/", "-")
        program.write_text(f'#!/bin/sh\ntouch "{mark}"\nexit 1\n')
        program.chmod(0o755)
        values[name] = program.as_posix()
        if name.startswith("include"):
            values[name] += ".settings"
            Path(values[name]).write_text(f"[diff]\nexternal = {program.as_posix()}\n")
        elif name.startswith("trace2"):
            values[name] = mark.as_posix()
        elif name == "core.hooksPath":
            values[name] += ".hooks"
            for hook in HOOKS:
                (Path(values[name]) / hook).parent.mkdir(exist_ok=True)
                shutil.copy(program, Path(values[name]) / hook)
    return values


@pytest.fixture(scope="session")
def _changed(_origin: Path) -> Path:
    guarded = Guarded(_origin.with_name("changed"), origin=_origin)
    guarded.git("config", "core.hooksPath", str(_origin.with_name("nowhere")))
    guarded.write(".gitattributes", "*.py diff=d filter=f\nold.py filter=g=h\n")
    guarded.write(".gitignore", "ignored.py\n")
    guarded.stage("gone.py", function(2, "gone"))
    guarded.git("add", ".")
    guarded.record("attributes")
    guarded.stage("gone.py", function(5, "gone"))
    guarded.record("gone")
    guarded.stage("good.py", function(2, end="return 7"))
    other = Repository(_origin.with_name("other"))
    guarded.write(".git/objects/info/alternates", f"{other.path}/.git/objects\n")
    guarded.write("ignored.py", function(2))
    guarded.write("new.py", function(2))
    guarded.write("old.py", function(5, end="return 7"))
    return guarded.path


@pytest.fixture
def changed(guarded: Guarded, _changed: Path) -> Guarded:
    """A repository with attributes, a commit, something staged, something not, and objects elsewhere."""
    shutil.rmtree(guarded.path)
    shutil.copytree(_changed, guarded.path)
    guarded.run_git("update-index", "-q", "--refresh")
    os.utime(guarded.path / "pyproject.toml", (1, 1))  # git looks at it again
    return guarded


@pytest.fixture
def hostile(changed: Guarded, values: dict[str, str], marks: Path) -> Guarded:
    """That repository with all of these settings, and without objects that it could fetch."""
    for name in ("HEAD:.gitignore", "HEAD~1:gone.py"):
        changed.lose(changed.git("rev-parse", name).strip())
    changed.git("update-index", "--skip-worktree", ".gitignore")
    (changed.path / ".gitignore").unlink()
    configure(changed, {name: values[name] for name in SETTINGS} | {"hook.h.event": "post-index-change"})
    for name, url in {"e": "ssh://n/x", "g": "git://n/x", "x": f"ext::{values['core.pager']}"}.items():
        remote = {"url": url, "promisor": "true", "uploadpack": values["core.pager"]}
        configure(changed, {f"remote.{name}.{key}": value for key, value in remote.items()})
    configure(changed, {"protocol.allow": "always", "core.repositoryFormatVersion": "1"})
    configure(changed, {"extensions.partialClone": "e"})
    for mark in marks.iterdir():
        mark.unlink()  # what the last of these commands have run
    return changed


@pytest.mark.parametrize(
    "way",
    keep_quick(
        [pytest.param(way, id=way) for way in WAYS],
        *("check", "check --staged", "check --diff of commits", "hook", "pytest", "trend", "the page"),
    ),
)
def test_none_is_run(hostile: Guarded, values: dict[str, str], marks: Path, way: str) -> None:
    environment = {name: values[name] for name in ENVIRONMENT}
    said = hostile.run_module(*WAYS[way], PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **environment)
    assert sorted(mark.name for mark in marks.iterdir()) == []
    assert said.code in (0, 1, 3)
    assert "did not check" not in said.err


@pytest.fixture
def recalled(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each run used a memo of the commit, in which a small repository is worth one."""
    monkeypatch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 10)  # its files are old enough
    found: list[bool] = []
    watch_memos(monkeypatch, lambda recalled: found.append(recalled is not None))
    return found


@pytest.mark.parametrize("asked", [(), (".",)], ids=["all files", "a folder"])
def test_none_is_run_to_compare_with_a_memo(
    guarded: Guarded,
    values: dict[str, str],
    marks: Path,
    recalled: list[bool],
    monkeypatch: pytest.MonkeyPatch,
    asked: Sequence[str],
) -> None:
    """Filters of source files make a memo impossible; those of other files do not."""
    guarded.write(".gitattributes", "*.py diff=d\n*.txt filter=f\n*.md filter=g=h\n")
    for name in ("notes.txt", "notes.md"):
        guarded.write(name, "some text\n")
    guarded.git("add", ".")
    guarded.record("attributes")
    guarded.git("config", "core.ignoreCase", "false")  # as Windows and macOS have no memos with it
    monkeypatch.chdir(guarded.path)
    main(["check"])
    configure(guarded, {name: values[name] for name in SETTINGS})
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, values[name])
    for name in ("notes.txt", "notes.md"):
        guarded.write(name, "more text\n")  # git reads it, to know whether it differs
    guarded.write("new.py", function(2))
    for mark in marks.iterdir():
        mark.unlink()
    assert main(["check", *asked]) == 1
    assert sorted(mark.name for mark in marks.iterdir()) == []
    assert recalled == [False, True]
    guarded.run_git("status")
    assert {"core.fsmonitor", "filter.f.process"} <= {mark.name for mark in marks.iterdir()}


CONTROLS = {name: command for name, command in (SETTINGS | ENVIRONMENT).items() if command is not None}


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTROLS)
def test_git_itself_runs_it(changed: Guarded, values: dict[str, str], marks: Path, name: str) -> None:
    environment = dict(os.environ)
    if name in ENVIRONMENT:
        environment[name] = values[name]
    else:
        changed.git("config", name, values[name])
    subprocess.run(CONTROLS[name], shell=True, cwd=changed.path, env=environment, check=False)
    assert [mark.name for mark in marks.iterdir()] == [name.replace("/", "-")]
