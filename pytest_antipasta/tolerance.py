"""The baseline applied to verdicts, with what it may have to know of the rest of a worktree."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from msgspec.structs import replace

from pytest_antipasta.baseline.entries import Baseline, Key, Source
from pytest_antipasta.baseline.following import Follower
from pytest_antipasta.baseline.matching import Entries, FileSource, tolerate
from pytest_antipasta.baseline.places import Places
from pytest_antipasta.model import BaselineEntry, FileMetrics, Measurement, Verdict, Violation
from pytest_antipasta.selection import find_missing_paths, select_files
from pytest_antipasta.settings import Settings
from pytest_antipasta.versions import python_minor
from pytest_antipasta.worktree import UnreadableError, read_file


class Tolerance:
    """Lets pass what is recorded and has got no worse, and a file's own numbers unless files are strict.

    Attributes:
        baseline: what is recorded.
    """

    def __init__(self, settings: Settings, places: Places | None) -> None:
        """Take what is recorded for a root, and the places where things are now; ``None`` follows nothing."""
        self.baseline = Baseline(settings.recorded or (), python_minor())
        self._strict_files = settings.strict_files
        self._follower = Follower(self.baseline, places)

    def may_follow(self, verdict: Verdict) -> bool:
        """Whether a number that has no entry of its own may have that of something that moved."""
        missing = [one for one in verdict.violations if one.recorded is None]
        return any(self.baseline.has_like(one) for one in missing) or any(
            entry.path != verdict.path for one in missing for entry in self.baseline.find_namesakes(one)
        )

    def find_like(self, entry: BaselineEntry, violation: Violation | BaselineEntry) -> list[Key]:
        """Return what may have taken an entry along, as a number or itself: what has none under its name."""
        return self._follower.find_like(entry, violation)

    def find_entries(self, verdict: Verdict, source: Source) -> Entries:
        """Return for each violation of a whole file the entry that it was recorded as, if it was."""
        return self._follower.find_entries(verdict, source)

    def apply(
        self,
        verdict: Verdict,
        source: Source,
        is_critical: Callable[[str, str], bool],
        whole: Verdict | None = None,
    ) -> Verdict:
        """Return a verdict with what is recorded tolerated.

        Args:
            verdict: by the limits.
            source: the content that was judged.
            is_critical: whether nothing is tolerated in a block, by path and qualified name.
            whole: the verdict on the whole file, where that is about less; what is not told of may need its
                entry all the same.
        """

        def is_granted(violation: Violation, is_worse: bool) -> bool:
            if violation.qualified_name is None:
                # Every edit moves a file's numbers; as in a commit, only its blocks have to hold theirs.
                return not (is_worse and self._strict_files)
            return not is_worse and not is_critical(verdict.path, violation.qualified_name)

        if not verdict.violations:
            return verdict
        whole = whole or verdict
        found = self.find_entries(whole, source)
        entries = {identify(one): entry for one, entry in zip(whole.violations, found, strict=True)}
        own = [entries[identify(one)] for one in verdict.violations]
        return tolerate(verdict, self.baseline, own, is_granted)

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


def identify(violation: Violation) -> tuple[str | None, str]:
    """Return what a number of a file is: the block's qualified name, if it is one's, and the metric."""
    return violation.qualified_name, violation.metric


class WorktreePlaces:
    """Files and blocks of a worktree, each looked at only if somebody asks."""

    def __init__(
        self,
        settings: Settings,
        judge: Callable[[str, Measurement], Verdict],
        measure: Callable[[bytes], Measurement],
        is_brought: Callable[[Key], bool] = lambda _: False,
    ) -> None:
        """Take the root.

        Args:
            settings: of the root.
            judge: gives the verdict on a file by its limits.
            measure: gives the numbers of a content.
            is_brought: whether a number was not there before the change that is judged, if one is.
        """
        self._settings = settings
        self._judge = judge
        self._measure = measure
        self._exists = cache(os.path.lexists)
        self.is_brought = is_brought

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""
        # What is not UTF-8 is reported with backslashes, and can't be found by what is reported.
        return "\\" in path or self._exists(os.path.join(self._settings.root, path))

    def find_version(self, path: str) -> tuple[Verdict, Source] | None:
        """Return the verdict on a file by its limits, and its content; ``None`` where it can't be had."""
        verdict, source = self._read_version(path, os.path.join(self._settings.root, path))
        return (verdict, source) if verdict.measurement.error is None else None

    def expect(self, paths: Iterable[str]) -> None:
        """Files of a worktree are read one by one."""

    def iter_versions(self) -> Iterator[tuple[Verdict, Source]]:
        """Yield those of all files."""
        for file in select_files(self._settings_of_what_is_there()).files:
            yield self._read_version(file.path, file.location)

    def _settings_of_what_is_there(self) -> Settings:
        """Return the settings without the paths that are gone: a commit may be what takes them away."""
        gone = find_missing_paths(self._settings)
        return replace(self._settings, paths=tuple(path for path in self._settings.paths if path not in gone))

    def _read_version(self, path: str, location: str) -> tuple[Verdict, Source]:
        try:
            data = read_file(location, self._settings.max_file_bytes).data
        except UnreadableError as failure:
            return Verdict(path, Measurement(FileMetrics(), (), failure.error)), FileSource(lambda: None)
        return self.judge_content(path, data)

    def judge_content(self, path: str, data: bytes) -> tuple[Verdict, Source]:
        """Return the verdict on a content by the limits of a path, and it itself."""
        return self._judge(path, self._measure(data)), FileSource(lambda: data)
