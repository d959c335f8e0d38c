"""The page of a history in Chromium without a network: plots, map, tables, the view of a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.report.browser import Shown, find_axe, find_barriers
from tests.report.conftest import HOSTILE, write_trend_page
from tests.trend.conftest import Past, function

pytestmark = pytest.mark.programs


@pytest.fixture(scope="module")
def page(trend_page: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the history that has everything."""
    path = tmp_path_factory.mktemp("page") / "trend.html"
    path.write_bytes(trend_page)
    return path


@pytest.fixture
def shown(browser: Any, page: Path) -> Shown:
    """That page, open."""
    return Shown(browser, page)


def find_tile(shown: Shown, name: str) -> str:
    """Return what is said of a part of the map."""
    labels = shown.run("return [...document.querySelectorAll('#tiles button')].map((one) => one.ariaLabel)")
    (label,) = (str(one) for one in labels if one.startswith(f"{name}:"))
    return label


def test_it_loads_without_errors_and_asks_for_nothing(browser: Any, page: Path) -> None:
    shown = Shown(browser, page, "dark")
    assert shown.text("#verdict") == f"{len(HOSTILE) + 3} values over their limits, up from 2"
    month = "At the end of the last 30 days, "
    assert shown.text("#range").startswith(f"6 commits, 2017-07-14 to 2017-10-02. {month}")
    assert browser.get_log("browser") == []
    assert shown.run("return performance.getEntriesByType('resource').map((one) => one.name)") == []
    assert shown.run("return getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


def test_plots_say_what_they_show(shown: Shown) -> None:
    labels = shown.run("return [...document.querySelectorAll('#time svg')].map((one) => one.ariaLabel)")
    assert (
        labels[0]
        == "over limits per 1,000 lines: 133.33 on 2017-07-14, 189.54 on 2017-10-02, between 125 and 189.54"
    )
    assert labels[1] == (
        f"values over their limits: 2 on 2017-07-14, {len(HOSTILE) + 3} on 2017-10-02, between 2 and "
        f"{len(HOSTILE) + 3}"
    )
    names = [label.partition(":")[0] for label in labels]
    assert names[2:5] == ["files", "functions and methods", "source_lines_of_code"]
    assert names[5:] == ["cyclomatic_complexity", "cyclomatic_complexity"]
    path = shown.run("return document.querySelector('#time svg path').getAttribute('d')")
    assert path.count("L") == 5


def test_the_slider_shows_the_numbers_of_a_commit_in_all_plots(shown: Shown) -> None:
    assert shown.text("#at").endswith(" last")
    assert shown.texts("#time figcaption span b")[1:3] == [str(len(HOSTILE) + 3), str(len(HOSTILE) + 4)]
    shown.run("document.getElementById('commit').focus()")
    shown.press("HOME")
    assert shown.text("#at").startswith("2017-07-14 ")
    assert shown.text("#at").endswith(" first")
    assert shown.texts("#time figcaption span b")[:3] == ["133.33", "2", "3"]
    shown.press("ARROW_RIGHT")
    assert (
        shown.run("return document.getElementById('commit').ariaValueText")
        == "2017-07-24 a </script> \\u202e <b>subject</b>"
    )
    assert shown.texts("#time figcaption span b")[1] == "3"


def read_axes(shown: Shown, name: str) -> tuple[list[str], list[str], list[float]]:
    """Return the numbers and dates beside a plot of a mean, and how high its line goes."""
    numbers, dates, path = shown.run(
        """
        const figure = [...document.querySelectorAll("#means figure")].find(
          (one) => one.querySelector("figcaption b").textContent === arguments[0]);
        const texts = [...figure.querySelectorAll("text")].map((one) => one.textContent);
        const isDate = (text) => text.includes("-");
        const path = figure.querySelector("path").getAttribute("d");
        return [texts.filter((text) => !isDate(text)), texts.filter(isDate), path];
        """,
        name,
    )
    return numbers, dates, [float(part) for part in re.findall(r" ([\d.]+)", path)]


def test_axes_of_small_changes_do_not_repeat_themselves(browser: Any, tmp_path: Path) -> None:
    """Two commits of one day whose means differ by less than 1 % are a line that hardly climbs."""
    past, path = Past(tmp_path / "flat"), tmp_path / "page.html"
    many = "\n\n".join(function(2, f"f{number}") for number in range(120))
    past.record({"a.py": many})
    past.record({"b.py": function(3)})
    path.write_bytes(write_trend_page(past.path))
    numbers, dates, heights = read_axes(Shown(browser, path), "cyclomatic_complexity")
    assert numbers == ["2.00", "2.05"]
    assert dates == ["2017-07-14"]
    assert 0 < heights[0] - heights[1] < 20
    past.record({"b.py": function(9)}, 1)
    path.write_bytes(write_trend_page(past.path))
    numbers, dates, heights = read_axes(Shown(browser, path), "cyclomatic_complexity")
    assert len(set(numbers)) == len(numbers)
    assert dates == ["2017-07-14", "2017-07-15"]


def test_the_slider_begins_at_the_last_of_many_commits(browser: Any, tmp_path: Path) -> None:
    past = Past(tmp_path / "long")
    past.import_commits(150)
    past.record({"a.py": function(2)}, subject="last")
    path = tmp_path / "page.html"
    path.write_bytes(write_trend_page(past.path))
    shown = Shown(browser, path)
    assert shown.run("return document.getElementById('commit').value") == "150"
    assert shown.text("#at").endswith(" last")


def test_the_map_is_coloured_by_change(shown: Shown) -> None:
    assert find_tile(shown, "a.py").endswith("lines, values over their limits +1 (0 → 1)")
    assert find_tile(shown, "lib/").endswith("2 files, values over their limits +1")
    steps = shown.run("return Object.fromEntries(map.leaves.map((one) => [one.data.path, one.weight.step]))")
    assert (steps["a.py"], steps["lib/new.py"]) == (6, 3)
    shown.choose("metric", "cyclomatic_complexity")
    shown.run("document.querySelector('#tiles button[aria-label^=\"lib/\"]').focus()")
    shown.press("ENTER")
    assert find_tile(shown, "new.py").endswith("cyclomatic_complexity -1 (5 → 4)")
    steps = shown.run("return Object.fromEntries(map.leaves.map((one) => [one.data.path, one.weight.step]))")
    assert (steps["lib/new.py"], steps["lib/deep/b.py"]) == (2, 6)


def test_what_is_over_its_limit_has_the_commit_that_took_it_there(shown: Shown) -> None:
    shown.find("#standing-find").send_keys("A.PY:1")
    shown.find("#standing-find").clear()
    shown.find("#standing-find").send_keys("lib cyclomatic")
    shown.wait("return document.getElementById('standing-count').textContent.startsWith('2 of')")
    assert shown.cells("qualified_name", "standing") == ["k", "g"]
    assert shown.cells("date", "standing") == ["2017-09-12", "2017-07-14"]
    assert shown.cells("subject", "standing") == ["third", "first"]


def test_commits_that_changed_most_come_first(shown: Shown) -> None:
    assert shown.cells("subject", "steps") == ["odd names", "a </script> \\u202e <b>subject</b>"]
    assert shown.cells("over", "steps") == [f"+{len(HOSTILE)}", "+1"]


def test_a_subject_that_has_no_room_ends_with_an_ellipsis(browser: Any, tmp_path: Path) -> None:
    past = Past(tmp_path / "past")
    past.record({"a.py": function(2)}, 0)
    past.record({"a.py": function(5)}, 1, "a long subject " * 20)
    path = tmp_path / "trend.html"
    path.write_bytes(write_trend_page(past.path))
    cut = Shown(browser, path).run("""
        const cell = document.querySelector("#steps-table .tabulator-row [tabulator-field=subject]");
        const text = cell.firstElementChild, { textOverflow } = getComputedStyle(text);
        return [cell.scrollWidth <= cell.clientWidth, text.scrollWidth > text.clientWidth, textOverflow];
    """)
    assert cut == [True, True, "ellipsis"]


def test_files_are_compared_with_what_they_were(shown: Shown) -> None:
    shown.find("#files-find").send_keys(".py")
    shown.find("#files-find").clear()
    shown.find("#files-find").send_keys("lib/")
    shown.wait("return document.getElementById('files-count').textContent.startsWith('2 of')")
    assert shown.cells("path", "files") == ["lib/deep/b.py", "lib/new.py"]
    assert shown.cells("state", "files") == ["new", ""]
    assert shown.cells("complexityChange", "files") == ["+9", "-1"]


def test_a_link_opens_a_file(browser: Any, page: Path) -> None:
    shown = Shown(browser, page, fragment="#a.py::")
    assert read_view(shown) == ("a.py", ["0", "1", "+1"])
    for path in ("100%.py", "a?b#c.py", "ünï.py"):
        shown.follow(f"{quote(path)}::")
        assert read_view(shown) == (path, ["\N{EN DASH}", "1", "+1"])
    shown.press("ESCAPE")
    shown.wait("return !document.getElementById('view').open")


def read_view(shown: Shown) -> tuple[str, list[str]]:
    """Return the file that is shown, with what was and is over its limits in it."""
    assert shown.run("return document.getElementById('view').open")
    rows = shown.run("""
        const cells = (row) => [...row.cells].map((cell) => cell.textContent);
        return [...document.querySelectorAll("#view .plain tbody tr")].map(cells);
    """)
    return shown.text("#view-title"), {name: values for name, *values in rows}["values over their limits"]


def test_hotspots_have_a_plot_of_complexity_by_changes(shown: Shown) -> None:
    points = shown.run("""
        return [...document.querySelectorAll("#scatter circle")].map((one) => one.textContent);
    """)
    assert len(points) == len(HOSTILE) + 3
    assert points[-2:] == ["a.py: 1 change, complexity 7", "lib/deep/b.py: 1 change, complexity 9"]
    assert shown.text("#scatter svg .name") in ("b.py", "a.py")
    (_, *rows) = shown.texts("#hottest tr")
    assert len(rows) == 10
    assert shown.texts("#hottest tr:nth-child(1) td") == ["1", "9", "9"]
    where = """
        const circle = [...document.querySelectorAll("#scatter circle")].find(
          (one) => one.textContent.startsWith(arguments[0]));
        return ["cx", "cy"].map((name) => Number(circle.getAttribute(name)));
    """
    hot, cool = shown.run(where, "lib/deep/b.py"), shown.run(where, "a.py")
    assert hot[1] < cool[1], "the more complex is above"
    shown.run("document.querySelector('#scatter circle:last-of-type').dispatchEvent(new MouseEvent('click'))")
    shown.wait("return document.getElementById('view').open")
    assert shown.text("#view-title") == "lib/deep/b.py"


def test_names_and_subjects_that_would_steer_their_reader_are_spelled_out(shown: Shown) -> None:
    body = shown.run("return document.body.innerText")
    assert not set(body) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200f\x1b")


@pytest.mark.parametrize("fragment", ["", "#a.py::"])
def test_axe_finds_nothing(browser: Any, page: Path, fragment: str) -> None:
    assert find_barriers(Shown(browser, page, "light", fragment)) == []
    in_dark = Shown(browser, page, "dark", fragment)  # where only colours differ
    assert find_barriers(in_dark, "color-contrast", "link-in-text-block") == []


@pytest.mark.parametrize("args", [[], ["--since", "2100-01-01"]], ids=["one commit", "no commit"])
def test_a_short_history_is_a_page_too(browser: Any, tmp_path: Path, args: list[str]) -> None:
    past = Past(tmp_path / "short")
    past.record({"a.py": function(2)})
    path = tmp_path / "page.html"
    path.write_bytes(write_trend_page(past.path, *args))
    shown = Shown(browser, path)
    told = "No commit" if args else "0 values over their limits"
    assert shown.text("#verdict") == told
    assert browser.get_log("browser") == []


def test_the_headline_says_what_a_history_comes_to(browser: Any, tmp_path: Path) -> None:
    past = Past(tmp_path / "grown")
    past.record({"readme.txt": "x"}, 0)
    past.record({"a.py": function(5) + "x = 1\n" * 44}, 1)
    past.record({"b.py": function(5, "g") + "# a comment\n" * 9 + "x = 1\n" * 144}, 2)
    path = tmp_path / "page.html"
    path.write_bytes(write_trend_page(past.path, "--since", "2017-07-14"))
    shown = Shown(browser, path)
    assert shown.text("#verdict") == "2 values over their limits"
    assert shown.run("return document.getElementById('verdict').className") == ""
    assert not any("at first" in text for text in shown.texts("#cards li"))
    path.write_bytes(write_trend_page(past.path, "--commits", "2"))
    shown = Shown(browser, path, fragment="#b.py::")
    assert shown.text("#verdict") == "2 values over their limits, up from 1"
    assert shown.run("return document.getElementById('verdict').className") == "failed"
    labels = shown.run("return [...document.querySelectorAll('#time svg')].map((one) => one.ariaLabel)")
    assert labels[0].startswith("over limits per 1,000 lines: 20 on 2017-07-15, 10 on 2017-07-16")
    judged = shown.run("return [judgeChange('cyclomatic_complexity', 2), judgeChange('comment_lines', 2)]")
    assert judged == ["worse", None]
    coloured = shown.run("""
        const rows = [...document.querySelectorAll("#view .plain tbody tr")];
        const coloured = rows.filter((row) => row.querySelector(".worse, .better"));
        return coloured.map((row) => row.cells[0].textContent);
    """)
    assert coloured and not any("line" in name for name in coloured)


@pytest.fixture(scope="module")
def life(life_page: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one function's life."""
    path = tmp_path_factory.mktemp("life") / "life.html"
    path.write_bytes(life_page)
    return path


def test_a_life_is_a_page_of_its_own(browser: Any, life: Path) -> None:
    shown = Shown(browser, life)
    assert shown.text("#verdict") == "lib/new.py::g"
    assert shown.text("#range") == (
        "cyclomatic complexity 5 → 4. 2 commits of 6 changed its values, name or location, 2017-07-14 "
        "to 2017-10-02."
    )
    assert browser.get_log("browser") == []
    assert shown.run("return performance.getEntriesByType('resource').map((one) => one.name)") == []
    if find_axe():
        assert find_barriers(shown) == []


def test_the_line_of_a_life_stays_until_a_commit_changes_it(browser: Any, life: Path) -> None:
    shown = Shown(browser, life)
    (label,) = shown.run("return [...document.querySelectorAll('#numbers svg')].map((one) => one.ariaLabel)")
    assert label == "cyclomatic_complexity: 5 on 2017-07-14, 4 on 2017-10-02, between 4 and 5, must be <= 3"
    drawn = shown.run("""
        const svg = document.querySelector("#numbers svg"), limit = svg.querySelector(".limit");
        const ends = ["y1", "y2"].map((end) => limit.getAttribute(end));
        return [svg.querySelector("path").getAttribute("d"), ...ends];
    """)
    assert [drawn[0].count(command) for command in "MHVL"] == [1, 2, 2, 0]
    # What is within the limit is below the line, and nothing of this function ever was.
    lowest = max(float(part) for part in re.findall(r"V([\d.]+)", drawn[0]))
    assert lowest < float(drawn[1]) == float(drawn[2])
    assert shown.texts("#numbers figcaption span b") == ["4"]
    shown.run("document.getElementById('commit').focus()")
    shown.press("HOME")
    assert shown.text("#at").endswith(" first")
    assert shown.texts("#numbers figcaption span b") == ["5"]


def test_each_commit_of_a_life_says_what_it_did(browser: Any, life: Path) -> None:
    shown = Shown(browser, life)
    assert shown.cells("subject", "steps") == ["last", "rename", "first"]
    assert shown.cells("what", "steps") == [
        "modified",
        "moved from lib/old.py::g",
        "added as lib/old.py::g",
    ]
    assert shown.cells("cyclomatic_complexity", "steps") == ["5 → 4", "5", "5"]
