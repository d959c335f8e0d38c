"""A metric of an extension: in every way in, in every place where a metric can be named, and in the store."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import pytest_antipasta
from pytest_antipasta.extension.loaded import GROUP
from tests.commits import commit_all, stage_all
from tests.extension.conftest import (
    HEAD,
    PARAMETERS,
    Environment,
    read_files,
    write_metadata,
    write_settings,
)

ROW = "a.py\n    1:1  many  parameters (example) 3/2\n"


@pytest.fixture(autouse=True)
def _installed(environment: Environment) -> None:
    environment.install(PARAMETERS)


def test_it_is_judged(environment: Environment, project: Path) -> None:
    done = environment.check(project)
    assert ROW in done.stdout
    assert "1 of 2 functions is over a limit, in 1 file" in done.stdout
    assert done.returncode == 1


def test_its_hook_may_have_a_wrapper(environment: Environment, project: Path) -> None:
    wrapper = "@hookimpl(specname='antipasta_metrics', wrapper=True)\ndef wrap():\n    return (yield)\n"
    environment.install(f"{PARAMETERS}\n{wrapper}")
    assert ROW in environment.check(project).stdout


def test_measure_has_it_in_json_and_csv(environment: Environment, project: Path) -> None:
    done = environment.run("pytest_antipasta", "measure", "--format", "json", cwd=project)
    assert json.loads(done.stdout)["extensions"] == {"example": "1.0"}
    blocks = read_files(done.stdout)[0]["blocks"]
    assert [block["example:parameters"] for block in blocks] == [3, 1]
    done = environment.run("pytest_antipasta", "measure", "--format", "csv", cwd=project)
    head, *rows = csv.reader(done.stdout.splitlines())
    assert [row[head.index("example:parameters")] for row in rows] == ["", "3", "1"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("check", "--metric", "example:parameters"), "checked only example:parameters"),
        (("measure", "--sort", "example:parameters"), "a.py:1: function many  3\n"),
        (
            ("explain", "a.py::many"),
            "example:parameters 3, must be <= 2 (settings, pyproject.toml:3): over by 1",
        ),
        (("config", "show"), '"example:parameters" = 2  # pyproject.toml:3'),
        (("config", "schema"), '"example:parameters": {'),
    ],
)
def test_it_can_be_named_wherever_a_metric_can(
    arguments: tuple[str, ...], expected: str, environment: Environment, project: Path
) -> None:
    done = environment.run("pytest_antipasta", *arguments, cwd=project)
    assert expected in done.stdout, done.stdout + done.stderr


def test_a_comment_suppresses_it(environment: Environment, project: Path) -> None:
    comments = {
        "ignore": 0,
        "ignore[example:parameters]": 0,
        "ignore[example:parameters<=3] they belong together": 0,
        "ignore[example:parameters<=2]": 1,
        "ignore[cyclomatic_complexity]": 1,
    }
    for number, comment in enumerate(comments):
        source = f"def many(a, b, c):  # antipasta: {comment}\n    return a\n"
        (project / f"c{number}.py").write_text(source)
    (project / "a.py").unlink()
    files = read_files(environment.check(project, "--format", "json").stdout)
    found = [(one["path"], len(one["violations"]), one["status"]) for one in files]
    expected = [(f"c{number}.py", count, "measured") for number, count in enumerate(comments.values())]
    assert found == expected


def test_a_baseline_records_it(environment: Environment, project: Path) -> None:
    assert environment.run("pytest_antipasta", "baseline", "write", cwd=project).returncode == 0
    assert environment.check(project).returncode == 0
    worse = (project / "a.py").read_text().replace("b, c", "b, c, d")
    (project / "a.py").write_text(worse)
    done = environment.check(project)
    assert "  parameters (example) 4/2 (the baseline has 3)\n" in done.stdout


def test_the_hook_tells_before_and_after(environment: Environment, project: Path) -> None:
    commit_all(project, "before")
    worse = (project / "a.py").read_text().replace("few(a)", "few(a, b, c)")
    (project / "a.py").write_text(worse)
    stage_all(project)
    done = environment.run("pytest_antipasta", "hook", cwd=project)
    assert "a.py\n    5:1  few  parameters (example) 1 → 3/2 (+2)\n" in done.stdout
    assert "many" not in done.stdout
    assert done.returncode == 1


def test_a_default_limit_holds_until_settings_say_otherwise(environment: Environment, project: Path) -> None:
    environment.install(PARAMETERS.replace('version="1"', 'version="1", limit=1'))
    write_settings(project)
    assert "  many  parameters (example) 3/1\n" in environment.check(project).stdout
    write_settings(project, '"example:parameters" = false')
    assert environment.check(project).returncode == 0


def test_of_some_metrics_more_is_better(environment: Environment, project: Path) -> None:
    environment.install(
        """
        def count(source):
            return len(source.text)

        @hookimpl
        def antipasta_metrics():
            return [Metric(name="size", scope="file", version="1", measure=count, more_is_better=True)]
        """
    )
    write_settings(project, '"example:size" = 1000')
    assert "a.py\n   file  size (example) 59, must be >= 1,000\n" in environment.check(project).stdout
    sarif = json.loads(environment.check(project, "--format", "sarif").stdout)
    (rule,) = (rule for rule in sarif["runs"][0]["tool"]["driver"]["rules"] if rule["id"] == "example:size")
    assert rule["help"]["text"] == (
        "A metric of an extension, example:size. It must be >= 1000. "
        "`pytest-antipasta explain FILE` shows how a value is calculated."
    )
    (project / "a.py").write_text("a = 1\n" * 200)
    assert environment.check(project).returncode == 0


def count_calls(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def calls(environment: Environment, tmp_path: Path) -> Callable[[str], int]:
    """Installs a version that notes when it is called, and returns how often it was in a ``check``."""
    log = tmp_path / "calls"

    def run(version: str, metric_version: str = "1") -> int:
        noting = f"    open({str(log)!r}, 'a').write('called\\n')\n    return {{name"
        source = PARAMETERS.replace("    return {name", noting)
        environment.install(source.replace('version="1"', f'version="{metric_version}"'), version=version)
        log.unlink(missing_ok=True)
        assert environment.check(tmp_path / "project").returncode == 1
        return count_calls(log)

    return run


@pytest.mark.parametrize(
    "upgrade",
    [
        pytest.param(("1.0", "2"), id="the metric"),
        pytest.param(("1.1", "1"), id="the distribution", marks=pytest.mark.slow),
    ],
)
def test_an_upgrade_measures_again(
    upgrade: tuple[str, str], calls: Callable[..., int], project: Path
) -> None:
    assert calls("1.0", "1") == 1
    assert calls(*upgrade) == 1
    assert calls("1.0", "1") == 0


def test_without_it_older_measurements_are_found(environment: Environment, project: Path) -> None:
    environment.uninstall()
    write_settings(project)
    environment.check(project)
    environment.install(PARAMETERS)
    assert "1 miss" in environment.check(project, "--debug").stdout
    environment.uninstall()
    assert "1 hit" in environment.check(project, "--debug").stdout


def test_python_has_it(environment: Environment, project: Path) -> None:
    text = "import pytest_antipasta as p; print([b.extra for b in p.measure(b'def f(a): pass\\n').blocks])"
    done = subprocess.run([environment.python, "-c", text], cwd=project, capture_output=True, text=True)
    assert done.stdout == "[{'example:parameters': 1}]\n", done.stderr


def explaining(body: str) -> str:
    head, _, tail = PARAMETERS.rpartition("measure=count")
    explain = f"def explain(source, name):\n    {body}\n"
    return explain + head + "measure=count, explain=explain" + tail


def test_it_explains_itself(environment: Environment, project: Path) -> None:
    environment.install(explaining("yield ', '.join(one.arg for one in source.functions[name].args.args)"))
    done = environment.run("pytest_antipasta", "explain", "a.py::many", cwd=project)
    assert done.stdout.endswith("example:parameters\n  a, b, c\n")
    done = environment.run("pytest_antipasta", "explain", "a.py::many", "--format", "json", cwd=project)
    assert json.loads(done.stdout)["blocks"][0]["extensions"] == {"example:parameters": ["a, b, c"]}


COUNT_PARSES = """
parses = []

