"""The campaign: coverage data made up for random projects, and what each command says of it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

from campaigns.coverages.data import GONE, Ran, Written, run_randomly, write_data, write_run
from campaigns.coverages.expected import Counts, Oracle, combine, find_differences, is_current, is_near
from campaigns.coverages.projects import (
    EDITS,
    Limits,
    choose_place,
    make_limits,
    make_sections,
    make_sources,
    write_settings,
)
from campaigns.hunt.commands import Said, TroubleError, call_safely, start_pytest
from campaigns.hunt.trees import SETTINGS, Tree, sources_of
from campaigns.reports.formats import APP, iter_pairs
from campaigns.steps import Difference, Step, do_steps
from pytest_antipasta.model.formats import OUR_NAMES
from tests.report.reading import read_page

Function: TypeAlias = tuple[str, str]
"""Path and qualified name."""
_REFUSED = "; create it with `coverage run -m pytest`, or name "


class _Project(NamedTuple):
    """What a step is about.

    Attributes:
        old: the sources of the commit.
        new: those of the working tree.
        limits: of ``crap``.
        complexity: the limit of ``cyclomatic_complexity``; ``False`` for none.
    """

    old: Tree
    new: Tree
    limits: Limits
    complexity: int | bool


class CoveragesStep(Step):
    """A commit, a change of it in the working tree, and coverage data of either."""

    _project: _Project
    _folder: Path

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:
        """Return where paths of the data are, and that there are two states."""
        return rng.choice(("here", "here", "relative", "elsewhere")), 2

    def _run(self) -> Iterator[Difference]:
        rng = self._rng
        old, new = self._edit_in_turn(make_sources(Random(f"{self._plan.seed}:files")), EDITS)
        if rng.random() < 0.2:
            new = {path: text.replace("\n", "\r\n") for path, text in new.items()}
        complexity = rng.choice((2, 5, 10, False))
        self._project = _Project(old, new, make_limits(rng), complexity)
        self._folder = self._repository.path / APP
        where = self._plan.kind
        sections = make_sections(rng, is_relative=where == "relative", is_elsewhere=where == "elsewhere")
        place, text = choose_place(sections, rng)
        ours = write_settings(self._project.limits, complexity, {} if text else sections)
        numbers = self._put(
            {**old, SETTINGS: ours, place: text or ours}, {**new, SETTINGS: ours, place: text or ours}
        )
        ran = run_randomly(new, old, rng)
        written = write_data(ran, self._folder, where, rng)
        self.said.append(
            f"{place}, {written.words}: {'lines' if ran.arcs is None else 'arcs'} of {sorted(ran.lines)}"
        )
        oracle = self._open_oracle(ran)
        yield from self._compare_paths(ran, written)
        yield from self._check(written.words, ran.lines, oracle)
        yield from self._check_change(written.words, numbers)
        report, *others = oracle.export(self._folder)
        # Of an older version, coverage.py reports the lines that are statements in this one.
        of_report = json.loads(report.read_bytes())["files"] if report.exists() else {}
        if of_report:
            yield from self._check("coverage.json", dict.fromkeys(of_report, frozenset()), oracle)
        for other in filter(Path.exists, others):
            said = self._call("check", "--coverage", str(other))
            if said.code != 2 or _REFUSED not in said.err:
                yield Difference("other reports are refused", [str(other), said.out, said.err])
        yield from self._compare_others(sections if not text else {})

    def _put(self, old: Tree, new: Tree) -> dict[Function, int]:
        """Put the project, and return the complexity of each function of the commit."""
        commit, tree = ({f"{APP}/{path}": text for path, text in one.items()} for one in (old, new))
        name = self._repository.commit(commit)
        self._repository.put(name, commit, commit)
        report = json.loads(self._call("check", "--format", "json").out)
        shutil.rmtree(self._folder)
        self._repository.write(tree)
        return {
            (file["path"], block["qualified_name"]): block["cyclomatic_complexity"]
            for file in report["files"]
            for block in file["blocks"]
        }

    def _open_oracle(self, ran: Ran) -> Oracle:
        os.chdir(self._folder)
        path = self._repository.path.with_name("oracle.data")
        path.unlink(missing_ok=True)
        write_run(ran, path, str(self._folder))
        return Oracle(path)

    def _compare_paths(self, ran: Ran, written: Written) -> Iterator[Difference]:
        """Yield where coverage.py itself does not find the files; then the step is wrong."""
        target = self._repository.path.with_name("combined.data")
        target.unlink(missing_ok=True)
        found = combine(written.paths, target)
        if found != (expected := {str(self._folder / path) for path in ran.lines if path != GONE}):
            yield Difference("coverage.py finds the files", [str(sorted(found)), str(sorted(expected))])

    def _check(self, words: str, lines: Mapping[str, frozenset[int]], oracle: Oracle) -> Iterator[Difference]:
        """Yield what is wrong of all files: their states, each number, what fails, and each format."""
        folder = self._repository.path.with_name("reports")
        folder.mkdir(exist_ok=True)
        names = [name for name in OUR_NAMES if name != "shard"]
        reports = [f"--report={name}={folder / name}" for name in names]
        said = self._call("check", "--coverage", words, "--no-ignore", *reports)
        told = json.loads((folder / "json").read_bytes())
        for difference in self._compare_report(told, lines, oracle):
            yield difference._replace(lines=[words, *difference.lines, said.out, said.err])
        contents = {name: (folder / name).read_bytes() for name in names}
        for what, found, expected in iter_pairs(contents, said.out):
            if found != expected:
                yield Difference(f"{what}: as in JSON", [str(found), str(expected), said.out])
        yield from _compare_page(told, contents["html"])
        yield from _compare_text(told, said)
        ignoring = json.loads(self._call("check", "--coverage", words, "--format", "json").out)
        failing, warned = (_list_crap(told, key) for key in ("violations", "warnings"))
        left = _list_crap(ignoring, "violations") | _list_crap(ignoring, "warnings")
        suppressed = _list_crap(ignoring, "tolerated")  # warnings have nothing to tolerate
        if not left <= failing | warned or not failing - left <= suppressed <= failing:
            yield Difference("comments suppress values", [str(failing), str(left), str(suppressed)])
        if self._is_slow:
            yield from self._compare_pytest(words, ignoring)

    def _compare_report(
        self, told: Mapping[str, Any], lines: Mapping[str, frozenset[int]], oracle: Oracle
    ) -> Iterator[Difference]:
        states: dict[str, str] = {}
        for file in told["files"]:
            path, coverage = file["path"], file["coverage"]
            states[path] = coverage["state"]
            if (expected := self._expect_state(path, lines)) not in (None, coverage["state"]):
                yield Difference("the state of a file", [path, coverage["state"], str(expected)])
            if coverage["state"] == "known":
                yield from self._compare_numbers(file, oracle.count(self._folder / path))
            elif coverage["functions"]:
                yield Difference("what is unknown has no numbers", [path, str(coverage)])
        self.counts["files"] += len(states)
        self.counts["stale files"] += sum(state == "stale" for state in states.values())
        yield from _compare_facts(told, states, oracle.has_branches)

    def _compare_numbers(self, file: Mapping[str, Any], counts: Mapping[int, Counts]) -> Iterator[Difference]:
        blocks = {one["qualified_name"]: one for one in file["blocks"] if one["kind"] != "class"}
        self.counts["functions"] += len(counts)
        self.counts["functions that ran in part"] += sum(
            0 < (one.covered or 0) < 1 for one in counts.values()
        )
        if wrong := [*find_differences(blocks, file["coverage"]["functions"], counts)]:
            yield Difference("each number is that of coverage.py", [file["path"], *wrong])
        yield from self._compare_failing(file, blocks, counts)

    def _expect_state(self, path: str, lines: Mapping[str, frozenset[int]]) -> str | None:
        if path not in lines:
            return "absent"
        current = is_current(self._project.new[path], lines[path])
        return None if current is None else "known" if current else "stale"

    def _compare_failing(
        self, file: Mapping[str, Any], blocks: Mapping[str, Any], counts: Mapping[int, Counts]
    ) -> Iterator[Difference]:
        """Yield where other functions of a file are over the limit than should be."""
        found = {
            one["qualified_name"]: one
            for key in ("violations", "warnings")
            for one in file[key]
            if one["metric"] == "crap"
        }
        for name, block in blocks.items():
            limit = self._project.limits.find(file["path"], name)
            crap = counts[block["line"]].rate(block["cyclomatic_complexity"])
            is_over = limit is not None and crap is not None and round(crap, 2) > limit
            if is_over != (name in found):
                yield Difference(
                    "what is over the limit", [file["path"], name, str(limit), str(crap), str(found)]
                )
            if is_over and not is_near(found[name]["value"], crap, 0.0051):
                yield Difference("a value over the limit", [str(found[name]), str(crap)])
            self.counts["values over their limit"] += is_over

    def _check_change(self, words: str, numbers: Mapping[Function, int]) -> Iterator[Difference]:
        """Yield what a change is wrongly responsible for, or not."""
        whole = json.loads((self._repository.path.with_name("reports") / "json").read_bytes())
        said = self._call("check", "--coverage", words, "--no-ignore", "--format", "json", "--diff", "HEAD")
        told = json.loads(said.out)
        over = _list_crap(whole, "violations") | _list_crap(whole, "warnings")
        found = _list_crap(told, "violations") | _list_crap(told, "warnings")
        now = {
            (file["path"], block["qualified_name"]): block["cyclomatic_complexity"]
            for file in whole["files"]
            for block in file["blocks"]
        }
        paths = {file["path"] for file in told["files"]}
        expected = {one for one in over if one[0] in paths}
        if self._project.limits.judge == "changed":
            expected &= {*self._find_responsible(told, now, numbers)}
        self.counts["values over their limit of changes"] += len(expected)
        if found != expected:
            lines = [f"found {sorted(found - expected)}", f"expected {sorted(expected - found)}"]
            changes = [
                str(one)
                for one in told["changes"]
                if (one["path"], one["qualified_name"]) in found ^ expected
            ]
            yield Difference("what a change is responsible for", [*lines, *changes])

    def _find_responsible(
        self, told: Mapping[str, Any], now: Mapping[Function, int], numbers: Mapping[Function, int]
    ) -> Iterator[Function]:
        """Yield the functions that a change added, or made more complex, and critical ones that it edited."""
        for change in told["changes"]:
            function = (change["path"], change["qualified_name"])
            before = (change["previous_path"] or function[0], change["previous_name"] or function[1])
            if change["change"] == "deleted":
                continue
            is_new = change["change"] == "added" or self._project.limits.is_critical(function[1])
            if is_new or (now[function] or 0) > (numbers[before] or 0):
                yield function

    def _compare_others(self, sections: Mapping[str, Any]) -> Iterator[Difference]:
        """Yield which commands without coverage data say something else where it has a limit."""
        commands = (
            ("measure", "--format", "json"),
            ("explain", next(iter(sources_of(self._project.new)), ".")),
        )
        with_limit = [self._call(*command) for command in commands]
        path = self._folder / SETTINGS
        path.write_text(write_settings(None, self._project.complexity, sections))
        for command, said in zip(commands, with_limit, strict=True):
            without = self._call(*command)
            if (said.code, _strip(said.out)) != (without.code, _strip(without.out)):
                yield Difference("the limit changes no other command", [str(command), said.out, without.out])

    def _compare_pytest(self, words: str, ignoring: Mapping[str, Any]) -> Iterator[Difference]:
        report = self._repository.path.with_name("pytest.json")
        done = start_pytest(self._folder, report, "-p", "no:cacheprovider", f"--antipasta-coverage={words}")
        told = json.loads(report.read_bytes())
        for file, other in zip(told["files"], ignoring["files"], strict=True):
            for key in ("coverage", "violations", "warnings", "tolerated"):
                if file[key] != other[key]:
                    yield Difference(
                        f"pytest has the same {key}", [file["path"], str(file[key]), str(other[key])]
                    )
        self.counts["sessions of pytest"] += 1
        if done.returncode not in (0, 1):
            raise TroubleError(Said(done.returncode, done.stdout, done.stderr))

    def _call(self, *words: str) -> Said:
        return call_safely(self._folder, *words)


def _strip(text: str) -> str:
    """Return what a command said, without the line of settings."""
    return re.sub(rf"(?<={SETTINGS}):[0-9]+", "", text)


def _list_crap(report: Mapping[str, Any], key: str) -> set[Function]:
    """Return the functions with a value of ``crap`` in a list of each file."""
    return {
        (file["path"], one["qualified_name"])
        for file in report["files"]
        for one in file[key]
        if one["metric"] == "crap"
    }


def _compare_facts(
    told: Mapping[str, Any], states: Mapping[str, str], has_branches: bool
) -> Iterator[Difference]:
    """Yield what is wrong of the facts about all files."""
    unreached = [
        block["cyclomatic_complexity"] or 0
        for file in told["files"]
        for block in file["blocks"]
        if (one := file["coverage"]["functions"].get(block["qualified_name"]))
        and 0 < one["statements"] == one["missing"]
    ]
    expected = {
        "has_branches": has_branches,
        "stale": sorted(path for path, state in states.items() if state == "stale"),
        "newer": [],
        "absent": sum(state == "absent" for state in states.values()),
        "unreached_points": sum(unreached),
        "unreached": len(unreached),
    }
    found = {name: told["coverage"][name] for name in expected}
    if found != expected or bool(told["coverage"]["example"]) != (set(states.values()) <= {"absent"}):
        yield Difference("the facts about the data", [str(told["coverage"]), str(expected)])


def _compare_page(told: Mapping[str, Any], content: bytes) -> Iterator[Difference]:
    """Yield where the page has other numbers of functions."""
    page = read_page(content)
    names = ["qualified_name", "kind", "line", "end_line", *page["block_metrics"]]
    rows = {file["path"]: file.get("blocks", ()) for file in page["files"]}
    for file in told["files"]:
        found = {row[0]: dict(zip(names, row, strict=False)) for row in rows[file["path"]]}
        for name, one in file["coverage"]["functions"].items():
            share = None if one["covered"] is None else one["covered"] * 100
            if not (is_near(found[name]["covered"], share, 0.51) and found[name]["crap"] == one["crap"]):
                yield Difference("the page has the same", [file["path"], name, str(found[name]), str(one)])


def _compare_text(told: Mapping[str, Any], said: Said) -> Iterator[Difference]:
    """Yield what the text lacks about the data."""
    facts = told["coverage"]
    states = {file["coverage"]["state"] for file in told["files"]}
    needed = []
    if "known" in states:
        needed.append(f"in functions that no test reached ({facts['unreached']})\n")
    if states == {"absent"}:
        needed.append(f"coverage: the data is of other files, such as {facts['example']}\n")
    elif facts["absent"]:
        needed.append(f"because the data does not include them: {facts['absent']} file")
    if facts["stale"]:
        needed.append("because the data is from another version of the file: ")
    if lacking := [one for one in needed if one not in said.out]:
        yield Difference("the text says what is unknown", [*lacking, said.out])


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if a number is not coverage.py's, or two commands differ."""
    return do_steps("coverages", CoveragesStep, main.__doc__, argv, steps=200, slow=10)
