"""Memos of trees: what a whole run over the files of a commit finds, so that the next asks git what differs.

A memo describes a commit's tree, never a working tree: what is changed or untracked is judged in every run.
Files whose content in the tree nobody has judged, such as those that were changed at the time, are its holes.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from contextlib import closing, suppress
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from pytest_antipasta.engine.check import LimitJudge
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.outcome import Judge
from pytest_antipasta.engine.rules import Rules, encode_orders
from pytest_antipasta.engine.sources import Task
from pytest_antipasta.engine.storage.stat_index import Entry
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.files import (
    FoundFile,
    OtherRepositories,
    SourcePaths,
    find_own_folders,
    find_regular,
    is_racy,
    select_files,
)
from pytest_antipasta.git import Difference, GitError, TreeQuestions, TreeState, has_large_index
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import LASTING_ERRORS, Signature, Verdict
from pytest_antipasta.runtime import read_regular
from pytest_antipasta.settings import SETTINGS_NAMES, Settings, iter_nested_notes
from pytest_antipasta.store import DAY, UNDECODABLE

# Below that the walk is as quick as git.
SMALLEST_INDEX = 1 << 18
# No memo is made with more of them, as right after a clone, when no status of a file can be trusted.
MOST_HOLES = 1000
# Files that differ from the memo's tree, or are its holes, before there is a new one of the commit.
MOST_DIFFERENCES = 100
# Files that a memo is checked against in each run that uses it.
_SAMPLE = 300
# What all paths begin with.
_Beginnings: TypeAlias = tuple[str, ...]
_ALL: _Beginnings = ("",)
# What decides about git's answers.
_ATTRIBUTES = ".gitattributes"


class Memo(msgspec.Struct, array_like=True, frozen=True):
    """What is known of a tree.

    Attributes:
        tree: git's name of it.
        made: when all of its files were looked at, in seconds since the epoch.
        attributes: stands for git's attribute files outside of the tree.
        files: how many of its source files were judged; negative where git can't say what differs from it.
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
        total: how many source files the root has.
    """

    files: list[FoundFile]
    verdicts: dict[str, Verdict]
    unlisted: int
    total: int


class _Base(NamedTuple):
    """What a memo begins with: source files to take in, and what is known of all others of the commit."""

    listed: Sequence[str]
    made: float
    files: int
    verdicts: Sequence[Verdict]


_get_said = attrgetter("failed", "violations", "warnings", "unjudged", "suppressions")
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
        self._others = OtherRepositories(self._root)
        self._paths = SourcePaths(rules.settings, Path(os.path.realpath(self._root)))
        self._recorded = {entry.path for entry in rules.recorded or ()}
        self._key = storage.make_key(b"memo", encode_orders(rules, None))
        self._memo: Memo | None = None
        self._known: KnownTree | None = None
        self._inside = _ALL
        self._is_due = True

    def recall(self, asked_for: Sequence[str] | None = None, *, is_for_all: bool = True) -> KnownTree | None:
        """Return what the memo says of the working tree; ``None`` where all of it has to be looked at.

        Args:
            asked_for: absolute locations of folders to narrow that to; ``None`` for all.
            is_for_all: whether the run is over all files of these, else no memo is made.
        """
        try:
            memo = self._read()
            if memo is None:
                return None
            if memo.files < 0:
                self._is_due = self._questions.read_head() != memo.tree
                return None
            inside = _ALL if asked_for is None else find_own_folders(self._root, asked_for)
            self._known = self._compare(memo, inside)
            self._is_due &= is_for_all and inside is _ALL
        except GitError:  # the tree was pruned, or git is not installed
            return None
        return self._known

    def _compare(self, memo: Memo, inside: _Beginnings | None) -> KnownTree | None:
        """Return what a memo says of the working tree, or of folders in it."""
        state = inside and self._questions.compare(memo.tree)
        if not inside or not state or self._is_special(state):
            return None
        known = self._apply(memo, state)
        if known is None or inside is _ALL:
            return known
        listed = {*self._questions.list_below(memo.tree, inside)} - {*memo.holes}
        files = sum(self._paths.find(path) is not None for path in listed)
        self._inside = inside
        narrowed = self._apply(_narrow_memo(memo, inside, files), _narrow_state(state, inside))
        return narrowed and narrowed._replace(total=known.total)

    def _apply(self, memo: Memo, state: TreeState) -> KnownTree | None:
        """Return what a memo says of a working tree that differs from its tree."""
        changed, holes = {one.path for one in state.differences}, {*memo.holes}
        verdicts = {one.path: one for one in memo.verdicts if one.path not in changed}
        unchanged = memo.files - self._count_sources(state.differences, holes) - len(verdicts)
        again = {one.path for one in verdicts.values() if self._depends(one)}
        try:  # a walk says what is wrong with a folder, in which git takes all files for deleted
            found = {path: self._find(path) for path in (*changed, *state.untracked, *holes, *again)}
        except OSError:
            return None
        self._memo = memo
        self._is_due = state.head != memo.tree and len(changed) > MOST_DIFFERENCES
        self._is_due |= sum(map(self._is_fillable, map(found.get, holes - changed))) > MOST_DIFFERENCES
        # A file that git has deleted can stand there and be ignored.
        gone = _list_gone(state.differences) - {*state.untracked}
        files = sorted(filter(None, map(found.get, found.keys() - gone)))
        kept = {path: verdicts[path] for path in verdicts.keys() - again}
        return KnownTree(files, kept, unchanged, len(files) + len(kept) + unchanged)

    def check(self, judge: Judge) -> None:
        """Drop the memo if it is wrong about one of some files, picked at random, and warn.

        Args:
            judge: judges a file.
        """
        if self._memo is None or self._known is None:
            return
        passes = LimitJudge(self._rules).passes
        open_paths = {file.path for file in self._known.files}
        for path, entry in self._storage.sample_files(_SAMPLE):
            if not path.startswith(self._inside) or path in open_paths:
                continue
            if self._is_right(path, entry, judge, passes, self._known.verdicts):
                continue
            if self._questions.is_unchanged(self._memo.tree, path):
                self._storage.drop_memo(self._key)
                self._is_due = False
                name = make_printable(path)
                self._storage.diagnostics.warn(
                    f"the stored result of this commit was wrong about {name} and has been deleted; run again"
                )
                return

    def _is_right(
        self,
        path: str,
        entry: Entry,
        judge: Judge,
        passes: Callable[[str, bytes], bool],
        verdicts: Mapping[str, Verdict],
    ) -> bool:
        """Whether a file is what the memo says of it; ``entry`` is what the index of file status has."""
        signature, digest, worst = entry
        file: FoundFile | None = None
        with suppress(OSError):
            file = self._find(path)
        if file is None:
            return True
        is_same, known = file.signature == signature, verdicts.get(path)
        if is_same and worst and passes(path, worst):
            return known is None or path in self._recorded
        task = Task(path, file.location, digest if is_same else None, place=file.place)
        return self._is_same(judge(task).verdict, known)

    def _is_same(self, verdict: Verdict, known: Verdict | None) -> bool:
        """Whether a file was judged as the memo has it, which has nothing of a file without a word."""
        if known is None:
            return not self._says_something(verdict)
        return _get_said(known) == _get_said(verdict)

    def find_wrong(self, judge: Judge) -> tuple[bytes, str] | None:
        """Return the memo's key and a path that it is wrong about, ``.`` for how many there are.

        All files are looked at. ``None`` where the memo is right, and where there is none to use.
        """
        if (known := self.recall()) is None:
            return None
        found, judged = select_files(self._rules.settings).files, {file.path for file in known.files}
        for file in found:
            task = Task(file.path, file.location, place=file.place)
            if file.path not in judged and not self._is_same(
                judge(task).verdict, known.verdicts.get(file.path)
            ):
                return self._key, file.path
        is_right = len(found) == known.total and known.verdicts.keys() <= {file.path for file in found}
        return None if is_right else (self._key, ".")

    def keep(self, files: Sequence[FoundFile], verdicts: Mapping[str, Verdict], began: float) -> None:
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

    def _make(self, files: Sequence[FoundFile], verdicts: Mapping[str, Verdict], began: float) -> Memo | None:
        """Return a memo; one of -1 files where there can be none for as long as this commit lasts."""
        head = self._questions.read_head()
        state = self._questions.compare(head)
        none = Memo(head, began, self._attributes, -1, (), ())
        if state is None:
            return none
        if state.head != head or self._is_special(state):
            return None
        found = {file.path: file for file in files}
        base = self._list_all(head, state, found, verdicts.keys(), began)
        if base is None:
            return none
        changed = _list_paths(state)

        def is_settled(path: str) -> bool:
            verdict = None if path in changed else verdicts.get(path)
            return verdict is not None and self._is_settled(found.get(path), verdict, began)

        left, said = self._divide(base.listed, verdicts, is_settled)
        count = base.files + len(base.listed) - len(left)
        memo = Memo(head, base.made, self._attributes, count, tuple(left), (*base.verdicts, *said))
        return memo if len(left) <= MOST_HOLES else None

    def _divide(
        self, listed: Iterable[str], verdicts: Mapping[str, Verdict], is_settled: Callable[[str], bool]
    ) -> tuple[list[str], list[Verdict]]:
        """Return the files that are not settled, and what there is to say of the others."""
        left, said = list[str](), list[Verdict]()
        for path in listed:
            if not is_settled(path):
                left.append(path)
            elif self._says_something(verdicts[path]):
                said.append(_shorten(verdicts[path]))
        return left, said

    def _list_all(
        self, head: str, state: TreeState, found: Mapping[str, FoundFile], judged: Set[str], began: float
    ) -> _Base | None:
        """Return the source files of a commit to take in, and what is known of others of them."""
        if (old := self._memo) is not None:
            changed = {one.path: one for one in self._questions.compare_trees(old.tree, head)}
            holes = {*old.holes}
            listed = filter(self._paths.find, changed.keys() - _list_gone(changed.values()))
            count = old.files - self._count_sources(changed.values(), holes)
            kept = [one for one in old.verdicts if one.path not in changed]
            return _Base([*listed, *(holes - changed.keys())], old.made, count, kept)
        sources = self._list_sources(head, found)
        if sources is None or not self._questions.are_plain:
            return None
        known = {*sources, *state.untracked} | _list_paths(state)
        # Else the walk has found what git does not know.
        return _Base(sources, began, 0, []) if all(path in known for path in judged) else None

    def _list_sources(self, tree: str, found: Mapping[str, FoundFile]) -> list[str] | None:
        """Return the source files of a tree; ``None`` where git may give one other content."""
        settings = self._rules.settings
        if any(iter_nested_notes(settings, (file.location for file in found.values()))):
            return None
        if (answer := self._questions.list_files(tree)) is None:
            return None
        files, converted = answer
        if any(map(self._paths.find, converted)):
            return None
        # What a walk has found needs no second look, and has its path already.
        listed = [
            found[path].path if path in found else path
            for path in files
            if path in found or self._paths.find(path) is not None
        ]
        # What is not UTF-8 has another name in reports.
        return None if any(map(_is_odd, listed)) else listed

    def _count_sources(self, differences: Iterable[Difference], holes: Container[str]) -> int:
        """Return how many of the files that differ from a tree are judged source files there."""
        return sum(
            one.was_file and one.path not in holes and self._paths.find(one.path) is not None
            for one in differences
        )

    def _is_special(self, state: TreeState) -> bool:
        """Whether something differs that decides about other files."""
        if any(map(_decides, (*(one.path for one in state.differences), *state.untracked))):
            return True
        folders = {os.path.dirname(path) for path in state.untracked} - {""}
        above = {"/".join(parts[: end + 1]) for parts in map(_split, folders) for end in range(len(parts))}
        return any(os.path.lexists(self._root / folder / ".git") for folder in above)

    @cached_property
    def _questions(self) -> TreeQuestions:
        return TreeQuestions(self._root)

    def _read(self) -> Memo | None:
        """Return the memo; ``None`` once a day, so that the use of all records is noted in the store.

        Raises:
            GitError: git does not say where attributes are.
        """
        value = self._storage.find_memo(self._key)
        if value is None:
            return None
        try:
            memo = _decode(value)
        except UNDECODABLE:
            self._storage.diagnostics.warn(
                "the stored result of this commit is corrupt; all files were checked"
            )
            return None
        is_young = 0 <= time.time() - memo.made < DAY
        return memo if is_young and (memo.files < 0 or memo.attributes == self._attributes) else None

    def _find(self, path: str) -> FoundFile | None:
        if self._paths.find(path) is None or self._others.is_in_environment(path):
            return None
        return find_regular(self._root, path)

    def _depends(self, verdict: Verdict) -> bool:
        """Whether what is recorded decides about a file, which depends on other files."""
        is_over = bool(verdict.violations or verdict.tolerated)
        return bool(self._recorded) and (is_over or verdict.path in self._recorded)

    def _says_something(self, verdict: Verdict) -> bool:
        return bool(
            verdict.failed
            or verdict.over_limits
            or verdict.suppressions
            or verdict.unjudged
            or verdict.errors
            or verdict.measurement.foreign is not None
            or verdict.path in self._recorded
        )

    def _is_settled(self, file: FoundFile | None, verdict: Verdict, began: float) -> bool:
        """Whether a file has the content that was judged, and that decides alone."""
        if file is None or file.signature is None or not self._is_fillable(file):
            return False
        if any(error.kind not in LASTING_ERRORS for error in verdict.errors):
            return False
        now: Signature | None = None
        with suppress(OSError):
            there = find_regular(self._root, file.path)
            now = there and there.signature
        return now == file.signature and not is_racy(file.signature, int(began * 1e9))

    def _is_fillable(self, file: FoundFile | None) -> bool:
        """Whether a memo can have a file: other line endings must not take it over the limit of its size."""
        most = self._rules.settings.max_file_bytes
        return file is not None and file.signature is not None and 2 * file.signature[0] <= most

    @cached_property
    def _attributes(self) -> bytes:
        """Stands for git's attribute files outside of the tree."""
        digest = hashlib.sha256()
        for path in self._questions.find_attribute_files():
            data = b""
            with suppress(OSError):
                data = read_regular(path)
            digest.update(b"%d\0" % len(data) + data)
        return digest.digest()


