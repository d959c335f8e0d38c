"""Detect the file system of a folder, and choose the SQLite journal mode that works there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

_MOUNTS = "/proc/self/mounts"
# Prefixes of file systems that other machines, or the host of a virtual one, may also have mounted. All in
# user space are included (fuse.sshfs, fuse.rclone): some do not share memory even between two processes. An
# overlay, as in containers, is local.
_NETWORK = (
    "nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "glusterfs", "fuse.", "ncpfs",
    "coda", "davfs", "gfs", "ocfs2", "orangefs", "pvfs2", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs",
)  # fmt: skip


def choose_journal_mode(directory: Path) -> str:
    """Return SQLite's journal mode for a database in a folder.

    WAL needs memory shared between all processes that use the database, which does not exist between machines
    (sqlite.org/wal.html). Detection works only on Linux; elsewhere users set the mode.
    """
    return "delete" if sys.platform == "linux" and is_on_network(directory, _read_mounts()) else "wal"


def is_on_network(directory: Path, mounts: Iterable[str]) -> bool:
    """Return whether a folder may be shared with other machines, by lines as in ``/proc/self/mounts``."""
    place = os.path.join(os.path.realpath(directory), "")
    kinds = {}
    for line in mounts:
        _, mount_point, kind = line.split(" ")[:3]
        top = os.path.join(_unescape(mount_point), "")
        if place.startswith(top):
            kinds[top] = kind  # the last one mounted on a folder hides earlier ones
    return kinds[max(kinds, key=len)].startswith(_NETWORK) if kinds else False


def _unescape(text: str) -> str:
    # Spaces, tabs, newlines and backslashes are written as three octal digits.
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in text else text


def _read_mounts() -> list[str]:
    try:
        with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except OSError:
        return []
