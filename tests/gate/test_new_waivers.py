"""The policy on waivers in every way in: check, hook, a push, a server, pytest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from math import inf
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from pytest_antipasta.gate import measuring
from tests.gate.conftest import HOOKS, SETTINGS, Guarded, Prepare, Said, find_places, function
from tests.windows import AND, NEEDS_LINKS

COMMENT = "# antipasta: ignore[cyclomatic_complexity]"
COGNITIVE = "cognitive_complexity = 2"
KEY = "thresholds.cyclomatic_complexity"
FAIL, LOOSER = 'new_waivers = "fail"', SETTINGS.replace("= 3", "= 9")


def commented(reason: str = "") -> str:
    return f"{COMMENT}{reason}\n{function(5)}"


def add(repository: Guarded, path: str, text: str) -> None:
    repository.stage(path, text)
    repository.record()


@pytest.fixture
def strict(prepare: Prepare) -> Guarded:
    """A repository with a policy."""
    return prepare(set_policy)


def set_policy(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format(FAIL))


def find_listed(said: Said) -> list[str]:
    """Return the waivers that a text has."""
    lines = said.out.splitlines()
    start = next((number for number, line in enumerate(lines) if "added:" in line and "waiver" in line), None)
    return [] if start is None else [line.strip() for line in lines[start + 1 :] if line.startswith("  ")]


def test_each_way_in_fails_for_a_policy_that_is_taken_away(strict: Guarded) -> None:
    base = strict.git("rev-parse", "HEAD").strip()
    strict.configure()
    report = strict.path.parent / "report.json"
    pytest_options = ("--antipasta-only", f"--antipasta-report=json={report}")
    ways = {
        "hook": strict.hook(),
        "check --staged": strict.say("check", "--staged"),
        "check -q": strict.say("check", "--staged", "-q"),
        "check --diff": strict.say("check", "--diff", base),
        "pytest": strict.run_pytest(*pytest_options, "--antipasta-staged"),
    }
    assert [one["fails"] for one in json.loads(report.read_text())["waivers"]] == [True]
    strict.record()
    ways["check --diff A..B"] = strict.say("check", "--diff", f"{base}..HEAD")
    ways["pytest, a branch"] = strict.run_pytest(*pytest_options, "--antipasta-diff", base)
    for way, said in ways.items():
        assert said.code == 1, way
        assert find_listed(said)[0].startswith("pyproject.toml: settings new_waivers"), (way, said)
        assert 'new_waivers = "fail"' in said.out, way
    assert ways["hook"].out.endswith("\nblocked by pytest-antipasta: 1 waiver not allowed\n")


@pytest.mark.parametrize(
    ("policy", "cause", "expected"),
    [
        (FAIL, ", 1 waiver not allowed", []),
        (
            'new_waivers = "reason"',
            "",
            [
                "allow     add to new.py:1  # antipasta: ignore[cyclomatic<=5] REASON",
                f"record    pytest-antipasta baseline write --staged --reason REASON new.py{AND}"
                "git add antipasta-baseline.json",
            ],
        ),
    ],
)
def test_what_a_policy_refuses_is_not_advised_when_it_is_taken_away(
    guarded: Guarded, policy: str, cause: str, expected: list[str]
) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format(policy))
    guarded.configure()
    guarded.stage("new.py", function(5, "new"))
    said = guarded.hook()
    assert said.code == 1
    assert f"blocked by pytest-antipasta: 1 function became too complex, in 1 file{cause}\n" in said.out
    _, advice = said.out.split("simplify  pytest-antipasta explain new.py::new\n")
    assert advice == "".join(f"{line}\n" for line in expected)


def test_a_push_that_takes_the_policy_away_is_refused(strict: Guarded, server: Path) -> None:
    assert server.exists()
    add(strict, "pyproject.toml", SETTINGS.format(""))
    said = strict.run_git("push", "--quiet", "origin", "HEAD:main")
    assert said.code == 1, said
    assert "pyproject.toml: settings new_waivers" in said.out
    add(strict, "pyproject.toml", SETTINGS.format(FAIL))
    assert strict.run_git("push", "--quiet", "origin", "HEAD:main").code == 0


@pytest.fixture
def server(strict: Guarded, tmp_path: Path) -> Path:
    """A server with our hook, which has what is there so far."""
    place = tmp_path / "server.git"
    strict.git("init", "--quiet", "--bare", "--initial-branch", "main", str(place))
    strict.git("remote", "add", "origin", str(place))
    strict.git("push", "--quiet", "origin", "HEAD:main")
    shutil.copy(HOOKS / "pre-receive", place / "hooks")
    return place


@pytest.mark.parametrize("hook", ["pre-push", "pre-receive"])
def test_the_first_push_of_all_has_no_waivers(strict: Guarded, tmp_path: Path, hook: str) -> None:
    add(strict, "a.py", commented())
    strict.stage("old.py", function(2))
    strict.record()
    place = tmp_path / "server.git"
    strict.git("init", "--quiet", "--bare", "--initial-branch", "main", str(place))
    strict.git("remote", "add", "origin", str(place))
    if hook == "pre-push":
        strict.install(hook)
    else:
        shutil.copy(HOOKS / hook, place / "hooks")
    said = strict.run_git("push", "--quiet", "origin", "HEAD:main")
    assert (said.code, "waiver" in said.out) == (0, False), said


def test_a_branch_without_a_common_commit_is_judged_by_the_policy_of_the_default_one(
    strict: Guarded, server: Path
) -> None:
    assert server.exists()
    strict.git("checkout", "--quiet", "--orphan", "other")
    strict.stage("pyproject.toml", LOOSER.format(""))
    add(strict, "new.py", function(5, "new"))
    said = strict.run_git("push", "--quiet", "origin", "HEAD:other")
    assert said.code == 1, said
    assert f"settings {KEY} (<= 3 \N{RIGHTWARDS ARROW} <= 9)" in said.out
    assert "settings new_waivers" in said.out
    strict.stage("pyproject.toml", SETTINGS.format(FAIL))
    strict.stage("new.py", function(3, "new"))
    strict.stage("old.py", function(3))
    strict.git("commit", "--quiet", "--no-verify", "--amend", "--message", "strict")
    assert strict.run_git("push", "--quiet", "origin", "HEAD:other").code == 0


def test_waivers_of_a_merge_are_looked_for_beside_conflicts(strict: Guarded) -> None:
    add(strict, "a.py", commented())
    strict.git("checkout", "--quiet", "-b", "side")
    strict.stage("b.py", commented())
    strict.stage("pyproject.toml", SETTINGS.format(f"{FAIL}\nstrict_files = true"))
    add(strict, "a.py", f"{function(2)}x = 2\n")
    strict.git("checkout", "--quiet", "-")
    add(strict, "a.py", f"{commented()}x = 1\n")
    strict.run_git("merge", "--quiet", "--no-commit", "side")
    said = strict.hook()
    assert (said.code, said.err) == (3, ""), said
    assert said.out.startswith("a.py: not measured (unmerged)")


def test_a_comment_without_a_reason_fails_where_one_is_asked_for(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format('new_waivers = "reason"'))
    guarded.stage("a.py", commented())
    said = guarded.hook()
    assert (said.code, "\n    write it at the end of each comment: a.py:1\n" in said.out) == (1, True)
    guarded.stage("a.py", commented(" the law has five cases"))
    said = guarded.hook()
    assert (said.code, len(find_listed(said))) == (0, 1)
    assert find_listed(said)[0].count("the law has five cases") == 1


def test_an_entry_without_a_reason_gets_one_as_advised(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format('new_waivers = "reason"'))
    guarded.stage("a.py", function(5))
    guarded.say("baseline", "write", "a.py")
    guarded.git("add", "--all")
    guarded.write("a.py", function(2))  # what is staged is what is recorded
    said = guarded.hook()
    command = "pytest-antipasta baseline write --staged --reason REASON a.py"
    both = f"{command}{'` and `' if os.name == 'nt' else AND}git add antipasta-baseline.json"
    assert (said.code, f"\n    run `{both}`\n" in said.out) == (1, True)
    assert guarded.say(*command.replace("REASON", "law").split()[1:]).code == 0
    guarded.git("add", "antipasta-baseline.json")
    assert guarded.hook().code == 0


def test_the_policy_may_come_from_another_commit(strict: Guarded) -> None:
    strict.git("tag", "owner")
    add(strict, "pyproject.toml", SETTINGS.format(""))
    strict.stage("a.py", commented())
    assert strict.hook().code == 0, "two commits get past a hook"
    assert strict.hook("--policy-from", "owner").code == 1
    assert strict.say("check", "--staged", "--policy-from", "owner").code == 1
    options = ("--antipasta-only", "--antipasta-staged")
    assert strict.run_pytest(*options).code == 0
    assert strict.run_pytest(*options, "--antipasta-policy-from", "owner").code == 1
    said = strict.say("check", "--staged", "--policy-from", "nobody")
    assert (said.code, "nobody" in said.err) == (2, True)


@pytest.mark.parametrize(
    "option", ["--antipasta-policy-from HEAD", "--antipasta-limits-from HEAD", "--antipasta-exit-zero"]
)
def test_a_project_can_not_choose_who_judges_it(strict: Guarded, option: str) -> None:
    strict.stage("pytest.ini", f"[pytest]\naddopts = {option}\n")
    said = strict.run_pytest("--antipasta-only", "--antipasta-staged")
    assert said.code == 4
    assert f"ERROR: {option.partition(' ')[0]} is in the project's `addopts`" in said.err


@NEEDS_LINKS
def test_settings_behind_a_link_with_another_target_are_compared(guarded: Guarded) -> None:
    (guarded.path / "pyproject.toml").unlink()
    (guarded.path / "pyproject.toml").symlink_to("strict.toml")
    (guarded.path / "strict.toml").write_text(SETTINGS.format(FAIL))
    (guarded.path / "loose.toml").write_text(LOOSER.format(FAIL))
    guarded.run_git("add", ".")
    guarded.run_git("commit", "--no-verify", "--quiet", "--message", "a link")
    guarded.stage("a.py", function(5))
    (guarded.path / "pyproject.toml").unlink()
    (guarded.path / "pyproject.toml").symlink_to("loose.toml")
    guarded.run_git("add", ".")
    said = guarded.hook()
    listed = f"pyproject.toml: settings {KEY} (<= 3 \N{RIGHTWARDS ARROW} <= 9)"
    assert (said.code, find_listed(said)[0].partition(";")[0]) == (1, listed), said


@NEEDS_LINKS
def test_links_that_lead_round_are_no_settings(guarded: Guarded) -> None:
    (guarded.path / "pyproject.toml").unlink()
    (guarded.path / "pyproject.toml").symlink_to("other.toml")
    (guarded.path / "other.toml").symlink_to("pyproject.toml")
    guarded.run_git("add", ".")
    said = guarded.hook()
    assert (said.code, find_listed(said)[0].startswith(f"pyproject.toml: settings {KEY} (<= 3")) == (0, True)


@pytest.mark.usefixtures("no_time")
def test_a_file_left_by_a_lower_budget_is_told(strict: Guarded) -> None:
    strict.stage("pyproject.toml", SETTINGS.format(f"{FAIL}\ntime_budget = 4"))
    strict.stage("a.py", function(5))
    said = strict.hook()
    line = "pyproject.toml: settings time_budget (5 \N{RIGHTWARDS ARROW} 4); 1 file not measured: a.py"
    assert (said.code, find_listed(said)[0]) == (1, line), said


def test_limits_may_come_from_another_commit(guarded: Guarded) -> None:
    guarded.git("tag", "owner")
    add(guarded, "pyproject.toml", LOOSER.format(""))
    guarded.stage("a.py", function(5))
    assert guarded.hook().code == 0
    assert guarded.hook("--limits-from", "owner").code == 1
    assert guarded.say("check", "--staged", "--limits-from", "owner").code == 1
    assert guarded.say("check", "a.py", "--limits-from", "owner").code == 1
    assert guarded.say("check", "a.py").code == 0
    options = ("--antipasta-only", "a.py")
    assert guarded.run_pytest(*options).code == 0
    assert guarded.run_pytest(*options, "--antipasta-limits-from", "owner").code == 1


def test_a_merge_brings_no_waiver_of_its_parents(strict: Guarded) -> None:
    add(strict, "pyproject.toml", SETTINGS.format(f'{FAIL}\non_timeout = "block"'))
    strict.git("checkout", "--quiet", "-b", "side")
    add(strict, "a.py", commented())
    strict.git("checkout", "--quiet", "-")
    add(strict, "b.py", function(2))
    strict.git("merge", "--quiet", "--no-commit", "--no-ff", "side")
    assert strict.hook() == (0, "", "")
    strict.stage("c.py", commented())
    assert find_listed(strict.hook())[0].startswith("c.py:1: f")


def count(repository: Guarded) -> tuple[dict[str, int], bool]:
    """Return how often the hook does what the spy counts, and whether it looks for waivers."""
    said = repository.run_module(
        "tests.spy", "from pytest_antipasta.cli import main; assert not main(['hook'])"
    )
    assert said.code == 0
    counts, loaded = json.loads(said.err.splitlines()[-1])
    return counts, "pytest_antipasta.gate.waiver_search" in loaded


@pytest.fixture
def spied(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> Guarded:
    """A repository whose hook can be run by the spy."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return guarded


