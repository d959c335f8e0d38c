"""Notebooks that are not measured, as their kernels run other languages than Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_antipasta.messages import list_names, show_name
from pytest_antipasta.model import NOTEBOOK, Verdict


def describe_other_kernels(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield which notebooks are left out."""
    found = [
        f"{show_name(verdict.path)} ({verdict.measurement.foreign.language})"
        for verdict in verdicts
        if verdict.path.endswith(NOTEBOOK) and verdict.measurement.foreign is not None
    ]
    if found:
        yield f"skipped notebooks with a kernel other than Python: {list_names(sorted(found))}"
