"""Text that fits a screen, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from pytest_antipasta.report.formats.html_page.history import MOST_COMMITS
from pytest_antipasta.report.trend_text import draw_sparkline
from tests.report.reading import read_page
from tests.trend.conftest import Past, function
from tests.windows import QUOTE


@pytest.fixture
def long(past: Past) -> Past:
    """A history with long names, many violations and many folders."""
    for day in range(30):
        name = f"package_{day % 7}/with/a/path/that/is/rather/long/and/goes/on/for/ever/module_{day}.py"
        past.record({name: function(4 + day, "a_function_of_an_enormous_name" * 2)}, day, "a subject " * 20)
    return past


def test_text_is_short_and_plots_have_79_columns(long: Past) -> None:
    lines = long.run().splitlines()
    assert len(lines) < 50
    assert lines[-1].startswith("next: `pytest-antipasta explain package_")
    row = next(line for line in lines if line.startswith("files "))
    assert len(row) <= 79
    assert (row.split()[1], row.split()[-1]) == ("1", "30")
    assert "▁" in row
    assert "█" in row


def test_text_has_the_width_of_the_terminal(long: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (40, 79, 120):
        monkeypatch.setattr("pytest_antipasta.cli.trend.find_width", lambda _, width=width: width)
        text, hotspots = (long.run(*args).splitlines() for args in ((), ("--hotspots",)))
        for lines in (text, hotspots):
            assert max(len(line) for line in lines if not line.startswith(("next: ", "  `"))) <= width
        row = next(line for line in text if line.startswith("files "))
        # As long as there are more commits than columns.
        assert (len(row) == width) == (width < 83)


def test_the_history_of_a_function_has_the_width_of_the_terminal(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_antipasta.cli.trend.find_width", lambda _: 40)
    for value in (2, 12):
        past.record({"a.py": function(value)})
    text = past.run("a.py::f", "--every", "week")
    assert max(map(len, text.splitlines())) <= 40
    assert "an earlier commit may have" in " ".join(text.split())


def test_folders_are_beside_their_numbers(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_antipasta.cli.trend.find_width", lambda _: 140)
    past.record({"a/b.py": function(20), "lib/c.py": function(20)})
    lines = past.run().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("folders"))
    assert lines[place + 1].startswith("  a           1 ")


def test_nothing_is_cut_without_a_terminal(past: Past) -> None:
    name = f"{'a' * 90}.py"
    for value in (8, 12):
        past.record({name: function(value), "b/c.py": function(1)})
    for args in ((), ("--hotspots",), (f"{name}::f",)):
        text = past.run(*args)
        assert name in text.replace("next: ", "") and "…" not in text, args


def test_names_are_whole_on_a_narrow_terminal(long: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_antipasta.cli.trend.find_width", lambda _: 40)
    lines = [line.rstrip() for line in long.run("--no-cache").splitlines()]
    place = lines.index("values over their limits")
    assert lines[place + 1].split()[::2] == ["1", "30"]
    long.record({"a_path/of_thirty/characters.py": function(9)}, 31)
    long.record({"a_path/of_thirty/characters.py": function(10)}, 32)
    shown = long.run("--hotspots").splitlines()
    assert shown[shown.index("  a_path/of_thirty/characters.py::f") - 1].split() == ["1", "10", "10"]


@pytest.mark.parametrize(
    ("series", "width", "expected"),
    [
        ([], 5, ""),
        ([0], 5, "▁"),
        ([7], 5, "█"),
        ([1, 2], 5, "▅█"),
        ([62, 79], 2, "▆█"),
        ([3, 3, 3], 5, "███"),
        (list(range(8)), 8, "▁▂▃▄▅▆▇█"),
        (list(range(80)), 4, "▃▄▆█"),
        ([0, 5, 0, 1], 2, "█▂"),
        ([1, None, 2], 3, "▅ █"),
        ([None, None], 3, ""),
        ([-1.5, 0.0, 1.5], 3, "▁▅█"),
    ],
)
def test_a_sparkline_is_a_bar_for_each_part(series: list[float | None], width: int, expected: str) -> None:
    assert draw_sparkline(series, width) == expected


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([7], "▁"),
        ([1, 2], "▁█"),
        ([3, 3, 3], "▁▁▁"),
        ([0.0, 0.0], "▁▁"),
        ([1, None, 2], "▁ █"),
        ([60.0, 62.0, 64.0], "▁▅█"),
        pytest.param([1.171, 1.174, 1.172], "▁▁▁", id="a change of less than 1 %"),
        pytest.param([100.0, 102.5], "▁▄", id="a change of half of 5 %"),
    ],
)
def test_a_sparkline_of_means_begins_at_the_lowest_and_spans_5_percent(
    series: list[float | None], expected: str
) -> None:
    assert draw_sparkline(series, 5, from_zero=False) == expected


def test_the_headline_says_what_a_history_comes_to(past: Past) -> None:
    past.record({"a.py": function(5) + "x = 1\n" * 44}, 0)
    past.record({"b.py": function(5, "g") + "x = 1\n" * 144}, 1)
    lines = past.run().splitlines()
    assert lines[0] == "2 values over their limits, up from 1"
    assert lines[1] == "2 commits, 2017-07-14 to 2017-07-15, 2 files"
    assert lines[4].split() == ["over", "limits", "per", "1,000", "lines", "20.0", "█▅", "10.0"]
    assert lines[5].split() == ["values", "over", "their", "limits", "1", "▅█", "2"]
    lines = past.run("--metric", "cyclomatic_complexity").splitlines()
    assert lines[0] == "2 values over their limits, up from 1"


def test_a_history_of_a_day_has_commits_at_its_ends(past: Past) -> None:
    names = [past.record({"a.py": "x = 1\n"}), past.record({"b.py": "x = 1\n"})]
    lines = past.run().splitlines()
    assert lines[1] == "2 commits, 2017-07-14, 2 files"
    assert lines[3].split() == [name[:10] for name in names]


def test_what_counts_is_said(past: Past) -> None:
    past.record({"a.py": function(5)})
    assert past.run().splitlines()[-2].startswith("counted: values that fail, also if suppressed")


def test_thousands_are_separated_and_both_ends_have_the_same_digits(past: Past) -> None:
    past.record({"a.py": function(2) + "x = 1\n" * 1997})
    past.record({"a.py": function(2) + "x = 1\n" * 1996 + function(3)}, 1)
    rows = {row[0]: row[1:] for row in map(str.split, past.run().splitlines()) if row}
    assert rows["source_lines_of_code"] == ["2,000", "██", "2,003"]
    assert rows["cyclomatic_complexity"] == ["2.00", "▁█", "2.50"]


@pytest.mark.parametrize(
    ("later", "headline"),
    [
        ({"b.py": "x = 1\n"}, "1 value over its limit, unchanged"),
        ({"a.py": function(1)}, "0 values over their limits, down from 1"),
    ],
)
def test_the_headline_compares_the_ends(past: Past, later: dict[str, str], headline: str) -> None:
    past.record({"a.py": function(5)}, 0)
    past.record(later, 1)
    assert past.run().splitlines()[0] == headline


def test_an_empty_repository_is_nothing_to_compare_with(past: Past) -> None:
    past.record({"readme.txt": "x\n"}, 0)
    past.record({"a.py": function(5) + "x = 1\n" * 44}, 1)
    lines = past.run().splitlines()
    assert lines[0] == "1 value over its limit"
    assert lines[4].split()[-4:] == ["lines", "-", "█", "20.0"]


def test_csv_has_a_row_for_each_commit(past: Past) -> None:
    past.record({"a.py": function(5)}, subject="one, with a comma")
    past.record({"a.py": None}, 1)
    answer = past.ask()["commits"]
    rows = list(csv.DictReader(io.StringIO(past.run("--format", "csv"))))
    assert [row["commit"] for row in rows] == [one["commit"] for one in answer]
    assert [row["subject"] for row in rows] == ["one, with a comma", "x"]
    assert [row["sum_cyclomatic_complexity"] for row in rows] == ["5", "0"]
    assert [row["mean_cyclomatic_complexity"] for row in rows] == ["5.0", ""]
    assert [row["excess_cyclomatic_complexity"] for row in rows] == ["2", "0"]
    assert float(rows[0]["mean_maintainability_index"]) == answer[0]["mean"]["maintainability_index"]


def test_json_without_a_commit_has_no_commits(past: Past) -> None:
    past.record({"a.py": "x = 1\n"})
    answer = past.ask("--since", "2100-01-01")
    assert (answer["schema_version"], answer["commits"], answer["month"]) == (1, [], None)


def test_json_is_indented_alike_in_all_its_parts(past: Past) -> None:
    past.import_commits(25)
    past.record({"a.py": function(5)}, subject="naïve")
    text = past.run("--format", "json")
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def test_no_source_file_is_reported(past: Past) -> None:
    past.record({"a.txt": "x = 1\n"})
    assert past.run() == "no commit has a source file in these paths\n"
    assert past.run("--since", "2100-01-01") == "no commit since 2100-01-01\n"


def test_a_page_is_written_besides(past: Past) -> None:
    past.record({"a.py": function(5)})
    path = past.path / "docs/trend.html"
    assert past.run("--html", str(path)) == past.run()
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert past.run("--html", "-") == page
    assert past.run("--html", "-", "--format", "json") == page


def test_a_page_replaces_no_source(past: Past) -> None:
    past.record({"a.py": function(5)})
    assert "would overwrite the source file a.py" in past.run("--html", "a.py", code=2)
    assert "can't write the report" in past.run("--html", "a.py/trend.html", code=2)


def test_a_long_history_is_drawn_in_parts(past: Past) -> None:
    past.import_commits(MOST_COMMITS + 1)
    past.record({"a.py": function(5)})
    data = read_page(past.run("--html", "-").encode())
    assert (data["total"], len(data["commits"])) == (MOST_COMMITS + 2, MOST_COMMITS)
    assert data["series"][0]["values"][-2:] == [None, 166.6667]
    assert data["series"][1]["values"][-2:] == [0, 1]
    assert [len(one["values"]) for one in data["series"]] == [MOST_COMMITS] * len(data["series"])


def test_debug_says_where_things_are(past: Past) -> None:
    past.record({"a.py": "x = 1\n"})
    lines = past.run("--debug", "--format", "json").splitlines()
    assert lines[2].startswith("debug: store ")
    parts = [part.split()[0] for part in lines[3].removeprefix("debug: ").split(", ")]
    assert parts[:-1] == ["open", "compare", "measure", "add", "follow", "remember"]
    seconds = [float(part.rpartition(" s")[0].split()[-1]) for part in lines[3].split(", ")]
    assert 0 < sum(seconds[:-1]) <= seconds[-1] + 0.005


def test_the_worst_function_can_be_explained_where_it_is_in_the_worktree(past: Past) -> None:
    past.record({"a file.py": function(5)})
    past.record({"b.py": "x = 1\n"}, 1)
    name = f"{QUOTE}a file.py::f{QUOTE}"
    assert (
        past.run().splitlines()[-1]
        == f"next: `pytest-antipasta explain {name}` shows how its values are calculated"
    )
    for args in (["--ref", "HEAD~1"], ["--hotspots"]):
        assert "next: " not in past.run(*args)
    (past.path / "a file.py").unlink()
    assert "next: " not in past.run()


def test_a_function_inside_a_worse_one_is_not_named_again(past: Past) -> None:
    inner = "".join(f"    {line}\n" for line in function(9, "g").splitlines())
    # Points of cyclomatic complexity are their own.
    past.record({"a.py": f"def f(a):\n{inner}" + "".join(f"    if a == {n}: a()\n" for n in range(20))})
    assert re.findall(r"^  (a\.py::.+)", past.run(), re.MULTILINE) == [
        "a.py::f",
        "a.py::f.g",
    ]
    past.record({"pyproject.toml": "[tool.pytest-antipasta.thresholds]\ncognitive = 5\ncyclomatic = 3\n"})
    assert re.findall(r"^  (a\.py::.+)", past.run(), re.MULTILINE) == ["a.py::f"]