def test_a_change_without_a_policy_in_it_costs_nothing(spied: Guarded) -> None:
    spied.stage("old.py", function(2))
    plain, looks = count(spied)
    assert not looks
    spied.configure("strict_files = true")
    more, looks = count(spied)
    assert (looks, more["programs"] > plain["programs"]) == (True, True)
    spied.record()
    spied.stage("old.py", function(1))
    last, looks = count(spied)
    assert (last["programs"], looks) == (plain["programs"], False)


def test_a_file_that_no_rules_select_is_not_parsed_for_a_waiver_in_another(spied: Guarded) -> None:
    add(spied, "notes.txt", "def counted(): pass\n")
    spied.stage("notes.txt", "def counted(): return\n")
    spied.stage("a.py", commented())
    counts, looks = count(spied)
    assert (counts["parses"], looks) == (0, True)


@pytest.mark.parametrize(("path", "is_more"), [("old.py", False), ("pyproject.toml", True)])
def test_a_push_without_a_policy_in_it_costs_a_server_nothing(
    guarded: Guarded, server: Path, path: str, *, is_more: bool
) -> None:
    trace = server.parent / "trace"
    add(guarded, path, function(2) if path == "old.py" else SETTINGS.format(f"{FAIL}\nstrict_files = true"))
    guarded.git("push", "--quiet", "origin", "HEAD:refs/keep/new")
    old, new = (guarded.git("rev-parse", name).strip() for name in ("HEAD~1", "HEAD"))
    done = subprocess.run(
        ["pytest-antipasta", "hook", "--receive"],
        cwd=server,
        env={**os.environ, "GIT_TRACE2_EVENT": str(trace)},
        input=f"{old} {new} refs/heads/main\n".encode(),
        check=False,
    )
    assert done.returncode == 0
    commands = [json.loads(line) for line in trace.read_text().splitlines()]
    listed = [one["argv"][-1] for one in commands if one["event"] == "start" and "ls-tree" in one["argv"]]
    assert (old in listed) == is_more


