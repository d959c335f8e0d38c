"""Waivers of changes, with real git: each way to loosen is listed, and honest changes have none."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.messages import count
from pytest_antipasta.model.waivers import Waiver, Waivers
from pytest_antipasta.report.waivers import format_waivers
from tests.commits import commit_all, stage_all
from tests.forked import ForkedPython
from tests.tables import ONE_LIMIT
from tests.waivers.cases import (
    ANYTHING,
    BASELINE,
    COMMENTED,
    GOOD,
    HONEST,
    KEY,
    LOOSER,
    PYPROJECT,
    Case,
    Link,
    baseline,
    choose,
    entry,
    function,
    leave_out,
    limited,
    override,
    settings,
)

pytestmark = pytest.mark.usefixtures("made_store")
STRICT = ("--policy-from", "strict")


class Judged(NamedTuple):
    """What a check of a change says."""

    code: int
    out: str
    waivers: list[dict[str, Any]]


class Project:
    """A repository in which one case follows another; each begins with a commit of its own."""

    def __init__(self, path: Path) -> None:
        """Create it."""
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments: str) -> str:
        """Run git."""
        done = subprocess.run(["git", *arguments], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def begin(self, files: Mapping[str, str]) -> None:
        """Commit some files and no others."""
        for item in self.path.iterdir():
            if item.is_dir() and not item.is_symlink():
                shutil.rmtree(item) if item.name != ".git" else None
            else:
                item.unlink()
        self._place(files)
        commit_all(self.path, "before")

    def write(self, files: Mapping[str, str | None]) -> None:
        """Stage files; ``None`` deletes one."""
        self._place(files)
        stage_all(self.path)

    def _place(self, files: Mapping[str, str | None]) -> None:
        for name, text in files.items():
            place = self.path / name
            if text is None:
                place.unlink()
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.unlink(missing_ok=True)
                if isinstance(text, Link):
                    if sys.platform == "win32":
                        pytest.skip("links need rights there")
                    place.symlink_to(text)
                else:
                    place.write_text(text)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("waivers") / "project")
    made.begin({"pyproject.toml": settings('new_waivers = "fail"')})
    made.git("tag", "strict")
    return made


def say(project: Project, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run our command line in the project."""
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.path)
        code = main(arguments)
    said = capsys.readouterr()
    return code, said.out + (said.err if code == 2 else "")


def has_all(found: list[dict[str, Any]], wanted: tuple[tuple[str, str], ...]) -> bool:
    """Whether waivers are those that are wanted, in any order, and no others."""
    left = list(found)
    for kind, text in wanted:
        match = next((one for one in left if one["kind"] == kind and text in one["text"]), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def push(project: Project, capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[int, str]]:
    """Run the hooks for the commit of HEAD, as before a push and on a server that has the one before."""
    commit, old = project.git("rev-parse", "HEAD", "HEAD~1").split()
    lines = {
        "--push": f"refs/heads/x {commit} refs/heads/x {old}\n",
        "--receive": f"{old} {commit} refs/heads/x\n",
    }
    project.git("checkout", "--quiet", "--detach")
    project.git("branch", "--force", "main", old)
    said = {}
    for option, line in lines.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line.encode())))
            said[option] = say(project, capsys, "hook", option, *STRICT)
    project.git("checkout", "--quiet", "-B", "main")
    return said


def judge(project: Project, capsys: pytest.CaptureFixture[str], *change: str) -> Judged:
    """Check a change under the strict policy; return exit code, output and the waivers of the report."""
    report = project.path.parent / "report.json"
    code, out = say(project, capsys, "check", *change, *STRICT, f"--report=json={report}")
    assert code in (0, 1, 3), out
    return Judged(code, out, json.loads(report.read_text())["waivers"])


def assert_blocks(way: str, code: int, out: str, count: int) -> None:
    """Assert that a way in lists so many waivers and fails for them."""
    added = f"{count} waiver{'s' if count > 1 else ''} "
    assert code == 1, (way, out)
    assert f"{added}added:\n" in out, (way, out)
    policy = '(new_waivers = "fail", which a change can\'t edit for itself)'
    assert f"error: {added}not allowed {policy}\n" in out, (way, out)


# One of each kind and of each place where it may be: both states of a change are read for the others as here.
IN_EVERY_WAY = (
    "a comment at a new function",
    "an entry raised",
    "a limit raised",
    "settings below the root that are a link",
    "a limit raised in .antipasta.yaml",
    "a file renamed to a path with a looser limit",
    "waivers are reported alone now",
)


