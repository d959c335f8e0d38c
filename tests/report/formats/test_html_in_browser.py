"""The HTML report in Chromium without a network: it loads, filters, sorts, zooms, and opens blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from textwrap import indent
from typing import Any, TypeAlias
from urllib.parse import quote

import pytest

from tests.commits import commit_all
from tests.conftest import Repository
from tests.metrics.notebook.making import make_notebook
from tests.plugin.conftest import FAILING, PASSING
from tests.report.browser import SCHEMES, Shown, find_axe, find_barriers
from tests.report.conftest import write, write_report
from tests.report.test_proposals import LIMIT, NESTED
from tests.trend.conftest import function

pytestmark = pytest.mark.programs

Report: TypeAlias = Callable[..., Path]
FEW_LIMITS = """\
[tool.pytest-antipasta.thresholds]
maintainability_index = false
halstead_volume = false
halstead_difficulty = false
halstead_effort = false
"""


@pytest.fixture(scope="module")
def page(reported: Repository, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the project that has everything."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_bytes(write_report("html", reported.path / "app"))
    return path


@pytest.fixture
def shown(browser: Any, page: Path) -> Shown:
    """That report, open."""
    return Shown(browser, page)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Write files, into the repository of a test that has one, and return the report of their folder."""
    folder, path = tmp_path / "repository", tmp_path / "report.html"
    folder.mkdir(exist_ok=True)

    def write_page(files: Mapping[str, str | bytes], *args: str) -> Path:
        write(folder, files)
        path.write_bytes(write_report("html", folder, *args))
        return path

    return write_page


def is_open(shown: Shown) -> bool:
    """Whether a block or a file is shown."""
    return bool(shown.run("return document.getElementById('view').open"))


def find_clipped(shown: Shown, selector: str) -> list[str]:
    """Return the texts of the elements of a kind that are wider than their place."""
    script = """
        const found = [...document.querySelectorAll(arguments[0])];
        return found.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent);
    """
    return [str(text) for text in shown.run(script, selector)]


def test_it_loads_without_errors_and_asks_for_nothing(shown: Shown) -> None:
    assert shown.text("#verdict").endswith(" files, and 3 files could not be measured")
    assert shown.browser.get_log("browser") == []
    assert shown.run("return performance.getEntriesByType('resource').map((one) => one.name)") == []
    assert shown.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_programs_that_get_in_do_not_run(shown: Shown) -> None:
    shown.run("""
        const script = document.createElement("script");
        script.textContent = "document.title = 'owned'";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='document.title = 1'>");
    """)
    assert "owned" not in shown.browser.title
    said = " ".join(one["message"] for one in shown.browser.get_log("browser"))
    assert "script-src" in said
    assert "img-src" in said or "default-src" in said


def test_words_find_blocks_and_files(shown: Shown) -> None:
    shown.find("#find").send_keys("METHODS k")
    shown.wait("return document.getElementById('count').textContent.startsWith('2 of')")
    assert sorted(shown.cells("name")) == ["K", "K.decide"]
    shown.choose("kind", "class")
    shown.wait("return document.getElementById('count').textContent.startsWith('1 of')")
    assert shown.cells("name") == ["K"]
    shown.choose("what", "files")
    shown.find("#find").clear()
    shown.find("#find").send_keys("suppressed")
    shown.wait(
        "return document.querySelector('#files-table .tabulator-row a')?.textContent.includes('suppr')"
    )
    assert shown.cells("id", "files") == ["pkg/suppressed.py"]
    shown.find("#find").send_keys(" nothing")
    shown.wait("return document.getElementById('count').textContent.startsWith('0 of')")


def test_a_choice_counts_for_a_table_that_is_not_drawn_yet(shown: Shown) -> None:
    script = """
        for (const [id, value] of [["what", "files"], ["state", "violation"]]) {
            const field = document.getElementById(id);
            field.value = value;
            field.dispatchEvent(new Event("change"));
        }
    """
    shown.run(script)
    shown.wait("return document.querySelector('#files-table .tabulator-row')")
    assert set(shown.cells("state", "files")) == {"violation"}
    assert shown.text("#count").endswith(f" of {shown.run('return data.files.length')} files")
    assert shown.browser.get_log("browser") == []


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_title_sorts_its_column(shown: Shown, way: str) -> None:
    selector = '#blocks-table [tabulator-field="name"] button.sort'
    colours = """
        const titles = [...document.querySelectorAll("#blocks-table .tabulator-col")];
        return titles.map((one) => getComputedStyle(one).backgroundColor);
    """
    is_chosen = "return document.getElementById('order').hidden"
    first = shown.cells("name")
    assert not shown.run(is_chosen)
    assert len(set(shown.run(colours))) == 1

    def sort_again() -> None:
        if way == "mouse":
            shown.find(selector).click()
        else:
            shown.run("document.querySelector(arguments[0]).focus()", selector)
            shown.press("ENTER")

    for expected in (False, True):
        sort_again()
        sort = "descending" if expected else "ascending"
        shown.wait(f"return document.querySelector('[tabulator-field=name]').ariaSort === '{sort}'")
        names = shown.cells("name")
        assert names == sorted(names, reverse=expected)
        assert shown.run(is_chosen)
        assert len(set(shown.run(colours))) == 2
        assert len(set(names)) > 1
    sort_again()
    shown.wait("return !document.getElementById('order').hidden")
    assert shown.cells("name") == first, "the worst first, as before"