def test_a_change_without_waivers_has_the_policy(strict: Guarded) -> None:
    strict.stage("old.py", function(1))
    said = strict.say("check", "--staged", "--format", "json")
    report = json.loads(said.out)
    assert (said.code, report["waivers"], report["new_waivers"]) == (0, [], "fail")


def test_reports_have_waivers(strict: Guarded) -> None:
    strict.stage("a.py", commented())
    strict.record()
    folder = strict.path.parent
    names = {
        "github": "github.txt",
        "markdown": "report.md",
        "html": "page.html",
        "gitlab": "quality.json",
    }
    options = [option for one, name in names.items() for option in ("--report", f"{one}={folder / name}")]
    assert strict.say("check", "--diff", "HEAD~1..HEAD", *options).code == 1
    texts = {one: (folder / name).read_text(encoding="utf-8") for one, name in names.items()}
    told = f"f: cyclomatic_complexity: comment {COMMENT} (<= 3 \N{RIGHTWARDS ARROW} no limit)"
    assert f"::error title=waiver added,file=a.py,line=1::{told}\n" in texts["github"]
    assert "### antipasta: failed because of new waivers\n" in texts["markdown"]
    assert f"**1 waiver added**\n\n- `a.py:1`: `{told}`, which fails\n" in texts["markdown"]
    assert '"fails":true' in texts["html"].replace(" ", "")
    (issue,) = json.loads(texts["gitlab"])
    assert (issue["description"], issue["severity"]) == (f"waiver added: {told}", "critical")
    assert issue["location"] == {"path": "a.py", "lines": {"begin": 1}}
    strict.say("check", "--diff", "HEAD~1..HEAD", "--policy-from", "HEAD~2", *options)
    assert "::notice title=waiver added,file=a.py,line=1::" in (folder / "github.txt").read_text()
    (issue,) = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    assert issue["severity"] == "info"


