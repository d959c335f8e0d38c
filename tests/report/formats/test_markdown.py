"""Markdown: what a comment on a pull request says first, and what it folds away."""

from __future__ import annotations

from typing import Literal

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from pytest_antipasta.model.changes import BlockChange, ChangeKind, MetricChange
from pytest_antipasta.model.judged import SuppressedMetric, Suppression, Tolerated, Verdict, Violation
from pytest_antipasta.model.measured import Block, FileMetrics, Measurement
from tests.report.making import write_as

FAILED = "| function | complexity | how to lower it |\n|---|---|---|\n"
OTHERS = "| function | complexity | why |\n|---|---|---|\n"
BETTER = "| function | complexity |\n|---|---|\n"


def write(*verdicts: Verdict, **run: object) -> str:
    """Return the report of verdicts."""
    return write_as("markdown", verdicts, **run).decode()


def judge(path: str, *violations: Violation, tolerated: tuple[Tolerated, ...] = ()) -> Verdict:
    """Return a verdict on a file that has numbers over their limits."""
    return Verdict(path, Measurement(FileMetrics()), violations, tolerated)


def test_a_run_that_passes_is_short() -> None:
    assert write(judge("a.py")) == "### antipasta: passed\n\n1 file, 0 violations\n"


def test_a_run_over_nothing_does_not_pass() -> None:
    assert write() == "### antipasta: no file was checked\n\n0 files, 0 violations\n"
    assert write(change="--staged") == "### antipasta: passed\n\n0 files, 0 violations\n"


def test_half_a_run_does_not_pass_for_a_whole_one() -> None:
    text = write(judge("a.py"), narrowed_by=["-k a|b"], stopped="interrupted")
    totals = "1 file, 0 violations; limited to <code>&#45;k a&#124;b</code>; stopped early: `interrupted`"
    assert text == f"### antipasta: stopped early\n\n{totals}\n"


def test_a_part_of_the_files_does_not_pass_for_all() -> None:
    """A plugin that drops items of pytest's gives no reason."""
    assert write(judge("a.py"), total=1200) == "### antipasta: passed\n\n1 of 1,200 files, 0 violations\n"


def test_three_names_are_enough_for_what_a_run_was_limited_to() -> None:
    assert "; limited to `a`, `b`, `c` and 25 more\n" in write(judge("a.py"), narrowed_by=[*"abc", *"d" * 25])


def test_what_is_tolerated_begins_with_the_worst() -> None:
    """A comment with too little room loses the end of its tables."""
    values = {"a.py": 11, "b.py": 30, "c.py": 12}
    found = [
        judge(path, tolerated=(Tolerated("cyclomatic_complexity", "f", 1, value, 10, "<=", why="baseline"),))
        for path, value in values.items()
    ]
    lines = [line.partition("<br/>")[2] for line in write(*found).splitlines()]
    assert [line[:6] for line in lines if line] == ["`b.py:", "`c.py:", "`a.py:"]


def test_a_change_says_what_got_worse_and_what_got_better() -> None:
    worse = Violation("cyclomatic_complexity", "f", 1, 13, 10, "<=", 9, "modified")
    also = Violation("cognitive_complexity", "f", 1, 20, 15, "<=", 10, "modified")
    new = Violation("lines_of_code", None, None, 300, 200, "<=", None, "added")
    better = Tolerated("cyclomatic_complexity", "g", 9, 12, 10, "<=", 15, "modified", why="not worse")
    same = Tolerated("cyclomatic_complexity", "h", 9, 12, 10, "<=", 12, "modified", why="not worse")
    text = write(
        judge("a.py", worse, also, tolerated=(better, same)),
        judge("b.py", new),
        change="--staged",
        narrowed_by=["--staged"],
    )
    assert text == (
        "### antipasta: 1 function and 1 file became too complex\n\n"
        "2 files, 3 violations, 2 tolerated; limited to `--staged`\n\n"
        f"{FAILED}"
        "| `f`<br/>`a.py:1` | cyclomatic 9 → 13 (limit 10)<br/>cognitive 10 → 20 (limit 15) "
        "| `pytest-antipasta explain a.py::f` |\n"
        "| `b.py` | added<br/>lines of code 300 (limit 200) | `pytest-antipasta explain b.py` |\n\n"
        "**1 function became simpler**\n\n"
        f"{BETTER}| `g`<br/>`a.py:9` | cyclomatic 15 → 12 (limit 10) |\n\n"
        "<details><summary>1 function over a limit, tolerated</summary>\n\n"
        f"{OTHERS}| `h`<br/>`a.py:9` | cyclomatic 12 (limit 10) | over before |\n\n</details>\n"
    )


