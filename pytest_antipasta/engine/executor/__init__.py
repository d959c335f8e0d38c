"""Executors judge sources in this process or in worker processes; a schedule chooses between them.

An executor takes sources and yields an outcome for each, see :data:`Outcomes`. Two of them are here:
``LiveSchedule.run`` judges in this process, ``run_in_pool`` in processes of its own.

pytest distributes its items itself, so the workers of pytest-xdist, on this host or others, yield nothing.
``plugin.xdist`` judges in them and sends each outcome with its report; ``LiveSchedule.complete`` takes it.
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
