"""The memo of a root in the store: applied when a run opens; compared with files, or made, at its end."""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing, suppress
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.memo import (
    ATTRIBUTES,
    Memo,
    Recalled,
    RunFindings,
    doubt,
    is_right,
    is_special,
    make,
    make_empty,
    recall,
)
from pytest_antipasta.engine.outcome import Judge
from pytest_antipasta.engine.rules import Rules, encode_orders
from pytest_antipasta.engine.tree_sources import TreeSources
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.tree import TreeQuestions, has_large_index
from pytest_antipasta.messages import make_printable
from pytest_antipasta.runtime.environment import VERSION
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings
from pytest_antipasta.store.protocol import DAY, UNDECODABLE, EntryError

if TYPE_CHECKING:
    from pytest_antipasta.engine.ledger import Ledger
    from pytest_antipasta.engine.storage.storage import Storage

# With fewer files, a walk is as fast as git.
SMALLEST_INDEX = 1 << 18
# Number of files that the memo is compared with in each run that uses it.
SAMPLE = 300
# Raised when the fields of a memo change their meaning.
_FORMAT = "5"
_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(Memo).decode


class KeptMemo(NamedTuple):
    """The memo of a root, and what a run needs to make one.

    Attributes:
        measurer: has the storage that contains the memo.
        key: key of the memo.
        questions: git's answers about the working tree.
        sources: which paths are source files, by the rules of the root.
        recalled: what applies to the working tree; ``None`` if all files must be checked.
        is_possible: whether the commit may have a memo.
    """

    measurer: Measurer
    key: bytes
    questions: TreeQuestions
    sources: TreeSources
    recalled: Recalled | None = None
    is_possible: bool = True

    def keep(self, ledger: Ledger) -> None:
        """Compare the memo that a run has used with some files, or make one of the run if none applies."""
        if len(ledger.verdicts) < len(ledger.plan.sources):
            return
        if self.recalled is not None:
            _compare(self, self.recalled, ledger.judge.run)
        elif self.is_possible:
            began = time.time() - ledger.phases.total()
            with suppress(GitError):
                memo = _make(self, RunFindings(ledger.plan.by_path, ledger.verdicts, began))
                if memo is not None:
                    self.measurer.storage.put_values({self.key: _encode(memo)})


def open_memo(rules: Rules, measurer: Measurer, *, lists_all: bool = False) -> KeptMemo:
    """Return the memo of a root with what applies to the working tree.

    The memo is in the storage of the measurer. ``lists_all`` is whether the files that pass are listed too.
    """
    root = rules.settings.root
    questions = TreeQuestions(root, (ATTRIBUTES, *SETTINGS_NAMES))
    kept = KeptMemo(measurer, make_key(measurer.storage, rules), questions, TreeSources(rules))
    with suppress(GitError):  # git has pruned the tree, or is not installed
        try:
            memo = _read(kept)
            if memo is None:
                return kept
            if memo.is_empty:
                return kept._replace(is_possible=questions.read_head() != memo.tree)
            state = questions.compare(memo.tree)
            recalled = state and recall(memo, state, kept.sources, lists_all=lists_all)
            return kept._replace(recalled=recalled)
        except (EntryError, *UNDECODABLE):
            measurer.storage.drop_value(kept.key)  # or each run would say so until one makes another memo
            measurer.diagnostics.warn("the stored result of this commit was corrupt; all files were checked")
    return kept


def make_key(storage: Storage, rules: Rules) -> bytes:
    """Return the key of the memo of a root by some rules."""
    # Unlike measurements, verdicts depend on our version, and syntax errors on all of Python's.
    versions = f"{_FORMAT} {VERSION} {sys.version}".encode()
    return storage.make_key(b"memo", versions + encode_orders(rules, None))


