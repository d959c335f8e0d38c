"""What git says of a worktree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# What a git hook finds in its environment (git rev-parse --local-env-vars): true of the repository that
# is committed to, wrong of any other that a walk comes across.
_LOCAL_VARIABLES = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX",
)  # fmt: skip
# Nothing that a repository's settings name is run: no file monitor, no hook, no pager.
NO_PROGRAMS = ("--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")


class GitError(Exception):
    """Git is missing or refused; the message is git's own."""


class NothingFoundError(GitError):
    """There is nothing of what git was asked for."""


def find_repository(folder: Path) -> Path | None:
    """Return the nearest folder upwards with a ``.git`` in it, without asking git."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return None


def list_ignored(folder: Path) -> frozenset[str]:
    """Return what git ignores below a folder of a worktree, as posix paths relative to the folder.

    A folder that is ignored as a whole stands there with a slash at its end, and nothing that is in it.
    Tracked files are never ignored. Other repositories inside are not looked into.

    Raises:
        GitError: git is missing, or the folder is not in a worktree, or ignored itself.
    """
    # One process and its output: GitPython would do no more here, and importing it takes longer than
    # this call.
    command = ["ls-files", "--others", "--ignored"]
    command += ["--exclude-standard", "--directory", "-z"]
    return frozenset(_run(folder, command).split("\0")) - {""}


def find_ignore_rule(folder: Path, path: str) -> str | None:
    """Return the rule by which git ignores a file, as ``file:line:pattern``, or ``None`` if it does not.

    Raises:
        GitError: git is missing, or the folder is not in a worktree.
    """
    # The exit code 1 says that it is not ignored; git then prints nothing at all.
    rule, _, _ = _run(folder, ["check-ignore", "-v", "--", path], (0, 1)).partition("\t")
    return rule or None


def is_ignored(folder: Path, path: str) -> bool:
    """Whether git ignores a file, which need not be there.

    Raises:
        GitError: git is missing, or the folder is not in a worktree.
    """
    return bool(_run(folder, ["check-ignore", path], (0, 1)))


def _run(folder: Path, arguments: list[str], codes: tuple[int, ...] = (0,)) -> str:
    command = ["git", *NO_PROGRAMS, *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in _LOCAL_VARIABLES}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        raise GitError(str(error)) from error
    if done.returncode not in codes:
        raise GitError(os.fsdecode(done.stderr).strip())
    return os.fsdecode(done.stdout)
