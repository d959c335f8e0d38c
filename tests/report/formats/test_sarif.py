"""SARIF: fingerprints, suppressions, states, and where paths lead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.model.judged import Tolerated, Verdict
from pytest_antipasta.model.measured import FileMetrics, Measurement
from tests.commits import commit_all
from tests.conftest import Repository
from tests.plugin.conftest import FAILING, PASSING
from tests.report.conftest import SETTINGS, write, write_report, write_reports
from tests.report.making import write_as

WORSE = FAILING.replace("return 1", "return a and b")


def read_run(content: bytes) -> dict[str, Any]:
    """Return the run of a log."""
    run: dict[str, Any] = json.loads(content)["runs"][0]
    return run


def find_results(run: dict[str, Any], path: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the results of a file by metric and block."""
    found = {}
    for result in run["results"]:
        (location,) = result["locations"]
        if location["physicalLocation"]["artifactLocation"]["uri"] == path:
            (name,) = location.get("logicalLocations", [{"fullyQualifiedName": ""}])
            found[result["ruleId"], name["fullyQualifiedName"]] = result
    return found


@pytest.fixture
def project(repository: Repository) -> Path:
    """A repository that is a project."""
    write(repository.path, {"pyproject.toml": SETTINGS, "a.py": FAILING})
    return repository.path


def write_baseline(project: Path) -> None:
    """Record what is over its limit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        main(["baseline", "write", "--no-cache", "--quiet"])


def fingerprint(project: Path, *changes: dict[str, str]) -> set[str]:
    """Return the fingerprints of a function's number in versions of a project."""
    found = set()
    for files in changes:
        for path in project.glob("*.py"):
            path.unlink()
        write(project, files)
        for result in read_run(write_report("sarif", project))["results"]:
            if result["ruleId"] == "cyclomatic_complexity":
                found.add(json.dumps(result["partialFingerprints"]))
    return found


def test_a_fingerprint_survives_moved_lines_renames_and_other_numbers(project: Path) -> None:
    versions = [{"a.py": FAILING}, {"a.py": f"\n\n# x\n{FAILING}"}, {"b.py": FAILING}, {"a.py": WORSE}]
    assert len(fingerprint(project, *versions)) == 1


def test_each_function_of_a_file_has_its_own(project: Path) -> None:
    other = FAILING.replace("decide", "other")
    assert len(fingerprint(project, {"a.py": f"{FAILING}\n\n{FAILING}\n\n{other}"})) == 3


def test_rules_have_texts_and_limits(reports: dict[str, bytes]) -> None:
    run = read_run(reports["sarif"])
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    (rule,) = (one for one in rules if one["id"] == "cyclomatic_complexity")
    assert rule["properties"] == {
        "tags": ["maintainability", "complexity"],
        "limit": 2,
        "comparison": "<=",
        "block_limit": None,
        "level": "error",
    }
    assert "It must be <= 2." in rule["help"]["text"]
    assert {"maintainability_index", "lines_of_code"} <= {one["id"] for one in rules}


