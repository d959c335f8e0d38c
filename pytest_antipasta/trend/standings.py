"""Find the commit that caused each current violation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from pytest_antipasta.metrics.following.file_version import BlockId
from pytest_antipasta.model.judged import Violation
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.trend import LastingViolation, Month
from pytest_antipasta.trend.contributions import Contribution

FindOrigin: TypeAlias = Callable[[int, BlockId, Collection[str]], "BlockId | None"]
"""Returns which block a block was before the commit at an index, among those of its file and of some other
old paths; ``None`` for a new one."""
_Key: TypeAlias = tuple[str, "str | None", str]


class _Cause(Struct, frozen=True):
    """The commit in which a violation appeared.

    Attributes:
        index: index of the commit.
        key: path, qualified name and metric in that commit.
        value: the value in that commit.
        known: violations of the changed files before it, each with its own cause: for a new file all of them,
            for another one those that its files have no more, or with another value, or can't be measured.
    """

    index: int
    key: _Key
    value: Number
    known: Mapping[_Key, _Cause]

    def list_paths(self) -> list[str]:
        """Return the changed files with functions over the limit of this metric before the commit."""
        return [path for path, name, metric in self.known if metric == self.key[2] and name is not None]


class Standings:
    """Violations by path, qualified name and metric, each with the commit that caused it.

    A violation of the same file whose name gets another number, as by overloads, is the same. For others
    that are left at the end, their code says whether they were over a limit in another place before.

    A content without values is skipped: its file keeps its violations until it has values again.
    """

    def __init__(self, then: int) -> None:
        """Start with no violations, and record those at the index of a commit."""
        self._since: dict[_Key, _Cause] = {}
        # For each file whose content has no values, the last content with values, if any.
        self._last: dict[str, Contribution] = {}
        self._then = then
        self._over_then: set[_Key] = set()

    def apply(
        self,
        index: int,
        before: Mapping[str, Contribution],
        after: Mapping[str, Contribution],
        origins: Mapping[str, str | None],
    ) -> None:
        """Record the changes of a commit.

        Args:
            index: index of the commit.
            before: old contributions of changed and deleted files, by path.
            after: new contributions of changed and added files, by path.
            origins: previous paths of these files, by path; ``None`` for an added one.
        """
        before = {path: self._last.pop(path, item) for path, item in before.items()}
        broken = self._keep_last(before, after, origins)
        known = {key: self._since[key] for key, _ in _iter_numbers(before)}
        gone, came, unsure = _compare(before, after, broken)
        left = {key: self._since.pop(key) for key in gone}
        kept = {key: left[origin] for key, origin in _pair(gone, came, origins).items()}
        left |= {key: known[key] for key in unsure}
        # A new file may have the code of one that another file has replaced under its name.
        causes = {
            key: _Cause(index, key, value, left if origins[key[0]] else known) for key, value in came.items()
        }
        self._since |= causes | kept
        if index == self._then:
            self._over_then = set(self._since)

    def _keep_last(
        self,
        before: Mapping[str, Contribution],
        after: Mapping[str, Contribution],
        origins: Mapping[str, str | None],
    ) -> dict[str, Contribution]:
        """Return the last contents with values of the files that have none after a commit, and keep them."""
        broken = {
            path: before.get(origins[path] or "", item)
            for path, item in after.items()
            if item.error is not None
        }
        self._last |= broken
        return broken

    def settle(self, find_origin: FindOrigin) -> None:
        """Find by their code the functions that were over their limits elsewhere before."""
        self._since = {key: _trace(cause, find_origin) for key, cause in self._since.items()}

    def iter_standing(self, files: Mapping[str, Contribution]) -> Iterator[LastingViolation]:
        """Yield all violations in the last commit, by path and line."""
        for key, violation in _iter_numbers(dict(sorted(files.items()))):
            cause = self._since[key]
            yield LastingViolation(key[0], violation, cause.index, cause.value)

    def compare(self) -> Month:
        """Return the differences from that commit, ignoring commits in between."""
        then, now = len(self._over_then), len(self._since)
        same = sum(cause.index <= self._then or key in self._over_then for key, cause in self._since.items())
        # If one was moved away and another one came to its place, only one of them existed then.
        same = min(same, then)
        return Month(self._then, now - same, then - same)


def _trace(cause: _Cause, find_origin: FindOrigin) -> _Cause:
    """Return the commit that took a function over a limit, under any name and in any file."""
    path, name, metric = cause.key
    while name is not None and (paths := cause.list_paths()):
        origin = find_origin(cause.index, (path, name), paths)
        if origin is None or (*origin, metric) not in cause.known:
            break
        cause = cause.known[*origin, metric]
        path, name, _ = cause.key
    return cause


def _compare(
    before: Mapping[str, Contribution], after: Mapping[str, Contribution], broken: Mapping[str, Contribution]
) -> tuple[list[_Key], dict[_Key, Number], list[_Key]]:
    """Return the violations that disappeared, those that appeared, and those that may be of other functions.

    Those that appeared have their values. The last ones have another value, or their file is broken: the
    function that had it may be elsewhere.
    """
    old, new = dict(_iter_numbers(before)), dict(_iter_numbers({**after, **broken}))
    gone = [key for key in old if key not in new]
    came = {key: violation.value for key, violation in new.items() if key not in old}
    kept = [key for key in old if key in new]
    return gone, came, [key for key in kept if key[0] in broken or old[key].value != new[key].value]


def _pair(gone: Iterable[_Key], came: Iterable[_Key], origins: Mapping[str, str | None]) -> dict[_Key, _Key]:
    """Return which violations that appeared are one that disappeared from the same file.

    Names may differ in their numbers. ``origins`` are the previous paths of files.
    """
    left: dict[_Key, list[_Key]] = {}
    for key in gone:
        left.setdefault(_strip(key), []).append(key)
    same = ((key, left.get(_strip((origins.get(key[0]) or key[0], *key[1:])))) for key in came)
    return {key: keys.pop(0) for key, keys in same if keys}


def _strip(key: _Key) -> _Key:
    path, name, metric = key
    return path, strip_number(name or ""), metric


def _iter_numbers(files: Mapping[str, Contribution]) -> Iterator[tuple[_Key, Violation]]:
    for path, contribution in files.items():
        for violation in contribution.violations:
            yield (path, violation.qualified_name, violation.metric), violation
