"""What a report says: a finding for each thing that there is to say of a file, and facts about the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.judged import Comparison, Suppression, Verdict
from pytest_antipasta.model.measured import BlockKind, BriefPlan, Measurement, Number
from pytest_antipasta.model.run import RunFacts
from pytest_antipasta.model.waivers import Waivers

Status: TypeAlias = Literal["failing", "warning", "tolerated", "waiver", "not judged", "changed"]
"""What a finding means: the file fails for it; it is reported and does not fail; a number over its limit is
tolerated; a change allows more than before; a limit has no number to judge; a change touches a block."""
ProblemRule: TypeAlias = Literal["not_measured", "not_judged", "suppression"]
PROBLEM_RULES: dict[ProblemRule, str] = {
    "not_measured": "A file, or some of its values, could not be measured.",
    "not_judged": "A file has no value for a metric that has a limit.",
    "suppression": "A suppression comment fails or is not applied.",
}
"""The rules of findings that are about no number, and what each of them says."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that there is to say of a file, or of a block in it.

    Attributes:
        status: what it means.
        rule: the metric's name, or what else is wrong; see :data:`PROBLEM_RULES`.
        path: of the file, relative to the root.
        line: where it is, 1-based; ``None`` for the whole file. Of a notebook it is one of the cell.
        end_line: where the block ends, likewise.
        cell: of a notebook, 1-based; ``None`` for a line of the file.
        block: the qualified name of the block; ``None`` for the file.
        name: the block's bare name.
        kind: the block's.
        complexity: the cyclomatic complexity of the block, the mean of the file's functions for the file.
        lines: of the block, or of the file.
        value: the number; ``None`` where it is about none.
        before: on the other side of a change.
        limit: what the number is compared with.
        comparison: the relation that it has to keep to the limit.
        change: where a change is judged, what happened to the block.
        recorded: the value in the baseline.
        reason: why it is tolerated, or the kind of error; ``None`` without one.
        message: what is wrong, in words, with the block and without the place.
        notes: more lines about it, such as a comment's ceiling that the number is beyond.
        plans: what would lower it, as complexipy proposes it.
        comments: that suppress it.
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
    limit: Number | None = None
    comparison: Comparison | None = None
    change: str | None = None
    recorded: Number | None = None
    reason: str | None = None
    message: str
    notes: tuple[str, ...] = ()
    plans: tuple[BriefPlan, ...] = ()
    comments: tuple[Suppression, ...] = ()

    @property
    def fails(self) -> bool:
        """Whether the file fails for it."""
        return self.status == "failing"

    @property
    def is_number(self) -> bool:
        """Whether it is about a number that is over its limit, or was."""
        return self.rule not in PROBLEM_RULES

    @property
    def is_warned(self) -> bool:
        """Whether it is about a number over a limit whose level is ``warning``."""
        return self.status == "warning" and self.is_number

    @property
    def line_in_file(self) -> int | None:
        """The line, for what knows lines of files alone: the first one of a notebook."""
        return self.line if self.cell is None else 1

    @property
    def end_line_in_file(self) -> int | None:
        """The last line, likewise."""
        return self.end_line if self.cell is None else None

    @property
    def message_in_file(self) -> str:
        """What is wrong, likewise with the place where the line does not tell it."""
        return self.message if self.cell is None else f"cell {self.cell}, line {self.line}: {self.message}"


class Report(Struct, frozen=True):
    """All that a format writes.

    Attributes:
        findings: in the order of the files: what is wrong with it, then numbers by line, those of the file
            first, then what is tolerated.
        facts: about the run.
        files: in the order of their paths, with all of their numbers.
        changes: what a change does to blocks; ``None`` where none was judged.
        waivers: what a change allows that was not allowed before it.
        coverage: what coverage data says of them; ``None`` where nobody asked.
    """

    findings: Sequence[Finding]
    facts: RunFacts
    files: Sequence[Verdict] = ()
    changes: Changes | None = None
    waivers: Waivers = Waivers()
    coverage: CoverageFacts | None = None

    @property
    def status(self) -> Literal["passed", "failed", "not measured"]:
        """Whether a file fails, and whether that is only for numbers that could not be had."""
        failed = [one for one in self.files if one.failed]
        if self.waivers.fails:
            return "failed"
        if not failed:
            return "passed"
        return "not measured" if all(one.is_unmeasured for one in failed) else "failed"

    @property
    def measurements(self) -> dict[str, Measurement]:
        """All numbers of the files, by path."""
        return {one.path: one.measurement for one in self.files}
