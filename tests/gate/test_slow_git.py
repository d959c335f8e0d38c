"""A git that does not answer: no commit waits for it longer than its time budget, whichever call it is."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_antipasta.cli import agent_hook, hook
from pytest_antipasta.gate import measuring
from pytest_antipasta.git import time_budget
from tests.gate.conftest import SETTINGS, Guarded, Said, function

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
    pytest.mark.timeout(45),
]
# What each call of git may take: where another call may be stopped first, and where none may.
SHORT, ENOUGH = 0.05, 1.0
SLEEP, HOUR = 60, 3600
NESTED = "nested = true\n"
BAD = function(4, "bad")
SLOW = re.compile(
    r"git [a-z-]+ was stopped after \d+\.\d s: time_budget of \S+ s"
    r"(, the default until the settings are read,)? exceeded; "
    r"run git by hand to see why it is slow(?(1)$|, or raise time_budget)"
    r"|time_budget of \S+ s exceeded before git [a-z-]+; raise time_budget",
    re.MULTILINE,
)


def find_later() -> float:
    """Return a time in an hour, which no file is measured long enough to see."""
    return time.monotonic() + HOUR


class SlowGit:
    """A git first on the PATH that sleeps before one of its calls."""

    def __init__(self, folder: Path) -> None:
        """Write it, and the real one that it runs."""
        folder.mkdir()
        self._log, self._number, self.path = folder / "log", folder / "number", folder
        self._pid, self._began = folder / "pid", find_later()
        (folder / "git").write_text(
            f"""#!/bin/sh
echo "$*" >> "{self._log}"
if [ "$(wc -l < "{self._log}")" -eq "$(cat "{self._number}")" ]; then
    echo $$ > "{self._pid}"
    sleep {SLEEP}
