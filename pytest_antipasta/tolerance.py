"""The baseline applied to verdicts, with what it may have to know of the rest of a worktree."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pytest_antipasta.baseline.entries import Baseline
from pytest_antipasta.baseline.matching import FileSource, Places, Source, tolerate
from pytest_antipasta.engine import Engine
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.settings import Settings
from pytest_antipasta.versions import python_minor
from pytest_antipasta.worktree import UnreadableError, read_file


class Tolerance:
    """Lets pass what is recorded and has got no worse, and a file's own numbers unless files are strict.

    Attributes:
        baseline: what is recorded.
        places: tells what has left its place; ``None`` where there is no worktree to ask.
    """

    def __init__(self, settings: Settings, engine: Engine, *, has_worktree: bool = True) -> None:
        """Take what is recorded for a root, and what measures other files of it if need be."""
        self.baseline = Baseline(settings.recorded or (), python_minor())
        self._strict_files = settings.strict_files
        self.places: Places | None = WorktreePlaces(settings, engine) if has_worktree else None

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

    def __init__(self, settings: Settings, engine: Engine) -> None:
        """Take the root, and what measures."""
        self._root: Path = settings.root
        self._max_size = settings.max_file_bytes
        self._engine = engine
        self._exists = cache(os.path.lexists)
        self._find_names = cache(self._measure_names)

    def has_file(self, path: str) -> bool:
        """Whether there is a file of that path."""
        # What is not UTF-8 is reported with backslashes, and can't be found by what is reported.
        return "\\" in path or self._exists(os.path.join(self._root, path))

    def has_block(self, path: str, qualified_name: str) -> bool:
        """Whether the file has a block of that name; true where nobody can tell."""
        names = self._find_names(path)
        return names is None or qualified_name in names

    def _measure_names(self, path: str) -> frozenset[str] | None:
        try:
            content = read_file(os.path.join(self._root, path), self._max_size)
        except UnreadableError:
            return None
        measurement = self._engine.measure(content.data).measurement
        if measurement.error is not None:
            return None
        return frozenset(block.qualified_name for block in measurement.blocks)