def _read(kept: KeptMemo) -> Memo | None:
    """Return the stored memo, if it is less than a day old: the store records the use of entries then.

    Raises:
        GitError: git does not return the location of attribute files.
        EntryError, MsgspecError, UnicodeDecodeError, RecursionError: the stored memo is damaged.
    """
    value = kept.measurer.storage.read_value(kept.key)
    if value is None:
        return None
    memo = _decode(value)
    is_young = 0 <= time.time() - memo.made < DAY
    return memo if is_young and (memo.is_empty or memo.attributes == kept.questions.attributes) else None


def _compare(kept: KeptMemo, recalled: Recalled, judge: Judge) -> None:
    """Compare a memo with some files; delete it, and warn, if it is wrong about one."""
    storage = kept.measurer.storage
    doubtful = doubt(recalled, dict(storage.index.sample(SAMPLE)), kept.sources)
    if digests := [source.digest for source in doubtful if source.digest is not None]:
        storage.load(digests)
    for source in doubtful:
        if is_right(judge(source).verdict, recalled, kept.sources.rules):
            continue
        if kept.questions.is_unchanged(recalled.memo.tree, source.path):
            storage.drop_value(kept.key)
            wrong = f"the stored result of this commit was wrong about {make_printable(source.path)}"
            kept.measurer.diagnostics.warn(f"{wrong} and has been deleted; run again")
            return


def _make(kept: KeptMemo, judged: RunFindings) -> Memo | None:
    """Return the memo of the checked-out commit; ``None`` if it can have one later.

    Raises:
        GitError: git does not answer.
    """
    questions, sources = kept.questions, kept.sources
    head = questions.read_head()
    state, attributes = questions.compare(head), questions.attributes
    if state is None:
        return make_empty(head, attributes, judged.began)
    if state.head != head or is_special(state, sources):
        return None
    listed = sources.list_tree(questions, head, judged.files, state.changed)
    if listed is None:
        return make_empty(head, attributes, judged.began)
    # Git lists no attributes and settings in an ignored folder, so that its tracked files are always judged.
    state = state._replace(changed={*state.changed, *questions.list_ignored()})
    return make(head, attributes, listed, state, judged, sources)


def may_have_memo(settings: Settings) -> bool:
    """Return whether git's answer can replace a walk, and is faster."""
    is_plain = not (settings.nested or settings.projects or settings.languages) and settings.use_gitignore
    is_top = settings.paths == (".",) and os.path.lexists(settings.root / ".git")
    is_worth_it = is_plain and is_top and has_large_index(settings.root, SMALLEST_INDEX)
    # A memo does not have the files that pass, whose uses would not be counted.
    return is_worth_it and not settings.counts_uses


def find_wrong_memo(rules: Rules, cache_dir: Path) -> tuple[bytes, str] | None:
    """Return the key of a memo and a path whose result is wrong; ``.`` if a number of files or functions is.

    All files are compared. ``None`` means that the memo is right, or that no memo applies.
    """
    if not may_have_memo(rules.settings):
        return None
    with closing(open_measurer(rules.settings, cache_dir)) as measurer:
        kept = open_memo(rules, measurer)
        if kept.recalled is None:
            return None
        wrong = _find_wrong(kept.recalled, rules, FileJudge(rules, measurer).run)
        return None if wrong is None else (kept.key, wrong)


def _find_wrong(recalled: Recalled, rules: Rules, judge: Judge) -> str | None:
    """Return the path of a file whose result is wrong, or ``.``; ``None`` if all are right."""
    found, open_paths = select_files(rules.settings), {file.path for file in recalled.files}
    functions = recalled.unlisted_functions + sum(map(attrgetter("functions"), recalled.verdicts.values()))
    for file in found.files:
        if file.path in open_paths:
            continue
        verdict = judge(file).verdict
        if not is_right(verdict, recalled, rules):
            return file.path
        functions -= verdict.functions
    is_whole = len(found.files) == recalled.total and not found.notebooks and functions == 0
    is_whole = is_whole and recalled.verdicts.keys() <= {file.path for file in found.files}
    return None if is_whole else "."
