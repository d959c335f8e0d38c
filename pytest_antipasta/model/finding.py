"""The content of a report: findings about files, and facts about the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.judged import Comparison, Suppression, ValueEffect, Verdict, Violation
from pytest_antipasta.model.measured import BlockKind, Measurement, Number
from pytest_antipasta.model.run import RunFacts
from pytest_antipasta.model.waivers import Waivers

Status: TypeAlias = Literal["failing", "warning", "tolerated", "not judged", "changed"]
"""Meaning of a finding: the file fails; it is reported and does not fail; a violation is tolerated; a limit
has no value to check; a change touches a block."""
PROBLEM_RULES: Mapping[str, str] = {
    "not_measured": "A file, or some of its values, could not be measured.",
    "not_judged": "A file has no value for a metric that has a limit.",
    "suppression": "A suppression comment fails or is not applied.",
    "waiver": "A change newly allows a value.",
}
"""Rules of findings without a value, and their descriptions."""
FunctionKey: TypeAlias = tuple[str, str]
"""Path of a file in its verdict, and qualified name of a function in it; empty for the file."""


class Row(Struct, frozen=True):
    """A block or a file that is over a limit.

    Attributes:
        verdict: verdict on the file.
        name: qualified name of the block; ``None`` for the file.
        numbers: values over their limits.
    """

    verdict: Verdict
    name: str | None
    numbers: Sequence[Violation]

    @property
    def key(self) -> FunctionKey:
        """Path and qualified name."""
        return self.verdict.path, self.name or ""

    def locate(self) -> tuple[int | None, int | None]:
        """Return the cell of a notebook and the line in it; no line for the file."""
        return self.verdict.measurement.locate(self.numbers[0].line)


class BriefPlan(Struct, frozen=True):
    """A change that makes a function simpler, and that complexipy marks as safe to apply automatically.

    In a notebook, lines are counted through the code of all cells, as in a block.

    Attributes:
        line: line of the function's ``def`` keyword.
        first_line: first line of the code to change.
        last_line: last line of the code to change.
        title: what to do.
        reduction: points of cognitive complexity that it saves; an estimate if complexipy could not measure
            it.
    """

    line: int
    first_line: int
    last_line: int
    title: str
    reduction: int


class Finding(Struct, frozen=True, kw_only=True):
    """One statement about a file or about a block in it.

    Attributes:
        status: the kind of statement, such as ``failing``.
        rule: name of the metric, or of the problem; see :data:`PROBLEM_RULES`.
        path: path of the file, relative to the root.
        line: line, 1-based; ``None`` for the whole file. In a notebook, the line within the cell.
        end_line: last line of the block, 1-based; ``None`` for the whole file.
        cell: cell of a notebook, 1-based; ``None`` in other files.
        block: qualified name of the block; ``None`` for the file.
        name: bare name of the block.
        kind: kind of the block.
        complexity: cyclomatic complexity of the block; for the file, the mean of its functions.
        lines: number of lines of the block or the file.
        value: the value; ``None`` for a problem without one.
        before: the value before a change.
        was_over: whether it was over its limit before a change.
        effect: effect of the change on the value; ``None`` without a value before.
        ratio: by what factor the value exceeds its limit; 0 without a value.
        added: by what share of its limit a change made the value worse, negative if better; 0 without a
            change.
        limit: the limit of the value.
        comparison: the relation that the value must have to the limit.
        previous_limit: the limit before a change, if the change selects another one.
        change: what a change did to the block; ``None`` without a change.
        previous_path: path before a change, if different.
        previous_name: qualified name before a change, if different.
        recorded: the value in the baseline.
        was_suppressed: whether a change removed the comment that suppressed the value.
        was_recorded: whether a change removed the baseline entry that tolerated it.
        reason: why the value is tolerated, or the kind of error; ``None`` without one.
        message: the message, with the block and without the place.
        message_at_top: the message with an old path relative to git's top; ``None`` if it has no old path.
        notes: further lines, such as the ceiling of a comment that the value exceeds.
        plans: changes that ``complexipy --fix`` would make to lower the value, for cognitive complexity
            that is not tolerated.
        comments: the comments that suppress the value.
        digest: sha256 of the measured content of the file; ``None`` if unknown, and for a problem.
    """

    status: Status
    rule: str
    path: str
    line: int | None = None
    end_line: int | None = None
    cell: int | None = None
    block: str | None = None
    name: str | None = None
    kind: BlockKind | None = None
    complexity: Number = 0
    lines: int = 0
    value: Number | None = None
    before: Number | None = None
    was_over: bool = False
    effect: ValueEffect | None = None
    ratio: float = 0.0
    added: float = 0.0
    limit: Number | None = None
    comparison: Comparison | None = None
    previous_limit: str | None = None
    change: str | None = None
    previous_path: str | None = None
    previous_name: str | None = None
    recorded: Number | None = None
    was_suppressed: bool = False
    was_recorded: bool = False
    reason: str | None = None
    message: str
    message_at_top: str | None = None
    notes: tuple[str, ...] = ()
    plans: tuple[BriefPlan, ...] = ()
    comments: tuple[Suppression, ...] = ()
    digest: bytes | None = None

    @property
    def key(self) -> FunctionKey:
        """Path and qualified name."""
        return self.path, self.block or ""

    @property
    def fails(self) -> bool:
        """Whether the file fails because of it."""
        return self.status == "failing"

    @property
    def is_number(self) -> bool:
        """Whether it is a value over its limit, or one that was over before."""
        return self.rule not in PROBLEM_RULES

    @property
    def is_warned(self) -> bool:
        """Whether it is a value over a limit whose level is ``warning``."""
        return self.status == "warning" and self.is_number

    @property
    def level(self) -> Literal["error", "warning", "note"]:
        """Its severity: an ``error`` fails the file; a ``warning`` is a value, or a file without values."""
        if self.fails:
            return "error"
        return "warning" if self.is_number or self.rule == "not_measured" else "note"

    @property
    def line_in_file(self) -> int | None:
        """The line for consumers that know only lines of files: the first line of a notebook."""
        return self.line if self.cell is None else 1

    @property
    def end_line_in_file(self) -> int | None:
        """The last line for consumers that know only lines of files: the first line of a notebook."""
        return self.end_line if self.cell is None else None

    @property
    def message_in_file(self) -> str:
        """The message for services, which know only lines of files: from git's top, with a cell."""
        message = self.message_at_top or self.message
        return message if self.cell is None else f"cell {self.cell}, line {self.line}: {message}"


