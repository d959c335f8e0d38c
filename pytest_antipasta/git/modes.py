"""Whether files of a working tree are executable, as git sees it."""

from __future__ import annotations

import os
import re
from collections.abc import Container
from functools import cached_property
from pathlib import Path

from pytest_antipasta.git.process import GitError, GitProcess
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.runtime.fileio import open_regular

EXECUTABLE = "100755"
"""Mode of an executable file in git."""
_ANY_BIT = 0o111
# As `git init` writes it. Only these keys can give it another value further down, or in another file.
_TRUSTED = re.compile(rb"^\[core\]\n[^\[]*^\tfilemode = true$", re.MULTILINE | re.IGNORECASE)
_OTHERS = re.compile(rb"filemode|include|worktreeconfig", re.IGNORECASE)
# Git is asked about a larger file of settings, which may have no end.
_LARGEST = 1_000_000
_VARIABLES = ("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS")


class FileModes:
    """The modes of the files in a folder.

    A file is executable by its status. If git does not trust that (``core.fileMode = false``, as on Windows
    and on some file systems), its mode in the index counts.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def is_executable(self, path: str, mode: int) -> bool:
        """Return whether a regular file is executable.

        ``path`` is posix, relative to the folder; ``mode`` is ``st_mode`` of its status.
        """
        if self._of_index is None:
            return bool(mode & _ANY_BIT)
        return path in self._of_index

    @cached_property
    def _of_index(self) -> Container[str] | None:
        """The executable files of the index below the folder; ``None`` if the status of a file counts."""
        top = find_repository(self._folder)
        if top is None or _is_trusted(top):
            return None
        try:
            if _ask(self._folder, "config", "--type=bool", "--get", "core.fileMode").strip() != "false":
                return None
            listed = _ask(self._folder, "ls-files", "--stage", "-z").split("\0")
        except GitError:  # no git, or no repository after all
            return None
        return frozenset(entry.partition("\t")[2] for entry in listed if entry.startswith(EXECUTABLE))


def _is_trusted(top: Path) -> bool:
    """Return whether a repository's own file of settings says that git trusts the status of files.

    This saves a process in nearly all repositories. If false, git must be asked.
    """
    try:
        with open(top / ".git" / "config", "rb", opener=open_regular) as file:
            text = file.read(_LARGEST + 1)
    except OSError:  # a linked working tree, no repository, or a pipe
        return False
    if len(text) > _LARGEST:
        return False
    is_alone = len(_OTHERS.findall(text)) == 1 and not any(map(os.environ.get, _VARIABLES))
    return is_alone and _TRUSTED.search(text) is not None


def _ask(folder: Path, *arguments: str) -> str:
    # Exit code 1 means that the key is not set.
    return GitProcess(folder, arguments).read_text((0, 1))