def test_the_map_goes_into_folders_and_files_and_back(shown: Shown) -> None:
    shown.run("document.querySelector('#tiles button[aria-label^=\"pkg/\"]').focus()")
    shown.press("ENTER")
    assert shown.texts("#crumbs li") == ["all", "pkg"]
    tiles = shown.texts("#tiles button")
    assert "methods.py" in tiles
    shown.find('#tiles button[aria-label^="methods.py"]').click()
    assert "K.decide" in shown.texts("#tiles button")
    shown.find('#tiles button[aria-label^="K.decide:"]').click()
    shown.wait("return document.getElementById('view').open")
    assert shown.text("#view-title") == "K.decide"
    shown.press("ESCAPE")
    shown.find("#crumbs button").click()
    assert any(name.startswith("pkg") for name in shown.texts("#tiles button"))


def find_leaf(shown: Shown, path: str) -> dict[str, float]:
    """Return where a file is on the map, in pixels of the window."""
    found: dict[str, float] = shown.run(
        """
        const leaf = map.leaves.find((one) => one.data.path === arguments[0]);
        byId("tiles").scrollIntoView();
        const box = byId("tiles").getBoundingClientRect();
        return { x: box.left + (leaf.x0 + leaf.x1) / 2, y: box.top + (leaf.y0 + leaf.y1) / 2 };
        """,
        path,
    )
    return found


def use_mouse(shown: Shown, kind: str, place: dict[str, float]) -> None:
    """Move the mouse, or press and release it."""
    for one in ("mouseMoved",) if kind == "move" else ("mousePressed", "mouseReleased"):
        event = {"type": one, **place, "button": "left", "clickCount": 1 if kind == "click" else 0}
        shown.browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def test_beside_the_mouse_stands_what_is_below_it_and_a_click_opens_that(shown: Shown) -> None:
    assert shown.run("return document.getElementById('tip').hidden")
    place = find_leaf(shown, "pkg/methods.py")
    use_mouse(shown, "move", place)
    tip = shown.run("const { left, top } = byId('tip').getBoundingClientRect(); return [left, top]")
    assert shown.text("#tip").startswith("methods.py: ")
    assert abs(tip[0] - place["x"]) < 300 and abs(tip[1] - place["y"]) < 120
    use_mouse(shown, "click", place)
    assert shown.texts("#crumbs li") == ["all", "pkg", "methods.py", "file metrics"]
    assert "K.decide" in shown.texts("#tiles button")


def test_folders_inside_folders_have_names_on_the_map_that_lead_into_them(
    browser: Any, report: Report
) -> None:
    files = dict.fromkeys(("top/inner/a.py", "top/inner/b.py", "top/c.py", "other.py"), FAILING)
    shown = Shown(browser, report(files))
    place = shown.run("""
        const [folder] = map.heads, box = byId("tiles").getBoundingClientRect();
        return { x: box.left + folder.x0 + 9, y: box.top + folder.y0 + 9 };
    """)
    colours = shown.run("""
        const [{ x0, y0 }] = map.heads, context = document.querySelector("#tiles canvas").getContext("2d");
        return new Set(new Uint32Array(context.getImageData(x0, y0, 30, 18).data.buffer)).size;
    """)
    assert colours > 2, "a name is drawn"
    use_mouse(shown, "move", place)
    assert shown.text("#tip").startswith("inner/: ") and ", 2 files, " in shown.text("#tip")
    use_mouse(shown, "click", place)
    assert shown.texts("#crumbs li") == ["all", "top", "inner"]


def test_large_numbers_have_their_thousands_apart(browser: Any, report: Report) -> None:
    long = "def f():\n" + "    a = b + c\n" * 1234
    shown = Shown(browser, report({"long.py": long}), fragment="#long.py::")
    assert "lines_of_code1,235" in shown.texts("#view-body tr")
    assert "ffunction1,235" in [row[:14] for row in shown.texts("#view-body .blocks tr")]


def test_the_map_is_walked_by_keyboard(shown: Shown) -> None:
    shown.run("document.querySelector('#tiles button').focus()")
    first = shown.text("#pointed")
    shown.press("ARROW_RIGHT")
    assert shown.text("#pointed") not in ("", first)
    assert shown.run("return document.querySelectorAll('#tiles button[tabindex=\"0\"]').length") == 1
    shown.run("document.querySelector('#tiles button[aria-label^=\"pkg/\"]').focus()")
    shown.press("ENTER")
    assert shown.texts("#crumbs li") == ["all", "pkg"]
    shown.press("BACKSPACE")
    assert shown.texts("#crumbs li") == ["all"]


