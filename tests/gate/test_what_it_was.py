"""What a number is compared with: the block that it was, by the limit that it had, if it can be measured."""

from __future__ import annotations

import json
import re
from textwrap import dedent, indent

import pytest

from tests.gate.conftest import SETTINGS, Guarded, Said, find_places, function

OVERRIDE = (
    '[[tool.pytest-antipasta.overrides]]\nfiles = ["{}/"]\nthresholds = {{cyclomatic_complexity = {}}}\n'
)
SILENCE = (0, "", "")


def say_everywhere(guarded: Guarded) -> dict[str, Said]:
    """Judge what is staged by the hook and by ``check --staged``, which agree."""
    said = {"hook": guarded.hook(), "check": guarded.say("check", "--staged", "--quiet")}
    assert len({one.code for one in said.values()}) == 1, said
    return said


def judge(guarded: Guarded) -> Said:
    """Return what the hook says, which ``check --staged`` agrees with."""
    return say_everywhere(guarded)["hook"]


def configure(guarded: Guarded, *overrides: tuple[str, int | str], settings: str = "") -> None:
    """Write settings with limits of folders."""
    text = SETTINGS.format(settings) + "".join(OVERRIDE.format(*one) for one in overrides)
    guarded.stage("pyproject.toml", text)
    guarded.record()


# Where a block was.


def test_a_function_gets_no_room_from_another_one_of_its_name_that_is_deleted(guarded: Guarded) -> None:
    """The other number is taken, and with it nothing of the value that had it."""
    methods = "class A:\n" + indent("@property\n" + function(6, "x"), "    ")
    methods += indent("@x.setter\n" + function(5, "x", "self.b = a"), "    ")
    guarded.stage("a.py", function(6) + function(5).replace("+=", "-=") + methods)
    guarded.record()
    for worse, code in ((5, 0), (6, 1)):
        setter = indent("@x.setter\n" + function(worse, "x", "self.b = -a"), "    ")
        edited = function(worse, end="return -a").replace("+=", "-=")
        guarded.stage("a.py", f"{edited}class A:\n{setter}")
        said = judge(guarded)
        assert said.code == code
    for name in ("f", "A.x"):
        assert re.search(rf"  {name} +cyclomatic 5 → 6/3 \(\+1\)", said.out)


def test_a_critical_function_is_unchanged_whatever_number_it_gets(guarded: Guarded) -> None:
    configure(guarded, settings='critical_functions = ["f*"]')
    guarded.stage("old.py", function(2) + function(5))
    guarded.record()
    guarded.stage("old.py", function(1) * 3 + function(5))
    assert judge(guarded).code == 0


RECURSIVE = "def {0}(a):\n    if a == 1 or a == 2 or a == 3 or a == 4: return 1\n    return {0}(a - 1)\n"


def test_a_recursive_function_that_is_renamed_is_not_new(guarded: Guarded) -> None:
    guarded.stage("a.py", RECURSIVE.format("fact"))
    guarded.record()
    guarded.stage("a.py", RECURSIVE.format("factorial"))
    assert judge(guarded) == SILENCE
    guarded.stage("a.py", RECURSIVE.format("factorial").replace("a - 1", "a - 2"))
    assert judge(guarded).code == 1, "it is another one"


# By which limit it was judged.


def test_what_moves_under_a_stricter_limit_has_to_keep_it(guarded: Guarded) -> None:
    configure(guarded, ("tests", 5))
    guarded.stage("tests/x.py", function(5) + "# a comment\n" * 9)
    guarded.record()
    guarded.git("mv", "tests/x.py", "x.py")
    guarded.stage("x.py", function(4) + "# a comment\n" * 9)
    said = judge(guarded)
    assert (said.code, find_places(said.out)) == (1, ["x.py:1"]), "it is better, and over the limit"


