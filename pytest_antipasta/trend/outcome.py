"""The results of a history: files and folders then and now, and the start of the last month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

from pytest_antipasta.git.history import Commit
from pytest_antipasta.model.trend import FileNumbers, FileTotals, FolderTotals
from pytest_antipasta.trend.contributions import Contribution, unscale

_MONTH = 30 * 86400


def count_folders(
    first: Mapping[str, Contribution], last: Mapping[str, Contribution]
) -> tuple[FolderTotals, ...]:
    """Return the folders of files, in the first commit or in the last one."""
    before, after = _group(first), _group(last)
    return tuple(
        FolderTotals(
            folder,
            len(after.get(folder, ())),
            sum(item.blocks for item in after.get(folder, ())),
            _count(after.get(folder, ())),
            _count(before.get(folder, ())),
        )
        for folder in sorted({*before, *after})
    )


def pair_files(
    first: Mapping[str, Contribution], last: Mapping[str, Contribution], origins: Mapping[str, str]
) -> tuple[FileTotals, ...]:
    """Return the files of both ends; renamed ones are paired."""
    used = {origins.get(path, path) for path in last}
    before = {path: origins.get(path, path) or (path if path not in used else "") for path in last}
    there = [FileTotals(path, _sum_up(first.get(before[path])), _sum_up(item)) for path, item in last.items()]
    gone = [FileTotals(path, _sum_up(first[path]), None) for path in first.keys() - set(before.values())]
    return tuple(sorted(there + gone, key=attrgetter("path")))


def locate_month(commits: Sequence[Commit]) -> int:
    """Return the index of the last commit at least 30 days older than the last one; 0 without one."""
    older = (index for index, item in enumerate(commits) if item.time <= commits[-1].time - _MONTH)
    return max(older, default=0)


def _sum_up(contribution: Contribution | None) -> FileNumbers | None:
    if contribution is None:
        return None
    sums = (
        unscale(total) if number else None
        for total, number in zip(contribution.sums, contribution.counts, strict=True)
    )
    return FileNumbers(contribution.lines, contribution.blocks, len(contribution.violations), tuple(sums))


def _group(files: Mapping[str, Contribution]) -> dict[str, list[Contribution]]:
    groups: dict[str, list[Contribution]] = {}
    for path, contribution in files.items():
        groups.setdefault(path.rpartition("/")[0] or ".", []).append(contribution)
    return groups


def _count(files: Sequence[Contribution]) -> int:
    return sum(len(file.violations) for file in files)
