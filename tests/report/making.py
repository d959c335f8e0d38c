"""Reports of verdicts that tests make up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import convert, to_builtins

from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import RunFacts
from pytest_antipasta.report.findings import make_report
from pytest_antipasta.report.formats.outputs import look_up_format, write_format

RUN: dict[str, object] = {
    "root": "/top", "git_top": None, "limits": {}, "change": None, "baseline": None, "narrowed_by": [],
    "stopped": None,
}  # fmt: skip
"""A run of a project without git."""


def make(verdicts: Sequence[Verdict], run: Mapping[str, object]) -> Report:
    """Return a report of a run with some facts; all that a format does not ask for may be missing."""
    changes = convert(to_builtins(run), Changes) if "changes" in run else None
    return make_report(verdicts, convert(to_builtins(run), RunFacts), changes)


def write_as(form: str, verdicts: Sequence[Verdict], **run: object) -> bytes:
    """Return such a report in a format, of a run that differs in some ways."""
    return write_format(look_up_format(form), make(verdicts, {**RUN, **run}))
