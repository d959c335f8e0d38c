"""Go along a history: update the state of all files commit by commit, and compute totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from pytest_antipasta.engine.diagnostics import ReportProgress
from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.model.trend import CommitTotals, Trend
from pytest_antipasta.runtime.background import in_background
from pytest_antipasta.trend.churn import Churn
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.contributions import Contribution, ContributionKey, Contributor
from pytest_antipasta.trend.kept_contributions import KeptContributions
from pytest_antipasta.trend.opening import Past
from pytest_antipasta.trend.origins import make_origin_finder
from pytest_antipasta.trend.outcome import count_folders, locate_month, pair_files
from pytest_antipasta.trend.standings import Standings
from pytest_antipasta.trend.totals import RunningTotals

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pytest_antipasta.trend.block_churn import BlockChurn

# Number of commits whose changes are in memory, in addition to as many following ones.
_CHUNK = 500
# Number of contributions kept in addition to those of existing files: a content may reappear.
_KNOWN = 10_000


def measure_trend(
    past: Past,
    metrics: Sequence[str] | None,
    step: ReportProgress,
    *,
    follows_blocks: bool,
) -> Trend:
    """Return the history of the values of a root.

    Args:
        past: history of the root.
        metrics: selected metrics, as if no other had a limit; ``None`` for all.
        step: receives the number of examined commits and the total.
        follows_blocks: whether to count the changes of functions too, which takes longer.
    """
    walk = _Walk(
        past,
        tuple(metrics or (name for name in judged_metrics() if name not in COVERAGE_METRICS)),
        follows_blocks=follows_blocks,
    )
    return walk.finish(list(walk.follow(step)))


class _Walk:
    """The state of all source files at the current commit."""

    def __init__(self, past: Past, metrics: tuple[str, ...], *, follows_blocks: bool) -> None:
        settings, _, self._phases, _, self._plan, self._contents, _ = self._past = past
        self._metrics = metrics
        self._contributor = Contributor(settings, metrics)
        self._totals = RunningTotals(metrics)
        self._standings = Standings(locate_month(self._plan.commits))
        self._churn = Churn()
        self._block_churn: BlockChurn | None = None
        if follows_blocks:
            from pytest_antipasta.trend.block_churn import BlockChurn  # most trends are about files
            from pytest_antipasta.trend.versions import Versions

            self._block_churn = BlockChurn(Versions(self._contents))
        self._files: dict[str, Contribution] = {}
        self._at_first: dict[str, Contribution] = {}
        self._known: dict[ContributionKey, Contribution] = {}
        self._kept = KeptContributions(self._contents, metrics, nested_blocks=settings.nested_blocks)
        self._unmeasured: dict[bytes, str] = {}

    def follow(self, step: ReportProgress) -> Iterator[CommitTotals]:
        """Yield the totals of each commit."""
        commits = self._plan.commits
        ahead: Future[list[list[FileDiff]]] | None = None
        for start in range(0, len(commits), _CHUNK):
            with self._phases.time("compare"):
                changes = self._list_changes(start) if ahead is None else ahead.result()
            ahead = None
            if start + _CHUNK < len(commits):
                with suppress(RuntimeError):  # git compares these in the background if possible
                    ahead = in_background(partial(self._list_changes, start + _CHUNK))
            with self._phases.time("measure"):
                for share in self._measure(changes):
                    step(start + int(share * len(changes)), len(commits))
            if self._block_churn is not None:
                with self._phases.time("follow"):
                    self._block_churn.apply(changes if start else changes[1:])
            with self._phases.time("add"):
                for index, change in enumerate(changes, start):
                    self._apply(index, change)
                    yield self._totals.sum_up(commits[index])

    def finish(self, commits: Sequence[CommitTotals]) -> Trend:
        """Return the complete history."""
        if commits:
            with self._phases.time("follow"):
                self._standings.settle(make_origin_finder(self._past))
        unread = () if self._block_churn is None else self._block_churn.unread
        return Trend(
            self._metrics,
            commits,
            tuple(self._standings.iter_standing(self._files)),
            pair_files(self._at_first, self._files, self._churn.origins),
            count_folders(self._at_first, self._files),
            self._churn.rank(self._files, self._metrics),
            self._standings.compare() if commits else None,
            Counter(self._unmeasured.values()) + Counter({"missing": len(unread)}),
            self._plan.is_cut_off,
            self._plan.begins,
            block_hotspots=None if self._block_churn is None else self._block_churn.rank(self._files),
        )

    def _list_changes(self, start: int) -> list[list[FileDiff]]:
        """Return the source files that some hundred commits change; for the first commit, all files."""
        past, follows = self._past, self._block_churn is not None
        changes = past.list_changes(start, start + _CHUNK, needs_contents=follows)
        if start == 0:
            changes[0] = past.keep_sources(past.repository.diffs.of_whole(past.plan.commits[0].name))
        return changes

    def _measure(self, changes: Sequence[Sequence[FileDiff]]) -> Iterator[float]:
        """Measure all new contents of some commits; yield the share of the work that is finished."""
        if len(self._known) > _KNOWN:
            self._known.clear()
        files = (
            OldFile(diff.blob, diff.path) for diff in chain.from_iterable(changes) if diff.path is not None
        )
        asked = {self._identify(file): file for file in files}
        self._known |= self._kept.find(self._list_unknown(asked))
        unknown = self._list_unknown(asked)
        wanted = {key[0]: asked[key] for key in unknown}
        keys: dict[bytes, list[ContributionKey]] = {}
        for key in unknown:
            keys.setdefault(key[0], []).append(key)
        for number, (digest, measurement) in enumerate(self._contents.find(wanted)):
            yield number / len(wanted)
            if measurement.error is not None:
                self._unmeasured[digest] = measurement.error.kind
            for key in keys[digest]:
                item = self._known[key] = self._contributor.make(key[1], measurement)
                self._kept.keep(key, item)

    def _list_unknown(self, keys: Iterable[ContributionKey]) -> list[ContributionKey]:
        return [key for key in keys if key not in self._known]

    def _apply(self, index: int, change: Sequence[FileDiff]) -> None:
        """Update files and totals with the changes of a commit."""
        before, after = {}, {}
        for diff in change:
            if diff.old_path is not None:
                before[diff.old_path] = self._files.pop(diff.old_path)
            if diff.path is not None:
                after[diff.path] = self._known[self._identify(OldFile(diff.blob, diff.path))]
        self._files |= after
        for contribution in before.values():
            self._totals.add(contribution, -1)
        for contribution in after.values():
            self._totals.add(contribution)
        origins = {diff.path: diff.old_path for diff in change if diff.path is not None}
        self._standings.apply(index, before, after, origins)
        if index == 0:
            self._at_first = dict(self._files)
        else:
            self._churn.apply(change)

    def _identify(self, file: OldFile) -> ContributionKey:
        return self._contents.digest(file), self._contributor.limits(file.path)
