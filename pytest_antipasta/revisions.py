"""Versions of files that git keeps: the index, commits, and what differs between them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_antipasta.git import GitError
from pytest_antipasta.git_output import FileDiff, parse_batch, parse_raw
from pytest_antipasta.imports import trusted_first

if TYPE_CHECKING:
    from git import Git

# No program of the user's settings is run: no external diff, no text conversion, no file monitor.
_DIFF = (
    *("-c", "core.fsmonitor=false", "diff", "--raw", "-z", "--no-abbrev", "--find-renames"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all"),
)


class Repository:
    """One repository, asked through git itself.

    All of git's environment holds, as git sets it for its hooks: a temporary index during
    ``git commit -a``, the quarantined objects of a push.

    Attributes:
        is_bare: whether there is no worktree.
        top: the worktree's top folder; a bare repository's own folder.
    """

    def __init__(self, folder: Path) -> None:
        """Find the repository of a folder.

        Raises:
            GitError: git is missing, or there is no repository.
        """
        self._git = _open_git(folder)
        lines = self._run("rev-parse", "--is-bare-repository", "--absolute-git-dir").splitlines()
        self.is_bare = lines[0] == b"true"
        self.top = self._git_dir = Path(os.fsdecode(lines[1]))
        if not self.is_bare:
            self.top = Path(os.fsdecode(self._run("rev-parse", "--show-toplevel")).rstrip("\n"))
            self._git = _open_git(self.top)

    def commit_parents(self) -> list[str]:
        """Return what the next commit is to be compared with: HEAD, and during a merge what is merged."""
        try:
            merged = (self._git_dir / "MERGE_HEAD").read_text("ascii").split()
        except OSError:
            # For its pre-merge-commit hook git merge has not written it yet, and names the heads so.
            mark = "GITHEAD_"
            merged = [name.removeprefix(mark) for name in os.environ if name.startswith(mark)]
        return ["HEAD", *merged]

    def diff_index(self, parent: str) -> list[FileDiff]:
        """Return the files that the index changes beside a commit; all files without any commit yet.

        Raises:
            GitError: git refuses.
        """
        # Without a commit git compares with nothing, but only when none is named.
        names = () if parent == "HEAD" else (parent,)
        return list(parse_raw(self._run(*_DIFF, "--cached", *names, "--")))

    def diff_worktree(self, base: str) -> list[FileDiff]:
        """Return the files that the worktree changes beside a commit, untracked ones included.

        Raises:
            GitError: git refuses.
        """
        found = list(parse_raw(self._run(*_DIFF, base, "--")))
        untracked = self._run("ls-files", "--others", "--exclude-standard", "-z")
        zeros = "0" * 40
        paths = [os.fsdecode(path) for path in untracked.split(b"\0") if path]
        return found + [FileDiff(path, zeros, None, zeros) for path in paths]

    def diff_commits(self, base: str, commit: str) -> list[FileDiff]:
        """Return the files that differ between two commits.

        Raises:
            GitError: git refuses.
        """
        return list(parse_raw(self._run(*_DIFF, base, commit, "--")))

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

    def merge_bases(self, commit: str, known: Iterable[str]) -> list[str]:
        """Return the best common ancestors of a commit with any of some others, as far as they are here.

        Raises:
            GitError: git refuses.
        """
        heads = self._find_commits(known)
        if not heads:
            return []
        try:
            return os.fsdecode(self._run("merge-base", "--all", commit, *heads)).split()
        except GitError:
            return []

    def is_commit(self, name: str) -> bool:
        """Whether a name is that of a commit here, or of a tag of one."""
        return bool(self._find_commits([name]))

    def empty_tree(self) -> str:
        """Return the name of a tree without files, which depends on how the repository names objects."""
        return os.fsdecode(self._run("hash-object", "-t", "tree", os.devnull)).strip()

    def list_heads(self, *prefixes: str) -> list[str]:
        """Return the objects that references below some prefixes name.

        Raises:
            GitError: git refuses.
        """
        return os.fsdecode(self._run("for-each-ref", "--format=%(objectname)", *prefixes)).split()

    def hooks_folder(self) -> Path:
        """Return the folder of the git hooks, wherever ``core.hooksPath`` puts it."""
        return self.top / os.fsdecode(self._run("rev-parse", "--git-path", "hooks")).rstrip("\n")

    def read_file(self, commit: str, path: str) -> bytes | None:
        """Return the content of a file in a commit, or ``None`` where it has none of that path."""
        try:
            return self._run("cat-file", "blob", f"{commit}:{path}")
        except GitError:
            return None

    def read_blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return the content of objects by their names, those left out that git does not have.

        Raises:
            GitError: git refuses.
        """
        wanted = dict.fromkeys(names)
        if not wanted:
            return {}
        return dict(parse_batch(self._ask_cat_file("--batch", wanted)))

    def _find_commits(self, names: Iterable[str]) -> list[str]:
        answers = self._ask_cat_file("--batch-check", [f"{name}^{{commit}}" for name in names])
        lines = (line.split() for line in os.fsdecode(answers).splitlines())
        return list(dict.fromkeys(line[0] for line in lines if line[1:2] == ["commit"]))

    def _ask_cat_file(self, mode: str, names: Iterable[str]) -> bytes:
        process = self._git.execute(["git", "cat-file", mode], istream=subprocess.PIPE, as_process=True)
        output, _ = process.communicate("".join(f"{name}\n" for name in names).encode())
        return bytes(output)

    def _run(self, *arguments: str) -> bytes:
        with trusted_first():
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
        with trusted_first():
            from git import Git
    except ImportError as error:  # GitPython looks for git when it is imported
        raise GitError(str(error).strip().splitlines()[0]) from error
    git = Git(folder)
    git.update_environment(GIT_OPTIONAL_LOCKS="0", LC_ALL="C")
    return git
