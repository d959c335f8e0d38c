"""JUnit XML for ``check``: a test case for each file, as pytest writes them, or also for each block.

What a change newly allows is a case of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model.finding import Finding, Report
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.waivers import Waivers
from pytest_antipasta.report.failure import format_failures, format_headline
from pytest_antipasta.report.waivers import describe_failing, format_waivers
from pytest_antipasta.report.wording import format_place


def write(report: Report) -> bytes:
    """Return a test suite with a case for each file.

    Violations and failing comments are failures; a file without values is an error.
    """
    suite = Element("testsuite", name="antipasta")
    for verdict, findings in _iter_files(report):
        case = _add_case(suite, verdict, show_name(verdict.path))
        if verdict.failed:
            kind = "error" if verdict.is_unmeasured else "failure"
            text = "\n".join(format_failures([verdict], is_flat=True))
            SubElement(case, kind, message=format_headline(verdict)).text = text
        _add_rest(case, verdict, findings)
    return _finish(suite, report)


def write_blocks(report: Report) -> bytes:
    """Return a suite with a case for each file and each of its functions, so that CI shows new ones."""
    suite = Element("testsuite", name="antipasta")
    for verdict, findings in _iter_files(report):
        by_block: dict[str | None, list[Finding]] = defaultdict(list)
        for finding in findings:
            by_block[finding.block].append(finding)
        case = _add_case(suite, verdict, show_name(verdict.path))
        _add_failure(case, "error" if verdict.is_unmeasured else "failure", by_block[None])
        _add_rest(case, verdict, by_block[None])
        for block in verdict.measurement.blocks:
            if block.kind != "class":
                name = block.qualified_name
                case = _add_case(suite, verdict, make_printable(name))
                _add_failure(case, "failure", by_block[name])
                _add_notes(case, by_block[name])
    return _finish(suite, report)


def _iter_files(report: Report) -> Iterator[tuple[Verdict, Sequence[Finding]]]:
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        findings[finding.path].append(finding)
    for verdict in report.files:
        yield verdict, findings.get(verdict.path, ())


def _add_case(suite: Element, verdict: Verdict, name: str) -> Element:
    """Add a case of a file; its path must not contain characters that XML forbids."""
    module = show_name(verdict.path).removesuffix(".py").replace("/", ".")
    return SubElement(suite, "testcase", name=name, classname=module)


def _add_failure(case: Element, kind: str, findings: Iterable[Finding]) -> None:
    """Add the failures of a block, or of the file alone."""
    if failing := [finding for finding in findings if finding.fails]:
        more = f", and {len(failing) - 1:,} more" if len(failing) > 1 else ""
        lines = [line for item in failing for line in _iter_lines(item)]
        SubElement(case, kind, message=f"{failing[0].message}{more}").text = "\n".join(lines)


def _iter_lines(finding: Finding) -> Iterator[str]:
    yield f"{_format_place(finding)}: {finding.message}"
    yield from (f"    {note}" for note in finding.notes)


def _add_rest(case: Element, verdict: Verdict, findings: Sequence[Finding]) -> None:
    """Add the remaining findings of a file, which are not failures."""
    failed = verdict.failed
    if not failed and (verdict.error is not None or verdict.other_kernel is not None):
        SubElement(case, "skipped", message=format_headline(verdict))
    # The failure of a file contains its comments.
    _add_notes(case, [finding for finding in findings if not (failed and finding.rule == "suppression")])


def _add_notes(case: Element, findings: Sequence[Finding]) -> None:
    """Add tolerated values and reasons, metrics without a value, and other warnings."""
    warned, tolerated, others = list[str](), list[str](), list[str]()
    for finding in findings:
        place = _format_place(finding)
        if finding.is_warned:
            warned.append(f"warning: {place}: {finding.message}")
        elif finding.status == "tolerated":
            tolerated.append(f"tolerated ({finding.reason}): {place}: {finding.message}")
        elif not finding.fails:
            others.append(finding.message)
    if notes := [*warned, *tolerated, *others]:
        SubElement(case, "system-out").text = "\n".join(map(make_printable, notes))


def _add_waivers(suite: Element, waivers: Waivers) -> None:
    """Add the new waivers of a change, which fail it where ``new_waivers`` does not allow them."""
    case = SubElement(suite, "testcase", name="new waivers", classname="antipasta")
    why = describe_failing(waivers)
    said = SubElement(case, "failure", message=why) if why else SubElement(case, "system-out")
    said.text = "\n".join(format_waivers(waivers))


def _format_place(finding: Finding) -> str:
    return format_place(show_name(finding.path), finding.cell, finding.line)


def _finish(suite: Element, report: Report) -> bytes:
    """Return the XML of a suite, with the waivers of a change, and its number of cases."""
    if report.waivers.listed:
        _add_waivers(suite, report.waivers)
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
