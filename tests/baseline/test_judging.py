"""What is recorded is tolerated while it gets no worse, under whatever name."""

from __future__ import annotations

import ast
import json
import shutil
from io import BytesIO, TextIOWrapper

import pytest

from pytest_antipasta import check
from pytest_antipasta.engine.file_tree import FileTree
from pytest_antipasta.files.source import Source
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.metrics.source import parse_source
from pytest_antipasta.model.judged import Verdict
from tests.baseline.conftest import Root, function, read_entries
from tests.limits import SLOW
from tests.windows import NEEDS_PROCESSOR_TIME


def over(path: str, line: int, name: str, value: int, recorded: int | None = None) -> list[str]:
    """Return what a check prints of a function over its limit: the path, and a row."""
    history = "" if recorded is None else f" (the baseline has {recorded})"
    return [path, f"{line:>5}:1  {name}  cyclomatic {value}/3{history}"]


@pytest.fixture
def recorded(root: Root) -> Root:
    """A root with two functions over the limit, in two files, both recorded."""
    root.write("a.py", function(5, "f") + function(2, "good"))
    root.write("sub/b.py", function(6, "g"))
    assert root.run("baseline", "write").code == 0
    return root


def test_what_is_recorded_does_not_fail(recorded: Root) -> None:
    said = recorded.run("check")
    assert said.code == 0
    assert said.out[:2] == ["no violations in 2 files", "baseline: 2 violations tolerated"]


def test_the_worst_of_what_is_recorded_can_be_seen(recorded: Root) -> None:
    """Which is what there is to fix, where nothing else is over a limit."""
    said = recorded.run("check", "--top", "1")
    assert said.code == 0
    assert said.out[0] == "all violations are in the baseline (2); `--no-baseline` lists them"
    said_of_named = recorded.run("check", "--top", "1", "--baseline", recorded.baseline.name).out[0]
    assert said_of_named.endswith("; `--no-baseline` instead of `--baseline` lists them")
    assert recorded.run("check", "--sort", "path", "--quiet").out == []
    assert recorded.run("check", "--sort", "path").out[0] == said.out[0]
    said = recorded.run("check", "--top", "1", "--no-baseline")
    assert said.code == 1
    assert said.out[:3] == ["the worst of 2 functions over a limit", *over("sub/b.py", 1, "g", 6)]


def test_nothing_is_said_of_the_baseline_where_something_else_is_over(recorded: Root) -> None:
    recorded.write("a.py", function(5, "f") + function(4, "good"))
    assert recorded.run("check", "--top", "1").out[0] == "1 function over a limit"


def test_without_the_baseline_it_is_not_even_read(recorded: Root) -> None:
    recorded.baseline.write_text("{")
    assert recorded.check("--no-baseline") == [*over("a.py", 1, "f", 5), *over("sub/b.py", 1, "g", 6)]
    assert recorded.run("explain", "a.py::f", "--no-baseline").code == 0


def test_a_commit_can_be_judged_without_it(recorded: Root) -> None:
    recorded.git("add", "--all")
    assert recorded.run("hook").code == 0
    assert recorded.run("hook", "--no-baseline").code == 1


def test_a_baseline_and_none_exclude_each_other(recorded: Root, capsys: pytest.CaptureFixture[str]) -> None:
    message = "error: argument --no-baseline: not allowed with argument --baseline\n"
    for command in ("check", "hook", "explain"):
        with pytest.raises(SystemExit, match="2"):
            recorded.run(command, "a.py", "--baseline", "x.json", "--no-baseline")
        assert capsys.readouterr().err.startswith(message)


def test_what_is_worse_fails_and_nothing_else(recorded: Root) -> None:
    recorded.write("a.py", function(7, "f") + function(2, "good"))
    assert recorded.check() == over("a.py", 1, "f", 7, 5)


def test_what_is_measured_to_follow_an_entry_is_kept(recorded: Root) -> None:
    recorded.write("a.py", function(2, "k"))
    recorded.write("b.py", function(5, "f"))
    recorded.write("c.py", function(1, "z"))
    recorded.run("cache", "clear")
    assert "baseline: 2 violations tolerated" in recorded.run("check").out
    assert recorded.run("cache", "warm").out == ["4 files: 4 already stored, 0 measured"]


