"""The examples for coding agents: what they are told to run is there, and the loop ends green."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
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
    assert said.out == "0 of 0 files, limited to `--diff origin/main`: no source file changed\n"


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
    assert "no source file changed" in done.stdout


def begin_task(repository: Repository) -> None:
    """Commit a project, and write what a task adds to it."""
    (repository.path / "pyproject.toml").write_text(SETTINGS)
    (repository.path / "shop.py").write_text("a = 1\n")
    commit_all(repository.path, "begin")
    (repository.path / "shop.py").write_text(NESTED)


def test_an_agent_that_follows_the_output_ends_green_without_a_waiver(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script stands in for the agent: it edits the lines that the output names, and nothing else."""
    begin_task(repository)
    rounds = 0
    while (code := main(ASKED)) != 0:
        said = capsys.readouterr().out
        assert code == 1, said
        follow(said)
        rounds += 1
        assert rounds < 10, said
    said = capsys.readouterr().out
    assert "no violations" in said
    assert "waiver" not in said
    text = Path("shop.py").read_text()
    assert "antipasta:" not in text
    assert rounds > 2
    assert run_both(NESTED, text)


def follow(said: str) -> None:
    """Do to the first function of the output what the page says: guard clauses, else extract."""
    found = re.search(r"^(\S+):(\d+) \w+: .*\n  look at lines (\d+)-(\d+)", said, re.MULTILINE)
    assert found, said
    path, first, last = Path(found[1]), int(found[3]), int(found[4])
    tree = ast.parse(path.read_text())
    (place,) = (
        place
        for place, one in enumerate(tree.body)
        if isinstance(one, ast.FunctionDef) and (one.lineno, one.end_lineno) == (first, last)
    )
    function = tree.body[place]
    assert isinstance(function, ast.FunctionDef)
    if not (leave_early(function.body, ast.Return()) or any(map(guard_loop, ast.walk(function)))):
        tree.body.insert(place, extract_loop(function, len(tree.body)))
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)) + "\n")


def leave_early(body: list[ast.stmt], way: ast.stmt) -> bool:
    """Turn the condition round that encloses the end of a body of which nothing follows."""
    last = body[-1]
    if not isinstance(last, ast.If) or last.orelse or isinstance(last.body[0], ast.Return | ast.Continue):
        return False
    body[-1:] = [ast.If(ast.UnaryOp(ast.Not(), last.test), [way], []), *last.body]
    return True


def guard_loop(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.For)
        and len(ast.unparse(node).splitlines()) > 3
        and leave_early(node.body, ast.Continue())
    )


def extract_loop(function: ast.FunctionDef, number: int) -> ast.FunctionDef:
    """Return a function of what the longest loop does with one of its items, and have the loop call it."""
    loops = [one for one in function.body if isinstance(one, ast.For)]
    loop = max(loops, key=lambda one: len(ast.unparse(one.body[0])))
    names = find_names(function, loop)
    head = f"note_{number}({', '.join(names)})"
    made = ast.parse(f"def {head}:\n    pass\n").body[0]
    assert isinstance(made, ast.FunctionDef)
    made.body = [Returning().visit(one) for one in loop.body]
    loop.body = ast.parse(f"{head}\n").body
    return made


def find_names(function: ast.FunctionDef, loop: ast.For) -> list[str]:
    """Return what the body of a loop has from the function around it."""
    bound = {*iter_names(function, ast.Store), *(one.arg for one in function.args.args)}
    own = {name for part in loop.body for name in iter_names(part, ast.Store)}
    return sorted({name for part in loop.body for name in iter_names(part, ast.Load)} & bound - own)


def iter_names(node: ast.AST, use: type[ast.expr_context]) -> Iterator[str]:
    return (one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, use))


class Returning(ast.NodeTransformer):
    """Puts `return` in the place of the `continue` of a loop whose body becomes a function."""

    def visit_For(self, node: ast.For) -> ast.For:
        """Leave what is an inner loop's own."""
        return node

    def visit_Continue(self, node: ast.Continue) -> ast.Return:
        """Return instead."""
        del node
        return ast.Return()


def run_both(before: str, after: str) -> bool:
    """Whether two versions of the shop do the same."""

    class Thing:
        def __init__(self, **facts: object) -> None:
            self.__dict__.update(facts)

    items = [Thing(is_fragile=True), Thing(is_fragile=False)]
    choices = [(a, b, c) for a in (True, False) for b in (True, False) for c in (True, False)]
    orders = [Thing(is_paid=a, is_open=b, is_large=c, items=items) for a, b, c in choices]
    users = [None, *(Thing(name=name, is_active=active) for name in ("", "ann") for active in (True, False))]
    results = []
    for text in (before, after):
        names: dict[str, object] = {}
        exec(compile(text, "shop.py", "exec"), names)
        log: list[object] = []
        ship, find_name = names["ship"], names["find_name"]
        assert callable(ship)
        assert callable(find_name)
        results.append((ship(orders, log), log, [find_name(user) for user in users]))
    return results[0] == results[1] and bool(results[0][1])
