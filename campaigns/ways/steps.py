"""One change, and what every way in says of it.

The ways of the command line are compared by their whole reports, and those of git hooks by what they print.
A way may see a working tree that has nothing to do with the change, as it must not matter.
"""

from __future__ import annotations

import difflib
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from campaigns.hunt.commands import Said, TroubleError, call, find_numbers, start_pytest
from campaigns.hunt.trees import BASELINE, SETTINGS, Tree
from campaigns.steps import Difference, Step
from campaigns.ways.edits import select_edits
from campaigns.ways.projects import make_project, read_table, take_rules

_SAME, _HOOKS = "every report is the same", "every hook says the same"
_ONE, _PARDON = "reports and hooks say the same", "no change pardons itself"
_ALSO_NAMED = "rules that options name count like those that are found"
# They are sorted like the names in whose places they are.
_NAMED, _NAMED_BASELINE = "pyproject-named.toml", "antipasta-baseline-named.json"
_WAIVED = re.compile(r"^(\d+) waivers? added:$", re.MULTILINE)


class _Change(NamedTuple):
    """Both states of a change, and a third one that may lie around; each with the name of its commit."""

    before: Tree
    after: Tree
    other: Tree
    commits: tuple[str, str, str]


class WaysStep(Step):
    """A change of two states, and a working tree that must not matter."""

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:  # noqa: ARG004
        """Return that each of the three is edited."""
        return "change", 3

    def _run(self) -> Iterator[Difference]:
        first = make_project(Random(f"{self._plan.seed}:files"))
        before, after, other = self._edit_in_turn(first, select_edits(first))
        repository = self._repository
        old, new, third = (repository.commit(tree) for tree in (before, after, other))
        new = repository.commit(after, [old])
        change = _Change(before, after, other, (old, new, third))
        reports = self._read_reports(change)
        yield from _compare(_SAME, {way: _flatten(report) for way, report in reports.items()})
        hooks = self._run_hooks(change)
        yield from _compare(_HOOKS, {way: said.out.splitlines() for way, said in hooks.items()})
        report, said = reports["check --staged"], hooks["hook"]
        summed = _sum_up_report(report, is_new_baseline="new baseline:" in said.out)
        yield from _compare(_ONE, {"check --staged": summed, "hook": _sum_up_hook(said)})
        named = self._read_by_name(change)
        yield from _compare(_ALSO_NAMED, {"check --staged": _flatten(report), "--config": _flatten(named)})
        yield from self._look_for_pardons(change, report)

    def _lay(self, head: str, index: Tree, worktree: Tree) -> Path:
        """Have a commit checked out, and return the folder."""
        self._repository.put(head, index, worktree)
        return self._repository.path

    def _read_reports(self, change: _Change) -> dict[str, dict[str, Any]]:
        """Return the reports on a change: staged, in the working tree, and in a range."""
        (before, after, other), (old, new, third) = change[:3], change.commits
        reports = {}
        folder = self._lay(old, after, self._rng.choice((after, after, _disturb(other, after))))
        reports["check --staged"] = _check(folder, "--staged")
        folder = self._lay(*self._rng.choice(((new, after, after), (old, after, after))))
        reports["check --diff REF"] = _check(folder, "--diff", old)
        if self._is_slow:
            reports["pytest --antipasta-diff REF"] = _run_pytest(folder, old)
        if before.keys() == after.keys():  # git looks for renames among files that it tracks
            folder = self._lay(old, before, after)
            reports["check --diff REF, nothing staged"] = _check(folder, "--diff", "HEAD")
        folder = self._lay(*self._rng.choice(((new, after, after), (third, other, _disturb(other, after)))))
        reports["check --diff REF..REF"] = _check(folder, "--diff", f"{old}..{new}")
        return reports

    def _read_by_name(self, change: _Change) -> dict[str, Any]:
        """Return the report on the change with rules that no search finds: settings at the root, baseline.

        Unchanged settings may have been renamed: git then knows from what.
        """
        before, after = change[:2]
        names, options = {SETTINGS: _NAMED}, ["--config", _NAMED]
        if BASELINE in after and not any("baseline" in read_table(tree) for tree in (before, after)):
            names[BASELINE] = _NAMED_BASELINE
            options += ["--baseline", _NAMED_BASELINE]
        is_renamed = before[SETTINGS] == after[SETTINGS] and self._rng.random() < 0.5
        old = names | {SETTINGS: "former.toml"} if is_renamed else names
        renamed = _rename(after, names)
        folder = self._lay(self._repository.commit(_rename(before, old)), renamed, renamed)
        text = json.dumps(_check(folder, "--staged", *options))
        for name, other in names.items():
            text = text.replace(other, name)
        report: dict[str, Any] = json.loads(text)
        return report

    def _run_hooks(self, change: _Change) -> dict[str, Said]:
        """Return what the hooks print: of a commit, of a push, and of a server."""
        (before, after, other), (old, new, third) = change[:3], change.commits
        hooks = {"hook": _hook(self._lay(old, after, after))}
        folder = self._lay(*self._rng.choice(((new, after, after), (third, other, other))))
        hooks["hook --push"] = _hook(folder, "--push", asked=f"refs/heads/x {new} refs/heads/x {old}\n")
        table = read_table(after)
        # A server fails closed: what can't be measured does not pass there, whatever the settings say.
        if table.get("on_error") != "warn" and read_table(before).get("on_error") != "warn":
            folder = self._lay(old, before, before)
            hooks["hook --receive"] = _hook(folder, "--receive", asked=f"{old} {new} refs/heads/x\n")
        return hooks

    def _look_for_pardons(self, change: _Change, report: dict[str, Any]) -> Iterator[Difference]:
        """What the same edits would fail by with the rules before them, fails or is waived."""
        kept = take_rules(change.after, change.before)
        # Rules that judge less strictly are waivers, whatever passes by them.
        if report["code"] == 2 or any(one["effect"] == [] for one in report["waivers"]):
            return
        folder = self._lay(change.commits[0], kept, kept)
        strict = _check(folder, "--staged")
        if strict["code"] == 2:
            return
        failing = _find_failing(report)
        known = {*failing, *(name for one in report["waivers"] for name in one["effect"] or ())}
        # A file that is renamed may take its own limits along, as those of a folder that has moved.
        may_be_renamed = bool(change.before.keys() - change.after.keys())
        lost = [
            name
            for name in sorted(_find_failing(strict) - known)
            if not may_be_renamed or _find_path(name) in change.before
            # Over a smaller maximum size, say, the whole file fails, and none of its numbers is known.
            if f"{_find_path(name)} not_measured" not in failing
        ]
        if lost:
            yield Difference(_PARDON, lost)