def spy(event, args):
    if event == "compile" and "def many" in str(args[0]):
        parses.append(args)

sys.addaudithook(spy)
"""


def test_a_source_is_parsed_once_to_explain_all_of_its_functions(
    environment: Environment, project: Path
) -> None:
    more = "".join(f"def f{number}(a): pass\n" for number in range(20))
    (project / "a.py").write_text((project / "a.py").read_text() + more)
    environment.install(COUNT_PARSES + explaining("yield f'{len(parses)} parses before {name}'"))
    printed = environment.run("pytest_antipasta", "explain", "--all", "a.py", cwd=project).stdout
    found = re.findall("  ([0-9]+) parses before (.+)", printed)
    assert len(found) == 22
    assert {number for number, _ in found} == {found[0][0]}


def test_a_text_has_its_lines(environment: Environment, project: Path) -> None:
    environment.install(explaining("return 'the one\\nthe other'"))
    done = environment.run("pytest_antipasta", "explain", "a.py::many", cwd=project)
    assert "example:parameters\n  the one\n  the other\n" in done.stdout


def test_one_that_can_not_explain_itself_says_so(environment: Environment, project: Path) -> None:
    environment.install(explaining("1 / 0"))
    done = environment.run("pytest_antipasta", "explain", "a.py::many", cwd=project)
    assert "  example 1.0 can't explain this value: ZeroDivisionError: division by zero" in done.stdout
    assert done.returncode == 0


def test_a_missing_value_is_not_zero_in_a_change(environment: Environment, project: Path) -> None:
    environment.install(PARAMETERS.replace("items()}", "items() if len(node.args.args) > 1}"))
    commit_all(project, "first")
    (project / "a.py").write_text("def many(a):\n    return 1\n\n\ndef new(a, b):\n    return b\n")
    stage_all(project)
    report = json.loads(environment.check(project, "--staged", "--format", "json").stdout)
    numbers = [(one["qualified_name"], one["metrics"]["example:parameters"]) for one in report["changes"]]
    steps = [(name, one["before"], one["after"], one["delta"]) for name, one in numbers]
    assert steps == [("many", 3, None, None), ("new", None, 2, 2), ("few", None, None, None)]


def test_it_may_use_the_python_api_which_gives_it_the_built_in_values(
    environment: Environment, project: Path
) -> None:
    measuring = """
