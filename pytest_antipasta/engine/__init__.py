"""Files to verdicts: look up or measure, judge, schedule, remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.content import ContentRun as ContentRun
    from pytest_antipasta.engine.guard import measure_once as measure_once
    from pytest_antipasta.engine.judge import (
        FileJudge as FileJudge,
        WorkerJudge as WorkerJudge,
    )
    from pytest_antipasta.engine.measurement import measure as measure
    from pytest_antipasta.engine.measurer import (
        Measurer as Measurer,
        choose_bounds as choose_bounds,
        limits_of as limits_of,
        open_measurer as open_measurer,
    )
    from pytest_antipasta.engine.memory import Memory as Memory
    from pytest_antipasta.engine.phases import (
        Phases as Phases,
        iter_debug_lines as iter_debug_lines,
    )
    from pytest_antipasta.engine.recording import (
        Recording as Recording,
        make_path_filter as make_path_filter,
    )
    from pytest_antipasta.engine.run import (
        LazyRun as LazyRun,
        Run as Run,
    )
    from pytest_antipasta.engine.schedule import count_processors as count_processors
    from pytest_antipasta.engine.tasks import (
        Judge as Judge,
        KnownResults as KnownResults,
        Result as Result,
        Task as Task,
        decode_tasks as decode_tasks,
        encode_tasks as encode_tasks,
    )
    from pytest_antipasta.engine.worktree_places import WorktreePlaces as WorktreePlaces

__getattr__ = lazy_names(
    __name__,
    {
        "content": "ContentRun",
        "guard": "measure_once",
        "judge": "FileJudge WorkerJudge",
        "measurement": "measure",
        "measurer": "Measurer choose_bounds limits_of open_measurer",
        "memory": "Memory",
        "phases": "Phases iter_debug_lines",
        "recording": "Recording make_path_filter",
        "run": "LazyRun Run",
        "schedule": "count_processors",
        "tasks": "Judge KnownResults Result Task decode_tasks encode_tasks",
        "worktree_places": "WorktreePlaces",
    },
)
