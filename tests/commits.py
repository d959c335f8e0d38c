"""Commits of a whole working tree that take no process: objects, index and branch are written here.

``git add --all`` and ``git commit`` are two processes of 4 ms each, and tests make thousands of commits. What
is written is what they write, which ``test_commits.py`` compares. ``staging.py`` stages single files.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Objects(NamedTuple):
    """Where a repository keeps its objects.

    Attributes:
        folder: their folder.
        algorithm: the hash that names them.
    """

    folder: Path
    algorithm: str

    def hash(self, data: bytes) -> bytes:
        """Return the hash of some bytes."""
        return hashlib.new(self.algorithm, data, usedforsecurity=False).digest()

    def write(self, kind: bytes, content: bytes) -> bytes:
        """Write an object, and return its name."""
        data = b"%b %d\0%b" % (kind, len(content), content)
        digest = self.hash(data)
        path = self.folder / digest[:1].hex() / digest[1:].hex()
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(data, 1))
        return digest


class Entry(NamedTuple):
    """A file of a tree.

    Attributes:
        path: relative to the root, in bytes.
        mode: as git has it.
        name: of its content.
        status: of the file.
    """

    path: bytes
    mode: int
    name: bytes
    status: os.stat_result


def commit_all(root: Path, message: str, seconds: int = 1_700_000_000, exclude: tuple[str, ...] = ()) -> str:
    """Commit all files on the current branch, and return the commit's name.

    Author and committer are those of the environment. There must be no ignored files and no attributes.

    Args:
        root: of the working tree.
        message: of the commit.
        seconds: its date, since the epoch.
        exclude: files at the root that are left out.
    """
    return write_commit(root, *stage_all(root, exclude), message, seconds)


def stage_all(root: Path, exclude: tuple[str, ...] = ()) -> tuple[Objects, list[Entry]]:
    """Stage all files, as for :func:`commit_all`; return where their contents are, and the files."""
    left_out = frozenset((b".git", *map(os.fsencode, exclude)))
    is_long = "sha256" in (root / ".git/config").read_text()
    objects = Objects(root / ".git/objects", "sha256" if is_long else "sha1")
    entries = sorted(_iter_entries(objects, os.fsencode(root), b"", left_out))
    (root / ".git/index").write_bytes(format_index(objects, map(format_entry, entries)))
    return objects, entries


def write_commit(root: Path, objects: Objects, entries: Sequence[Entry], message: str, seconds: int) -> str:
    """Commit sorted files on the current branch as :func:`commit_all` does, but leave the index."""
    head = root / ".git/HEAD"
    ref = head.read_text().strip()
    branch = root / ".git" / ref.removeprefix("ref: ") if ref.startswith("ref: ") else head
    lines = [b"tree " + _write_tree(objects, entries).hex().encode()]
    with suppress(FileNotFoundError):
        lines.append(b"parent " + branch.read_bytes().strip())
    lines += [_sign(role, seconds) for role in ("author", "committer")]
    lines += [b"", message.encode() + b"\n"]
    name = objects.write(b"commit", b"\n".join(lines)).hex()
    branch.parent.mkdir(parents=True, exist_ok=True)
    branch.write_text(f"{name}\n")
    return name


def _iter_entries(
    objects: Objects, root: bytes, folder: bytes, left_out: frozenset[bytes] = frozenset()
) -> Iterator[Entry]:
    with os.scandir(os.path.join(root, folder)) as found:
        for item in found:
            if item.name in left_out:
                continue
            path = os.path.join(folder, item.name).replace(os.sep.encode(), b"/")
            if item.is_dir(follow_symlinks=False):
                yield from _iter_entries(objects, root, path)
            elif item.is_symlink():
                content = objects.write(b"blob", os.readlink(item.path))
                yield Entry(path, stat.S_IFLNK, content, item.stat(follow_symlinks=False))
            else:
                status = item.stat()
                mode = stat.S_IFREG | (0o755 if status.st_mode & stat.S_IXUSR else 0o644)
                content = objects.write(b"blob", Path(os.fsdecode(item.path)).read_bytes())
                yield Entry(path, mode, content, status)


def _write_tree(objects: Objects, entries: Sequence[Entry], depth: int = 0) -> bytes:
    """Write the tree of files that are sorted and have a folder in common, whose path has some bytes."""
    lines: list[tuple[bytes, bytes]] = []
    folders: dict[bytes, list[Entry]] = {}
    for entry in entries:
        first, slash, _ = entry.path[depth:].partition(b"/")
        if slash:
            folders.setdefault(first, []).append(entry)
        else:
            lines.append((first, b"%o %b\0%b" % (entry.mode, first, entry.name)))
    for first, inner in folders.items():
        tree = _write_tree(objects, inner, depth + len(first) + 1)
        lines.append((first + b"/", b"40000 %b\0%b" % (first, tree)))
    return objects.write(b"tree", b"".join(line for _, line in sorted(lines)))


def _sign(role: str, seconds: int) -> bytes:
    """Return who has a role in a commit, and when."""
    who = f"GIT_{role.upper()}"
    return f"{role} {os.environ[f'{who}_NAME']} <{os.environ[f'{who}_EMAIL']}> {seconds} +0000".encode()


def format_entry(entry: Entry) -> bytes:
    """Return a file as the index has it: with its status, so that git need not read it."""
    path, mode, name, status = entry
    changed, modified = (divmod(time, 10**9) for time in (status.st_ctime_ns, status.st_mtime_ns))
    places, owners = (status.st_dev, status.st_ino), (status.st_uid, status.st_gid)
    numbers = (*changed, *modified, *places, mode, *owners, status.st_size)
    head = struct.pack(">10I", *(number & 0xFFFFFFFF for number in numbers)) + name
    text = head + struct.pack(">H", min(len(path), 0xFFF)) + path
    return text + b"\0" * (8 - len(text) % 8)


def format_index(objects: Objects, entries: Iterable[bytes]) -> bytes:
    """Return the index in git's second version."""
    lines = list(entries)
    data = struct.pack(">4sII", b"DIRC", 2, len(lines)) + b"".join(lines)
    return data + objects.hash(data)