from pytest_antipasta import measure

def count(source):
    return {block.qualified_name: block.parameters for block in measure(source.text.encode()).blocks}
"""
    environment.install(measuring + PARAMETERS.partition("\n\n")[2])
    assert ROW in environment.check(project).stdout


def test_another_spelling_of_its_name_is_wrong_and_not_missing(
    environment: Environment, project: Path
) -> None:
    write_settings(project, '"Example:parameters" = 2')
    done = environment.check(project)
    assert '"Example:parameters": unknown metric; did you mean "example:parameters"?' in done.stderr
    assert done.returncode == 2
    environment.install("import nothing_of_that_name")
    said = environment.check(project).stdout
    assert "extension example 1.0 is disabled" in said
    assert "not installed" not in said


@pytest.mark.slow
def test_the_folder_that_this_package_is_installed_in_counts(
    environment: Environment, project: Path, tmp_path: Path
) -> None:
    """As with ``uv run --with``, which has this folder on the path, and another environment."""
    environment.clear()
    folder = tmp_path / "packages"
    write_metadata(folder, "example", "1.0", f"[{GROUP}]\nexample = example\n")
    (folder / "example.py").write_text(HEAD + PARAMETERS)
    (folder / "pytest_antipasta").symlink_to(Path(pytest_antipasta.__file__).parent)

    def check() -> str:
        command = [str(environment.python), "-m", "pytest_antipasta", "check"]
        variables = {**os.environ, "PYTHONPATH": str(folder)}
        return subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True).stdout

    assert "extension example is not installed" in check()
    write_metadata(folder, "pytest-antipasta", "1.0", "")
    assert "many  parameters (example) 3/2" in check()
