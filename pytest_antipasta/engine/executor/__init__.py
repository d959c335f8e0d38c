"""Judge sources in this process or in worker processes, see :func:`judge_many`.

pytest distributes its items itself, so the workers of pytest-xdist, on this host or others, yield nothing.
``plugin.xdist`` judges in them and sends each outcome with its report; ``Ledger.complete_outcome`` takes it.
"""