def test_a_log_for_code_scanning_has_waivers_as_notifications(strict: Guarded) -> None:
    strict.stage("a.py", commented())
    strict.record()
    for options, level, is_successful in (((), "error", False), (("--policy-from", "HEAD~2"), "note", True)):
        said = strict.say("check", "--diff", "HEAD~1..HEAD", *options, "--format", "sarif")
        (run,) = json.loads(said.out)["runs"]
        (invocation,) = run["invocations"]
        (told,) = invocation["toolExecutionNotifications"]
        assert (told["level"], invocation["executionSuccessful"]) == (level, is_successful)
        assert COMMENT in told["message"]["text"]
        rule = run["tool"]["driver"]["notifications"][told["descriptor"]["index"]]
        assert rule["id"] == told["descriptor"]["id"] == "waiver"
        assert "`pytest-antipasta check` with the same options" in rule["help"]["text"]


@pytest.mark.parametrize("form", ["junit", "junit-blocks"])
def test_a_test_report_has_waivers_as_a_case(strict: Guarded, form: str) -> None:
    """A comment is one, whatever it allows."""
    add(strict, "pyproject.toml", SETTINGS.format(FAIL).replace("cognitive_complexity = false", COGNITIVE))
    strict.stage("a.py", commented().replace("]", ", cognitive_complexity]"))
    strict.record()
    refused = strict.say("check", "--diff", "HEAD~1..HEAD", "--format", form)
    (suite,) = ElementTree.fromstring(refused.out)
    (failure,) = suite.iter("failure")
    assert (refused.code, suite.get("failures")) == (1, "1")
    assert (failure.get("message"), COMMENT[:-1] in str(failure.text)) == ("1 waiver not allowed", True)
    listed = strict.say("check", "--diff", "HEAD~1..HEAD", "--policy-from", "HEAD~3", "--format", form)
    (suite,) = ElementTree.fromstring(listed.out)
    assert (listed.code, suite.get("failures"), suite[-1].get("name")) == (0, "0", "new waivers")
    assert COMMENT[:-1] in str(suite[-1].findtext("system-out"))


