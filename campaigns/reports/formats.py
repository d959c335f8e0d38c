"""What formats have of some files, compared with what they should have."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

from campaigns.reports.expected import Expected, Place, count_waivers
from pytest_antipasta.messages import show_name
from tests.report.reading import COMMAND, read_page

APP = "app"
"""Folder of the project, so that paths from git's top differ from those from the root."""


class Pair(NamedTuple):
    """What a format has, and what it should have."""

    what: str
    found: object
    expected: object


def iter_pairs(reports: Mapping[str, bytes], output: str) -> Iterator[Pair]:
    """Yield what each format has beside what it should have; ``output`` is what the same run printed."""
    told = json.loads(reports["json"])
    expected = Expected(told)
    waivers = count_waivers(told, is_new_baseline="new baseline: " in output)
    stopped = int(told["run"]["stopped"] is not None)
    yield from _iter_services(reports, expected, waivers, stopped)
    yield from _iter_sarif(reports, expected, waivers)
    yield from _iter_junit(reports, expected, len(told["files"]), waivers)
    rows = [*csv.DictReader(StringIO(reports["csv"].decode(), newline=""), strict=True)]
    yield Pair("csv", Counter(row["status"] for row in rows), +expected.statuses)
    failing = {row["path"].removeprefix("./") for row in rows if row["fails"] == "True"}
    yield Pair("csv, files that fail", failing, set(map(show_name, expected.files)))
    figures = {
        "files": len(told["files"]),
        "files_failed": len(expected.files),
        **{kind: numbers.total() for kind, numbers in expected.numbers.items()},
    }
    yield Pair("prometheus", _read_figures(reports["prometheus"], figures), figures)
    totals = figures | {"errors": expected.statuses["not_measured"]}
    summary = told["summary"] | {"files_failed": len(expected.files)}
    yield Pair("json, its summary", {name: summary[name] for name in totals}, totals)
    page = Counter(
        (file["path"], 1 if file["path"].endswith(".ipynb") else one.get("line") or 1, one["metric"])
        for file in read_page(reports["html"])["files"]
        for one in file.get("violations", ())
    )
    yield Pair("html", page, expected.numbers["violations"])


def _from_top(places: Counter[Place]) -> Counter[Place]:
    return Counter({(f"{APP}/{path}", line, rule): number for (path, line, rule), number in places.items()})


def _iter_services(
    reports: Mapping[str, bytes], expected: Expected, waivers: int, stopped: int
) -> Iterator[Pair]:
    gitlab = json.loads(reports["gitlab"])
    places = (
        (one["location"]["path"], one["location"]["lines"]["begin"], one["check_name"]) for one in gitlab
    )
    yield from _part("gitlab", places, expected.shown, waivers)
    yield Pair("gitlab, fingerprints", len({one["fingerprint"] for one in gitlab}), len(gitlab))
    rdjson = json.loads(reports["rdjson"])["diagnostics"]
    whole = {"start": {"line": 1}}
    places = (
        (one["location"]["path"], one["location"].get("range", whole)["start"]["line"], one["code"]["value"])
        for one in rdjson
    )
    yield from _part("rdjson", places, expected.shown, waivers)
    errors = sum(one["severity"] == "ERROR" and one["code"]["value"] != "waiver" for one in rdjson)
    yield Pair("rdjson, errors", errors, expected.failing.total())
    commands = [COMMAND.fullmatch(line) for line in reports["github"].decode().split("\n")[:-1]]
    levels = Counter(match[1] if match else "no command" for match in commands)
    yield Pair("github", levels.total() - stopped, expected.shown.total() + waivers)
    yield Pair("github, no commands", levels["no command"], 0)


def _part(what: str, places: Iterable[Place], expected: Counter[Place], waivers: int) -> Iterator[Pair]:
    """Yield the places of files, and apart from them the number of waivers."""
    found = Counter(places)
    listed = Counter({place: number for place, number in found.items() if place[2] == "waiver"})
    yield Pair(what, found - listed, _from_top(expected))
    yield Pair(f"{what}, waivers", listed.total(), waivers)


def _iter_sarif(reports: Mapping[str, bytes], expected: Expected, waivers: int) -> Iterator[Pair]:
    numbers = expected.numbers
    (run,), (run_of_all,) = (json.loads(reports[name])["runs"] for name in ("sarif", "sarif-all"))
    yield Pair("sarif", _read_results(run), _from_top(numbers["violations"]))
    yield Pair("sarif-all", _read_results(run_of_all), _from_top(sum(numbers.values(), Counter[Place]())))
    told = Counter(one["descriptor"]["id"] for one in run["invocations"][0]["toolExecutionNotifications"])
    rules = Counter(rule for _, _, rule in expected.problems.elements())
    yield Pair("sarif, notifications", told, rules + Counter(waiver=waivers))


def _read_results(run: Mapping[str, Any]) -> Counter[Place]:
    places = ((one["locations"][0]["physicalLocation"], one["ruleId"]) for one in run["results"])
    return Counter(
        (unquote(place["artifactLocation"]["uri"]), place["region"]["startLine"], rule)
        for place, rule in places
    )


def _iter_junit(reports: Mapping[str, bytes], expected: Expected, files: int, waivers: int) -> Iterator[Pair]:
    suite, blocks = (ElementTree.fromstring(reports[name])[0] for name in ("junit", "junit-blocks"))
    yield Pair("junit, cases", int(suite.get("tests", 0)), files + bool(waivers))
    yield Pair("junit", _list_failing(suite), Counter(map(show_name, expected.files)))
    yield Pair("junit-blocks", _list_failing(blocks).total(), len(expected.blocks))


def _list_failing(suite: ElementTree.Element) -> Counter[str]:
    """Return the names of cases that fail, without that of waivers."""
    failing = [case for case in suite if case.find("failure") is not None or case.find("error") is not None]
    return Counter(case.get("name", "") for case in failing if case.get("name") != "new waivers")


def _read_figures(content: bytes, names: Iterable[str]) -> dict[str, int]:
    """Return some figures of a run, those without a label of their own."""
    lines = re.findall(r"^antipasta_(\w+)\{[^,\n]*\} (\d+)$", content.decode(), re.MULTILINE)
    figures = {name: int(value) for name, value in lines}
    return {name: figures[name] for name in names}