def test_what_is_proposed_is_about_the_baseline_that_was_named(recorded: Root) -> None:
    recorded.baseline.rename(recorded.path / "old.json")
    recorded.write("a.py", function(4, "f"))
    recorded.write("sub/b.py", function(7, "renamed"))
    said = recorded.run("check", "--config", "pyproject.toml", "--baseline", "old.json").out
    assert [line for line in said if "baseline prune" in line or "next: " in line] == [
        (
            "baseline: 1 better than recorded, 1 recorded but no longer needed; run `pytest-antipasta "
            "baseline prune --baseline old.json` to update it"
        ),
        (
            "next: `pytest-antipasta explain --config pyproject.toml --baseline old.json "
            "sub/b.py::renamed` shows how its values are calculated, and its limits"
        ),
    ]


def test_what_is_better_is_reported(recorded: Root) -> None:
    recorded.write("a.py", function(4, "f"))
    said = recorded.run("check")
    assert said.code == 0
    assert said.out[1:3] == [
        "baseline: 2 violations tolerated",
        "baseline: 1 better than recorded; run `pytest-antipasta baseline prune` to update it",
    ]


def test_what_is_within_its_limit_is_reported(recorded: Root) -> None:
    recorded.write("a.py", function(3, "f"))
    (recorded.path / "sub/b.py").unlink()
    assert [line for line in recorded.run("check").out if "baseline" in line] == [
        "baseline: 2 recorded but no longer needed; run `pytest-antipasta baseline prune` to update it",
    ]


def test_a_part_of_the_tree_says_nothing_of_the_rest(recorded: Root) -> None:
    (recorded.path / "sub/b.py").unlink()
    assert recorded.run("check", "a.py", "--debug").out[1:3][-1].startswith("store: ")
    recorded.write("a.py", function(2, "f"))
    assert recorded.run("check", "a.py").out[1].startswith("baseline: 1 recorded but no longer needed; ")


def test_a_file_without_numbers_says_nothing_of_its_entries(recorded: Root) -> None:
    recorded.write("a.py", "def f(:\n")
    said = recorded.run("check")
    assert said.code == 3
    assert not any("no longer needed" in line for line in said.out)


def test_no_command_but_its_own_writes_it(recorded: Root) -> None:
    before = recorded.baseline.stat()
    recorded.write("a.py", function(4, "f"))
    for command in (["check"], ["check", "a.py"], ["hook"], ["measure"], ["baseline", "show"]):
        recorded.run(*command)
    after = recorded.baseline.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_the_report_says_what_is_recorded(recorded: Root) -> None:
    recorded.write("a.py", function(7, "f"))
    said = recorded.run("check", "--format", "json")
    a, b = json.loads("\n".join(said.out))["files"]
    assert [(one["value"], one["recorded"]) for one in a["violations"]] == [(7, 5)]
    assert [(one["value"], one["recorded"], one["why"]) for one in b["tolerated"]] == [(6, 6, "baseline")]


def test_what_is_tolerated_is_in_the_order_of_the_file(root: Root) -> None:
    root.write("a.py", function(5, "f") + function(6, "g").replace(":\n", ":  # antipasta: ignore\n", 1))
    assert root.run("baseline", "write").code == 0
    (file,) = json.loads("".join(root.run("check", "--format", "json").out))["files"]
    assert [(one["line"], one["why"]) for one in file["tolerated"]] == [(1, "baseline"), (7, "suppressed")]


def test_programs_get_the_same_verdict(recorded: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recorded.path)
    recorded.write("a.py", function(7, "f"))
    assert [verdict.failed for verdict in check().files] == [True, False]


