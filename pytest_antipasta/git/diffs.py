"""Find files that differ between the index, the working tree and commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.git.modes import EXECUTABLE
from pytest_antipasta.git.objects import FILE_MODES, Objects
from pytest_antipasta.git.process import GitRunner, decode, find_closed, switch_programs_off
from pytest_antipasta.runtime.scripts import has_no_suffix, starts_as_script

PLAIN = ("-O/dev/null", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
"""Options of any difference: no order file, which could be a pipe, no external diff, no text conversion."""
# Rename detection is the same for all users: without our own limit it would depend on `diff.renameLimit`.
RENAMES = ("--find-renames", "-l1000")
_DIFF = ("diff", "--raw", "-z", "--no-abbrev", *RENAMES, *PLAIN, "--ignore-submodules=dirty")
# The same for commits: each line of standard input has a commit and the one to compare it with.
_DIFF_COMMITS = ("diff-tree", "--stdin", "--always", "-r", "--raw", "-z", "--no-abbrev", *PLAIN)


class FileDiff(NamedTuple):
    """A file that differs between two versions, as git's raw diff reports it.

    Attributes:
        path: new path, relative to the top; ``None`` for a deleted file.
        blob: new object name; all zeros if only the working tree has the content.
        old_path: old path; ``None`` for an added file.
        old_blob: old object name.
        is_unmerged: whether the index has several versions of it, after a merge with conflicts.
        link: path of a symbolic link or a submodule that differs; such a diff has no other paths.
        is_script: whether the new version is a Python script: executable, without a suffix, and with a first
            line that names Python.
        was_script: whether the old version is one.
    """

    path: str | None
    blob: str
    old_path: str | None
    old_blob: str
    is_unmerged: bool = False
    link: str | None = None
    is_script: bool = False
    was_script: bool = False

    @property
    def has_moved(self) -> bool:
        """Whether a file has another path, or is not a script any more and so may not be a source file."""
        if self.path is None or self.old_path is None:
            return False
        return self.path != self.old_path or (self.was_script and not self.is_script)


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

    def __init__(self, runner: GitRunner, objects: Objects, top: Path) -> None:
        """Use this runner, and read scripts from objects or below the top."""
        self._runner = runner
        self._objects = objects
        self._top = top

    def of_index(self, parent: str) -> list[FileDiff]:
        """Return the files that differ between the index and a commit; all files before the first commit."""
        # Without a commit, git compares with the empty tree, but only if none is named.
        names = () if parent == "HEAD" else (parent,)
        return self._compare("--cached", "--end-of-options", *names)

    def of_commit(self, base: str, commit: str) -> list[FileDiff]:
        """Return the files that differ between two commits."""
        return self._compare("--end-of-options", base, commit)

    def of_whole(self, commit: str) -> list[FileDiff]:
        """Return all files of a commit, as added."""
        listed = self._objects.list_commit(commit)
        scripts = self._objects.find_scripts(listed)
        files = ((path, entry.blob) for path, entry in listed.items() if entry.is_file)
        return [FileDiff(path, blob, None, "", is_script=path in scripts) for path, blob in files]

    def along(self, commits: Sequence[str], *, reads_contents: bool = True) -> Iterator[list[FileDiff]]:
        """Yield for each commit except the first the files that differ from the previous one in the list.

        Files with only a different mode are left out, unless the mode makes them scripts or ends that.
        Without reading contents, which a partial clone may lack, a file that is renamed and edited is deleted
        and added.
        """
        asked = "".join(f"{commit} {before}\n" for before, commit in pairwise(commits)).encode()
        if not asked:
            return
        renames = RENAMES if reads_contents else ("--find-renames=100%",)
        series = list(_parse_series(self._runner.run(*_DIFF_COMMITS, *renames, asked=asked)))
        known = self._find_python(chain.from_iterable(series))
        for files in series:
            found = (self._settle(item, known) for item in files)
            yield [item for item in found if _has_changed(item)]

    def of_worktree(self, base: str) -> list[FileDiff]:
        """Return the tracked files that differ between the working tree and a commit.

        A file with a filter, such as one of Git LFS, is compared unfiltered, as filters are programs.
        """
        return self._compare("--end-of-options", base, environment=self._switch_programs_off())

    def of_unstaged(self) -> list[FileDiff]:
        """Return the tracked files that differ between the working tree and the index, unfiltered."""
        return self._compare(environment=self._switch_programs_off())

    def of_untracked(self) -> Untracked:
        """Return the files that git neither tracks nor ignores, and the folders that it can't open.

        No file counts as a script: git knows no modes of these.
        """
        process = self._runner.begin("ls-files", "--others", "--exclude-standard", "-z")
        paths, zeros = process.read_text().split("\0"), "0" * 40
        files = [FileDiff(path, zeros, None, zeros) for path in paths if path]
        return Untracked(files, find_closed(process.complaints))

    def _compare(self, *names: str, environment: Mapping[str, str] | None = None) -> list[FileDiff]:
        """Return the regular files that ``git diff`` lists."""
        listed = self._runner.begin(*_DIFF, *names, "--", environment=environment).read()
        diffs = list(_parse_raw(listed))
        known = self._find_python(diffs)
        return [self._settle(diff, known) for diff in diffs]

    def _find_python(self, diffs: Iterable[FileDiff]) -> Mapping[str, bool]:
        """Return which contents of executable files without a suffix name Python, without missing ones."""
        blobs = [
            blob
            for diff in diffs
            for blob, may_be in ((diff.blob, diff.is_script), (diff.old_blob, diff.was_script))
            if may_be and blob.strip("0")
        ]
        return self._objects.find_python(blobs) if blobs else {}

    def _settle(self, diff: FileDiff, known: Mapping[str, bool]) -> FileDiff:
        """Return a difference whose versions are scripts only if their first lines name Python.

        A content that git does not have, as in a partial clone, may be one.
        """
        if not (diff.is_script or diff.was_script):
            return diff
        was_script = diff.was_script and known.get(diff.old_blob, True)
        if diff.is_unmerged:
            is_script = was_script
        elif diff.blob.strip("0"):
            is_script = diff.is_script and known.get(diff.blob, True)
        else:  # only the working tree has the content
            is_script = diff.is_script and starts_as_script(self._top / (diff.path or ""))
        return diff._replace(is_script=is_script, was_script=was_script)

    def _switch_programs_off(self) -> dict[str, str]:
        """Return an environment in which git runs no filter and no hook from the settings."""
        keys = self._runner.run_for_text("config", "--null", "--name-only", "--list")
        return switch_programs_off(keys.split("\0"))


def _has_changed(diff: FileDiff) -> bool:
    """Return whether more differs than a mode that matters to nobody here."""
    return (diff.path, diff.blob, diff.is_script) != (diff.old_path, diff.old_blob, diff.was_script)


def _parse_raw(output: bytes) -> Iterator[FileDiff]:
    """Yield the differences in the output of ``git diff --raw -z``; any executable file may be a script."""
    fields = iter(decode(output).split("\0"))
    for head in fields:
        if head:
            yield from _parse_file(head, fields)


def _parse_series(output: bytes) -> Iterator[list[FileDiff]]:
    """Yield the regular files of each commit in the output of ``git diff-tree --stdin --always --raw -z``."""
    fields = iter(decode(output).split("\0"))
    files: list[FileDiff] | None = None
    for head in fields:
        if files is not None and head.startswith(":"):
            files += (item for item in _parse_file(head, fields) if item.link is None)
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
            path if is_file else None,
            blob,
            old_path if has_origin else None,
            old_blob,
            is_unmerged,
            is_script=_may_be_script(old_mode if is_unmerged else mode, path),
            was_script=has_origin and _may_be_script(old_mode, old_path),
        )
    else:
        yield FileDiff(None, blob, None, old_blob, link=path)


def _may_be_script(mode: str, path: str) -> bool:
    return mode == EXECUTABLE and has_no_suffix(path)