def in_every_way(cases: Sequence[Case], names: Sequence[str]) -> list[object]:
    """Return some cases, of which each takes as long as ten others: those after the first are slow."""
    first, *others = choose(cases, names)
    return [first, *(pytest.param(case, marks=pytest.mark.slow) for case in others)]


@pytest.mark.parametrize("case", in_every_way(LOOSER, IN_EVERY_WAY), ids=lambda case: case.name)
def test_it_is_listed_and_blocks_in_every_way_in(
    case: Case, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin(case.before)
    project.write(case.after)
    staged = judge(project, capsys, "--staged")
    assert has_all(staged.waivers, case.waivers), staged.waivers
    ways = {"hook": say(project, capsys, "hook", *STRICT)}
    project.git("commit", "--quiet", "--message", "after")
    for change in ("HEAD~1..HEAD", "HEAD~1"):
        code, out, waivers = judge(project, capsys, "--diff", change)
        assert waivers == staged.waivers
        ways[change] = code, out
    for way, (code, out) in {**ways, **push(project, capsys)}.items():
        assert_blocks(way, code, out, len(staged.waivers))


@pytest.mark.parametrize("case", leave_out(LOOSER, IN_EVERY_WAY[:1]), ids=lambda case: case.name)
def test_what_loosens_is_listed_and_blocks(
    case: Case, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin(case.before)
    project.write(case.after)
    staged = judge(project, capsys, "--staged")
    assert has_all(staged.waivers, case.waivers), staged.waivers
    assert_blocks("check --staged", staged.code, staged.out, len(staged.waivers))


MOVED = (
    "a file that becomes a generated one",
    "a file renamed to an excluded path",
    "a critical function renamed",
)


@pytest.mark.parametrize("case", choose(LOOSER, MOVED), ids=lambda case: case.name)
def test_what_moves_is_searched_for_without_a_policy_of_its_own(
    case: Case, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin(case.before)
    project.write(case.after)
    _, out = say(project, capsys, "hook")
    assert f"{count(len(case.waivers), 'waiver')} added:\n" in out


def test_pytest_lists_the_same(
    project: Project, capsys: pytest.CaptureFixture[str], forked_python: ForkedPython
) -> None:
    (case,) = choose(LOOSER, ["an entry raised"])
    project.begin(case.before)
    project.write(case.after)
    report = project.path.parent / "report.json"
    options = ("-p", "antipasta", "--antipasta-only", "--antipasta-staged", "--antipasta-policy-from=strict")
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = forked_python.run("pytest", (*options, f"--antipasta-report=json={report}"), project.path, alone)
    assert done.returncode == 1, done
    assert b"next: " not in done.stdout, "a session that fails has no other way to check what passes"
    assert json.loads(report.read_text())["waivers"] == judge(project, capsys, "--staged").waivers


HONEST_IN_EVERY_WAY = (
    "a function moved to another file, with its comment",
    "a file renamed with its entries",
    "settings moved to .antipasta.yaml",
    "a shorter time, where what it leaves blocks",
)


@pytest.mark.parametrize("case", in_every_way(HONEST, HONEST_IN_EVERY_WAY), ids=lambda case: case.name)
def test_honest_changes_have_none_in_every_way_in(
    case: Case, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin(case.before)
    project.write(case.after)
    ways = {"hook": say(project, capsys, "hook", *STRICT)}
    project.git("commit", "--quiet", "--message", "after")
    for change in ("HEAD~1..HEAD", "HEAD~1"):
        ways[change] = say(project, capsys, "check", "--diff", change, *STRICT)
    for way, (code, out) in {**ways, **push(project, capsys)}.items():
        assert "added:" not in out, (way, out)
        assert code in (0, 1), (way, out)


@pytest.mark.parametrize("case", leave_out(HONEST, HONEST_IN_EVERY_WAY[:1]), ids=lambda case: case.name)
def test_honest_changes_have_none(case: Case, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.begin(case.before)
    project.write(case.after)
    _, out, waivers = judge(project, capsys, "--staged")
    assert waivers == []
    assert "added:" not in out


RECORDED = {PYPROJECT: settings(), "a.py": function(5), BASELINE: baseline(entry("a.py", 5))}
TAKEN_BACK = [
    pytest.param(
        {PYPROJECT: settings(), "a.py": COMMENTED},
        {"a.py": function(2)},
        f"a.py:1: f: comment {ANYTHING}",
        id="a comment",
    ),
    pytest.param(
        RECORDED,
        {"a.py": function(4), BASELINE: baseline(entry("a.py", 4))},
        f"a.py: f: cyclomatic_complexity: baseline entry {BASELINE} (5 \N{RIGHTWARDS ARROW} 4)",
        id="an entry lowered",
    ),
    pytest.param(
        RECORDED,
        {"a.py": function(2), BASELINE: baseline()},
        f"a.py: f: cyclomatic_complexity: baseline entry {BASELINE} (5 \N{RIGHTWARDS ARROW} removed)",
        id="an entry removed",
    ),
    pytest.param(
        {PYPROJECT: settings(limits=limited(9)), "a.py": function(2)},
        {PYPROJECT: settings()},
        "pyproject.toml: settings thresholds.cyclomatic_complexity (<= 9 \N{RIGHTWARDS ARROW} <= 3)",
        id="a limit",
    ),
]


@pytest.mark.parametrize(("before", "after", "line"), TAKEN_BACK)
def test_what_is_taken_back_is_listed(
    before: dict[str, str],
    after: dict[str, str | None],
    line: str,
    project: Project,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project.begin(before)
    project.write(after)
    code, out = say(project, capsys, "check", "--staged")
    assert code == 0, out
    assert f"1 waiver removed or lowered:\n  {line}\n" in out
    assert "added:" not in out


def test_what_moves_is_not_taken_back(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.begin({**RECORDED, "b.py": COMMENTED})
    project.write({"a.py": None, "c.py": function(5), BASELINE: baseline(entry("c.py", 5))})
    project.write({"b.py": None, "d.py": COMMENTED})
    code, out = say(project, capsys, "check", "--staged")
    assert (code, "waiver" in out) == (0, False), out


def test_what_is_renamed_edited_and_recorded_again_is_not_taken_back(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin(RECORDED)
    renamed = function(5, "renamed").replace("return", "a += 1\n    return")
    project.write({"a.py": renamed, BASELINE: baseline(entry("a.py", 5, "renamed"))})
    code, out = say(project, capsys, "check", "--staged")
    assert (code, "waiver" in out) == (0, False), out


def test_an_entry_that_follows_a_copy_beside_one_with_a_comment(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin({PYPROJECT: settings(), "a.py": function(5)})
    assert say(project, capsys, "baseline", "write")[0] == 0
    project.git("add", "--all")
    project.git("commit", "--quiet", "--amend", "--no-edit")
    project.write({"a.py": None, "b.py": COMMENTED, "c.py": function(5)})
    judged = judge(project, capsys, "--staged")
    assert judged.code == 1, judged.out
    assert has_all(judged.waivers, (("comment", ANYTHING),))


@pytest.mark.parametrize(("limit", "waived"), [(5, ()), (9, (("settings", KEY),))])
def test_a_named_settings_file_that_is_renamed_is_compared_with_what_it_was(
    limit: int, waived: tuple[tuple[str, str], ...], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin({"ci.toml": settings(limits=limited(5)), "a.py": function(4), "b.py": GOOD})
    project.write({"ci.toml": None, "limits.toml": settings(limits=limited(limit)), "b.py": function(limit)})
    judged = judge(project, capsys, "--staged", "--config", str(project.path / "limits.toml"))
    assert has_all(judged.waivers, waived), judged.waivers


def test_first_settings_of_a_project_below_the_top_are_compared_with_the_defaults(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    place = "sub/pyproject.toml"
    for before in ({}, {place: "[project]\nname = 'sub'\n"}):
        project.begin({"sub/a.py": function(9), "b.py": function(20), **before})
        project.write({place: settings(limits=limited(10)), "sub/c.py": GOOD})
        judged = judge(project, capsys, "--staged", "--config", place)
        assert (judged.code, judged.waivers) == (0, []), judged.out
        code, out = say(
            project, capsys, "check", "--diff", "HEAD", "--config", place, "--policy-from", "HEAD"
        )
        assert (code, "waiver" in out) == (0, False), out
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(project.path / "sub")
            assert main(["check", "--staged"]) == 0
            assert "waiver" not in capsys.readouterr().out
            project.write({place: settings(limits=limited(30)), "sub/c.py": function(25)})
            assert main(["check", "--staged"]) == 0
        raised = "settings thresholds.cyclomatic_complexity (<= 10 → <= 30); 1 value would have failed"
        assert f"{raised}: c.py::f" in capsys.readouterr().out
        judged = judge(project, capsys, "--staged", "--config", place)
        assert raised in judged.out


@pytest.mark.parametrize("before", [None, "[project]\nname = 'sub'\n"])
def test_settings_in_another_file_of_the_same_folder_are_no_first_ones(
    before: str | None, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    legacy = "defaults: {max_cyclomatic_complexity: 5}\n"
    files = {"sub/.antipasta.yaml": legacy, "sub/a.py": function(8), "sub/pyproject.toml": before}
    project.begin({path: text for path, text in files.items() if text is not None})
    project.write({"sub/.antipasta.yaml": None, "sub/pyproject.toml": settings(limits=limited(9))})
    judged = judge(project, capsys, "--staged", "--config", "sub/pyproject.toml")
    assert has_all(judged.waivers, (("settings", KEY),)), judged.out


def test_first_settings_that_an_option_names_are_not_compared_with_those_of_the_top(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.begin(
        {"pyproject.toml": settings(limits=limited(10)), "sub/a.py": function(9), "b.py": function(20)}
    )
    project.write({"sub/pyproject.toml": settings(limits=limited(10)), "sub/c.py": GOOD})
    judged = judge(project, capsys, "--staged", "--config", "sub/pyproject.toml")
    assert (judged.code, judged.waivers) == (0, []), judged.out


CEILING = "# antipasta: ignore[cyclomatic_complexity<={}] why"


@pytest.mark.parametrize(
    ("now", "is_removed"),
    [
        (CEILING.format(9), False),
        (CEILING.format(4), True),
        ("# antipasta: ignore why", False),
        ("# antipasta: ignore[cognitive<=9] why", True),
    ],
)
def test_a_comment_that_allows_more_is_not_taken_back(
    project: Project, capsys: pytest.CaptureFixture[str], now: str, is_removed: bool
) -> None:
    project.begin({"pyproject.toml": settings(), "a.py": function(5, comment=CEILING.format(6))})
    project.write({"a.py": function(5 if not is_removed else 3, comment=now)})
    _, out = say(project, capsys, "check", "--staged")
    assert ("1 waiver removed or lowered:" in out) == is_removed, out


LIMITED_FOR_F = f"{limited(6)}[[tool.pytest-antipasta.overrides]]\nfunctions = ['f']\nthresholds = "


@pytest.mark.parametrize(
    ("limits", "is_removed"),
    [
        pytest.param(limited(6), False, id="all of it"),
        pytest.param(limited(5), True, id="less"),
        pytest.param(override("a.py", 6), False, id="in this file"),
        pytest.param(f"{LIMITED_FOR_F}{{ cyclomatic = 5 }}", True, id="not in some functions"),
    ],
)
def test_what_a_higher_limit_allows_now_is_not_taken_back(
    limits: str, is_removed: bool, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    commented = {"c/b.py": function(5, comment=CEILING.format(6))}
    project.begin({**RECORDED, **commented, BASELINE: baseline(entry("a.py", 6))})
    project.write({PYPROJECT: settings(limits=limits), BASELINE: baseline()})
    if "a.py" not in limits:
        project.write({"c/b.py": function(5)})
    _, out = say(project, capsys, "check", "--staged")
    assert ("2 waivers removed or lowered:" in out, "removed" in out) == (is_removed, is_removed), out


def test_a_comment_of_a_file_is_about_its_functions_too(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = LIMITED_FOR_F.replace(limited(6), limited(20)) + "{ cyclomatic = 5 }"
    comment = "# antipasta: ignore-file[cyclomatic<=8] file\n\n\n"
    project.begin({PYPROJECT: settings(limits=limits), "a.py": comment + function(7)})
    project.write({"a.py": function(7)})
    _, out = say(project, capsys, "check", "--staged")
    assert "1 waiver removed or lowered:" in out


def test_a_comment_that_loses_its_required_reason_is_taken_back(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    commented = function(5, comment=f"{ANYTHING} why")
    project.begin({PYPROJECT: settings("require_reasons = true"), "a.py": commented})
    project.write({"a.py": function(5, comment=ANYTHING)})
    code, out = say(project, capsys, "check", "--staged")
    assert code == 1
    assert f"1 waiver removed or lowered:\n  a.py:1: f: comment {ANYTHING} why\n" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "concise"), "1 waiver added"),
        (("--format", "html"), '<h2 id="verdict" class="failed">Failed because of new waivers</h2>'),
        (("--format", "rdjson"), '"severity": "ERROR"'),
    ],
)
def test_each_format_says_why_a_change_fails(
    project: Project, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    project.begin({"pyproject.toml": settings('new_waivers = "fail"'), "a.py": function(3)})
    project.write({"a.py": function(5, comment=CEILING.format(5))})
    code, out = say(project, capsys, "check", "--staged", *arguments)
    assert (code, said in out) == (1, True), out[:3000]


ALLOWED = [
    pytest.param(
        {"a.py": function(5), BASELINE: baseline(entry("a.py", 5))},
        {"a.py": function(7), BASELINE: baseline(entry("a.py", 7))},
        "<= 5",
        "<= 7",
        id="an entry",
    ),
    pytest.param(
        {"a.py": function(7), BASELINE: baseline(entry("a.py", 5))},
        {BASELINE: baseline(entry("a.py", 7))},
        "<= 5",
        "<= 7",
        id="an entry of a file that stays",
    ),
    pytest.param(
        {"a.py": function(5, comment=CEILING.format(5))},
        {"a.py": function(7, comment=CEILING.format(7))},
        "<= 5",
        "<= 7",
        id="a comment",
    ),
    pytest.param(
        {"a.py": function(5, comment=CEILING.format(5))},
        {"a.py": function(7), BASELINE: baseline(entry("a.py", 7))},
        "<= 5",
        "<= 7",
        id="an entry in place of a comment",
    ),
    pytest.param(
        {"a.py": function(5), BASELINE: baseline(entry("a.py", 5))},
        {"a.py": function(7, comment=ANYTHING)},
        "<= 5",
        None,
        id="a comment without a ceiling, in place of an entry",
    ),
    pytest.param(
        {"a.py": function(5, comment=CEILING.format(5)), BASELINE: baseline(entry("a.py", 6))},
        {"a.py": function(7, comment=CEILING.format(7))},
        "<= 6",
        "<= 7",
        id="a comment beside an entry that allowed more",
    ),
    pytest.param(
        {"a.py": function(2)},
        {"a.py": function(7, comment=CEILING.format(7))},
        "<= 3",
        "<= 7",
        id="neither, so that the limit is what was allowed",
    ),
    pytest.param(
        {PYPROJECT: settings("require_reasons = true"), "a.py": function(5, comment=CEILING[:-4].format(5))},
        {"a.py": function(7, comment=CEILING.format(7))},
        "<= 3",
        "<= 7",
        id="a comment that was not honoured",
    ),
    pytest.param(
        {PYPROJECT: settings(limits=limited(5)), "a.py": function(5)},
        {PYPROJECT: settings(limits=limited(7)), "a.py": function(7)},
        "<= 5",
        "<= 7",
        id="a limit",
    ),
    pytest.param(
        {
            PYPROJECT: settings("strict_files = true", f"{ONE_LIMIT}lines_of_code = 2\n"),
            "a.py": GOOD,
            BASELINE: baseline(entry("a.py", 3, name="", metric="lines_of_code")),
        },
        {"a.py": f"{GOOD}x = 1\n", BASELINE: baseline(entry("a.py", 4, name="", metric="lines_of_code"))},
        "<= 3",
        "<= 4",
        id="an entry of a file",
    ),
    pytest.param(
        {"a.py": function(5)},
        {PYPROJECT: settings("exclude = ['a.py', 'b\"c']")},
        "[]",
        r'["a.py", "b\"c"]',
        id="patterns, as in the settings",
    ),
]


@pytest.mark.parametrize(("before", "after", "was", "now"), ALLOWED)
def test_a_waiver_says_what_was_allowed_before(
    before: dict[str, str],
    after: dict[str, str | None],
    was: str,
    now: str | None,
    project: Project,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project.begin({PYPROJECT: settings(), **before})
    project.write(after)
    _, out, waivers = judge(project, capsys, "--staged")
    (waiver,) = (one for one in waivers if one["effect"])
    assert (waiver["before"], waiver["after"]) == (was, now)
    assert f"({was} \N{RIGHTWARDS ARROW} {'no limit' if now is None else now})" in out


def test_a_comment_is_one_waiver_with_its_reason_once() -> None:
    text = "# antipasta: ignore[cyclomatic_complexity<=19, cognitive_complexity<=18] a table"
    common: dict[str, Any] = {
        "kind": "comment",
        "path": "a.py",
        "line": 4,
        "block": "f",
        "text": text,
        "reason": "a table",
    }
    added = (
        Waiver(metric="cognitive_complexity", before="<= 15", after="<= 18", effect=("x",), **common),
        Waiver(metric="cyclomatic_complexity", before="<= 10", after="<= 19", effect=("y",), **common),
        Waiver(
            kind="entry", path="b.py", line=1, block="g", metric="branches", text="base.json", after="<= 4"
        ),
    )
    assert list(format_waivers(Waivers(added))) == [
        "2 waivers added:",
        f"  a.py:4: f: comment {text} (cyclomatic <= 10 → <= 19, cognitive <= 15 → <= 18)",
        "  b.py:1: g: branches: baseline entry base.json (<= 4)",
    ]
