"""``examples/monitoring``, with the real Prometheus and node_exporter where they are installed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from pytest_antipasta.cli.program import make_parser
from tests.plugin.conftest import PASSING
from tests.recipes.prometheus import (
    EXAMPLE,
    NEW_RUN,
    Watched,
    find_program,
    quicken,
    scrape,
    serve,
    wait_for,
    watch,
)
from tests.recipes.runner import BIN, ROOT, run_shell

PAGE = (EXAMPLE / "README.md").read_text(encoding="utf-8")
DASHBOARD = json.loads((EXAMPLE / "grafana-dashboard.json").read_bytes())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
VARIABLES = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
RULES = [
    rule
    for group in yaml.safe_load((EXAMPLE / "antipasta.rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}


def list_expressions() -> list[str]:
    """Return those of the dashboard, and those of rules; of alerts with the comparisons as 0 or 1."""
    (annotations,) = DASHBOARD["annotations"]["list"]
    shown = [target["expr"] for panel in PANELS for target in panel["targets"]]
    recorded = [quicken(rule["expr"]) for rule in RULES if "record" in rule]
    compared = [re.sub(r"([<>]=?)", r"\1 bool", rule["expr"]) for rule in ALERTS.values()]
    return [*shown, annotations["target"]["expr"], *recorded, *compared]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Watched]:
    """A project with one of two files that can't be measured, after enough runs for a median."""
    (command,) = re.findall(r"^ *(pytest-antipasta check .*)", PAGE, re.MULTILINE)
    with watch(tmp_path_factory.mktemp("watched")) as watched:
        watched.write("good.py", PASSING)
        watched.write("wrong.py", "def f(:\n")
        for _ in range(6):
            watched.run(command)
        yield watched