class Proposal(Struct, frozen=True):
    """The proven plan for a function, in words.

    Attributes:
        reach: where it gets the function, such as ``cognitive 14 in 2 steps, proven equivalent``.
        command: the command that writes its steps, run in the root of the project.
        steps: lines about its steps.
    """

    reach: str
    command: str
    steps: tuple[str, ...]


class CommitFacts(Struct, frozen=True):
    """The commit that was judged, or the one that is checked out.

    Attributes:
        name: its full hash.
        date: the day on which it was made, such as ``2026-11-26``.
    """

    name: str
    date: str


class RecentEdits(Struct, frozen=True):
    """How many commits changed functions in the year before the checked-out commit.

    Attributes:
        commits: number of commits in that year, along first parents.
        counts: number of those that changed a function; functions without any are left out.
    """

    commits: int
    counts: Mapping[FunctionKey, int]


class Totals(Struct, frozen=True):
    """The totals in the ``summary`` of a JSON report.

    Attributes:
        files: number of judged files.
        measured: number of files without an error, skipped notebooks left out.
        errors: number of files that could not be measured, or lack values that a limit or an extension needs.
        violations: number of violations.
        warnings: number of values over limits whose level is ``warning``.
        tolerated: number of values over a limit that a comment, the baseline or the gate tolerates.
        unjudged: number of thresholds without a value that do not fail, in all files.
    """

    files: int
    measured: int
    errors: int
    violations: int
    warnings: int
    tolerated: int
    unjudged: int


class Report(Struct, frozen=True, dict=True):
    """The content of a report, for all formats.

    Attributes:
        findings: sorted by file: first problems, then values by line (the file's own first), then tolerated
            values.
        facts: facts about the run.
        files: verdicts sorted by path, with all values.
        changes: the effect of a change on blocks; ``None`` without a change.
        waivers: what a change newly allows.
        coverage: coverage data of the files; ``None`` if not requested.
        commit: the judged or the checked-out commit; ``None`` if not requested, or without one.
        proposals: proven plans for the functions that are listed first, if requested.
        edits: how often the worst functions were edited; ``None`` if not requested, or without a history.
        rows: functions and files with violations, from worst to best; other blocks may be missing from their
            verdicts.
        plans: what ``complexipy --fix`` would change, by path.
    """

    findings: Sequence[Finding]
    facts: RunFacts
    files: Sequence[Verdict] = ()
    changes: Changes | None = None
    waivers: Waivers = Waivers()
    coverage: CoverageFacts | None = None
    commit: CommitFacts | None = None
    proposals: Mapping[FunctionKey, Proposal] = {}
    edits: RecentEdits | None = None
    rows: Sequence[Row] = ()
    plans: Mapping[str, Sequence[BriefPlan]] = {}

    def __repr__(self) -> str:
        """Return numbers, as a prompt would print megabytes of values."""
        return f"<{type(self).__name__}: {len(self.files)} files, {len(self.findings)} findings>"

    @cached_property
    def totals(self) -> Totals:
        """The counts of all files, which are read once: those of a large tree come from the store."""
        lists = attrgetter("violations", "warnings", "tolerated", "unjudged")
        numbers = [
            (1, not file.errors and file.other_kernel is None, bool(file.errors), *map(len, lists(file)))
            for file in self.files
        ]
        return Totals(*map(sum, zip(*numbers, strict=True))) if numbers else Totals(0, 0, 0, 0, 0, 0, 0)

    @property
    def status(self) -> Literal["passed", "failed", "not measured"]:
        """Whether a file passes, fails, or fails only because of missing values."""
        failed = [file for file in self.files if file.failed]
        if self.waivers.fails:
            return "failed"
        if not failed:
            return "passed"
        return "not measured" if all(item.is_unmeasured for item in failed) else "failed"

    @property
    def measurements(self) -> dict[str, Measurement]:
        """All measurements, by path."""
        return {file.path: file.measurement for file in self.files}
