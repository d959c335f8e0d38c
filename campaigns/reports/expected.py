"""What each format should have of some files, by the JSON report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str, int, str]
"""Path from the root, line (1 for a file, and in a notebook), and metric or rule."""
_WHY = {"not worse": "over before", "suppressed": "suppressed", "baseline": "baseline"}
_KINDS = {"violations": "violation", "warnings": "warning", "tolerated": ""}


class Expected:
    """What there is to say of the files.

    Attributes:
        numbers: the places of values over their limits, by the key of the JSON report.
        problems: the places of files and values that are not measured or not judged, and of comments.
        failing: the places of everything that makes a file fail.
        statuses: how many there are, by the word that CSV has for them.
        blocks: path and name of each block, or of each file itself, that fails.
    """

    def __init__(self, report: Mapping[str, Any]) -> None:
        """Read a JSON report."""
        self.numbers = {kind: Counter[Place]() for kind in _KINDS}
        self.problems, self.failing = Counter[Place](), Counter[Place]()
        self.statuses = Counter[str]()
        self.blocks: set[tuple[str, str | None]] = set()
        for file in report["files"]:
            self._add_numbers(file)
            for line, rule, fails in _iter_problems(file):
                self.statuses[rule] += 1
                self.problems[_place(file, line, rule)] += 1
                if fails:
                    self._fail(_place(file, line, rule), None)

    def _add_numbers(self, file: Mapping[str, Any]) -> None:
        for kind, status in _KINDS.items():
            for one in file[kind]:
                place = _place(file, one["line"], one["metric"])
                self.numbers[kind][place] += 1
                self.statuses[status or _WHY[one["why"]]] += 1
                if kind == "violations":
                    self._fail(place, one["qualified_name"])

    def _fail(self, place: Place, name: str | None) -> None:
        self.failing[place] += 1
        self.blocks.add((place[0], name))

    @property
    def files(self) -> set[str]:
        """The files that fail."""
        return {path for path, _ in self.blocks}

    @property
    def shown(self) -> Counter[Place]:
        """All that is not tolerated."""
        return self.numbers["violations"] + self.numbers["warnings"] + self.problems


def _place(file: Mapping[str, Any], line: int | None, rule: str) -> Place:
    return file["path"], 1 if file["path"].endswith(".ipynb") else line or 1, rule


def _iter_problems(file: Mapping[str, Any]) -> Iterator[tuple[int | None, str, bool]]:
    """Yield the line and the rule of each problem, and whether it fails the file."""
    for error in (*filter(None, [file.get("error")]), *file.get("missing", ())):
        yield error.get("line"), "not_measured", error["severity"] == "error"
    if file["unjudged"]:
        yield None, "not_judged", False
    for one in file["suppressions"]:
        if one["fails"] or one["problems"]:
            yield one["line"], "suppression", one["fails"]


def count_waivers(report: Mapping[str, Any], *, is_new_baseline: bool) -> int:
    """Return how many waivers are listed: the entries of a new baseline are not, unless they fail."""
    waivers = report.get("waivers", ())
    return sum(one["fails"] or not is_new_baseline or one["kind"] != "entry" for one in waivers)
