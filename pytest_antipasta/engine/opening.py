"""Setting a run up: for the files of a worktree, or for one content such as standard input."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.memory import open_memory
from pytest_antipasta.engine.phases import Phases
from pytest_antipasta.engine.results import Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.run import Run
from pytest_antipasta.engine.sources import HeldSource, Task
from pytest_antipasta.files import (
    Selection,
    begin_selecting,
    display_path,
    find_exclusion_by_name,
    finish_selecting,
    rebase,
)
from pytest_antipasta.model import NAMELESS


def open_run(rules: Rules, asked_for: Sequence[str] | None, cache_dir: Path | None) -> Run:
    """Return a run over files, with the store open.

    Args:
        rules: of the root.
        asked_for: absolute locations of files and folders to narrow the run to; ``None`` for all.
        cache_dir: the store's folder, or ``None`` for a run without one.

    Raises:
        UsageError: a path of the settings is not there.
    """
    settings, phases = rules.settings, Phases()
    with phases.time("find"):
        search = begin_selecting(settings, asked_for)
    with phases.time("open"), search or nullcontext():  # while git thinks about what it ignores
        memory = open_memory(settings, cache_dir)
    with phases.time("find"):
        selection = finish_selecting(settings, search, asked_for)
    with phases.time("open"):
        tasks = memory.make_tasks(selection.files)
        memory.measurer.load(task.digest for task in tasks if task.digest)
    return Run(rules, memory, phases, selection, tasks)


def open_content_run(
    rules: Rules, data: bytes, location: str | None, cache_dir: Path | None, is_forced: bool = False
) -> Run:
    """Return a run that has judged one content as if it were that of a file; there need be no such file.

    Args:
        rules: of the root.
        data: the content.
        location: absolute, of the file that it is meant for; ``None`` for none.
        cache_dir: the store's folder, or ``None`` for a run without one. Nothing is kept there: an editor
            asks at every keystroke, and what it has is gone with the next.
        is_forced: judge nothing where the settings leave such a file out.
    """
    settings, path, rebased = rules.settings, NAMELESS, ""
    if location is not None:
        rebased = rebase(settings.root, location)
        path = display_path(settings.root, rebased)
    is_left_out = is_forced and bool(rebased) and find_exclusion_by_name(settings, rebased) is not None
    phases = Phases()
    with phases.time("open"):
        memory = open_memory(settings, cache_dir)
    with phases.time("judge"):
        draft = HeldSource(path, data)
        results = [] if is_left_out else [FileJudge(rules, memory.measurer, draft=draft).run(draft)]
    tasks = [Task(path, rebased) for _ in results]
    # Neither a record for the store nor a status for its index.
    kept = [Result(result.verdict, warnings=result.warnings) for result in results]
    return Run(rules, memory, phases, Selection([], 1, (path,)), tasks, kept, "content")