def test_a_test_report_says_that_a_reason_is_missing(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format('new_waivers = "reason"'))
    guarded.stage("a.py", commented())
    said = guarded.say("check", "--staged", "--format", "junit")
    (failure,) = ElementTree.fromstring(said.out).iter("failure")
    assert (said.code, failure.get("message")) == (1, "1 waiver without a reason")


@pytest.mark.parametrize("workers", [[], pytest.param(["-n", "1"], marks=pytest.mark.slow)])
def test_a_test_report_of_pytest_has_waivers_that_fail_as_a_case(strict: Guarded, workers: list[str]) -> None:
    strict.stage("a.py", commented())
    report = strict.path.parent / "junit.xml"
    options = ("--antipasta-only", "--antipasta-staged", f"--junitxml={report}", *workers)

    def find_failures(*more: str) -> tuple[int, list[tuple[str | None, str | None, str]]]:
        plugins = ("-p", "xdist") if workers else ()
        said = strict.run_pytest(*plugins, *options, *more)
        (suite,) = ElementTree.parse(report).getroot()
        failed = [(case, case.findtext("failure")) for case in suite.iter("testcase")]
        found = [(case.get("classname"), case.get("name"), text) for case, text in failed if text is not None]
        assert suite.get("failures") == str(len(found))
        return said.code, found

    code, [(package, name, text)] = find_failures()
    assert (code, package, name, COMMENT[:-1] in text) == (1, "antipasta", "new waivers", True)
    assert find_failures("--antipasta-exit-zero") == (0, [])
    assert find_failures("--collect-only") == (0, [])


