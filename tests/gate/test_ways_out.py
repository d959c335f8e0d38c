"""What a git hook says last is followed to the letter, and then the commit passes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.gate.conftest import SETTINGS, Guarded, function, join_commands
from tests.metrics.notebook.making import make_notebook
from tests.tables import keep_quick
from tests.windows import decode_name

FILE_LIMITS = "lines_of_code = 2\nmaintainability_index = 99\n"
COMMITS = [
    pytest.param({"a.py": function(6, "g")}, "", 1, id="a function"),
    pytest.param({"a.py": function(6, "g") + function(9, "h")}, FILE_LIMITS, 3, id="two, and their file"),
    pytest.param({"a.py": function(6, "g"), "sub/b c.py": function(5, "h")}, "", 2, id="two files"),
    pytest.param({"a.py": "".join(function(6, name) for name in "ghij")}, "", 4, id="many of a file"),
    pytest.param(
        {"a.py": "# antipasta: ignore[cyclomatic_complexity<=5] why\n" + function(6, "g")},
        "",
        1,
        id="a function whose comment allows less",
    ),
    pytest.param(
        {"a.py": "# antipasta: ignore-file[lines_of_code<=3] why\n" + function(6, "g")},
        FILE_LIMITS,
        2,
        id="a file whose comment allows less",
    ),
    pytest.param(
        {"a.py": "# antipasta: ignore-file[lines_of_code<=3, cyclomatic<=6] why\n" + function(6, "g")},
        FILE_LIMITS,
        1,
        id="a file whose comment allows enough of its function",
    ),
    pytest.param(
        {
            "a.py": "# antipasta: ignore-file[cyclomatic<=5] why\n\n"
            "# antipasta: ignore[cyclomatic<=6] why\n" + function(6, "g")
        },
        "parameters = 0\n",
        1,
        id="a function whose comment allows more than that of its file",
    ),
    pytest.param(
        {"a.py": function(6, "g").replace("):", ', text="""\n"""):', 1)},
        "",
        1,
        id="a string of two lines in a `def`",
    ),
    pytest.param({f"{name}.py": function(6, "g") for name in "abcd"}, "", 4, id="many files"),
]


def block(guarded: Guarded, files: Mapping[str, str], limits: str) -> list[str]:
    """Stage files that fail, and return the last lines that the hook says."""
    guarded.stage(
        "pyproject.toml",
        SETTINGS.format("require_reasons = true").replace(
            "maintainability_index = false\n",
            "" if "maintainability" in limits else "maintainability_index = false\n",
        )
        + limits,
    )
    guarded.record()
    for path, content in files.items():
        guarded.stage(path, content)
    said = guarded.hook()
    assert said.code == 1
    lines = join_commands(said.out).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("simplify  "))
    return lines[start:]


@pytest.mark.parametrize(
    ("files", "limits", "comments"),
    keep_quick(COMMITS, "two, and their file", "many of a file", "a file whose comment allows less"),
)
def test_a_commit_that_is_recorded_passes(
    guarded: Guarded, files: Mapping[str, str], limits: str, comments: int
) -> None:
    lines = block(guarded, files, limits)
    allowing = ["allow"] * comments if comments <= 3 else ["allow", ""]
    assert [line.split("  ")[0] for line in lines] == ["simplify", *allowing, "record"]
    command = lines[-1].removeprefix("record").strip()
    subprocess.run(command, shell=True, cwd=guarded.path, check=True, capture_output=True)
    assert guarded.hook().code == 0


def repeat(line: str, files: Mapping[str, str]) -> list[str]:
    """Return what a line says about the first of several equal functions or files for each of them."""
    if len(files) > 1:
        return [line.replace("a.py", path) for path in files]
    content = files["a.py"].splitlines()
    starts = [number for number, text in enumerate(content, 1) if text.startswith("def ")]
    return [line.replace("a.py:1", f"a.py:{start}") for start in starts]


@pytest.mark.parametrize(("files", "limits", "comments"), COMMITS)
def test_a_commit_that_is_allowed_passes(
    guarded: Guarded, files: Mapping[str, str], limits: str, comments: int
) -> None:
    lines = block(guarded, files, limits)[1:-1]
    if comments > 3:
        assert lines.pop() == f"          and {comments - 1} more, each with its own values"
        (first,) = lines
        lines = repeat(first, files)
    for line in lines:
        line = line.replace("REASON", "the law has six cases")  # the placeholder is no reason
        place, comment = re.fullmatch(r"allow     (.*?)  (# antipasta: .*)", line).groups()  # type: ignore[union-attr]
        how, path, number = re.fullmatch(
            r"(add to|on its own line in|replace the comment in) ['\"]?(.*?\.py)['\"]?:?(\d*)(?: with)?",
            place,
        ).groups()  # type: ignore[union-attr]
        file = guarded.path / path
        content = file.read_text().splitlines()
        if how == "add to":
            content[int(number) - 1] += f"  {comment}"
        elif how == "on its own line in":
            content.append(comment)
        else:
            content[int(number) - 1] = comment
        guarded.stage(path, "\n".join(content) + "\n")
    assert guarded.hook().code == 0


def test_a_comment_for_a_file_allows_nothing_that_a_comment_of_a_function_does(guarded: Guarded) -> None:
    content = "# antipasta: ignore[cyclomatic_complexity<=6] why\n" + function(6, "g")
    lines = block(guarded, {"a.py": content}, "lines_of_code = 2\n")
    size = len(content.splitlines()) + 1
    comment = f"# antipasta: ignore-file[lines_of_code<={size}] REASON"
    assert lines[1] == f"allow     on its own line in a.py  {comment}"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize(
    "name",
    ["a\nb.py", decode_name(b"\xff.py"), "##[x.py"],
    ids=["two lines", "not UTF-8", "a command of CI services"],
)
def test_a_file_whose_name_can_not_be_typed_is_recorded_without_it(guarded: Guarded, name: str) -> None:
    guarded.stage(name, function(6, "g"))
    shown = guarded.hook().out
    assert "unstaged" not in shown
    (command,) = re.findall("^record    (.*)", shown, re.MULTILINE)
    assert command == "pytest-antipasta baseline write --staged && git add antipasta-baseline.json"
    subprocess.run(command, shell=True, cwd=guarded.path, check=True, capture_output=True)
    assert guarded.hook().code == 0


def test_a_comment_goes_above_a_function_of_a_file_that_was_edited_since(guarded: Guarded) -> None:
    guarded.stage("a.py", function(6, "g"))
    guarded.path.joinpath("a.py").write_text("x = 1\n" + function(6, "g"))
    shown = guarded.hook().out
    assert "\nunstaged  a.py differs on disk from what was checked; `git add a.py` stages that\n" in shown
    assert "\nallow     on its own line above `def g` in a.py  # antipasta: " in shown


def test_a_function_of_a_staged_file_that_is_not_on_disk_is_not_explained(guarded: Guarded) -> None:
    guarded.stage("a.py", function(6, "g"))
    guarded.stage("b.py", function(5, "h"))
    (guarded.path / "a.py").unlink()
    assert "simplify  pytest-antipasta explain b.py::h" in guarded.hook().out.splitlines()
    (guarded.path / "b.py").unlink()
    said = guarded.hook()
    assert (said.code, "simplify" in said.out) == (1, False)


def test_the_next_step_explains_the_version_that_was_checked(guarded: Guarded) -> None:
    """``explain`` reads files on disk, which another branch has otherwise."""
    guarded.git("switch", "--quiet", "--create", "topic")
    guarded.stage("old.py", function(9))
    guarded.stage("a.py", function(6, "g"))
    guarded.record()
    check = ("check", "--diff", "main..topic")
    guarded.write("old.py", function(2))
    assert "\nnext: `pytest-antipasta explain a.py::g` shows" in guarded.say(*check).out
    guarded.git("switch", "--quiet", "--force", "main")
    said = guarded.say(*check)
    assert (said.code, "next: " in said.out) == (1, False)


def test_line_ends_that_git_has_changed_are_no_changes(guarded: Guarded) -> None:
    guarded.stage("a.py", function(6, "g"))
    guarded.path.joinpath("a.py").write_bytes(function(6, "g").replace("\n", "\r\n").encode())
    assert "unstaged" not in guarded.hook().out


def test_a_notebook_that_is_staged_as_it_is_has_no_other_changes(guarded: Guarded) -> None:
    guarded.configure("notebooks = true")
    guarded.record()
    guarded.stage("a.ipynb", make_notebook(function(6, "g")))
    shown = guarded.hook().out
    assert "unstaged" not in shown
    assert "\nallow     on its own line before a.ipynb:cell 1:1  # antipasta: " in shown


def test_a_comment_for_a_cell_is_not_that_of_its_first_function(guarded: Guarded) -> None:
    guarded.configure("notebooks = true")
    guarded.record()
    cell = f"{function(1, 'g')}\na = 0\n" + 6 * "if a:\n    a += 1\n"
    guarded.stage("a.ipynb", make_notebook(cell))
    place = "on its own line, with a blank line below, before the code of a.ipynb:cell 1"
    lines = guarded.hook().out.splitlines()
    (comment,) = (line.split(place)[1].strip() for line in lines if place in line)
    guarded.stage("a.ipynb", make_notebook(f"{comment}\n\n{cell}"))
    assert guarded.hook().code == 0


def test_what_would_make_it_simpler_is_shown(guarded: Guarded) -> None:
    simplify, *_ = block(guarded, {"a.py": function(6, "g")}, FILE_LIMITS)
    command = simplify.removeprefix("simplify").strip()
    done = subprocess.run(command, shell=True, cwd=guarded.path, check=True, capture_output=True)
    assert b"a.py:1 function g" in done.stdout


@pytest.mark.parametrize(
    ("policy", "ways"),
    [("fail", ["simplify"]), ("reason", ["simplify", "allow", "record"])],
)
def test_no_way_out_is_one_that_the_project_refuses(guarded: Guarded, policy: str, ways: list[str]) -> None:
    guarded.stage("pyproject.toml", SETTINGS.format(f'new_waivers = "{policy}"'))
    guarded.record()
    guarded.stage("a.py", function(6, "g"))
    lines = join_commands(guarded.hook().out).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("simplify  "))
    assert [line.split("  ")[0] for line in lines[start:]] == ways
    assert all("--reason REASON" in line for line in lines if line.startswith("record  "))


ALLOWED = [
    pytest.param("", "h", id="recorded under another name"),
    pytest.param("# antipasta: ignore why\n", "g", id="suppressed"),
]


@pytest.mark.parametrize(("comment", "name"), ALLOWED)
def test_what_was_allowed_before_can_be_allowed_again(guarded: Guarded, comment: str, name: str) -> None:
    """By a comment: to record it is to record its file, with functions that nothing allowed."""
    old = function(7, "e") + function(8, "f")
    guarded.stage("pyproject.toml", SETTINGS.format('new_waivers = "fail"'))
    guarded.stage("a.py", comment + function(6, "g"))
    guarded.say("baseline", "write")
    guarded.stage("a.py", comment + function(6, "g") + old)
    guarded.record_all()
    edited = function(6, name, end="return a + 2") + old
    guarded.stage("a.py", edited)
    lines = guarded.hook().out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("simplify  "))
    _, allow = lines[start:]
    guarded.stage("a.py", f"{allow[allow.index('#') :]}\n{edited}")
    assert guarded.hook().code == 0


def test_what_was_allowed_and_gets_worse_has_no_way_out_that_fails(guarded: Guarded) -> None:
    guarded.stage("pyproject.toml", SETTINGS.format('new_waivers = "fail"'))
    guarded.stage("a.py", "# antipasta: ignore why\n" + function(6, "g"))
    guarded.record()
    guarded.stage("a.py", function(7, "g"))
    assert guarded.hook().out.splitlines()[-1].startswith("simplify  ")
