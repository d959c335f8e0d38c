"""The HTML report without a browser: its data, its sources, and that nothing of the tree is markup."""

from __future__ import annotations

import json
import math
import re
import sys
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser
from itertools import chain, product
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.messages import make_printable
from pytest_antipasta.metrics.explanation import explain
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import FileMetrics, Measurement, number_getter
from pytest_antipasta.report.formats.html_page import sources
from pytest_antipasta.report.formats.html_page.assembly import SCRIPTS, STYLES
from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING
from tests.report.conftest import write, write_report, write_reports, write_trend_page
from tests.report.making import write_as
from tests.report.reading import read_page
from tests.trend.conftest import Past, function
from tests.windows import NOT_ON_WINDOWS, decode_name

FOLDER = Path(sources.__file__).parent
NOT_UTF8 = decode_name(b"caf\xe9.py")
LOW = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 2\nmaintainability_index = false\n"
HOSTILE_SOURCE = '''\
def f(a, b):
    """</script><script>alert(1)</script> <!-- <script> ]]> &lt; \u202e\u2066 \u2028 \x0b"""
    if a and b:
        return "\U000e0041 '\\""
    return 2
'''


class Elements(HTMLParser):
    """The elements of a page, in their order, with the text that is in scripts and styles."""

    def __init__(self, page: bytes) -> None:
        """Read them."""
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one."""
        self.found.append((tag, tuple(attrs)))
        if tag in self.texts:
            self._inside = tag
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of one."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Note text."""
        if self._inside:
            self.texts[self._inside][-1] += data


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose functions with three branches are over their limit."""
    write(tmp_path / "project", {"pyproject.toml": LOW, "a.py": FAILING, "good.py": PASSING})
    return tmp_path / "project"


def report(folder: Path, *args: str) -> dict[str, Any]:
    """Return the data of a folder's page."""
    return read_page(write_report("html", folder, *args))


