"""What came of comments that suppress, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_antipasta.model import Suppression, Verdict
from pytest_antipasta.printable import printable_lines
from pytest_antipasta.report.ceilings import name_target
from pytest_antipasta.report.wording import count, format_place

_LIST = "`pytest-antipasta check --list-suppressions` lists them"


def format_suppressed(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield for a summary how much is suppressed, and which comments are wrong or do nothing."""
    numbers = [sum(one.why == "suppressed" for one in verdict.tolerated) for verdict in verdicts]
    if any(numbers):
        files = count(sum(map(bool, numbers)), "file")
        yield f"suppressed by comments: {count(sum(numbers), 'number')} in {files}; {_LIST}"
    for verdict in verdicts:
        yield from format_warnings(verdict)


def format_warnings(verdict: Verdict) -> Iterator[str]:
    """Yield what is to be said of a file's comments besides what its failure says."""
    for suppression in verdict.suppressions:
        if not _is_told_with_failure(verdict, suppression):
            yield from (f"warning: {line}" for line in _iter_lines(verdict, suppression))


def format_failing(verdict: Verdict) -> Iterator[str]:
    """Yield what is wrong with the comments of a file that fails."""
    for suppression in verdict.suppressions:
        if _is_told_with_failure(verdict, suppression):
            yield from _iter_lines(verdict, suppression)


def _is_told_with_failure(verdict: Verdict, suppression: Suppression) -> bool:
    return verdict.failed and (suppression.fails or bool(suppression.problems))


def _iter_lines(verdict: Verdict, suppression: Suppression) -> Iterator[str]:
    place = format_place(verdict.path, suppression.line)
    return (f"{place}: {remark}" for remark in iter_remarks(verdict, suppression))


@printable_lines
def iter_remarks(verdict: Verdict, suppression: Suppression) -> Iterator[str]:
    """Yield what is wrong with a comment of a file, without its place."""
    yield from (f"suppression not honoured: {problem}" for problem in suppression.problems)
    if suppression.tool == "antipasta":  # other tools know what their comments are good for
        unused = [metric.metric for metric in suppression.metrics if metric.state == "unused"]
        where = name_target(verdict, suppression)
        yield from (f"unused suppression: {text}" for text in _describe_unused(where, unused))


def _describe_unused(where: str, unused: Sequence[str | None]) -> Iterator[str]:
    if None in unused:
        yield f"nothing of {where} is over a limit"
    elif unused:
        names = " and ".join(name for name in unused if name)
        yield f"{names} of {where} {'is' if len(unused) == 1 else 'are'} not over the limit"
