"""The baseline applied to verdicts, with what it may have to know of the rest of a worktree."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from functools import cache, cached_property

from msgspec.structs import replace

from pytest_antipasta.baseline.entries import Baseline, Key
from pytest_antipasta.baseline.matching import FileSource, Places, Source, tolerate
from pytest_antipasta.model import BaselineEntry, FileMetrics, Measurement, Verdict, Violation
from pytest_antipasta.selection import find_missing_paths, select_files
from pytest_antipasta.settings import Settings
from pytest_antipasta.versions import python_minor
from pytest_antipasta.worktree import UnreadableError, read_file


class Tolerance:
    """Lets pass what is recorded and has got no worse, and a file's own numbers unless files are strict.

    Attributes:
        baseline: what is recorded.
        places: tells what has left its place; ``None`` follows nothing.
    """

    def __init__(self, settings: Settings, find_places: Callable[[Baseline], Places] | None) -> None:
        """Take what is recorded for a root, and what gives the places where things are now."""
        self.baseline = Baseline(settings.recorded or (), python_minor())
        self._strict_files = settings.strict_files
        self.places = find_places(self.baseline) if find_places else None

    def may_follow(self, verdict: Verdict) -> bool:
        """Whether a number that has no entry of its own may have that of something that moved."""
        return any(one.recorded is None and self.baseline.has_like(one) for one in verdict.violations)

    def apply(self, verdict: Verdict, source: Source, is_critical: Callable[[str, str], bool]) -> Verdict:
        """Return a verdict with what is recorded tolerated.

        Args:
            verdict: by the limits.
            source: the content that was judged.
            is_critical: whether nothing is tolerated in a block, by path and qualified name.
        """

        def is_granted(violation: Violation, is_worse: bool) -> bool:
            if violation.qualified_name is None:
                # Every edit moves a file's numbers; as in a commit, only its blocks have to hold theirs.
                return not (is_worse and self._strict_files)
            return not is_worse and not is_critical(verdict.path, violation.qualified_name)

        return tolerate(verdict, self.baseline, self.places, source, is_granted)

    def apply_to_file(
        self, verdict: Verdict, read: Callable[[], bytes | None], is_critical: Callable[[str, str], bool]
    ) -> Verdict:
        """Return the verdict on a file with what is recorded tolerated.

        Args:
            verdict: by the limits.
            read: gives the content again, or ``None`` when it is gone.
            is_critical: as above.
        """
        return self.apply(verdict, FileSource(read), is_critical)


class WorktreePlaces:
    """Files and blocks of a worktree, each looked at once and only if somebody asks."""

    def __init__(
        self,
        settings: Settings,
        judge: Callable[[str, Measurement], Verdict],
        measure: Callable[[bytes], Measurement],
        baseline: Baseline,
        changed: Container[str] = (),
    ) -> None:
        """Take the root.

        Args:
            settings: of the root.
            judge: gives the verdict on a file by its limits.
            measure: gives the numbers of a content.
            baseline: what is recorded.
            changed: paths of the files that a change is about.
        """
        self._settings = settings
        self._judge = judge
        self._measure = measure
        self._baseline = baseline
        self._changed = changed
        self._exists = cache(os.path.lexists)
        self._find_version = cache(self._find_in_worktree)

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""
        # What is not UTF-8 is reported with backslashes, and can't be found by what is reported.
        return "\\" in path or self._exists(os.path.join(self._settings.root, path))

    def has_left(self, entry: BaselineEntry, verdict: Verdict, source: Source) -> bool:
        """Whether what was recorded is no longer where it was; false where nobody can tell.

        A block has left its place, too, where another one has its name, which is within the limit: who takes
        a function to pieces often leaves the name to the simplest of them.

        Args:
            entry: what was recorded.
            verdict: of the file that is judged, whose place in the worktree does not count.
            source: its content.
        """
        if entry.path != verdict.path:
            if not self.has_file(entry.path):
                return True
            found = self._find_version(entry.path)
            if found is None:
                return False
            verdict, source = found
        if entry.qualified_name is None:
            return False
        whole = self._judge(verdict.path, verdict.measurement)
        over = {(one.qualified_name, one.metric) for one in (*whole.violations, *whole.tolerated)}
        is_needed = (entry.qualified_name, entry.metric) in over
        return not is_needed and source.digest(entry.qualified_name) != entry.body

    def find_alike(self, verdict: Verdict, source: Source, body: str, metric: str) -> list[Key]:
        """Return all numbers of a metric that have no entry of their own, of blocks, or files, of one body.

        Args:
            verdict: of the file that is judged, whose place in the worktree does not count.
            source: its content.
            body: what stands for it.
            metric: of the numbers.
        """
        others = [key for key in self._alike.get((body, metric), ()) if key[0] != verdict.path]
        whole = self._judge(verdict.path, verdict.measurement)
        own = [key for like, key in self._iter_movable(whole, source) if (like, key[2]) == (body, metric)]
        judged = {(verdict.path, one.qualified_name, one.metric) for one in verdict.violations}

        def comes_late(key: Key) -> bool:
            """Whether a change brings it: what was there before has taken an entry along already."""
            return key[0] in self._changed and (key in judged or key[0] != verdict.path)

        return sorted((*others, *own), key=lambda key: (comes_late(key), key[0]))

    @cached_property
    def _alike(self) -> dict[tuple[str, str], list[Key]]:
        """What may have moved anywhere, by body and metric: as much work as a run over all files."""
        found: dict[tuple[str, str], list[Key]] = {}
        for file in select_files(self._settings_of_what_is_there()).files:
            for body, key in self._iter_movable(*self._read_version(file.path, file.location)):
                found.setdefault((body, key[2]), []).append(key)
        return found

    def _settings_of_what_is_there(self) -> Settings:
        """Return the settings without the paths that are gone: a commit may be what takes them away."""
        gone = find_missing_paths(self._settings)
        return replace(self._settings, paths=tuple(path for path in self._settings.paths if path not in gone))

    def _iter_movable(self, verdict: Verdict, source: Source) -> Iterator[tuple[str, Key]]:
        """Yield the numbers that have no entry of their own and may have one all the same, by body."""
        for one in verdict.violations:
            if not self._baseline.has_like(one) or self._baseline.find(verdict.path, one) is not None:
                continue
            if body := source.digest(one.qualified_name or ""):
                yield body, (verdict.path, one.qualified_name, one.metric)

    def _find_in_worktree(self, path: str) -> tuple[Verdict, Source] | None:
        verdict, source = self._read_version(path, os.path.join(self._settings.root, path))
        return (verdict, source) if verdict.measurement.error is None else None

    def _read_version(self, path: str, location: str) -> tuple[Verdict, Source]:
        """Return the verdict on a file of the worktree by its limits, and its content."""
        try:
            data = read_file(location, self._settings.max_file_bytes).data
        except UnreadableError as failure:
            return Verdict(path, Measurement(FileMetrics(), (), failure.error)), FileSource(lambda: None)
        return self._judge(path, self._measure(data)), FileSource(lambda: data)
