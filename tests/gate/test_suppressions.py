"""Comments that suppress, in a commit."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest

from tests.gate.conftest import Guarded, MakeTable, function, strip_waivers
from tests.gate.tables import name_rows

# The limit is 3.
CEILING = "# antipasta: ignore[cyclomatic_complexity<=5]"


def commented(complexity: int, comment: str = CEILING, name: str = "f", end: str = "return a") -> str:
    """Return a function with a comment above it."""
    return f"{comment}\n{function(complexity, name, end)}"


def told(guarded: Guarded, *args: str) -> tuple[int, list[str]]:
    """Run the hook and return its exit code and what it says before what to do next."""
    said = guarded.hook(*args)
    ends = "^blocked by pytest-antipasta: "
    first, *_ = re.split(ends, strip_waivers(said.out), flags=re.MULTILINE)
    return said.code, first.splitlines()


def test_a_suppression_in_the_same_commit_counts(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(5))
    assert told(guarded) == (0, [])
    guarded.stage("other.py", function(4, "bad"))
    said = "tolerated (suppressed by a comment): new.py:2: f: cyclomatic 5/3"
    assert said in told(guarded)[1]
    guarded.git("rm", "--quiet", "--force", "other.py")
    guarded.stage("new.py", function(5))
    assert told(guarded)[0] == 1


def test_above_its_ceiling_a_commit_fails(guarded: Guarded) -> None:
    guarded.stage("old.py", commented(6))
    assert told(guarded) == (
        1,
        [
            "old.py",
            "    2:1  f  cyclomatic 5 \N{RIGHTWARDS ARROW} 6/3 (+1)",
            "         the comment on line 1 allows only cyclomatic_complexity <= 5",
        ],
    )
    guarded.stage("old.py", commented(6, "# antipasta: ignore"))
    assert told(guarded)[0] == 0


def test_a_function_that_the_commit_does_not_touch_is_not_told(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(4))
    guarded.record()
    guarded.stage("new.py", commented(4) + function(2, "g"))
    assert told(guarded) == (0, [])
    guarded.stage("new.py", commented(4, end="return -a"))
    assert told(guarded) == (0, []), "what is not worse is no news"
    guarded.stage("new.py", commented(5))
    assert told(guarded) == (0, [])
    guarded.stage("other.py", function(4, "bad"))
    assert [line for line in told(guarded)[1] if line.startswith("tolerated")] == [
        "tolerated (suppressed by a comment): new.py:2: f: cyclomatic 4 \N{RIGHTWARDS ARROW} 5/3 (+1)"
    ]


def test_numbers_of_files(guarded: Guarded) -> None:
    settings = (guarded.path / "pyproject.toml").read_text()
    guarded.stage("pyproject.toml", f"{settings}lines_of_code = 3\n")
    guarded.stage("new.py", "# antipasta: ignore-file[lines_of_code<=5]\na = 1\n\n\n")
    assert told(guarded) == (0, [])
    guarded.stage("other.py", function(4, "bad"))
    said = "tolerated (suppressed by a comment): new.py: lines of code 4/3"
    assert said in told(guarded)[1]
    guarded.git("rm", "--quiet", "--force", "other.py")
    guarded.stage("new.py", "# antipasta: ignore-file[lines_of_code<=5]\na = 1\n\n\n\n\n")
    assert told(guarded)[0] == 1


def test_nothing_is_suppressed_in_critical_functions(guarded: Guarded) -> None:
    guarded.configure('critical_functions = ["f"]')
    guarded.stage("new.py", commented(5) + commented(5, name="g"))
    code, lines = told(guarded)
    assert (code, lines[:2], lines[3]) == (
        1,
        ["new.py", "    2:1  f  cyclomatic 5/3  added  in `critical_functions`"],
        "new.py:1: suppression not applied: f is in `critical_functions`, where nothing is tolerated",
    )
    assert [line.startswith("tolerated (suppressed by a comment): new.py:9: g: ") for line in lines] == [
        False,
        False,
        True,
        False,
    ]
    said = guarded.say("check", "--staged", "--format", "agent").out
    assert "new.py:2 f: cyclomatic_complexity 5/3\n  in `critical_functions`\n" in said


def test_an_unused_one_is_told(guarded: Guarded) -> None:
    guarded.stage("good.py", commented(2))
    line = "good.py:1: unused suppression: cyclomatic_complexity of f is not over a limit"
    assert told(guarded) == (0, [f"warning: {line}"])
    guarded.configure('unused_suppressions = "fail"')
    assert told(guarded) == (1, [line])
    assert "blocked by pytest-antipasta: 1 file with failed suppressions\n" in guarded.hook().out


def test_failed_ones_are_counted_apart_from_files_that_are_not_measured(guarded: Guarded) -> None:
    guarded.configure('unused_suppressions = "fail"')
    guarded.stage("good.py", commented(2))
    guarded.stage("odd.py", "def f(:\n")
    summary = "1 file with failed suppressions, 1 file not measured\n"
    assert guarded.hook().out.endswith(f"blocked by pytest-antipasta: {summary}")


def test_one_that_another_one_leaves_nothing_to_do_says_so_where_its_function_is_unchanged(
    guarded: Guarded,
) -> None:
    guarded.configure('foreign_suppressions = ["noqa"]')
    body = function(5).replace(":\n", ":  # noqa: C901 # antipasta: ignore[cyclomatic<=5]\n", 1)
    guarded.stage("good.py", body)
    guarded.record()
    guarded.stage("good.py", f"{body}x = 1\n")
    line = "good.py:1: unused suppression: another comment suppresses cyclomatic_complexity of f"
    assert told(guarded) == (0, [f"warning: {line}"])


def test_an_unused_one_is_old_when_a_function_of_its_name_before_it_is_deleted(guarded: Guarded) -> None:
    guarded.configure('unused_suppressions = "fail"')
    guarded.stage("good.py", function(1) + commented(2))
    guarded.record()
    guarded.stage("good.py", commented(2))
    assert told(guarded)[0] == 0


def test_one_that_the_commit_makes_useless_fails(guarded: Guarded) -> None:
    guarded.configure('unused_suppressions = "fail"')
    guarded.stage("new.py", commented(5))
    guarded.record()
    guarded.stage("new.py", commented(3))
    assert told(guarded)[0] == 1


def test_all_ways_in_agree(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(5) + commented(6, name="g"))
    codes = [
        guarded.say(*args).code
        for args in (["hook"], ["hook", "--whole", "new.py"], ["check", "--staged"], ["check", "new.py"])
    ]
    assert codes == [1, 1, 1, 1]
    guarded.stage("new.py", commented(5) + commented(5, name="g"))
    for args in (["hook"], ["check", "--staged"], ["check", "--diff", "HEAD"], ["check", "new.py"]):
        assert guarded.say(*args).code == 0
        if args[-1] != "HEAD":
            assert guarded.say(*args, "--no-ignore").code == 1


def test_a_test_run_over_what_is_staged_agrees(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(5))
    for options, code in (([], 0), (["--antipasta-no-ignore"], 1)):
        said = guarded.run_pytest("--antipasta-staged", *options)
        assert said.code == code
        assert ("suppressed by comments: 1 violation in 1 file" in said.out) is (code == 0)


NARROWER = [
    pytest.param(commented(5), function(5), 1, id="the comment is gone"),
    pytest.param(commented(5), commented(5, "# antipasta: ignore[cyclomatic_complexity<=4]"), 1, id="lower"),
    pytest.param(commented(5), commented(5, "# antipasta: ignore"), 0, id="without a ceiling"),
    pytest.param(
        commented(5, "# antipasta: ignore"),
        commented(5, "# antipasta: ignore[cognitive_complexity]"),
        1,
        id="another metric",
    ),
    pytest.param(commented(5), commented(5, "# antipasta: ignre"), 1, id="not to be read any more"),
    pytest.param(commented(6), function(6), 0, id="gone where it was exceeded"),
    pytest.param(function(6), commented(6), 0, id="new, and exceeded"),
    pytest.param(
        commented(5) + function(4, "g"), "#\n" + commented(5) + function(4, "g"), 0, id="beside another"
    ),
    pytest.param(
        commented(5) + function(5, "g"), function(5) + commented(5, name="g"), 1, id="moved to another"
    ),
    pytest.param("# antipasta: ignore-file\n\n" + function(5), commented(5), 0, id="one of its own for that"),
    pytest.param(commented(5), commented(5, name="g"), 0, id="taken along with the function"),
    pytest.param(
        commented(7, "# antipasta: ignore"), function(5), 1, id="gone, and the function better but over"
    ),
    pytest.param(commented(6), function(5), 0, id="gone where it was exceeded, and better"),
]


class Narrowed(NamedTuple):
    """What is said of all rows at once.

    Attributes:
        places: what is over its limit, in each way in.
        files: those of the JSON report.
    """

    places: list[dict[str, list[str]]]
    files: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def narrowed(make_table: MakeTable) -> Narrowed:
    rows = name_rows(NARROWER)
    table = make_table({name: {"new.py": row[0]} for name, row in rows.items()})
    base = table.guarded.record()
    table.stage({name: {"new.py": row[1]} for name, row in rows.items()})
    ways = (["hook"], ["check", "--staged", "--quiet"], ["check", "--diff", base, "--quiet"])
    return Narrowed([table.find(*way) for way in ways], table.read("check", "--staged"))


@pytest.mark.parametrize(("before", "after", "code"), NARROWER)
def test_what_a_comment_suppressed_and_none_does_now_fails(
    narrowed: Narrowed, request: pytest.FixtureRequest, before: str, after: str, code: int
) -> None:
    name = request.node.callspec.id
    assert [len(places[name]) for places in narrowed.places] == [code] * 3
    violations = [violation for file in narrowed.files[name] for violation in file["violations"]]
    assert [violation["was_suppressed"] for violation in violations] == [True] * code


def test_without_comments_nothing_was_suppressed(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(5))
    guarded.record()
    guarded.stage("new.py", function(5))
    assert told(guarded) == (
        1,
        ["new.py", "    1:1  f  cyclomatic 5/3 (previously suppressed)"],
    )
    said = guarded.say("check", "--staged", "--format", "agent").out
    assert "5/3 (previously suppressed)\n" in said
    assert told(guarded, "--no-ignore") == (0, [])


def test_a_function_moved_out_of_where_it_was_suppressed_fails(guarded: Guarded) -> None:
    guarded.stage("new.py", "# antipasta: ignore-file\n\n" + function(5, "g") + function(4, "h"))
    guarded.record()
    guarded.stage("new.py", "# antipasta: ignore-file\n\n" + function(4, "h"))
    guarded.stage("other.py", function(5, "g"))
    row = "    1:1  g  cyclomatic 5/3 (previously suppressed)  moved from new.py::g"
    assert told(guarded) == (1, ["other.py", row])


def test_a_merge_is_blamed_only_where_it_is_narrower_than_every_parent(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(5) + "\n\nx = 1\n\n\ny = 2\n")
    guarded.record()
    guarded.git("branch", "side")
    guarded.stage("new.py", function(5) + "\n\nx = 1\n\n\ny = 2\n")
    guarded.record()
    guarded.git("checkout", "--quiet", "side")
    guarded.stage("new.py", commented(5) + "\n\nx = 1\n\n\ny = 3\n")
    guarded.record()
    guarded.git("merge", "--quiet", "--no-commit", "--no-ff", "main")
    assert told(guarded) == (0, [])
    guarded.stage("new.py", commented(5) + "\n\nx = 1\n\n\ny = 3\n")
    assert told(guarded) == (0, [])


def test_a_merge_that_drops_the_comment_of_both_sides_fails(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(5))
    guarded.record()
    guarded.git("branch", "side")
    guarded.stage("other.py", function(2))
    guarded.record()
    guarded.git("checkout", "--quiet", "side")
    guarded.stage("good.py", function(1))
    guarded.record()
    guarded.git("merge", "--quiet", "--no-commit", "--no-ff", "main")
    guarded.stage("new.py", function(5))
    assert told(guarded)[0] == 1


def test_what_the_baseline_has_does_not_fail_without_its_comment(guarded: Guarded) -> None:
    guarded.stage("new.py", commented(5))
    guarded.record()
    row = '{"path": "new.py", "qualified_name": "f", "metric": "cyclomatic_complexity", "value": 5}'
    guarded.write("antipasta-baseline.json", f'{{"schema_version": 1, "entries": [{row}]}}')
    guarded.stage("new.py", function(5))
    assert guarded.hook().code == 0
