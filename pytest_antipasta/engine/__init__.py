"""Files to verdicts: look up or measure, judge, schedule, remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.file_tree import FileTree as FileTree
    from pytest_antipasta.engine.guard import measure_once as measure_once
    from pytest_antipasta.engine.judge import (
        FileJudge as FileJudge,
        WorkerJudge as WorkerJudge,
    )
    from pytest_antipasta.engine.limit_judge import LimitJudge as LimitJudge
    from pytest_antipasta.engine.measurement import measure as measure
    from pytest_antipasta.engine.measurer import (
        Measured as Measured,
        Measurer as Measurer,
        choose_bounds as choose_bounds,
        open_measurer as open_measurer,
    )
    from pytest_antipasta.engine.memory import (
        Memory as Memory,
        open_memory as open_memory,
    )
    from pytest_antipasta.engine.opening import (
        open_content_run as open_content_run,
        open_run as open_run,
    )
    from pytest_antipasta.engine.phases import Phases as Phases
    from pytest_antipasta.engine.recording import (
        Recording as Recording,
        make_path_filter as make_path_filter,
    )
    from pytest_antipasta.engine.results import (
        Judge as Judge,
        KnownResults as KnownResults,
        Result as Result,
    )
    from pytest_antipasta.engine.rules import Rules as Rules
    from pytest_antipasta.engine.run import (
        Ending as Ending,
        LazyRun as LazyRun,
        Run as Run,
    )
    from pytest_antipasta.engine.schedule import count_processors as count_processors
    from pytest_antipasta.engine.sources import (
        HeldSource as HeldSource,
        Source as Source,
        Task as Task,
        decode_tasks as decode_tasks,
        encode_tasks as encode_tasks,
    )
    from pytest_antipasta.engine.stats import (
        describe_run as describe_run,
        find_warnings as find_warnings,
        iter_debug_lines as iter_debug_lines,
        make_stats as make_stats,
    )

__getattr__ = lazy_names(
    __name__,
    {
        "file_tree": "FileTree",
        "guard": "measure_once",
        "judge": "FileJudge WorkerJudge",
        "limit_judge": "LimitJudge",
        "measurement": "measure",
        "measurer": "Measured Measurer choose_bounds open_measurer",
        "memory": "Memory open_memory",
        "opening": "open_content_run open_run",
        "phases": "Phases",
        "recording": "Recording make_path_filter",
        "results": "Judge KnownResults Result",
        "rules": "Rules",
        "run": "Ending LazyRun Run",
        "schedule": "count_processors",
        "sources": "HeldSource Source Task decode_tasks encode_tasks",
        "stats": "describe_run find_warnings iter_debug_lines make_stats",
    },
)
