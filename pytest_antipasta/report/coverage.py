"""Format coverage of functions, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import asdict

from pytest_antipasta.messages import count, list_names
from pytest_antipasta.model.coverage import CoverageFacts, Covered, FileCoverage
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import Block, Number
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.wording import format_brief_line, show_number

# Maximum number of functions in a summary.
_SHOWN = 5
# Functions with this complexity or less are not listed.
_SIMPLE = 5


class Untested(NamedTuple):
    """A complex function with untested parts."""

    path: str
    block: Block
    covered: Covered
    crap: Number


def find_untested(verdicts: Sequence[Verdict]) -> list[Untested]:
    """Return the functions with code that never ran, highest ``crap`` first."""
    found = [
        Untested(verdict.path, block, covered, crap)
        for verdict in verdicts
        for block, covered in verdict.iter_covered()
        if (crap := covered.find_crap(block.cyclomatic_complexity)) is not None
        and crap > (block.cyclomatic_complexity or 0)
    ]
    return sorted(found, key=lambda item: (-item.crap, item.path, item.block.line))


def format_coverage(
    facts: CoverageFacts, verdicts: Sequence[Verdict], show_path: ShowPath, *, is_change: bool
) -> Iterator[str]:
    """Yield the lines about coverage in the summary of a run over files or over a change."""
    if unreached := format_unreached(facts, verdicts, is_change=is_change):
        yield f"coverage: {unreached}"
        if not is_change:
            yield from _format_worst(find_untested(verdicts), show_path)
    yield from format_unknown(facts, verdicts, show_path)


def format_unreached(facts: CoverageFacts, verdicts: Sequence[Verdict], *, is_change: bool) -> str | None:
    """Return how much complexity no test reached; ``None`` if no coverage is known."""
    if "known" not in _list_states(verdicts):
        return None
    where = "new or changed functions" if is_change else "functions"
    points = f"{count(facts.unreached_points, 'point')} of cyclomatic complexity"
    return f"{points} in {where} that no test reached ({facts.unreached:,})"


def format_unknown(facts: CoverageFacts, verdicts: Sequence[Verdict], show_path: ShowPath) -> Iterator[str]:
    """Yield why coverage is unknown, and the notes about the data."""
    if is_unmatched(verdicts):
        yield f"coverage: {describe_unmatched(facts)}"
        yield f"coverage: the data is of other files, such as {facts.example}"
    else:
        if facts.stale:
            names = list_names([show_path(path) for path in facts.stale])
            yield f"coverage unknown, because the data is from another version of the file: {names}"
        if facts.absent:
            yield f"coverage unknown, because the data does not include them: {count(facts.absent, 'file')}"
    if facts.newer:
        number, example = count(len(facts.newer), "file"), show_path(facts.newer[0])
        yield f"coverage: {number} newer on disk than the coverage data, such as {example}"
    yield from (f"coverage: {note}" for note in facts.notes)


def is_unmatched(verdicts: Sequence[Verdict]) -> bool:
    """Return whether there are files and the coverage data has none of them."""
    return _list_states(verdicts) == {"absent"}


def _list_states(verdicts: Iterable[Verdict]) -> set[str]:
    return {verdict.coverage.state for verdict in verdicts if verdict.coverage is not None}


def describe_unmatched(facts: CoverageFacts) -> str:
    """Return that coverage data has none of the files, and what to do."""
    files = "the checked file" if facts.absent == 1 else f"any of the {facts.absent:,} checked files"
    hint = "if the tests ran in another folder, set coverage.py's `[paths]` or `relative_files`"
    return f"{facts.source} has no data for {files}; {hint}"


def describe_unreached(facts: CoverageFacts, verdicts: Sequence[Verdict]) -> str:
    """Return how many functions no test has reached, or why that is unknown, as a sentence."""
    if is_unmatched(verdicts):
        return f"{describe_unmatched(facts)}."
    if (states := _list_states(verdicts)) and "known" not in states:
        others = " or does not include them" if facts.absent else ""
        return f"Coverage is unknown, because the data is from another version of the files{others}."
    if not facts.unreached:
        return "No unreached functions were found."
    functions, points = count(facts.unreached, "function"), count(facts.unreached_points, "point")
    return f"No test reached {functions} with {points} of cyclomatic complexity."


def _format_worst(found: Sequence[Untested], show_path: ShowPath) -> Iterator[str]:
    """Yield the functions that most need a test."""
    worst = [element for element in found if (element.block.cyclomatic_complexity or 0) > _SIMPLE]
    for item in worst[:_SHOWN]:
        tested = "partly tested" if item.covered.share else "untested"
        yield (
            f"  {tested}: {show_path(item.path)}:{item.block.line} {item.block.qualified_name}: "
            f"{format_share(item.covered)} covered, crap {show_number(item.crap)}"
        )


def format_untested(verdicts: Sequence[Verdict], show_path: ShowPath) -> Iterator[str]:
    """Yield a line for each violation of a limit that uses coverage data."""
    for verdict in verdicts:
        for violation in verdict.violations:
            if violation.metric in COVERAGE_METRICS:
                yield f"FAILED {format_brief_line(verdict, [violation], show_path)}"


def format_share(covered: Covered) -> str:
    """Return the share that ran in percent; 0 and 100 only for exactly nothing and everything."""
    share = covered.share
    if share is None:
        return "-"
    percent = round(share * 100)
    if percent in (0, 100) and share not in (0, 1):
        percent = 1 if percent == 0 else 99
    return f"{percent} %"


def make_coverage(coverage: FileCoverage, blocks: Iterable[Block]) -> dict[str, Any]:
    """Return the coverage of a file in a JSON report."""
    complexities = {block.qualified_name: block.cyclomatic_complexity for block in blocks}
    functions = {
        name: {
            **asdict(covered),
            "covered": covered.share,
            "crap": covered.find_crap(complexities.get(name)),
        }
        for name, covered in coverage.functions.items()
    }
    return {"state": coverage.state, "functions": functions}
