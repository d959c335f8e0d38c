"""Markdown: what a comment on a pull request says first, and what it folds away."""

from __future__ import annotations

from msgspec import to_builtins

from pytest_antipasta.model import (
    BlockChange,
    ChangeKind,
    FileMetrics,
    Measurement,
    MetricChange,
    Tolerated,
    Verdict,
    Violation,
)
from tests.report.making import write_as

RUN: dict[str, object] = {
    "root": "/top", "git_top": None, "change": None, "narrowed_by": [], "stopped": None
}  # fmt: skip
HEAD = "| where | block | metric | value | limit | why |\n|---|---|---|---:|---:|---|\n"


def write(*verdicts: Verdict, **run: object) -> str:
    """Return the report of verdicts."""
    return write_as("markdown", verdicts, {**RUN, **run}).decode()


def judge(path: str, *violations: Violation, tolerated: tuple[Tolerated, ...] = ()) -> Verdict:
    """Return a verdict on a file that has numbers over their limits."""
    return Verdict(path, Measurement(FileMetrics()), violations, tolerated, failed=bool(violations))


def test_a_run_that_passes_is_short() -> None:
    assert write(judge("a.py")) == "### antipasta: passed\n\n1 file, 0 violations\n"


def test_half_a_run_does_not_pass_for_a_whole_one() -> None:
    text = write(judge("a.py"), narrowed_by=["-k a|b"], stopped="interrupted")
    totals = "1 file, 0 violations; narrowed by <code>&#45;k a&#124;b</code>; stopped early: `interrupted`"
    assert text == f"### antipasta: stopped early\n\n{totals}\n"


def test_a_change_says_what_got_worse_and_what_got_better() -> None:
    worse = Violation("cyclomatic_complexity", "f", 1, 13, 10, "<=", 9, "modified")
    new = Violation("lines_of_code", None, None, 300, 200, "<=", None, "added")
    better = Tolerated("cyclomatic_complexity", "g", 9, 12, 10, "<=", 15, "modified", why="not worse")
    same = Tolerated("cyclomatic_complexity", "h", 9, 12, 10, "<=", 12, "modified", why="not worse")
    text = write(
        judge("a.py", worse, tolerated=(better, same)),
        judge("b.py", new),
        change="--staged",
        narrowed_by=["--staged"],
    )
    rows = (
        "| `a.py:1` | `f` | `cyclomatic_complexity` | 9 → 13 (+4) | `<= 10` | modified |\n"
        "| `b.py` | the file | `lines_of_code` | 300 | `<= 200` | added |\n"
    )
    got_better = "| `a.py:9` | `g` | `cyclomatic_complexity` | 15 → 12 (-3) | `<= 10` | not worse |\n"
    stayed = "| `a.py:9` | `h` | `cyclomatic_complexity` | 12 → 12 (0) | `<= 10` | not worse |\n"
    assert text == (
        "### antipasta: 2 files failed\n\n"
        "2 files, 2 violations, 2 tolerated; narrowed by `--staged`\n\n"
        f"**What got worse**\n\n{HEAD}{rows}\n"
        f"**What got better**\n\n{HEAD}{got_better}\n"
        f"<details><summary>Tolerated: 2</summary>\n\n{HEAD}{got_better}{stayed}\n</details>\n"
    )


def test_the_worst_ten_are_shown_and_the_others_are_folded_away() -> None:
    over = [Violation("cyclomatic_complexity", f"f{value}", 1, value, 10, "<=") for value in range(11, 26)]
    first, _, folded = write(judge("a.py", *over)).partition("<details>")
    assert first.count("| `a.py:1` |") == 10
    assert "| `f25` |" in first
    assert "| `f15` |" not in first
    assert folded.count("| `a.py:1` |") == 15


def test_what_is_not_known_is_not_folded_away(reports: dict[str, bytes]) -> None:
    first, _, _ = reports["markdown"].decode().partition("<details>")
    assert "- `app/bad.py:1`: `not measured (syntax): invalid syntax`\n" in first
    assert (
        "- `app/unused.py:1`: `unused suppression: cognitive_complexity of add is not over the limit`\n"
        in first
    )


def change(path: str, name: str, kind: ChangeKind, *steps: MetricChange, **was: str) -> BlockChange:
    """Return what a change does to a block."""
    names = ("cyclomatic_complexity", "cognitive_complexity")
    previous = was.get("previous_path"), was.get("previous_name")
    line = None if kind == "deleted" else 3
    return BlockChange(
        path, previous[0], name, previous[1], line, kind, dict(zip(names, steps, strict=False))
    )


def test_all_that_a_change_touches_is_folded_away() -> None:
    changes = [
        change("a.py", "f", "modified", MetricChange(5, 3, -2, 10, "<="), MetricChange(1, 2, 1, 15, "<=")),
        change(
            "a.py",
            "new|",
            "added",
            MetricChange(None, 7, 7, 10, "<="),
            MetricChange(None, None, None, 15, "<="),
        ),
        change(
            "b.py", "g", "moved", MetricChange(4, 4, 0, 10, "<="), previous_path="a.py", previous_name="h"
        ),
        change("b.py", "i", "modified", MetricChange(9, 1, -8, 10, "<="), previous_path="c.py"),
        change("b.py", "gone", "deleted", MetricChange(6, None, -6, 10, "<=")),
    ]
    broken = {"path": "d.py", "side": "before", "kind": "syntax", "message": "wrong"}
    text = write(change="--staged", changes=to_builtins(changes), not_compared=[broken])
    assert text == (
        "### antipasta: passed\n\n0 files, 0 violations\n\n"
        f"**What got better**\n\n{HEAD}"
        "| `b.py:3` | `i` | `cyclomatic_complexity` | 9 → 1 (-8) | `<= 10` | modified |\n"
        "| `a.py:3` | `f` | `cyclomatic_complexity` | 5 → 3 (-2) | `<= 10` | modified |\n\n"
        "<details><summary>What the change does: 5 blocks (1 added, 2 modified, 1 moved, 1 deleted)"
        "</summary>\n\n"
        "| where | block | change | `cyclomatic_complexity` | `cognitive_complexity` |\n"
        "|---|---|---|---:|---:|\n"
        "| `a.py:3` | `f` | modified | 5 → 3 (-2) | 1 → 2 (+1) |\n"
        "| `a.py:3` | <code>new&#124;</code> | added | → 7 |  |\n"
        "| `b.py:3` | `g` | moved from `a.py::h` | 4 |  |\n"
        "| `b.py:3` | `i` | modified from `c.py::i` | 9 → 1 (-8) |  |\n"
        "| `b.py` | `gone` | deleted | 6 → |  |\n\n"
        "</details>\n\n"
        "`d.py` is not compared: there are no numbers of what it was (syntax).\n"
    )
