"""Reading reports back: what fails, from each format, as the JSON report has it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

import cmarkgfm
from cmarkgfm.cmark import Options

from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.messages import show_name
from pytest_antipasta.model.judged import Violation
from pytest_antipasta.report.wording import format_named

_CELL = re.compile(r"(.+) (\S+)(?:/| \(limit )(\S+?)\)?(?: \((the baseline has .+)\))?")
COMMAND = re.compile(r"::(\w+) title=(.*?),file=(.*?)(?:,line=(\d+))?(?:,endLine=\d+)?::(.*)")


class Found(NamedTuple):
    """What stands in a report.

    Attributes:
        violations: path from the root, line (1 for a file), and text.
        errors: path and text of what could not be measured.
    """

    violations: set[tuple[str, int, str]]
    errors: set[tuple[str, str]]


def make_printable_paths(found: Found, top: str = "") -> Found:
    """Return the same with paths as people are shown them, where they begin at a folder further up."""

    def show(path: str) -> str:
        return show_name(f"{top}{path}").removeprefix(top)

    return Found(
        {(show(path), line, text) for path, line, text in found.violations},
        {(show(path), text) for path, text in found.errors},
    )


def read_json(content: bytes) -> Found:
    """Return what JSON has."""
    violations, errors = set(), set()
    for file in json.loads(content)["files"]:
        for one in file["violations"]:
            violations.add((file["path"], one["line"] or 1, format_named(Violation(**one))))
        for one in (*filter(None, [file.get("error")]), *file.get("missing", ())):
            errors.add((file["path"], f"not measured ({one['kind']}): {one['message']}"))
    return Found(violations, errors)


def read_sarif(content: bytes) -> Found:
    """Return what SARIF has as results that are neither suppressed nor notes, and as notifications."""
    (run,) = json.loads(content)["runs"]
    violations = {
        (*_read_location(result), result["message"]["text"].removesuffix("."))
        for result in run["results"]
        if result["level"] == "error" and not result["suppressions"]
    }
    told = run["invocations"][0]["toolExecutionNotifications"]
    errors = [one for one in told if one["descriptor"]["id"] == "not_measured"]
    return Found(violations, {(_read_location(one)[0], one["message"]["text"]) for one in errors})


def _read_location(result: Mapping[str, Any]) -> tuple[str, int]:
    place = result["locations"][0]["physicalLocation"]
    path = unquote(place["artifactLocation"]["uri"])
    assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    return _from_root(path), place["region"]["startLine"]


def _from_root(path: str) -> str:
    assert path.startswith("app/")
    return path.removeprefix("app/")


def read_gitlab(content: bytes) -> Found:
    """Return what GitLab's report has as issues."""
    return _sort(
        (
            issue["check_name"],
            issue["location"]["path"],
            issue["location"]["lines"]["begin"],
            issue["description"],
        )
        for issue in json.loads(content)
    )


def read_rdjson(content: bytes) -> Found:
    """Return what reviewdog posts."""
    return _sort(
        (
            one["code"]["value"],
            one["location"]["path"],
            one["location"].get("range", {"start": {"line": 1}})["start"]["line"],
            one["message"],
        )
        for one in json.loads(content)["diagnostics"]
    )


def _sort(rows: Iterator[tuple[str, str, int, str]]) -> Found:
    found = Found(set(), set())
    for rule, path, line, text in rows:
        if rule == "not_measured":
            found.errors.add((_from_root(path), text))
        elif rule not in ("not_judged", "suppression"):
            found.violations.add((_from_root(path), line, text))
    return found


