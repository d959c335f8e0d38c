"""Memos of trees: results for all files of a commit, so that the next run only asks git what differs.

A memo describes a commit's tree, never a working tree: changed and untracked files are judged in every run.
Files whose committed content was never judged are the memo's holes, such as files that were changed at the
time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import closing, suppress
from functools import cached_property
from itertools import filterfalse
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
from pytest_antipasta.engine.storage.stat_index import Entry
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.engine.tree_sources import TreeSources
from pytest_antipasta.files.reading import is_racy
from pytest_antipasta.files.repositories import find_own_folders
from pytest_antipasta.files.selection import Selection, select_files
from pytest_antipasta.files.source import Source
from pytest_antipasta.files.walk import find_regular
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.tree import TreeQuestions, TreeState, has_large_index
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import LASTING_ERRORS, Signature
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings
from pytest_antipasta.store.protocol import DAY, UNDECODABLE

# With fewer files, a walk is as fast as git.
SMALLEST_INDEX = 1 << 18
# No memo is made with more holes, as right after a clone, when no file status can be trusted.
MOST_HOLES = 1000
# Number of files that differ from the memo's tree or are holes before a new memo is made.
MOST_DIFFERENCES = 100
# Number of files that the memo is compared with in each run that uses it.
SAMPLE = 300
# Raised when the fields of a memo change their meaning.
_FORMAT = b"2"
# What the paths of files in a folder start with; all paths start with nothing.
_Prefixes: TypeAlias = tuple[str, ...]
_ALL: _Prefixes = ("",)
# Files that change git's answers.
_ATTRIBUTES = ".gitattributes"


class Memo(msgspec.Struct, array_like=True, frozen=True):
    """The stored results for a tree.

    Attributes:
        tree: object name of the tree in git.
        made: when all files were checked, in seconds since the epoch.
        attributes: digest of git's attribute files outside the tree.
        files: how many source files were judged; negative if git can't list the differences from this tree.
        holes: paths of the other source files.
        verdicts: brief verdicts on files with something to report.
        scripts: paths of the source files that are scripts, and not source files by name.
        notebooks: paths of the notebooks that are not source files, if the settings leave that open.
    """

    tree: str
    made: float
    attributes: bytes
    files: int
    holes: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    scripts: frozenset[str] = frozenset()
    notebooks: tuple[str, ...] = ()


class KnownTree(NamedTuple):
    """The part of a memo that applies to a working tree.

    Attributes:
        files: files that must be judged.
        verdicts: verdicts on other files with something to report, by path.
        unlisted: how many other files pass with nothing to report.
        total: how many source files the root has.
        passing: paths of these other files, if requested.
        notebooks: locations of the notebooks that are not source files.
    """

    files: list[Source]
    verdicts: dict[str, Verdict]
    unlisted: int
    total: int
    passing: Sequence[str] = ()
    notebooks: tuple[str, ...] = ()


class _Base(NamedTuple):
    """What a new memo starts from: source files to add, and stored results for all others of the commit."""

    listed: Sequence[str]
    made: float
    files: int
    verdicts: Sequence[Verdict]
    scripts: frozenset[str] = frozenset()


_get_said = attrgetter("failed", "violations", "warnings", "unjudged", "suppressions")
_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Memo).decode


class TreeMemory:
    """The memo of a root: reads it, updates it and makes new ones."""

    def __init__(self, rules: Rules, storage: Storage) -> None:
        """Read nothing yet.

        Args:
            rules: rules of the root.
            storage: storage that contains the memo.
        """
        self._rules = rules
        self._root = rules.settings.root
        self._storage = storage
        self._sources = TreeSources(rules.settings)
        self._recorded = {entry.path for entry in rules.recorded or ()}
        self._key = storage.make_key(b"memo", _FORMAT + encode_orders(rules, None))
        self._memo: Memo | None = None
        self._known: KnownTree | None = None
        self._inside = _ALL
        self._is_due = True

    def recall(self, asked_for: Sequence[str] | None = None, *, lists_all: bool = False) -> KnownTree | None:
        """Return the results that apply to the working tree; ``None`` if all files must be checked.

        Args:
            asked_for: absolute locations of the folders to check; ``None`` for the whole root.
            lists_all: whether the files that pass are listed too.
        """
        try:
            memo = self._read()
            if memo is None:
                return None
            if memo.files < 0:
                self._is_due = self._questions.read_head() != memo.tree
                return None
            inside = _ALL if asked_for is None else find_own_folders(self._root, asked_for)
            self._known = self._compare(memo, inside, lists_all=lists_all)
            self._is_due &= inside is _ALL
        except GitError:  # git has pruned the tree, or is not installed
            return None
        return self._known

    def _compare(self, memo: Memo, inside: _Prefixes | None, *, lists_all: bool) -> KnownTree | None:
        """Return the results of a memo for the working tree, or for folders in it."""
        state = inside and self._questions.compare(memo.tree, lists_tracked=lists_all)
        if not inside or not state or self._is_special(state):
            return None
        known = self._apply(memo, state)
        if known is not None and inside is not _ALL:
            total = known.total
            memo, state = self._narrow(memo, inside), state.narrow(inside)
            narrowed = self._apply(memo, state)
            known = narrowed and narrowed._replace(total=total)
        return self._list_passing(memo, state, known) if known is not None and lists_all else known

    def _narrow(self, memo: Memo, inside: _Prefixes) -> Memo:
        """Return the memo for folders."""
        self._inside = inside
        listed = {*self._questions.list_below(memo.tree, inside)} - {*memo.holes}
        return replace(
            memo,
            files=sum(self._sources.has(path, memo.scripts) for path in listed),
            holes=tuple(path for path in memo.holes if path.startswith(inside)),
            verdicts=tuple(verdict for verdict in memo.verdicts if verdict.path.startswith(inside)),
            notebooks=tuple(path for path in memo.notebooks if path.startswith(inside)),
        )

    def _list_passing(self, memo: Memo, state: TreeState, known: KnownTree) -> KnownTree | None:
        """Return the results with the files that pass; ``None`` if the memo has another number of them."""
        others = {*state.changed, *memo.holes, *(verdict.path for verdict in memo.verdicts)}
        unchanged = (path for path in state.tracked if path not in others)
        passing = self._sources.select(unchanged, memo.scripts)
        if len(passing) == known.unlisted:
            return known._replace(passing=passing)
        self._memo, self._is_due = None, True
        return None

    def _apply(self, memo: Memo, state: TreeState) -> KnownTree | None:
        """Return the results of a memo for a working tree that differs from the memo's tree."""
        changed, holes = state.changed, {*memo.holes}
        verdicts = {verdict.path: verdict for verdict in memo.verdicts if verdict.path not in changed}
        unchanged = memo.files - self._sources.count(state.differences, holes, memo.scripts) - len(verdicts)
        again = self._find_dependent(verdicts.values())
        try:  # git treats all files of an unreadable folder as deleted; a walk reports the error
            found = {path: self._sources.find(path) for path in (*changed, *state.untracked, *holes, *again)}
            notebooks = self._sources.find_notebooks(memo.notebooks, state)
        except OSError:
            return None
        self._memo = memo
        self._is_due = state.head != memo.tree and len(changed) > MOST_DIFFERENCES
        self._is_due |= sum(map(self._is_fillable, map(found.get, holes - changed))) > MOST_DIFFERENCES
        files = sorted(filter(None, map(found.get, found.keys() - state.gone)))
        kept = {path: verdict for path, verdict in verdicts.items() if path not in again}
        total = len(files) + len(kept) + unchanged
        return KnownTree(files, kept, unchanged, total, notebooks=notebooks)

    def check(self, judge: Judge) -> None:
        """Compare the memo with files picked at random; drop it and warn if it is wrong about one.

        Args:
            judge: judges a file.
        """
        if self._memo is None or self._known is None:
            return
        doubtful = self._find_doubtful(self._known)
        if digests := [source.digest for source in doubtful if source.digest is not None]:
            self._storage.load(digests)
        for source in doubtful:
            path, outcome = source.path, judge(source)
            for warning in outcome.warnings:
                self._storage.diagnostics.warn(*warning)
            if self._is_same(outcome.verdict, self._known.verdicts.get(path)):
                continue
            if self._questions.is_unchanged(self._memo.tree, path):
                self._storage.drop_value(self._key)
                self._is_due = False
                wrong = f"the stored result of this commit was wrong about {make_printable(path)}"
                self._storage.diagnostics.warn(f"{wrong} and has been deleted; run again")
                return

    def _find_doubtful(self, known: KnownTree) -> list[Source]:
        """Return some files to judge anew, without those that the stat index shows to be right."""
        passes = LimitJudge(self._rules).passes
        open_paths = {file.path for file in known.files}
        sample = dict(self._storage.files.sample(SAMPLE))
        scripts = frozenset() if self._memo is None else self._memo.scripts
        sources = (
            self._make_task(path, sample[path], passes, known.verdicts.get(path))
            for path in self._sources.select(sample, scripts)
            if path.startswith(self._inside) and path not in open_paths
        )
        return [*filter(None, sources)]

    def _make_task(
        self, path: str, entry: Entry, passes: Callable[[str, bytes], bool], known: Verdict | None
    ) -> Source | None:
        """Return the source to judge a file anew; ``None`` if the memo is right, or the file is gone.

        Args:
            path: path of a source file.
            entry: its entry in the stat index.
            passes: whether worst values are within all limits.
            known: the memo's verdict, if it has one.
        """
        signature, digest, worst = entry
        file: Source | None = None
        with suppress(OSError):
            file = self._sources.find_known(path)
        if file is None:
            return None
        is_same = file.signature == signature
        if is_same and worst and (known is None or path in self._recorded) and passes(path, worst):
            return None
        return file._replace(digest=digest) if is_same else file

    def _is_same(self, verdict: Verdict, known: Verdict | None) -> bool:
        """Return whether a verdict equals the memo's; files with nothing to report have no entry there."""
        if known is None:
            return not self._says_something(verdict)
        return _get_said(known) == _get_said(verdict)

    def find_wrong(self, judge: Judge) -> tuple[bytes, str] | None:
        """Return the memo's key and a path whose result is wrong, or ``.`` if the number of files is wrong.

        All files are compared. ``None`` means that the memo is right, or that no memo applies.
        """
        if (known := self.recall()) is None:
            return None
        found, judged = select_files(self._rules.settings), {file.path for file in known.files}
        for file in found.files:
            if file.path not in judged and not self._is_same(
                judge(file).verdict, known.verdicts.get(file.path)
            ):
                return self._key, file.path
        is_right = len(found.files) == known.total and found.notebooks == known.notebooks
        is_right = is_right and known.verdicts.keys() <= {file.path for file in found.files}
        return None if is_right else (self._key, ".")

    def keep_nothing(self) -> None:
        """Let :meth:`keep` make no memo in this run, as it does not check all files that differ."""
        self._is_due = False

    def keep(self, selection: Selection, verdicts: Mapping[str, Verdict], began: float) -> None:
        """Make a memo of the checked-out commit if there is none, or if it differs too much.

        Args:
            selection: the judged files, as the walk found them.
            verdicts: verdicts on the files, by path.
            began: start of the run, in seconds since the epoch.
        """
        if not self._is_due:
            return
        with suppress(GitError):
            if (memo := self._make(selection, verdicts, began)) is not None:
                self._storage.put_values({self._key: _encode(memo)})

    def _make(self, selection: Selection, verdicts: Mapping[str, Verdict], began: float) -> Memo | None:
        """Return a memo; with -1 files, it says that this tree can't have one."""
        head = self._questions.read_head()
        state = self._questions.compare(head)
        none = Memo(head, began, self._attributes, -1, (), ())
        if state is None:
            return none
        if state.head != head or self._is_special(state):
            return None
        found = {file.path: file for file in selection.files}
        base = self._list_all(head, state, found, verdicts.keys(), began)
        notebooks = self._sources.list_notebooks(selection.notebooks, state)
        if base is None or not all(map(str.isprintable, notebooks)):
            return none
        left = self._find_holes(base.listed, found, verdicts, state.changed, began)
        if len(left) > MOST_HOLES:
            return None
        holes = {*left}
        settled = [path for path in base.listed if path not in holes]
        said = map(_shorten, filter(self._says_something, map(verdicts.__getitem__, settled)))
        scripts = base.scripts.union(filterfalse(self._sources.has, settled))
        count, verdicts_said = base.files + len(settled), (*base.verdicts, *said)
        return Memo(head, base.made, self._attributes, count, tuple(left), verdicts_said, scripts, notebooks)

    def _find_holes(
        self,
        listed: Iterable[str],
        found: Mapping[str, Source],
        verdicts: Mapping[str, Verdict],
        changed: Set[str],
        began: float,
    ) -> list[str]:
        judged = {path: verdicts[path] for path in verdicts.keys() - changed}
        return [path for path in listed if not self._is_settled(found.get(path), judged.get(path), began)]

    def _list_all(
        self, head: str, state: TreeState, found: Mapping[str, Source], judged: Set[str], began: float
    ) -> _Base | None:
        """Return the source files of a commit to add, and the stored results for the others."""
        if self._memo is not None:
            return self._list_changed(self._memo, head, found.keys() | state.changed)
        sources = self._sources.list_tree(self._questions, head, found, state.changed)
        if sources is None:
            return None
        known = {*sources, *state.untracked} | state.changed
        # The walk also finds files that git does not know.
        return _Base(sources, began, 0, []) if all(path in known for path in judged) else None

    def _list_changed(self, old: Memo, head: str, scripts: Set[str]) -> _Base:
        """Return the same by an older memo; ``scripts`` are the paths that may be scripts of the commit."""
        changed = {item.path: item for item in self._questions.compare_trees(old.tree, head)}
        holes = {*old.holes}
        there = map(attrgetter("path"), filter(attrgetter("is_there"), changed.values()))
        listed = (path for path in there if self._sources.has(path, scripts))
        count = old.files - self._sources.count(changed.values(), holes, old.scripts)
        kept = [verdict for verdict in old.verdicts if verdict.path not in changed]
        left = old.scripts - changed.keys()
        return _Base([*listed, *(holes - changed.keys())], old.made, count, kept, left)

    def _is_special(self, state: TreeState) -> bool:
        """Return whether a differing file changes the results of other files."""
        if any(map(_decides, (*state.changed, *state.untracked))):
            return True
        split = [folder.split("/") for folder in {*map(os.path.dirname, state.untracked)} - {""}]
        above = {"/".join(parts[: end + 1]) for parts in split for end in range(len(parts))}
        return any(os.path.lexists(self._root / folder / ".git") for folder in above)

    @cached_property
    def _questions(self) -> TreeQuestions:
        return TreeQuestions(self._root, (_ATTRIBUTES, *SETTINGS_NAMES))

    def _read(self) -> Memo | None:
        """Return the memo; ``None`` once a day, so that the store records the use of all entries.

        Raises:
            GitError: git does not return the location of attribute files.
        """
        value = self._storage.find_value(self._key)
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

    def _find_dependent(self, verdicts: Iterable[Verdict]) -> set[str]:
        """Return the paths of files whose results depend on other files through the baseline."""
        if not self._recorded:
            return set()
        return {
            verdict.path
            for verdict in verdicts
            if verdict.violations or verdict.tolerated or verdict.path in self._recorded
        }

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

    def _is_settled(self, file: Source | None, verdict: Verdict | None, began: float) -> bool:
        """Return whether a file has the judged content, and its result depends on nothing else."""
        if verdict is None or file is None or file.signature is None or not self._is_fillable(file):
            return False
        if any(error.kind not in LASTING_ERRORS for error in verdict.errors):
            return False
        now: Signature | None = None
        with suppress(OSError):
            there = find_regular(self._root, file.path)
            now = there and there.signature
        return now == file.signature and not is_racy(file.signature, int(began * 1e9))

    def _is_fillable(self, file: Source | None) -> bool:
        """Return whether a memo can contain a file: other line endings must not exceed the size limit."""
        most = self._rules.settings.max_file_bytes
        return file is not None and file.signature is not None and 2 * file.signature[0] <= most

    @cached_property
    def _attributes(self) -> bytes:
        return self._questions.digest_attributes()


