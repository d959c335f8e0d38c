"""Executors, which judge sources: this process, or workers of ours; and what chooses between them.

An executor takes tasks and yields an outcome for each, see :data:`Outcomes`. Workers of pytest-xdist, on this
host or on others, are executors as well: they judge what pytest has them run, and send the outcomes with its
reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.executor.schedule import *
    from pytest_antipasta.engine.executor.worker_count import *

__getattr__ = lazy_names(
    __name__,
    {
        "schedule": "GivenOutcomes LiveSchedule Outcomes Schedule",
        "worker_count": "Jobs count_processors explain_workers find_jobs parse_jobs",
    },
)
