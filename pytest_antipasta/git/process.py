"""Run git as a process, also through GitPython: its environment, its time limit, and its errors."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

from pytest_antipasta.git.program import find_program
from pytest_antipasta.git.time_budget import TimeBudget
from pytest_antipasta.logs.spans import Attributes, record_step
from pytest_antipasta.messages import format_value
from pytest_antipasta.model.errors import FETCH, UsageError

_GITPYTHON_PROGRAM, _GITPYTHON_REFRESH = "GIT_PYTHON_GIT_EXECUTABLE", "GIT_PYTHON_REFRESH"
_TIMEOUT = "PYTEST_ANTIPASTA_GIT_TIMEOUT"
# Git waits forever if a file that it reads is a pipe, and takes years for some patterns with one deep path,
# such as "**/a/**/a/**/a/**/b".
_USUAL_TIMEOUT, _LONGEST_TIMEOUT = 30.0, 86400.0
# Seconds that git has to end by itself: it then removes its lock files, and ends the programs it runs.
_ENDING = 0.1
DIED = 128
"""Exit code of git if something that it reads is damaged or missing."""

_PAGER_OFF = ("--no-pager", "-c", "core.fsmonitor=false")
NO_PROGRAMS = (*_PAGER_OFF, "-c", f"core.hooksPath={os.devnull}")
"""Options that prevent git from running programs of a repository's settings: file monitor, hooks and
pager."""
WITH_HOOKS = _PAGER_OFF
"""The options of ``NO_PROGRAMS`` without those for hooks, to ask git for the path of its hooks."""

# Nothing is fetched: objects missing in a partial clone are missing here. Before 2.44 git does not know the
# first variable, and the second blocks every way to another repository. Replaced objects are ignored: a
# reference that stands for another commit must not pass a hook that rejects it. Our pathspecs have their
# usual meaning: `git --literal-pathspecs commit` puts the first of those four into its hooks' environment.
_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", "LANGUAGE": "C",
    "GIT_LITERAL_PATHSPECS": "0", "GIT_GLOB_PATHSPECS": "0", "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
}  # fmt: skip
# Variables that a git hook receives (git rev-parse --local-env-vars): right for the repository of the commit,
# wrong for any other one.
_LOCAL_VARIABLES = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX", "GIT_CONFIG",
)  # fmt: skip
# With this exit code, and without an error on standard error, git says that there is no result. With
# GIT_TRACE it logs its actions there.
_NOTHING = 1
_COMPLAINT = re.compile(rb"^(?:error|fatal): ", re.MULTILINE)
# In the language of `_ENVIRONMENT`.
_CLOSED = re.compile(r"^warning: could not open directory '(.*)': ", re.MULTILINE)
# With the colon before it, if there is one.
_LINE_END = re.compile(r"(:?)\s*\n\s*")
_ERROR = re.compile(r"^(?:fatal|error): ", re.MULTILINE)
# What to do about some of git's messages.
_HINTS = {
    "promisor remote": "; this is a partial clone; fetch the rest with `git fetch --refetch --no-filter`",
    "unable to read tree": f"; {FETCH}",
    "bad tree object": f"; {FETCH}",
    "not a git repository": "; run this inside a git repository, or run `git init` first",
}

# Sections of settings with programs that `git diff` runs for the working tree and the index, and the values
# that disable them. Before 2.54, git has no hooks in its settings.
_PROGRAMS_OFF = {
    "filter": {"clean": "", "process": "", "required": "false"},
    "hook": {"enabled": "false"},
}


class GitError(Exception):
    """Git gives no answer; the message says why."""


class GitTimeout(GitError):  # noqa: N818 - as TimeoutExpired of subprocess, and the word that people look for
    """Git did not answer in time."""

    def __init__(self, question: str, seconds: float) -> None:
        super().__init__(
            f"git {question} timed out after {seconds:g} s; raise {_TIMEOUT}, or check for .gitignore "
            "patterns with many stars and for named pipes that git reads"
        )


class RefusalError(GitError):
    """Git ended with an error; the message is git's own."""


