"""Judge sources in this process or in worker processes, see :func:`judge_many`.

pytest distributes its items itself, so the workers of pytest-xdist, on this host or others, yield nothing.
``plugin.worker_judge`` judges in them, ``plugin.xdist`` sends each outcome with its report, and
``Ledger.complete_outcome`` completes it.
"""