def find_file(page: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return what the data has of a file."""
    (file,) = (one for one in page["files"] if one["path"] == path)
    found: dict[str, Any] = file
    return found


@pytest.fixture(params=["check", "trend", "life"])
def page(
    request: pytest.FixtureRequest, reports: dict[str, bytes], trend_page: bytes, life_page: bytes
) -> bytes:
    """Each of the pages, with names of all kinds in it."""
    return {"check": reports["html"], "trend": trend_page, "life": life_page}[request.param]


def test_nothing_of_the_tree_is_markup(reports: dict[str, bytes], project: Path) -> None:
    """Names and sources of any kind leave the page with the elements that it has without any file."""
    write(project, {"a.py": HOSTILE_SOURCE})
    (project.parent / "empty").mkdir()
    nothing, _ = split_opening(write_report("html", project.parent / "empty"))
    for page in (reports["html"], write_report("html", project)):
        rest, first = split_opening(page)
        assert Elements(rest).found == Elements(nothing).found
        assert {tag for tag, attributes in Elements(first).found} == {"li", "span", "b", "br"}
        assert {attributes for _, attributes in Elements(first).found} == {()}


def split_opening(page: bytes) -> tuple[bytes, bytes]:
    """Return a page without remarks, state of its verdict and what to fix first, and what to fix first."""
    head, start, rest = page.partition(b'<ol id="worst" class="worst">')
    first, _, rest = rest.partition(b"</ol>")
    head = re.sub(rb'(id="verdict" class=)"\w*"', rb'\1""', head).replace(
        b'"first-title" hidden', b'"first-title"'
    )
    head = re.sub(rb'(id="remarks" class="remarks">).*?(?=</ul>)', rb"\1", head)
    return head + start + b"</ol>" + rest, first


def test_nothing_of_a_history_is_markup(trend_page: bytes, tmp_path: Path) -> None:
    past = Past(tmp_path / "plain")
    past.record({"a.py": PASSING})
    assert Elements(trend_page).found == Elements(write_trend_page(past.path)).found
    data = trend_page[trend_page.index(b'id="data">') + 10 :].partition(b"</script>")[0]
    assert b"<" not in data
    assert data.decode().replace("\n", "").isprintable()


def test_nothing_of_a_life_is_markup(history: Past, tmp_path: Path) -> None:
    past = Past(tmp_path / "plain")
    past.record({"a.py": PASSING})
    name = PASSING.removeprefix("def ").partition("(")[0]
    page = write_trend_page(history.path, "a.py::f")
    assert Elements(page).found == Elements(write_trend_page(past.path, f"a.py::{name}")).found
    data = page[page.index(b'id="data">') + 10 :].partition(b"</script>")[0]
    assert (b"<" in data, b"\\u003c/script" in data) == (False, True)
    assert data.decode().replace("\n", "").isprintable()


def test_the_data_neither_ends_its_script_nor_steers_who_reads_it(project: Path) -> None:
    write(project, {"a.py": HOSTILE_SOURCE})
    page = write_report("html", project)
    start = page.index(b'id="data">') + len(b'id="data">')
    block = page[start : page.index(b"</script>", start)]
    assert b"<" not in block
    text = block.decode()
    assert text.replace("\n", "").isprintable()
    source = find_file(json.loads(text), "a.py")["sources"]["f"]
    assert source["text"] == HOSTILE_SOURCE.removesuffix("\n")


def test_the_policy_lets_the_programs_of_the_page_run_and_nothing_else(page: bytes) -> None:
    elements = Elements(page)
    policy = dict(
        next(attrs for tag, attrs in elements.found if ("http-equiv", "Content-Security-Policy") in attrs)
    )
    parts = dict(part.split(" ", 1) for part in str(policy["content"]).split("; "))
    assert parts.pop("default-src") == parts.pop("base-uri") == parts.pop("form-action") == "'none'"
    for kind, texts in (("script-src", elements.texts["script"][1:]), ("style-src", elements.texts["style"])):
        hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in texts]
        assert parts.pop(kind) == " ".join(f"'sha256-{one}'" for one in hashes)
    assert not parts


def test_nothing_is_loaded_from_anywhere(page: bytes) -> None:
    loading = {"src", "srcset", "data", "poster", "background", "action"}
    for tag, attrs in Elements(page).found:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert not loading & {name for name, _ in attrs}
        assert all((value or "").startswith("#") for name, value in attrs if name == "href")


def test_the_programs_have_nothing_that_makes_markup_of_text() -> None:
    own = {name for names in SCRIPTS.values() for name in names if not name.startswith("vendor/")}
    assert own == {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js")} - {
        f"vendor/{path.name}" for path in (FOLDER / "vendor").iterdir()
    }
    for name in own:
        text = (FOLDER / name).read_text(encoding="utf-8")
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
        ):
            assert way not in text, name


def test_the_programs_escape_what_texts_escape() -> None:
    program = (FOLDER / "dom.js").read_text(encoding="utf-8")
    found = re.search(r"const ODD =\s*/(\[.*\])/gu;", program)
    assert found is not None
    odd = re.compile(re.sub(r"\\u\{(\w+)\}", lambda match: f"\\U{match[1]:>08}", found[1]))
    chars = list(map(chr, range(sys.maxunicode + 1)))
    assert [char for char in chars if odd.match(char)] == [
        char for char in chars if make_printable(char) != char
    ]


def test_the_programs_spread_no_numbers_into_arguments() -> None:
    """Chromium's stack has room for some 120,000 of them, and the trend of a large tree has more files."""
    for name in chain(*SCRIPTS.values()):
        if not name.startswith("vendor/"):
            text = (FOLDER / name).read_text(encoding="utf-8")
            assert not re.search(r"Math\.(max|min)\([^)]*\.\.\.", text), name


def test_the_libraries_are_those_that_are_named(page: bytes) -> None:
    """Unmodified, from the packages that are named, and with their licences in the page."""
    named = json.loads((FOLDER / "vendor/versions.json").read_text(encoding="utf-8"))
    files = {file: digest for library in named for file, digest in library["sha256"].items()}
    there = {path.name for path in (FOLDER / "vendor").iterdir()} - {"versions.json"}
    assert files.keys() == there
    for name, digest in files.items():
        assert sha256((FOLDER / "vendor" / name).read_bytes()).hexdigest() == digest, name
    used = {
        name.removeprefix("vendor/")
        for name in (*STYLES, *chain(*SCRIPTS.values()))
        if name.startswith("vendor/")
    }
    assert used <= there
    for library in named:
        assert f"/{library['package']}/-/" in library["source"] and library["version"] in library["source"]
        assert library["notice"].encode() in page


def test_blocks_and_files_have_their_numbers(project: Path) -> None:
    page = report(project)
    file, measured = find_file(page, "a.py"), measure(FAILING.encode())
    assert file["numbers"] == [
        None if (value := number_getter(name)(measured.metrics)) is None else round(value, 4)
        for name in page["file_metrics"]
    ]
    (block,), (row,) = measured.blocks, file["blocks"]
    assert row[:4] == [block.qualified_name, block.kind, block.line, block.end_line]
    numbers = [number_getter(name)(block) for name in page["block_metrics"]]
    assert row[4 : 4 + len(numbers)] == [None if value is None else round(value, 4) for value in numbers]


# A limit of cyclomatic complexity, a function before and after a change, and what is said of it.
CHANGED = [
    (10, "<=", 4, 8, 0.8, "near", "worse"),
    (10, "<", 12, 10, 1.0, "over", "better"),
    (4, ">=", 6, 4, 1.0, "near", "worse"),
    (4, ">", 2, 3, 1.25, "over", "better"),
    (5, "==", 9, 6, 1.2, "over", "better"),
    (5, "==", 6, 5, 1.0, "within", "better"),
    (5, "==", 4, 2, 1.6, "over", "worse"),
    (5, "!=", 6, 9, 0.0, "within", "better"),
    (5, "!=", 9, 5, 1.0, "over", "worse"),
    (0, "<=", 2, 1, math.inf, "over", "better"),
]


def test_what_is_worse_near_and_over_comes_with_the_data(repository: Repository) -> None:
    settings, old, new = "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = false\n", {}, {}
    for number, (limit, comparison, before, after, *_) in enumerate(CHANGED):
        table = f'thresholds.cyclomatic_complexity = {{ limit = {limit}, comparison = "{comparison}" }}\n'
        settings += f'[[tool.pytest-antipasta.overrides]]\nfiles = ["{number}.py"]\n{table}'
        old[f"{number}.py"], new[f"{number}.py"] = (function(size, value=number) for size in (before, after))
    write(repository.path, {"pyproject.toml": settings, **old})
    commit_all(repository.path, "x")
    write(repository.path, new)
    page = read_page(write_report("html", repository.path, "--diff", "HEAD"))
    changes = {one["path"]: one for one in page["changes"]}
    place = page["judged"]["block"].index("cyclomatic_complexity")
    for path, expected in zip(new, CHANGED, strict=True):
        *_, ratio, state, effect = expected
        change = changes[path]
        assert (change["effect"], change["metrics"]["cyclomatic_complexity"]["effect"]) == (effect, effect)
        row: list[Any] = find_file(page, path)["blocks"][0]
        ratios, steps = row[-2:] if isinstance(row[-1], str) else (row[-1], "0")
        assert (ratios[place], page["steps"][int(steps[place])]["state"]) == (ratio, state), expected


def make_flat(branches: int) -> str:
    """Return a function with branches that are not nested."""
    return "def f(a):\n" + "    if a: a += 1\n" * branches + "    return a\n\n\n"


FULFILS = {"<=": le, "<": lt, ">=": ge, ">": gt, "==": eq, "!=": ne}


def test_what_is_over_is_what_does_not_fulfil_its_limit(tmp_path: Path) -> None:
    """Some 2,000 values of two metrics, by all comparisons, with limits of 0."""
    rng, settings, files, expected = Random(7), "", {}, []
    for number, (comparison, limit) in enumerate(product(FULFILS, (0, 1, 4, 9))):
        threshold = f'{{ limit = {limit}, comparison = "{comparison}" }}'
        limits = f"{{ cyclomatic_complexity = {threshold}, cognitive_complexity = {threshold} }}"
        settings += f'[[tool.pytest-antipasta.overrides]]\nfiles = ["{number}.py"]\nthresholds = {limits}\n'
        branches = [rng.randint(0, 11) for _ in range(42)]
        files[f"{number}.py"] = "".join(map(make_flat, branches))
        fulfils = FULFILS[comparison]
        expected += [(fulfils(found + 1, limit), fulfils(found, limit)) for found in branches]
    write(tmp_path / "all", {"pyproject.toml": settings, **files})
    page = report(tmp_path / "all")
    places = [page["judged"]["block"].index(f"{name}_complexity") for name in ("cyclomatic", "cognitive")]
    rows = [row for number in range(len(files)) for row in find_file(page, f"{number}.py")["blocks"]]
    digits = [row[-1] if isinstance(row[-1], str) else "0" * 9 for row in rows]
    states = [step["state"] for step in page["steps"]]
    assert [tuple(states[int(steps[place])] != "over" for place in places) for steps in digits] == expected


def test_a_number_without_a_limit_has_no_ratio(project: Path) -> None:
    unlimited = 'files = ["b/"]\nthresholds = { cyclomatic_complexity = false }\n'
    settings = f"{LOW}[[tool.pytest-antipasta.overrides]]\n{unlimited}"
    write(project, {"pyproject.toml": settings, "b/a.py": FAILING})
    page = report(project)
    place = page["judged"]["block"].index("cyclomatic_complexity")
    *_, ratios = find_file(page, "b/a.py")["blocks"][0]
    assert ratios[place] is None


def test_each_path_has_its_own_limits(project: Path) -> None:
    overrides = (
        '[[tool.pytest-antipasta.overrides]]\nfiles = ["b/"]\nthresholds = { cyclomatic_complexity = 7 }\n'
    )
    write(project, {"pyproject.toml": LOW + overrides, "b/a.py": FAILING})
    page = report(project)

    def limit(path: str) -> object:
        return page["limits"][find_file(page, path)["limits"]]["block"]["cyclomatic_complexity"]["limit"]

    assert (limit("a.py"), limit("good.py"), limit("b/a.py")) == (2, 2, 7)
    assert "maintainability_index" not in page["limits"][0]["file"]


def test_what_is_tolerated_says_by_what(reports: dict[str, bytes]) -> None:
    page = read_page(reports["html"])
    (suppressed,) = (
        one for one in find_file(page, "pkg/suppressed.py")["tolerated"] if one["why"] == "suppressed"
    )
    assert suppressed["by"] == "line 1: as | it is"
    recorded = find_file(page, "pkg/same.py")["tolerated"]
    assert {(one["why"], one["by"]) for one in recorded} >= {("baseline", "antipasta-baseline.json has 3")}


def test_what_fails_has_the_order_of_what_to_fix_first(project: Path) -> None:
    """A value that only warns does not bring a function forward, however far it is over its limit."""
    limits = "cyclomatic_complexity = 2\ncognitive_complexity = { limit = 1, level = 'warning' }\n"
    nested = "def f(a):\n    for b in a:\n        while b:\n            if b > a: b = 1\n"
    settings = f"[tool.pytest-antipasta.thresholds]\n{limits}"
    write(project, {"pyproject.toml": settings, "a.py": nested, "b.py": function(5)})
    page = report(project)
    assert page["failing"] == [item["id"] for item in page["first"]] == ["b.py::f", "a.py::f"]


def test_what_tells_times_is_left_out(reports: dict[str, bytes]) -> None:
    assert read_page(reports["html"])["run"].keys() == {"change", "limits"}


@pytest.mark.parametrize(
    ("run", "remarks"),
    [
        ({}, "No source files found: check `paths`, `include` and `exclude` in the settings."),
        ({"stopped": "<b>"}, "Files are missing because the run was stopped early: &lt;b&gt;"),
        ({"narrowed_by": ["-k x"], "total": 7}, "Narrowed by -k x to 0 of 7 files."),
        (
            {"stopped": "x", "narrowed_by": ["a", "<b>", "c", "d", "e"], "total": 7},
            "Files are missing because the run was stopped early: x</li>"
            "<li>Narrowed by a, &lt;b&gt;, c and 2 more to 0 of 7 files.",
        ),
    ],
)
def test_what_makes_less_of_a_report_needs_no_scripts(run: dict[str, Any], remarks: str) -> None:
    assert f'class="remarks"><li>{remarks}</li></ul>'.encode() in write_as("html", [], **run)


def test_a_part_of_the_files_does_not_pass_for_all() -> None:
    page = write_as("html", [Verdict("a.py", Measurement(FileMetrics()))], total=1200)
    assert b"<li>Only 1 of 1,200 files were checked.</li>" in page


def test_a_page_on_recorded_values_says_what_ranks_them(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    remark = "<li>With `--no-baseline`, this page ranks what the baseline tolerates.</li>"
    write(tmp_path, {"a.py": function(20)})
    monkeypatch.chdir(tmp_path)
    program("baseline", "write")
    assert remark in write_report("html", tmp_path).decode()
    write(tmp_path, {"b.py": function(20)})
    for options in ([], ["--no-baseline"]):
        assert remark not in write_report("html", tmp_path, *options).decode()


NESTED = f"""\
import os


class Outer:
    class Inner:
        @property
        def f(self):
            return 1

        @f.setter
        def f(self, value):
            text = '''
no indentation
'''
            for x in value:
                if x and text:
                    yield x
                else:
                    yield 2

    async def g(self, a, b):
        def inside(c):
            while c:
                if a or b or c:
                    return [x for x in c if x]
        if a:
            return inside
        return lambda: a if b else 1


\tdef_ = 1
{FAILING}
""".replace("\n\tdef_ = 1", "")


def test_points_are_those_that_explain_shows(project: Path) -> None:
    """A block is looked at alone, which must not change them."""
    text = NESTED.replace("    ", "\t")
    write(project, {"a.py": text})
    found = find_file(report(project), "a.py")["sources"]
    assert set(found) >= {"Outer.Inner.f#2", "Outer.g", "Outer.g.inside", "decide"}
    lines = text.split("\n")
    for one in explain(text.encode(), measure(text.encode())).blocks:
        if one.block.qualified_name not in found:
            continue
        source, first = found[one.block.qualified_name], one.block.line
        assert source["text"].split("\n") == lines[first - 1 : one.block.end_line]
        cognitive = one.cognitive.by_line if one.cognitive else {}
        assert source["points"] == [
            [line - first, one.cyclomatic.by_line.get(line, 0), cognitive.get(line, 0)]
            for line in sorted({*one.cyclomatic.by_line, *cognitive})
        ]


def test_sources_are_of_blocks_over_or_near_a_limit(project: Path) -> None:
    write(
        project,
        {"pyproject.toml": LOW.replace("= 2", "= 5"), "near.py": FAILING.replace("if b", "if a and b")},
    )
    page = report(project)
    assert [file["path"] for file in page["files"] if "sources" in file] == ["near.py"]


def test_where_there_is_no_room_the_worst_are_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, {"worse.py": FAILING.replace("if b", "if a and b")})
    monkeypatch.setattr(sources, "BUDGET", 10)
    page = report(project)
    assert [file["path"] for file in page["files"] if "sources" in file] == ["worse.py"]


@pytest.mark.parametrize("other", [FAILING.replace("1", "2"), None], ids=["the same numbers", "gone"])
def test_what_is_not_on_disk_as_it_was_measured_is_left_out(
    project: Path, other: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the file is written while others are measured."""
    find = sources.find_sources

    def change_and_find(*args: Any) -> Any:
        (project / "a.py").unlink()
        if other is not None:
            write(project, {"a.py": other})
        return find(*args)

    monkeypatch.setattr("pytest_antipasta.report.formats.html_page.data.find_sources", change_and_find)
    page = report(project)
    assert "sources" not in find_file(page, "a.py")


def test_what_is_staged_has_its_source_while_it_is_on_disk(repository: Repository) -> None:
    write(repository.path, {"pyproject.toml": LOW, "a.py": FAILING, "b.py": FAILING})
    repository.git("add", ".")
    write(repository.path, {"b.py": FAILING + "x = 1\n"})
    page = report(repository.path, "--staged")
    assert "sources" in find_file(page, "a.py")
    assert "sources" not in find_file(page, "b.py")


def test_what_a_change_did_is_there(repository: Repository) -> None:
    write(repository.path, {"pyproject.toml": LOW, "a.py": FAILING})
    commit_all(repository.path, "x")
    assert report(repository.path)["changes"] == []
    write(repository.path, {"a.py": FAILING.replace("if b", "if a and b")})
    written = write_reports(repository.path, "--diff", "HEAD")
    (change,) = read_page(written["html"])["changes"]
    assert change["metrics"]["cyclomatic_complexity"]["delta"] == 1
    for number in (change, *change["metrics"].values()):
        assert number.pop("effect") == "worse"
    assert change.pop("happened") == "modified"
    assert [change] == json.loads(written["json"])["changes"]
    repository.git("mv", "a.py", "b.py")
    (moved,) = report(repository.path, "--diff", "HEAD")["changes"]
    assert (moved["change"], moved["previous_path"]) == ("modified", "a.py")
    assert moved["happened"] == "moved from a.py::decide"


@NOT_ON_WINDOWS
def test_a_name_that_is_not_utf_8_costs_its_source_alone(project: Path) -> None:
    write(project, {NOT_UTF8: FAILING})
    page = report(project)
    assert "sources" not in find_file(page, "caf\\xe9.py")


def test_a_comment_that_is_not_honoured_is_listed_though_it_fails_nothing(project: Path) -> None:
    text = PASSING.replace(":", ":  # antipasta: ignore[no_such_metric]", 1)
    write(project, {"good.py": text})
    (problem,) = find_file(report(project), "good.py")["problems"]
    assert (problem["rule"], problem["line"], problem["fails"]) == ("suppression", 1, False)
    assert problem["text"].startswith("suppression not applied: ")


def test_a_metric_of_an_extension_without_a_number_has_no_column(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_antipasta.extension.metrics import judged_metrics
    from pytest_antipasta.model.registry import JudgedMetric

    known = {**judged_metrics(), "lizard:tokens": JudgedMetric("lizard:tokens", "block")}
    monkeypatch.setattr("pytest_antipasta.report.formats.html_page.data.judged_metrics", lambda: known)
    page = report(project)
    assert not [name for name in (*page["file_metrics"], *page["block_metrics"]) if ":" in name]


def test_whole_numbers_are_as_short_as_they_can_be(project: Path) -> None:
    page = write_report("html", project)
    data = page[page.index(b'id="data">') : page.index(b"</script>", page.index(b'id="data">'))]
    rows = data.partition(b'"files":')[2]
    assert not re.search(rb"\d\.0\b", rows)
