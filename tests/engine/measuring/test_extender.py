"""What is said of an extension that is switched off, and of a reader of coverage data."""

from __future__ import annotations

import pytest

from pytest_antipasta.engine.measuring.extender import _describe_excess
from pytest_antipasta.model.measured import FileError
from pytest_antipasta.processes.limits import (
    ResourceLimits,
    Watch,
    shortage_error,
    silence_error,
    timeout_error,
)

LIMITS = ResourceLimits(5, 500)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            timeout_error(LIMITS), "it took more than 5 s of CPU time (file_timeout)", id="much CPU time"
        ),
        pytest.param(
            Watch(1, deadline=0.0).find_excess(LIMITS), "it did not respond within 15 s", id="waiting"
        ),
        pytest.param(
            FileError("memory", ""), "it used more than 500 MB of memory (memory_limit_mb)", id="much memory"
        ),
        pytest.param(shortage_error(), "it used more memory than is free", id="little memory"),
        pytest.param(silence_error(30), "it made no progress", id="nothing"),
    ],
)
def test_it_is_what_it_has_done(error: FileError, expected: str) -> None:
    assert _describe_excess(error, LIMITS) == expected
