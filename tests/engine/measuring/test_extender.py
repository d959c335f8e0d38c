"""What is said of an extension that is switched off, and of a reader of coverage data."""

from __future__ import annotations

import pytest

from pytest_antipasta.engine.measuring.extender import _describe_excess
from pytest_antipasta.processes.limits import Excess, ResourceLimits, Watch

LIMITS = ResourceLimits(5, 500)


@pytest.mark.parametrize(
    ("excess", "expected"),
    [
        pytest.param(
            Excess("cpu", 5), "it took more than 5 s of CPU time (file_timeout)", id="much CPU time"
        ),
        pytest.param(
            Watch(1, deadline=0.0).find_excess(LIMITS), "it did not respond within 15 s", id="waiting"
        ),
        pytest.param(
            Excess("memory", 500), "it used more than 500 MB of memory (memory_limit_mb)", id="much memory"
        ),
        pytest.param(Excess("free_memory"), "it used more memory than is free", id="little memory"),
        pytest.param(Excess("silence", 30), "it made no progress", id="nothing"),
    ],
)
def test_it_is_what_it_has_done(excess: Excess, expected: str) -> None:
    assert _describe_excess(excess, LIMITS) == expected