def test_a_table_of_files_alone_names_no_functions() -> None:
    text = write(judge("a.py", Violation("lines_of_code", None, None, 300, 200, "<=")))
    assert (
        "| file | values | how to lower it |\n|---|---|---|\n| `a.py` | lines of code 300 (limit 200) |"
        in text
    )


def test_numbers_are_as_a_terminal_shows_them() -> None:
    effort = Violation("halstead_effort", None, None, 133877.72, 10000, "<=", 24432.5, "modified")
    volume = replace(effort, metric="halstead_volume", value=1320.61, threshold=1320.5, before=None)
    text = write(judge("a.py", effort, volume))
    assert "halstead effort 24,432 → 133,878 (limit 10,000)" in text
    assert "halstead volume 1,321 (limit 1320.5)" in text


UNRECORDED = Violation("cyclomatic_complexity", "f", 1, 13, 10, "<=", was_recorded=True)
UNSUPPRESSED = Violation("cyclomatic_complexity", "g", 9, 13, 10, "<=", 13, "modified", was_suppressed=True)
LIMITED = Violation("cyclomatic_complexity", "h", 19, 13, 10, "<=", 13, "moved", previous_limit="<= 20")
UNRECORDED_TOO = replace(UNRECORDED, metric="cognitive_complexity", qualified_name="k", line=29)
LIMITED_TOO = replace(LIMITED, metric="cognitive_complexity", qualified_name="g", line=9, change="modified")
CRITICAL = Violation("cyclomatic_complexity", "k", 29, 13, 10, "<=", 14, "modified")
UNTOUCHED = replace(CRITICAL, before=None, change=None)
NOW_OVER = replace(CRITICAL, metric="cognitive_complexity", value=17, threshold=15, before=3)


@pytest.mark.parametrize(
    ("violations", "end", "numbers"),
    [
        ([UNRECORDED], "1 function is no longer tolerated", ["(limit 10) (previously in the baseline)"]),
        (
            [UNRECORDED, UNSUPPRESSED],
            "2 functions are no longer tolerated",
            ["(limit 10) (previously in the baseline)", "(limit 10) (previously suppressed)"],
        ),
        (
            [replace(UNSUPPRESSED, before=12)],
            "1 function got worse",
            ["12 → 13 (limit 10) (previously suppressed)"],
        ),
        (
            [UNRECORDED, LIMITED],
            "1 function is no longer tolerated, 1 function is over a new limit",
            ["baseline)", "(limit 20 → 10)"],
        ),
        ([LIMITED], "1 function is over a new limit", ["(limit 20 → 10)"]),
        ([UNSUPPRESSED, LIMITED_TOO], "1 function is over a limit", ["(limit 20 → 10)"]),
        ([CRITICAL], "1 function is over a limit", ["14 → 13 (limit 10)"]),
        ([UNTOUCHED], "1 function is over a limit", ["13 (limit 10)"]),
        ([UNTOUCHED, UNRECORDED_TOO], "1 function is over a limit", ["(previously in the baseline)"]),
        ([replace(CRITICAL, before=12)], "1 function got worse", ["12 → 13 (limit 10)"]),
        ([replace(CRITICAL, before=12), NOW_OVER], "1 function became too complex", ["3 → 17 (limit 15)"]),
        ([CRITICAL, NOW_OVER], "1 function became too complex", ["3 → 17 (limit 15)"]),
        ([replace(UNTOUCHED, change="added")], "1 function became too complex", ["13 (limit 10)"]),
        (
            [replace(UNTOUCHED, recorded=12)],
            "1 function is over a limit",
            ["(limit 10) (the baseline has 12)"],
        ),
    ],
    ids=[
        "an entry is gone",
        "and a comment",
        "the value too",
        "another limit",
        "that alone",
        "a comment and another limit",
        "critical, and simpler",
        "all are judged",
        "all are judged, and an entry is gone",
        "worse",
        "one value is worse, one is too much now",
        "one value is better",
        "new",
        "recorded, and worse",
    ],
)
def test_what_no_longer_passes_is_not_said_to_be_more_complex(
    violations: list[Violation], end: str, numbers: list[str]
) -> None:
    text = write(judge("a.py", *violations), change="--staged")
    assert text.startswith(f"### antipasta: {end}\n")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    for row, number in zip(rows, numbers, strict=True):
        assert f"{number} |" in row


def test_the_worst_ten_are_shown_and_the_others_are_folded_away() -> None:
    over = [Violation("cyclomatic_complexity", f"f{value}", 1, value, 10, "<=") for value in range(11, 26)]
    first, _, folded = write(judge("a.py", *over)).partition("<details>")
    assert first.startswith("### antipasta: 15 functions are over a limit\n")
    assert [f"| `f{value}`<br/>" in first for value in (25, 16, 15)] == [True, True, False]
    assert folded.startswith("<summary>5 more functions</summary>")
    assert [f"| `f{value}`<br/>" in folded for value in (15, 11, 16)] == [True, True, False]