def read_github(content: bytes) -> Found:
    """Return what workflow commands have."""

    def decode(text: str) -> str:
        return re.sub("%([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)

    def read() -> Iterator[tuple[str, str, int, str]]:
        for line in content.decode().split("\n")[:-1]:
            match = COMMAND.fullmatch(line)
            assert match, line
            text = decode(match[5])
            rule = "not_measured" if "not measured" in text else "" if "must be" in text else "suppression"
            yield rule, decode(match[3]), int(match[4] or 1), text

    return _sort(read())


def read_csv(content: bytes) -> Found:
    """Return what CSV has, with paths as people are shown them."""
    found = Found(set(), set())
    for row in csv.DictReader(StringIO(content.decode(), newline=""), strict=True):
        path = row["path"].removeprefix("./")
        if row["status"] == "violation":
            found.violations.add((path, int(row["line"] or 1), row["message"]))
        elif row["status"] == "not_measured":
            found.errors.add((path, row["message"]))
    return found


def read_junit(content: bytes) -> Found:
    """Return what JUnit XML has, with paths as people are shown them."""
    found = Found(set(), set())
    for case in ElementTree.fromstring(content).iter("testcase"):
        path = str(case.get("name"))
        found.errors.update((path, str(one.get("message"))) for one in case.iter("error"))
        for failure in case.iter("failure"):
            found.violations.update((path, *one) for one in _read_printed_rows(path, str(failure.text)))
    return found


def _read_printed_rows(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each number in the rows that begin with a path."""
    rows = re.findall(rf"^{re.escape(path)}(?::(\d+): |  )(.+)", text, re.MULTILINE)
    for place, row in rows:
        parts = re.split(" {2,}", row.strip())
        line, name = (1, "") if not place else (int(place), f"{parts.pop(0)}: ")
        yield from ((line, name + _name_number(cell)) for cell in parts)


def _name_number(cell: str) -> str:
    match = _CELL.fullmatch(cell)
    assert match, cell
    label, value, limit, recorded = match.groups()
    (metric,) = [one for one in judged_metrics().values() if one.label == label]
    number = f"{metric.name} is {value}, must be {metric.comparison} {limit}"
    return f"{number}; {recorded}" if recorded else number


def read_junit_blocks(content: bytes) -> Found:
    """Return what JUnit XML with a case for each block has, likewise."""
    found, path = Found(set(), set()), ""
    for case in ElementTree.fromstring(content).iter("testcase"):
        name = str(case.get("name"))
        if name.removesuffix(".py").replace("/", ".") == case.get("classname"):
            path = name
        found.errors.update((path, str(one.get("message"))) for one in case.iter("error"))
        lines = "\n".join(str(one.text) for one in case.iter("failure"))
        over = re.findall(rf"^{re.escape(path)}(?::(\d+))?: (.*must be.*)$", lines, re.MULTILINE)
        assert name == path or all(text.startswith(f"{name}: ") for _, text in over)
        found.violations.update((path, int(line or 1), text) for line, text in over)
    return found


def read_markdown(content: bytes) -> Found:
    """Return what the tables of functions to lower and the lists of Markdown have, as GitHub renders it."""
    html = cmarkgfm.github_flavored_markdown_to_html(content.decode(), Options.CMARK_OPT_UNSAFE)
    page = ElementTree.fromstring(f"<page>{html}</page>")
    found = Found(set(), set())
    for item in page.iter("li"):
        place, text = ("".join(code.itertext()) for code in item.iter("code"))
        if text.startswith("not measured"):
            found.errors.add((_from_root(re.sub(r":\d+$", "", place)), text))
    cells = chain.from_iterable(map(_iter_cells, _find_tables(page)))
    found.violations.update(chain.from_iterable(map(_read_row, cells)))
    return found


def _find_tables(page: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Yield the tables of violations: the first ones, and the others, which are folded."""
    for item in page.iter("details"):
        if " more " in item.findtext("summary", ""):
            yield from item.iter("table")
    for table in page.iter("table"):
        if "how to lower it" in "".join(next(table.iter("tr")).itertext()):
            yield table


def _iter_cells(table: ElementTree.Element) -> Iterator[list[list[str]]]:
    """Yield the texts of the cells of each row below the head."""
    for row in [*table.iter("tr")][1:]:
        yield [[*cell.itertext()] for cell in row.iter("td")]


def _read_row(cells: list[list[str]]) -> Iterator[tuple[str, int, str]]:
    """Yield the place and the words of each value in a row, whose cells have a text for each line."""
    (*block, where), numbers = cells[:2]
    match = re.fullmatch(r"(.*?)(?::(\d+))?", where)
    assert match
    name = f"{block[0]}: " if block else ""
    path, line = (match[1], match[2]) if block else (where, None)
    for part in numbers:
        yield _from_root(path), int(line or 1), name + _name_number(part)


def read_page(content: bytes) -> dict[str, Any]:
    """Return the data of an HTML report."""
    match = re.search(rb'<script type="application/json" id="data">(.*?)</script>', content, re.DOTALL)
    assert match
    page: dict[str, Any] = json.loads(match[1])
    return page


def read_html(content: bytes) -> Found:
    """Return what the data of an HTML report has."""
    found = Found(set(), set())
    for file in read_page(content)["files"]:
        for one in file.get("violations", ()):
            violation = Violation(**{"qualified_name": None, "line": None, **one})
            found.violations.add((file["path"], violation.line or 1, format_named(violation)))
        for problem in file.get("problems", ()):
            if problem["rule"] == "not_measured":
                found.errors.add((file["path"], problem["text"]))
    return found


READERS: Mapping[str, Callable[[bytes], Found]] = {
    "sarif": read_sarif,
    "sarif-all": read_sarif,
    "gitlab": read_gitlab,
    "github": read_github,
    "rdjson": read_rdjson,
    "csv": read_csv,
    "junit": read_junit,
    "junit-blocks": read_junit_blocks,
    "markdown": read_markdown,
    "html": read_html,
}
