"""``nested = true``: a change is judged by the settings nearest to its files, as git has them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.gate.conftest import (
    HOOKS,
    Guarded,
    Prepare,
    find_places,
    find_recording,
    function,
    strip_waivers,
)
from tests.windows import NEEDS_LINKS

NESTED = "nested = true"
STAGED = (["hook"], ["check", "--staged"])
TABLE = "[tool.pytest-antipasta]\nthresholds = {{ cyclomatic_complexity = {} }}\n"
OVER = "a.py\n    1:1  f  cyclomatic 4/3  added\n"
IN_PROJECT = "lib/a.py\n    1:1  f  cyclomatic 4/2  added\n"


@pytest.fixture
def monorepo(prepare: Prepare) -> Guarded:
    """Projects with limits of 2 and 8 below a root with one of 3, and a file in each that is staged."""
    return prepare(make_projects)


def make_projects(guarded: Guarded) -> None:
    guarded.configure(NESTED)
    guarded.stage("lib/pyproject.toml", TABLE.format(2))
    guarded.stage("lax/pyproject.toml", TABLE.format(8))
    guarded.record("projects")
    for path in ("a.py", "lib/a.py", "lax/a.py"):
        guarded.stage(path, function(4))


def test_each_file_is_judged_by_the_nearest(monorepo: Guarded) -> None:
    for args in (*STAGED, ["hook", "--whole"], ["check", "--diff", "HEAD"]):
        said = monorepo.say(*args, cwd="lib/.." if args == ["hook"] else ".")
        change = "" if "--whole" in args else "  added"
        assert said.code == 1
        for row in (OVER, IN_PROJECT):
            assert row.replace("  added", change) in said.out, args
        assert "lax/a.py:1" not in find_places(said.out)
    assert "ignored in this run" not in said.out + said.err


def test_commands_are_typed_in_a_folder_with_its_own(
    monorepo: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There, commands without the settings of the root would judge by others, and write another baseline."""
    monkeypatch.setenv("GIT_PREFIX", "lax/")
    said = monorepo.hook()
    command = find_recording(said)
    assert "simplify  pytest-antipasta explain --config ../pyproject.toml ../lib/a.py::f\n" in said.out
    subprocess.run(command, shell=True, cwd=monorepo.path / "lax", check=True, capture_output=True)
    assert monorepo.hook().code == 0


