"""Memos of trees: results for all files of a commit, so that the next run only asks git what differs.

A memo describes a commit's tree, never a working tree: changed and untracked files are judged in every run.
Files whose committed content was never judged are the memo's holes, such as files that were changed at the
time.

Three steps use and make one: :func:`recall` applies a memo to what git says of the working tree,
:func:`doubt` chooses files to judge in spite of it, and :func:`make` makes the memo of a commit.
``memo_keeping.py`` asks git and the store.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.storage.stat_index import IndexEntry
from pytest_antipasta.engine.tree_sources import TreeSources
from pytest_antipasta.files.reading import is_racy
from pytest_antipasta.files.source import Source
from pytest_antipasta.git.tree import TreeState
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import LASTING_ERRORS
from pytest_antipasta.settings.values import SETTINGS_NAMES

# No memo is made with more holes among files like those of the commit, as right after a clone, when no file
# status can be trusted.
MOST_HOLES = 1000
# Number of files in which another commit may differ before all files are checked, and it gets its own memo.
MOST_DIFFERENCES = 1000
ATTRIBUTES = ".gitattributes"
"""The name of files that change git's answers."""
_decode_functions = msgspec.msgpack.Decoder(dict[str, int]).decode


class Memo(msgspec.Struct, array_like=True, frozen=True):
    """The stored results for a tree.

    Attributes:
        tree: object name of the tree in git.
        made: when all files were checked, in seconds since the epoch.
        attributes: digest of git's attribute files outside the tree.
        files: how many source files pass with nothing to report.
        holes: paths of the source files that were not judged.
        verdicts: brief verdicts on files with something to report.
        scripts: paths of the source files that are scripts, and not source files by name.
        functions: how many functions the files that pass have.
        functions_by_path: these numbers by path, compressed, as a run over the unchanged tree needs none.
        is_empty: whether it says only that git can't list the differences from this tree.
    """

    tree: str
    made: float
    attributes: bytes
    files: int
    holes: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    scripts: frozenset[str] = frozenset()
    functions: int = 0
    functions_by_path: bytes = b""
    is_empty: bool = False


class Recalled(NamedTuple):
    """The part of a memo that applies to a working tree.

    Attributes:
        memo: the memo.
        files: files that must be judged.
        verdicts: verdicts on other files with something to report, by path.
        unlisted: how many other files pass with nothing to report.
        unlisted_functions: how many functions these have.
        listed: the files that pass with nothing to report, if requested: the number of functions by path.
    """

    memo: Memo
    files: list[Source]
    verdicts: dict[str, Verdict]
    unlisted: int
    unlisted_functions: int
    listed: Mapping[str, int] = {}

    @property
    def total(self) -> int:
        """How many source files the root has."""
        return len(self.files) + len(self.verdicts) + len(self.listed) + self.unlisted


class RunFindings(NamedTuple):
    """What a run over a working tree found.

    Attributes:
        files: the files as the run found them, by path.
        verdicts: the verdicts on them, by path.
        began: start of the run, in seconds since the epoch.
    """

    files: Mapping[str, Source]
    verdicts: Mapping[str, Verdict]
    began: float


# Use a memo.


def recall(memo: Memo, state: TreeState, sources: TreeSources, *, lists_all: bool = False) -> Recalled | None:
    """Return the results of a memo that apply to a working tree; ``None`` if all files must be checked.

    Args:
        memo: a memo.
        state: how the working tree differs from the memo's tree.
        sources: which paths are source files, and the files at these paths.
        lists_all: whether the files that pass are listed too.
    """
    is_far = state.head != memo.tree and len(state.changed) > MOST_DIFFERENCES
    if is_far or is_special(state, sources):
        return None
    changed, holes = state.changed, {*memo.holes}
    verdicts = {verdict.path: verdict for verdict in memo.verdicts if verdict.path not in changed}
    again = _find_dependent(verdicts.values(), sources.rules)
    try:  # git treats all files of an unreadable folder as deleted; a walk reports the error
        found = {path: sources.find(path) for path in (*changed, *state.untracked, *holes, *again)}
    except OSError:
        return None
    files = sorted(filter(None, map(found.get, found.keys() - state.gone)))
    kept = {path: verdict for path, verdict in verdicts.items() if path not in again}
    return Recalled(memo, files, kept, *_find_passing(memo, changed, lists_all=lists_all))


def _find_passing(memo: Memo, changed: Set[str], *, lists_all: bool) -> tuple[int, int, Mapping[str, int]]:
    """Return how many unchanged files pass with nothing to report, with how many functions, or list them."""
    if not (changed or lists_all):
        return memo.files, memo.functions, {}
    functions = _decode_functions(zlib.decompress(memo.functions_by_path))
    passing = {path: number for path, number in functions.items() if path not in changed}
    return (0, 0, passing) if lists_all else (len(passing), sum(passing.values()), {})


def is_special(state: TreeState, sources: TreeSources) -> bool:
    """Return whether a file that differs changes the results of others, or is a notebook that a run names."""
    differing = (*state.changed, *state.untracked)
    if any(map(_decides, differing)) or sources.has_notebook(differing):
        return True
    split = [folder.split("/") for folder in {*map(os.path.dirname, state.untracked)} - {""}]
    above = {"/".join(parts[: end + 1]) for parts in split for end in range(len(parts))}
    return any(map(sources.is_repository, above))