def test_the_worst_ten_leave_out_functions_in_others_before_them() -> None:
    names = ["outer", "outer.inner", *(f"f{number}" for number in range(9))]
    over = [
        Violation("cognitive_complexity", name, 1, 40 - place, 10, "<=") for place, name in enumerate(names)
    ]
    first, _, folded = write(judge("a.py", *over)).partition("<details>")
    assert [f"| `{name}`<br/>" in first for name in names] == [name != "outer.inner" for name in names]
    assert "| `outer.inner`<br/>" in folded
    assert "| `outer.inner`<br/>" in write(judge("a.py", *over[:10])).partition("<details>")[0]


def test_what_is_not_known_is_not_folded_away(reports: dict[str, bytes]) -> None:
    first, _, _ = reports["markdown"].decode().partition("<details>")
    assert "\n**Not checked**\n\n- `app/bad.py:1`: `not measured (syntax): invalid syntax`\n" in first
    assert (
        "- `app/unused.py:1`: `unused suppression: cognitive_complexity of add is not over a limit`\n"
        in first
    )


def change(path: str, name: str, kind: ChangeKind, *steps: MetricChange, **was: str) -> BlockChange:
    """Return what a change does to a block."""
    names = ("cyclomatic_complexity", "cognitive_complexity")
    previous = was.get("previous_path"), was.get("previous_name")
    line = None if kind == "deleted" else 3
    return BlockChange(
        path, previous[0], name, previous[1], line, line, kind, dict(zip(names, steps, strict=False))
    )


def test_all_that_a_change_touches_is_folded_away() -> None:
    changes = [
        change("a.py", "f", "modified", MetricChange(5, 3, -2, 10, "<="), MetricChange(1, 2, 1, 15, "<=")),
        change(
            "a.py",
            "new|",
            "added",
            MetricChange(None, 7, 7, 10, "<="),
            MetricChange(0, 0, 0, 15, "<="),
        ),
        change(
            "b.py", "g", "moved", MetricChange(4, 4, 0, 10, "<="), previous_path="a.py", previous_name="h"
        ),
        change("b.py", "i", "modified", MetricChange(9, 1, -8, 10, "<="), previous_path="c.py"),
        change("b.py", "gone", "deleted", MetricChange(6, None, -6, 10, "<=")),
    ]
    broken = {"path": "d.py", "side": "before", "kind": "syntax", "message": "wrong"}
    named = {"path": "e.py", "side": "after", "kind": "syntax", "message": "a problem of the report"}
    text = write(change="--staged", changes=to_builtins(changes), not_compared=[broken, named])
    assert text == (
        "### antipasta: passed\n\n0 files, 0 violations\n\n"
        "Complexity added and removed: cyclomatic +7 -16, cognitive +1 -0.\n\n"
        "**Read this first**\n\n"
        "1. `f` `a.py:3`: cyclomatic 5 → 3 (-2), cognitive 1 → 2 (+1)\n\n"
        f"**1 function became simpler**\n\n{BETTER}"
        "| `i`<br/>`b.py:3` | cyclomatic 9 → 1 (limit 10) |\n\n"
        "`d.py` is not compared: its previous version could not be measured (syntax).\n\n"
        "<details><summary>Other changed functions: 3 blocks (1 added, 1 moved, 1 deleted)"
        "</summary>\n\n"
        "| function | change | complexity |\n"
        "|---|---|---|\n"
        "| <code>new&#124;</code><br/>`a.py:3` | added | cyclomatic 7 |\n"
        "| `g`<br/>`b.py:3` | moved from `a.py::h` | cyclomatic 4 |\n"
        "| `gone`<br/>`b.py` | deleted | cyclomatic 6 |\n\n"
        "</details>\n"
    )


def test_the_functions_that_became_simpler_are_all_counted() -> None:
    changes = [
        change("a.py", f"f{number}", "modified", MetricChange(9, 1, -8, 10, "<=")) for number in range(12)
    ]
    text = write(change="--staged", changes=to_builtins(changes))
    assert f"**12 functions became simpler, these 10 the most**\n\n{BETTER}" in text
    assert text.count("(limit 10) |") == 10


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        ("f", ""),
        (
            "fg",
            "**Read these first**\n\n1. `f` `a.py:3`: listed above\n2. `g` `a.py:3`: cyclomatic 1 → 2 (+1)",
        ),
    ],
    ids=["only-what-fails", "others"],
)
def test_what_to_read_first_does_not_repeat_values_above_it(changed: str, first: str) -> None:
    steps = {"f": MetricChange(9, 13, 4, 10, "<="), "g": MetricChange(1, 2, 1, 10, "<=")}
    changes = [change("a.py", name, "modified", steps[name]) for name in changed]
    worse = Violation("cyclomatic_complexity", "f", 3, 13, 10, "<=", 9, "modified")
    text = write(judge("a.py", worse), change="--staged", changes=to_builtins(changes))
    assert first in text
    assert ("first**" in text) == bool(first)


