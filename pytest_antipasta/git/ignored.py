"""Asking git which files of a worktree it ignores; a ``GitError`` where there is no git, or no worktree.

A walk asks in whichever repository it comes to, at once and often for nothing else: importing GitPython would
take longer than git's answer.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pytest_antipasta.git.process import GitError, GitProcess, foreign_environment

_TAKEN_BACK = re.compile(r".*?:\d+:!")  # by a pattern that begins with an exclamation mark


def ask_for_ignored(folder: Path) -> GitProcess:
    """Begin to ask what git ignores below a folder of a worktree; :func:`read_ignored` has the answer."""
    return _ask(folder, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")


def read_ignored(process: GitProcess) -> frozenset[str]:
    """Return what git ignores, as posix paths relative to the folder that was asked about.

    A folder that is ignored as a whole stands there with a slash at its end, and nothing that is in it.
    Tracked files are never ignored. Other repositories inside are not looked into.
    """
    return frozenset(process.read_text().split("\0")) - {""}


def has_tracked_files(folder: str) -> bool:
    """Whether the repository around a folder tracks files in it; not so of a submodule, nor without git."""
    above, name = os.path.split(folder)
    try:
        listed = _ask(Path(above), "ls-files", "-z", "--", f":(literal){name}").read_text()
    except GitError:
        return False
    return any(path.startswith(f"{name}/") for path in listed.split("\0"))


def find_ignore_rule(folder: Path, path: str) -> str | None:
    """Return the rule by which git ignores a file, as ``file:line:pattern``, or ``None`` if it does not.

    The file need not be there.
    """
    # The exit code 1 says that no rule is about it; git then prints nothing at all.
    rule, _, _ = _ask(folder, "check-ignore", "-v", "--", path).read_text((0, 1)).partition("\t")
    return None if not rule or _TAKEN_BACK.match(rule) else rule


def _ask(folder: Path, *arguments: str) -> GitProcess:
    return GitProcess(folder, arguments, foreign_environment())