@pytest.mark.usefixtures("no_time")
def test_whether_a_file_is_too_large_is_unknown_without_time(strict: Guarded) -> None:
    lines = f'{FAIL}\non_error = "warn"'
    add(strict, "pyproject.toml", SETTINGS.format(lines))
    strict.stage("pyproject.toml", SETTINGS.format(f"{lines}\nmax_file_size_mb = 1"))
    line = "pyproject.toml: settings max_file_size_mb (100 \N{RIGHTWARDS ARROW} 1); effect unknown"
    assert find_listed(strict.hook()) == [line]


@pytest.mark.usefixtures("no_time")
def test_an_effect_that_there_is_no_time_for_is_unknown(strict: Guarded) -> None:
    strict.stage("pyproject.toml", LOOSER.format(FAIL))
    said = strict.hook()
    line = f"pyproject.toml: settings {KEY} (<= 3 \N{RIGHTWARDS ARROW} <= 9); effect unknown"
    assert (said.code, line in find_listed(said)) == (0, True), said
    add(strict, "pyproject.toml", SETTINGS.format(f'{FAIL}\non_timeout = "block"'))
    strict.stage("pyproject.toml", LOOSER.format(FAIL))
    assert strict.hook().code == 1


@pytest.mark.usefixtures("no_time")
def test_limits_of_some_files_are_named_without_values_if_there_is_no_time(strict: Guarded) -> None:
    override = f'[[tool.pytest-antipasta.overrides]]\nfiles = ["a.py"]\n{KEY} = 9\n'
    strict.stage("pyproject.toml", f"{SETTINGS.format(FAIL)}{override}")
    assert find_listed(strict.hook()) == ["pyproject.toml: settings overrides; effect unknown"]


def test_values_are_named_below_the_folder_that_settings_move_to(strict: Guarded) -> None:
    add(strict, "app/old.py", function(5))
    add(strict, "app/moved.py", function(6))
    strict.git("rm", "--quiet", "pyproject.toml")
    strict.stage("app/pyproject.toml", LOOSER.format(FAIL))
    strict.git("mv", "app/moved.py", "app/new.py")
    said = strict.hook(cwd="app")
    values = "2 values would have failed: new.py::f cyclomatic_complexity, old.py::f cyclomatic_complexity"
    line = f"pyproject.toml: settings {KEY} (<= 3 \N{RIGHTWARDS ARROW} <= 9); {values}"
    assert (said.code, line in find_listed(said)) == (1, True), said


SOFT = """
[[tool.pytest-antipasta.overrides]]
files = ["tests/"]
thresholds = {cyclomatic_complexity = 9}
"""


@pytest.mark.parametrize("is_renamed", [False, True], ids=["function", "file"])
def test_code_that_leaves_a_higher_limit_by_an_entry_is_listed(guarded: Guarded, is_renamed: bool) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format(FAIL) + SOFT)
    add(guarded, "tests/a.py", f"import os\n\n\n{function(5)}")
    guarded.stage("src.py", f"import os\n\n\n{function(5)}")
    guarded.stage("tests/a.py", "import os\n")
    if is_renamed:
        guarded.git("rm", "--quiet", "--force", "tests/a.py")
    assert "5/3" in guarded.hook().out
    guarded.say("baseline", "write", "src.py")
    guarded.git("add", "antipasta-baseline.json")
    said = guarded.hook()
    entry = "src.py:4: f: cyclomatic_complexity: baseline entry antipasta-baseline.json"
    assert (said.code, find_listed(said)[0]) == (1, f"{entry} (<= 3 \N{RIGHTWARDS ARROW} <= 5)")


def test_code_that_leaves_a_higher_limit_by_a_comment_is_listed(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format(FAIL) + SOFT)
    add(guarded, "tests/a.py", function(5))
    guarded.git("mv", "tests/a.py", "src.py")
    guarded.stage("src.py", commented())
    said = guarded.hook()
    line = f"src.py:1: f: cyclomatic_complexity: comment {COMMENT} (<= 3 \N{RIGHTWARDS ARROW} no limit)"
    assert (said.code, find_listed(said)[0]) == (1, line)


