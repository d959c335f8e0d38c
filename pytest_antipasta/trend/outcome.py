"""What a history comes to: its folders then and now, and where its last month begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_antipasta.git import Commit
from pytest_antipasta.model import FolderTotals
from pytest_antipasta.trend.contributions import Contribution

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


def find_month(commits: Sequence[Commit]) -> int:
    """Return the index of the last commit that is 30 days older than the last one; 0 without such a one."""
    older = (index for index, one in enumerate(commits) if one.time <= commits[-1].time - _MONTH)
    return max(older, default=0)


def _group(files: Mapping[str, Contribution]) -> dict[str, list[Contribution]]:
    groups: dict[str, list[Contribution]] = {}
    for path, contribution in files.items():
        groups.setdefault(path.rpartition("/")[0] or ".", []).append(contribution)
    return groups


def _count(files: Sequence[Contribution]) -> int:
    return sum(len(one.violations) for one in files)
