"""Versions of files that git keeps: the index, commits, and what differs between them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.fileio import read_regular
from pytest_antipasta.git.output import FileDiff, parse_batch, parse_listing, parse_raw
from pytest_antipasta.git.process import (
    ENVIRONMENT,
    NO_PROGRAMS,
    PATIENCE,
    GitError,
    NothingFoundError,
    SilenceError,
    format_said,
)
from pytest_antipasta.runtime import trusted_first

if TYPE_CHECKING:
    from git import Git

# No external diff and no text conversion; no file of an order, which could be a pipe.
_DIFF = (
    *("diff", "--raw", "-z", "--no-abbrev", "--find-renames", "-O/dev/null"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all"),
)
# With this code and without a word git says that there is nothing of what it was asked for.
_NOTHING = 1
# What to do about something that git says.
_HINTS = {
    "promisor remote": "; this clone is partial, get the rest by `git fetch --refetch --no-filter`",
    "not a git repository": "; run this inside of one, or `git init` first",
}


class _Answer(NamedTuple):
    """What git answered, and what it said on its standard error."""

    code: int
    output: bytes
    said: str


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
        lines = self._find_places()
        self.is_bare = lines[0] == "true"
        self.top = self._git_dir = Path(lines[1])
        if not self.is_bare:
            self.top = Path(lines[2])
            self._git = _open_git(self.top)
            if "GIT_WORK_TREE" in os.environ:
                # It may be relative to where we are, and nothing leads from it to the repository.
                self._git.update_environment(GIT_DIR=lines[1], GIT_WORK_TREE=lines[2])

    def commit_parents(self) -> list[str]:
        """Return what the next commit is to be compared with: HEAD, and during a merge what is merged."""
        try:
            merged = read_regular(self._git_dir / "MERGE_HEAD").decode("ascii").split()
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
        return list(parse_raw(self._run(*_DIFF, "--cached", "--end-of-options", *names, "--")))

    def diff_worktree(self, base: str) -> list[FileDiff]:
        """Return the tracked files that the worktree changes beside a commit.

        A file that has a filter, as Git LFS has one, is compared as it is: filters are programs.

        Raises:
            GitError: git refuses.
        """
        environment = self._filters_off()
        return list(parse_raw(self._run(*_DIFF, "--end-of-options", base, "--", env=environment)))

    def list_untracked(self) -> list[FileDiff]:
        """Return the files that git neither has nor ignores, as added.

        Raises:
            GitError: git refuses.
        """
        untracked = self._run("ls-files", "--others", "--exclude-standard", "-z")
        zeros = "0" * 40
        return [FileDiff(os.fsdecode(path), zeros, None, zeros) for path in untracked.split(b"\0") if path]

    def diff_commits(self, base: str, commit: str) -> list[FileDiff]:
        """Return the files that differ between two commits.

        Raises:
            GitError: git refuses.
        """
        return list(parse_raw(self._run(*_DIFF, "--end-of-options", base, commit, "--")))

    def list_index(self) -> dict[str, tuple[str, bool]]:
        """Return what is in the index by its path: the object's name, and whether it is a regular file.

        Raises:
            GitError: git refuses.
        """
        listed = parse_listing(self._run("ls-files", "--stage", "-z"))
        return {path: (blob, is_file) for path, blob, is_file in listed}

    def list_commit(self, commit: str) -> dict[str, tuple[str, bool]]:
        """Return what is in a commit, likewise.

        Raises:
            GitError: git refuses.
        """
        listed = parse_listing(self._run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit))
        return {path: (blob, is_file) for path, blob, is_file in listed}

    def merge_base(self, one: str, other: str) -> str:
        """Return the best common ancestor of two commits.

        Raises:
            GitError: a commit is not known here, or they have no common ancestor here.
        """
        for name in (one, other):
            try:
                self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            except SilenceError:
                raise
            except GitError as error:
                hint = "; in a shallow clone fetch it first, such as `git fetch --unshallow origin`"
                if name == "HEAD":
                    hint = ": there is no commit yet"
                raise GitError(f"git knows no commit {name!r}{hint}") from error
        try:
            return os.fsdecode(self._run("merge-base", "--end-of-options", one, other)).strip()
        except NothingFoundError as error:
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
            return os.fsdecode(self._run("merge-base", "--all", "--end-of-options", commit, *heads)).split()
        except NothingFoundError:
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
        found = self._run("rev-parse", "--git-path", "hooks", options=())
        return self.top / os.fsdecode(found).rstrip("\n")

    def read_file(self, commit: str, path: str) -> bytes | None:
        """Return the content of a file in a commit, or ``None`` where it has none of that path."""
        try:
            return self._run("cat-file", "blob", "--end-of-options", f"{commit}:{path}")
        except SilenceError:
            raise
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

    def _find_places(self) -> list[str]:
        """Return whether the repository is bare, its own folder and the worktree's, if it has one.

        A bare one has none, for which git ends with an error after it has printed the rest.
        """
        questions = ["--is-bare-repository", "--absolute-git-dir", "--show-toplevel"]
        try:
            found = self._run("rev-parse", *questions)
        except SilenceError:
            raise
        except GitError:
            found = self._run("rev-parse", *questions[:2])
            if not found.startswith(b"true"):
                raise
            questions.pop()
        lines = os.fsdecode(found).removesuffix("\n").split("\n")
        if len(lines) > len(questions):  # there are names with newlines in them
            lines = [os.fsdecode(self._run("rev-parse", one)).removesuffix("\n") for one in questions]
        return lines

    def _find_commits(self, names: Iterable[str]) -> list[str]:
        answers = self._ask_cat_file("--batch-check", [f"{name}^{{commit}}" for name in names])
        lines = (line.split() for line in os.fsdecode(answers).splitlines())
        return list(dict.fromkeys(line[0] for line in lines if line[1:2] == ["commit"]))

    def _ask_cat_file(self, mode: str, names: Iterable[str]) -> bytes:
        asked = "".join(f"{name}\n" for name in names).encode()
        answer = self._converse(["cat-file", mode], asked=asked)
        # Where a content is damaged or missing git may stop in the middle; what it gave until then is good.
        if answer.code and mode != "--batch":
            raise GitError(answer.said)
        return answer.output

    def _filters_off(self) -> dict[str, str]:
        """Return an environment in which no filter of the settings is run."""
        try:
            keys = os.fsdecode(self._run("config", "--null", "--name-only", "--get-regexp", r"^filter\."))
        except NothingFoundError:
            return {}
        filters = dict.fromkeys(key.rpartition(".")[0] for key in keys.split("\0") if key)
        values = {"clean": "", "process": "", "required": "false"}
        pairs = [(f"{name}.{key}", value) for name in filters for key, value in values.items()]
        first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        environment = {"GIT_CONFIG_COUNT": str(first + len(pairs))}
        for number, (key, value) in enumerate(pairs, first):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return environment

    def _run(
        self, *arguments: str, options: Sequence[str] = NO_PROGRAMS, env: Mapping[str, str] | None = None
    ) -> bytes:
        answer = self._converse(arguments, options, env)
        if not answer.code:
            return answer.output
        if answer.code == _NOTHING and not answer.said:
            raise NothingFoundError(f"git {arguments[0]} found nothing")
        hints = (hint for mark, hint in _HINTS.items() if mark in answer.said)
        raise GitError(answer.said + "".join(hints))

    def _converse(
        self,
        arguments: Sequence[str],
        options: Sequence[str] = NO_PROGRAMS,
        env: Mapping[str, str] | None = None,
        asked: bytes | None = None,
    ) -> _Answer:
        with trusted_first():
            from git.exc import GitCommandNotFound

        source = None if asked is None else subprocess.PIPE
        command = ["git", *options, *arguments]
        try:
            process = self._git.execute(command, istream=source, env=env, as_process=True)
        except GitCommandNotFound as error:
            raise GitError(str(error).strip()) from error
        try:
            output, said = process.communicate(asked, timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            process.kill()
            with suppress(subprocess.TimeoutExpired):  # where git is a script, what it runs has our pipes
                process.communicate(timeout=1)
            raise SilenceError(arguments) from error
        # Outside of a repository git diff says in sixty lines how it is used.
        message = format_said(said.partition(b"\nusage: ")[0])
        return _Answer(process.returncode, bytes(output), message)


def _open_git(folder: Path) -> Git:
    try:
        with trusted_first():
            from git import Git
    except ImportError as error:  # GitPython looks for git when it is imported
        reason = str(error).strip().splitlines()[0]
        raise GitError(f"{reason} Install git, or put it on the PATH.") from error
    git = Git(folder)
    git.update_environment(**ENVIRONMENT)
    return git
