"""Find files that differ between the index, the working tree and commits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pytest_antipasta.git.objects import FILE_MODES
from pytest_antipasta.git.process import (
    PROGRAMS_OFF,
    GitRunner,
    NothingFoundError,
    find_closed,
    switch_programs_off,
)

# No external diff and no text conversion; no order file, which could be a pipe. Rename detection is the same
# for all users: without our own limit it would depend on the user's `diff.renameLimit`.
_RENAMES = ("--find-renames", "-l1000")
_DIFF = (
    *("diff", "--raw", "-z", "--no-abbrev", *_RENAMES, "-O/dev/null"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all"),
)
# The same for commits: each line of standard input has a commit and the one to compare it with.
_DIFF_COMMITS = (
    *("diff-tree", "--stdin", "--always", "-r", "--raw", "-z", "--no-abbrev", "-O/dev/null"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all"),
)


class FileDiff(NamedTuple):
    """A file that differs between two versions, as git's raw diff reports it.

    Attributes:
        path: new path, relative to the top; ``None`` for a deleted file.
        blob: new object name; all zeros if only the working tree has the content.
        old_path: old path; ``None`` for an added file.
        old_blob: old object name.
        is_unmerged: whether the index has several versions of it, after a merge with conflicts.
        link: path of a symbolic link or a submodule that differs; such a diff has no other paths.
    """

    path: str | None
    blob: str
    old_path: str | None
    old_blob: str
    is_unmerged: bool = False
    link: str | None = None


class Untracked(NamedTuple):
    """What git neither tracks nor ignores.

    Attributes:
        files: the files, as added.
        closed: folders that git can't open. Git lists their tracked files as deleted, and others not at all.
    """

    files: list[FileDiff]
    closed: list[str]


class Diffs:
    """Differences within one repository, as files.

    Every method raises :class:`GitError` if git fails.
    """

    def __init__(self, runner: GitRunner) -> None:
        """Use this runner."""
        self._runner = runner

    def of_index(self, parent: str) -> list[FileDiff]:
        """Return the files that differ between the index and a commit; all files before the first commit."""
        # Without a commit, git compares with the empty tree, but only if none is named.
        names = () if parent == "HEAD" else (parent,)
        return list(_parse_raw(self._runner.run(*_DIFF, "--cached", "--end-of-options", *names, "--")))

    def of_commit(self, base: str, commit: str) -> list[FileDiff]:
        """Return the files that differ between two commits."""
        return list(_parse_raw(self._runner.run(*_DIFF, "--end-of-options", base, commit, "--")))

    def along(self, commits: Sequence[str], *, finds_renames: bool = False) -> Iterator[list[FileDiff]]:
        """Yield for each commit except the first the files that differ from the previous one in the list.

        Without rename detection, a renamed file is deleted and added. Files with only a different mode, such
        as executable ones, are left out.
        """
        asked = "".join(f"{commit} {before}\n" for before, commit in pairwise(commits)).encode()
        if asked:
            renames = _RENAMES if finds_renames else ("--no-renames",)
            yield from _parse_series(self._runner.run(*_DIFF_COMMITS, *renames, asked=asked))

    def of_worktree(self, base: str) -> list[FileDiff]:
        """Return the tracked files that differ between the working tree and a commit.

        A file with a filter, such as one of Git LFS, is compared unfiltered, as filters are programs.
        """
        programs_off = self._switch_programs_off()
        raw = self._runner.run(*_DIFF, "--end-of-options", base, "--", environment=programs_off)
        return list(_parse_raw(raw))

    def of_untracked(self) -> Untracked:
        """Return the files that git neither tracks nor ignores, and the folders that it can't open."""
        process = self._runner.begin("ls-files", "--others", "--exclude-standard", "-z")
        paths, zeros = process.read_text().split("\0"), "0" * 40
        files = [FileDiff(path, zeros, None, zeros) for path in paths if path]
        return Untracked(files, find_closed(process.complaints))

    def _switch_programs_off(self) -> dict[str, str]:
        """Return an environment in which git runs no filter and no hook from the settings."""
        question = ("config", "--null", "--name-only", "--get-regexp", rf"^({'|'.join(PROGRAMS_OFF)})\..*\.")
        try:
            keys = self._runner.run_for_text(*question)
        except NothingFoundError:
            return {}
        return switch_programs_off(keys.split("\0"))


def _parse_raw(output: bytes) -> Iterator[FileDiff]:
    """Yield the differences in the output of ``git diff --raw -z``."""
    fields = iter(os.fsdecode(output).split("\0"))
    for head in fields:
        if head:
            yield from _parse_file(head, fields)


def _parse_series(output: bytes) -> Iterator[list[FileDiff]]:
    """Yield the regular files of each commit in the output of ``git diff-tree --stdin --always --raw -z``."""
    fields = iter(os.fsdecode(output).split("\0"))
    files: list[FileDiff] | None = None
    for head in fields:
        if files is not None and head.startswith(":"):
            found = _parse_file(head, fields)
            files += (
                item
                for item in found
                if item.link is None and (item.path, item.blob) != (item.old_path, item.old_blob)
            )
            continue
        if files is not None:
            yield files
        files = []  # after the commit's name, or at the end


def _parse_file(head: str, fields: Iterator[str]) -> Iterator[FileDiff]:
    old_mode, mode, old_blob, blob, status = head.removeprefix(":").split(" ")
    old_path = next(fields)
    path = next(fields) if status[0] in "RC" else old_path
    is_unmerged = status == "U"  # without a mode
    is_file, was_file = is_unmerged or mode in FILE_MODES, old_mode in FILE_MODES
    if is_file or was_file:
        has_origin = was_file and status[0] != "C"
        yield FileDiff(
            path if is_file else None, blob, old_path if has_origin else None, old_blob, is_unmerged
        )
    else:
        yield FileDiff(None, blob, None, old_blob, link=path)
