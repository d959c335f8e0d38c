"""SARIF 2.1.0, for code scanning and viewers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.model.finding import PROBLEM_RULES, Finding, Report
from pytest_antipasta.model.judged import Suppression, Threshold
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.model.registry import JudgedMetric
from pytest_antipasta.report.contents import find_name, read_lines
from pytest_antipasta.report.findings import find_limited
from pytest_antipasta.report.paths import make_uri, show_from_top
from pytest_antipasta.report.records import encode, make_limit
from pytest_antipasta.report.waivers import describe_in_file, find_waivers
from pytest_antipasta.report.wording import OVER_BEFORE, format_number
from pytest_antipasta.runtime.environment import VERSION, find_home

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LIST = "`pytest-antipasta check` with the same options shows it and what to do."
# GitHub resolves paths with this base against the top of the repository.
_TOP = "%SRCROOT%"
_KINDS = {
    "function": "function",
    "method": "member",
    "closure": "function",
    "class": "type",
    "cell": "module",
}


def write(report: Report, *, has_all: bool = False) -> bytes:
    """Return a log with one run: violations are results, other findings and waivers are notifications.

    Tolerated values and warnings are left out: GitHub's code scanning opens an alert for each result, even
    for suppressed ones and those of a lower level.
    """
    run = _Log(report).make_run(has_all=has_all)
    return encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def write_all(report: Report) -> bytes:
    """Return a log that also has warnings and tolerated values: suppressed, recorded, or not worse."""
    return write(report, has_all=True)


class _Log:
    """The common data of the parts of a log."""

    def __init__(self, report: Report) -> None:
        """Number the rules, and find git's top."""
        self._report, self._facts = report, report.facts
        self._rules = find_limited(report, self._facts.limits)
        self._numbers = {name: number for number, name in enumerate(self._rules)}
        self._show_path = show_from_top(self._facts)
        self._read_lines = lru_cache(1)(read_lines)  # findings are sorted by file

    def make_run(self, *, has_all: bool) -> dict[str, Any]:
        """Return the run, with some of the findings as results."""
        findings, facts = self._report.findings, self._facts
        problems = [finding for finding in findings if not finding.is_number]
        problems += find_waivers(self._report.waivers)
        numbers = [finding for finding in findings if finding.is_number and (has_all or finding.fails)]
        failed = facts.stopped is not None or any(problem.fails for problem in problems)
        top = make_uri(Path(facts.git_top or facts.root))
        return {
            "tool": {"driver": self._make_driver()},
            "invocations": [
                {
                    "executionSuccessful": not failed,
                    "toolExecutionNotifications": list(map(self._report_problem, problems)),
                }
            ],
            "originalUriBaseIds": {_TOP: {"uri": top.rstrip("/") + "/"}},
            "columnKind": "unicodeCodePoints",
            "results": list(map(self._make_result, numbers)),
        }

    def _make_driver(self) -> dict[str, Any]:
        """Return the tool with its rules."""
        home = find_home()
        return {
            "name": "pytest-antipasta",
            "version": VERSION,
            "semanticVersion": VERSION,
            **({} if home is None else {"informationUri": home}),
            "rules": [_make_rule(name, self._facts.limits.get(name)) for name in self._rules],
            "notifications": [_describe(rule, text, text, _LIST) for rule, text in PROBLEM_RULES.items()],
        }

    def _make_result(self, finding: Finding) -> dict[str, Any]:
        key = f"{finding.rule}\0{finding.block or ''}"
        location = self._make_location(finding.path, finding.line_in_file)
        location["physicalLocation"]["region"] |= self._find_columns(finding)
        if finding.name is not None and finding.kind is not None:
            if finding.end_line_in_file is not None:
                whole = {"startLine": finding.line, "endLine": finding.end_line}
                location["physicalLocation"]["contextRegion"] = whole
            name = {"name": finding.name, "fullyQualifiedName": finding.block}
            location["logicalLocations"] = [{**name, "kind": _KINDS[finding.kind]}]
        result = {
            "ruleId": finding.rule,
            "ruleIndex": self._numbers[finding.rule],
            "level": _choose_level(finding),
            "message": {"text": f"{finding.message_in_file}."},
            "locations": [location],
            # Path, line and value are left out, as they may change.
            "partialFingerprints": {"metricOfBlock/v1": sha256(key.encode()).hexdigest()},
            "suppressions": self._make_suppressions(finding),
            "properties": {
                "value": finding.value,
                "threshold": finding.limit,
                "comparison": finding.comparison,
                "before": finding.before,
                "change": finding.change,
                "recorded": finding.recorded,
            },
        }
        state = self._find_state(finding)
        return result if state is None else {**result, "baselineState": state}

    def _find_columns(self, finding: Finding) -> dict[str, int]:
        """Return the columns of a function's name; none if the file on disk is not the measured one."""
        if finding.name is None or finding.line is None or finding.cell is not None:
            return {}
        lines = self._read_lines(Path(self._facts.root) / finding.path, finding.digest)
        found = finding.line <= len(lines) and find_name(lines[finding.line - 1], finding.name)
        return {"startColumn": found[0] + 1, "endColumn": found[1] + 1} if found else {}

    def _make_suppressions(self, finding: Finding) -> list[dict[str, Any]]:
        if finding.reason == "baseline":
            justification = f"recorded in {self._facts.baseline}"
            return [{"kind": "external", "status": "accepted", "justification": justification}]
        return [self._make_suppression(finding, comment) for comment in finding.comments]

    def _make_suppression(self, finding: Finding, comment: Suppression) -> dict[str, Any]:
        line = 1 if finding.path.endswith(NOTEBOOK) else comment.line
        place = {
            "kind": "inSource",
            "status": "accepted",
            "location": self._make_location(finding.path, line),
        }
        return place | ({"justification": comment.reason} if comment.reason else {})

    def _report_problem(self, finding: Finding) -> dict[str, Any]:
        level = "error" if finding.fails else "note" if finding.rule == "waiver" else "warning"
        return {
            "descriptor": {"id": finding.rule, "index": [*PROBLEM_RULES].index(finding.rule)},
            "level": level,
            "message": {"text": describe_in_file(finding)},
            "locations": [self._make_location(finding.path, finding.line_in_file)],
        }

    def _make_location(self, path: str, line: int | None) -> dict[str, Any]:
        """Return a location; for a whole file the first line, as GitHub ignores results without a line."""
        path = self._show_path(path)
        artifact = {"uri": quote(path), "uriBaseId": _TOP}
        if os.path.isabs(path):
            artifact = {"uri": make_uri(Path(path))}
        return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line or 1}}}

    def _find_state(self, finding: Finding) -> str | None:
        """Return the state of a result compared with the other side of a change, or with the baseline."""
        value, before = finding.value, finding.before
        if self._facts.change is None:
            if self._facts.baseline is None:
                return None
            before = finding.recorded
        elif not finding.was_over:
            before = None  # which was not a result
        if before is None or value is None:
            return "new"
        # A baseline has four decimals.
        return "unchanged" if round(value, 4) == round(before, 4) else "updated"


