"""SARIF 2.1.0, for code scanning and for viewers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from pytest_antipasta.model import Block, Tolerated, Verdict, Violation
from pytest_antipasta.policy import satisfies
from pytest_antipasta.report.formats.problems import RULES, Problem, find_limited, iter_problems
from pytest_antipasta.report.formats.sarif_rules import make_driver
from pytest_antipasta.report.places import place_at_top
from pytest_antipasta.report.records import encode
from pytest_antipasta.report.suppressions import find_suppressions
from pytest_antipasta.report.wording import find_file_line, format_named

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub resolves paths against the top of the repository where they have this base.
_TOP = "%SRCROOT%"
_KINDS = {
    "function": "function",
    "method": "member",
    "closure": "function",
    "class": "type",
    "cell": "module",
}
_Told: TypeAlias = "Sequence[tuple[Verdict, Sequence[Violation]]]"
_FACTS = ("value", "threshold", "comparison", "before", "change", "recorded")


def write(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return a log with one run: violations as results, what else there is to say of files as notifications.

    What is tolerated is left out: GitHub's code scanning opens an alert for each result, suppressed or not.
    """
    return _write(verdicts, run, [(verdict, verdict.violations) for verdict in verdicts])


def write_all(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return the same log with what is tolerated, too: suppressed, recorded, or not worse than before."""
    return _write(verdicts, run, [(each, (*each.violations, *each.tolerated)) for each in verdicts])


def _write(verdicts: Sequence[Verdict], run: Mapping[str, Any], told: _Told) -> bytes:
    log = _Log(verdicts, run)
    return encode({"$schema": _SCHEMA, "version": "2.1.0", "runs": [log.make_run(verdicts, told)]})


class _Log:
    """What the parts of a log have in common."""

    def __init__(self, verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> None:
        """Number the rules, and find git's top."""
        self._rules = find_limited(verdicts, run["limits"])
        self._numbers = {name: number for number, name in enumerate(self._rules)}
        self._place = place_at_top(run)
        self._run = run

    def make_run(self, verdicts: Sequence[Verdict], told: _Told) -> dict[str, Any]:
        """Return the run, with some violations of each file as results."""
        problems = [(verdict, problem) for verdict in verdicts for problem in iter_problems(verdict)]
        failed = self._run["stopped"] is not None or any(problem.fails for _, problem in problems)
        top = Path(str(self._run["git_top"] or self._run["root"])).as_uri()
        return {
            "tool": {"driver": make_driver(self._rules, self._run["limits"])},
            "invocations": [
                {
                    "executionSuccessful": not failed,
                    "toolExecutionNotifications": [self._make_notification(*one) for one in problems],
                }
            ],
            "originalUriBaseIds": {_TOP: {"uri": top.rstrip("/") + "/"}},
            "columnKind": "unicodeCodePoints",
            "results": [result for one in told for result in self._make_results(*one)],
        }

    def _make_results(self, verdict: Verdict, told: Sequence[Violation]) -> list[dict[str, Any]]:
        blocks = {block.qualified_name: block for block in verdict.measurement.blocks}
        return [self._make_result(verdict, one, blocks.get(one.qualified_name or "")) for one in told]

    def _make_result(self, verdict: Verdict, violation: Violation, block: Block | None) -> dict[str, Any]:
        key = f"{violation.metric}\0{violation.qualified_name or ''}"
        line, where = find_file_line(verdict, violation.line)
        location = self._make_location(verdict.path, line)
        if block is not None:
            if not where:
                whole = {"startLine": block.line, "endLine": block.end_line}
                location["physicalLocation"]["contextRegion"] = whole
            name = {"name": block.name, "fullyQualifiedName": block.qualified_name}
            location["logicalLocations"] = [{**name, "kind": _KINDS[block.kind]}]
        result = {
            "ruleId": violation.metric,
            "ruleIndex": self._numbers[violation.metric],
            "level": "note" if _is_let_pass(violation) else "error",
            "message": {"text": f"{where}{format_named(violation)}."},
            "locations": [location],
            # Neither the path nor a line nor the value is in it, all of which may change.
            "partialFingerprints": {"metricOfBlock/v1": sha256(key.encode()).hexdigest()},
            "suppressions": self._make_suppressions(verdict, violation),
            "properties": {name: getattr(violation, name) for name in _FACTS},
        }
        state = _find_state(violation, self._run)
        return result if state is None else {**result, "baselineState": state}

    def _make_suppressions(self, verdict: Verdict, violation: Violation) -> list[dict[str, Any]]:
        if not isinstance(violation, Tolerated) or violation.why == "not worse":
            return []
        if violation.why == "baseline":
            justification = f"recorded in {self._run['baseline']}"
            return [{"kind": "external", "status": "accepted", "justification": justification}]
        return [
            {
                "kind": "inSource",
                "status": "accepted",
                "location": self._make_location(verdict.path, find_file_line(verdict, one.line)[0]),
                **({"justification": one.reason} if one.reason else {}),
            }
            for one in find_suppressions(verdict, violation)
        ]

    def _make_notification(self, verdict: Verdict, problem: Problem) -> dict[str, Any]:
        return {
            "descriptor": {"id": problem.rule, "index": list(RULES).index(problem.rule)},
            "level": "error" if problem.fails else "warning",
            "message": {"text": problem.text_in_file},
            "locations": [self._make_location(verdict.path, problem.line_in_file)],
        }

    def _make_location(self, path: str, line: int | None) -> dict[str, Any]:
        """Return a place; a whole file is its first line, as GitHub shows nothing without a line."""
        path = self._place(path)
        artifact = {"uri": quote(path), "uriBaseId": _TOP}
        if os.path.isabs(path):
            artifact = {"uri": Path(path).as_uri()}
        return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": line or 1}}}


def _is_let_pass(violation: Violation) -> bool:
    """Whether a change is not answerable for a number, which nobody has accepted either."""
    return isinstance(violation, Tolerated) and violation.why == "not worse"


def _find_state(violation: Violation, run: Mapping[str, Any]) -> str | None:
    """Return how a result stands to one before: on the other side of a change, or in the baseline."""
    if run["change"] is not None:
        before = violation.before
        if before is not None and satisfies(before, violation.comparison, violation.threshold):
            before = None  # which was no result
    elif run["baseline"] is not None:
        before = violation.recorded
    else:
        return None
    if before is None:
        return "new"
    # A baseline has four decimals.
    return "unchanged" if round(violation.value, 4) == round(before, 4) else "updated"
