"""Match entries with moved and renamed code.

This is done for a whole tree at once. A vacant entry is matched with its body. The remaining entries of a
deleted file are matched by name with the one file that has most of its code. Other violations are new.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter
from posixpath import basename
from typing import NamedTuple, Protocol, TypeAlias

from pytest_antipasta.baseline.entries import Baseline, EntryKey, is_vacant
from pytest_antipasta.baseline.matching import Entries, find_named, identify
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.metrics.following.pairing import pair
from pytest_antipasta.model.judged import BaselineEntry, Verdict, Violation
from pytest_antipasta.model.limits import strip_number


class RootState(Protocol):
    """The files of a root at some state; read only if an entry may have moved."""

    def has_file(self, path: str) -> bool:
        """Return whether there is a file with that path."""

    def leaves_out(self, path: str) -> bool:
        """Return whether it has a file that can't be read, as a sparse checkout leaves it out."""

    def find_versions(self, paths: Iterable[str]) -> Iterator[tuple[Verdict, FileVersion]]:
        """Yield the verdicts by limits, and the contents, of readable ones of some files, in order."""

    def iter_versions(self) -> Iterator[tuple[Verdict, FileVersion]]:
        """Yield the verdicts and contents of all source files."""


class EntryIdentity(NamedTuple):
    """The identity of a vacant entry, or of a violation without an entry.

    The name is empty for a value of the file; the body is empty if bodies can't identify it.
    """

    path: str
    name: str
    metric: str
    body: str

    @property
    def key(self) -> EntryKey:
        """The key of its entry."""
        return self.path, self.name or None, self.metric

    @property
    def bare_name(self) -> str:
        """The name without class and number."""
        return strip_number(self.name).rpartition(".")[2]

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return basename(self.path)


def _survey(
    baseline: Baseline, tree: RootState
) -> tuple[list[EntryIdentity], dict[EntryIdentity, Violation]]:
    """Return the entries and the violations in a tree that do not match by name; each file is read once.

    The entries are those of deleted files, those without a block of their name, and those whose block has
    another entry. The violations may belong to one of them.
    """
    vacant = [_find_place(entry) for entry in iter_gone(baseline, tree)]
    missing: dict[EntryIdentity, Violation] = {}
    others = {path for path in baseline.by_path if tree.has_file(path)}
    for verdict, file in tree.iter_versions():
        others.discard(verdict.path)
        named = find_named(verdict, baseline, file)
        vacant += _iter_vacant(baseline, verdict, named)
        missing |= _iter_missing(baseline, verdict, file, named)
    for verdict, file in tree.find_versions(others):
        vacant += _iter_vacant(baseline, verdict, find_named(verdict, baseline, file))
    return vacant, missing


def _iter_vacant(baseline: Baseline, verdict: Verdict, named: Entries) -> Iterator[EntryIdentity]:
    """Yield the entries without a block of their name in a file, or whose block has another entry."""
    used = {entry.key for entry in named.values()}
    taken = {number for number, entry in named.items() if entry.qualified_name != number[0]}
    for entry in baseline.by_path.get(verdict.path, ()) if verdict.error is None else ():
        if entry.key not in used and (is_vacant(entry, verdict) or entry.key[1:] in taken):
            yield _find_place(entry)


def _iter_missing(
    baseline: Baseline, verdict: Verdict, file: FileVersion, named: Entries
) -> Iterator[tuple[EntryIdentity, Violation]]:
    """Yield the violations of a file without an entry that may belong to a vacant one, by place."""
    for violation in verdict.violations:
        if identify(violation) not in named and baseline.may_have_moved(violation):
            name = violation.qualified_name or ""
            body = file.digest(name) if baseline.has_value(violation) else None
            yield EntryIdentity(verdict.path, name, violation.metric, body or ""), violation


def _find_place(entry: BaselineEntry) -> EntryIdentity:
    return EntryIdentity(entry.path, entry.qualified_name or "", entry.metric, entry.body)


def iter_gone(baseline: Baseline, tree: RootState) -> Iterator[BaselineEntry]:
    """Yield the entries of deleted files."""
    for path, entries in baseline.by_path.items():
        if not tree.has_file(path):
            yield from entries


MovedEntries: TypeAlias = Mapping[EntryKey, BaselineEntry]
"""Unused entries that apply to violations without their own entry."""
_Pairs: TypeAlias = dict[EntryIdentity, EntryIdentity]
"""The place of the entry of each violation."""
_FindKey: TypeAlias = Callable[[EntryIdentity], Hashable]


def _with_body(find_key: _FindKey) -> _FindKey:
    return lambda item: (item.body, item.metric, find_key(item)) if item.body else None


