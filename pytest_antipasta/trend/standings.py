"""Since when what is over its limit is so: the commit that took it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from pytest_antipasta.model import Number, Standing, Violation
from pytest_antipasta.trend.contributions import Contribution

_Key: TypeAlias = tuple[str, "str | None", str]
_Body: TypeAlias = tuple["str | None", str, Number]


class Standings:
    """Numbers over their limits by path, qualified name and metric, each with the commit that took it there.

    What vanishes in the commit in which the same number comes to be under the same name in another file was
    moved there.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._since: dict[_Key, int] = {}

    def apply(
        self, index: int, before: Mapping[str, Contribution], after: Mapping[str, Contribution]
    ) -> None:
        """Note what a commit changes.

        Args:
            index: of the commit.
            before: by path what the files were that it changes or deletes.
            after: likewise, what those are that it changes or adds.
        """
        old, new = dict(_iter_numbers(before)), dict(_iter_numbers(after))
        gone: dict[_Body, list[int]] = {}
        for key, violation in old.items():
            if key not in new:
                gone.setdefault(_identify(violation), []).append(self._since.pop(key))
        for key, violation in new.items():
            if key not in old:
                moved = gone.get(_identify(violation))
                self._since[key] = moved.pop() if moved else index

    def iter_standing(self, files: Mapping[str, Contribution]) -> Iterator[Standing]:
        """Yield all numbers over their limits in the last commit."""
        for (path, *_), since, violation in (
            (key, self._since[key], violation) for key, violation in _iter_numbers(files)
        ):
            yield Standing(path, violation, since)

    def count_after(self, index: int) -> int:
        """Return how many numbers are over their limits since a later commit."""
        return sum(since > index for since in self._since.values())


def _identify(violation: Violation) -> _Body:
    return violation.qualified_name, violation.metric, violation.value


def _iter_numbers(files: Mapping[str, Contribution]) -> Iterable[tuple[_Key, Violation]]:
    for path, contribution in files.items():
        for violation in contribution.violations:
            yield (path, violation.qualified_name, violation.metric), violation
