"""Find how a working tree differs from the tree of a commit, by several git processes at once.

No programs from a repository's settings are run: file monitors, hooks and filters are disabled. Git's index
is read without its cache of untracked files. Settings that change an answer are fixed here; where that is not
possible, there is no answer with them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.git.process import (
    NO_PROGRAMS,
    GitError,
    GitProcess,
    clean_environment,
    decode,
    find_closed,
    switch_programs_off,
)
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.runtime.scripts import read_head

# Inode, change time and device count, as in our own index of file status; modes and links as they are.
_EXACT = (
    "-c", "core.trustctime=true", "-c", "core.checkStat=default", "-c", "core.untrackedCache=false",
    "-c", "core.ignoreStat=false", "-c", "core.fileMode=true", "-c", "core.symlinks=true",
)  # fmt: skip
# With these settings, two names may be the same to git. They also decide what git ignores, so that a walk has
# to ask with the user's own values.
_SAME_NAMES = ("core.ignorecase", "core.precomposeunicode")
# As git writes a boolean.
_FALSE = ("false", "no", "off", "0")
# What decides where git reads attributes, besides the content of files.
_ATTRIBUTE_SETTINGS = ("attr.tree", "core.attributesfile")
_ATTRIBUTE_VARIABLES = ("GIT_ATTR_SOURCE", "GIT_ATTR_NOSYSTEM")
# An entry of the index with another tag than H: skip-worktree or assume-unchanged. A pattern that begins with
# a character is much faster than one with a choice, and a large index has megabytes.
_FLAGGED = re.compile(rb"\0(?!H |\Z)")
# Entries of a tree: mode, kind, name and path.
_FILE_IN_TREE = re.compile(rb"(?:\A|\0)100\d{3} blob [^\t]+\t([^\0]+)")
_MODULE_IN_TREE = re.compile(rb"(?:\A|\0)160000 ")
_SUBMODULE = "160000"
_ATTRIBUTES = ("filter", "ident", "working-tree-encoding")


class _Answer(NamedTuple):
    """The output and the errors of a process."""

    output: bytes
    complaints: bytes


class TreeState(NamedTuple):
    """The differences between a working tree and a tree.

    Attributes:
        head: tree of the checked-out commit.
        changed: paths of tracked files that differ.
        gone: those that git has deleted; files there can still exist, and be ignored.
        untracked: untracked files that are not ignored.
    """

    head: str
    changed: Set[str]
    gone: Set[str]
    untracked: Sequence[str]


def has_large_index(folder: Path, size: int) -> bool:
    """Return whether the index of a folder's repository has at least so many bytes."""
    top = find_repository(folder)
    if top is None:
        return False
    place = top / ".git"
    try:
        if place.is_file():  # of a linked working tree
            place = top / decode(read_head(place)).removeprefix("gitdir: ").rstrip("\n")
        return (place / "index").stat().st_size >= size
    except (OSError, ValueError):
        return False