# Of several copies of a body, the one nearest to its old place has the entry.
_BY_BODY = (
    _with_body(attrgetter("path", "bare_name")),
    _with_body(attrgetter("path")),
    _with_body(attrgetter("bare_name", "file_name")),
    _with_body(attrgetter("bare_name")),
    _with_body(attrgetter("file_name")),
    _with_body(lambda _: None),
)
_BY_NAME = (attrgetter("name", "metric", "file_name"), attrgetter("name", "metric"))


def find_moved(
    baseline: Baseline, tree: RootState, is_introduced: Callable[[EntryKey], bool]
) -> MovedEntries:
    """Return the moved entries in a tree, and their new places; see :class:`Tolerance`."""
    unmatched, violations = _survey(baseline, tree)
    vacant = sorted(unmatched)
    missing = _find_candidates(vacant, violations)
    introduced = {item for item in missing if is_introduced(item.key)}
    pairs = _pair(vacant, missing, introduced, _BY_BODY)
    of_gone = [item for item in vacant if not tree.has_file(item.path)]
    pairs |= _follow_files(of_gone, _leave_out(missing, pairs), introduced, pairs)
    return {new.key: baseline.choose_strictest(old.key, violations[new]) for new, old in pairs.items()}


def _find_candidates(
    vacant: Iterable[EntryIdentity], missing: Iterable[EntryIdentity]
) -> list[EntryIdentity]:
    """Return the violations with the body or the name of a vacant entry, in order."""
    bodies = {(item.body, item.metric) for item in vacant}
    names = {(item.name, item.metric) for item in vacant}
    return sorted(
        item for item in missing if (item.body, item.metric) in bodies or (item.name, item.metric) in names
    )


def _pair(
    vacant: Iterable[EntryIdentity],
    missing: Sequence[EntryIdentity],
    introduced: Container[EntryIdentity],
    keys: Sequence[_FindKey],
) -> _Pairs:
    """Match code from before a change first: code added by the change takes no entry from it."""
    pairs = pair(vacant, _leave_out(missing, introduced), *keys)
    left = _leave_out(vacant, set(pairs.values()))
    return pairs | pair(left, [item for item in missing if item in introduced], *keys)


def _leave_out(places: Iterable[EntryIdentity], others: Container[EntryIdentity]) -> list[EntryIdentity]:
    return [place for place in places if place not in others]


def _follow_files(
    vacant: Sequence[EntryIdentity],
    missing: Sequence[EntryIdentity],
    introduced: Container[EntryIdentity],
    pairs: _Pairs,
) -> _Pairs:
    """Return the pairs by name of deleted files and the files that have most of their code.

    ``missing`` are violations without an entry by name or body, introduced ones last; ``pairs`` are the
    others, by body.
    """
    went = {old: new.path for new, old in pairs.items()}
    files = list(_iter_followable(vacant, went, missing))
    of_name = _pair(_leave_out(chain.from_iterable(files), went), missing, introduced, _BY_NAME)
    likely = {old: new.path for new, old in of_name.items()} | went
    waiting = {item.key: item for item in missing}
    found: _Pairs = {}
    for own in files:
        path = _find_file(own, went, likely, waiting)
        left = {(path, *item.key[1:]): item for item in _leave_out(own, went)}
        found |= {waiting.pop(key): item for key, item in left.items() if key in waiting}
    return found


def _iter_followable(
    vacant: Iterable[EntryIdentity], went: Container[EntryIdentity], missing: Iterable[EntryIdentity]
) -> Iterator[list[EntryIdentity]]:
    """Yield the entries of each deleted file that may be in another one: most of its code is not gone."""
    names = {item.key[1:] for item in missing}
    for _, group in groupby(vacant, attrgetter("path")):
        own = list(group)
        if 2 * sum(item in went or item.key[1:] in names for item in own) > len(own):
            yield own


def _find_file(
    own: Sequence[EntryIdentity],
    went: Mapping[EntryIdentity, str],
    likely: Mapping[EntryIdentity, str],
    waiting: Container[EntryKey],
) -> str:
    """Return the first file that has more than half of a deleted file's code; empty for none.

    ``went`` counts moves by body; ``likely`` also has files with blocks of the same name.
    """
    paths = dict.fromkeys(likely[item] for item in own if item in likely)
    counts = {
        path: sum(went.get(item) == path or (path, *item.key[1:]) in waiting for item in own)
        for path in paths
    }
    best = max(counts, key=counts.__getitem__, default="")
    return best if 2 * counts.get(best, 0) > len(own) else ""
