"""Violations and the entries that they were recorded as, under the name that they have now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import asdict, replace

from pytest_antipasta.baseline.entries import Baseline, Source
from pytest_antipasta.metrics import Namesake, find_stem, pair_namesakes
from pytest_antipasta.model import BaselineEntry, Tolerated, Verdict, Violation

if TYPE_CHECKING:
    from pytest_antipasta.metrics import Bodies

Entries: TypeAlias = "list[BaselineEntry | None]"
"""For each violation of a verdict the entry that it was recorded as, if it was."""


class FileSource:
    """A file that is read when somebody needs to see it."""

    def __init__(self, read: Callable[[], bytes | None]) -> None:
        """Take what gives the content; ``None`` where it is gone."""
        self._read = read

    def digest(self, qualified_name: str) -> str | None:
        """Return what stands for the body of a block, or of the whole file under the empty name."""
        return self._bodies.digest(qualified_name) if self._bodies else None

    def sketch(self, qualified_name: str) -> str:
        """Return what is similar for similar bodies, likewise; empty where there is no such block."""
        return self._bodies.sketch(qualified_name) if self._bodies else ""

    @cached_property
    def _bodies(self) -> Bodies | None:
        # Here, because a run that finds every entry by its name parses nothing.
        from pytest_antipasta.metrics import Bodies

        data = self._read()
        return Bodies(data) if data is not None else None


def tolerate(
    verdict: Verdict,
    baseline: Baseline,
    entries: Iterable[BaselineEntry | None],
    is_granted: Callable[[Violation, bool], bool],
) -> Verdict:
    """Return the verdict, with what is recorded tolerated, as far as that is granted.

    Args:
        verdict: of a file by its limits.
        baseline: what is recorded.
        entries: of each violation.
        is_granted: whether a recorded number is tolerated, given whether it is worse than recorded.
    """
    violations: list[Violation] = []
    tolerated: list[Tolerated] = []
    for violation, entry in zip(verdict.violations, entries, strict=True):
        if entry is None:
            violations.append(violation)
            continue
        told = replace(violation, recorded=entry.value)
        if is_granted(told, baseline.is_worse(violation.value, entry, violation.comparison)):
            tolerated.append(Tolerated(**asdict(told), why="baseline"))
        else:
            violations.append(told)
    return replace(
        verdict,
        violations=tuple(violations),
        tolerated=tuple(sorted((*verdict.tolerated, *tolerated), key=_line)),
        failed=bool(violations) or any(suppression.fails for suppression in verdict.suppressions),
    )


def find_named(verdict: Verdict, baseline: Baseline, source: Source) -> Entries:
    """Return the entries that are of the same file and name.

    Of several blocks of one name, such as overloads, each has the entry of the one that it was: another one
    before it changes its number. Who they are counts only where one of them would fail by its number, or is
    not there any more.

    Args:
        verdict: of the whole file, by its limits.
        baseline: what is recorded.
        source: the file's content.
    """
    found = [baseline.find(verdict.path, violation) for violation in verdict.violations]
    is_good = all(map(partial(_is_good, baseline), verdict.violations, found))
    if is_good and verdict.path not in baseline.paths_of_namesakes:
        return found
    for (stem, _), indices in _group(verdict.violations).items():
        violations = [verdict.violations[index] for index in indices]
        own = [found[index] for index in indices]
        entries = baseline.find_group(verdict.path, stem, violations[0])
        if not _is_settled(baseline, violations, own, entries):
            pairs = _pair(entries, violations, source)
            for index, violation in zip(indices, violations, strict=True):
                found[index] = pairs.get(violation.qualified_name or "")
    return found


def _is_settled(
    baseline: Baseline, violations: Sequence[Violation], own: Entries, entries: Sequence[BaselineEntry]
) -> bool:
    """Whether the entries that blocks of a name have by their numbers are theirs, or as good."""
    if len(own) != len(entries):
        return not entries  # one of them has left, or come
    return own == entries[:1] or all(map(partial(_is_good, baseline), violations, own))


def _is_good(baseline: Baseline, violation: Violation, entry: BaselineEntry | None) -> bool:
    return entry is not None and not baseline.is_worse(violation.value, entry, violation.comparison)


def _group(violations: Sequence[Violation]) -> dict[tuple[str, str], list[int]]:
    """Return the places of a metric's numbers of all blocks of a name."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, violation in enumerate(violations):
        if violation.qualified_name is not None:
            key = find_stem(violation.qualified_name), violation.metric
            groups.setdefault(key, []).append(index)
    return groups


def _pair(
    entries: Sequence[BaselineEntry], violations: Sequence[Violation], source: Source
) -> dict[str, BaselineEntry]:
    """Return the entries of blocks of one name, by their names."""
    by_name = {entry.qualified_name or "": entry for entry in entries}
    names = [violation.qualified_name or "" for violation in violations]
    old = [Namesake(name, entry.body, entry.sketch) for name, entry in by_name.items()]
    new = [Namesake(name, source.digest(name) or "", source.sketch(name)) for name in names]
    return {name: by_name[origin] for name, origin in pair_namesakes(old, new).items()}


def _line(violation: Violation) -> int:
    return violation.line or 0
