"""JUnit XML for ``check``: a test case a file, as pytest writes them of its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import Verdict
from pytest_antipasta.report.failure import format_failure, format_headline
from pytest_antipasta.report.formats.problems import iter_problems
from pytest_antipasta.report.places import show_verdicts
from pytest_antipasta.report.wording import format_violation_line


def write(verdicts: Sequence[Verdict], run: Mapping[str, Any]) -> bytes:
    """Return a suite: a failure is a violation or a comment that fails, an error a file without numbers."""
    suite = Element("testsuite", name="antipasta")
    for verdict in show_verdicts(verdicts):
        _add_case(suite, verdict)
    counts = {f"{name}s": sum(1 for _ in suite.iter(name)) for name in ("failure", "error")}
    skipped = sum(1 for _ in suite.iter("skipped"))
    totals = {"tests": len(suite), **counts, "skipped": skipped, "time": f"{run['seconds']:.3f}"}
    for name, value in totals.items():
        suite.set(name, str(value))
    suites = Element("testsuites", name="pytest-antipasta")
    suites.append(suite)
    indent(suites)
    content: bytes = tostring(suites, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _add_case(suite: Element, verdict: Verdict) -> None:
    """Add the case of a file; its path has nothing that XML forbids."""
    module = verdict.path.removesuffix(".py").replace("/", ".")
    case = SubElement(suite, "testcase", name=verdict.path, classname=module)
    if verdict.failed:
        kind = "error" if verdict.is_unmeasured else "failure"
        SubElement(case, kind, message=format_headline(verdict)).text = format_failure(verdict)
    elif verdict.error is not None:
        SubElement(case, "skipped", message=format_headline(verdict))
    if notes := [*_iter_notes(verdict)]:
        SubElement(case, "system-out").text = "\n".join(map(make_printable, notes))


def _iter_notes(verdict: Verdict) -> Sequence[str]:
    """Return what does not fail: what is tolerated and why, and metrics without a number."""
    notes = [f"tolerated ({one.why}): {format_violation_line(verdict, one)}" for one in verdict.tolerated]
    return [*notes, *(problem.text for problem in iter_problems(verdict) if not problem.fails)]
