"""What a change does to blocks, in the summary of a run."""

from __future__ import annotations

from pytest_antipasta.messages import show_name
from pytest_antipasta.model.changes import BlockChange, ChangeKind, Changes, MetricChange, NotCompared
from pytest_antipasta.model.judged import Comparison
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.run import RunStats
from pytest_antipasta.report.changes import find_effect, format_changes
from pytest_antipasta.report.summary import format_summary


def number(
    before: Number | None, after: Number | None, limit: Number = 10, comparison: Comparison = "<="
) -> MetricChange:
    return MetricChange(before, after, (after or 0) - (before or 0), limit, comparison)


def touched(
    name: str, kind: ChangeKind = "modified", line: int | None = 1, **metrics: MetricChange
) -> BlockChange:
    return BlockChange("a\n.py", None, name, None, line, line, kind, metrics)


def summarise(*changes: BlockChange, not_compared: tuple[NotCompared, ...] = ()) -> list[str]:
    """Return what stands between the first line and the last."""
    stats = RunStats(0, ("--staged",), (), is_change=True, changes=Changes(changes, not_compared))
    return list(format_summary([], stats, show_path=lambda path: path.replace("\n", "-")))[1:]


def test_a_change_without_blocks_has_nothing_to_say() -> None:
    assert summarise() == []


def test_worse_and_better_blocks_are_named_and_all_are_counted() -> None:
    assert summarise(
        touched("new", "added", cyclomatic_complexity=number(None, 12)),
        touched("both", cyclomatic_complexity=number(3, 5), cognitive_complexity=number(5, 3)),
        touched("less", cyclomatic_complexity=number(5, 5), cognitive_complexity=number(5, 3)),
        touched("same", "moved", cyclomatic_complexity=number(5, 5)),
        touched("gone", "deleted", None, cyclomatic_complexity=number(20, None)),
    ) == [
        "the change: 5 blocks (1 added, 2 modified, 1 moved, 1 deleted); existing ones: 1 worse, 1 better",
        "complexity added and removed: cyclomatic +14 -20, cognitive +0 -4",
        "read this first:",
        "  a-.py:1 both: cyclomatic 3 → 5 (+2), cognitive 5 → 3 (-2)",
        "  better: a-.py:1 less: cognitive 5 → 3 (-2)",
    ]


def test_what_is_displayed_above_is_only_counted() -> None:
    blocks = [touched(name, cyclomatic_complexity=number(4, 1)) for name in ("listed", "other")]
    path = blocks[0].path
    first, _, *lines = format_changes(Changes(tuple(blocks)), show_name, (), {(path, "listed")})
    assert first == "the change: 2 blocks (2 modified); existing ones: 2 better"
    assert lines == [f"  better: {show_name(path)}:1 other: cyclomatic 4 → 1 (-3)"]


def test_what_is_over_its_limit_comes_first_of_what_is_better_then_what_changed_most() -> None:
    steps = {"little": number(2, 1), "over": number(13, 11), "more": number(9, 1), "most": number(4, 1, 2)}
    blocks = [touched(name, cyclomatic_complexity=step) for name, step in steps.items()]
    others = [touched(f"other{one}", cyclomatic_complexity=number(4, 1)) for one in range(3)]
    lines = summarise(*blocks, *others)
    assert [line.split()[2].strip(":") for line in lines[2:7]] == ["over", "most", "more", "other0", "other1"]
    assert lines[7:] == ["  and 2 more blocks that got better"]


def test_more_can_be_better() -> None:
    assert find_effect(touched("f", coverage=number(3, 5, 10, ">="))) == "better"
    assert find_effect(touched("f", coverage=number(5, 3, 10, ">="))) == "worse"
    assert find_effect(touched("f", coverage=number(5, 5, 10, ">="))) is None
    assert find_effect(touched("f")) is None


def test_files_that_had_no_numbers_are_named() -> None:
    before = [NotCompared(f"{name}.py", "before", "syntax", "wrong") for name in "abcdefg"]
    after = NotCompared("z.py", "after", "syntax", "wrong")
    (told,) = summarise(not_compared=(*before, after))
    names = "a.py, b.py, c.py, d.py, e.py and 2 more files"
    assert told == f"not compared because the previous version could not be measured: {names}"
    assert summarise(not_compared=(after,)) == []  # it fails, which is told in full
