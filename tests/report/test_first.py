"""Where to begin: which of the worst functions were changed in the last year."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.report.reading import read_page

LIMIT = "[tool.pytest-antipasta]\nthresholds = { cognitive_complexity = 1, cyclomatic_complexity = false }\n"
DAY = 24 * 60 * 60
# A function in a row of text, for agents, of Markdown or of the page without scripts.
LISTED = re.compile(r"^(?: +\d+:1 +|\S+:\d+ |\| `|<li><span><b>)(\w+)(?:  |: c|`<br/>|</b>)", re.MULTILINE)


def make(name: str, points: int, *lines: str) -> str:
    branches = "".join(f"    if a == {number}: pass\n" for number in range(points))
    return f"def {name}(a):\n{branches}{''.join(f'    {line}{chr(10)}' for line in lines)}    return a\n"


@pytest.fixture
def tree(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve functions over their limit, of which the mildest was edited twice; the current folder."""
    root = repository.path
    (root / "pyproject.toml").write_text(LIMIT)
    for step in range(3):
        for number in range(12):
            lines = [f"a += {step}"] if number == 2 else []
            (root / f"a{number:02}.py").write_text(make(f"f{number:02}", number, *lines))
        commit_all(root, "files", 1_700_000_000 + step * DAY)
    monkeypatch.chdir(root)
    return root


def list_first(content: bytes) -> list[str]:
    """Return the names of the functions that a page lists first, without its scripts."""
    return re.findall(r"<li><span><b>([\w.]+)</b>", content.decode())


def test_the_page_begins_with_the_edited_ones(tree: Path) -> None:
    assert main(["check", "--quiet", "--report=html=page.html"]) == 1
    page = (tree / "page.html").read_bytes()
    others = [f"f{number:02}" for number in range(11, 2, -1)]
    assert list_first(page) == ["f02", *others]
    assert [item["id"] for item in read_page(page)["first"]][:2] == ["a02.py::f02", "a11.py::f11"]
    assert read_page(page)["first"][0]["edits"] == "changed in 2 commits"
    history = b"history: 3 commits in the year up to the last one."
    assert b"Functions changed in the last year come first; " + history in page
    assert b"(must be &lt;= 1), changed in 2 commits" in page


def test_a_function_inside_a_worse_one_is_not_among_them(tree: Path) -> None:
    inner = "".join(f"    {line}\n" for line in make("inner", 15).splitlines())
    (tree / "b.py").write_text(f"def outer(a):\n{inner}" + make("f", 40).partition("\n")[2])
    assert main(["check", "--quiet", "--limit", "cyclomatic=1", "--report=html=page.html"]) == 1
    assert "outer" in list_first((tree / "page.html").read_bytes())
    assert "outer.inner" not in list_first((tree / "page.html").read_bytes())


def test_without_a_history_the_worst_come_first(tree: Path, tmp_path: Path) -> None:
    """As in a shallow clone, and outside git."""
    for name in (tree / ".git").iterdir():
        name.rename(tmp_path / name.name)
    (tree / ".git").rmdir()
    assert main(["check", "--quiet", "--report=html=page.html"]) == 1
    page = (tree / "page.html").read_bytes()
    assert list_first(page) == [f"f{number:02}" for number in range(11, 1, -1)]
    why = b"no history (no git repository, no commits, a shallow clone, or git failed)"
    assert b"The worst come first; " + why + b"." in page