class LostContentError(GitError):
    """Git lists a file, but does not have its content, as in a partial clone."""


class UnknownCommitError(GitError):
    """Git knows no commit of that name."""


class NothingFoundError(RefusalError):
    """Git found nothing."""


@contextmanager
def reporting_git_errors(what: str = "could not determine the changes") -> Iterator[None]:
    """Raise errors of git as errors of the command that asks; ``what`` begins the message.

    Raises:
        UsageError: a git command failed.
    """
    try:
        yield
    except GitError as error:
        raise UsageError(f"{what}: {error}") from error


def clean_environment() -> dict[str, str]:
    """Return our environment without the variables of a git hook's repository."""
    return {name: value for name, value in os.environ.items() if name not in _LOCAL_VARIABLES}


def switch_programs_off(keys: Iterable[str]) -> dict[str, str]:
    """Return an environment in which git runs no program from settings for some files.

    Keys of git's settings that name no such program are ignored.
    """
    # A name may contain any character, including the one that ends it in an option of git.
    names = dict.fromkeys(key.rpartition(".")[0] for key in keys if key.count(".") > 1)
    pairs = [
        (f"{name}.{key}", value)
        for name in names
        for key, value in _PROGRAMS_OFF.get(name.partition(".")[0], {}).items()
    ]
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    environment = {"GIT_CONFIG_COUNT": str(first + len(pairs))}
    for number, (key, value) in enumerate(pairs, first):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return environment


def _start_plainly(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: int, group: int | None
) -> subprocess.Popen[bytes]:
    """Start a command with pipes for its output and errors."""
    return subprocess.Popen(  # noqa: S603 - git, by its location, without a shell
        command,
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=group,
    )


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process on Windows and all that it started, as they keep its pipes open.

    The ``git.exe`` on the PATH only starts the git that answers.
    """
    # By its full path, as Windows would look for a program in the current folder first.
    program = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
    if process.poll() is None:
        command = [program, "/T", "/F", "/PID", str(process.pid)]
        with suppress(OSError):  # some containers lack it
            subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - by its location
        process.kill()


def _read_timeout() -> float:
    """Return git's time limit in seconds."""
    text = os.environ.get(_TIMEOUT, "").strip()
    try:
        seconds = float(text or _USUAL_TIMEOUT)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_TIMEOUT:
        expected = f"a number of seconds > 0 and <= {_LONGEST_TIMEOUT:g}"
        raise UsageError(f"{_TIMEOUT}: expected {expected}, got {format_value(text)}")
    return seconds


def _ends_git() -> bool:
    """Return whether a signal to end this process ends git, too, as our commands do it.

    Then git has a process group of its own, in which the programs that it runs end with it. In pytest it
    stays in that of pytest: a signal to that, as ``timeout`` sends it, ends both.
    """
    return signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL


class GitProcess:
    """A running process of git, so that other work can continue.

    Attributes:
        complaints: its standard error, after reading.
    """

    def __init__(
        self,
        folder: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        is_gitpython: bool = False,
        asked: bytes | None = None,
        options: Sequence[str] = NO_PROGRAMS,
        budget: TimeBudget | None = None,
    ) -> None:
        """Start git in a folder.

        Args:
            folder: folder to run in.
            arguments: the command of git, and its arguments.
            environment: the environment; ``None`` for ours without the variables of a git hook's repository.
                Variables that keep git from running programs and fetching are added.
            is_gitpython: whether GitPython starts the process.
            asked: standard input; ``None`` for nothing.
            options: options of git itself.
            budget: the time of a commit that waits for the answer; ``None`` for git's own time limit alone.

        Raises:
            GitError: git or the folder is missing.
            SlowGitError: the time of the commit is over.
            UsageError: the time limit in the environment is invalid.
        """
        self.complaints = b""
        self._seconds = _read_timeout()
        self._question = arguments[0]
        self._budget = budget or TimeBudget()
        self._budget.require_seconds(f"git {self._question}")
        self._began = time.perf_counter()
        self._asked = asked
        environment = clean_environment() if environment is None else environment
        source = subprocess.DEVNULL if asked is None else subprocess.PIPE
        is_limited = self._budget.is_limited
        is_apart = sys.platform != "win32" and (is_limited or _ends_git())
        self._group = 0 if is_apart else None
        try:
            program = find_program(folder)
            if program is None:
                raise GitError(
                    "no git on PATH (copies inside the repository are ignored); install git, or put it on the"
                    " PATH"
                )
            start = partial(_start_by_gitpython, asks_version=not is_limited)
            self._process = (start if is_gitpython else _start_plainly)(
                [program, *options, *arguments],
                folder,
                {**environment, **_ENVIRONMENT},
                source,
                self._group,
            )
        except OSError as error:
            raise GitError(f"can't run git: {error}") from error

    def end(self) -> None:
        """End git, with the programs of a group of its own, and wait for it, if the system can end it."""
        process = self._process
        for name in ("SIGTERM", "SIGKILL"):
            with suppress(OSError):  # all of them have ended
                if sys.platform == "win32":
                    _kill_tree(process)
                elif self._group is None:
                    process.send_signal(signal.Signals[name])
                else:
                    os.killpg(process.pid, signal.Signals[name])
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):  # data that git has not read
                    pipe.close()

    def read(self, codes: Container[int] = (0,)) -> bytes:
        """Wait for the process and return its output; ``codes`` are exit codes that are not errors.

        Raises:
            GitTimeout: git does not answer in time.
            SlowGitError: git does not answer within the time of a commit.
            NothingFoundError: git found nothing.
            RefusalError: git ends with another exit code.
        """
        process, command = self._process, f"git {self._question}"
        began = time.monotonic()
        try:
            left = self._budget.require_seconds(command)
            output, errors = process.communicate(self._asked, timeout=min(self._seconds, left))
        except subprocess.TimeoutExpired as error:
            self._budget.spend(time.monotonic() - began)
            self.end()
            self._note(process.pid, None, is_error=True)
            if left < self._seconds:
                raise self._budget.give_up(command, time.perf_counter() - self._began) from error
            raise GitTimeout(self._question, self._seconds) from error
        except BaseException:
            self.end()
            raise
        self._budget.spend(time.monotonic() - began)
        self.complaints = errors
        self._note(process.pid, process.returncode, is_error=process.returncode not in codes)
        if process.returncode in codes:
            return output
        if process.returncode == _NOTHING and not _COMPLAINT.search(errors):
            raise NothingFoundError(f"git {self._question} returned nothing")
        code = process.returncode
        end = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise RefusalError(_format_said(errors) or f"git {self._question} {end}")

    def _note(self, pid: int, code: int | None, *, is_error: bool) -> None:
        """Record the duration in a trace; a killed process has no exit code."""
        known: Attributes = {"process.executable.name": "git", "process.pid": pid}
        if code is not None:
            known["process.exit.code"] = code
        error = "" if not is_error else "timeout" if code is None else str(code)
        record_step(f"git {self._question}", self._began, known, error)

    def read_text(self, codes: Container[int] = (0,)) -> str:
        """Wait for the process and return its output, decoded like paths."""
        return decode(self.read(codes))


def decode(data: bytes) -> str:
    """Return text of git, or of a file in a repository, decoded like paths; bytes may be anything.

    On Windows, ``os.fsdecode`` fails for bytes that are not UTF-8, as in names that other systems committed.
    """
    return data.decode(sys.getfilesystemencoding(), "surrogateescape")


def find_closed(complaints: bytes) -> list[str]:
    """Return the folders that git could not open, by its standard error."""
    return [path.removesuffix("/") for path in _CLOSED.findall(decode(complaints))]