LINKS = {
    "github": (
        {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "c0ffee"},
        "https://github.com/o/r/blob/c0ffee/root/a%20b.py#L3-L7",
    ),
    "gitlab": (
        {"CI_PROJECT_URL": "https://gitlab.com/o/r", "CI_COMMIT_SHA": "c0ffee"},
        "https://gitlab.com/o/r/-/blob/c0ffee/root/a%20b.py#L3-7",
    ),
}


@pytest.mark.parametrize("service", LINKS)
def test_a_place_is_a_link_to_its_lines(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    variables, address = LINKS[service]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    block = Block(name="f", qualified_name="f", kind="function", line=3, end_line=7, cyclomatic_complexity=11)
    violation = Violation("cyclomatic_complexity", "f", 3, 11, 10, "<=")
    verdict = Verdict("a b.py", Measurement(FileMetrics(), (block,)), (violation,))
    text = write(verdict, root="/top/root", git_top="/top")
    assert f"| `f`<br/>[`root/a b.py:3`]({address}) | cyclomatic 11 (limit 10) |" in text
    assert "](" not in write(verdict, root="/top/root")


def test_commands_are_for_the_folder_of_the_settings() -> None:
    verdict = judge("a.py", Violation("cyclomatic_complexity", "f", 3, 11, 10, "<="))
    assert "| how to lower it, in `packages/a` |" in write(verdict, root="/top/packages/a", git_top="/top")
    for top in ("/top", None):
        assert "| how to lower it |" in write(verdict, root="/top", git_top=top)


def test_a_change_is_told_before_what_is_cut() -> None:
    over = [Violation("cyclomatic_complexity", f"function_{item}", 1, 11, 10, "<=") for item in range(3000)]
    points = [change("a.py", "f", "modified", MetricChange(1, 3, 2, 10, "<="))]
    broken = {"path": "d.py", "side": "before", "kind": "syntax", "message": "wrong"}
    text = write(judge("a.py", *over), change="--staged", changes=to_builtins(points), not_compared=[broken])
    assert "Truncated" in text
    first, _, _ = text.partition("<details>")
    assert "Complexity added and removed: cyclomatic +2 -0." in first
    assert "`d.py` is not compared: its previous version could not be measured (syntax)." in first


def test_what_has_no_room_is_cut_and_said() -> None:
    over = [
        Violation("cyclomatic_complexity", f"function_{number}", 1, 11, 10, "<=") for number in range(3000)
    ]
    text = write(judge("a.py", *over))
    assert 65_000 < len(text) <= 65_536
    assert text.count("<details>") == text.count("</details>") == 1
    shown = text.count("| `function_")
    missing = 3000 + 2 - shown  # the last two lines close what is folded
    assert text.endswith(
        f"**Truncated: {missing:,} more lines would exceed the 65,536 characters of a comment.**\n"
    )


def test_a_comment_that_is_not_honoured_is_reported() -> None:
    wrong = Suppression(4, "f", "antipasta", "# antipasta: ignore[x]", problems=("unknown metric x",))
    verdict = Verdict("a.py", Measurement(FileMetrics()), suppressions=(wrong,))
    line = "- `a.py:4`: `suppression not applied: unknown metric x`"
    assert f"\n**Comments to correct**\n\n{line}\n" in write(verdict)


@pytest.mark.parametrize(("state", "is_listed"), [("unused", True), ("used", False)])
def test_a_comment_without_effect_is_reported(state: Literal["used", "unused"], is_listed: bool) -> None:
    """What no value needs yet is no waiver, and nobody sees it when a later change needs it."""
    metric = SuppressedMetric("cyclomatic_complexity", "<=", 30, state)
    comment = Suppression(4, None, "antipasta", "# antipasta: ignore[cyclomatic<=30]", (metric,), state=state)
    text = write(Verdict("a.py", Measurement(FileMetrics()), suppressions=(comment,)), change="--staged")
    assert ("- `a.py:4`: `unused suppression: cyclomatic_complexity of" in text) is is_listed


def test_of_many_comments_without_effect_some_are_listed() -> None:
    metric = SuppressedMetric("cyclomatic_complexity")
    comments = [
        Suppression(line, None, "antipasta", "# antipasta: ignore[cyclomatic]", (metric,), state="unused")
        for line in range(1, 14)
    ]
    verdict = Verdict("a.py", Measurement(FileMetrics()), suppressions=tuple(comments))
    assert "unused" not in write(verdict)
    text = write(verdict, change="--staged")
    assert text.count("unused suppression") == 10
    assert text.endswith("\n- and 3 more comments without effect\n")
