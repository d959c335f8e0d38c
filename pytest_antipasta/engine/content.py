"""A run over one content that is in no file, such as what an editor has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.run import Run
from pytest_antipasta.engine.tasks import KnownResults, Result, Task
from pytest_antipasta.files import Selection, describe_too_large, display_path, find_exclusion_by_name, rebase
from pytest_antipasta.model import FileMetrics, Measurement, RunStats
from pytest_antipasta.settings import Settings

NAMELESS = "-"


class ContentRun(Run):
    """Judges one content as if it were that of a file; there need be no such file."""

    def __init__(
        self,
        settings: Settings,
        data: bytes,
        location: str | None,
        cache_dir: Path | None,
        is_forced: bool = False,
    ) -> None:
        """Judge it.

        Args:
            settings: of the root.
            data: the content.
            location: absolute, of the file that it is meant for; ``None`` for none.
            cache_dir: the store's folder, or ``None`` for a run without one. Nothing is kept there: an
                editor asks at every keystroke, and what it has is gone with the next.
            is_forced: judge nothing where the settings leave such a file out.
        """
        super().__init__(settings, (), cache_dir)
        path, rebased = NAMELESS, ""
        if location is not None:
            rebased = rebase(settings.root, location)
            path = display_path(settings.root, rebased)
        is_left_out = is_forced and bool(rebased) and find_exclusion_by_name(settings, rebased) is not None
        self.tasks = [] if is_left_out else [Task(path, rebased)]
        with self._phases.time("judge"):
            self.results = [_judge(self._sweep, settings, task, data) for task in self.tasks]
        self.sweep = KnownResults(self.results)
        self.selection = Selection([], 1, (path,))

    def stats(self) -> RunStats:
        """Return what a summary tells; the content is not told as what is left of others."""
        facts = replace(super().stats(), is_change=False)
        return replace(facts, narrowed_by=None) if self.tasks else facts

    def _begin_selecting(self, asked_for: object) -> Callable[[], Selection]:
        """Look for no files."""
        return lambda: Selection([], 0, ())


def _judge(sweep: FileJudge, settings: Settings, task: Task, data: bytes) -> Result:
    if len(data) > settings.max_file_bytes:
        error = describe_too_large(len(data))
        return Result(sweep.judge(task.path, Measurement(FileMetrics(), (), error)))
    result = sweep.run_content(task.path, data)
    # Neither a record for the store nor a status for its index.
    return Result(result.verdict, warnings=result.warnings)
