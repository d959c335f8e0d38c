"""Find the commit that caused each current violation."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TypeAlias

from pytest_antipasta.model.judged import Violation
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.trend import LastingViolation, Month
from pytest_antipasta.trend.contributions import Contribution

_Key: TypeAlias = tuple[str, "str | None", str]
_Body: TypeAlias = tuple["str | None", str, Number]
_NAME = attrgetter("qualified_name", "metric")


class Standings:
    """Violations by path, qualified name and metric, each with the commit that caused it.

    A violation that disappears in the commit in which an equal one appears under the same name in another
    file has moved there.
    """

    def __init__(self, then: int) -> None:
        """Start with no violations, and record those at the index of a commit."""
        self._since: dict[_Key, int] = {}
        self._then = then
        self._over_then: set[_Key] = set()

    def apply(
        self, index: int, before: Mapping[str, Contribution], after: Mapping[str, Contribution]
    ) -> None:
        """Record the changes of a commit.

        Args:
            index: index of the commit.
            before: old contributions of changed and deleted files, by path.
            after: new contributions of changed and added files, by path.
        """
        # Most edits change no violation.
        same = {path for path in before.keys() & after.keys() if _name(before[path]) == _name(after[path])}
        old, new = (dict(_iter_numbers(side, same)) for side in (before, after))
        gone: dict[_Body, list[int]] = {}
        for key, violation in old.items():
            if key not in new:
                gone.setdefault(_identify(violation), []).append(self._since.pop(key))
        for key, violation in new.items():
            if key not in old:
                moved = gone.get(_identify(violation))
                self._since[key] = moved.pop() if moved else index
        if index == self._then:
            self._over_then = set(self._since)

    def iter_standing(self, files: Mapping[str, Contribution]) -> Iterator[LastingViolation]:
        """Yield all violations in the last commit, by path and line."""
        for key, violation in _iter_numbers(dict(sorted(files.items()))):
            yield LastingViolation(key[0], violation, self._since[key])

    def compare(self) -> Month:
        """Return the differences from that commit, ignoring commits in between."""
        then, now = len(self._over_then), len(self._since)
        same = sum(since <= self._then or key in self._over_then for key, since in self._since.items())
        # If one was moved away and another one came to its place, only one of them existed then.
        same = min(same, then)
        return Month(self._then, now - same, then - same)


def _identify(violation: Violation) -> _Body:
    return violation.qualified_name, violation.metric, violation.value


def _name(contribution: Contribution) -> list[tuple[str | None, str]]:
    return list(map(_NAME, contribution.violations))


def _iter_numbers(
    files: Mapping[str, Contribution], left_out: Container[str] = ()
) -> Iterable[tuple[_Key, Violation]]:
    for path, contribution in files.items():
        if path not in left_out:
            for violation in contribution.violations:
                yield (path, violation.qualified_name, violation.metric), violation
