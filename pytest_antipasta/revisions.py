"""Versions of files that git keeps: the index, commits, and what differs between them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.git import GitError

if TYPE_CHECKING:
    from git import Git

# Regular files; links, submodules and folders have other modes.
_FILE_MODES = frozenset({"100644", "100755"})
# No program of the user's settings is run: no external diff, no text conversion, no file monitor.
_DIFF = (
    *("-c", "core.fsmonitor=false", "diff", "--raw", "-z", "--no-abbrev", "--find-renames"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all"),
)


class FileDiff(NamedTuple):
    """A file that differs between two versions, as git's raw diff tells it.

    Attributes:
        path: of the file afterwards, relative to the top; ``None`` for a deleted one.
        blob: its object's name afterwards; all zeros where only the worktree has it.
        old_path: of the file before; ``None`` for an added one.
        old_blob: its object's name before.
    """

    path: str | None
    blob: str
    old_path: str | None
    old_blob: str


class Repository:
    """One repository, asked through git itself.

    All of git's environment holds, as git sets it for its hooks: a temporary index during
    ``git commit -a``, the quarantined objects of a push.

    Attributes:
        top: the worktree's top folder; a bare repository's own folder.
    """

    def __init__(self, folder: Path) -> None:
        """Find the repository of a folder.

        Raises:
            GitError: git is missing, or there is no repository.
        """
        self._git = _open_git(folder)
        lines = self._run("rev-parse", "--is-bare-repository", "--absolute-git-dir").splitlines()
        is_bare, git_dir = lines[0] == b"true", Path(os.fsdecode(lines[1]))
        self._git_dir = git_dir
        self.top = git_dir
        if not is_bare:
            self.top = Path(os.fsdecode(self._run("rev-parse", "--show-toplevel")).rstrip("\n"))
            self._git = _open_git(self.top)

    def commit_parents(self) -> list[str]:
        """Return what the next commit is to be compared with: HEAD, and during a merge what is merged."""
        try:
            merged = (self._git_dir / "MERGE_HEAD").read_text("ascii").split()
        except OSError:
            merged = []
        return ["HEAD", *merged]

    def diff_index(self, parent: str) -> list[FileDiff]:
        """Return the files that the index changes beside a commit; all files without any commit yet.

        Raises:
            GitError: git refuses.
        """
        # Without a commit git compares with nothing, but only when none is named.
        names = () if parent == "HEAD" else (parent,)
        return list(_parse_raw(self._run(*_DIFF, "--cached", *names)))

    def diff_worktree(self, base: str) -> list[FileDiff]:
        """Return the files that the worktree changes beside a commit, untracked ones included.

        Raises:
            GitError: git refuses.
        """
        found = list(_parse_raw(self._run(*_DIFF, base)))
        untracked = self._run("ls-files", "--others", "--exclude-standard", "-z")
        zeros = "0" * 40
        paths = [os.fsdecode(path) for path in untracked.split(b"\0") if path]
        return found + [FileDiff(path, zeros, None, zeros) for path in paths]

    def diff_commits(self, base: str, commit: str) -> list[FileDiff]:
        """Return the files that differ between two commits.

        Raises:
            GitError: git refuses.
        """
        return list(_parse_raw(self._run(*_DIFF, base, commit)))

    def merge_base(self, one: str, other: str) -> str:
        """Return the best common ancestor of two commits.

        Raises:
            GitError: a commit is not known here, or they have no common ancestor here.
        """
        for name in (one, other):
            try:
                self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            except GitError as error:
                hint = "; in a shallow clone fetch it first, such as `git fetch --unshallow origin`"
                raise GitError(f"git knows no commit {name!r}{hint}") from error
        try:
            return os.fsdecode(self._run("merge-base", "--end-of-options", one, other)).strip()
        except GitError as error:
            hint = "fetch more history, such as `git fetch --unshallow`"
            raise GitError(f"{one} and {other} have no common commit here; {hint}") from error

    def read_blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the content of objects by their names, those left out that git does not have.

        Raises:
            GitError: git refuses.
        """
        wanted = dict.fromkeys(names)
        if not wanted:
            return {}
        process = self._git.execute(["git", "cat-file", "--batch"], istream=subprocess.PIPE, as_process=True)
        output, _ = process.communicate("".join(f"{name}\n" for name in wanted).encode())
        return dict(_parse_batch(output))

    def _run(self, *arguments: str) -> bytes:
        from git.exc import GitCommandError, GitCommandNotFound

        try:
            return self._git.execute(
                ["git", *arguments], stdout_as_string=False, strip_newline_in_stdout=False
            )
        except (GitCommandError, GitCommandNotFound) as error:
            message = str(error.stderr or error).strip().removeprefix("stderr: ").strip("'\n ")
            raise GitError(message) from error


def _open_git(folder: Path) -> Git:
    try:
        from git import Git
    except ImportError as error:  # GitPython looks for git when it is imported
        raise GitError(str(error).strip().splitlines()[0]) from error
    git = Git(folder)
    git.update_environment(GIT_OPTIONAL_LOCKS="0", LC_ALL="C")
    return git


def _parse_raw(output: bytes) -> Iterator[FileDiff]:
    """Yield what ``git diff --raw -z`` prints, regular files only."""
    fields = iter(os.fsdecode(output).split("\0"))
    for head in fields:
        if not head:
            return
        old_mode, mode, old_blob, blob, status = head.removeprefix(":").split(" ")
        old_path = next(fields)
        path = next(fields) if status[0] in "RC" else old_path
        is_file, was_file = mode in _FILE_MODES, old_mode in _FILE_MODES
        if is_file or was_file:
            has_origin = was_file and status[0] != "C"
            yield FileDiff(path if is_file else None, blob, old_path if has_origin else None, old_blob)


def _parse_batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of what ``git cat-file --batch`` prints."""
    place = 0
    while place < len(output):
        end = output.index(b"\n", place)
        head = output[place:end].decode().split(" ")
        place = end + 1
        if len(head) == 3:
            size = int(head[2])
            yield head[0], output[place : place + size]
            place += size + 1