@pytest.mark.parametrize("is_merged", [False, True], ids=["commit", "merge"])
def test_code_that_leaves_a_higher_limit_by_new_settings_is_listed(guarded: Guarded, is_merged: bool) -> None:
    """Into a file that was there. Of a merge, whichever parent comes first."""
    settings = SETTINGS.format(FAIL) + SOFT
    add(guarded, "pyproject.toml", settings)
    add(guarded, "src.py", "import os\n")
    add(guarded, "tests/a.py", f"import os\n\n\n{function(5)}")
    if is_merged:
        guarded.git("checkout", "--quiet", "-b", "side")
        add(guarded, "other.py", "x = 1\n")
        guarded.git("checkout", "--quiet", "-")
        add(guarded, "more.py", "x = 1\n")
        guarded.run_git("merge", "--quiet", "--no-commit", "side")
    guarded.stage("src.py", f"import os\n\n\n{function(5)}")
    guarded.stage("tests/a.py", "import os\n")
    guarded.stage("pyproject.toml", settings.replace('["tests/"]', '["tests/", "src.py"]'))
    said = guarded.hook()
    line = f"pyproject.toml: settings overrides[0].{KEY} (<= 3 \N{RIGHTWARDS ARROW} <= 9)"
    assert (said.code, [listed.split("; ")[0] for listed in find_listed(said)][:1]) == (1, [line]), said