@pytest.mark.parametrize(
    ("limit", "after", "told"),
    [
        pytest.param(6, 5, "5/3 (limit 6 \N{RIGHTWARDS ARROW} 3)", id="as it was"),
        pytest.param(
            6, 6, "5 \N{RIGHTWARDS ARROW} 6/3 (+1) (limit 6 \N{RIGHTWARDS ARROW} 3)", id="and gets worse"
        ),
        pytest.param("false", 5, "5/3 (limit off \N{RIGHTWARDS ARROW} 3)", id="from where there was none"),
        pytest.param(4, 6, "5 \N{RIGHTWARDS ARROW} 6/3 (+1)", id="over both"),
    ],
)
def test_a_limit_that_changes_with_the_path_is_told(
    guarded: Guarded, limit: int | str, after: int, told: str
) -> None:
    configure(guarded, ("lax", limit))
    guarded.stage("lax/x.py", function(5) + "# a comment\n" * 9)
    guarded.record()
    guarded.git("mv", "lax/x.py", "x.py")
    guarded.stage("x.py", function(after) + "# a comment\n" * 9)
    said = say_everywhere(guarded)
    for one in said.values():
        assert f"x.py\n    1:1  f  cyclomatic {told}  moved from lax/x.py::f\n" in one.out
    report = json.loads(guarded.say("check", "--staged", "--format", "sarif").out)
    (result,) = report["runs"][0]["results"]
    is_limit = "limit" in told
    assert (result["baselineState"] == "new") == is_limit
    for form in ("concise", "agent"):
        assert f"cyclomatic_complexity {told}" in guarded.say("check", "--staged", "--format", form).out
    assert "\n  moved from lax/x.py::f\n" in guarded.say("check", "--staged", "--format", "agent").out
    comment = guarded.say("check", "--staged", "--format", "markdown").out
    what = "is over a new limit" if is_limit else "got worse"
    assert comment.startswith(f"### antipasta: 1 function {what}")
    assert told.partition(" (limit ")[2] in comment
    assert "| moved from `lax/x.py::f`<br/>cyclomatic " in comment
    (violation,) = json.loads(guarded.say("check", "--staged", "--format", "json").out)["files"][0][
        "violations"
    ]
    place = violation["change"], violation["previous_path"], violation["previous_name"]
    assert place == ("moved" if after == 5 else "modified", "lax/x.py", None)


def test_the_number_of_a_function_in_a_file_that_was_renamed_is_told(guarded: Guarded) -> None:
    guarded.stage("a.py", function(1) + function(2) + function(5) + "# a comment\n" * 9)
    guarded.record()
    guarded.stage("a.py", function(2) + function(6) + "# a comment\n" * 9)
    told = "f#2  cyclomatic 5 \N{RIGHTWARDS ARROW} 6/3 (+1)"
    assert f"{told}\n" in judge(guarded).out
    guarded.git("mv", "a.py", "b.py")
    assert f"{told}  moved from a.py::f#3\n" in judge(guarded).out


def move_below_app(guarded: Guarded) -> None:
    """Move a file with a function, and make that worse."""
    guarded.stage("app/old/x.py", function(5) + "# a comment\n" * 9)
    guarded.record()
    guarded.git("mv", "app/old", "app/new")
    guarded.stage("app/new/x.py", function(6) + "# a comment\n" * 9)


def test_an_old_path_begins_in_the_same_folder_as_the_new_one(guarded: Guarded) -> None:
    move_below_app(guarded)
    said = [
        guarded.hook(cwd="app"),
        guarded.say("check", "--staged", cwd="app"),
        guarded.say("check", "--staged", "--format", "agent", cwd="app"),
        guarded.run_pytest("--antipasta-only", "--antipasta-staged", cwd="app"),
    ]
    for one in said:
        assert "\nnew/x.py" in f"\n{one.out}" and "moved from old/x.py::f\n" in one.out
        assert "app/old" not in one.out


def test_an_old_path_that_is_spelled_as_the_new_one_from_the_folder_is_another(guarded: Guarded) -> None:
    guarded.stage("x.py", function(5) + "# a comment\n" * 9)
    guarded.record()
    (guarded.path / "sub").mkdir()
    guarded.git("mv", "x.py", "sub/x.py")
    guarded.stage("sub/x.py", function(6) + "# a comment\n" * 9)
    said = guarded.run_pytest("--antipasta-only", "--antipasta-staged", cwd="sub")
    assert "\nx.py:1: f  " in said.out and "moved from ../x.py::f\n" in said.out


@pytest.mark.parametrize("form", ["github", "gitlab", "rdjson", "sarif"])
def test_services_get_old_paths_from_the_top_as_they_get_new_ones(guarded: Guarded, form: str) -> None:
    guarded.stage("app/pyproject.toml", SETTINGS.format(""))
    move_below_app(guarded)
    report = guarded.say("check", "--staged", "--format", form, cwd="app").out
    assert "app/new/x.py" in report and "(moved from app/old/x.py::f)" in report


