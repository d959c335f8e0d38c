"""The cyclic collector in a process of pytest's without tests, which makes next to no cycles."""

from __future__ import annotations

import pytest

from pytest_antipasta.runtime import gc_freeze, gc_rarely


class RestingCollector:
    """Has it look less often, and pass over all that there is when pytest ends.

    pytest and Python would go through all of that several times then, for a quarter of the time of a run over
    thousands of files. It is for a process that ends with pytest.
    """

    def __init__(self) -> None:
        """Begin."""
        gc_rarely()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Leave the end to pytest."""
        gc_freeze()