def _rename(tree: Tree, names: Mapping[str, str]) -> dict[str, str]:
    """Return a tree in which some files have other names."""
    return {names.get(path, path): text for path, text in tree.items()}


def _find_path(name: str) -> str:
    """Return the file of a value that fails."""
    return name.rpartition(" ")[0].partition("::")[0]


def _disturb(other: Tree, after: Tree) -> dict[str, str]:
    """Return a working tree that differs from a change in files that git has, and in no others."""
    return {path: other.get(path, text) for path, text in after.items()}


def _check(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return the report on a change, without what may differ between runs."""
    said = call(folder, "check", "--format", "json", *arguments)
    _require_calm(said)
    if said.code == 2:
        return {"code": 2, "error": _name_trees(said.err)}
    return {"code": said.code, **_read_report(said.out)}


def _read_report(text: str) -> dict[str, Any]:
    """Return a report without figures of the run, and without plans, which are made for files on disk."""
    report: dict[str, Any] = json.loads(text)
    report.pop("run")
    for file in report["files"]:
        file.pop("plans")
    return report


def _run_pytest(folder: Path, ref: str) -> dict[str, Any]:
    """Return the report of a session on a change of the working tree."""
    place = folder.parent / "report.json"
    done = start_pytest(folder, place, "-p", "no:cacheprovider", "--antipasta-diff", ref)
    if done.returncode == 4:
        errors = done.stderr.replace("ERROR: ", "error: ").lstrip("\n")
        return {"code": 2, "error": _name_trees(errors)}
    report = _read_report(place.read_text("utf-8"))
    has_errors = any(file["status"] == "error" for file in report["files"])
    failed = 3 if has_errors and not report["summary"]["violations"] else 1
    return {"code": failed if done.returncode == 1 else 0, **report}


def _hook(folder: Path, *arguments: str, asked: str = "") -> Said:
    with _standard_input(asked):
        said = call(folder, "hook", *arguments)
    _require_calm(said)
    # What to do next has other commands before a commit than after it, and a server knows no lines on disk.
    out = re.sub(r"(?m)^((first|simplify|allow|record)  | +run ).*\n", "", said.out)
    out = re.sub(r"(?m)^ +→ .*\n", "", out)  # a server has no hints, and a commit as many as it has time for
    return said._replace(out=f"exit code {said.code}\n{out}{_name_trees(said.err) if said.code == 2 else ''}")


@contextmanager
def _standard_input(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(text.encode()))
    try:
        yield
    finally:
        sys.stdin = before


def _require_calm(said: Said) -> None:
    if any(words in said.err for words in ("Traceback", "did not check", "bug in")):
        raise TroubleError(said)


def _name_trees(text: str) -> str:
    """Return errors about settings, without the name of the commit that has them."""
    return re.sub(r"\b[0-9a-f]{12}:", "", text)


def _flatten(report: dict[str, Any]) -> list[str]:
    return json.dumps(report, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def _find_failing(report: dict[str, Any]) -> set[str]:
    """Return the values that fail, by the names that they have in the effect of a waiver."""
    found = set()
    for file in report["files"]:
        for number in file.get("violations", ()):
            name = number["qualified_name"]
            found.add(f"{file['path']}{f'::{name}' if name else ''} {number['metric']}")
        if file["status"] == "error" and report["code"]:
            found.add(f"{file['path']} not_measured")
    return found


def _sum_up_report(report: dict[str, Any], *, is_new_baseline: bool) -> list[str]:
    if report["code"] == 2:
        return ["code 2"]
    failing = {name for name in _find_failing(report) if not name.endswith(" not_measured")}
    waivers = _count_waivers(report["waivers"], is_new_baseline=is_new_baseline)
    return [f"code {report['code']}", *sorted(failing), f"{waivers} waivers"]


def _count_waivers(waivers: list[dict[str, Any]], *, is_new_baseline: bool) -> int:
    """Return the number of waivers as texts count them: several metrics of a comment or an entry are one.

    Of a first baseline, texts count the entries, also those that nothing needs, and list those that fail.
    """
    keys = ("kind", "path", "line", "block", "text", "reason")
    return len(
        {
            tuple(one[key] for key in keys)
            if one["kind"] in ("comment", "entry") and one["metric"]
            else number
            for number, one in enumerate(waivers)
            if one["fails"] or one["kind"] != "entry" or not is_new_baseline
        }
    )


def _sum_up_hook(said: Said) -> list[str]:
    code = said.code
    if code == 2:
        return ["code 2"]
    found = find_numbers(said.out)
    failing = {f"{path}{f'::{name}' if name else ''} {metric}" for path, name, metric in found}
    waivers = sum(map(int, _WAIVED.findall(said.out)))
    return [f"code {code}", *sorted(failing), f"{waivers} waivers"]


def _compare(invariant: str, ways: dict[str, list[str]]) -> Iterator[Difference]:
    (first, expected), *others = ways.items()
    for way, lines in others:
        if lines != expected:
            yield Difference(
                invariant, list(difflib.unified_diff(expected, lines, first, way, lineterm="", n=4))
            )
            return
