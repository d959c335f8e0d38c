"""The JSON report of verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_antipasta.model import Verdict
from pytest_antipasta.report.records import iter_verdicts


def write(verdicts: Sequence[Verdict], run: Mapping[str, object]) -> bytes:
    """Return the object of ``check``."""
    return b"".join(iter_verdicts(verdicts, run))
