"""Find functions that a change splits into helpers, and whether it removed points or only moved them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from pytest_antipasta.metrics.following.mentions import (
    Function,
    count_parameters,
    count_results,
    find_mentions,
)
from pytest_antipasta.metrics.following.pairing import find_stem
from pytest_antipasta.model.changes import BlockChange, HelperFacts, Split
from pytest_antipasta.model.measured import Number
from pytest_antipasta.settings.path_thresholds import OF_TESTS
from pytest_antipasta.settings.patterns import compile_patterns

_Place: TypeAlias = tuple[str, str]
# The first of these metrics with a limit and a value decides whether a function is simpler.
_METRICS = ("cognitive_complexity", "cyclomatic_complexity")


def find_splits(changes: Sequence[BlockChange], contents: Mapping[str, Callable[[], bytes]]) -> list[Split]:
    """Return the functions that a change makes simpler, with the new helpers that only they call.

    Args:
        changes: the changes of blocks.
        contents: returns the content of each Python file after the change, by path.
    """
    added = {_find_place(change): change for change in changes if change.change == "added"}
    callers = _Callers(contents, [place for place in added if place[0] in contents])
    found = (_find_split(change, added, callers) for change in changes if change.path in contents)
    return [split for split in found if split is not None]


def _find_place(change: BlockChange) -> _Place:
    return change.path, change.qualified_name


def _find_split(change: BlockChange, added: Mapping[_Place, BlockChange], callers: _Callers) -> Split | None:
    """Return what a change did to a function that is simpler now and has new helpers."""
    if (metric := _find_metric(change)) is None:
        return None
    places = sorted(
        callers.find_helpers(_find_place(change)), key=lambda place: (place[0] != change.path, place)
    )
    facts = map(callers.describe, places)
    return _make_split(change, metric, [added[place] for place in places], facts) if places else None


@cache
def _is_test(path: str) -> bool:
    return compile_patterns(OF_TESTS.files)(path)


class _Callers:
    """The mentions of functions in the files of a change; each file is parsed once."""

    def __init__(self, contents: Mapping[str, Callable[[], bytes]], added: Iterable[_Place]) -> None:
        self._contents = contents
        self._read = cache(lambda path: find_mentions(contents[path]()))
        self._find_owners = cache(self._list_owners)
        self._added: dict[str, list[_Place]] = {}
        for place in added:
            self._added.setdefault(_find_bare(place[1]), []).append(place)

    def find_helpers(self, place: _Place) -> set[_Place]:
        """Return the added functions that only a function, or its other helpers, mention."""
        helpers, waiting = set[_Place](), [place]
        while waiting:
            found = {*self._iter_mentioned(waiting.pop())} - {place, *helpers}
            helpers |= found
            waiting += found
        before = set[_Place]()
        while helpers != before:
            before = helpers
            helpers = {each for each in helpers if self._is_called_by(each, {place, *helpers})}
        return helpers

    def _iter_mentioned(self, place: _Place) -> Iterator[_Place]:
        """Yield the added functions that a function mentions; those of tests are no helpers."""
        if (mentions := self._read(place[0])) is None:
            return
        for name in mentions.inside.keys() & self._added.keys():
            if any(_is_inside((place[0], owner), place) for owner in mentions.inside[name]):
                is_known_outside = name in mentions.outside
                yield from (
                    each
                    for each in self._added[name]
                    if each[0] == place[0] or (is_known_outside and not _is_test(each[0]))
                )

    def _is_called_by(self, place: _Place, callers: Collection[_Place]) -> bool:
        """Return whether a function is mentioned, and only by these callers and itself."""
        owners = self._find_owners(place)
        return bool(owners) and all(any(_is_inside(owner, caller) for caller in callers) for owner in owners)

    def _list_owners(self, place: _Place) -> Collection[_Place]:
        """Return what mentions an added function besides itself and tests; only files of a change can.

        A module that imports a function and does not use it has it for others.
        """
        path, name = place[0], _find_bare(place[1])
        own = self._read(path)
        owners = {(path, owner) for owner in own.inside.get(name, ())} if own else set()
        for other in self._iter_mentioning(path, name):
            mentions = self._read(other)
            if mentions is not None and not _is_test(other):
                owners |= {(other, owner) for owner in mentions.inside.get(name, ("",))}
        return [owner for owner in owners if not _is_inside(owner, place)]

    def describe(self, place: _Place) -> HelperFacts:
        """Return what tells whether an added function stands for itself."""
        path, name = place
        mentions = self._read(path)
        function = None if mentions is None else mentions.nodes.get(name)
        if not isinstance(function, Function):
            return HelperFacts(0, 0, is_tested=False)
        is_tested = any(map(_is_test, self._iter_mentioning(path, _find_bare(name))))
        return HelperFacts(count_parameters(function), count_results(function), is_tested)

    def _iter_mentioning(self, path: str, name: str) -> Iterator[str]:
        """Yield the other files that mention a name.

        A file is parsed only if its text contains the name. Other names than ASCII depend on the encoding.
        """
        others: Iterable[str] = (other for other in self._contents if other != path)
        if name.isascii():
            others = (other for other in others if name.encode() in self._contents[other]())
        for other in others:
            if (mentions := self._read(other)) and name in mentions.outside:
                yield other


def _find_metric(change: BlockChange) -> str | None:
    """Return the metric by which a block became simpler, if any."""
    for metric in _METRICS:
        number = change.metrics.get(metric)
        if number is not None and number.before is not None and number.after is not None:
            return metric if change.change == "modified" and number.after < number.before else None
    return None


def _is_inside(owner: _Place, place: _Place) -> bool:
    """Return whether something is a function, or a part of it."""
    return owner[0] == place[0] and (owner[1] == place[1] or owner[1].startswith(f"{place[1]}."))


def _find_bare(name: str) -> str:
    return find_stem(name).rpartition(".")[2]


def _make_split(
    change: BlockChange, metric: str, helpers: Sequence[BlockChange], facts: Iterable[HelperFacts]
) -> Split:
    number = change.metrics[metric]
    before, after = number.before or 0, number.after or 0
    points: list[Number] = [
        helper.metrics[metric].after or 0 for helper in helpers if metric in helper.metrics
    ]
    together = after + sum(points)
    return Split(
        path=change.path,
        qualified_name=change.qualified_name,
        line=change.line,
        metric=metric,
        before=before,
        after=after,
        helpers=tuple(
            helper.qualified_name if helper.path == change.path else f"{helper.path}::{helper.qualified_name}"
            for helper in helpers
        ),
        facts=tuple(facts),
        together=together,
        effect="better" if together < before else "moved",
    )
