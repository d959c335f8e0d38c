"""Parsing the output of git's plumbing commands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

# Regular files; links, submodules and folders have other modes.
_FILE_MODES = frozenset({"100644", "100755"})


class FileDiff(NamedTuple):
    """A file that differs between two versions, as git's raw diff reports it.

    Attributes:
        path: of the file afterwards, relative to the top; ``None`` for a deleted one.
        blob: its object's name afterwards; all zeros where only the worktree has it.
        old_path: of the file before; ``None`` for an added one.
        old_blob: its object's name before.
        is_unmerged: whether the index has it in several versions, of a merge with conflicts.
    """

    path: str | None
    blob: str
    old_path: str | None
    old_blob: str
    is_unmerged: bool = False


def parse_raw(output: bytes) -> Iterator[FileDiff]:
    """Yield what ``git diff --raw -z`` prints, regular files only."""
    fields = iter(os.fsdecode(output).split("\0"))
    for head in fields:
        if not head:
            return
        old_mode, mode, old_blob, blob, status = head.removeprefix(":").split(" ")
        old_path = next(fields)
        path = next(fields) if status[0] in "RC" else old_path
        is_unmerged = status == "U"  # without a mode
        is_file, was_file = is_unmerged or mode in _FILE_MODES, old_mode in _FILE_MODES
        if is_file or was_file:
            has_origin = was_file and status[0] != "C"
            yield FileDiff(
                path if is_file else None, blob, old_path if has_origin else None, old_blob, is_unmerged
            )


def parse_listing(output: bytes) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield path, object's name and whether it is a regular file, of git's ``ls-files`` or ``ls-tree``."""
    for line in os.fsdecode(output).split("\0"):
        if line:
            head, path = line.split("\t", 1)
            mode, *words = head.split(" ")
            # Both have three words: the index ends with a stage, and a tree begins with mode and kind.
            yield path, (max(words, key=len), mode in _FILE_MODES)


def parse_batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of what ``git cat-file --batch`` prints."""
    place = 0
    while place < len(output):
        end = output.index(b"\n", place)
        head = output[place:end].decode().split(" ")
        place = end + 1
        if len(head) == 3:
            content = output[place : place + int(head[2])]
            if len(content) == int(head[2]):  # git stops in the middle of an object that is damaged
                yield head[0], content
            place += len(content) + 1