@pytest.mark.parametrize("selector", ["#tiles button:last-of-type", "#blocks-table .tabulator-row a"])
def test_a_new_width_keeps_the_focus(browser: Any, page: Path, selector: str) -> None:
    shown = Shown(browser, page)
    shown.run("document.querySelector(arguments[0]).focus()", selector)
    name = "return document.activeElement.ariaLabel ?? document.activeElement.hash"
    before = shown.run(name)
    size = {"width": 1000, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    shown.browser.execute_async_script(
        "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    )
    assert before
    assert shown.run(name) == before


def test_back_keeps_the_focus_on_the_map(shown: Shown) -> None:
    shown.run("document.querySelector('#tiles button[aria-label^=\"pkg/\"]').focus()")
    shown.press("ENTER")
    shown.browser.back()
    shown.wait("return document.querySelectorAll('#crumbs li').length === 1")
    assert shown.run("return document.activeElement.matches('#tiles button[tabindex=\"0\"]')")


def test_the_colours_of_the_map_are_those_of_the_legend(browser: Any, page: Path) -> None:
    for scheme in SCHEMES:
        shown = Shown(browser, page, scheme)
        drawn = shown.run("""
            const leaf = map.leaves.find((one) => one.weight.step === 3);
            const canvas = document.querySelector("#tiles canvas"), context = canvas.getContext("2d");
            const [x, y] = [leaf.x0 + leaf.x1, leaf.y0 + leaf.y1].map((sum) => Math.floor(sum / 2));
            return [...context.getImageData(x, y, 1, 1).data].slice(0, 3).join(", ");
        """)
        swatch = "return getComputedStyle(document.querySelectorAll('.swatch')[3]).backgroundColor"
        assert shown.run(swatch) == f"rgb({drawn})"
        border = shown.run("return getComputedStyle(document.querySelector('.swatch')).boxShadow")
        ground = shown.run("return getComputedStyle(document.body).backgroundColor")
        assert border != "none" and ground not in border, "one like the ground is seen, too"


def test_the_map_follows_the_colours_of_the_system(browser: Any, page: Path) -> None:
    picture = "return document.querySelector('#tiles canvas').toDataURL()"
    shown = Shown(browser, page, "dark")
    dark = shown.run(picture)
    shown = Shown(browser, page, "light")
    light = shown.run(picture)
    assert light != dark
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    shown.wait(f"return document.querySelector('#tiles canvas').toDataURL() !== '{light}'")
    assert shown.run(picture) == dark
    shown.run("dispatchEvent(new Event('beforeprint'))")
    assert shown.run(picture) == light, "paper is light"
    shown.run("dispatchEvent(new Event('afterprint'))")
    assert shown.run(picture) == dark


def test_a_file_in_the_map_is_as_bad_as_its_worst_function(browser: Any, report: Report) -> None:
    """A class has a limit, and no value to compare with it."""
    shown = Shown(browser, report({"a.py": f"{FAILING}\n\nclass Last:\n    def add(self): pass\n"}))
    assert shown.run("return map.leaves.map((one) => one.weight.entry.name)") == ["decide"]


def test_a_link_opens_a_block(browser: Any, page: Path) -> None:
    """Quoted or not; of `%0A.py` unquoted is the name of a line feed."""
    names = [
        "a.py::decide",
        "pkg/methods.py::K.decide",
        "100%.py::decide",
        "ünï.py::decide",
        "a?b#c.py::decide",
    ]
    shown = Shown(browser, page, fragment="#" + quote("%0A.py::decide"))
    assert is_shown(shown, "%0A.py::decide")
    for block in names:
        for fragment in {quote(block), block}:
            shown.follow(fragment)
            assert is_shown(shown, block), fragment


def is_shown(shown: Shown, block: str) -> bool:
    """Whether a function is shown, with its file and its source."""
    path, _, name = block.partition("::")
    assert is_open(shown) and shown.texts(".source .code")[0].lstrip().startswith("def decide(")
    return shown.text("#view-title") == name and f"{path}:" in shown.text(".about")


def test_a_block_is_shown_with_its_numbers_and_the_points_of_its_lines(browser: Any, page: Path) -> None:
    shown = Shown(browser, page, fragment="#a.py::decide")
    number = """
        const cells = (row) => [...row.cells].map((cell) => cell.textContent);
        return [...document.querySelectorAll("#view .plain tbody tr")].map(cells);
    """
    assert ["cyclomatic_complexity", "3", "<= 2", "violation"] in shown.run(number)
    assert shown.texts(".source .code") == FAILING.rstrip("\n").split("\n")
    assert [text for text in shown.texts(".source .points") if text]


INSIDE = """\
def outer(a):
    def inner(b):
        return 1 if b else 2
    class Local:
        def run(self):
            return 1 if self else 2
    return inner, Local
"""


def test_a_block_says_where_the_points_of_inner_functions_count(browser: Any, report: Report) -> None:
    page, note = report({"a.py": INSIDE}), "cognitive_complexity includes the points of 2 functions inside."
    assert Shown(browser, page, fragment="#a.py::outer").texts("#view .lead")[0] == note
    for name in ("outer.inner", "outer.Local.run"):
        shown = Shown(browser, page, fragment=f"#a.py::{name}")
        assert "counted in outer" in shown.texts("#view .plain td")
        assert note not in shown.texts("#view .lead")


EXPLAINED = {
    "proto.py": " pytest-antipasta explain 'proto.py::constructor' shows it.",
    "a'b.py": """ pytest-antipasta explain 'a'"'"'b.py::constructor' shows it.""",
    "-1.py": " pytest-antipasta explain './-1.py::constructor' shows it.",
    "new\nline.py": "",  # it can't be typed as it is shown
}


def test_a_block_without_its_source_is_shown_with_what_explains_it(browser: Any, report: Report) -> None:
    shown = Shown(browser, report(dict.fromkeys(EXPLAINED, "def constructor(a):\n    return a\n")))
    why = "The source is not in this report because the block is not near a limit."
    for path, expected in EXPLAINED.items():
        shown.follow(quote(f"{path}::constructor"))
        assert shown.texts("#view-body .lead") == [why + expected]


def test_the_state_of_a_file_is_the_worst_that_is_in_it(shown: Shown) -> None:
    states = shown.run("return Object.fromEntries(files.map((file) => [file.path, file.state]))")
    expected = {"pkg/worse.py": "violation", "pkg/same.py": "tolerated", "good.py": "within"}
    assert {path: states[path] for path in expected} == expected
    shown.choose("what", "files")
    shown.choose("state", "within")
    shown.wait("return document.getElementById('files-table').checkVisibility()")
    assert set(shown.cells("state", "files")) == {"within limits"}
    for path, state in {"pkg/worse.py": "violation in a function", "good.py": "within limits"}.items():
        shown.follow(f"#{path}::")
        assert shown.text("#view .about").endswith(f" {state}"), path


def test_a_block_is_opened_and_left_by_keyboard(shown: Shown) -> None:
    selector = '#blocks-table .tabulator-row [tabulator-field="name"] a'
    shown.run("document.querySelector(arguments[0]).focus()", selector)
    shown.press("ENTER")
    shown.wait("return document.getElementById('view').open")
    assert shown.run("return document.activeElement.id") == "view-title"
    assert "::" in shown.run("return location.hash")
    shown.press("ESCAPE")
    shown.wait("return !document.getElementById('view').open")
    assert shown.run("return document.activeElement.matches(arguments[0])", selector)
    assert shown.run("return location.hash") == ""
    shown.browser.back()
    shown.wait("return document.getElementById('view').open")


def test_names_that_would_steer_their_reader_are_spelled_out(browser: Any, page: Path) -> None:
    shown = Shown(browser, page, fragment="#" + quote("rtl\u202egpj.py::"))
    assert shown.text("#view-title") == "rtl\\u202egpj.py"
    shown = Shown(browser, page, fragment="#" + quote("new\nline.py::decide"))
    assert "new\\x0aline.py:1" in shown.text(".about")
    body = shown.run("return document.body.innerText")
    assert not set(body) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200f\x1b")


def test_a_source_that_would_steer_its_reader_is_spelled_out(browser: Any, report: Report) -> None:
    settings = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\n"
    source = "def f(a):\n\tif a:  # \u202e } \u2066 </script>\n\t\treturn '\u200b<b>'\n"
    written = report({"pyproject.toml": settings, "a.py": source})
    lines = Shown(browser, written, fragment="#a.py::f").texts(".source .code")
    assert lines == ["def f(a):", "\tif a:  # \\u202e } \\u2066 </script>", "\t\treturn '\\u200b<b>'"]


def test_what_is_tolerated_and_what_is_not_measured_is_listed(shown: Shown) -> None:
    assert "pkg/suppressed.py" in shown.cells("file.path", "tolerated")
    why, by = (shown.cells(name, "tolerated") for name in ("why", "by"))
    assert {"line 1: as | it is", "antipasta-baseline.json has 3"} <= set(by)
    assert not any(text.startswith(reason) for reason, text in zip(why, by, strict=True))
    files = shown.cells("file.path", "tolerated")
    assert files == sorted(files)
    title = "#tolerated-table .tabulator-col[aria-sort=ascending]"
    assert shown.texts(title) == ["file"], "the order is seen"
    paths = set(shown.cells("file.path", "problems"))
    assert {"bad.py", "lacking.py", "latin.py", "refused.py", "unused.py"} <= paths


def test_what_a_change_did_is_listed(browser: Any, repository: Repository, report: Report) -> None:
    settings = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 2\n"
    write(repository.path, {"pyproject.toml": settings, "a.py": FAILING})
    commit_all(repository.path, "x")
    path = report({"a.py": FAILING.replace("if b", "if a and b"), "b.py": FAILING}, "--diff", "HEAD")
    shown = Shown(browser, path, fragment="#a.py::decide")
    assert shown.cells("change", "changes") == ["added", "modified"], "the order of reading"
    assert shown.cells("metrics.cyclomatic_complexity.delta", "changes") == ["3", "3 → 4 (+1)"]
    worse = "#changes-table [tabulator-field='metrics.cyclomatic_complexity.delta'] .worse"
    assert shown.texts(worse) == ["3", "3 → 4 (+1)"], "what is new and over its limit is as red"
    assert shown.texts("#changes-table [tabulator-field=previous]") == []
    points, first = shown.texts("#changes-list li")
    assert points.startswith("Complexity added and removed: ")
    assert first.startswith("Read these first: decide (new, cyclomatic 3, cognitive 3); decide (cyclo")
    assert shown.run("return document.querySelector('#changes-list a').hash") == "#b.py::decide"
    assert "modified; cyclomatic_complexity 3 → 4 (+1)" in shown.text("#view-body")
    assert "existing ones: 1 worse." in shown.text("#changes-lead")
    assert shown.text("#order") == "what the change added most to first"
    assert shown.run("return document.querySelector('#worst .edits').textContent") == "new"
    assert "3 → 4/2" in shown.texts("#worst li")[1]
    assert browser.get_log("browser") == []


def test_a_limit_that_a_change_replaces_is_shown(
    browser: Any, repository: Repository, report: Report
) -> None:
    """A function moves to where its limit is lower, and no number changes."""
    settings = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 2\n"
    settings += '[[tool.pytest-antipasta.overrides]]\nfiles = ["old/"]\n'
    settings += "thresholds = { cyclomatic_complexity = 20 }\n"
    write(repository.path, {"pyproject.toml": settings, "old/a.py": FAILING})
    commit_all(repository.path, "x")
    repository.git("mv", "old/a.py", "a.py")
    path, limits = report({}, "--diff", "HEAD"), "limit 20 → 2"
    assert f"cyclomatic 3 ({limits})" in path.read_text(), "without scripts, too"
    shown = Shown(browser, path, fragment="#a.py::decide")
    assert f"violation {limits}" in shown.texts("#view .plain td")
    assert "The change: moved from old/a.py::decide." in shown.texts("#view-body p")
    assert shown.texts("#worst .limits") == [limits]
    assert shown.run("return document.getElementById('changes').hidden"), "no function changed"


def test_what_a_change_does_not_touch_is_not_near_its_limit(
    browser: Any, repository: Repository, report: Report
) -> None:
    """Nor is a number that got worse "not worse", nor a block gone whose name another one has."""
    settings = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 2\n"
    settings += 'maintainability_index = { limit = 99, level = "error" }\n'
    other = "def other(x):\n    for a in x:\n        while a: a -= 1\n    return sum(x)\n"
    write(repository.path, {"pyproject.toml": settings, "b.py": f"{function(5)}\n\n{PASSING}"})
    write(repository.path, {"a.py": f"{function(4, 'f')}\n\n{other}"})
    commit_all(repository.path, "x")
    # `f` goes, and `other` gets its name; of b.py another function is changed.
    after = {"a.py": other.replace("other", "f"), "b.py": f"{function(5)}\n\n{PASSING}x = 1\ny = x\n"}
    path = report(after, "--diff", "HEAD")
    shown = Shown(browser, path, fragment="#b.py::f")
    assert shown.text("#view .about .chip") == "already over"
    assert find_clipped(shown, "#blocks-table .tabulator-cell:has(.chip)") == []
    assert "near a limit" not in shown.text("#view-body")
    whys = dict(zip(shown.cells("metric", "tolerated"), shown.cells("why", "tolerated"), strict=True))
    assert whys["maintainability_index"] == "already over the limit"
    assert set(shown.cells("change", "changes")) == {"deleted", "renamed"}
    assert "other" in shown.cells("previous", "changes")
    assert "0 violations by this change; 2 over the limit" in shown.texts("#distribution figcaption > span")
    shown = Shown(browser, path, fragment="#a.py::f")
    assert "The change: renamed from other;" in shown.text("#view-body")


def test_a_figure_about_files_counts_the_numbers_of_files(browser: Any, report: Report) -> None:
    limit = 'halstead_volume = { limit = 1, block_limit = 1, level = "warning" }'
    settings = f"[tool.pytest-antipasta.thresholds]\n{limit}\n"
    files = {"pyproject.toml": settings, "a.py": f"{function(5)}\n\n{function(5, 'g')}"}
    shown = Shown(browser, report(files))
    assert shown.text("#verdict").startswith("No violations")
    (figure,) = (text for text in shown.texts("figure figcaption") if text.startswith("halstead_volume"))
    assert "1 file:" in figure and figure.endswith("1 warning")
    assert shown.texts("figcaption > .warned") == ["1 warning"]
    # What warns has the colour of a warning, here in the table of functions.
    assert len(shown.texts("#blocks-table .tabulator-cell > .warned")) == 2
    assert shown.texts("#blocks-table .tabulator-cell > .over") == []


def test_a_bar_has_the_share_that_is_over_a_limit(browser: Any, report: Report) -> None:
    """Tests have no cyclomatic limit, and are as far beyond the line."""
    files = {"a.py": function(12), "tests/test_a.py": function(12, "test_f"), "b.py": function(1)}
    shown = Shown(browser, report({"pyproject.toml": "[tool.pytest-antipasta]\n", **files}))
    find = "[...arguments[0].querySelectorAll('.bar')]"
    read = f"return {find}.map((one) => [one.classList[1], one.height.baseVal.value])"
    (one, (_, within), (kind, over)) = shown.run(read, shown.find("figure"))
    assert (kind, over) == ("over", within)
    assert one[1] < within + over, "of two functions"


def test_cells_of_notebooks_are_not_counted_as_functions(browser: Any, report: Report) -> None:
    settings = "[tool.pytest-antipasta]\nnotebooks = true\n"
    shown = Shown(browser, report({"pyproject.toml": settings, "a.ipynb": make_notebook(PASSING, "x = 1")}))
    assert shown.texts("#cards li")[1:3] == ["1 function", "2 cells"]
    assert shown.text("#count") == "3 blocks"
    assert shown.text("#distribution figcaption > span").startswith("3 blocks: ")
    shown.find("#cards a[href$=cell]").click()
    shown.wait("return document.getElementById('count').textContent === '2 of 3 blocks'")
    assert shown.cells("kind") == ["cell"] * 2


@pytest.mark.parametrize("limit", [1, 10_000])
def test_the_labels_of_a_figure_are_apart(browser: Any, report: Report, limit: int) -> None:
    settings = f"[tool.pytest-antipasta.thresholds]\nhalstead_effort = {limit}\n"
    shown = Shown(browser, report({"pyproject.toml": settings, "a.py": "z = w * x + y - 1\n"}))
    places = shown.run("""
        const texts = [...document.querySelectorAll("figure:last-child svg text")];
        const boxes = texts.map((one) => one.getBoundingClientRect()).sort((a, b) => a.left - b.left);
        return boxes.map(({ left, right }) => [left, right]);
    """)
    assert len(places) == (2 if limit == 1 else 3)
    assert all(right + 5 < left for (_, right), (left, _) in pairwise(places))


def test_a_view_is_printed_alone_and_as_a_whole(browser: Any, report: Report) -> None:
    shown = Shown(browser, report({"a.py": function(80)}), fragment="#a.py::f")
    view = "const view = document.getElementById('view'); "
    assert shown.run(view + "return view.scrollHeight > view.clientHeight")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert shown.run(view + "return view.scrollHeight === view.clientHeight")
        assert not any(shown.find(selector).is_displayed() for selector in ("main", "footer", "#close"))
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_narrowest_page_does_not_scroll_sideways(browser: Any, page: Path) -> None:
    shown = Shown(browser, page)
    size = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert shown.run("return document.documentElement.scrollWidth") == 320


def test_names_in_a_file_have_room_on_a_phone(browser: Any, report: Report) -> None:
    code = f"class Basket:\n{indent(function(11, 'discount'), '    ')}\n"
    shown = Shown(browser, report({"a.py": code}), fragment="#a.py::")
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert shown.text("#view .blocks a") == "Basket.discount"
    height = "return document.querySelector('#view .blocks a').getBoundingClientRect().height"
    assert shown.run(height) < 50, "in two lines, broken behind the dot"


def test_a_file_without_functions_has_no_table_of_them(browser: Any, report: Report) -> None:
    shown = Shown(browser, report({"a.py": "x = 1\n"}), fragment="#a.py::")
    assert shown.text("#view-body").endswith("No functions or classes.")
    assert not shown.texts("#view .blocks")


def test_without_scripts_the_first_ten_are_there_and_no_controls(browser: Any, report: Report) -> None:
    files = {f"m{number:02}.py": function(11 + number) for number in range(12)}
    path = report({"pyproject.toml": FEW_LIMITS, **files})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(path.as_uri())
        shown = [
            one
            for one in browser.find_elements("css selector", "main > *, button, nav")
            if one.is_displayed()
        ]
        said = browser.find_element("css selector", "body").text
        line, text = (browser.find_element("css selector", f"#worst li{part}") for part in ("", " span"))
        assert text.size["width"] > line.size["width"] / 2, "a text has the room that bars would have"
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert [one.get_attribute("id") or one.tag_name for one in shown] == ["summary", "first"]
    assert "12 functions are over a limit, in 12 files" in said and "This page needs JavaScript" not in said
    assert said.count("(must be <= 10)") == 10
    assert "m11.py:1" in said and "m01.py:1" not in said


def test_what_to_fix_first_is_above_the_fold(browser: Any, report: Report) -> None:
    files = {f"pkg/m{number:02}.py": f"x = 1\n{function(11 + number % 6)}\n" for number in range(12)}
    files["pkg/m03.py"] = f"{function(14)}\n\n{function(14, 'longer')}    # one more line\n    a += 1\n"
    path = report({"pyproject.toml": FEW_LIMITS, "good.py": PASSING, **files})
    for width, height, least in ((1440, 900, 10), (390, 844, 5)):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        shown = Shown(browser, path)
        ends = shown.run("""
            const lines = [...document.querySelectorAll("#worst li")];
            return lines.map((one) => one.getBoundingClientRect().bottom);
        """)
        assert sum(end <= height for end in ends) >= least, width
        assert shown.run("return document.documentElement.scrollWidth <= innerWidth"), width
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    # The worst first; of equal ones the more complex and longer.
    assert shown.texts("#worst a")[:2] == ["f", "f"]
    assert shown.texts("#worst .place")[:3] == ["pkg/m05.py:2", "pkg/m11.py:2", "pkg/m04.py:2"]
    assert shown.texts("#worst li:first-child .beside") == ["cyclomatic16/10", "cognitive15/15"]
    assert shown.text("#worst-rest") == "The worst of 13 functions with violations."
    shown.find("#worst-rest a").click()
    shown.wait("return document.getElementById('count').textContent.startsWith('13 of')")
    assert set(shown.cells("state")) == {"violation"}


def test_the_table_begins_with_what_fails_in_the_order_of_all_reports(browser: Any, report: Report) -> None:
    functions = f"{function(14, 'short')}\n\n{function(14, 'longer')}    # one more line\n    a += 1\n"
    shown = Shown(browser, report({"pyproject.toml": FEW_LIMITS, "a.py": functions}))
    assert shown.cells("name") == shown.texts("#worst a") == ["longer", "short"]


def test_the_number_of_violations_leads_to_them(shown: Shown) -> None:
    assert not any(text.startswith("0 ") for text in shown.texts("#cards li"))
    shown.find("#cards .bad a").click()
    shown.wait("return document.getElementById('state').value === 'violation'")
    assert set(shown.cells("state")) == {"violation"}
    shown.browser.back()
    shown.wait("return document.getElementById('state').value === ''")


def test_the_number_of_warnings_leads_to_all_of_them(browser: Any, report: Report) -> None:
    """A file with a violation has its warnings, too."""
    limit = 'maintainability_index = { limit = 99, level = "warning" }'
    settings = f"[tool.pytest-antipasta.thresholds]\n{limit}\n"
    files = {
        "pyproject.toml": settings,
        "fails.py": function(12),
        "warns.py": function(8),
        "passes.py": "x = 1\n",
    }
    shown = Shown(browser, report(files))
    assert "2 warnings" in shown.texts("#cards li")
    shown.find("#cards a[href$=warning]").click()
    shown.wait("return document.getElementById('count').textContent === '2 of 3 files'")
    assert dict(zip(shown.cells("id", "files"), shown.cells("state", "files"), strict=True)) == {
        "fails.py": "violation",
        "warns.py": "warning",
    }


def test_what_is_chosen_is_in_the_address(browser: Any, page: Path, shown: Shown) -> None:
    """So that Back undoes it, and the address opens the page as it was."""
    shown.choose("state", "tolerated")
    shown.find("#find").send_keys("pkg")
    shown.wait("return location.hash === '#blocks?state=tolerated&find=pkg'")
    shown.choose("metric", "lines_of_code")
    shown.wait("return location.hash.includes('metric=lines_of_code')")
    shown.run("document.querySelector('#tiles button[aria-label^=\"pkg/\"]').focus()")
    shown.press("ENTER")
    shown.wait("return location.hash.includes('at=pkg')")
    address, before = shown.run("return location.hash"), shown.cells("name")
    other = Shown(browser, page, fragment=address)
    assert other.run("return [byId('state').value, byId('find').value, byId('metric').value]") == [
        "tolerated",
        "pkg",
        "lines_of_code",
    ]
    assert other.cells("name") == before
    assert other.texts("#crumbs li") == ["all", "pkg"]
    assert abs(other.run("return document.getElementById('map').getBoundingClientRect().top")) < 100


def test_back_undoes_what_was_chosen(shown: Shown) -> None:
    shown.find("#find").send_keys("methods")
    shown.wait("return location.hash === '#blocks?find=methods'")
    shown.run("document.querySelector('#tiles button[aria-label^=\"pkg/\"]').focus()")
    shown.press("ENTER")
    shown.browser.back()
    shown.wait("return document.querySelectorAll('#crumbs li').length === 1")
    assert shown.run("return byId('find').value") == "methods"
    shown.browser.back()
    shown.wait("return byId('find').value === ''")
    assert " of " not in shown.text("#count")


def test_a_link_to_a_part_shows_it(browser: Any, page: Path) -> None:
    place = """
        const { top } = byId(arguments[0]).getBoundingClientRect(), root = document.documentElement;
        return [top, root.scrollHeight - root.scrollTop - innerHeight];
    """
    for section in ("blocks", "map", "distribution", "problems", "tolerated", "first"):
        shown = Shown(browser, page, fragment=f"#{section}")
        top, left = shown.run(place, section)
        assert 0 <= top < 100 or left < 2, section
        assert not is_open(shown)


def test_a_link_to_nothing_says_so(browser: Any, page: Path) -> None:
    shown = Shown(browser, page, fragment="#nothing")
    assert shown.text("#view-title") == "nothing"
    for name in ("a.py::gone", "gone.py::", "<b>::\u202e"):
        shown.follow(quote(name))
        assert is_open(shown)
        assert shown.text("#view-title") == name.replace("\u202e", "\\u202e")
        assert shown.text("#view-body").startswith("Nothing here has that name.")
    shown.press("ESCAPE")
    shown.wait("return !document.getElementById('view').open")
    assert shown.run("return location.hash") == ""


DOCUMENTED = '''\
def f(a: int = 1) -> str:
    """Say what it does.

    Then more
    of it, with "quotes" and # no comment.
    """
    if a:  # a comment with 'quotes
        return f"{a}" + 'it\\'s'
    return """two
    lines"""
'''


def test_a_source_is_coloured(browser: Any, report: Report) -> None:
    settings = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 1\n"
    written = report({"pyproject.toml": settings, "a.py": DOCUMENTED})
    shown = Shown(browser, written, fragment="#a.py::f")
    assert shown.texts(".source .code") == DOCUMENTED.rstrip("\n").split("\n")
    assert shown.texts(".code .keyword") == ["def", "if", "return", "return"]
    assert shown.texts(".code .comment") == ["# a comment with 'quotes"]
    assert shown.texts(".code .string")[-4:] == ['f"{a}"', "'it\\'s'", '"""two', '    lines"""']
    assert shown.texts("#view details summary") == [shown.text("#view summary")]
    assert shown.text("#view summary").endswith(" values without a limit")


def test_from_the_view_one_goes_to_the_next_and_copies_the_path(browser: Any, report: Report) -> None:
    nested = "        if b:\n            if a:\n                if b > 1:\n                    b()\n"
    settings = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 2\ncognitive_complexity = 3\n"
    files = {"b.py": function(4), "a.py": function(9), "c.py": f"def g(a):\n    for b in a:\n{nested}"}
    shown = Shown(browser, report({"pyproject.toml": settings, **files}), fragment="#a.py::f")
    assert shown.run("return byId('previous').hidden && !byId('next').hidden")
    assert shown.run("return byId('copy').dataset.text") == "a.py:1"
    shown.find("#copy").click()
    shown.wait("return byId('copy').textContent === 'Copied'")
    shown.find("#next").click()
    shown.wait("return byId('view-title').textContent === 'g'")
    assert shown.texts("#view .advice li")[0].startswith("cyclomatic_complexity: ")
    assert "c.py:1" in shown.texts("#worst .place")
    shown.browser.back()
    shown.wait("return byId('view-title').textContent === 'f'")


@pytest.mark.parametrize("width", [390, 1000])
def test_three_values_over_their_limits_have_room(browser: Any, report: Report, width: int) -> None:
    limits = "cyclomatic_complexity = 2\ncognitive_complexity = 2\nmccabe_complexity = 2\n"
    path = report({"pyproject.toml": FEW_LIMITS + limits, "a.py": function(1234)})
    shown = show_sized(browser, path, size={**PHONE, "width": width})
    ends = """
        const parts = [...document.querySelectorAll("#worst li:first-child .beside > span")];
        return parts.map((one) => one.getBoundingClientRect().right);
    """
    assert len(shown.texts("#worst .beside")) == 3
    assert max(shown.run(ends)) <= shown.run("return byId('worst').getBoundingClientRect().right")


PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


def show_sized(browser: Any, path: Path, fragment: str = "", size: Mapping[str, object] = PHONE) -> Shown:
    """Open a page in a window of another size, by default that of a phone."""
    shown = Shown(browser, path, fragment=fragment)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.refresh()
    shown.wait(shown.READY)
    return shown


def test_a_phone_shows_all_links_and_the_values_beside_the_names(browser: Any, page: Path) -> None:
    shown = show_sized(browser, page)
    ends = (
        "return [...document.querySelectorAll('.top nav a')].map((one) => one.getBoundingClientRect().right)"
    )
    assert 0 < max(shown.run(ends)) <= PHONE["width"]
    titles = """
        return [...document.querySelectorAll("#blocks-table .tabulator-col")].map(
          (one) => [one.getAttribute("tabulator-field"), one.getBoundingClientRect().right]);
    """
    fields, rights = zip(*shown.run(titles), strict=True)
    assert fields[:4] == ("name", "numbers.0", "numbers.1", "state")
    assert not {"kind", "lines"} & set(fields)
    assert rights[2] <= PHONE["width"]
    shown.choose("what", "files")
    shown.wait("return document.querySelector('#files-table .tabulator-row a')")
    assert [text for text in find_clipped(shown, "#files-table .path") if len(text) <= 20] == []
    assert browser.get_log("browser") == []


@pytest.fixture
def planned(repository: Repository, report: Report) -> tuple[Path, str]:
    """A report with a plan for a function with a long name, and that function's fragment."""
    name = f"a_function_{'with_a_name_that_no_line_has_room_for_' * 2}"
    write(repository.path, {"pyproject.toml": LIMIT, "pkg/a.py": NESTED.format(name=name)})
    commit_all(repository.path, "x")
    return report({}), f"#pkg/a.py::{name}"


def test_what_is_to_be_fixed_has_the_result_of_its_plan_and_copies_the_command(
    browser: Any, planned: tuple[Path, str]
) -> None:
    path, fragment = planned
    for shown in (Shown(browser, path), show_sized(browser, path)):
        assert shown.texts("#worst .plan > span") == ["→ cognitive 4 in 1 step, proven equivalent"]
        assert find_clipped(shown, "#worst .plan, #worst .plan > *, #worst .path") == []
        assert find_clipped(shown, "#blocks-table .path:has(a)") == [fragment.partition("::")[2]]
        hidden = """
            const name = document.querySelector("#blocks-table .path:has(a)");
            const [own, text] = [name, name.firstChild].map((one) => one.getBoundingClientRect());
            return [text.left < own.left, text.right > own.right + 1];
        """
        assert shown.run(hidden) == [True, False], "a long name loses its beginning"
        shown.run("navigator.clipboard.writeText = (text) => { window.copied = text; }")
        shown.find("#worst .plan button").click()
        shown.wait("return document.querySelector('#worst .plan button').textContent === 'Copied'")
        assert shown.run("return window.copied") == f"pytest-antipasta fix {fragment[1:]}"


@pytest.mark.parametrize("fragment", [None, "#pkg/a.py::"])
def test_the_view_fits_a_phone(browser: Any, planned: tuple[Path, str], fragment: str | None) -> None:
    path, function = planned
    shown = show_sized(browser, path, fragment or function)
    assert find_clipped(shown, "#view, #view .plain :is(th, td), #view code") == []
    lines = """
        const range = new Range();
        return [...document.querySelectorAll("#view .plain thead th")].flatMap((one) => {
          range.selectNodeContents(one);
          const isWord = one.offsetWidth && /^[a-z]+$/.test(one.textContent);
          return isWord ? [new Set([...range.getClientRects()].map((box) => box.top)).size] : [];
        });
    """
    assert set(shown.run(lines)) == {1}, "no word is broken"
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("fragment", ["", "#pkg/twice.py::", "#pkg/suppressed.py::decide"])
def test_axe_finds_nothing(browser: Any, page: Path, fragment: str) -> None:
    assert find_barriers(Shown(browser, page, "light", fragment)) == []
    in_dark = Shown(browser, page, "dark", fragment)  # where only colours differ
    assert find_barriers(in_dark, "color-contrast", "link-in-text-block") == []


def test_nothing_at_all_is_a_page_too(browser: Any, report: Report) -> None:
    shown = Shown(browser, report({}))
    assert shown.text("#verdict") == "Nothing was checked"
    assert shown.run("return byId('verdict').className") == ""
    assert shown.texts("#cards li") == []
    parts = "return [...document.querySelectorAll('main > section')]"
    assert shown.run(f"{parts}.filter((one) => one.offsetHeight).map((one) => one.id)") == ["summary"]
    assert browser.get_log("browser") == []
    if find_axe():
        assert find_barriers(shown) == []
