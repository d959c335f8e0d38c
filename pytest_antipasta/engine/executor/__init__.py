"""Executors judge sources in this process or in worker processes; a schedule chooses between them.

An executor takes tasks and yields an outcome for each, see :data:`Outcomes`. Workers of pytest-xdist are
executors too, on this host or others. They judge the items that pytest runs in them, and send the outcomes
with its reports.
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
