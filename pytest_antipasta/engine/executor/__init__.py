"""Judge sources in this process or in worker processes, see :func:`judge_many`.

pytest distributes its items itself, so the workers of pytest-xdist, on this host or others, yield nothing.
``plugin.xdist`` judges in them and sends each outcome with its report; :func:`complete_outcome` takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.engine.executor.judging import *
    from pytest_antipasta.engine.executor.worker_count import *

__getattr__ = lazy_names(
    __name__,
    {
        "judging": "Ahead Outcomes choose_workers complete_outcome judge_apart judge_many",
        "worker_count": "Jobs count_processors explain_workers find_jobs parse_jobs",
    },
)