def test_code_that_brings_its_own_limit_along_is_no_waiver(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", SETTINGS.format(f"{FAIL}\nnested = true"))
    nested = SETTINGS.format("").replace("= 3", "= 9")
    add(guarded, "old/pyproject.toml", nested)
    add(guarded, "old/a.py", function(5))
    guarded.git("mv", "old", "new")
    said = guarded.hook()
    assert (said.code, said.out) == (0, "")


def test_a_critical_function_that_gets_another_name_is_listed(strict: Guarded) -> None:
    add(strict, "pyproject.toml", SETTINGS.format(f'{FAIL}\ncritical_functions = ["good.py::*"]'))
    strict.stage("good.py", "")
    strict.stage("better.py", function(2, "g"))
    said = strict.hook()
    line = "better.py:1: g: no longer in critical_functions (was good.py::f)"
    assert (said.code, find_listed(said)[0]) == (1, line)


def test_a_critical_function_that_moves_is_listed_with_all_of_its_metrics(strict: Guarded) -> None:
    add(strict, "pyproject.toml", SETTINGS.format(f'{FAIL}\ncritical_functions = ["core.py::*"]'))
    add(strict, "core.py", commented())
    strict.git("mv", "core.py", "more.py")
    listed = find_listed(strict.hook())
    assert listed[0].startswith("more.py:2: f: no longer in critical_functions (was core.py::f)")


def test_a_comment_for_several_metrics_is_listed_once_with_its_function(strict: Guarded) -> None:
    settings = SETTINGS.replace("cognitive_complexity = false", "cognitive_complexity = 3")
    add(strict, "pyproject.toml", settings.format(FAIL))
    strict.stage("a.py", f"# antipasta: ignore[cyclomatic, cognitive]\n{function(5, 'g')}")
    listed = find_listed(strict.hook())
    assert listed[0].startswith("a.py:1: g: comment ")


def test_a_critical_function_that_loses_its_decorator_is_listed(strict: Guarded) -> None:
    add(strict, "pyproject.toml", SETTINGS.format(f'{FAIL}\ncritical_functions = ["@*.route"]'))
    add(strict, "good.py", f"@app.route(1)\n{function(2)}")
    strict.stage("good.py", function(2))
    said = strict.hook()
    line = "good.py:1: f: no longer in critical_functions (its decorators changed)"
    assert (said.code, find_listed(said)[0]) == (1, line)


def test_a_file_that_is_generated_now_is_listed_with_the_line_that_says_so(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", "[tool.pytest-antipasta]\n")
    add(guarded, "good.py", function(12))
    guarded.stage("good.py", f"# A shop.\n# Generated by x. Do not edit.\n{function(12)}")
    (line,) = find_listed(guarded.hook())
    assert line.startswith("good.py:2: f: cyclomatic_complexity: was a file that is not generated, ")


def test_settings_that_could_not_be_read_before_are_said(guarded: Guarded) -> None:
    (guarded.path / "pyproject.toml").write_text(SETTINGS.format("unknown_key = 1"))
    guarded.run_git("add", ".")
    guarded.run_git("commit", "--no-verify", "--quiet", "--message", "wrong")
    guarded.stage("pyproject.toml", SETTINGS.format("").replace("= 3", "= 9"))
    assert "previous version: " in guarded.hook().out


def test_settings_that_git_has_lost_are_said(strict: Guarded) -> None:
    """As in a clone without the contents of earlier commits."""
    blob = strict.git("rev-parse", "HEAD:pyproject.toml").strip()
    strict.stage("pyproject.toml", LOOSER.format(FAIL))
    strict.stage("a.py", function(5))
    strict.lose(blob)
    said = strict.hook()
    why = "previous version: could not read the settings of the commit before this change"
    assert why in said.out
    assert strict.hook("--policy-from", "HEAD").code != 0


def test_settings_before_that_git_can_not_list_are_said(strict: Guarded) -> None:
    strict.stage("sub/b.py", function(2))
    strict.record()
    tree = strict.git("rev-parse", "HEAD:sub").strip()
    strict.stage("pyproject.toml", LOOSER.format(FAIL))
    strict.stage("a.py", function(10))
    strict.git("write-tree")  # the index knows that the folder is the same
    strict.lose(tree)
    said = strict.hook()
    assert (said.code, find_places(said.out), "previous version: " in said.out) == (1, ["a.py:1"], True), said


def test_a_policy_from_elsewhere_fails_where_settings_before_can_not_be_read(strict: Guarded) -> None:
    policy = strict.git("rev-parse", "HEAD").strip()
    strict.stage("pyproject.toml", SETTINGS.format("unknown_key = 1"))
    strict.record()
    strict.stage("pyproject.toml", LOOSER.format(FAIL))
    strict.stage("a.py", function(5))
    said = strict.hook("--policy-from", policy)
    assert "previous version: " in said.out
    assert said.code == 1


def test_comments_of_the_change_are_listed_without_time_for_all_files(
    strict: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stands a day later while the other files are measured."""
    for number in range(5):
        strict.stage(f"old{number}.py", f"{function(1)}# {number}\n")
    add(strict, "pyproject.toml", SETTINGS.format(f'{FAIL}\non_timeout = "block"'))
    strict.stage("a.py", commented())
    strict.stage("pyproject.toml", SETTINGS.format(f'{FAIL}\non_timeout = "block"\nmax_file_size_mb = 200'))
    asked: list[float] = []
    most, now = inf, time.monotonic

    def read_clock() -> float:
        asked.append(now())
        return asked[-1] + 86400 * (len(asked) > most)

    monkeypatch.setattr(measuring, "time", SimpleNamespace(monotonic=read_clock, perf_counter=now))
    in_time = strict.hook("--no-cache")
    most = len(asked) - 3
    asked.clear()
    said = strict.hook("--no-cache")
    assert len(asked) == most + 1
    comment, *others = find_listed(said)
    assert (said.code, comment) == (1, find_listed(in_time)[0])
    assert comment.startswith("a.py:1: f")
    assert others[0].endswith("settings time_budget: exceeded before all files were compared; effect unknown")


def test_limits_of_coverage_are_none_of_a_commit(guarded: Guarded) -> None:
    add(guarded, "pyproject.toml", f"{SETTINGS.format('')}crap = 9\n")
    guarded.stage("a.py", commented())
    guarded.stage("b.py", function(2))
    said = guarded.hook()
    assert (said.code, len(find_listed(said)), said.err) == (0, 1, "")


@pytest.mark.parametrize(("before", "after"), [(9, 8), (8, 9)], ids=["lower", "higher"])
def test_a_limit_of_coverage_is_no_waiver(guarded: Guarded, before: int, after: int) -> None:
    """Neither where one is taken back, nor where there is no time to compare files."""
    add(guarded, "pyproject.toml", f"{SETTINGS.format('')}crap = {before}\n")
    guarded.stage("pyproject.toml", f"{SETTINGS.format('')}crap = {after}\n")
    assert "thresholds.crap" not in guarded.say("check", "--staged").out
    guarded.stage("pyproject.toml", f"{SETTINGS.format('time_budget = 0.000001')}crap = {after}\n")
    guarded.stage("a.py", commented())
    assert "thresholds.crap" not in guarded.hook("--no-cache").out
