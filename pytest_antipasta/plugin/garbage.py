"""Python's garbage collector in a pytest process without tests, which creates few cycles."""

from __future__ import annotations

import pytest

from pytest_antipasta.runtime.garbage import gc_freeze, gc_rarely


class RestingCollector:
    """Lets the garbage collector run less often, and skip all objects when pytest ends.

    Otherwise pytest and Python would visit all objects several times at the end, for a quarter of the time of
    a run over thousands of files. Only for processes that end with pytest.
    """

    def __init__(self) -> None:
        gc_rarely()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Freeze all objects."""
        gc_freeze()
