"""Memos of trees: what a whole run over the files of a commit finds, so that the next asks git what differs.

A memo describes a commit's tree, never a working tree: what is changed or untracked is judged in every run.
Files whose content in the tree nobody has judged, such as those that were changed at the time, are its holes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec

from pytest_antipasta.engine.check import LimitJudge
from pytest_antipasta.engine.outcome import Judge
from pytest_antipasta.engine.rules import Rules, encode_orders
from pytest_antipasta.engine.sources import Task
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.files import FoundFile, SourcePaths, find_regular, is_in_environment, is_racy
from pytest_antipasta.git import GitError, TreeQuestions, has_large_index
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import LASTING_ERRORS, Signature, Verdict
from pytest_antipasta.settings import SETTINGS_NAMES, Settings
from pytest_antipasta.store import DAY, UNDECODABLE

# Below that the walk is as quick as git.
SMALLEST_INDEX = 1 << 18
# Of a hundred files. With more there is no memo yet, as right after a checkout: a young status says little.
MOST_HOLES = 5
# Files that differ from the memo's tree before there is a new one of the commit that is checked out.
MOST_DIFFERENCES = 100
# Files that a memo is checked against in each run that uses it.
_SAMPLE = 300
# What decides which files are source files, and git's answers, without being one.
_SPECIAL = (".gitattributes", "pyvenv.cfg")


class Memo(msgspec.Struct, array_like=True, frozen=True):
    """What is known of a tree.

    Attributes:
        tree: git's name of it.
        made: when all of its files were looked at, in seconds since the epoch.
        attributes: stands for git's attribute files outside of the tree.
        files: how many of its source files were judged.
        holes: the paths of its other source files.
        verdicts: brief ones, on those files of which there is something to say.
    """

    tree: str
    made: float
    attributes: bytes
    files: int
    holes: tuple[str, ...]
    verdicts: tuple[Verdict, ...]


class KnownTree(NamedTuple):
    """What a memo says of a working tree.

    Attributes:
        files: those that are to be judged.
        verdicts: on others of which there is something to say, by path.
        unlisted: how many other files pass without a word.
    """

    files: list[FoundFile]
    verdicts: dict[str, Verdict]
    unlisted: int


_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Memo).decode


class TreeMemory:
    """The memo of a root: found, brought up to date, and made."""

    def __init__(self, rules: Rules, storage: Storage) -> None:
        """Ask nothing yet.

        Args:
            rules: of the root.
            storage: has the memo.
        """
        self._rules = rules
        self._root = rules.settings.root
        self._storage = storage
        self._paths = SourcePaths(rules.settings, Path(os.path.realpath(self._root)))
        self._recorded = {entry.path for entry in rules.recorded or ()}
        self._key = storage.make_key(b"memo", encode_orders(rules, None))
        self._memo: Memo | None = None
        self._is_due = True

    def recall(self) -> KnownTree | None:
        """Return what the memo says of the working tree; ``None`` where all of it has to be looked at."""
        memo = self._read()
        if memo is None:
            return None
        try:
            is_same = memo.attributes == self._digest_attributes()
            state = self._questions.compare(memo.tree) if is_same else None
        except GitError:  # the tree is gone, or there is no git
            return None
        if state is None:
            return None
        changed = {one.path: one for one in state.differences}
        if any(map(_is_special, (*changed, *state.untracked))):
            return None
        self._memo = memo
        holes = set(memo.holes)
        verdicts = {one.path: one for one in memo.verdicts if one.path not in changed}
        stays = len(verdicts)
        if self._recorded:  # whether a recorded number is tolerated depends on other files
            verdicts = {path: one for path, one in verdicts.items() if not self._depends(one)}
        there = {path for path, one in changed.items() if one.is_there} | {*state.untracked}
        again = {one.path for one in memo.verdicts} - verdicts.keys() - changed.keys()
        judged = there | (holes - changed.keys()) | again
        try:
            files = [file for path in judged if (file := self._find(path)) is not None]
        except OSError:  # a walk says what is wrong
            return None
        gone = sum(
            one.was_file and path not in holes and self._paths.find(path) is not None
            for path, one in changed.items()
        )
        is_far = state.head != memo.tree and len(changed) > MOST_DIFFERENCES
        self._is_due = is_far or bool(holes - changed.keys())
        return KnownTree(sorted(files), verdicts, memo.files - gone - stays)

    def check(self, judge: Judge, verdicts: Mapping[str, Verdict], tasks: Container[str]) -> None:
        """Drop the memo if it is wrong about one of some files, picked at random, and warn.

        Args:
            judge: judges a file.
            verdicts: what the run says of files, by path.
            tasks: the paths of those that it has judged, of which the memo says nothing.
        """
        if self._memo is None:
            return
        passes = LimitJudge(self._rules).passes
        for path, (signature, digest, worst) in self._storage.sample_files(_SAMPLE):
            if path in tasks or (file := self._find(path)) is None:
                continue
            is_same = file.signature == signature
            if is_same and worst and passes(path, worst):
                is_right = path not in verdicts or path in self._recorded
            else:
                place = file.place
                verdict = judge(Task(path, file.location, digest if is_same else None, place=place)).verdict
                known = verdicts.get(path)
                is_right = not self._says_something(verdict) if known is None else _agree(known, verdict)
            if not is_right:
                self._storage.drop_memo(self._key)
                name = make_printable(path)
                self._storage.diagnostics.warn(
                    f"the memo of this commit was wrong about {name} and has been dropped; run again"
                )
                self._is_due = False
                return

    def keep(self, files: Sequence[FoundFile], verdicts: dict[str, Verdict], began: float) -> None:
        """Make a memo of the commit that is checked out, where there is none or it is far from that.

        Args:
            files: that were judged, as they were found.
            verdicts: on them, by path.
            began: when the run began, in seconds since the epoch.
        """
        if not self._is_due:
            return
        with suppress(GitError):
            if (memo := self._make(files, verdicts, began)) is not None:
                self._storage.put_memo(self._key, _encode(memo))

    def _make(self, files: Sequence[FoundFile], verdicts: dict[str, Verdict], began: float) -> Memo | None:
        attributes = self._digest_attributes()
        state = self._questions.compare("HEAD^{tree}")
        if state is None:
            return None
        old = self._memo
        if old is None:
            listed = self._questions.list_files(state.head)
            if listed is None:
                return None
            listed = [path for path in listed if self._paths.find(path) is not None]
            made, count, kept = began, 0, []
        else:
            changed = {one.path: one for one in self._questions.compare_trees(old.tree, state.head)}
            listed = [path for path, one in changed.items() if one.is_there and self._paths.find(path)]
            listed += [path for path in old.holes if path not in changed]
            made, holes = old.made, set(old.holes)
            count = old.files - sum(
                one.was_file and path not in holes and self._paths.find(path) is not None
                for path, one in changed.items()
            )
            kept = [one for one in old.verdicts if one.path not in changed]
        dirty = {one.path for one in state.differences}
        if old is None and not verdicts.keys() <= {*listed, *dirty, *state.untracked}:
            return None  # the walk has found what git does not know
        found = {file.path: file for file in files}
        left: list[str] = []
        for path in listed:
            file, verdict = found.get(path), verdicts.get(path)
            if file is None or verdict is None or path in dirty or not self._is_settled(file, verdict, began):
                left.append(path)
                continue
            count += 1
            if self._says_something(verdict):
                kept.append(verdict if verdict.is_brief or verdict.error else _shorten(verdict))
        if len(left) * 100 > MOST_HOLES * max(100, count):
            return None
        return Memo(state.head, made, attributes, count, tuple(left), tuple(kept))

    @cached_property
    def _questions(self) -> TreeQuestions:
        return TreeQuestions(self._root)

    def _read(self) -> Memo | None:
        """Return the memo; ``None`` once a day, so that the use of all records is noted in the store."""
        value = self._storage.find_memo(self._key)
        if not value:
            return None
        try:
            memo = _decode(value)
        except UNDECODABLE:
            self._storage.diagnostics.warn("the memo of this commit is corrupt; all files were checked")
            return None
        return memo if 0 <= time.time() - memo.made < DAY else None

    def _find(self, path: str) -> FoundFile | None:
        if self._paths.find(path) is None or is_in_environment(self._root, path):
            return None
        return find_regular(self._root, path)

    def _depends(self, verdict: Verdict) -> bool:
        return bool(verdict.violations or verdict.tolerated) or verdict.path in self._recorded

    def _says_something(self, verdict: Verdict) -> bool:
        return bool(
            verdict.failed
            or verdict.violations
            or verdict.tolerated
            or verdict.suppressions
            or verdict.unjudged
            or verdict.errors
            or verdict.measurement.foreign is not None
            or verdict.path in self._recorded
        )

    def _is_settled(self, file: FoundFile, verdict: Verdict, began: float) -> bool:
        """Whether a file has the content that was judged, and that decides alone."""
        if verdict.error is not None and verdict.error.kind not in LASTING_ERRORS:
            return False
        signature = file.signature
        if signature is None or is_racy(signature, int(began * 1e9)):
            return False
        # A line ending more or less a line, as git checks it out, must not matter.
        if 2 * signature[0] > self._rules.settings.max_file_bytes:
            return False
        now: Signature | None = None
        with suppress(OSError):
            there = find_regular(self._root, file.path)
            now = there and there.signature
        return now == signature

    def _digest_attributes(self) -> bytes:
        digest = hashlib.sha256()
        for path in self._questions.find_attribute_files():
            data = b""
            with suppress(OSError):
                data = path.read_bytes()
            digest.update(b"%d\0" % len(data) + data)
        return digest.digest()


def _shorten(verdict: Verdict) -> Verdict:
    # Messages about a notebook name cells, which are blocks.
    return verdict if verdict.measurement.has_cells else verdict.shorten({None})


def _agree(known: Verdict, verdict: Verdict) -> bool:
    return known.failed == verdict.failed and known.violations == verdict.violations


def _is_special(path: str) -> bool:
    folder, name = os.path.split(path)
    return name in _SPECIAL or (bool(folder) and name in SETTINGS_NAMES)


def may_have_memo(settings: Settings) -> bool:
    """Whether git's answer may be that of a walk, and sooner."""
    is_plain = not (settings.nested or settings.projects or settings.languages) and settings.use_gitignore
    if not is_plain or not has_large_index(settings.root, SMALLEST_INDEX):
        return False
    return not any(_leads_out(settings.root, path) for path in settings.paths)


def _leads_out(root: Path, path: str) -> bool:
    """Whether a path of the settings is no folder of the repository that the root is in."""
    location = Path(os.path.normpath(root / path))
    if not location.is_dir() or location.is_symlink() or not location.is_relative_to(root):
        return True
    between = (location, *location.parents)[: len(location.relative_to(root).parts)]
    return any(os.path.lexists(folder / ".git") for folder in between)