def test_content_on_standard_input_is_judged_by_it(recorded: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    for complexity, code in ((5, 0), (6, 1)):
        content = TextIOWrapper(BytesIO(function(complexity, "f").encode()))
        monkeypatch.setattr("sys.stdin", content)
        assert recorded.run("check", "-", "--stdin-filename", "a.py").code == code


def test_content_on_standard_input_is_what_its_file_has(
    recorded: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that an editor has renamed is gone from its place, though it be there on disk."""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(function(5, "h").encode())))
    assert recorded.run("check", "-", "--stdin-filename", "a.py").code == 0


def test_a_limit_for_the_path_comes_first(recorded: Root) -> None:
    recorded.configure(
        '[[tool.pytest-antipasta.overrides]]\nfiles = ["sub/"]\nthresholds = {cyclomatic_complexity = false}'
    )
    assert recorded.check() == []
    assert recorded.run("check").out[2].startswith("baseline: 1 recorded but no longer needed; ")


def test_of_edited_functions_of_one_name_each_has_the_entry_of_its_number(root: Root) -> None:
    root.write("a.py", function(5, "f") + function(6, "f"))
    root.run("baseline", "write")
    root.write("a.py", function(7, "f") + function(6, "f", end="return 1"))
    assert root.check() == over("a.py", 1, "f", 7, 5)


def test_an_entry_follows_code_whose_name_another_function_has_now(root: Root) -> None:
    root.write("a.py", function(5, "f") + function(6, "f"))
    root.run("baseline", "write")
    root.write("a.py", function(6, "f"))
    root.write("b.py", function(5, "g"))
    assert root.check() == []


def test_of_two_entries_for_one_number_the_stricter_counts(recorded: Root) -> None:
    """As a union merge may leave them."""
    entry = {"path": "a.py", "qualified_name": "f", "metric": "cyclomatic_complexity"}
    for values in ((4, 6), (6, 4)):
        recorded.record(*({**entry, "value": value} for value in values))
        assert recorded.check("a.py") == over("a.py", 1, "f", 5, 4)


# Each changes a.py, which has f with 5 recorded, or another file; f has the body of function(5).
FOLLOWED = [
    pytest.param({"a.py": function(5, "h")}, [], id="a renamed function"),
    pytest.param(
        {"a.py": "class A:\n    " + function(5, "h").replace("\n", "\n    ")}, [], id="moved into a class"
    ),
    pytest.param({"a.py": "", "c.py": function(5, "f")}, [], id="moved to another file"),
    pytest.param({"a.py": None, "c.py": function(5, "f")}, [], id="a renamed file"),
    pytest.param(
        {"a.py": None, "c.py": function(5, "h") + function(4, "k")},
        over("c.py", 7, "k", 4),
        id="a renamed file with a new function",
    ),
    pytest.param(
        {"a.py": function(5, "h", end="return 1")}, over("a.py", 1, "h", 5), id="renamed and edited is new"
    ),
    pytest.param({"a.py": function(5, "f") + function(5, "h")}, over("a.py", 7, "h", 5), id="a copy is new"),
    pytest.param(
        {"a.py": function(5, "h") + function(5, "k")},
        over("a.py", 7, "k", 5),
        id="one entry is for one block",
    ),
    pytest.param(
        {"a.py": function(4, "f") + function(5, "h")},
        over("a.py", 6, "h", 5),
        id="a block that needs its entry has not moved",
    ),
    pytest.param(
        {"a.py": function(2, "f") + function(5, "h")},
        over("a.py", 4, "h", 5),
        id="another one has its name",
    ),
    pytest.param({"a.py": "def f(:\n", "c.py": function(5, "f")}, None, id="from a file without numbers"),
]


@pytest.mark.parametrize(("files", "expected"), FOLLOWED)
def test_entries_follow_bodies(
    recorded: Root, files: dict[str, str | None], expected: list[str] | None
) -> None:
    for path, text in files.items():
        if text is None:
            (recorded.path / path).unlink()
        else:
            recorded.write(path, text)
    if expected is None:
        said = recorded.run("check", "--quiet", "c.py")
        assert said.out == over("c.py", 1, "f", 5)
    else:
        assert recorded.check() == expected


def test_worker_processes_judge_by_the_same_entries(recorded: Root) -> None:
    recorded.write("a.py", function(5, "h") + function(2, "good"))
    recorded.write("sub/b.py", function(7, "g"))
    assert recorded.check("--jobs", "2") == over("sub/b.py", 1, "g", 7, 6)


def test_a_function_edited_in_a_renamed_file_is_the_one_that_it_was(root: Root) -> None:
    root.write("a.py", function(5, "f") + function(6, "g"))
    root.run("baseline", "write")
    (root.path / "a.py").rename(root.path / "b.py")
    root.write("b.py", function(4, "f") + function(6, "g"))
    assert root.check() == []
    root.write("b.py", function(7, "f") + function(6, "g"))
    assert root.check() == over("b.py", 1, "f", 7, 5)


def test_of_edited_files_each_is_the_one_of_its_name(root: Root) -> None:
    root.write("old/x.py", function(5, "main"))
    root.write("old/y.py", function(6, "main"))
    root.run("baseline", "write")
    shutil.rmtree(root.path / "old")
    root.write("a/y.py", function(6, "main", end="return 1"))
    root.write("b/x.py", function(5, "main", end="return 1"))
    assert root.check() == []


def test_a_file_whose_code_is_gone_takes_no_name_from_a_renamed_one(root: Root) -> None:
    root.write("a.py", function(5, "main") + function(5, "g"))
    root.write("b.py", function(6, "main"))
    root.run("baseline", "write")
    (root.path / "a.py").unlink()
    (root.path / "b.py").unlink()
    root.write("c.py", function(6, "main", end="return 1"))
    assert root.check() == []


def test_most_of_a_file_is_more_than_half_of_it(root: Root) -> None:
    """By bodies and names together; what is elsewhere counts for nothing."""
    root.write("a.py", "".join(function(5, name) for name in "fghk"))
    root.run("baseline", "write")
    (root.path / "a.py").unlink()
    root.write("b.py", function(5, "f") + function(5, "g", end="return 1"))
    assert root.check() == over("b.py", 7, "g", 5)
    root.write("b.py", "".join(function(5, name, end="return 1") for name in "fgh"))
    root.write("a0.py", function(5, "k", end="return 1"))
    assert root.check() == over("a0.py", 1, "k", 5)
    root.write("b.py", "".join(function(5, name, end="return 1") for name in "fg"))
    assert len(root.check()) == 5  # half of it is in one file, and a quarter in another


def test_a_file_whose_name_is_not_text_is_not_taken_for_gone(root: Root) -> None:
    name = b"\xff.py".decode("utf-8", "surrogateescape")
    try:
        root.write(name, function(5))
    except OSError:
        pytest.skip("the file system has no such names")
    root.run("baseline", "write")
    assert root.check() == []
    root.write("b.py", function(5, "h"))
    assert root.check() == over("b.py", 1, "h", 5)


def test_nothing_is_parsed_for_entries_that_are_found_by_name(
    recorded: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def count(text: str) -> ast.Module:
        parsed.append(text)
        return parse_source(text)

    monkeypatch.setattr("pytest_antipasta.metrics.following.bodies.parse_source", count)
    assert recorded.check() == []
    entry = {"path": "x.py", "qualified_name": "h", "metric": "cyclomatic_complexity", "body": "0"}
    recorded.record({**entry, "value": 9})
    assert recorded.check() == [*over("a.py", 1, "f", 5), *over("sub/b.py", 1, "g", 6)]
    assert parsed == []
    recorded.record({**entry, "value": 5})
    assert len(recorded.check("--format", "concise")) == 2
    assert len(parsed) == 1


@pytest.fixture
def copied(root: Root) -> Root:
    """A root with one entry, whose function is gone and has copies in other files."""
    root.write("m.py", function(5, "f"))
    root.run("baseline", "write")
    root.write("m.py", "x = 1\n")
    for path in ("b.py", "c.py", "sub/d.py"):
        root.write(path, function(5, "f"))
    return root


@pytest.mark.parametrize("args", [[], ["--jobs", "2"], ["sub", "c.py", "--no-cache"]], ids=" ".join)
def test_of_several_copies_of_what_has_moved_one_is_tolerated(copied: Root, args: list[str]) -> None:
    """The first one, whichever files are asked for and whoever judges them."""
    assert copied.check(*args) == [*over("c.py", 1, "f", 5), *over("sub/d.py", 1, "f", 5)]
    assert copied.check("b.py") == []


def test_pruning_gives_the_entry_to_the_copy_that_was_tolerated(copied: Root) -> None:
    before = copied.check()
    assert copied.run("baseline", "prune").code == 0
    assert '"path": "b.py"' in copied.baseline.read_text()
    assert copied.check() == before


@pytest.mark.parametrize(
    ("files", "tolerated"),
    [
        pytest.param({}, "b.py", id="the first in the order of paths"),
        pytest.param({"m.py": "x = 1\n" + function(5, "g")}, "m.py", id="one in the file that it was in"),
        pytest.param({"b.py": function(5, "g")}, "c.py", id="one of its name before others"),
        pytest.param(
            dict.fromkeys(("b.py", "c.py", "sub/d.py", "sub/m.py"), function(5, "g")),
            "sub/m.py",
            id="one in a file of its name before others",
        ),
        pytest.param(
            {"b.py": "# antipasta: ignore\n" + function(5, "f")}, "c.py", id="none that a comment suppresses"
        ),
        pytest.param({"b.py": function(6, "f")}, "c.py", id="none of another body"),
        pytest.param({"b.py": "def f(:\n"}, "c.py", id="none in a file without numbers"),
    ],
)
def test_which_copy_takes_the_entry_along(copied: Root, files: dict[str, str], tolerated: str) -> None:
    for path, text in files.items():
        copied.write(path, text)
    said = copied.run("check", "--format", "json")
    told = {file["path"]: file["tolerated"] for file in json.loads("\n".join(said.out))["files"]}
    assert [path for path, ones in told.items() if any(one["why"] == "baseline" for one in ones)] == [
        tolerated
    ]


def test_as_many_copies_are_tolerated_as_there_are_entries(root: Root) -> None:
    for path in ("a.py", "b.py"):
        root.write(path, function(5, "f"))
    root.run("baseline", "write")
    for path in ("a.py", "b.py"):
        (root.path / path).unlink()
    for path in ("c.py", "d.py", "e.py"):
        root.write(path, function(5, "f"))
    assert root.check() == over("e.py", 1, "f", 5)


def test_a_copied_file_takes_no_entry_along(root: Root) -> None:
    """Neither for its own numbers nor for a function that was edited in it."""
    root.configure(index="60")
    root.write("a.py", function(5, "f") + function(6, "g"))
    root.run("baseline", "write")
    (root.path / "a.py").unlink()
    for path in ("b.py", "c.py"):
        root.write(path, function(5, "f") + function(6, "g"))
    assert root.check("b.py") == []
    assert [len(root.check("--format", "concise", *paths)) for paths in ([], ["c.py"])] == [3, 3]


def test_a_block_whose_limit_was_raised_has_not_moved(recorded: Root) -> None:
    recorded.configure(
        '[[tool.pytest-antipasta.overrides]]\nfiles = ["a.py"]\nthresholds = {cyclomatic_complexity = 9}'
    )
    recorded.write("c.py", function(5, "f"))
    assert recorded.check() == over("c.py", 1, "f", 5)


@pytest.mark.slow
@NEEDS_PROCESSOR_TIME
def test_looking_for_copies_does_not_count_as_the_time_of_a_file(copied: Root) -> None:
    """In a worker it would: a file that takes too long there would be taken for the one that is judged."""
    copied.configure("file_timeout = 0.2")
    copied.write("slow.py", SLOW)
    said = copied.run("check", "--quiet", "--no-cache", "--jobs", "2")
    assert said.out[0] == (
        "slow.py: not measured (timeout): it used more than 0.2 s of CPU time; raise file_timeout or "
        "exclude the file"
    )
    assert said.out[-4:] == [*over("c.py", 1, "f", 5), *over("sub/d.py", 1, "f", 5)]


def test_what_follows_moved_code_is_reported(recorded: Root) -> None:
    recorded.write("a.py", function(5, "renamed"))
    (recorded.path / "sub/b.py").unlink()
    assert [line for line in recorded.run("check").out if "baseline" in line] == [
        "baseline: 1 violation tolerated",
        (
            "baseline: 1 recorded under another name or path, 1 recorded but no longer needed; run "
            "`pytest-antipasta baseline prune` to update it"
        ),
    ]


def test_each_file_is_read_once_to_know_what_has_moved(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much has moved, also of files that are left out; and none where nothing may have moved."""
    root.configure('exclude = ["out/"]')
    names = [f"m{number}" for number in range(4)]
    for name in names:
        root.write(f"old/{name}.py", function(5, f"f_{name}") + function(6, "main"))
    root.write("still.py", function(5, "f") + function(2, "main"))
    root.run("baseline", "write")
    left_out = dict(read_entries(root.baseline)[0], path="out/a.py")
    root.record(left_out, *read_entries(root.baseline))
    read: list[str] = []
    real = FileTree._read_version

    def count(self: FileTree, file: Source) -> tuple[Verdict, FileVersion]:
        read.append(file.path)
        return real(self, file)

    monkeypatch.setattr(FileTree, "_read_version", count)
    root.write("out/a.py", function(5, "f_m0"))
    root.write("still.py", function(6, "f") + function(4, "g"))
    assert len(root.check("--format", "concise")) == 2
    assert read == []
    (root.path / "old").rename(root.path / "new")
    for name in names:
        root.write(f"new/{name}.py", function(5, f"f_{name}") + function(6, "main", end="return 1"))
    assert len(root.check("--format", "concise")) == 2
    assert sorted(read) == [*(f"new/{name}.py" for name in names), "out/a.py", "still.py"]
