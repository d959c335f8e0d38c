"""Real pushes to a bare repository, guarded on either side by the plain git hooks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.gate.conftest import HOOKS, SETTINGS, Guarded, Said, find_recording, function, strip_waivers
from tests.windows import NEEDS_LINKS, NOT_ON_WINDOWS, decode_name, decode_output

GOOD, BAD = function(3, "good"), function(4, "bad")
ALL_NEW = (
    "warning: all commits count as new, as this clone has no branches of a remote; if the remote has some, "
)
TOLD = "a.py\n    1:1  bad  cyclomatic 4/3  added\n"


@pytest.fixture
def pushing(guarded: Guarded, server: Path) -> Guarded:
    """A repository that looks at what it pushes."""
    guarded.install("pre-push")
    return guarded


@pytest.fixture
def receiving(guarded: Guarded, server: Path) -> Guarded:
    """A repository whose server looks at what it receives."""
    shutil.copy(HOOKS / "pre-receive", server / "hooks")
    return guarded


@pytest.fixture(params=[pytest.param("pushing", marks=pytest.mark.slow), "receiving"])
def either(request: pytest.FixtureRequest) -> Guarded:
    """A push that is looked at on one of both sides; where a change lands, on both."""
    guarded: Guarded = request.getfixturevalue(request.param)
    return guarded


def add(guarded: Guarded, path: str, text: str) -> None:
    """Commit a file past the hook."""
    guarded.stage(path, text)
    guarded.record(path)


def push(guarded: Guarded, *args: str) -> tuple[int, str]:
    """Push, and return the exit code and what the hook says."""
    return push_to(guarded, "origin", *args)


def push_to(guarded: Guarded, remote: str, *args: str) -> tuple[int, str]:
    """Push to a remote, or to an address."""
    said = guarded.run_git("push", "--quiet", remote, *args)
    return said.code, said.out


def assert_refused(guarded: Guarded, *args: str, told: str = TOLD) -> None:
    """Assert that a push is refused for a function."""
    code, out = push(guarded, *args)
    assert (code, told in out) == (1, True), out


def test_a_bad_block_does_not_get_through(either: Guarded) -> None:
    add(either, "a.py", BAD)
    assert_refused(either, "main")
    either.stage("old.py", function(5, end="return 7"))
    add(either, "a.py", GOOD)
    assert push(either, "main") == (0, ""), "what was over its limit may be edited"


def test_a_baseline_that_is_removed_from_git_alone_is_gone(pushing: Guarded) -> None:
    pushing.say("baseline", "write")
    pushing.record_all()
    assert push(pushing, "main")[0] == 0
    pushing.git("checkout", "--quiet", "-b", "topic")
    pushing.git("rm", "--quiet", "--cached", "antipasta-baseline.json")
    pushing.record()
    assert_refused(pushing, "topic", told="(previously in the baseline)")


def test_the_ways_out_of_a_push_end_in_a_commit(either: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    add(either, "a.py", BAD)
    _, out = push(either, "main")
    record, stage, commit = find_recording(Said(1, out)).split(" && ")
    assert (stage, commit) == ("git add antipasta-baseline.json", "git commit")
    monkeypatch.chdir(either.path)
    assert main(record.split()[1:]) == 0
    either.git(*stage.split()[1:])
    either.record("what the hook says")
    assert push(either, "main")[0] == 0


def test_a_new_branch_is_judged_beside_what_is_there(either: Guarded) -> None:
    either.git("checkout", "--quiet", "-b", "topic")
    add(either, "b.py", GOOD)
    assert push(either, "topic") == (0, "")
    add(either, "a.py", BAD)
    assert_refused(either, "topic:refs/heads/other")


def test_without_branches_of_the_remote_all_is_new_and_a_fetch_is_advised(
    pushing: Guarded, server: Path
) -> None:
    """As in a bare clone with worktrees."""
    pushing.git("remote", "rename", "origin", "gh")
    pushing.git("config", "--unset", "remote.gh.fetch")
    pushing.git("update-ref", "-d", "refs/remotes/gh/main")
    add(pushing, "b.py", GOOD)
    assert push_to(pushing, "gh", "main") == (0, ""), "the remote says what it has of this branch"
    code, out = push_to(pushing, "gh", "main:refs/heads/topic")
    assert code == 1
    assert f"\n{ALL_NEW}run `" in out
    command = out.partition("some, run `")[2].partition("` first")[0].replace("` and `", " && ")
    subprocess.run(command, shell=True, cwd=pushing.path, check=True, capture_output=True)
    assert push_to(pushing, "gh", "main:refs/heads/topic") == (0, "")
    add(pushing, "a.py", BAD)  # somebody else's
    pushing.git("push", "--quiet", "--no-verify", str(server), "main")
    pushing.git("reset", "--quiet", "--hard", "HEAD~")
    pushing.git("fetch", "--quiet", "gh")
    pushing.git("checkout", "--quiet", "-b", "mine", "gh/main")
    add(pushing, "c.py", GOOD)
    assert push_to(pushing, "gh", "mine") == (0, "")


def test_that_all_is_new_is_told_of_a_refused_push_alone(pushing: Guarded, server: Path) -> None:
    pushing.git("remote", "add", "other", str(server))
    pushing.git("update-ref", "-d", "refs/remotes/origin/main")
    code, out = push_to(pushing, str(server), "main:refs/tags/old", "main:refs/heads/old")
    assert (code, out.count("\nwarning: ")) == (1, 1)
    assert f"\n{ALL_NEW}fetch them to refs/remotes first\n" in out
    pushing.git("rm", "--quiet", "old.py")
    pushing.record()
    assert push(pushing, "main:refs/tags/new", "main:refs/heads/new") == (0, "")


def test_a_merge_of_what_is_there_blames_nobody(either: Guarded) -> None:
    either.git("checkout", "--quiet", "-b", "topic")
    add(either, "b.py", GOOD)
    either.git("push", "--quiet", "--no-verify", "origin", "topic")
    either.git("checkout", "--quiet", "main")
    add(either, "a.py", BAD)
    either.git("config", "core.hooksPath", "none")
    hooks = Path(either.git("remote", "get-url", "origin").strip()) / "hooks"
    hooks.rename(hooks.with_name("off"))
    either.git("push", "--quiet", "origin", "main")
    hooks.with_name("off").rename(hooks)
    either.git("config", "--unset", "core.hooksPath")
    either.git("checkout", "--quiet", "topic")
    either.git("merge", "--quiet", "--no-edit", "main")
    assert push(either, "topic") == (0, "")


def test_a_push_to_a_fork_is_not_blamed_for_what_another_remote_has(pushing: Guarded) -> None:
    """A fork lacks what was merged upstream since, and others have written that."""
    add(pushing, "theirs.py", function(4, "theirs"))
    pushing.git("update-ref", "refs/remotes/upstream/main", "HEAD")
    pushing.git("checkout", "--quiet", "-b", "topic")
    add(pushing, "b.py", GOOD)
    assert push(pushing, "topic") == (0, "")
    add(pushing, "a.py", BAD)
    assert_refused(pushing, "topic")


CHECK_OUT = "first     check out the commit that failed, which is not checked out\nsimplify  "


def test_the_ways_out_of_what_is_not_checked_out_begin_with_that(pushing: Guarded) -> None:
    pushing.git("checkout", "--quiet", "-b", "topic")
    add(pushing, "a.py", BAD)
    pushing.git("checkout", "--quiet", "main")
    assert_refused(pushing, "topic", told=CHECK_OUT)
    add(pushing, "a.py", GOOD)
    assert_refused(pushing, "topic", told=CHECK_OUT)
    add(pushing, "a.py", BAD)
    assert_refused(pushing, "topic", told=CHECK_OUT)
    pushing.git("checkout", "--quiet", "topic")
    assert "first  " not in push(pushing, "topic")[1]
    pushing.path.joinpath("a.py").write_text("edited = 1\n")
    assert_refused(
        pushing,
        "topic",
        told="first     a.py differs on disk from what was checked; stash your changes\nsimplify  ",
    )


def test_in_a_bare_repository_nothing_is_checked_out(
    pushing: Guarded, server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(pushing, "a.py", BAD)
    bare = tmp_path / "bare.git"
    pushing.git("clone", "--quiet", "--bare", str(pushing.path), str(bare))
    monkeypatch.chdir(bare)
    assert main(["hooks", "install", "--type", "pre-push"]) == 0
    command = ["git", "push", "--quiet", str(server), "main:topic"]
    done = subprocess.run(command, cwd=bare, capture_output=True, text=True)
    assert CHECK_OUT in done.stdout + done.stderr


def test_a_server_knows_nothing_of_what_is_checked_out(receiving: Guarded, server: Path) -> None:
    server.rename(server.with_name(".git"))  # of a repository that has files
    receiving.git("remote", "set-url", "origin", str(server.with_name(".git")))
    receiving.git("--git-dir", str(server.with_name(".git")), "config", "core.bare", "false")
    add(receiving, "a.py", BAD)
    assert CHECK_OUT not in push(receiving, "main:topic")[1]
    assert_refused(receiving, "main:topic")


def test_a_deletion_is_nothing(either: Guarded) -> None:
    assert push(either, "main:refs/heads/gone") == (0, ""), "there are no new commits"
    assert push(either, "--delete", "gone") == (0, "")


def test_tags(either: Guarded) -> None:
    either.git("tag", "--annotate", "--message", "m", "v1")
    assert push(either, "v1") == (0, "")
    blob = either.git("rev-parse", "HEAD:old.py").strip()
    either.git("tag", "blob", blob)
    assert push(either, "blob") == (0, "")
    add(either, "a.py", BAD)
    either.git("tag", "--annotate", "--message", "m", "v2")
    assert push(either, "v2")[0] == 1


def test_settings_of_what_is_there_already_block_nothing(either: Guarded, server: Path) -> None:
    """As those of an older version, in a commit that nobody can change; but they do in a new one."""
    add(either, "pyproject.toml", SETTINGS.format('judge = "x"'))
    either.git("--git-dir", str(server), "fetch", "--quiet", str(either.path), "main:main")
    either.git("fetch", "--quiet")
    either.git("tag", "light")
    either.git("tag", "--annotate", "--message", "m", "annotated")
    assert push(either, "light", "annotated", "HEAD:refs/heads/release") == (0, "")
    add(either, "b.py", GOOD)
    either.git("tag", "new")
    code, out = push(either, "new")
    assert (code, ":pyproject.toml:3: " in out) == (1, True)


def test_a_history_that_was_written_anew(either: Guarded) -> None:
    add(either, "b.py", GOOD)
    push(either, "main")
    either.git("reset", "--quiet", "--hard", "HEAD~1")
    add(either, "c.py", GOOD)
    assert push(either, "--force", "main") == (0, "")


def test_several_branches(pushing: Guarded) -> None:
    pushing.git("branch", "one")
    add(pushing, "a.py", BAD)
    assert_refused(pushing, "one", "main")
    said = pushing.run_git("push", "--quiet", "origin", "one", "main")
    blocked = [line for line in (said.out + said.err).splitlines() if line.startswith("blocked by ")]
    assert blocked[1:] == ["blocked by pytest-antipasta: refs/heads/main"], "git rejects both"


def test_a_history_of_its_own_is_new(either: Guarded) -> None:
    either.git("checkout", "--quiet", "--orphan", "orphan")
    either.record("orphan")
    assert_refused(either, "orphan", told="old.py\n    1:1  f  cyclomatic 5/3  added\n")


def test_what_somebody_else_pushed_in_between(pushing: Guarded, server: Path, tmp_path: Path) -> None:
    """The commit on the other side is not here."""
    pushing.git("clone", "--quiet", str(server), str(tmp_path / "other"))
    (tmp_path / "other" / "b.py").write_text(GOOD)
    for args in (["add", "b.py"], ["commit", "--quiet", "-m", "b"], ["push", "--quiet"]):
        assert pushing.run_git(*args, cwd=tmp_path / "other").code == 0
    add(pushing, "a.py", BAD)
    assert_refused(pushing, "--force", "main")


def test_the_settings_come_with_what_is_received(receiving: Guarded) -> None:
    add(receiving, "pyproject.toml", SETTINGS.format("").replace("= 3", "= 9"))
    add(receiving, "a.py", BAD)
    code, out = push(receiving, "main")
    assert (code, strip_waivers(out)) == (0, "")
    assert (
        "  pyproject.toml: settings thresholds.cyclomatic_complexity (<= 3 \N{RIGHTWARDS ARROW} <= 9)" in out
    )
    add(receiving, "pyproject.toml", SETTINGS.format('exclude = ["sub/"]'))
    add(receiving, "sub/b.py", BAD)
    assert push(receiving, "main") == (0, ""), "a new file in an excluded folder"
    add(receiving, "c.py", BAD)
    assert push(receiving, "main")[0] == 1


def test_wrong_settings_are_not_received(receiving: Guarded) -> None:
    add(receiving, "pyproject.toml", SETTINGS.format('judge = "x"'))
    code, out = push(receiving, "main")
    assert code == 1
    commit = receiving.git("rev-parse", "HEAD")[:12]
    assert f"error: {commit}:pyproject.toml:3: " in out


def test_objects_in_quarantine_are_read(receiving: Guarded, server: Path, started_program: None) -> None:
    """A push that is refused leaves nothing behind on the server."""
    add(receiving, "a.py", BAD)
    assert push(receiving, "main")[0] == 1
    assert receiving.run_git("cat-file", "-e", "HEAD").code == 0
    head = receiving.git("rev-parse", "HEAD").strip()
    assert receiving.run_git("--git-dir", str(server), "cat-file", "-e", head).code != 0


def test_a_name_with_blanks_is_judged(pushing: Guarded) -> None:
    pushing.stage("a.py", BAD)
    pushing.record("fix bug")
    assert_refused(pushing, "HEAD^{/fix bug}:refs/heads/feature")


def make_heads(guarded: Guarded, number: int) -> None:
    """Make as many remote branches, each with a commit of its own upon HEAD."""
    base = guarded.git("rev-parse", "HEAD").strip()
    who = "committer A. Author <author@example.org> 0 +0000"
    stream = "".join(
        f"commit refs/heads/made\nmark :{one}\n{who}\ndata {len(str(one))}\n{one}\nfrom {base}\n\n"
        for one in range(1, number + 1)
    )
    marks = guarded.path / ".git" / "marks"
    command = ["git", "fast-import", "--quiet", f"--export-marks={marks}"]
    subprocess.run(command, cwd=guarded.path, input=stream.encode(), check=True)
    made = (line.split() for line in marks.read_text().splitlines())
    lines = sorted(f"{name} refs/remotes/origin/made/{mark[1:]}" for mark, name in made)
    lines.sort(key=lambda line: line.partition(" ")[2])
    (guarded.path / ".git" / "packed-refs").write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture
def little_room() -> Iterator[None]:
    """Leave commands a quarter of a megabyte for their arguments: Linux gives them a quarter of the stack."""
    import resource  # only POSIX has it

    before = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (1024**2, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_STACK, before)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="commands have another room elsewhere")
def test_more_heads_than_a_command_has_room_for(
    pushing: Guarded, little_room: None, started_program: None
) -> None:
    make_heads(pushing, 7_000)
    heads = pushing.git("for-each-ref", "--format=%(objectname)", "refs/remotes").splitlines()
    assert len(heads) > 7_000
    with pytest.raises(OSError, match="Argument list too long"):
        subprocess.run(["true", *heads], check=False)
    add(pushing, "a.py", BAD)
    code, out = push(pushing, "main")
    assert (code, TOLD in out, "old.py" in out) == (1, True, False), out


def test_a_reference_that_replaces_a_commit_is_not_believed(receiving: Guarded) -> None:
    add(receiving, "a.py", BAD)
    receiving.git("replace", "HEAD", "HEAD~1")
    assert push(receiving, "refs/replace/*:refs/replace/*")[0] == 0
    receiving.git("replace", "--delete", "HEAD")
    assert_refused(receiving, "main")


NOT_UTF8 = decode_name(b"refs/heads/\xff")


def test_a_name_that_is_not_utf8_keeps_nothing_from_being_judged(
    either: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:strict")
    add(either, "a.py", BAD)
    code, out = push(either, "main", f"main~1:{NOT_UTF8}")
    assert (code, TOLD in out, "did not check" in out) == (1, True, False)
    assert push(either, f"main~1:{NOT_UTF8}") == (0, "")


def test_a_blank_in_the_name_of_a_reference_is_a_part_of_it(receiving: Guarded) -> None:
    add(receiving, "a.py", BAD)
    assert_refused(receiving, "main:refs/heads/a\u00a0b\u2028c\x85d")


def receive(guarded: Guarded, server: Path, *options: str, updates: str, **environment: str) -> Said:
    """Hand the hook of a server what it would find on its input, with the objects in their place."""
    objects = guarded.path / ".git/objects"
    program = shutil.which("pytest-antipasta")
    assert program
    done = subprocess.run(
        [program, "hook", "--receive", *options],
        cwd=server,
        env={**os.environ, "GIT_DIR": ".", "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects), **environment},
        input=os.fsencode(updates),
        capture_output=True,
        check=False,
    )
    out, err = map(decode_output, (done.stdout, done.stderr))
    return Said(done.returncode, out, err)


def name_update(guarded: Guarded, name: str = "refs/heads/main", commit: str = "HEAD") -> str:
    return f"{'0' * 40} {guarded.git('rev-parse', commit).strip()} {name}\n"


LOST = f"{'0' * 40} {'1' * 40} refs/heads/lost\n"


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        pytest.param((), 3, "error", id="refused"),
        pytest.param(("--on-internal-error", "block"), 3, "error", id="refused, as an option says"),
        pytest.param(("--on-internal-error", "allow"), 0, "warning", id="accepted, as an option says"),
    ],
)
def test_what_a_server_can_not_judge(
    guarded: Guarded, server: Path, options: tuple[str, ...], code: int, word: str
) -> None:
    """Whatever the settings in its folder say."""
    (server / "pyproject.toml").write_text(SETTINGS.format('on_internal_error = "allow"'))
    said = receive(guarded, server, *options, updates=LOST)
    reason = f"object {'1' * 40} not found in this clone"
    assert said == (code, "", f"{word}: antipasta did not check refs/heads/lost: {reason}\n")
    for updates, environment in (
        (LOST, {"GIT_DIR": "nowhere"}),
        (LOST, {"PATH": "/nowhere"}),
        ("", {}),
        ("what is this\n", {}),
        ("what\n", {}),
    ):
        said = receive(guarded, server, *options, updates=updates, **environment)
        assert said.code == code
        assert said.err.startswith(f"{word}: antipasta did not check this")


def test_a_reference_that_can_not_be_judged_hides_nothing_of_the_others(
    guarded: Guarded, server: Path
) -> None:
    add(guarded, "a.py", BAD)
    good, bad = name_update(guarded, "refs/heads/good", "HEAD~1"), name_update(guarded, "refs/heads/bad")
    for updates in (LOST + good + bad, bad + good + LOST):
        said = receive(guarded, server, updates=updates)
        assert (said.code, TOLD in said.out) == (1, True)
        assert "error: antipasta did not check refs/heads/lost: " in said.err
    add(guarded, "pyproject.toml", SETTINGS.format('judge = "x"'))
    wrong = name_update(guarded, "refs/heads/wrong")
    for others, code in ((good, 2), (LOST, 2), (bad, 1)):
        said = receive(guarded, server, updates=wrong + others)
        assert (said.code, "pyproject.toml:3: " in said.err) == (code, True)
        assert ("refs/heads/lost" in said.err, TOLD in said.out) == (others == LOST, others == bad)


def test_who_pushes_does_not_choose_whether_it_is_judged(guarded: Guarded, server: Path) -> None:
    guarded.configure(
        'time_budget = 0.0001\nfail_fast = true\non_timeout = "allow"\non_internal_error = "allow"'
    )
    for name in "abc":
        guarded.stage(f"{name}.py", BAD)
    guarded.record()
    said = receive(guarded, server, updates=name_update(guarded))
    assert (said.code, said.out.count("  bad  cyclomatic 4/3")) == (1, 3)


def test_who_pushes_does_not_choose_how_many_processes_judge_it(
    guarded: Guarded, server: Path, tmp_path: Path
) -> None:
    guarded.configure("jobs = 2")
    for name in "abc":
        guarded.stage(f"{name}.py", BAD + f"# {name}\n")
    guarded.record()
    log = tmp_path / "log"
    receive(guarded, server, f"--log-file={log}", "--log-level=debug", updates=name_update(guarded))
    assert "c.py" in log.read_text()
    assert "worker-" not in log.read_text()


def test_nobody_pushes_settings_that_let_pass_what_can_not_be_measured(
    guarded: Guarded, server: Path
) -> None:
    guarded.configure('on_error = "warn"')
    add(guarded, "a.py", "def f(:\n")
    said = receive(guarded, server, updates=name_update(guarded))
    assert (said.code, "a.py:1: not measured (syntax)" in said.out) == (3, True)


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        pytest.param("sub/pyproject.toml", marks=pytest.mark.slow),
        pytest.param("antipasta-baseline.json", marks=pytest.mark.slow),
    ],
)
def test_rules_that_git_can_not_read_let_nothing_pass(guarded: Guarded, server: Path, path: str) -> None:
    guarded.configure("nested = true")
    guarded.stage(
        "sub/pyproject.toml", SETTINGS.format("nested_blocks = false")
    )  # no blob that the server has
    guarded.stage("antipasta-baseline.json", '{"schema_version": 1, "entries": []}')
    add(guarded, "sub/a.py", GOOD)
    update = name_update(guarded)
    assert receive(guarded, server, updates=update).code == 0
    blob = guarded.git("rev-parse", f"HEAD:{path}").strip()
    guarded.lose(blob)
    said = receive(guarded, server, updates=update)
    assert (said.code, said.err.startswith("error: antipasta did not check refs/heads/main: ")) == (3, True)


def test_a_tag_of_a_commit_that_is_missing_is_refused(guarded: Guarded, server: Path) -> None:
    add(guarded, "a.py", GOOD)
    guarded.git("tag", "--annotate", "--message", "one", "one")
    commit, update = guarded.git("rev-parse", "HEAD").strip(), name_update(guarded, "refs/tags/one", "one")
    guarded.git("reset", "--quiet", "HEAD~1")
    guarded.lose(commit)
    said = receive(guarded, server, updates=update)
    assert (said.code, "the object that tag" in said.err) == (3, True)


def test_no_other_way_in_has_the_option_of_a_server(guarded: Guarded) -> None:
    said = guarded.hook("--on-internal-error", "block")
    reason = "--on-internal-error needs --receive; otherwise, set on_internal_error in the settings"
    assert (said.code, said.err) == (2, f"error: {reason}\n")


@pytest.mark.parametrize("is_on_disk", [False, True])
def test_settings_that_an_option_names_are_those_of_the_pushed_commit(
    guarded: Guarded, server: Path, *, is_on_disk: bool
) -> None:
    """Those of a folder, too; what the server has in such a place has no say."""
    if is_on_disk:
        (server / "backend").mkdir()
        (server / "backend/pyproject.toml").write_text(SETTINGS.format("").replace("= 3", "= 9"))
    for path, text in (("backend/pyproject.toml", SETTINGS.format("")), ("backend/a.py", BAD)):
        guarded.stage(path, text)
    add(guarded, "other.py", BAD)
    options = ("--config", "backend/pyproject.toml")
    said = receive(guarded, server, *options, updates=name_update(guarded))
    assert (said.code, said.out.startswith(f"backend/{TOLD}")) == (1, True)
    assert "other.py" not in said.out
    add(guarded, "backend/pyproject.toml", SETTINGS.format("").replace("= 3", "= 9"))
    assert receive(guarded, server, *options, updates=name_update(guarded)).code == 0
    for config in ("other/pyproject.toml", "../pyproject.toml", str(server / "backend/pyproject.toml")):
        said = receive(guarded, server, "--config", config, updates=name_update(guarded))
        missing = "settings file not found; it is read from the pushed commit"
        assert (said.code, missing in said.err) == (2, True)
    add(guarded, "backend/pyproject.toml", "[project]\n")
    said = receive(guarded, server, *options, updates=name_update(guarded))
    assert (said.code, "has no table [tool.pytest-antipasta]" in said.err) == (2, True)


@NEEDS_LINKS
def test_a_baseline_behind_a_link_is_read_as_it_was_before_the_push(either: Guarded) -> None:
    link = either.path / "antipasta-baseline.json"
    add(either, "a.py", BAD)
    either.say("baseline", "write", "a.py")
    link.rename(either.path / "one.json")
    link.symlink_to("one.json")
    (either.path / "two.json").write_text('{"schema_version": 1, "entries": []}')
    either.record_all()
    assert push(either, "main")[0] == 0
    link.unlink()
    link.symlink_to("two.json")
    either.record_all()
    assert_refused(either, "main", told="(previously in the baseline)")


def test_a_server_can_judge_without_comments(receiving: Guarded, server: Path) -> None:
    add(receiving, "a.py", f"# antipasta: ignore\n{BAD}")
    script = server / "hooks" / "pre-receive"
    plain = script.read_text()
    script.write_text(plain.replace("--receive", "--receive --no-ignore"))
    assert push(receiving, "main")[0] == 1
    script.write_text(plain)
    assert push(receiving, "main")[0] == 0


EMPTY = (
    "warning: antipasta checked nothing of this push, as standard input is empty; if git pushes something, "
    "another program read the pushed refs, or did not pass them on\n"
)


def test_refs_that_another_program_has_read_are_missed(guarded: Guarded, server: Path) -> None:
    """By one that a script runs first, such as git-lfs, or that runs the script and keeps its input."""
    script = "#!/bin/sh\ncat > seen\nexec pytest-antipasta hook --push\n"
    guarded.write(".git/hooks/pre-push", script).chmod(0o755)
    assert push(guarded, "main") == (0, ""), "git names no refs if there is nothing to push"
    add(guarded, "a.py", BAD)
    assert push(guarded, "main") == (0, EMPTY)
    assert (guarded.path / "seen").read_text().startswith("refs/heads/main ")
    guarded.git("update-ref", "-d", "refs/remotes/origin/main")
    assert push(guarded, "main") == (0, EMPTY), "no branch of a remote is known"


def test_refs_that_git_does_not_name_block_no_push(guarded: Guarded, server: Path) -> None:
    """Git leaves out what is up to date, and what it rejects, of which only git can say why."""
    guarded.stage("pyproject.toml", SETTINGS.format('on_internal_error = "block"'))
    guarded.record()
    guarded.write(".git/hooks/pre-push", "#!/bin/sh\nexec pytest-antipasta hook --push\n").chmod(0o755)
    assert push(guarded, "main") == (0, "")
    guarded.git("checkout", "--quiet", "-b", "new")
    add(guarded, "a.py", BAD)
    assert push(guarded, "main") == (0, EMPTY), "it is up to date"
    guarded.git("checkout", "--quiet", "main")
    guarded.git("commit", "--quiet", "--amend", "--message", "other")
    code, said = push(guarded, "main")
    assert code == 1
    assert said.startswith(EMPTY)
    assert "(non-fast-forward)" in said


def test_without_commits_there_is_nothing_to_push(guarded: Guarded, server: Path) -> None:
    guarded.git("checkout", "--quiet", "--orphan", "new")
    guarded.write(".git/hooks/pre-push", "#!/bin/sh\nexec pytest-antipasta hook --push\n").chmod(0o755)
    assert push(guarded, "main") == (0, "")


@NOT_ON_WINDOWS
@pytest.mark.parametrize("option", ["--push", "--receive"])
def test_a_terminal_is_not_read(guarded: Guarded, option: str) -> None:
    """As in `git push` with a manager of hooks that gives them a terminal."""
    from tests.terminals import open_terminal

    controller, terminal = open_terminal(200)
    program = shutil.which("pytest-antipasta")
    assert program
    command = [program, "hook", option]
    try:
        done = subprocess.run(command, cwd=guarded.path, stdin=terminal, capture_output=True, timeout=30)
    finally:
        os.close(terminal)
        os.close(controller)
    told = "did not check this push: standard input is a terminal; git should pass the pushed refs there"
    assert told in decode_output(done.stderr)
    assert done.returncode == (3 if option == "--receive" else 0)