def _decides(path: str) -> bool:
    """Return whether a file changes the results of others, or has another path in reports."""
    folder, name = os.path.split(path)
    return name == ATTRIBUTES or (bool(folder) and name in SETTINGS_NAMES) or not path.isprintable()


def _find_dependent(verdicts: Iterable[Verdict], rules: Rules) -> set[str]:
    """Return the paths of files whose results depend on other files through the baseline."""
    if not (recorded := rules.recorded_paths):
        return set()
    return {
        verdict.path
        for verdict in verdicts
        if verdict.violations or verdict.tolerated or verdict.path in recorded
    }


# Doubt a memo.


def doubt(recalled: Recalled, sample: Mapping[str, IndexEntry], sources: TreeSources) -> list[Source]:
    """Return some files to judge in spite of a memo, without those that the stat index shows to be right."""
    limit_judge, open_paths = LimitJudge(sources.rules), {file.path for file in recalled.files}
    reported = recalled.verdicts.keys() - sources.rules.recorded_paths
    doubtful: list[Source] = []
    for path in sources.select(sample, recalled.memo.scripts):
        if path in open_paths or (file := _find_now(path, sources)) is None:
            continue
        signature, digest, worst = sample[path]
        is_same = file.signature == signature
        is_passing = is_same and worst and limit_judge.count_passing(path, worst) is not None
        if is_passing and path not in reported:
            continue  # the memo is right
        doubtful.append(file._replace(digest=digest) if is_same else file)
    return doubtful


def _find_now(path: str, sources: TreeSources) -> Source | None:
    """Return the file at the path of a source file; ``None`` if it is gone, or can't be found."""
    with suppress(OSError):
        return sources.find_known(path)
    return None


_get_said = attrgetter("failed", "violations", "warnings", "unjudged", "suppressions")


def is_right(verdict: Verdict, recalled: Recalled, rules: Rules) -> bool:
    """Return whether a memo has this verdict; files with nothing to report have none there."""
    known = recalled.verdicts.get(verdict.path)
    if known is None:
        return not _says_something(verdict, rules)
    return _get_said(known) == _get_said(verdict)


def _says_something(verdict: Verdict, rules: Rules) -> bool:
    return bool(
        verdict.failed
        or verdict.over_limits
        or verdict.suppressions
        or verdict.unjudged
        or verdict.errors
        or verdict.measurement.foreign is not None
        or verdict.path in rules.recorded_paths
    )


# Make a memo.


def make(
    tree: str,
    attributes: bytes,
    listed: Sequence[str],
    state: TreeState,
    judged: RunFindings,
    sources: TreeSources,
) -> Memo | None:
    """Return the memo of a commit; ``None`` if too few files have a settled result.

    Args:
        tree: object name of the commit's tree.
        attributes: digest of git's attribute files outside the tree.
        listed: paths of the source files of the commit.
        state: how the working tree differs from the commit.
        judged: what the run found.
        sources: which paths are source files, and the files at these paths.
    """
    known_to_git = {*listed, *state.untracked} | state.changed
    if not judged.verdicts.keys() <= known_to_git:
        return make_empty(tree, attributes, judged.began)
    known = judged.verdicts.keys() & judged.files.keys() - state.changed
    settled = [path for path in listed if path in known and _is_settled(judged, path, sources)]
    holes = tuple(sorted({*listed}.difference(settled)))
    if len({*holes} - state.changed) > MOST_HOLES:  # what differs is judged in any case
        return None
    said, functions = _divide((judged.verdicts[path] for path in settled), sources.rules)
    return Memo(
        tree,
        judged.began,
        attributes,
        len(functions),
        holes,
        said,
        scripts=frozenset(settled).difference(sources.select(settled, ())),
        functions=sum(functions.values()),
        functions_by_path=zlib.compress(msgspec.msgpack.encode(functions)),
    )


def make_empty(tree: str, attributes: bytes, made: float) -> Memo:
    """Return a memo that says that this tree can't have one."""
    return Memo(tree, made, attributes, 0, (), (), is_empty=True)


def _is_settled(judged: RunFindings, path: str, sources: TreeSources) -> bool:
    """Return whether a file still has the judged content, and its result depends on nothing else."""
    file, verdict = judged.files[path], judged.verdicts[path]
    # Other line endings must not exceed the size limit.
    if file.signature is None or 2 * file.signature[0] > sources.rules.settings.max_file_bytes:
        return False
    if any(error.kind not in LASTING_ERRORS for error in verdict.errors):
        return False
    now = _find_now(path, sources)
    is_same = now is not None and now.signature == file.signature
    return is_same and not is_racy(file.signature, int(judged.began * 1e9))


def _divide(verdicts: Iterable[Verdict], rules: Rules) -> tuple[tuple[Verdict, ...], dict[str, int]]:
    """Return brief verdicts with something to report, and the number of functions of other files by path."""
    said, functions = list[Verdict](), dict[str, int]()
    for verdict in verdicts:
        if _says_something(verdict, rules):
            said.append(_shorten(verdict))
        else:
            functions[verdict.path] = verdict.functions
    return tuple(said), functions


def _shorten(verdict: Verdict) -> Verdict:
    verdict = replace(verdict, origin="store")
    # Messages about a notebook name cells, which are blocks.
    return (
        verdict if verdict.is_brief or verdict.errors or verdict.measurement.has_cells else verdict.shorten()
    )
