"""Run git for the repository of a commit or a push, through GitPython."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.git.process import NO_PROGRAMS, GitProcess
from pytest_antipasta.runtime import trusted_first

if TYPE_CHECKING:
    from git import Git

_PROGRAM = "GIT_PYTHON_GIT_EXECUTABLE"


class GitRunner:
    """Runs git in one folder.

    Git's environment is kept, as git sets it for its hooks: a temporary index during ``git commit -a``, or
    the quarantined objects of a push.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """Run git in a folder, where it looks for the repository, with additional variables."""
        self._folder = folder
        self._environment = environment or {}

    def run(
        self,
        *arguments: str,
        asked: bytes | None = None,
        codes: Container[int] = (0,),
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = NO_PROGRAMS,
    ) -> bytes:
        """Return git's output, see :class:`GitProcess`; the environment is for this call only.

        Raises:
            GitError: git is missing, fails, or does not answer in time.
        """
        whole = {**os.environ, **self._environment, **(environment or {})}
        process = GitProcess(
            self._folder, arguments, whole, start=_start_by_gitpython, asked=asked, options=options
        )
        return process.read(codes)

    def run_for_text(self, *arguments: str, asked: bytes | None = None) -> str:
        """Return git's output as text."""
        return os.fsdecode(self.run(*arguments, asked=asked))


def _start_by_gitpython(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: int
) -> subprocess.Popen[bytes]:
    if not os.access(folder, os.X_OK):  # GitPython would start it in the current folder
        raise OSError(f"can't enter folder {folder}")
    git = _open_git(folder, command[0])
    with trusted_first():
        from git.exc import GitCommandNotFound

    source = None if stdin == subprocess.DEVNULL else stdin
    try:
        started = git.execute(command, istream=source, env=environment, shell=False, as_process=True)
    except GitCommandNotFound as error:
        raise OSError(" ".join(str(error).split())) from error
    process: subprocess.Popen[bytes] = started.proc  # type: ignore[assignment]  # it can be none only later
    started.proc = None  # otherwise GitPython's wrapper would end the process when it is collected
    return process


def _open_git(folder: Path, program: str) -> Git:
    try:
        # An imported GitPython does not look for a program again, and other threads may use git too.
        with nullcontext() if "git" in sys.modules else _import_guarded(program):
            from git import Git
    except ImportError as error:
        raise OSError(str(error).strip().splitlines()[0]) from error
    return Git(folder)


@contextmanager
def _import_guarded(program: str) -> Iterator[None]:
    """Import GitPython without importing from the repository, and set the program that it would run."""
    before = os.environ.get(_PROGRAM)
    os.environ[_PROGRAM] = program
    try:
        with trusted_first():
            yield
    finally:
        if before is None:
            del os.environ[_PROGRAM]
        else:
            os.environ[_PROGRAM] = before