def test_paths_lead_to_the_files_from_the_base(reports: dict[str, bytes]) -> None:
    run = read_run(reports["sarif"])
    base = run["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]]
    assert {place["uriBaseId"] for place in places} == {"%SRCROOT%"}
    for place in places:
        path = url2pathname(urlsplit(urljoin(base, place["uri"])).path)
        assert Path(path).is_file() or "\\xe9" in path


def test_regions_are_the_line_of_the_def_within_its_block(reports: dict[str, bytes]) -> None:
    results = find_results(read_run(reports["sarif"]), "app/pkg/methods.py")
    method = results["cyclomatic_complexity", "K.decide"]["locations"][0]
    assert method["physicalLocation"]["region"] == {"startLine": 5, "startColumn": 9, "endColumn": 15}
    assert method["physicalLocation"]["contextRegion"] == {"startLine": 5, "endLine": 9}
    assert method["logicalLocations"] == [
        {"name": "decide", "fullyQualifiedName": "K.decide", "kind": "member"}
    ]
    whole = results["lines_of_code", ""]["locations"][0]
    assert whole["physicalLocation"]["region"] == {"startLine": 1}
    assert "contextRegion" not in whole["physicalLocation"]


def test_results_are_what_fails_and_nothing_else(project: Path) -> None:
    """GitHub's code scanning opens an alert for each, also of a run that passes."""
    suppressed = FAILING.replace(":", ":  # antipasta: ignore[cyclomatic_complexity]", 1)
    write(project, {"a.py": FAILING, "b.py": suppressed})
    write_baseline(project)
    passed = write_reports(project)
    assert read_run(passed["sarif"])["results"] == []
    assert len(read_run(passed["sarif-all"])["results"]) == 4
    write(project, {"a.py": WORSE})
    (result,) = read_run(write_report("sarif", project))["results"]
    assert (result["ruleId"], result["suppressions"]) == ("cyclomatic_complexity", [])


def test_what_is_suppressed_says_by_what(reports: dict[str, bytes]) -> None:
    run = read_run(reports["sarif-all"])
    suppressed = find_results(run, "app/pkg/suppressed.py")["cyclomatic_complexity", "decide"]
    (suppression,) = suppressed["suppressions"]
    assert (suppression["kind"], suppression["justification"]) == ("inSource", "as | it is")
    assert suppression["location"]["physicalLocation"]["region"] == {"startLine": 1}
    recorded = find_results(run, "app/pkg/same.py")["cyclomatic_complexity", "decide"]
    assert recorded["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "recorded in antipasta-baseline.json"}
    ]
    assert find_results(run, "app/a.py")["cyclomatic_complexity", "decide"]["suppressions"] == []


def test_states_are_those_beside_the_baseline(reports: dict[str, bytes]) -> None:
    run, key = read_run(reports["sarif-all"]), ("cyclomatic_complexity", "decide")
    paths = {"app/a.py": "new", "app/pkg/same.py": "unchanged", "app/pkg/worse.py": "updated"}
    assert {path: find_results(run, path)[key]["baselineState"] for path in paths} == paths


def test_states_of_a_change_are_those_beside_its_other_side(project: Path, repository: Repository) -> None:
    short = FAILING.replace("        if b:\n            return 1\n", "        return 1\n")
    write(project, {"worse.py": FAILING, "carried.py": short, "same.py": FAILING})
    commit_all(repository.path, "x")
    same = FAILING.replace("return 0", "return 2")
    write(project, {"worse.py": WORSE, "carried.py": FAILING, "new.py": FAILING, "same.py": same})
    repository.git("add", ".")
    logs, key = write_reports(project, "--staged"), ("cyclomatic_complexity", "decide")
    assert find_results(read_run(logs["sarif"]), "same.py") == {}
    run = read_run(logs["sarif-all"])
    found = {path: find_results(run, path)[key] for path in ("worse.py", "carried.py", "new.py", "same.py")}
    states = {path: (result["level"], result["baselineState"]) for path, result in found.items()}
    assert states == {
        "worse.py": ("error", "updated"),
        "carried.py": ("error", "new"),
        "new.py": ("error", "new"),
        "same.py": ("note", "unchanged"),
    }


def test_without_anything_to_compare_with_there_is_no_state(project: Path) -> None:
    run = read_run(write_report("sarif", project))
    assert run["results"]
    assert not any("baselineState" in result for result in run["results"])


def test_a_recorded_number_has_four_decimals() -> None:
    tolerated = Tolerated(
        "maintainability_index", None, None, 40.123456, 50, ">=", recorded=40.1235, why="baseline"
    )
    verdict = Verdict("a.py", Measurement(FileMetrics()), tolerated=(tolerated,))
    (result,) = read_run(write_as("sarif-all", [verdict], baseline="b"))["results"]
    assert result["baselineState"] == "unchanged"


def test_a_run_that_was_stopped_is_not_a_success() -> None:
    for stopped in (None, "interrupted"):
        run = read_run(write_as("sarif", [], stopped=stopped))
        assert run["invocations"][0]["executionSuccessful"] is (stopped is None)


@pytest.mark.parametrize(
    ("settings", "level", "is_successful"),
    [(SETTINGS, "error", False), ("[tool.pytest-antipasta]\non_error = 'warn'\n", "warning", True)],
)
def test_a_file_without_numbers_is_a_notification(
    project: Path, settings: str, level: str, is_successful: bool
) -> None:
    write(project, {"pyproject.toml": settings, "a.py": PASSING, "bad.py": "def f(:\n"})
    (invocation,) = read_run(write_report("sarif", project))["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert (told["level"], told["descriptor"]["id"]) == (level, "not_measured")
    assert told["message"]["text"] == "not measured (syntax): invalid syntax"
    assert told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "bad.py"
    assert invocation["executionSuccessful"] is is_successful


def test_an_alert_is_called_after_what_is_wrong(reports: dict[str, bytes]) -> None:
    driver = json.loads(reports["sarif"])["runs"][0]["tool"]["driver"]
    titles = {rule["id"]: rule["shortDescription"]["text"] for rule in driver["rules"]}
    assert titles["cyclomatic_complexity"] == "Cyclomatic complexity over its limit"
    assert titles["maintainability_index"] == "Maintainability index below its limit"


def test_columns_are_those_of_the_name_in_a_file_as_it_was_measured(project: Path) -> None:
    def find_regions() -> set[tuple[int, ...]]:
        regions = [
            result["locations"][0]["physicalLocation"]["region"]
            for result in read_run(write_report("sarif", project))["results"]
            if result["ruleId"] == "cyclomatic_complexity"
        ]
        return {tuple(one.values()) for one in regions}

    body = FAILING.partition("\n")[2]
    write(project, {"a.py": f"def \U00020000x(a, b, \U00020000=1):\n{body}"})
    assert find_regions() == {(1, 5, 7)}, "in code points"
    write(project, {"a.py": f"@print\nasync  def  decide(decide, a, b):\n{body}"})
    assert find_regions() == {(2, 13, 19)}


def test_help_has_the_reason_and_an_example(reports: dict[str, bytes]) -> None:
    rules = read_run(reports["sarif"])["tool"]["driver"]["rules"]
    (rule,) = (one for one in rules if one["id"] == "cognitive_complexity")
    lines = rule["help"]["markdown"].splitlines()
    assert lines[0].startswith("**cognitive_complexity**: How hard a function is to follow")
    assert look_up_metric("cognitive_complexity").reason in lines
    assert lines.count("```python") == 2
    assert "```" not in rule["help"]["text"]


def test_help_names_the_command_that_shows_a_value(reports: dict[str, bytes]) -> None:
    texts = {
        rule["id"]: (rule["help"]["text"], rule["help"]["markdown"])
        for rule in read_run(reports["sarif"])["tool"]["driver"]["rules"]
    }
    for name, target in (("cognitive_complexity", "FILE::BLOCK"), ("maintainability_index", "FILE")):
        command = f"`pytest-antipasta explain {target}` shows how a value is calculated."
        assert all(text.endswith(command) for text in texts[name])