def _choose_level(finding: Finding) -> str:
    if finding.status == "warning":
        return "warning"
    # A change is not responsible for values that are not worse, and nobody has accepted them.
    return "note" if finding.reason == OVER_BEFORE else "error"


def _make_rule(name: str, limit: Threshold | None) -> dict[str, Any]:
    metric, allowed = look_up_metric(name), "Its limit depends on the path."
    side = "below" if metric.more_is_better else "over"
    properties: Mapping[str, Any] = {}
    if limit is not None:
        allowed = f"It must be {limit.comparison} {format_number(limit.limit)}."
        properties = make_limit(limit)
    meaning = f"{metric.meaning} {allowed}"
    title, how = f"{metric.title} {side} its limit", (metric.advice, _name_command(metric))
    text = " ".join(filter(None, (meaning, *how)))
    return {
        **_describe(name, title, meaning, text, _explain_rule(metric, meaning)),
        "defaultConfiguration": {"level": limit.level if limit is not None else "error"},
        "properties": {"tags": ["maintainability", "complexity"], **properties},
    }


def _explain_rule(metric: JudgedMetric, meaning: str) -> str:
    """Return what a rule is about in Markdown: the reason and an example, of metrics of ours."""
    parts = [f"**{metric.name}**: {meaning}", metric.reason, metric.advice]
    if metric.example is not None:
        before, after = metric.example
        parts += ["Before:", f"```python\n{before}```", "After:", f"```python\n{after}```"]
    return "\n\n".join(filter(None, (*parts, _name_command(metric))))


def _name_command(metric: JudgedMetric) -> str:
    """Return which command shows how a value is calculated; empty for metrics that need coverage data."""
    target = "FILE" if metric.scope == "file" else "FILE::BLOCK"
    command = f"`pytest-antipasta explain {target}` shows how a value is calculated."
    return "" if metric.needs_coverage else command


def _describe(name: str, short: str, full: str, helping: str, markdown: str = "") -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": helping, "markdown": markdown or f"**{name}**: {helping}"},
    }