@pytest.mark.parametrize("folder", [".", "lax", pytest.param("link", marks=NEEDS_LINKS)])
def test_commands_are_typed_outside_of_the_project_that_a_hook_is_run_in(
    monorepo: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """prek does that, in a workspace; a link is where a shell may be, and ``..`` of it is elsewhere."""
    monorepo.configure()
    place = monorepo.path / folder
    if folder == "link":
        place = tmp_path / "elsewhere" / "link"
        place.parent.mkdir()
        place.symlink_to(monorepo.path / "lax")
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PWD", str(place))
    said = monorepo.say("hook", cwd="lib")
    assert said.code == 1
    assert "a.py:1  # antipasta" in said.out
    command = find_recording(said)
    subprocess.run(command, shell=True, cwd=place, check=True, capture_output=True)
    assert "lib/antipasta-baseline.json" in monorepo.git("diff", "--cached", "--name-only")
    assert monorepo.say("hook", cwd="lib").code == 0


def test_what_is_staged_of_them_counts(monorepo: Guarded) -> None:
    """And not what the worktree has, whether the index has a table there or none."""
    monorepo.git("rm", "--quiet", "--cached", "a.py")
    monorepo.stage("lib/pyproject.toml", TABLE.format(9))
    monorepo.write("lib/pyproject.toml", TABLE.format(1))
    monorepo.write("lax/pyproject.toml", "[tool.pytest-antipasta]\nexclud = []\n")
    differs = "the staged version was used; the working tree differs"
    for command in STAGED:
        said = monorepo.say(*command)
        assert said.code == 0, said
        for project in ("lib", "lax"):
            assert (said.out + said.err).count(f"{project}/pyproject.toml: {differs}") == 1
    monorepo.stage("lax/pyproject.toml", "[tool.other]\n")
    monorepo.write("lax/pyproject.toml", TABLE.format(8))
    for command in STAGED:
        assert OVER.replace("a.py", "lax/a.py") in monorepo.say(*command).out


def test_those_of_another_commit_count_alone(monorepo: Guarded) -> None:
    """The current ones have no say, whether that commit has any in their folder or none."""
    for project in ("lib", "new"):
        monorepo.stage(f"{project}/pyproject.toml", TABLE.format(9))
        monorepo.stage(f"{project}/a.py", function(4))
    for command in (*STAGED, ["check"]):
        said = monorepo.say(*command, "--limits-from", "HEAD")
        assert said.code == 1
        for row in (IN_PROJECT, OVER.replace("a.py", "new/a.py")):
            assert row.removesuffix("  added\n") in said.out, command
        assert "lax/a.py\n    1:1" not in said.out
        assert "ignored in this run" not in said.out + said.err


def test_those_count_that_the_worktree_alone_has(monorepo: Guarded) -> None:
    monorepo.write("new/pyproject.toml", TABLE.format(1))
    monorepo.stage("new/a.py", function(2))
    (monorepo.path / "lib/pyproject.toml").unlink()
    for command in STAGED:
        said = monorepo.say(*command)
        assert "new/a.py\n    1:1  f  cyclomatic 2/1  added\n" in said.out
        assert IN_PROJECT in said.out, "that the index has them is enough"


def test_a_project_leaves_files_out(monorepo: Guarded) -> None:
    monorepo.stage("lib/pyproject.toml", f"{TABLE.format(2)}exclude = ['/gen/']\n")
    for path in ("lib/gen/a.py", "lib/deep/gen/a.py"):
        monorepo.stage(path, function(4))
    said = monorepo.say("hook")
    assert "lib/gen/a.py" not in strip_waivers(said.out)
    assert IN_PROJECT.replace("lib/a.py", "lib/deep/gen/a.py") in said.out


def test_a_file_that_the_root_names_is_taken_all_the_same(monorepo: Guarded) -> None:
    monorepo.configure(f'{NESTED}\npaths = [".", "lib/gen/a.py"]')
    monorepo.stage("lib/pyproject.toml", f"{TABLE.format(2)}exclude = ['gen/']\n")
    for path in ("lib/gen/a.py", "lib/gen/b.py"):
        monorepo.stage(path, function(4))
    for command in (*STAGED, ["check"]):
        said = monorepo.say(*command)
        assert "lib/gen/a.py\n    1:1  f  cyclomatic 4/2" in said.out
        assert "lib/gen/b.py\n    1:1" not in said.out


@pytest.mark.parametrize("side", ["pre-push", "pre-receive"])
def test_a_push_is_judged_by_them(monorepo: Guarded, tmp_path: Path, side: str) -> None:
    """On the server by those of the commit that is pushed, as there is no worktree."""
    server = tmp_path / "server.git"
    monorepo.git("init", "--quiet", "--bare", str(server))
    monorepo.git("push", "--quiet", str(server), "main")
    monorepo.git("remote", "add", "origin", str(server))
    monorepo.git("fetch", "--quiet", "origin")
    monorepo.record()
    if side == "pre-push":
        monorepo.install(side)
    else:
        shutil.copy(HOOKS / side, server / "hooks")
    said = monorepo.run_git("push", "origin", "main")
    assert said.code == 1
    assert OVER in said.out
    assert IN_PROJECT in said.out
    assert "lax/a.py:1" not in find_places(said.out)
    if side == "pre-receive":
        monorepo.stage("lib/pyproject.toml", "[tool.pytest-antipasta]\nexclud = []\n")
        commit = monorepo.record()
        said = monorepo.run_git("push", "origin", "main")
        assert f"{commit[:12]}:lib/pyproject.toml:2: tool.pytest-antipasta.exclud: unknown key" in said.out


def test_a_tree_leads_to_no_settings_of_the_server(monorepo: Guarded, tmp_path: Path) -> None:
    """What a bare repository gets may have names that lead out of any folder."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (temporary / "pyproject.toml").write_text("[tool.pytest-antipasta]\nsecret = 1\n")
    listed = monorepo.git("ls-tree", monorepo.git("write-tree").strip())
    blob = monorepo.git("hash-object", "a.py").strip()
    inner = make_tree(monorepo, f"100644 blob {blob}\t.antipasta.yaml\n")
    tree = make_tree(monorepo, f"{listed}040000 tree {inner}\t..\n")
    commit = monorepo.git("commit-tree", "-m", "hostile", tree).strip()
    server = tmp_path / "server.git"
    monorepo.git("clone", "--quiet", "--bare", ".", str(server))
    shutil.copy(HOOKS / "pre-receive", server / "hooks")
    said = monorepo.run_git("push", str(server), f"{commit}:refs/heads/other", TMPDIR=str(temporary))
    assert said.code == 1
    assert IN_PROJECT in said.out
    assert "secret" not in said.out


def make_tree(guarded: Guarded, listed: str) -> str:
    """Return the name of a tree with some entries."""
    command = ["git", "mktree"]
    done = subprocess.run(command, cwd=guarded.path, input=listed.encode(), capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_what_has_moved_is_followed_by_them(monorepo: Guarded) -> None:
    """A commit that moves a function of which a lax project has a copy: that one takes no entry."""
    monorepo.git("rm", "--quiet", "--force", "lib/a.py", "lax/a.py", "a.py")
    monorepo.stage("b/old.py", function(4, "g"))
    assert monorepo.say("baseline", "write").code == 0
    monorepo.git("add", "antipasta-baseline.json")
    monorepo.stage("lax/new.py", function(4, "g"))
    monorepo.record("baseline")
    monorepo.git("rm", "--quiet", "b/old.py")
    monorepo.stage("b/new.py", function(4, "h"))
    assert monorepo.say("hook").code == monorepo.say("check", "--staged").code == 0


def test_nothing_is_asked_where_they_don_t_count(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    guarded.stage("a.py", function(2))
    monkeypatch.setattr("pytest_antipasta.git.objects.Objects.list_names", None)
    assert guarded.say("hook").code == 0
    assert guarded.say("check", "--staged").code == 0