fi
exec {shutil.which("git")} "$@"
"""
        )
        (folder / "git").chmod(0o755)

    def sleep_in(self, number: int) -> None:
        """Sleep in a call, the first of which is 1; never in 0."""
        self._number.write_text(str(number))
        for file in (self._log, self._pid):
            file.unlink(missing_ok=True)

    @property
    def calls(self) -> list[str]:
        """The commands so far, without options for git itself."""
        lines = self._log.read_text().splitlines()
        return [re.sub(r"^(--no-pager |-c \S+ )*", "", line) for line in lines]

    def monotonic(self) -> float:
        """Return a time that stands until git sleeps, and is past every deadline from then on."""
        return self._began + HOUR * self._pid.exists()

    def has_slept(self) -> bool:
        """Whether it came to that call. Then it ends, with what it has started."""
        if not self._pid.exists():
            return False
        group = self._pid.read_text().strip()
        while any(_is_alive(name, group) for name in os.listdir("/proc") if name.isdecimal()):
            time.sleep(0.01)  # until the system has ended it, or the time limit of the test
        return True


def _is_alive(pid: str, group: str) -> bool:
    """Return whether a process is in a process group and has not ended."""
    try:
        fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[2] == group and fields[0] != "Z"


@pytest.fixture
def slow_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowGit]:
    """Let hooks find it, and their time pass in it alone."""
    import_module("git")  # so that each run of a hook makes the same calls
    git = SlowGit(tmp_path / "slow")
    git.sleep_in(0)
    monkeypatch.setenv("PATH", f"{git.path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(hook, "TIME_BUDGET", ENOUGH)
    monkeypatch.setattr(time_budget, "_GRACE", SHORT)
    clock = SimpleNamespace(monotonic=git.monotonic, perf_counter=time.perf_counter)
    for module in (hook, agent_hook, time_budget, measuring):
        monkeypatch.setattr(module, "time", clock)
    before = signal.signal(signal.SIGTERM, lambda *_: None)  # as the program has one, which ends git
    yield git
    signal.signal(signal.SIGTERM, before)


def configure(guarded: Guarded, lines: str = "", budget: float = SHORT) -> None:
    guarded.configure(f"time_budget = {budget}\n{lines}")


def make_small(guarded: Guarded, budget: float = SHORT) -> Guarded:
    configure(guarded, budget=budget)
    guarded.record()
    guarded.stage("good.py", function(3))
    return guarded


def make_failing(guarded: Guarded) -> Guarded:
    make_small(guarded)
    guarded.stage("bad.py", BAD)
    guarded.stage("old.py", function(6))
    return guarded


def make_renamed(guarded: Guarded) -> Guarded:
    """A function and a file with new names, another suppression, and settings below the top."""
    configure(guarded, NESTED)
    guarded.stage("sub/pyproject.toml", SETTINGS.format(""))
    guarded.stage("sub/a.py", function(5, "a"))
    guarded.record()
    guarded.git("mv", "old.py", "sub/new.py")
    guarded.stage("sub/new.py", function(5, "renamed"))
    guarded.stage("sub/a.py", f"# antipasta: ignore\n{function(6, 'a')}")
    guarded.write("sub/pyproject.toml", SETTINGS.format("# not staged"))
    return guarded


def make_recorded(guarded: Guarded) -> Guarded:
    """A baseline that the commit changes, for code that has moved."""
    configure(guarded, 'new_waivers = "fail"')
    guarded.say("baseline", "write")
    guarded.record_all()
    guarded.stage("new.py", function(5, "moved"))
    guarded.stage("old.py", function(5, end="return 7"))
    guarded.say("baseline", "write")
    guarded.git("add", ".")
    return guarded


def make_merge(guarded: Guarded) -> Guarded:
    configure(guarded)
    guarded.record()
    guarded.git("checkout", "--quiet", "-b", "topic")
    guarded.stage("a.py", function(4))
    guarded.stage("old.py", function(5, end="return 7"))
    guarded.record()
    guarded.git("checkout", "--quiet", "main")
    guarded.stage("b.py", function(4))
    guarded.record()
    guarded.git("merge", "--quiet", "--no-commit", "--no-ff", "topic")
    guarded.stage("old.py", function(6, end="return 8"))
    return guarded


COMMITS = {
    "a small commit": (make_small, 0),
    "a commit that fails": (make_failing, 4),
    "names, comments and settings": (make_renamed, 3),
    "a baseline": (make_recorded, 4),
    "a merge": (make_merge, 3),
}
"""What makes a commit, and how many of its first calls others have too."""
MANY = ("names, comments and settings", "a baseline", "a merge")
"""Those with the most calls."""


def list_calls(slow_git: SlowGit, judge: Callable[[], Said]) -> tuple[list[str], Said]:
    """Return the calls of a hook, and what it says, by a clock that runs backwards: there is always time."""
    slow_git.sleep_in(0)
    clock = SimpleNamespace(monotonic=count(find_later(), -SLEEP).__next__, perf_counter=time.perf_counter)
    with pytest.MonkeyPatch.context() as patch:
        for module in (hook, agent_hook, time_budget, measuring):
            patch.setattr(module, "time", clock)
        said = judge()
    return slow_git.calls, said


def require_bounded(slow_git: SlowGit, judge: Callable[[], Said], known: int = 0) -> None:
    """Check that none of the calls of a hook is waited for, and that each is named."""
    calls, usual = list_calls(slow_git, judge)
    assert len(calls) > known
    for number, call in list(enumerate(calls, 1))[known:]:
        slow_git.sleep_in(number)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hook, "TIME_BUDGET", 2 * SHORT)
            said = judge()
        reported = said.out + said.err
        assert said.code in (0, usual.code), (call, said)
        # On a busy machine, an earlier call may take too long.
        if slow_git.has_slept():
            assert SLOW.search(reported), (call, said)


@pytest.mark.parametrize(
    ("make", "known"),
    [
        pytest.param(*case, id=name, marks=[pytest.mark.slow] * (name in MANY))
        for name, case in COMMITS.items()
    ],
)
def test_a_commit(guarded: Guarded, slow_git: SlowGit, make: Callable[[Guarded], object], known: int) -> None:
    make(guarded)
    require_bounded(slow_git, guarded.hook, known)


def test_a_task_of_an_agent(
    guarded: Guarded, slow_git: SlowGit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(guarded, NESTED)
    guarded.record()
    guarded.stage("new.py", BAD)  # a walk for untracked files has a time limit of another kind
    event = tmp_path / "event"
    event.write_text(json.dumps({"hook_event_name": "Stop", "cwd": str(guarded.path)}))

    def end_task() -> Said:
        with event.open() as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            said = guarded.hook("--agent", "--no-cache")
        return said._replace(out="\n".join(json.loads(said.out).values()))

    require_bounded(slow_git, end_task)


def test_the_first_commit(empty: Guarded, slow_git: SlowGit) -> None:
    configure(empty)
    empty.stage("a.py", f"# antipasta: ignore\n{BAD}")
    require_bounded(slow_git, empty.hook, 3)


@pytest.mark.parametrize(
    ("remote", "known"),
    [
        pytest.param({}, 1, id="a range"),
        pytest.param({"PRE_COMMIT_REMOTE_NAME": "origin"}, 4, id="a push", marks=pytest.mark.slow),
    ],
)
def test_a_range_of_pre_commit(
    guarded: Guarded,
    slow_git: SlowGit,
    remote: dict[str, str],
    known: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_small(guarded).record()
    for name, value in {"PRE_COMMIT_FROM_REF": "HEAD~1", "PRE_COMMIT_TO_REF": "HEAD", **remote}.items():
        monkeypatch.setenv(name, value)
    require_bounded(slow_git, guarded.hook, known)


def prepare_push(
    guarded: Guarded,
    monkeypatch: pytest.MonkeyPatch,
    option: str = "--push",
    branches: Sequence[str] = ("main",),
) -> Callable[[], Said]:
    """Return a function that runs a hook for what git pushes or a server receives."""
    commit, zeros = guarded.git("rev-parse", "HEAD").strip(), "0" * 40
    names = [f"refs/heads/{branch}" for branch in branches]
    is_push = option == "--push"
    lines = [f"{name} {commit} {name} {zeros}" if is_push else f"{zeros} {commit} {name}" for name in names]

    def push() -> Said:
        text = "".join(f"{line}\n" for line in lines)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        return guarded.hook(option)

    return push


@pytest.mark.slow
def test_a_push_from_a_bare_repository(
    guarded: Guarded, slow_git: SlowGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(guarded).record()
    guarded.git("config", "core.bare", "true")
    require_bounded(slow_git, prepare_push(guarded, monkeypatch), 1)


def test_each_reference_of_a_push_has_the_time_for_itself(
    guarded: Guarded, slow_git: SlowGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(guarded, budget=ENOUGH)
    guarded.stage("bad.py", BAD)
    guarded.record()
    push = prepare_push(guarded, monkeypatch, branches=("one", "two"))
    calls, _ = list_calls(slow_git, push)
    slow_git.sleep_in(next(number for number, call in enumerate(calls, 1) if call.startswith("diff ")))
    said = push()
    assert slow_git.has_slept()
    assert "warning: antipasta did not check refs/heads/one: git diff was stopped after " in said.err
    assert (said.code, "bad.py\n    1:1  bad  cyclomatic 4/3" in said.out) == (1, True)


@pytest.mark.slow
def test_settings_of_another_commit(guarded: Guarded, slow_git: SlowGit) -> None:
    make_small(guarded)
    require_bounded(slow_git, lambda: guarded.hook("--limits-from", "HEAD", "--policy-from", "HEAD"), 2)


def test_a_store_that_git_may_track(
    guarded: Guarded, slow_git: SlowGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit is judged without a store, as far as there is time."""
    make_small(guarded, budget=ENOUGH)
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(guarded.path / "store"))
    slow_git.sleep_in(4)
    said = guarded.hook()
    assert slow_git.calls[3].startswith("ls-files -z -- :(literal,icase)store/")
    assert slow_git.has_slept()
    store = f"{guarded.path}/store/v1"
    why = f"warning: store disabled for this run: could not determine whether git tracks {store}: "
    assert (said.code, said.err.startswith(why)) == (0, True)
    assert SLOW.search(said.err)