class TreeQuestions:
    """Git's answers about a working tree below a folder."""

    def __init__(self, folder: Path, listed: Iterable[str] = ()) -> None:
        """Ask nothing yet; every question raises ``GitError`` if git fails.

        Args:
            folder: the top of a working tree.
            listed: names of files that are among the untracked files even if git ignores them; but not in a
                folder that it ignores.
        """
        self._folder = folder
        self._options = [f"--exclude=!{name}" for name in listed]

    @cached_property
    def settings(self) -> Mapping[str, list[str]]:
        """Git's settings: the values of each; the last value counts."""
        listed = self._ask_plainly("config", "--list", "-z")
        found: dict[str, list[str]] = {}
        for entry in filter(None, listed.split("\0")):
            name, _, value = entry.partition("\n")
            found.setdefault(name, []).append(value)
        return found

    def read_head(self) -> str:
        """Return the tree of the checked-out commit.

        Raises:
            GitError: there is no commit, or git's settings change the meaning of names.
        """
        self._require_exact_names()
        return self._ask_plainly("rev-parse", "--verify", "HEAD^{tree}").strip()

    def is_unchanged(self, tree: str, path: str) -> bool:
        """Return whether a path is tracked, and equal in the working tree and a tree."""
        differing, tracked = self._ask_all(
            ("diff-index", "--raw", "-z", tree, "--", f":(literal){path}"),
            ("ls-files", "-z", "--", f":(literal){path}"),
        )
        return bool(tracked.output) and not differing.output

    def compare(self, tree: str) -> TreeState | None:
        """Return the differences between the working tree and a tree.

        ``tree`` is an object name.

        Returns:
            The differences; ``None`` if git's answer may be incomplete because of submodules, nested
            repositories, replaced objects, files that git was told to skip, or unreadable folders.

        Raises:
            GitError: the tree or the commit does not exist, the index has unresolved merge conflicts, git's
                settings change the meaning of names, or the folder is not the top of git's working tree.
        """
        self._require_exact_names()
        head, differing, listed = self._ask_all(
            ("rev-parse", "--show-cdup", "HEAD^{tree}", "--glob=refs/replace/*"),
            (
                "diff-index", "--raw", "-r", "-z", "--relative", "--no-abbrev", "--ignore-submodules=dirty",
                "--no-renames", tree, "--",
            ),
            ("ls-files", "-v", "--others", "--exclude-standard", "--cached", *self._options, "-z"),
        )  # fmt: skip
        way_up, _, names = head.output.decode().partition("\n")
        if way_up:
            raise GitError(f"{self._folder} is not the top of git's working tree")
        found, *replaced = names.split()
        untracked, entries = _divide(listed.output)
        if b"\0M " in b"\0" + entries:
            raise GitError("the index has unresolved merge conflicts")
        # A checked-out file has the object name of the one that `git replace` replaced.
        if replaced or _leaves_out(listed, untracked, entries):
            return None
        if (changed := _parse_raw(differing.output)) is None:
            return None
        gone = {path for path, is_there in changed.items() if not is_there}
        return TreeState(found, changed.keys(), gone.difference(untracked), untracked)

    def list_files(self, tree: str) -> tuple[Iterator[str], Iterator[str]] | None:
        """Return the regular files of a tree, and the tracked files that git may convert.

        Attributes for filters, keywords and encodings convert files. ``None`` if there is a submodule.
        """
        unspecified = " ".join(f"!{name}" for name in _ATTRIBUTES)
        listed, converted = self._ask_all(
            ("ls-tree", "-r", "-z", tree),
            ("ls-files", "-z", "--", ":/", f":(exclude,attr:{unspecified})"),
        )
        if _MODULE_IN_TREE.search(listed.output):
            return None
        # One by one, as a large tree has many.
        files = (decode(found[1]) for found in _FILE_IN_TREE.finditer(listed.output))
        return files, iter(_split(converted.output))

    def list_ignored(self) -> list[str]:
        """Return the tracked files that git ignores, such as those in ignored folders."""
        (ignored,) = self._ask_all(("ls-files", "--cached", "--ignored", "--exclude-standard", "-z"))
        return _split(ignored.output)

    @cached_property
    def attributes(self) -> bytes:
        """A digest of git's attribute files outside the tree, existing or not."""
        digest = hashlib.sha256()
        for path in self._find_attribute_files():
            data = b""
            with suppress(OSError):
                data = read_regular(path)
            digest.update(b"%d\0" % len(data) + data)
        chosen = [self.settings.get(name) for name in _ATTRIBUTE_SETTINGS]
        digest.update(repr((chosen, [*map(os.environ.get, _ATTRIBUTE_VARIABLES)])).encode())
        return digest.digest()

    def _find_attribute_files(self) -> list[Path]:
        home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        named = self.settings.get("core.attributesfile", [])
        user = [os.path.expanduser(path) for path in named] or [os.path.join(home, "git", "attributes")]
        own = self._ask_plainly("rev-parse", "--git-path", "info/attributes").rstrip("\n")
        return [self._folder / path for path in (*user, own, "/etc/gitattributes")]

    def _require_exact_names(self) -> None:
        """Check that different names are different files to git."""
        for name in _SAME_NAMES:
            if self.settings.get(name, ["false"])[-1].lower() not in _FALSE:
                raise GitError(f"{name} is set")

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        return clean_environment() | switch_programs_off(self.settings)

    def _ask_plainly(self, *arguments: str) -> str:
        """Return the answer to a question for which git reads no file that a filter could change."""
        return GitProcess(self._folder, arguments).read_text()

    def _ask_all(self, *questions: Sequence[str]) -> list[_Answer]:
        """Return the answers to simultaneous questions; if one fails, end the others."""
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


def _divide(listing: bytes) -> tuple[list[str], bytes]:
    """Return the untracked paths of ``ls-files -v -z``, and the entries of the index, which follow them."""
    untracked: list[str] = []
    start = 0
    while listing.startswith(b"? ", start):
        end = listing.index(b"\0", start)
        untracked.append(decode(listing[start + 2 : end]))
        start = end + 1
    return untracked, listing[start:]


def _leaves_out(listed: _Answer, untracked: Iterable[str], entries: bytes) -> bool:
    """Return whether there are files that git does not list, or that it was told to skip."""
    has_others = any(path.endswith("/") for path in untracked)
    return has_others or bool(find_closed(listed.complaints)) or bool(_FLAGGED.search(b"\0" + entries))


def _split(answer: bytes) -> list[str]:
    return decode(answer).split("\0")[:-1]


def _parse_raw(answer: bytes) -> dict[str, bool] | None:
    """Return the paths in ``diff-index --raw -z``, and which still exist; ``None`` with a submodule."""
    parts = _split(answer)
    found: dict[str, bool] = {}
    for entry, path in zip(parts[::2], parts[1::2], strict=True):
        old, new, *_ = entry.removeprefix(":").split(" ")
        if _SUBMODULE in (old, new):
            return None
        found[path] = new != "000000"
    return found