def _decides(path: str) -> bool:
    """Return whether a file changes the results of others, or has another path in reports."""
    folder, name = os.path.split(path)
    return name == _ATTRIBUTES or (bool(folder) and name in SETTINGS_NAMES) or not path.isprintable()


def _shorten(verdict: Verdict) -> Verdict:
    verdict = replace(verdict, from_store=True, is_coalesced=False)
    # Messages about a notebook name cells, which are blocks.
    return (
        verdict if verdict.is_brief or verdict.errors or verdict.measurement.has_cells else verdict.shorten()
    )


def may_have_memo(settings: Settings) -> bool:
    """Return whether git's answer can replace a walk, and is faster."""
    is_plain = not (settings.nested or settings.projects or settings.languages) and settings.use_gitignore
    # A memo does not have the files that pass, whose uses would not be counted.
    is_plain = is_plain and settings.cache_eviction != "least-frequently-used"
    is_top = settings.paths == (".",) and os.path.lexists(settings.root / ".git")
    return is_plain and is_top and has_large_index(settings.root, SMALLEST_INDEX)


def find_wrong_memo(rules: Rules, cache_dir: Path) -> tuple[bytes, str] | None:
    """Return the result of :meth:`TreeMemory.find_wrong` for the memo of a root, in the store of a folder."""
    if not may_have_memo(rules.settings):
        return None
    with closing(open_measurer(rules.settings, cache_dir)) as measurer:
        return TreeMemory(rules, measurer.storage).find_wrong(FileJudge(rules, measurer).run)