@pytest.mark.parametrize("number", [1, 6])
def test_the_settings_say_whether_a_commit_is_blocked(
    guarded: Guarded, slow_git: SlowGit, number: int
) -> None:
    """Those of the working tree, as long as those of the index are not read."""
    configure(guarded, 'on_timeout = "block"', budget=ENOUGH)
    guarded.record()
    guarded.stage("new.py", function(5, "g"))
    guarded.say("baseline", "write")
    slow_git.sleep_in(number)
    said = guarded.hook()
    assert said.code == 3
    assert slow_git.has_slept()
    if number < 6:
        assert said.err.startswith("error: antipasta did not check this commit: git ")
    else:
        assert re.search(r"^not checked completely: .* \(on_timeout = \"block\"\)$", said.out, re.MULTILINE)
        assert said.out.endswith("\nblocked by pytest-antipasta: 1 file not checked\n")


@pytest.mark.parametrize(
    ("setting", "begin", "cause"), [("allow", "warning: ", ""), ("block", "", ", not checked completely")]
)
def test_violations_found_before_fail_all_the_same(
    guarded: Guarded, slow_git: SlowGit, setting: str, begin: str, cause: str
) -> None:
    """Git is slow in its last answer, while waivers are looked for."""
    guarded.stage("bad.py", BAD)
    guarded.configure(f'time_budget = {ENOUGH}\non_timeout = "{setting}"')
    calls, _ = list_calls(slow_git, guarded.hook)
    slow_git.sleep_in(len(calls))
    said = guarded.hook()
    assert slow_git.has_slept()
    assert said.code == 1
    assert "bad.py\n    1:1  bad  cyclomatic 4/3" in said.out
    assert re.search(
        f"^{begin}not checked completely: git [a-z-]+ was stopped after ", said.out, re.MULTILINE
    )
    summary = "blocked by pytest-antipasta: 1 function became too complex, in 1 file"
    assert f"\n{summary}{cause}\n" in said.out


