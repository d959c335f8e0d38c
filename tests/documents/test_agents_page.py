"""The examples for coding agents: what they are told to run is there, and the loop ends green."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pytest_antipasta.cli import main
from pytest_antipasta.runtime.environment import VERSION
from pytest_antipasta.settings.values import TIME_BUDGET
from tests.commits import commit_all
from tests.conftest import Program, Repository

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "agents"
SKILL = "plugin/skills/keep-functions-simple/SKILL.md"
HOOKS = ("claude-code/.claude/settings.json", "codex/.codex/hooks.json", "plugin/hooks/hooks.json")
EVENT = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/group"}}
HOOKS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["hooks"],
    "properties": {
        "$schema": {"type": "string"},
        "hooks": {"type": "object", "additionalProperties": False, "properties": {"Stop": EVENT}},
    },
    "$defs": {
        "group": {
            "type": "object",
            "additionalProperties": False,
            "required": ["hooks"],
            "properties": {"hooks": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/command"}}},
        },
        "command": {
            "type": "object",
            "additionalProperties": False,
            "required": ["type", "command"],
            "properties": {
                "type": {"const": "command"},
                "command": {"type": "string", "minLength": 1},
                "timeout": {"type": "integer", "minimum": 1},
                "statusMessage": {"type": "string"},
            },
        },
    },
}
"""What both hosts document of a hook at the end of a task: https://code.claude.com/docs/en/hooks and
https://developers.openai.com/codex/hooks. Claude Code refuses other fields of a command."""
ASKED = ["check", "--diff", "main", "--format", "agent"]
SETTINGS = "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = 4\ncyclomatic_complexity = 5\n"
NESTED = """\
def ship(orders, log):
    sent = []
    for order in orders:
        if order.is_paid:
            if order.is_open:
                sent.append(order)
                if order.is_large:
                    log.append(order)
    for order in sent:
        for item in order.items:
            if item.is_fragile:
                log.append(item)
    return sent


def find_name(user):
    if user:
        if user.name:
            if user.is_active:
                return user.name.title()
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """An empty repository; the current folder."""
    monkeypatch.chdir(tmp_path)
    return Repository(tmp_path)


@pytest.mark.parametrize("name", ["AGENTS.md", SKILL])
def test_what_agents_are_told_to_run_is_what_there_is(
    name: str, repository: Repository, program: Program
) -> None:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    commands = re.findall(r"pytest-antipasta (check [^`\n]+)", text)
    assert commands == ["check --diff origin/main --format agent"]
    repository.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    said = program(*commands[0].split())
    assert said.out == "0 of 0 files, limited to `--diff origin/main`: no source file added or modified\n"


def test_a_skill_says_its_name_and_when_to_use_it() -> None:
    _, matter, body = (EXAMPLES / SKILL).read_text(encoding="utf-8").split("---\n", 2)
    assert [line.partition(":")[0] for line in matter.splitlines()] == ["name", "description"]
    assert body.strip()


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", HOOKS)
def test_a_hosts_settings_run_the_hook_when_a_task_ends(
    name: str, repository: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_json(EXAMPLES / name)
    Draft202012Validator(HOOKS_SCHEMA).validate(found)
    ((command,),) = (group["hooks"] for group in found["hooks"]["Stop"])
    program, *words = command["command"].split()
    assert (program, command["timeout"] > TIME_BUDGET) == ("pytest-antipasta", True)
    begin_task(repository)
    event = repository.path.with_name("event.json")
    event.write_text(json.dumps({"hook_event_name": "Stop", "cwd": str(repository.path)}))
    with event.open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["decision"] == "block"


def test_the_plugin_can_be_installed_from_the_repository() -> None:
    """Both hosts read the marketplace, the manifest and the hooks by these names."""
    marketplace = read_json(ROOT / ".claude-plugin/marketplace.json")
    (plugin,) = marketplace["plugins"]
    folder = ROOT / plugin["source"]
    assert plugin["source"].startswith("./"), "paths begin at the root of the repository"
    manifest = read_json(folder / ".claude-plugin/plugin.json")
    assert (manifest["name"], manifest["version"]) == (plugin["name"], VERSION)
    assert manifest["description"] == plugin["description"]
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()) == [
        ".claude-plugin/plugin.json",
        "hooks/hooks.json",
        "skills/keep-functions-simple/SKILL.md",
    ]


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
@pytest.mark.parametrize(
    "code",
    [
        pytest.param((), id="as check has it", marks=pytest.mark.slow),
        pytest.param(("2",), id="as a host wants it"),
    ],
)
def test_the_hook_gives_text_and_code_back(repository: Repository, code: tuple[str, ...]) -> None:
    def end_task() -> subprocess.CompletedProcess[str]:
        script = [str(EXAMPLES / "end-of-task.sh"), "main", *code]
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        return subprocess.run(["sh", *script], capture_output=True, text=True, env={"PATH": path})

    begin_task(repository)
    done = end_task()
    texts = (done.stderr, done.stdout) if code else (done.stdout, done.stderr)
    assert done.returncode == (2 if code else 1)
    assert "shop.py:1 ship: " in texts[0]
    assert texts[1] == ""
    (repository.path / "shop.py").write_text("a = 1\n")
    done = end_task()
    assert (done.returncode, done.stderr) == (0, "")
    assert "no source file added or modified" in done.stdout


def begin_task(repository: Repository) -> None:
    """Commit a project, and write what a task adds to it."""
    (repository.path / "pyproject.toml").write_text(SETTINGS)
    (repository.path / "shop.py").write_text("a = 1\n")
    commit_all(repository.path, "begin")
    (repository.path / "shop.py").write_text(NESTED)


def test_an_agent_that_runs_the_commands_of_the_output_ends_green_without_a_waiver(
    repository: Repository, program: Program
) -> None:
    """A loop stands in for the agent: it runs the first command, with names of its own for new functions."""
    begin_task(repository)
    names = itertools.count()
    for _ in range(2):
        said = program(*ASKED, code=1).out
        found = re.search("`pytest-antipasta (fix .+?)`", said)
        assert found, said
        program(*(word.replace("NAME", f"step_{next(names)}") for word in found[1].split()))
    said = program(*ASKED).out
    assert "no violations" in said
    assert "waiver" not in said
    assert "antipasta:" not in Path("shop.py").read_text()
