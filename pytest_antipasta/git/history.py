"""Commits: parents of the next commit, common ancestors (merge bases), and references."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.git.process import (
    GitError,
    GitRunner,
    NothingFoundError,
    RefusalError,
    UnknownCommitError,
)
from pytest_antipasta.messages import find_nearest
from pytest_antipasta.runtime.fileio import read_regular

# The end of the year 3000, the last date on Windows. A broken commit may have any date, or none.
_LATEST = 32_535_215_999
# A name that ends with the way to an ancestor, such as `main~2` and `HEAD^`.
_ANCESTOR = re.compile(r"[~^]\d*\Z")
# What default branches are usually called.
_DEFAULTS = ("main", "master")
_LOST = ": git has lost it; `git fsck` shows what is missing"
_FIELDS = ("refname", "HEAD", "refname:short", "symref", "symref:short")


class Commit(NamedTuple):
    """A commit of a history.

    Attributes:
        name: id of the commit.
        time: commit time, in seconds since the epoch.
        subject: the first line of its message.
    """

    name: str
    time: int
    subject: str


class History:
    """The commits of one repository.

    Every method raises :class:`GitError` if git fails.
    """

    def __init__(self, runner: GitRunner, git_dir: Path) -> None:
        """Use this runner, for the repository with this git folder."""
        self._runner = runner
        self._git_dir = git_dir

    def commit_parents(self) -> list[str]:
        """Return the commits to compare the next commit with: HEAD, and during a merge the merged heads."""
        try:
            merged = read_regular(self._git_dir / "MERGE_HEAD").decode("ascii").split()
        except OSError:
            # During the pre-merge-commit hook, git merge has not written MERGE_HEAD yet, and names the heads
            # in variables.
            mark = "GITHEAD_"
            merged = [name.removeprefix(mark) for name in os.environ if name.startswith(mark)]
        return ["HEAD", *merged]

    def head(self) -> str:
        """Return the id of the checked-out commit."""
        return self._runner.run_for_text("rev-parse", "--verify", "HEAD").strip()

    def common_ancestors(self, first: str, second: str) -> list[str]:
        """Return the best common ancestors of two commits: several if each was merged into the other."""
        try:
            found = self._runner.run_for_text("merge-base", "--all", "--end-of-options", first, second)
        except NothingFoundError as error:
            why = self._advise_history() if self._is_shallow() else ": their histories are unrelated"
            raise GitError(f"{first} and {second} have no common ancestor{why}") from error
        except RefusalError:
            for name in (first, second):
                self.resolve(name)
            raise
        return found.split()

    def merge_bases(self, commit: str, known: Iterable[str]) -> list[str] | None:
        """Return the best common ancestors of a commit with any of some others, as far as they exist here.

        Returns:
            ``None`` if one of the others has the commit.

        Raises:
            GitError: git fails, or a shallow clone may lack the common ancestors.
        """
        heads = self._find_commits(known)
        if not heads:
            return []
        # There may be more heads than a command can have arguments. The commits that only this one has end
        # where histories meet; the best of these are those that no other leads to.
        asked = "".join(f"^{head}\n" for head in heads).encode()
        listed = self._runner.run_for_text(
            "rev-list", "--boundary", "--stdin", "--end-of-options", commit, asked=asked
        ).split()
        if not listed:
            return None
        ends = [name.removeprefix("-") for name in listed if name.startswith("-")]
        if not ends:
            self._require_whole(commit)
        if len(ends) < 2:
            return ends
        return self._runner.run_for_text("merge-base", "--independent", "--end-of-options", *ends).split()

    def _require_whole(self, commit: str) -> None:
        """Raise an error if the history of a commit is cut off, as in a shallow clone."""
        if self._is_shallow():
            roots = self._runner.run_for_text(
                "rev-list", "--max-parents=0", "--end-of-options", commit, "--"
            ).split()
            if any(map(self.is_cut_off, roots)):
                raise GitError(
                    f"no commit of a remote is an ancestor of {commit[:12]}{self._advise_history()}"
                )

    def list_first_parents(self, name: str) -> list[Commit]:
        """Return a commit with its first parent, the first parent of that and so on, oldest first."""
        self.resolve(name)
        # With `log.showSignature`, git would run a program.
        listed = self._runner.run(
            *("log", "--first-parent", "--no-patch", "--no-show-signature", "--no-notes", "--encoding=UTF-8"),
            *("-z", "--format=%H %ct %s", "--end-of-options", name, "--"),
        )
        lines = reversed(listed.decode("utf-8", "replace").split("\0"))
        entries = (line.split(" ", 2) for line in lines if line)
        return [Commit(commit, min(int(time or 0), _LATEST), subject) for commit, time, subject in entries]

    def count_since(self, name: str, known: str) -> int:
        """Return how many of these commits another one does not contain."""
        self.resolve(known)
        options = ("--count", "--first-parent", "--end-of-options")
        return int(self._runner.run_for_text("rev-list", *options, name, f"^{known}", "--"))

    def is_cut_off(self, commit: str) -> bool:
        """Return whether a commit has parents that git does not have, as at the end of a shallow clone."""
        content = self._runner.run("cat-file", "commit", commit)
        known = self._runner.run_for_text("rev-list", "--parents", "--max-count=1", commit).split()
        return b"\nparent " in content.partition(b"\n\n")[0] and len(known) == 1

    def parse_time(self, words: str) -> int:
        """Return the date that git makes of a text such as ``3 months ago``, in seconds since the epoch.

        It is not negative: git prints a date before the epoch as a number of 64 bits without a sign.
        """
        time = int(self._runner.run_for_text("rev-parse", f"--since={words}").partition("=")[2])
        return min(time, _LATEST) if time < 2**63 else 0

    def has_commit(self, name: str) -> bool:
        """Return whether an object is a commit, or a tag of one; zeros are not.

        Raises:
            GitError: the object does not exist here.
        """
        if not name.strip("0"):
            return False
        asked = f"{name}\n{name}^{{}}\n".encode()
        plain, peeled = self._runner.run_for_text("cat-file", "--batch-check", asked=asked).splitlines()
        if plain.endswith(" missing"):
            raise GitError(f"object {name} not found in this clone")
        if peeled.endswith(" missing"):
            raise GitError(f"the object that tag {name} points to is missing in this clone")
        return peeled.split(" ")[1] == "commit"

    def find_default_branch(self) -> str | None:
        """Return the default branch of the main remote, or a local one with a usual name.

        Return ``None`` without one, or for a local one that is checked out: its commits can be of any task.
        """
        remote = self._find_main_remote()
        wanted = [f"refs/remotes/{remote}/{name}" for name in ("HEAD", *_DEFAULTS)]
        wanted += [f"refs/heads/{name}" for name in _DEFAULTS]
        fields = "%09".join(f"%({field})" for field in _FIELDS)
        listed = self._runner.run_for_text("for-each-ref", f"--format={fields}", *wanted)
        found = {line.partition("\t")[0]: line.split("\t") for line in listed.splitlines()}
        for name in filter(found.__contains__, wanted):
            _, is_head, short, target, target_short = found[name]
            # A tag can have the same name, so git decides how short a name may be.
            return None if is_head == "*" else target_short if target else short
        return None

    def list_heads(self, *prefixes: str) -> list[str]:
        """Return the objects of references with some prefixes."""
        return self._runner.run_for_text("for-each-ref", "--format=%(objectname)", *prefixes).split()

    def list_remotes(self) -> list[str]:
        """Return the names of the remotes."""
        return self._runner.run_for_text("remote").split()

    def knows(self, name: str) -> bool:
        """Return whether a name is that of a commit."""
        return self._find_commit(name) is not None

    def _find_commit(self, name: str) -> str | None:
        """Return the commit id of a reference or a name."""
        if name.startswith("^"):  # git reads this as a commit to leave out
            return None
        return self._find_object(f"{name}^{{commit}}")

    def _find_object(self, name: str) -> str | None:
        """Return the id of an object, which git need not have."""
        question = ("--verify", "--quiet", "--end-of-options", name)
        try:
            return self._runner.run_for_text("rev-parse", *question).strip()
        except RefusalError:
            return None

    def resolve(self, name: str) -> str:
        """Return the commit id of a reference or a name.

        Raises:
            UnknownCommitError: there is no such commit.
        """
        if (commit := self._find_commit(name)) is None:
            raise UnknownCommitError(f"unknown commit {name!r}{self._find_hint(name)}")
        return commit

    def _find_hint(self, name: str) -> str:
        """Return what to do about a missing commit."""
        if name == "HEAD":
            if self._find_object(name) is None:
                return ": the current branch has no commits yet"
            return _LOST
        if (base := _ANCESTOR.sub("", name)) != name:
            return self._find_hint_of_ancestor(base)
        remote, _, branch = name.partition("/")
        if branch and remote in self.list_remotes():
            return self._find_hint_of_branch(remote, branch)
        if (nearest := self._find_similar(name)) is not None:
            return self._describe_other(name) if nearest == name else f'; did you mean "{nearest}"?'
        if self._is_shallow():
            return f"; this is a shallow clone: {self._advise_fetching_all()}"
        return "; `git branch --all` and `git tag` list the known names"

    def _describe_other(self, name: str) -> str:
        """Return what a branch or tag is whose name is not that of a commit."""
        return _LOST if self._find_object(f"{name}^{{object}}") is None else ": it names something else"

    def _find_hint_of_ancestor(self, name: str) -> str:
        """Return what to do about a missing ancestor of a commit."""
        if not self.knows(name):
            return self._find_hint(name)
        return self._advise_history() if self._is_shallow() else f"; {name} has no such ancestor"

    def _find_similar(self, name: str) -> str | None:
        """Return the branch of a remote with a name, or else the most similar name of a branch or tag."""
        names = self._runner.run_for_text("for-each-ref", "--format=%(refname:short)").split()
        of_remotes = [f"{remote}/{name}" for remote in sorted(self.list_remotes(), key="origin".__ne__)]
        return next(filter(names.__contains__, of_remotes), find_nearest(name, names))

    def _find_main_remote(self) -> str:
        """Return the remote to fetch from: ``origin`` if there is one."""
        return min(self.list_remotes(), key="origin".__ne__, default="origin")

    def _advise_history(self) -> str:
        """Return what to do in a shallow clone about a commit that is older than its others."""
        command = f"git fetch --unshallow {self._find_main_remote()}"
        return f"; this is a shallow clone: fetch more history, such as `{command}`"

    def _advise_fetching_all(self) -> str:
        """Return the command that gets all branches, as a shallow clone usually follows a single one."""
        remote = self._find_main_remote()
        branches = f'"+refs/heads/*:refs/remotes/{remote}/*"'
        return f"`git fetch --unshallow --tags {remote} {branches}` gets all branches and tags"

    def _find_hint_of_branch(self, remote: str, branch: str) -> str:
        """Return what to do about a missing branch of a remote, which a clone may leave out."""
        names = self._runner.run_for_text(
            "for-each-ref", "--format=%(refname:lstrip=3)", f"refs/remotes/{remote}/"
        )
        if (nearest := find_nearest(branch, set(names.split()) - {"HEAD"})) is not None:
            name = f"{remote}/{nearest}"
            return self._describe_other(name) if nearest == branch else f'; did you mean "{name}"?'
        option = "--unshallow " if self._is_shallow() else ""
        command = f"git fetch {option}{remote} {branch}:refs/remotes/{remote}/{branch}"
        return f"; this clone does not have that branch: `{command}` gets it"

    def _is_shallow(self) -> bool:
        return self._runner.run_for_text("rev-parse", "--is-shallow-repository").strip() == "true"

    def _find_commits(self, names: Iterable[str]) -> list[str]:
        asked = "".join(f"{name}^{{commit}}\n" for name in names).encode()
        answers = self._runner.run_for_text("cat-file", "--batch-check", asked=asked)
        lines = (line.split() for line in answers.splitlines())
        return list(dict.fromkeys(line[0] for line in lines if line[1:2] == ["commit"]))
