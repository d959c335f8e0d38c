"""What a history comes to: its folders then and now, and what the last month did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_antipasta.model import CommitTotals, FolderTotals, Month
from pytest_antipasta.trend.contributions import Contribution
from pytest_antipasta.trend.standings import Standings

_MONTH = 30 * 86400


def count_folders(
    first: Mapping[str, Contribution], last: Mapping[str, Contribution]
) -> tuple[FolderTotals, ...]:
    """Return the folders that files are in, in the first commit or in the last one."""
    before, after = _group(first), _group(last)
    return tuple(
        FolderTotals(
            folder,
            len(after.get(folder, ())),
            sum(one.blocks for one in after.get(folder, ())),
            _count(after.get(folder, ())),
            _count(before.get(folder, ())),
        )
        for folder in sorted({*before, *after})
    )


def find_month(commits: Sequence[CommitTotals], standings: Standings) -> Month | None:
    """Return what the 30 days before the last commit did, or less where there is no earlier commit."""
    if not commits:
        return None
    end = commits[-1]
    since = max(_iter_before(commits, end.time - _MONTH), default=0)
    added = standings.count_after(since)
    return Month(since, added, commits[since].violations + added - end.violations)


def _iter_before(commits: Sequence[CommitTotals], time: int) -> Iterator[int]:
    return (index for index, commit in enumerate(commits) if commit.time <= time)


def _group(files: Mapping[str, Contribution]) -> dict[str, list[Contribution]]:
    groups: dict[str, list[Contribution]] = {}
    for path, contribution in files.items():
        groups.setdefault(path.rpartition("/")[0] or ".", []).append(contribution)
    return groups


def _count(files: Sequence[Contribution]) -> int:
    return sum(len(one.violations) for one in files)