def test_each_function_is_told_its_own_limit_before(guarded: Guarded) -> None:
    configure(guarded, ("lax", 6), ("laxer", 7))
    for folder in ("lax", "laxer"):
        guarded.stage(f"{folder}/{folder}.py", function(5) + f"# {folder}\n" * 9)
    guarded.record()
    for folder in ("lax", "laxer"):
        guarded.git("mv", f"{folder}/{folder}.py", f"{folder}.py")
    out = judge(guarded).out
    for path, limit in {"lax": 6, "laxer": 7}.items():
        told = f"cyclomatic 5/3 (limit {limit} \N{RIGHTWARDS ARROW} 3)  moved from"
        assert f"{path}.py\n    1:1  f  {told} {path}/{path}.py::f\n" in out


def test_the_limit_of_a_function_that_was_inside_another_one_is_told(guarded: Guarded) -> None:
    guarded.configure("nested_blocks = false")
    guarded.stage("a.py", "def outer():\n" + indent(function(5), "    ") + "    return f\n")
    guarded.record()
    guarded.stage("a.py", function(5) + "def outer():\n    return f\n")
    told = "cyclomatic 5/3 (limit off \N{RIGHTWARDS ARROW} 3)  renamed from outer.f\n"
    assert f"a.py\n    1:1  f  {told}" in judge(guarded).out


def test_a_files_number_that_moves_under_a_stricter_limit_fails(guarded: Guarded) -> None:
    text = SETTINGS.format("") + "lines_of_code = 10\n"
    text += '[[tool.pytest-antipasta.overrides]]\nfiles = ["tests/"]\nthresholds = {lines_of_code = 20}\n'
    guarded.stage("pyproject.toml", text)
    guarded.stage("tests/x.py", "a = 1\n" * 15)
    guarded.record()
    guarded.git("mv", "tests/x.py", "x.py")
    said = judge(guarded)
    assert said.code == 1
    told = "lines of code 15/10 (limit 20 \N{RIGHTWARDS ARROW} 10)  moved from tests/x.py\n"
    assert said.out.startswith(f"x.py\n   file  {told}")


def test_what_moves_between_equal_limits_is_not_judged(guarded: Guarded) -> None:
    configure(guarded, ("legacy", 4))
    guarded.git("mv", "old.py", "new.py")
    assert judge(guarded) == SILENCE
    guarded.record()
    (guarded.path / "legacy").mkdir()
    guarded.git("mv", "new.py", "legacy/old.py")
    assert judge(guarded) == SILENCE, "it was over a stricter one"


# Closures, the points of which are those of the function around them.

BRANCHES = "        if a:\n            for b in a:\n                while b: b -= 1\n"
CLOSURE = "def outer(a):{}\n    def inner(a):\n" + BRANCHES + "    return inner\n"
TAKEN_OUT = "def inner(a):\n" + BRANCHES.replace("    ", " ") + "def outer(a):\n    return inner\n"
COGNITIVE = "cognitive_complexity = 4"


@pytest.fixture
def cognitive(guarded: Guarded) -> Guarded:
    """A repository with a limit for points alone."""
    text = SETTINGS.format("").replace("cyclomatic_complexity = 3", "cyclomatic_complexity = false")
    guarded.stage("pyproject.toml", text.replace("cognitive_complexity = false", COGNITIVE))
    guarded.record()
    return guarded


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        pytest.param("", 0, id="of a function that was over its limit"),
        pytest.param("  # antipasta: ignore", 1, id="of one with a comment"),
    ],
)
def test_a_closure_that_becomes_a_function(cognitive: Guarded, comment: str, code: int) -> None:
    cognitive.stage("a.py", CLOSURE.format(comment))
    cognitive.record()
    cognitive.stage("a.py", TAKEN_OUT)
    said = judge(cognitive)
    assert said.code == code
    row = "a.py\n    1:1  inner  cognitive 6/4 (previously suppressed)  renamed from outer.inner\n"
    assert (row in said.out) == bool(code), "what is not worse and passes is not told"


