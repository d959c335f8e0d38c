"""What a working tree has otherwise than a commit's tree, asked of git in several processes at once.

Nothing is run that a repository's settings name: no file monitor, no hook, and no filter, whose programs are
set to nothing. Git's index is read as it is, without its cache of untracked files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.git.process import (
    NO_PROGRAMS,
    GitProcess,
    foreign_environment,
    switch_programs_off,
)
from pytest_antipasta.git.program import find_repository

# The inode, the time of change and the device count, as they do for our own index of file status.
_EXACT = (
    "-c", "core.trustctime=true", "-c", "core.checkStat=default", "-c", "core.untrackedCache=false",
    "-c", "core.ignoreStat=false",
)  # fmt: skip
# An entry of the index with any other tag than H: skip-worktree, assume-unchanged or unmerged.
_FLAGGED = re.compile(rb"(?:\A|\0)(?!H |\Z)")
# Entries of a tree: a mode, a kind, a name, and a path.
_FILE_IN_TREE = re.compile(rb"(?:\A|\0)100\d{3} blob [^\t]+\t([^\0]+)")
_MODULE_IN_TREE = re.compile(rb"(?:\A|\0)160000 ")
# Of a folder that may have untracked files.
_UNREAD = b"could not open directory"
_SUBMODULE = "160000"
_ATTRIBUTES = ("filter", "ident", "working-tree-encoding")


class Difference(NamedTuple):
    """A path that a working tree has otherwise than a tree.

    Attributes:
        path: relative to the folder that was asked about.
        was_file: whether the tree has a regular file there.
        is_there: whether the index and the working tree have something there.
    """

    path: str
    was_file: bool
    is_there: bool


class _Answer(NamedTuple):
    """What a process has written, and what it has complained of."""

    output: bytes
    complaints: bytes


class TreeState(NamedTuple):
    """What a working tree has otherwise than a tree.

    Attributes:
        head: the tree of the commit that is checked out.
        differences: of tracked files.
        untracked: other files, which are not ignored.
    """

    head: str
    differences: Sequence[Difference]
    untracked: Sequence[str]


def has_large_index(folder: Path, size: int) -> bool:
    """Whether the repository that a folder is in has an index of at least so many bytes."""
    top = find_repository(folder)
    if top is None:
        return False
    place = top / ".git"
    try:
        if place.is_file():  # of a linked working tree
            place = top / place.read_text().removeprefix("gitdir: ").rstrip("\n")
        return (place / "index").stat().st_size >= size
    except (OSError, ValueError):
        return False


class TreeQuestions:
    """Git's answers about the part of a working tree below a folder."""

    def __init__(self, folder: Path) -> None:
        """Ask nothing yet; whatever is asked raises ``GitError`` where git does not answer."""
        self._folder = folder

    @cached_property
    def settings(self) -> Mapping[str, list[str]]:
        """Git's settings: the values of each, the one that counts last."""
        listed = self._ask_plainly("config", "--list", "-z")
        found: dict[str, list[str]] = {}
        for entry in filter(None, listed.split("\0")):
            name, _, value = entry.partition("\n")
            found.setdefault(name, []).append(value)
        return found

    @property
    def are_plain(self) -> bool:
        """Whether names differ by case, and links are links: else git's answer is not that of a look."""
        ignores_case, has_links = (
            self.settings.get(key, [default])[-1].lower() == "true"
            for key, default in (("core.ignorecase", "false"), ("core.symlinks", "true"))
        )
        return has_links and not ignores_case

    def read_head(self) -> str:
        """Return the tree of the commit that is checked out.

        Raises:
            GitError: there is no commit.
        """
        return self._ask_plainly("rev-parse", "--verify", "HEAD^{tree}").strip()

    def is_unchanged(self, tree: str, path: str) -> bool:
        """Whether a path is tracked, and in the working tree as in a tree."""
        differing, tracked = self._ask_all(
            ("diff-index", "--raw", "-z", tree, "--", f":(literal){path}"),
            ("ls-files", "-z", "--", f":(literal){path}"),
        )
        return bool(tracked.output) and not differing.output

    def compare(self, tree: str) -> TreeState | None:
        """Return what the working tree has otherwise than a tree.

        Returns:
            The difference; ``None`` where git's answer may be another than a look at the files: submodules
            and other repositories inside, unmerged entries, files that git was told not to look at, and
            folders that it can't read.

        Raises:
            GitError: there is no such tree, or no commit.
        """
        head, differing, others, flags = self._ask_all(
            ("rev-parse", "--verify", "HEAD^{tree}"),
            (
                "diff-index", "--raw", "-r", "-z", "--relative", "--no-abbrev", "--ignore-submodules=dirty",
                "--no-renames", tree, "--",
            ),
            ("ls-files", "--others", "--exclude-standard", "-z"),
            ("ls-files", "-v", "-z"),
        )  # fmt: skip
        if _FLAGGED.search(flags.output) or _UNREAD in others.complaints:
            return None
        untracked = _split(others.output)
        if any(path.endswith("/") for path in untracked):
            return None
        differences = list(_parse_raw(differing.output))
        if None in differences:
            return None
        return TreeState(head.output.decode().strip(), [one for one in differences if one], untracked)

    def compare_trees(self, old: str, new: str) -> Sequence[Difference]:
        """Return what one tree has otherwise than another one; what is there is in the second.

        Raises:
            GitError: there is no such tree.
        """
        asked = self._ask(
            "diff-tree", "--raw", "-r", "-z", "--relative", "--no-abbrev", "--no-renames", old, new
        )
        return [one for one in _parse_raw(asked.read()) if one]

    def list_files(self, tree: str) -> tuple[Iterator[str], Iterator[str]] | None:
        """Return the regular files of a tree, and tracked files that git may give other content.

        Attributes do that: for filters, keywords and encodings. ``None`` where there is a submodule.
        """
        unspecified = " ".join(f"!{name}" for name in _ATTRIBUTES)
        listed, converted = self._ask_all(
            ("ls-tree", "-r", "-z", tree),
            ("ls-files", "-z", "--", ":/", f":(exclude,attr:{unspecified})"),
        )
        if _MODULE_IN_TREE.search(listed.output):
            return None
        # One by one, as a large tree has many.
        files = (os.fsdecode(found[1]) for found in _FILE_IN_TREE.finditer(listed.output))
        return files, iter(_split(converted.output))

    def list_below(self, tree: str, folders: Iterable[str]) -> Iterator[str]:
        """Yield the regular files of a tree in folders, which end with a slash.

        Raises:
            GitError: there is no such tree.
        """
        listed = self._ask("ls-tree", "-r", "-z", tree, "--", *filter(None, folders)).read()
        return (os.fsdecode(found[1]) for found in _FILE_IN_TREE.finditer(listed))

    def find_attribute_files(self) -> list[Path]:
        """Return where attributes may stand outside of the tree, whether or not there is such a file."""
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        named = self.settings.get("core.attributesfile", [])
        user = [os.path.expanduser(path) for path in named] or [os.path.join(home, "git", "attributes")]
        own = self._ask_plainly("rev-parse", "--git-path", "info/attributes").rstrip("\n")
        return [self._folder / path for path in (*user, own, "/etc/gitattributes")]

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        return foreign_environment() | switch_programs_off(self.settings)

    def _ask_plainly(self, *arguments: str) -> str:
        """Return the answer to what looks at no file that a filter could be for."""
        return GitProcess(self._folder, arguments, foreign_environment()).read_text()

    def _ask_all(self, *questions: Sequence[str]) -> list[_Answer]:
        """Return the answers to questions asked at the same time; where one fails, end the others."""
        begun: list[GitProcess] = []
        answers: list[_Answer] = []
        try:
            for question in questions:
                begun.append(self._ask(*question))  # noqa: PERF401 - as many as can be started
            for process in begun:
                answers.append(_Answer(process.read(), process.complaints))  # noqa: PERF401 - as above
        except BaseException:
            for process in begun[len(answers) :]:
                process.end()
            raise
        return answers

    def _ask(self, *arguments: str) -> GitProcess:
        return GitProcess(self._folder, arguments, self._environment, options=(*NO_PROGRAMS, *_EXACT))


def _split(answer: bytes) -> list[str]:
    return os.fsdecode(answer).split("\0")[:-1]


def _parse_raw(answer: bytes) -> list[Difference | None]:
    """Return the entries of ``diff-index --raw -z``; ``None`` for one of a submodule, or an unmerged one."""
    parts = _split(answer)
    found: list[Difference | None] = []
    for entry, path in zip(parts[::2], parts[1::2], strict=True):
        old, new, _, _, status = entry.removeprefix(":").split(" ")
        if _SUBMODULE in (old, new) or status[0] == "U":
            found.append(None)
        else:
            was_file = old.startswith("100")
            found.append(Difference(path, was_file, new != "000000"))
    return found
