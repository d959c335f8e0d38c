"""Where settings and baselines are read from: the disk, or a tree of git."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from pytest_antipasta.settings.documents import read_bytes


class RuleFiles(Protocol):
    """Reads settings files and baselines, all of one state of a project."""

    def read(self, path: Path) -> bytes | None:
        """Return the content of a regular file, or of the one that a link leads to; ``None`` without one.

        Raises:
            UsageError: the file is unreadable.
        """

    def resolve(self, path: Path) -> Path:
        """Return the location of a file, or of the one that a link leads to."""


class Disk:
    """The files on disk."""

    def read(self, path: Path) -> bytes | None:
        """Return the content of a regular file; see :class:`RuleFiles`."""
        # os.path.isfile is False if a folder can't be searched; Path.is_file raises an error.
        return read_bytes(path) if os.path.isfile(path) else None

    def resolve(self, path: Path) -> Path:
        """Return the location of a file, with all links followed."""
        return Path(os.path.realpath(path))


DISK = Disk()


def is_same_file(path: Path, other: Path, files: RuleFiles) -> bool:
    """Return whether two paths lead to the same file, which may be in git alone."""
    return files.resolve(path) == files.resolve(other)
