"""``git add FILE`` and ``git commit`` without a process, where there is nothing but plain files.

Both are for repositories that are as ``git init`` leaves them. Where settings, attributes, a merge or the
environment could have a say, nothing is done, and git has to do it. ``test_commits.py`` compares both.
"""

from __future__ import annotations

import os
import stat
import struct
import time
from pathlib import Path
from posixpath import normpath
from typing import TypeAlias

from tests.commits import Entry, Objects, format_entry, format_index, write_commit

_Lines: TypeAlias = dict[bytes, bytes]
"""The entries of an index by their paths."""
_ELSEWHERE = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY")
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "packed-refs")
_DECIDING = (b".gitattributes", b".gitignore")
_STATUS, _HEAD = 40, 62  # bytes of an entry before the name of its content, and before its path


def stage_file(root: Path, path: str) -> bool:
    """Stage a file of the working tree, and return whether that was possible."""
    file, name = root / path, os.fsencode(path)
    if not file.is_file() or file.is_symlink() or normpath(path) != path or name.endswith(_DECIDING):
        return False
    lines = _read_index(root)
    if lines is None or _is_both(name, lines):
        return False
    objects, status = Objects(root / ".git/objects", "sha1"), file.stat()
    mode = stat.S_IFREG | (0o755 if status.st_mode & stat.S_IXUSR else 0o644)
    lines[name] = format_entry(Entry(name, mode, objects.write(b"blob", file.read_bytes()), status))
    index = format_index(objects, (lines[one] for one in sorted(lines)))
    (root / ".git/index").write_bytes(index)
    return True


def commit_staged(root: Path, message: str) -> str | None:
    """Commit what is staged on the current branch, and return the commit's name if that was possible."""
    lines = _read_index(root)
    if lines is None or any((root / ".git" / name).exists() for name in _UNDER_WAY):
        return None
    entries = [_parse_entry(path, line) for path, line in lines.items()]
    return write_commit(root, Objects(root / ".git/objects", "sha1"), entries, message, int(time.time()))


def _is_both(name: bytes, lines: _Lines) -> bool:
    """Whether a path is that of a file and of a folder."""
    return any(one.startswith(name + b"/") or name.startswith(one + b"/") for one in lines)


def _parse_entry(path: bytes, line: bytes) -> Entry:
    (mode,) = struct.unpack_from(">I", line, 24)
    return Entry(path, mode, line[_STATUS : _HEAD - 2], os.stat_result([0] * 10))


def _read_index(root: Path) -> _Lines | None:
    """Return the entries of an index; ``None`` where there may be more to know than they say."""
    if not _is_plain(root):
        return None
    index = root / ".git/index"
    data = index.read_bytes() if index.exists() else format_index(Objects(root, "sha1"), ())
    kind, version, number = struct.unpack_from(">4sII", data)
    lines: _Lines = {}
    place = 12
    for _ in range(number if (kind, version) == (b"DIRC", 2) else 0):
        (length,) = struct.unpack_from(">H", data, place + _HEAD - 2)
        if length >= 0xFFF:  # a long path, or one of a merge, or with a flag
            return None
        end = place + (_HEAD + length + 8) // 8 * 8
        lines[data[place + _HEAD : place + _HEAD + length]] = data[place:end]
        place = end
    rest = data[place:-20]
    # Beside the entries, only the names of trees are in it, which git works out again.
    is_all = not rest or (rest[:4] == b"TREE" and len(rest) == 8 + struct.unpack_from(">I", rest, 4)[0])
    has_deciding = any(path.endswith(_DECIDING) for path in lines)
    return lines if version == 2 and is_all and not has_deciding else None


def _is_plain(root: Path) -> bool:
    """Whether a repository has the settings that it was made with, and nothing that converts or ignores."""
    folder = root / ".git"
    empty = Path(os.environ["GIT_TEMPLATE_DIR"]).with_name("empty") / ".git/config"
    return (
        not any(name in os.environ for name in _ELSEWHERE)
        and folder.is_dir()
        and (folder / "config").read_bytes() == empty.read_bytes()
        and not (folder / "info/attributes").exists()
        and (folder / "info/exclude").stat().st_size == 0
        and not any((root / os.fsdecode(name)).exists() for name in _DECIDING)
    )