def _list_paths(state: TreeState) -> set[str]:
    return {one.path for one in state.differences}


def _list_gone(differences: Iterable[Difference]) -> set[str]:
    return {one.path for one in differences if not one.is_there}


def _decides(path: str) -> bool:
    """Whether a file decides about others, or has a name that reports have otherwise."""
    folder, name = os.path.split(path)
    return name == _ATTRIBUTES or (bool(folder) and name in SETTINGS_NAMES) or _is_odd(path)


def _is_odd(path: str) -> bool:
    return not path.isprintable()


def _split(folder: str) -> list[str]:
    return folder.split("/")


def _narrow_memo(memo: Memo, inside: _Beginnings, files: int) -> Memo:
    """Return what a memo has of folders, in which it has judged so many files."""
    return replace(
        memo,
        files=files,
        holes=tuple(path for path in memo.holes if path.startswith(inside)),
        verdicts=tuple(one for one in memo.verdicts if one.path.startswith(inside)),
    )


def _narrow_state(state: TreeState, inside: _Beginnings) -> TreeState:
    differences = [one for one in state.differences if one.path.startswith(inside)]
    return TreeState(state.head, differences, [path for path in state.untracked if path.startswith(inside)])


def _shorten(verdict: Verdict) -> Verdict:
    verdict = replace(verdict, from_store=True, is_coalesced=False)
    # Messages about a notebook name cells, which are blocks.
    return (
        verdict if verdict.is_brief or verdict.errors or verdict.measurement.has_cells else verdict.shorten()
    )


def may_have_memo(settings: Settings) -> bool:
    """Whether git's answer may be that of a walk, and sooner."""
    is_plain = not (settings.nested or settings.projects or settings.languages) and settings.use_gitignore
    is_top = settings.paths == (".",) and os.path.lexists(settings.root / ".git")
    return is_plain and is_top and has_large_index(settings.root, SMALLEST_INDEX)


def find_wrong_memo(rules: Rules, cache_dir: Path) -> tuple[bytes, str] | None:
    """Return what :meth:`TreeMemory.find_wrong` does of the memo of a root, in the store of a folder."""
    if not may_have_memo(rules.settings):
        return None
    with closing(open_measurer(rules.settings, cache_dir)) as measurer:
        return TreeMemory(rules, measurer.storage).find_wrong(FileJudge(rules, measurer).run)
