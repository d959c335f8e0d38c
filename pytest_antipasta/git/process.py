"""What git says of a worktree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Container, Sequence
from pathlib import Path

# What a git hook finds in its environment (git rev-parse --local-env-vars): true of the repository that
# is committed to, wrong of any other that a walk comes across.
_LOCAL_VARIABLES = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX",
)  # fmt: skip
# Nothing that a repository's settings name is run: no file monitor, no hook, no pager.
NO_PROGRAMS = ("--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
# Nothing is fetched: what a partial clone does not have is not here. Before 2.44 git does not know the
# first, and the second refuses every way to another repository.
ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C",
}  # fmt: skip


PATIENCE = 30.0
"""Seconds within which git has to answer. It waits for ever where a file that it reads is a pipe."""


class GitError(Exception):
    """Git is missing or refused; the message is git's own."""


class SilenceError(GitError):
    """Git did not answer in time."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Take what it was asked."""
        super().__init__(
            f"git {arguments[0]} did not answer within {PATIENCE:g} s; look whether a file that git reads,"
            " such as .gitignore, is a pipe"
        )


class NothingFoundError(GitError):
    """There is nothing of what git was asked for."""


def find_repository(folder: Path) -> Path | None:
    """Return the nearest folder upwards with a ``.git`` in it, without asking git."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return None


class Question:
    """A process of git, which may be at work while something else is done.

    GitPython would do no more here, and importing it takes longer than git's answer.
    """

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        """Start it in a folder.

        Raises:
            GitError: git is missing, or the folder is.
        """
        self._arguments = arguments
        command = ["git", *NO_PROGRAMS, *arguments]
        environment = {name: value for name, value in os.environ.items() if name not in _LOCAL_VARIABLES}
        environment |= ENVIRONMENT
        try:
            self._process = subprocess.Popen(  # noqa: S603
                command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        except OSError as error:
            raise GitError(str(error)) from error

    def end(self) -> None:
        """End it, for nobody waits for the answer any more."""
        with self._process as process:
            process.kill()

    def answer(self, codes: Container[int] = (0,)) -> str:
        """Wait for it and return what it prints.

        Raises:
            GitError: it ends with another exit code than these, or not in time.
        """
        with self._process as process:
            try:
                output, errors = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise SilenceError(self._arguments) from error
            except BaseException:
                process.kill()
                raise
        if process.returncode not in codes:
            raise GitError(format_said(errors))
        return os.fsdecode(output)


def format_said(errors: bytes) -> str:
    """Return what git says on its standard error as a part of a message, with commands as they are typed."""
    return os.fsdecode(errors).strip().removeprefix("fatal: ").expandtabs(4)


def ask_for_ignored(folder: Path) -> Question:
    """Begin to ask what git ignores below a folder of a worktree; :func:`read_ignored` has the answer.

    Raises:
        GitError: git is missing.
    """
    return Question(folder, ("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"))


def read_ignored(question: Question) -> frozenset[str]:
    """Return what git ignores, as posix paths relative to the folder that was asked about.

    A folder that is ignored as a whole stands there with a slash at its end, and nothing that is in it.
    Tracked files are never ignored. Other repositories inside are not looked into.

    Raises:
        GitError: the folder is not in a worktree, or ignored itself.
    """
    return frozenset(question.answer().split("\0")) - {""}


def find_ignore_rule(folder: Path, path: str) -> str | None:
    """Return the rule by which git ignores a file, as ``file:line:pattern``, or ``None`` if it does not.

    Raises:
        GitError: git is missing, or the folder is not in a worktree.
    """
    # The exit code 1 says that it is not ignored; git then prints nothing at all.
    rule, _, _ = Question(folder, ("check-ignore", "-v", "--", path)).answer((0, 1)).partition("\t")
    return rule or None


def is_ignored(folder: Path, path: str) -> bool:
    """Whether git ignores a file, which need not be there.

    Raises:
        GitError: git is missing, or the folder is not in a worktree.
    """
    return bool(Question(folder, ("check-ignore", "--", path)).answer((0, 1)))
