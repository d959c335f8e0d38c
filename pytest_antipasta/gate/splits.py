"""Find functions that a change splits into helpers, and whether it removed points or only moved them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from pytest_antipasta.metrics.following.mentions import (
    Function,
    Mentions,
    count_parameters,
    count_results,
    find_mentions,
)
from pytest_antipasta.metrics.following.pairing import find_stem
from pytest_antipasta.model.changes import BlockChange, HelperFacts, Split
from pytest_antipasta.model.measured import Number
from pytest_antipasta.settings.path_thresholds import OF_TESTS
from pytest_antipasta.settings.patterns import compile_patterns

# The first of these metrics with a limit and a value decides whether a function is simpler.
_METRICS = ("cognitive_complexity", "cyclomatic_complexity")


def find_splits(changes: Sequence[BlockChange], contents: Mapping[str, Callable[[], bytes]]) -> list[Split]:
    """Return the functions that a change makes simpler, with the new helpers that only they call.

    Args:
        changes: the changes of blocks.
        contents: returns the content of each Python file after the change, by path.
    """
    added: dict[str, dict[str, BlockChange]] = {}
    for change in changes:
        if change.change == "added" and change.path in contents:
            added.setdefault(change.path, {})[change.qualified_name] = change
    callers = _Callers(contents)
    found = (_find_split(change, added[change.path], callers) for change in changes if change.path in added)
    return [split for split in found if split is not None]


def _find_split(change: BlockChange, added: Mapping[str, BlockChange], callers: _Callers) -> Split | None:
    """Return what a change did to a function that is simpler now and has new helpers."""
    if (metric := _find_metric(change)) is None:
        return None
    names = sorted(callers.find_helpers(change, added))
    facts = (callers.describe(change.path, name) for name in names)
    return _make_split(change, metric, [added[name] for name in names], facts) if names else None


@cache
def _is_test(path: str) -> bool:
    return compile_patterns(OF_TESTS.files)(path)


class _Callers:
    """The mentions of functions in the files of a change; each file is parsed once."""

    def __init__(self, contents: Mapping[str, Callable[[], bytes]]) -> None:
        self._contents = contents
        self._read = cache(lambda path: find_mentions(contents[path]()))

    def find_helpers(self, change: BlockChange, added: Collection[str]) -> Collection[str]:
        """Return the added functions of a file that only a function, or its other helpers, call."""
        if (mentions := self._read(change.path)) is None:
            return ()
        private = {name for name in added if not self._is_mentioned_elsewhere(change.path, _find_bare(name))}
        return _find_helpers(change.qualified_name, private, mentions)

    def describe(self, path: str, name: str) -> HelperFacts:
        """Return what tells whether an added function stands for itself."""
        mentions = self._read(path)
        function = None if mentions is None else mentions.nodes.get(name)
        if not isinstance(function, Function):
            return HelperFacts(0, 0, is_tested=False)
        is_tested = any(map(_is_test, self._iter_mentioning(path, _find_bare(name))))
        return HelperFacts(count_parameters(function), count_results(function), is_tested)

    def _is_mentioned_elsewhere(self, path: str, name: str) -> bool:
        """Return whether another file than tests may call a new function; only files of the change can."""
        return not all(map(_is_test, self._iter_mentioning(path, name)))

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


def _find_helpers(name: str, added: Collection[str], mentions: Mentions) -> set[str]:
    """Return the added functions that only a function, or its other helpers, mention."""
    helpers, before = set(added), set[str]()
    while helpers != before:
        before = helpers
        helpers = {helper for helper in helpers if _is_called_by(helper, {name, *helpers}, mentions)}
    reached, waiting = set[str](), {name}
    while waiting:
        callers = {waiting.pop()}
        found = {
            helper
            for helper in helpers - reached
            if any(_is_inside(owner, callers) for owner in mentions.inside.get(_find_bare(helper), ()))
        }
        reached |= found
        waiting |= found
    return reached


def _is_called_by(name: str, callers: Collection[str], mentions: Mentions) -> bool:
    """Return whether a function is mentioned, and only by these callers and itself."""
    owners = mentions.inside.get(_find_bare(name), frozenset())
    others = [owner for owner in owners if not _is_inside(owner, (name,))]
    return bool(others) and all(_is_inside(owner, callers) for owner in others)


def _is_inside(owner: str, names: Collection[str]) -> bool:
    return any(owner == name or owner.startswith(f"{name}.") for name in names)


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
        helpers=tuple(helper.qualified_name for helper in helpers),
        facts=tuple(facts),
        together=together,
        effect="better" if together < before else "moved",
    )
