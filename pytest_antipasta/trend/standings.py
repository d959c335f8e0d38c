"""Find the commit that caused each current violation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from pytest_antipasta.model.judged import Violation
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.trend import LastingViolation, Month
from pytest_antipasta.trend.contributions import Contribution

_Key: TypeAlias = tuple[str, "str | None", str]
_Identity: TypeAlias = "tuple[str | Number | None, ...]"


class Standings:
    """Violations by path, qualified name and metric, each with the commit that caused it.

    A violation that disappears in the commit in which an equal one appears has moved there if the name is the
    same, and was renamed if the file is. In the same file, with a name that differs only in its number, as
    by overloads, it may have another value.

    A content without values is skipped: its file keeps its violations until it has values again.
    """

    def __init__(self, then: int) -> None:
        """Start with no violations, and record those at the index of a commit."""
        self._since: dict[_Key, int] = {}
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
        broken = {
            path: before.get(origins[path] or "", item)
            for path, item in after.items()
            if item.error is not None
        }
        self._last |= broken
        gone, came = _compare(before, {**after, **broken})
        since = {key: self._since.pop(key) for key in gone}
        self._since |= dict.fromkeys(came, index)
        self._since |= {key: since[origin] for key, origin in _find_origins(gone, came, origins).items()}
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


def _compare(
    before: Mapping[str, Contribution], after: Mapping[str, Contribution]
) -> tuple[dict[_Key, Violation], dict[_Key, Violation]]:
    """Return the violations that disappeared, and those that appeared."""
    old, new = dict(_iter_numbers(before)), dict(_iter_numbers(after))
    gone = {key: violation for key, violation in old.items() if key not in new}
    came = {key: violation for key, violation in new.items() if key not in old}
    return gone, came


def _find_origins(
    gone: Mapping[_Key, Violation],
    came: Mapping[_Key, Violation],
    origins: Mapping[str, str | None],
) -> dict[_Key, _Key]:
    """Return for violations that appeared which of those that disappeared they were; each is only one.

    Args:
        gone: violations that disappeared.
        came: violations that appeared.
        origins: previous paths of files.
    """
    found: dict[_Key, _Key] = {}
    before = {key: (origins.get(key[0]) or key[0], *key[1:]) for key in came}
    for identify in (_find_same, _find_name, _find_method, _find_file):
        taken = {*found.values()}
        left: dict[_Identity, list[_Key]] = {}
        for key, violation in gone.items():
            if key not in taken:
                left.setdefault(identify(key, violation), []).append(key)
        for key, violation in came.items():
            if key not in found and (same := left.get(identify(before[key], violation))):
                found[key] = same.pop(0)
    return found


def _find_same(key: _Key, violation: Violation) -> _Identity:
    return key[0], strip_number(key[1] or ""), violation.metric


def _find_name(key: _Key, violation: Violation) -> _Identity:
    return key[1], violation.metric, violation.value


def _find_method(key: _Key, violation: Violation) -> _Identity:
    bare = strip_number(key[1] or "").rpartition(".")[2]
    return key[0], bare, violation.metric, violation.value


def _find_file(key: _Key, violation: Violation) -> _Identity:
    return key[0], violation.metric, violation.value


def _iter_numbers(files: Mapping[str, Contribution]) -> Iterator[tuple[_Key, Violation]]:
    for path, contribution in files.items():
        for violation in contribution.violations:
            yield (path, violation.qualified_name, violation.metric), violation
