"""Find functions that a change splits into helpers, and whether it removed points or only moved them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import accumulate, chain, filterfalse
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, TypeAlias

from pytest_antipasta.metrics.following.mentions import (
    Mentions,
    count_parameters,
    count_results,
    find_called,
    find_mentions,
    is_overload,
)
from pytest_antipasta.metrics.nodes import FUNCTIONS
from pytest_antipasta.model.changes import BlockChange, HelperFacts, MetricChange, Split
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import Number
from pytest_antipasta.policy.limits import satisfies
from pytest_antipasta.settings.path_thresholds import is_test_file

_Place: TypeAlias = tuple[str, str]
_Contents: TypeAlias = Mapping[str, Callable[[], bytes]]
_WORD = re.compile(r"[\w\x80-\xff]+")  # bytes of other letters, too, as the source is not decoded
_ASCII_WORD = re.compile(rb"\w+")
_IMPORT = re.compile(r"^[ \t]*(?:from|import)\b.*", re.MULTILINE)
# Of these metrics with a limit and a value, the first that was over its limit decides whether a function is
# simpler, or else the first.
_METRICS = ("cognitive_complexity", "cyclomatic_complexity")


def find_splits(changes: Sequence[BlockChange], contents: _Contents, before: _Contents) -> list[Split]:
    """Return the functions that a change makes simpler, with the new helpers that they call.

    The points of a helper are divided among the simpler functions that it belongs to. ``contents`` has the
    Python files after the change, by path, and ``before`` those before it.
    """
    added = {change.key: change for change in changes if change.change == "added"}
    callers = _Callers(contents, before, filter(lambda place: place[0] in contents, added))
    simpler = [change for change in changes if change.path in contents and _find_metric(change)]
    found = [_sort_for(change, callers.find_helpers(change)) for change in simpler]
    shares = Counter(chain.from_iterable(found))

    def make_helper(place: _Place) -> _Helper:
        return _Helper(added[place], shares[place], callers.describe(place))

    pairs = zip(simpler, found, strict=True)
    return [_make_split(change, [*map(make_helper, places)]) for change, places in pairs if places]


def _sort_for(change: BlockChange, places: Iterable[_Place]) -> list[_Place]:
    """Return the helpers of a function in order: those of its own file first."""
    return sorted(places, key=lambda place: (place[0] != change.path, place))


def _find_module(place: _Place) -> str:
    """Return the bare name of the module of a function, in the letters of an undecoded source."""
    return os.fsencode(PurePosixPath(place[0]).stem).decode("latin-1")


class _Helper(NamedTuple):
    """A new helper: the change that adds it, and how many simpler functions it belongs to."""

    change: BlockChange
    shares: int
    facts: HelperFacts


class _Callers:
    """The mentions of functions in the files of a change; each file is parsed once."""

    def __init__(self, contents: _Contents, before: _Contents, added: Iterable[_Place]) -> None:
        self._contents = contents
        self._read = cache(lambda path: find_mentions(contents[path]()))
        self._read_before = cache(lambda path: find_mentions(before[path]()) if path in before else None)
        self._read_mentioned = cache(self._find_mentioned)
        self._read_imported = cache(self._find_imported)
        # By bare name, then by path, and those outside of tests by module.
        self._added: dict[str, dict[str, list[_Place]]] = {}
        self._by_module: dict[str, dict[str, list[_Place]]] = {}
        for place in added:
            bare = _find_bare(place[1])
            self._added.setdefault(bare, {}).setdefault(place[0], []).append(place)
            if not is_test_file(place[0]):
                self._by_module.setdefault(bare, {}).setdefault(_find_module(place), []).append(place)

    def find_helpers(self, change: BlockChange) -> set[_Place]:
        """Return the added functions that a function mentions, and those that these mention.

        A name that the function called before, such as ``close``, means something that existed then.
        """
        place = change.key
        if not self._read_mentioned(place[0]).get(place[1]):
            return set()
        helpers, waiting, called = set[_Place](), [place], self._find_called_before(change)
        while waiting:
            found = {*self._iter_mentioned(waiting.pop(), called)} - {place, *helpers}
            helpers |= found
            waiting += found
        return helpers

    def _find_called_before(self, change: BlockChange) -> frozenset[str]:
        mentions = self._read_before(change.previous_path or change.path)
        function = mentions.nodes.get(change.previous_name or change.qualified_name) if mentions else None
        return find_called(function) if function else frozenset()

    def _iter_mentioned(self, place: _Place, called: Container[str]) -> Iterator[_Place]:
        """Yield the added functions that a function mentions; those of tests and overloads are no helpers."""
        for name in self._read_mentioned(place[0]).get(place[1], ()):
            if name not in called:
                yield from filterfalse(self._is_overload, self._find_named(name, place[0]))

    def _find_mentioned(self, path: str) -> Mapping[str, Sequence[str]]:
        """Return the bare names of added functions that each function of a file and its parts mention."""
        found: dict[str, list[str]] = {}
        if (mentions := self._read(path)) is None:
            return found
        for name in mentions.inside.keys() & self._added.keys():
            owners = (accumulate(owner.split("."), "{}.{}".format) for owner in mentions.inside[name])
            for owner in {*chain.from_iterable(owners)}:
                found.setdefault(owner, []).append(name)
        return found

    def _is_overload(self, place: _Place) -> bool:
        mentions = self._read(place[0])
        return mentions is not None and is_overload(mentions.nodes.get(place[1]))

    def _find_named(self, name: str, path: str) -> list[_Place]:
        """Return the added functions that a name in a file may mean: its own, or those that it may import."""
        own, mentions = self._added[name].get(path, []), self._read(path)
        if own or mentions is None or name not in mentions.outside:
            return own
        others = self._by_module.get(name, {})
        named = others.keys() & self._read_imported(path)
        return [place for module in named or others for place in others[module]]

    def _find_imported(self, path: str) -> set[str]:
        """Return the words of the import statements of a file."""
        return {*_WORD.findall(" ".join(_IMPORT.findall(self._contents[path]().decode("latin-1"))))}

    def describe(self, place: _Place) -> HelperFacts:
        """Return what tells whether an added function stands for itself.

        A module that imports it and does not use it has it for others, and counts as one caller.
        """
        path, bare = place[0], _find_bare(place[1])
        own, others = self._read(path), dict(self._iter_mentioning(path, bare))
        owners = {(path, owner) for owner in own.inside.get(bare, ())} if own else set()
        for other, mentions in others.items():
            if not is_test_file(other):
                owners |= {(other, owner) for owner in mentions.inside.get(bare, ("",))}
        callers = sum(not _is_inside(owner, place) for owner in owners)
        function = own.nodes.get(place[1]) if own else None
        if not isinstance(function, FUNCTIONS):
            return HelperFacts(0, 0, is_tested=False, callers=callers)
        is_tested = any(map(is_test_file, others))
        return HelperFacts(count_parameters(function), count_results(function), is_tested, callers)

    def _iter_mentioning(self, path: str, name: str) -> Iterator[tuple[str, Mentions]]:
        """Yield the other files that mention a name, with all that they mention.

        A file is parsed only if its text contains the name. Other names than ASCII depend on the encoding.
        """
        for other in self._files_by_word.get(name, ()) if name.isascii() else self._contents:
            if other != path and (mentions := self._read(other)) and name in mentions.outside:
                yield other, mentions

    @cached_property
    def _files_by_word(self) -> Mapping[str, Sequence[str]]:
        """The files that contain the bare name of an added function."""
        found: dict[str, list[str]] = {}
        for path, read in self._contents.items():
            for word in {*map(bytes.decode, _ASCII_WORD.findall(read()))} & self._added.keys():
                found.setdefault(word, []).append(path)
        return found


def _find_metric(change: BlockChange) -> str | None:
    """Return the metric by which a block became simpler, if any."""
    known = {
        metric: (number.before, number.after)
        for metric in _METRICS
        if (number := change.metrics.get(metric)) and number.before is not None and number.after is not None
    }
    over = [metric for metric, values in known.items() if _is_over(change.metrics[metric], values[0])]
    decisive = next(iter((*over, *known)), None)
    return decisive if decisive and known[decisive][1] < known[decisive][0] else None


def _is_over(number: MetricChange, value: Number) -> bool:
    return not satisfies(value, number.comparison, number.limit)


def _is_inside(owner: _Place, place: _Place) -> bool:
    """Return whether something is a function, or a part of it."""
    return owner[0] == place[0] and (owner[1] == place[1] or owner[1].startswith(f"{place[1]}."))


def _find_bare(name: str) -> str:
    return strip_number(name).rpartition(".")[2]


def _make_split(change: BlockChange, helpers: Sequence[_Helper]) -> Split:
    metric = _find_metric(change) or ""
    number = change.metrics[metric]
    before, after = number.before or 0, number.after or 0
    points: list[Number] = [
        (helper.change.metrics[metric].after or 0) / helper.shares
        for helper in helpers
        if metric in helper.change.metrics
    ]
    together = _simplify(after + sum(points))
    return Split(
        path=change.path,
        qualified_name=change.qualified_name,
        line=change.line,
        metric=metric,
        before=before,
        after=after,
        helpers=tuple(_name(helper.change, change.path) for helper in helpers),
        together=together,
        effect=_find_effect(before, together, len(helpers)),
        facts=tuple(helper.facts for helper in helpers),
        cell=change.cell,
    )


def _find_effect(before: Number, together: Number, helpers: int) -> Literal["worse", "better", "moved"]:
    """Return the effect on a function and its helpers, each of which may cost a point by itself."""
    if together < before:
        return "better"
    return "worse" if together > before + helpers else "moved"


def _name(helper: BlockChange, path: str) -> str:
    name = helper.qualified_name
    return name if helper.path == path else f"{helper.path}::{name}"


def _simplify(value: Number) -> Number:
    """Return a whole number where a quotient is one."""
    return int(value) if value == int(value) else round(value, 2)
