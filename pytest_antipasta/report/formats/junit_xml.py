"""JUnit XML for ``check``: a test case a file, as pytest writes them of its items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model import Finding, Report, Verdict
from pytest_antipasta.report.failure import format_failure, format_headline
from pytest_antipasta.report.places import show_verdicts
from pytest_antipasta.report.wording import format_cell_place


def write(report: Report) -> bytes:
    """Return a suite: a failure is a violation or a comment that fails, an error a file without numbers."""
    suite = Element("testsuite", name="antipasta")
    findings: dict[str, list[Finding]] = defaultdict(list)
    for one in report.findings:
        findings[one.path].append(one)
    for verdict, shown in zip(report.files, show_verdicts(report.files), strict=True):
        _add_case(suite, shown, findings.get(verdict.path, ()))
    counts = {f"{name}s": sum(1 for _ in suite.iter(name)) for name in ("failure", "error")}
    skipped = sum(1 for _ in suite.iter("skipped"))
    totals = {"tests": len(suite), **counts, "skipped": skipped, "time": f"{report.facts.seconds:.3f}"}
    for name, value in totals.items():
        suite.set(name, str(value))
    suites = Element("testsuites", name="pytest-antipasta")
    suites.append(suite)
    indent(suites)
    content: bytes = tostring(suites, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _add_case(suite: Element, verdict: Verdict, findings: Iterable[Finding]) -> None:
    """Add the case of a file; its path has nothing that XML forbids."""
    module = verdict.path.removesuffix(".py").replace("/", ".")
    case = SubElement(suite, "testcase", name=verdict.path, classname=module)
    if verdict.failed:
        kind = "error" if verdict.is_unmeasured else "failure"
        SubElement(case, kind, message=format_headline(verdict)).text = format_failure(verdict)
    elif verdict.error is not None:
        SubElement(case, "skipped", message=format_headline(verdict))
    if notes := [*_iter_notes(findings)]:
        SubElement(case, "system-out").text = "\n".join(map(make_printable, notes))


def _iter_notes(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield what does not fail: what is tolerated and why, and metrics without a number."""
    for one in sorted(findings, key=lambda one: not one.is_number):
        if one.status == "tolerated":
            place = format_cell_place(show_name(one.path), one.cell, one.line)
            yield f"tolerated ({one.reason}): {place}: {one.message}"
        elif not one.fails:
            yield one.message