def test_in_a_first_commit_the_worst_come_first(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository.path
    (root / "pyproject.toml").write_text(LIMIT)
    (root / "a.py").write_text(make("f", 3))
    commit_all(root, "files", 1_700_000_000)
    monkeypatch.chdir(root)
    assert main(["check", "--quiet", "--report=html=page.html"]) == 1
    page = (root / "page.html").read_bytes()
    assert b"The worst come first." in page
    assert b"history:" not in page, "no function of it was edited"


def test_lines_of_another_content_are_not_followed(tree: Path) -> None:
    """What is staged may be elsewhere in the file on disk."""
    path = tree / "a02.py"
    path.write_text(make("f02", 3))
    repository = Repository.__new__(Repository)
    repository.path = tree
    repository.git("add", "a02.py")
    path.write_text("import os\n" * 30 + make("f02", 3))
    assert main(["check", "--staged", "--quiet", "--report=html=page.html"]) == 1
    (first,) = read_page((tree / "page.html").read_bytes())["first"]
    assert first["id"] == "a02.py::f02"
    assert "edits" not in first


def test_a_ranking_marks_them(tree: Path, program: Program) -> None:
    lines = program("check", "--top", "10", code=1).out.splitlines()
    assert [line.split() for line in lines if "changed" in line] == [
        ["1:1", "f02", "cognitive", "2/1", "changed", "in", "2", "commits"]
    ]
    assert "history: 3 commits in the year up to the last one" in lines


def test_no_other_format_depends_on_it(tree: Path) -> None:
    main(["check", "--quiet", "--report=markdown=alone.md"])
    main(["check", "--quiet", "--report=html=page.html", "--report=markdown=beside.md"])
    assert (tree / "alone.md").read_bytes() == (tree / "beside.md").read_bytes()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("hook",), id="hook"),
        pytest.param(("check", "--staged"), id="text"),
        pytest.param(("check", "--staged", "--format=agent"), id="agent"),
        pytest.param(("check", "--staged", "--format=markdown"), id="markdown"),
        pytest.param(("check", "--staged", "--format=html"), id="html"),
    ],
)
def test_a_change_begins_with_what_it_added_most_to(
    tree: Path, repository: Repository, program: Program, command: tuple[str, ...]
) -> None:
    """However far others were over their limits before, and whatever was edited lately."""
    for name, points in (("f02", 3), ("f05", 9), ("f11", 12)):
        (tree / f"a{name[1:]}.py").write_text(make(name, points))
    (tree / "b.py").write_text(make("new", 3))
    repository.git("add", ".")
    page, _, _ = program(*command, code=1).out.partition("read these first")
    assert LISTED.findall(page) == ["f05", "new", "f11", "f02"]
    assert ("What the change added most to comes first" in page) == ("--format=html" in command)
    assert "1 function became too complex, 3 functions got worse" in page


def test_a_change_in_shards_begins_with_it_too(tree: Path, program: Program) -> None:
    (tree / "a02.py").write_text(make("f02", 3))
    (tree / "a05.py").write_text(make("f05", 9))
    for number in (1, 2):
        main(["check", "--diff=HEAD", "--quiet", f"--shard={number}/2", f"--report=shard={number}.shard"])
    out = program("report", "merge", "1.shard", "2.shard", code=1).out
    assert LISTED.findall(out.partition("read these first")[0]) == ["f05", "f02"]


def test_what_a_change_did_not_make_fail_has_the_order_of_a_whole_run(tree: Path, program: Program) -> None:
    (tree / "pyproject.toml").write_text(f'{LIMIT}judge = "all"\n')
    for name, points in (("f05", 9), ("f11", 11)):
        (tree / f"a{name[1:]}.py").write_text(make(name, points, "a += 1"))
    page = program("check", "--diff=HEAD", "--format=html", code=1).out
    assert LISTED.findall(page) == ["f11", "f05"]
    assert "The worst come first." in page


def test_an_order_that_is_asked_for_is_kept_in_a_change(tree: Path, program: Program) -> None:
    (tree / "a05.py").write_text(make("f05", 9))
    (tree / "a11.py").write_text(make("f11", 12))
    out = program("check", "--diff=HEAD", "--sort=excess", code=1).out
    assert out.index("f11") < out.index("f05")


def test_the_title_of_a_change_that_is_cut_names_no_worst(tree: Path, program: Program) -> None:
    for name, points in (("f05", 9), ("f11", 12)):
        (tree / f"a{name[1:]}.py").write_text(make(name, points))
    cut = ("check", "--diff=HEAD", "--top=1")
    assert "the first of 2 functions over a limit" in program(*cut, code=1).out
    assert "the worst of 2 functions over a limit" in program(*cut, "--sort=excess", code=1).out
