"""Setting a run up: reading its rules, and opening it for files, or for one content as of standard input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.baseline import find_baseline
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.memory.memory import open_memory
from pytest_antipasta.engine.phases import Phases
from pytest_antipasta.engine.results import Result
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.run import Run
from pytest_antipasta.engine.sources import HeldSource, Task, digest_content
from pytest_antipasta.files import (
    Selection,
    begin_selecting,
    display_path,
    find_exclusion_by_name,
    finish_selecting,
    rebase,
)
from pytest_antipasta.model import NAMELESS, Shard
from pytest_antipasta.runtime import trusted_first
from pytest_antipasta.settings import Find, load_settings, with_projects

if TYPE_CHECKING:
    from pytest_antipasta.store import SharedAddress

Narrow: TypeAlias = Callable[[Selection, list[Task]], tuple[Selection, list[Task]]]


def keep_all(selection: Selection, tasks: list[Task]) -> tuple[Selection, list[Task]]:
    """Leave out no file."""
    return selection, tasks


def read_rules(
    folder: Path,
    config: Path | None = None,
    baseline: Path | None = None,
    find: Find = lambda _: None,
    *,
    has_baseline: bool = True,
    honours_suppressions: bool = True,
) -> Rules:
    """Return the rules that apply in a folder.

    Args:
        folder: where settings are looked for, and in those around it.
        config: the settings, if an option names them.
        baseline: likewise.
        find: gives what counts in place of the content of settings, and of a baseline.
        has_baseline: whether what is recorded is tolerated.
        honours_suppressions: whether comments count.

    Raises:
        UsageError: they are wrong, or not where an option says.
    """
    settings, notes = load_settings(folder, config, find)
    recorded = None
    if has_baseline:
        path, recorded = find_baseline(settings, baseline, find)
        settings = replace(settings, baseline=path)
    return Rules(settings, recorded, honours_suppressions, notes, baseline, has_baseline)


def open_run(
    rules: Rules,
    asked_for: Sequence[str] | None,
    cache_dir: Path | None,
    shard: Shard | None = None,
    narrow: Narrow = keep_all,
    shared: SharedAddress | None = None,
    *,
    leaves_numbers: bool = False,
) -> Run:
    """Return a run over files, with the store open.

    Args:
        rules: of the root.
        asked_for: absolute locations of files and folders to narrow the run to; ``None`` for all.
        cache_dir: the store's folder, or ``None`` for a run without one.
        shard: the part of these files to judge; ``None`` for all.
        narrow: leaves out some of the files that the shard is a part of.
        shared: a store that machines share, asked for what the other one lacks; ``None`` for none.
        leaves_numbers: leave numbers to the store that are there, until somebody asks for them.

    Raises:
        UsageError: a path of the settings is not there.
    """
    settings, phases = rules.settings, Phases()
    with phases.time("find"):
        search = begin_selecting(settings, asked_for)
    with ExitStack() as opened:
        with phases.time("open"), search or nullcontext():  # while git thinks about what it ignores
            memory = open_memory(settings, cache_dir)
            opened.callback(memory.close)
            memory.preload_index()
        with phases.time("find"):
            loaded, selection = finish_selecting(settings, search, asked_for)
            rules = rules.with_nearer(loaded)
        with phases.time("open"):
            selection, tasks = narrow(selection, memory.make_tasks(selection.files))
            run = Run(rules, memory, phases, selection, tasks, shard=shard)
            if leaves_numbers:
                run.leave_numbers()
            is_all = shard is None and selection.narrowed_by is None and len(tasks) == len(selection.files)
            memory.load(run.open_tasks, is_all=is_all)
        if shared is not None:
            # Here, because few have one.
            with trusted_first():
                from pytest_antipasta.engine.memory.sharing import Sharing

            with phases.time("share"):
                run.sharing = Sharing(memory, shared)
                run.open_tasks = run.sharing.read(run.open_tasks, settings.max_file_bytes)
        opened.pop_all()
    return run


def open_content_run(
    rules: Rules,
    data: bytes,
    location: str | None,
    cache_dir: Path | None,
    *,
    is_forced: bool = False,
    anew: bytes | None = None,
) -> Run:
    """Return a run that has judged one content as if it were that of a file; there need be no such file.

    Args:
        rules: of the root.
        data: the content.
        location: absolute, of the file that it is meant for; ``None`` for none.
        cache_dir: the store's folder, or ``None`` for a run without one. Nothing is kept there: an editor
            asks at every keystroke, and what it has is gone with the next.
        is_forced: judge nothing where the settings leave such a file out.
        anew: the source that the content has, where it is to be measured whatever the store says. Who takes
            the source apart needs what is in it.
    """
    settings, path, rebased = rules.settings, NAMELESS, ""
    if location is not None:
        rebased = rebase(settings.root, location)
        path = display_path(settings.root, rebased)
        rules = rules.with_nearer(with_projects(settings, [rebased]))
        settings = rules.settings
    is_left_out = is_forced and bool(rebased) and find_exclusion_by_name(settings, rebased) is not None
    phases = Phases()
    with phases.time("open"):
        memory = open_memory(settings, cache_dir)
        memory.kind = None
        if anew is not None:
            memory.lookup.pass_over(digest_content(anew, settings.languages, path))
    with phases.time("judge"):
        draft = HeldSource(path, data)
        results = [] if is_left_out else [FileJudge(rules, memory.measurer, draft=draft).run(draft)]
    tasks = [Task(path, rebased) for _ in results]
    # Neither a record for the store nor a status for its index.
    kept = [Result(result.verdict, warnings=result.warnings) for result in results]
    return Run(rules, memory, phases, Selection([], 1, (path,)), tasks, kept, "content")