@pytest.mark.programs
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "antipasta.rules.yml"),
        ("test", "rules", "antipasta.tests.yml"),
    ],
    ids=" ".join,
)
def test_promtool_accepts_each_file(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [find_program("promtool"), *arguments], cwd=EXAMPLE, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.programs
def test_promtool_and_node_exporter_accept_the_metrics(watched: Watched) -> None:
    (report,) = watched.textfiles.iterdir()
    done = subprocess.run(
        [find_program("promtool"), "check", "metrics"],
        input=report.read_bytes(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert watched.find("node_textfile_scrape_error == 0")
    assert not watched.find("node_textfile_scrape_error > 0")


@pytest.mark.programs
def test_each_run_counts_once(watched: Watched) -> None:
    """But for the first, as nobody knows whether it was there before."""
    (found,) = watched.ask("query", query=f"count_over_time({NEW_RUN}[1h])")["result"]
    assert found["value"][1] == "5"


@pytest.mark.programs
def test_each_expression_gives_data(watched: Watched) -> None:
    for expression in list_expressions():
        wait_for(partial(watched.find, expression), f"data of {expression}")


@pytest.mark.programs
def test_each_variable_can_be_chosen(watched: Watched) -> None:
    queries = {name: one["definition"] for name, one in VARIABLES.items() if one["type"] == "query"}
    found = {name: watched.find_labels(query) for name, query in queries.items()}
    assert {name: len(values) for name, values in found.items()} == {"job": 1, "instance": 1, "root": 1}


@pytest.mark.programs
def test_a_job_without_a_machine_of_its_own_pushes_its_figures(tmp_path: Path) -> None:
    """Each run replaces those of the one before, also if it fails, and whatever the folder is called."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (script,) = (block for block in blocks if "curl" in block)
    (jobs,) = (block for block in blocks if "honor_labels" in block)

    def run(folder: Path) -> tuple[int, str]:
        variables = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        done = run_shell(script.replace("localhost:9091", gateway), folder, variables)
        return done.returncode, done.stdout

    with (
        serve(tmp_path, "prometheus-pushgateway") as gateway,
        scrape(tmp_path, jobs.replace("localhost:9091", gateway)) as watched,
    ):
        for name, source, expected in (("one", PASSING, 0), ("two", "def f(:\n", 3)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "a.py").write_text(source)
            code, said = run(tmp_path / name)
            assert (code, "pushed" in said) == (expected, False), said
        failed = 'antipasta_files_failed{job="antipasta",instance="shop"} == 1'
        wait_for(lambda: watched.find(failed), "the second run")
        (series,) = watched.ask("query", query="antipasta_files_failed")["result"]
        assert series["metric"]["root"] == str(tmp_path / "two")
    code, said = run(tmp_path / "two")
    assert (code, "the figures were not pushed" in said) == (3, True), "nobody answers"
    (tmp_path / "two" / "pyproject.toml").write_text("[tool.pytest-antipasta]\nwrong = 1\n")
    code, said = run(tmp_path / "two")
    assert (code, "pushed" in said) == (2, False), "there are no figures"


def test_the_resources_of_a_run_have_an_alert() -> None:
    """Time, memory, handles and the size of the store."""
    rules = " ".join(rule["expr"] for rule in ALERTS.values())
    for metric in ("run_duration_seconds", "peak_memory_bytes", "open_handles", "store_used:ratio"):
        assert f"antipasta_{metric}" in rules


def test_each_alert_has_a_row_of_the_page_and_unit_tests() -> None:
    units = yaml.safe_load((EXAMPLE / "antipasta.tests.yml").read_text(encoding="utf-8"))["tests"]
    tested = [test for unit in units for test in unit.get("alert_rule_test", ())]
    for name in ALERTS:
        assert f"\n| `{name}` |" in PAGE
        assert {bool(test["exp_alerts"]) for test in tested if test["alertname"] == name} == {False, True}


def test_the_commands_of_the_page_and_of_alerts_are_ours() -> None:
    described = "\n".join(rule["annotations"]["description"] for rule in ALERTS.values())
    commands = re.findall(r"(?:^ *|`)(pytest-antipasta [^`\n]+)", PAGE, re.MULTILINE)
    assert len(commands) > 8
    for command in commands:
        arguments = shlex.split(command.partition(r" \|")[0])[1:]
        make_parser(arguments).parse_args(arguments)
    for words in re.findall(r"pytest-antipasta (\w+(?: status)?)", described):
        assert any(f"pytest-antipasta {words}" in command for command in commands)
    titles = {panel["title"] for panel in PANELS}
    assert set(re.findall(r"panel '(.+?)'", described)) <= titles
    assert set(re.findall(r"(?<!\w)_([A-Z][^_]+)_(?!\w)", PAGE)) <= titles


def test_panels_are_well_formed() -> None:
    assert VARIABLES["datasource"]["query"] == "prometheus"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in PANELS:
        assert panel["title"] and panel["description"] and panel["fieldConfig"]["defaults"]["unit"]
        assert panel["datasource"]["uid"] == "${datasource}"
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"] and "{{root}}" in target["legendFormat"]
            selectors = re.findall(r"{([^}]+)}", target["expr"])
            assert selectors
            assert all(
                f'{name}=~"${name}"' in one for one in selectors for name in ("job", "instance", "root")
            )


def test_no_panel_covers_another() -> None:
    areas = []
    for panel in DASHBOARD["panels"]:
        left, top, width, height = (panel["gridPos"][key] for key in "xywh")
        assert left + width <= 24
        areas.append({(x, y) for x in range(left, left + width) for y in range(top, top + height)})
    assert all(not one & other for one, other in combinations(areas, 2))


def test_metrics_are_those_that_are_listed_and_recorded() -> None:
    listed = set(re.findall(r"`(antipasta_\w+)`", (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")))
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    names = {
        name
        for expression in list_expressions()
        for name in re.findall(r"(?:instance_root:)?\bantipasta_\w+(?::\w+)?", expression)
    }
    assert names <= listed | recorded
    assert recorded <= names
