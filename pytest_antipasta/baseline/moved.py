"""Following moved and renamed code: which entries are about blocks or files that have moved.

They are found for a whole tree at once. A vacant entry follows its body. What is then left of a file that is
gone follows by name to the one file where most of it is. What can't be told is new.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias

from pytest_antipasta.baseline.entries import Baseline, Key
from pytest_antipasta.baseline.tree import Place, Survey, Tree
from pytest_antipasta.metrics import pair
from pytest_antipasta.model import BaselineEntry

MovedEntries: TypeAlias = Mapping[Key, BaselineEntry]
"""For violations that have no entry of their own the vacant ones that are about them."""
_Pairs: TypeAlias = dict[Place, Place]
"""For violations the places of their entries."""
_FindKey: TypeAlias = Callable[[Place], Hashable]


def _with_body(find_key: _FindKey) -> _FindKey:
    return lambda one: (one.body, one.metric, find_key(one)) if one.body else None


# Of several copies of a body that one has the entry that is nearest to where it was.
_BY_BODY = (
    _with_body(attrgetter("path", "bare_name")),
    _with_body(attrgetter("path")),
    _with_body(attrgetter("bare_name", "file_name")),
    _with_body(attrgetter("bare_name")),
    _with_body(attrgetter("file_name")),
    _with_body(lambda _: None),
)
_BY_NAME = (attrgetter("name", "metric", "file_name"), attrgetter("name", "metric"))


def find_moved(baseline: Baseline, tree: Tree) -> MovedEntries:
    """Return the entries that have moved in a tree, and where they are."""
    survey = Survey(baseline, tree)
    vacant = sorted(survey.vacant)
    missing = _find_candidates(vacant, survey.missing)
    introduced = {one for one in missing if tree.is_introduced(one.key)}
    pairs = _pair(vacant, missing, introduced, _BY_BODY)
    of_gone = [one for one in vacant if not tree.has_file(one.path)]
    pairs |= _follow_files(of_gone, _leave_out(missing, pairs), introduced, pairs)
    return {new.key: baseline.find_strictest(old.key, survey.missing[new]) for new, old in pairs.items()}


def _find_candidates(vacant: Iterable[Place], missing: Iterable[Place]) -> list[Place]:
    """Return the violations that have the body or the name of a vacant entry, in order."""
    bodies = {(one.body, one.metric) for one in vacant}
    names = {(one.name, one.metric) for one in vacant}
    return sorted(
        one for one in missing if (one.body, one.metric) in bodies or (one.name, one.metric) in names
    )


def _pair(
    vacant: Iterable[Place], missing: Sequence[Place], introduced: Container[Place], keys: Sequence[_FindKey]
) -> _Pairs:
    """Pair what was there before a change first: what it brings takes no entry from that."""
    pairs = pair(vacant, _leave_out(missing, introduced), *keys)
    left = _leave_out(vacant, set(pairs.values()))
    return pairs | pair(left, [one for one in missing if one in introduced], *keys)


def _leave_out(places: Iterable[Place], others: Container[Place]) -> list[Place]:
    return [one for one in places if one not in others]


def _follow_files(
    vacant: Sequence[Place], missing: Sequence[Place], introduced: Container[Place], pairs: _Pairs
) -> _Pairs:
    """Return the pairs by name of files that are gone and the ones where most of what they had is.

    Args:
        vacant: what was in files that are gone.
        missing: violations without an entry by name or body.
        introduced: those of them that are last to have one.
        pairs: of the others, by body.
    """
    went = {old: new.path for new, old in pairs.items()}
    of_name = _pair(_leave_out(vacant, went), missing, introduced, _BY_NAME)
    likely = {old: new.path for new, old in of_name.items()} | went
    waiting = {one.key: one for one in missing}
    found: _Pairs = {}
    for _, group in groupby(vacant, attrgetter("path")):
        own = list(group)
        path = _find_file(own, went, likely, waiting)
        left = {(path, *one.key[1:]): one for one in _leave_out(own, went)}
        found |= {waiting.pop(key): one for key, one in left.items() if key in waiting}
    return found


def _find_file(
    own: Sequence[Place], went: Mapping[Place, str], likely: Mapping[Place, str], waiting: Container[Key]
) -> str:
    """Return the file that has more than half of what was in one, the first of several; empty for none.

    Args:
        own: what was in it.
        went: where some of that is, by body.
        likely: the same, and where there is something of the same name.
        waiting: what has no entry.
    """
    paths = dict.fromkeys(likely[one] for one in own if one in likely)
    counts = {
        path: sum(went.get(one) == path or (path, *one.key[1:]) in waiting for one in own) for path in paths
    }
    best = max(counts, key=counts.__getitem__, default="")
    return best if 2 * counts.get(best, 0) > len(own) else ""