def _format_said(errors: bytes) -> str:
    """Return the errors that git printed, with its advice, or else its last line, as one line."""
    # Outside a repository, git diff prints sixty lines of usage.
    said = decode(errors.partition(b"\nusage: ")[0]).strip()
    first = _ERROR.search(said)
    said = said[first.end() :] if first else said.rpartition("\n")[2]
    said = _LINE_END.sub(lambda end: f"{end[1] or ';'} ", said)
    return said + "".join(hint for mark, hint in _HINTS.items() if mark in said)


class GitRunner:
    """Runs git in one folder through GitPython, for the repository of a commit or a push.

    Git's environment is kept, as git sets it for its hooks: a temporary index during ``git commit -a``, or
    the quarantined objects of a push.
    """

    def __init__(
        self, folder: Path, budget: TimeBudget, environment: Mapping[str, str] | None = None
    ) -> None:
        """Run git in a folder, where it looks for the repository, with additional variables.

        All of its answers together may take the time of a commit.
        """
        self._folder = folder
        self._budget = budget
        self._environment = environment or {}

    def run(self, *arguments: str, asked: bytes | None = None) -> bytes:
        """Return git's output; ``asked`` is its standard input.

        Raises:
            GitError: git is missing, fails, or does not answer in time.
            SlowGitError: git does not answer within the time of a commit.
        """
        return self.begin(*arguments, asked=asked).read()

    def begin(
        self,
        *arguments: str,
        asked: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = NO_PROGRAMS,
    ) -> GitProcess:
        """Start git, see :class:`GitProcess`; the environment is for this call only.

        Raises:
            GitError: git is missing.
            SlowGitError: the time of the commit is over.
        """
        whole = {**os.environ, **self._environment, **(environment or {})}
        folder, budget = self._folder, self._budget
        return GitProcess(
            folder, arguments, whole, is_gitpython=True, asked=asked, options=options, budget=budget
        )

    def run_for_text(self, *arguments: str, asked: bytes | None = None) -> str:
        """Return git's output as text."""
        return decode(self.run(*arguments, asked=asked))


def _start_by_gitpython(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    stdin: int,
    group: int | None,
    *,
    asks_version: bool,
) -> subprocess.Popen[bytes]:
    """Start git by GitPython, which asks git for its version twice when it is imported.

    GitPython would wait for these answers without a limit. A commit does not wait for them: the process of
    its hook has no other use of GitPython, which would need them to fetch tags.
    """
    if not os.access(folder, os.X_OK):  # GitPython would start it in the current folder
        raise OSError(f"can't enter folder {folder}")
    is_imported = "git" in sys.modules
    if asks_version and not is_imported:
        GitProcess(folder, ("version",)).read()
    try:
        # An imported GitPython does not look for a program again, and other threads may use git too.
        with nullcontext() if is_imported else _program_set(command[0] if asks_version else os.devnull):
            from git import Git
            from git.exc import GitCommandNotFound
    except ImportError as error:
        raise OSError(str(error).strip().splitlines()[0]) from error
    source = None if stdin == subprocess.DEVNULL else stdin
    try:
        started = Git(folder).execute(
            command, istream=source, env=environment, shell=False, as_process=True, process_group=group
        )
    except GitCommandNotFound as error:
        raise OSError(" ".join(str(error).split())) from error
    process: subprocess.Popen[bytes] = started.proc  # type: ignore[assignment]  # it can be none only later
    started.proc = None  # otherwise GitPython's wrapper would end the process when it is collected
    return process


@contextmanager
def _program_set(program: str) -> Iterator[None]:
    """Set the program that GitPython would run when it is imported.

    If that can't be run, GitPython looks along the PATH whenever it is to run git.
    """
    values = {_GITPYTHON_PROGRAM: program, _GITPYTHON_REFRESH: "quiet"}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
