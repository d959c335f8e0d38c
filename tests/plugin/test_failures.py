"""What a failed file shows, and where."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import PASSING, Project, outcomes, told

SETTINGS = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
cognitive_complexity = 3
maintainability_index = { limit = 70, level = "error" }
"""
PAY = """\
def pay(orders):
    total = 0
    for order in orders:
        if order.open:
            for line in order.lines:
                if line.paid:
                    if line.amount > 0:
                        total += line.amount
                    else:
                        total -= 1
    return total


class Till:
    def count(self, coins):
        return sum(coin.value for coin in coins if coin.good or coin.old or self.kind)
"""
LINES = [
    "shop/pay.py:1: pay          cyclomatic 6/3  cognitive 16/3",
    "shop/pay.py:15: Till.count  cyclomatic 5/3",
    "shop/pay.py                 maintainability index 61.9, must be >= 70",
]
HEADLINE = "pay cognitive 16/3, +2 more"


@pytest.fixture
def shop(project: Project) -> Project:
    """A file with four violations, and one with none."""
    project.write({"pyproject.toml": SETTINGS, "shop/pay.py": PAY, "shop/ok.py": PASSING})
    return project


def section(result: pytest.RunResult, title: str) -> list[str]:
    """Return the lines of a section of pytest's output."""
    lines = result.outlines
    start = next(number for number, line in enumerate(lines) if line.strip("= ") == title) + 1
    length = next(number for number, line in enumerate(lines[start:]) if line.startswith("=="))
    return lines[start : start + length]


def test_a_failed_file_says_what_is_wrong_where_and_what_would_help(
    shop: Project, workers: list[str]
) -> None:
    result = shop.run("--antipasta-only", *workers)
    title, *lines = section(result, "FAILURES")
    assert title.strip("_ ") == "shop/pay.py"
    assert [line for line in lines if not line.startswith("[gw")] == LINES
    assert f"FAILED shop/pay.py::antipasta - {HEADLINE}" in result.outlines


def test_the_text_is_the_same_in_every_style_of_traceback(shop: Project) -> None:
    """The store knows the file from the second run on."""
    for style in ("long", "short", "native"):
        assert section(shop.run("--antipasta-only", f"--tb={style}"), "FAILURES")[1:] == LINES, style


def test_a_traceback_in_one_line_names_the_place_from_the_folder_of_pytest(shop: Project) -> None:
    above = "def nothing(a):\n    return a and a and a and a\n\n\n"
    shop.write({"shop/pay.py": PAY.replace("def pay", f"{above}def pay")})
    result = shop.run("--antipasta-only", "--tb=line", "-n", "1", "--rootdir", "..", folder="shop")
    lines = [line for line in section(result, "FAILURES") if not line.startswith("[gw")]
    assert lines == [f"pay.py:5: {HEADLINE.replace('2 more', '3 more')}"]


def test_paths_are_from_the_folder_in_which_pytest_is_started(shop: Project, workers: list[str]) -> None:
    shop.write(
        {"top.py": f"# antipasta: ignore-file\n{PASSING}", "shop/ok.py": PASSING.replace("a +", "a or")}
    )
    folder = ("--rootdir", "..", "..")
    result = shop.run("--antipasta-only", "--antipasta-near", "0.5", *folder, *workers, folder="shop")
    failures = [line for line in section(result, "FAILURES") if not line.startswith("[gw")]
    assert failures[1:] == [line.removeprefix("shop/") for line in LINES]
    assert not {"ok.py", "warning: ../top.py:1: unused suppression: nothing in the file is over a limit"} - {
        *result.outlines
    }


def test_a_failure_is_reported_once_and_without_tracebacks_not_at_all(shop: Project) -> None:
    for style, rows in (("auto", LINES[:2]), ("no", [])):
        result = shop.run("--antipasta-only", "-r", "N", f"--tb={style}")
        assert [line for line in result.outlines if "pay" in line and "cyclomatic" in line] == rows
        first, following = told(result)
        assert first == "2 of 3 functions and 1 file are over a limit, in 1 of 2 files"
        assert following.startswith("next: ")
    result.stdout.fnmatch_lines(["shop/ok.py . *", "shop/pay.py F *"])


def test_it_has_colours_where_pytest_has_some(shop: Project) -> None:
    colored = shop.run("--antipasta-only", "--color=yes").stdout.str()
    assert "\x1b[2mcyclomatic \x1b[0m\x1b[31m6\x1b[0m\x1b[2m/3\x1b[0m" in colored
    assert "\\x1b" not in colored


def test_the_end_says_what_comes_next(shop: Project) -> None:
    failed = shop.run("--antipasta-only")
    assert told(failed)[-1] == (
        "next: `pytest-antipasta explain shop/pay.py::pay` shows how its values are calculated, and "
        "its limits; with `--lf`, pytest runs only what failed"
    )
    without = shop.run("--antipasta-only", "-p", "no:cacheprovider")
    assert told(without)[-1] == told(failed)[-1].partition(";")[0]
    again = shop.run("--antipasta-only", "--lf")
    assert told(again)[-1] == told(without)[-1]
    assert shop.check("--lf") == {"shop/pay.py::antipasta": "failed"}
    passed = shop.run("--antipasta-only", "shop/ok.py")
    assert told(passed)[-1] == "next: `pytest --antipasta` checks the files along with the tests"
    shop.write({"shop/ok.py": b"\xff"})
    unread = shop.run("--antipasta-only", "shop/ok.py")
    assert not [line for line in told(unread) if line.startswith("next: ")]


def test_a_passing_file_says_nothing_and_our_section_begins_at_once(shop: Project) -> None:
    lines = shop.run("--antipasta-only", "shop/ok.py", "-r", "N").outlines
    assert "FAILURES" not in "".join(lines)
    title = next(number for number, line in enumerate(lines) if line.strip("= ") == "antipasta")
    assert not lines[title - 1]
    assert lines[title + 1] == "no violations in 1 file"


def test_with_the_debugger_asked_for_a_failed_file_is_still_only_failed(shop: Project) -> None:
    result = shop.run("--antipasta-only", "--pdb")
    assert outcomes(result)["shop/pay.py::antipasta"] == "failed"
    assert outcomes(result)["shop/ok.py::antipasta"] == "passed"


@pytest.mark.parametrize(
    ("options", "is_checked"),
    [
        (["--setup-show", "--durations=2", "-vv"], True),
        (["-qq", "-r", "N", "--tb=no"], True),
        (["--setup-plan"], False),
        (["--fixtures"], False),
    ],
    ids=str,
)
def test_options_that_show_other_things_work(shop: Project, options: list[str], is_checked: bool) -> None:
    result = shop.run("--antipasta-only", *options)
    assert result.ret in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    assert ("antipasta" in [line.strip("= ") for line in result.outlines]) is is_checked


def test_a_first_baseline_is_proposed_where_much_is_over_a_limit(shop: Project) -> None:
    decide = "def pay_{}(a):\n" + "    if a: pass\n" * 6
    shop.write({"shop/many.py": "".join(map(decide.format, range(10)))})
    record = "next: `pytest-antipasta baseline write` records them, so that only new or worse ones fail"
    assert told(shop.run("--antipasta-only"))[-2] == record
    assert told(shop.run("--antipasta", "-n", "0"))[-2] == record
    for options in (["shop"], ["-k", "many"], ["--antipasta-no-baseline"], ["--antipasta-shard", "1/1"]):
        assert record not in told(shop.run("--antipasta-only", *options))