def test_one_of_two_closures_keeps_the_points_of_the_function_around_them(cognitive: Guarded) -> None:
    other = BRANCHES.replace("b", "c")
    closures = f"    def inner(a):\n{BRANCHES}    def other(a):\n{other}"
    cognitive.stage("a.py", f"def outer(a):\n{closures}    return inner, other\n")
    cognitive.record()
    taken_out = "def inner(a, k):\n{}    return k\n" + "def other(a, k):\n{}    return k\n"
    functions = taken_out.format(*(indent(dedent(branches), "    ") for branches in (BRANCHES, other)))
    cognitive.stage("a.py", f"{functions}def outer(a):\n    return inner, other\n")
    said = judge(cognitive)
    assert (said.code, find_places(said.out)) == (1, ["a.py:6"]), "the second one is new"


def test_a_closure_that_becomes_a_function_has_no_entry(cognitive: Guarded) -> None:
    cognitive.stage("a.py", CLOSURE.format(""))
    assert cognitive.say("baseline", "write").code == 0
    cognitive.record_all()
    cognitive.stage("a.py", TAKEN_OUT)
    assert judge(cognitive).code == 1
    assert cognitive.say("check", "--quiet").code == 1


def test_a_function_with_a_closure_that_is_renamed_and_simpler(guarded: Guarded) -> None:
    settings = SETTINGS.format("").replace("cognitive_complexity = false", COGNITIVE)
    guarded.stage("pyproject.toml", settings)
    guarded.stage("a.py", CLOSURE.replace("    return", "        if b: b = 1\n    return").format(""))
    guarded.record()
    guarded.stage("a.py", CLOSURE.replace("outer", "other").format(""))
    assert judge(guarded) == SILENCE


# What can't be measured as it was.

# Too large to be measured, before half of it is cut.
LARGE = "".join(function(5, f"f{number}") for number in range(400))
SMALLER = "".join(function(5, f"f{number}") for number in range(200))


def make_large(guarded: Guarded, on_internal_error: str, after: str) -> None:
    settings = f'max_file_size_mb = 0.03\non_internal_error = "{on_internal_error}"'
    guarded.stage("pyproject.toml", SETTINGS.format(settings))
    guarded.stage("big.py", LARGE)
    guarded.record()
    guarded.stage("big.py", after)


def test_nothing_is_new_in_a_file_that_could_not_be_measured(guarded: Guarded) -> None:
    make_large(guarded, "allow", SMALLER)
    assert judge(guarded) == SILENCE, "each function is there as it was"


@pytest.mark.parametrize(("on_internal_error", "code"), [("allow", 0), ("block", 3)])
def test_what_can_not_be_compared_is_told_and_blocks_only_where_trouble_does(
    guarded: Guarded, on_internal_error: str, code: int
) -> None:
    make_large(guarded, on_internal_error, SMALLER.replace("a += 1", "a += 2"))
    for command in ("hook", "check --staged", "check --diff HEAD"):
        said = guarded.say(*command.split())
        told = said.out + said.err
        assert (said.code, find_places(said.out)) == (code, []), command
        assert [word for word in ("big.py", "too_large") if word not in told] == []
        assert told.count("the previous version") == 1, command


def test_a_file_that_could_not_be_measured_hides_nothing_elsewhere(guarded: Guarded) -> None:
    make_large(guarded, "allow", SMALLER.replace("a += 1", "a += 2"))
    guarded.stage("new.py", function(4))
    said = judge(guarded)
    assert said.code == 1
    assert "new.py\n    1:1  f  cyclomatic 4/3  added\n" in said.out


@pytest.mark.parametrize("invalid", ["def g(:\n", "<<<<<<< ours\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n"])
def test_a_function_is_found_in_a_file_that_was_no_python(guarded: Guarded, invalid: str) -> None:
    guarded.stage("a.py", function(5) + invalid)
    guarded.record()
    guarded.stage("a.py", "import os\n" + function(5) + function(2, "g"))
    assert judge(guarded) == SILENCE
    guarded.stage("a.py", function(6) + function(2, "g"))
    assert judge(guarded).code == 1, "there is nothing to compare it with"


def test_what_can_not_be_compared_passes_in_pytest(guarded: Guarded) -> None:
    make_large(guarded, "allow", SMALLER.replace("a += 1", "a += 2"))
    said = guarded.run_pytest("--antipasta-staged")
    assert said.code == 0, said.out
    assert "the previous version" in said.out


def test_files_of_a_change_are_not_said_to_be_unchanged(guarded: Guarded) -> None:
    guarded.record()
    guarded.stage("a.py", function(1))
    for _ in range(2):  # the store has it the second time
        said = guarded.say("check", "--staged")
        assert re.search(r"^checked 1 file, in [0-9.]+ s$", said.out, re.MULTILINE), said