def test_what_ignores_the_request_to_end_is_killed(guarded: Guarded, slow_git: SlowGit) -> None:
    make_small(guarded, ENOUGH)
    script = slow_git.path / "git"
    script.write_text(script.read_text().replace("sleep", "trap '' TERM; sleep"))
    slow_git.sleep_in(3)
    assert "git diff was stopped after " in guarded.hook().err
    assert slow_git.has_slept()


def test_gitpython_does_not_ask_for_gits_version(guarded: Guarded, slow_git: SlowGit) -> None:
    """It would wait for the answer without a limit when it is imported."""
    make_small(guarded)
    slow_git.sleep_in(0)
    program = [sys.executable, "-m", "pytest_antipasta", "hook"]
    subprocess.run(program, cwd=guarded.path, check=True)
    assert [call for call in slow_git.calls if "version" in call] == []
    assert slow_git.calls[0].startswith("rev-parse ")


def test_what_is_judged_by_hand_waits_for_gits_version_as_for_each_answer(
    guarded: Guarded, slow_git: SlowGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitPython asks for it when it is imported, and would wait without a limit."""
    monkeypatch.setenv("PYTEST_ANTIPASTA_GIT_TIMEOUT", "0.8")
    slow_git.sleep_in(1)
    program = [sys.executable, "-m", "pytest_antipasta", "check", "--diff", "HEAD"]
    done = subprocess.run(program, cwd=guarded.path, capture_output=True, text=True, check=False)
    assert slow_git.has_slept()
    expected = "error: could not determine the changes: git version timed out after 0.8 s; "
    assert (done.returncode, done.stderr.startswith(expected)) == (2, True)


@pytest.mark.slow
def test_a_server_waits_as_long_as_for_each_answer_and_refuses(
    guarded: Guarded, slow_git: SlowGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no budget, and fails closed in each of its calls, also for a push that no branch leads to."""
    guarded.configure('new_waivers = "fail"\ntime_budget = 0.001')
    guarded.record()
    guarded.git("checkout", "--quiet", "--orphan", "other")
    guarded.stage("a.py", f"# antipasta: ignore\n{BAD}")
    guarded.configure()
    guarded.record()
    receive = prepare_push(guarded, monkeypatch, "--receive")
    guarded.git("checkout", "--quiet", "main")
    guarded.git("branch", "--quiet", "--delete", "--force", "other")
    guarded.git("config", "core.bare", "true")
    calls, usual = list_calls(slow_git, receive)
    assert (usual.code, "waiver" in usual.out) == (1, True)
    monkeypatch.setenv("PYTEST_ANTIPASTA_GIT_TIMEOUT", "0.05")
    for number, call in enumerate(calls, 1):
        slow_git.sleep_in(number)
        said = receive()
        slow_git.has_slept()
        assert (said.code, "timed out after 0.05 s" in said.err) == (3, True), (call, said)
