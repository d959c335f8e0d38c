"""``hook --agent``: the protocol of each host, as it documents it, and that no task is kept from its end.

https://code.claude.com/docs/en/hooks and https://developers.openai.com/codex/hooks have the fields; those of
Codex are those of ``codex-rs/hooks/schema/generated/stop.command.input.schema.json`` in its repository.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pytest_antipasta.cli import agent_hook
from tests.gate.conftest import SETTINGS, Guarded, Said, function
from tests.windows import NEEDS_SCRIPTS

Event: TypeAlias = dict[str, object]
Answer: TypeAlias = "Callable[..., dict[str, Any]]"
COMMON: Event = {
    "session_id": "abc123",
    "transcript_path": "/home/ann/.claude/projects/shop/00893aaf.jsonl",
    "permission_mode": "default",
    "stop_hook_active": False,
    "last_assistant_message": "I've completed the refactoring. Here's a summary…",
}
OF_SUBAGENT: Event = {
    "agent_id": "def456",
    "agent_type": "Explore",
    "agent_transcript_path": "/home/ann/.claude/projects/shop/abc123/subagents/agent-def456.jsonl",
}
OF_CLAUDE: Event = {
    "background_tasks": [{"id": "task-001", "type": "shell", "status": "running", "command": "tail -f log"}],
    "session_crons": [],
}
OF_CODEX: Event = {"model": "gpt-5.3-codex", "turn_id": "0199", "transcript_path": None}
CLAUDE: Event = {**COMMON, **OF_CLAUDE, "hook_event_name": "Stop"}
CODEX: Event = {**COMMON, **OF_CODEX, "hook_event_name": "Stop"}
SUBAGENT: Event = {**CODEX, **OF_SUBAGENT, "hook_event_name": "SubagentStop"}
BAD, WORSE, GOOD = function(5, "new"), function(6, "new"), function(3, "new")
FIELDS = ("`hook_event_name`", "`cwd`", "`stop_hook_active`")
FAILING = "1 function became too complex, in 1 file; 1 file checked, limited to `--diff main`\nnew.py:1 new: "
ENDS = f"pytest-antipasta: the task ends with these failures:\n{FAILING}"


def send(guarded: Guarded, data: bytes, *args: str) -> Said:
    """Return what the hook says to what a host sends."""
    file = guarded.path.with_name("event")
    file.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch, file.open() as stream:
        patch.setattr(sys, "stdin", stream)
        return guarded.hook("--agent", *args, cwd=guarded.path.parent)


@pytest.fixture
def answer(guarded: Guarded) -> Answer:
    """Return what answers an event in the repository, on a branch for the task, as a host reads it."""
    guarded.git("switch", "--quiet", "--create", "task")

    def ask(event: Event, *args: str, **other: object) -> dict[str, Any]:
        said = send(guarded, json.dumps({"cwd": str(guarded.path), **event, **other}).encode(), *args)
        assert (said.code, said.err) == (0, "")
        found: dict[str, Any] = json.loads(said.out)
        require_valid(found)
        return found

    return ask


def require_valid(found: dict[str, Any]) -> None:
    """Check an answer by what both hosts document; Codex refuses other fields, and an empty reason."""
    assert all(isinstance(value, str) and value.strip() for value in found.values())
    assert set(found) in (set(), {"systemMessage"}, {"decision", "reason"})
    assert found.get("decision", "block") == "block"


@pytest.mark.parametrize("event", [CLAUDE, SUBAGENT], ids=["Claude Code", "a subagent of Codex"])
def test_a_session_with_a_host(guarded: Guarded, answer: Answer, event: Event) -> None:
    assert answer(event) == {}
    guarded.write("new.py", BAD)
    blocked = answer(event)
    assert blocked["decision"] == "block"
    again = "`pytest-antipasta check --diff main --format agent` checks again"
    start = "pytest-antipasta: fix this before you finish, or tell the user why it has to be so; "
    assert blocked["reason"].startswith(f"{start}{again}\n{FAILING}cyclomatic_complexity 5/3\n")
    assert "next: `pytest-antipasta explain new.py::new`" in blocked["reason"]
    ended = answer(event, stop_hook_active=True)
    assert ended["systemMessage"].startswith(ENDS)
    guarded.write("new.py", GOOD)
    assert answer(event, stop_hook_active=True) == {}


@pytest.mark.parametrize(("options", "has_limits"), [((), True), (("--limits-from", "main"), False)])
def test_limits_of_a_commit_are_not_those_that_explain_shows(
    guarded: Guarded, answer: Answer, options: tuple[str, ...], has_limits: bool
) -> None:
    guarded.write("new.py", BAD)
    reason = answer(CLAUDE, *options)["reason"]
    assert "shows how its values are calculated" in reason
    assert ("calculated, and its limits" in reason) is has_limits


def test_the_same_state_blocks_once_whatever_the_host_says(guarded: Guarded, answer: Answer) -> None:
    """Claude Code was seen to say at each stop that no hook has blocked before."""
    guarded.write("new.py", BAD)
    assert answer(CLAUDE)["decision"] == "block"
    assert answer(CLAUDE, session_id="another")["systemMessage"].startswith(ENDS)
    guarded.write("new.py", WORSE)
    assert answer(CLAUDE)["decision"] == "block"
    guarded.write("new.py", BAD)
    assert "decision" not in answer(CLAUDE)


def test_what_lets_a_task_pass_is_shown_once(guarded: Guarded, answer: Answer) -> None:
    """The agent has read why it was blocked, and the user has not."""
    guarded.write("new.py", BAD)
    assert answer(CLAUDE)["decision"] == "block"
    comment = "# antipasta: ignore[cyclomatic<=5] so be it"
    guarded.write("new.py", BAD.replace(":", f":  {comment}", 1))
    waiver = f"new.py:1: new: cyclomatic_complexity: comment {comment} (<= 3 \N{RIGHTWARDS ARROW} <= 5)"
    assert answer(CLAUDE) == {"systemMessage": f"pytest-antipasta: 1 waiver added:\n  {waiver}"}
    assert answer(CLAUDE) == {}
    guarded.write("new.py", BAD.replace(":", ":  # antipasta: ignore", 1))
    assert "(<= 3 \N{RIGHTWARDS ARROW} no limit)" in answer(CLAUDE)["systemMessage"]


def test_without_a_store_the_host_says_what_has_blocked(guarded: Guarded, answer: Answer) -> None:
    guarded.write("new.py", BAD)
    for _ in range(2):
        assert answer(CODEX, "--no-cache")["decision"] == "block"
    assert answer(CODEX, "--no-cache", stop_hook_active=True)["systemMessage"].startswith(ENDS)


def test_a_task_begins_where_an_option_says(guarded: Guarded, answer: Answer) -> None:
    guarded.stage("new.py", BAD)
    began = guarded.record("what was there before the task")
    assert answer(CODEX)["reason"].count(FAILING) == 1
    assert answer(CODEX, "--from", began) == {}
    guarded.write("other.py", BAD)
    assert f"limited to `--diff {began}`\nother.py:1 new: " in answer(CODEX, "--from", began)["reason"]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(["branch --move main develop"], id="a default branch with another name"),
        pytest.param(["switch --quiet main", "branch --delete task"], id="on the default branch"),
        pytest.param(["switch --quiet --detach", "branch --delete main task"], id="a detached HEAD"),
    ],
)
def test_without_a_branch_to_compare_with_each_commit_is_warned_of_once(
    guarded: Guarded, answer: Answer, steps: list[str]
) -> None:
    for step in steps:
        guarded.git(*step.split())
    guarded.stage("new.py", BAD)
    guarded.record()
    (message,) = answer(CLAUDE).values()
    assert message.startswith("pytest-antipasta: warning: only uncommitted changes were checked, as no ")
    assert message.endswith("name the commit where it began: `hook --agent --from REF`")
    assert answer(CLAUDE) == answer(CLAUDE, "--from=HEAD") == {}
    assert answer(CLAUDE, "--from=HEAD~1")["decision"] == "block"
    guarded.write("other.py", BAD)
    guarded.stage("more.py", GOOD)
    guarded.record()
    assert "only uncommitted" not in answer(CLAUDE)["reason"], "the user does not see what an agent does"
    assert "\nother.py:1 new: " in (ended := answer(CLAUDE)["systemMessage"])
    assert "\nwarning: only uncommitted changes were checked, " in ended
    assert "only uncommitted" not in answer(CLAUDE)["systemMessage"]


def test_the_command_that_checks_again_has_the_same_settings(guarded: Guarded, answer: Answer) -> None:
    guarded.write("strict.toml", SETTINGS.format("").replace("= 3", "= 2"))
    guarded.write("new.py", GOOD)
    assert answer(CLAUDE) == {}
    command = "check --diff main --config strict.toml --format agent"
    assert f"`pytest-antipasta {command}` checks again" in answer(CLAUDE, "--config=strict.toml")["reason"]
    assert guarded.say(*command.split()).code == 1


def test_a_folder_in_the_repository_is_where_paths_begin(guarded: Guarded, answer: Answer) -> None:
    guarded.write("src/new.py", BAD)
    assert "\nnew.py:1 new: " in answer(CLAUDE, cwd=str(guarded.path / "src"))["reason"]


def test_a_file_that_can_not_be_parsed_blocks(guarded: Guarded, answer: Answer) -> None:
    guarded.write("new.py", "def f(:\n")
    assert "new.py:1: not measured (syntax): " in answer(CLAUDE)["reason"]


def test_all_failures_are_listed(guarded: Guarded, answer: Answer) -> None:
    guarded.configure("fail_fast = true")
    guarded.record()
    for name in ("one.py", "two.py"):
        guarded.write(name, BAD)
    reason = answer(CLAUDE)["reason"]
    assert ("one.py:1 new" in reason, "two.py:1 new" in reason) == (True, True)


SENT = {
    "nothing": (b"", "Input data was truncated"),
    "half an object": (b'{"cwd": "/', "truncated"),
    "no JSON": (b"Stop", "malformed"),
    "no event": (b'{"cwd": "/"}', "missing required field `hook_event_name`"),
    "an edit": (b'{"hook_event_name": "PostToolUse", "cwd": "/"}', "Invalid enum value 'PostToolUse'"),
    "a word for yes": (
        b'{"hook_event_name": "Stop", "cwd": "/", "stop_hook_active": "true"}',
        "Expected `bool`, got `str` - at `$.stop_hook_active`",
    ),
    "nested deeply": (
        b'{"a": ' + b"[" * 100_000,
        "recursion" if sys.version_info < (3, 14) else "Input data was truncated",
    ),
}


@pytest.mark.parametrize(("data", "why"), [pytest.param(*case, id=name) for name, case in SENT.items()])
def test_what_is_no_event_is_an_error_that_does_not_block(guarded: Guarded, data: bytes, why: str) -> None:
    said = send(guarded, data)
    assert (said.code, said.out) == (1, ""), "2 would block, in both hosts"
    assert said.err.startswith("error: expected the event of an agent's hook on standard input: ")
    assert [field for field in FIELDS if field not in said.err] == []
    assert why in said.err


def test_a_long_message_is_no_trouble(guarded: Guarded, answer: Answer) -> None:
    assert answer(CLAUDE, last_assistant_message="ä" * 2_000_000) == {}


@pytest.mark.parametrize("folder", ["/nowhere/at all", "/\0"], ids=ascii)
def test_a_folder_that_is_not_there(guarded: Guarded, folder: str) -> None:
    said = send(guarded, json.dumps({**CLAUDE, "cwd": folder}).encode())
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ")
    assert "cwd" in said.err


def test_files_are_not_named(guarded: Guarded) -> None:
    said = send(guarded, b"{}", "new.py")
    assert (said.code, said.out) == (1, "")
    assert said.err == "error: --agent checks all files of a change; name none\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--form=main"], 'error: unknown option --form; did you mean "--from"?\n'),
        (["--jobs=0"], "error: argument --jobs: "),
    ],
)
def test_a_mistake_in_the_hosts_settings_does_not_block(
    guarded: Guarded, args: list[str], message: str
) -> None:
    said = send(guarded, b"", *args)
    assert (said.code, said.out) == (1, ""), "2 would send the agent back, each time"
    assert said.err.startswith(message)


def test_where_a_task_began_is_for_agents(guarded: Guarded) -> None:
    said = guarded.hook("--from", "main")
    assert (said.code, said.err) == (2, "error: --from needs --agent\n")


@pytest.mark.parametrize("is_there", [True, False], ids=["closed", "none"])
def test_no_standard_input(guarded: Guarded, monkeypatch: pytest.MonkeyPatch, is_there: bool) -> None:
    with open(os.devnull) as stream:
        pass
    monkeypatch.setattr(sys, "stdin", stream if is_there else None)
    said = guarded.hook("--agent")
    assert (said.code, said.err.endswith("; it is closed\n")) == (1, True)


def not_checked(reason: str) -> str:
    return f"pytest-antipasta: this task was not checked: {reason}"


def test_without_a_repository(answer: Answer, tmp_path: Path) -> None:
    (message,) = answer(CLAUDE, cwd=str(tmp_path)).values()
    assert message.startswith(not_checked("could not determine the changes: "))


def test_without_a_commit(empty: Guarded) -> None:
    empty.write("new.py", BAD)
    said = send(empty, json.dumps({**CLAUDE, "cwd": str(empty.path)}).encode())
    why = "could not determine the changes: unknown commit 'HEAD': the current branch has no commits yet"
    assert json.loads(said.out) == {"systemMessage": not_checked(why)}


def test_wrong_settings_are_the_users_to_mend(guarded: Guarded, answer: Answer) -> None:
    guarded.configure("nonsense = 1")
    (message,) = answer(CLAUDE).values()
    assert message.startswith(not_checked("pyproject.toml:"))
    assert "nonsense" in message


def test_an_unknown_commit(answer: Answer) -> None:
    (message,) = answer(CLAUDE, "--from", "nowhere").values()
    assert message.startswith(not_checked("could not determine the changes: unknown commit 'nowhere'"))


@pytest.mark.usefixtures("no_time")
def test_a_change_that_there_is_no_time_for(guarded: Guarded, answer: Answer) -> None:
    guarded.configure('on_timeout = "block"')
    guarded.write("new.py", BAD)
    (message,) = answer(CLAUDE).values()
    start = "pytest-antipasta: warning: not checked, time_budget of 5 s exceeded: new.py\n"
    command = "`pytest-antipasta check --diff main`"
    assert message.startswith(f"{start}    run {command}, which has no time limit")


def test_an_internal_error_does_not_block(
    guarded: Guarded, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no number")

    monkeypatch.setattr(agent_hook, "judge_change", fail)
    (message,) = answer(CLAUDE).values()
    assert message.startswith(not_checked("internal error: ZeroDivisionError"))


def test_what_makes_functions_simpler_is_part_of_the_reason(guarded: Guarded, answer: Answer) -> None:
    guarded.stage("pyproject.toml", "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = 2\n")
    guarded.record()
    guarded.write(
        "new.py", "def new(a):\n    if a:\n        if a.b:\n            return a.b.c\n    return None\n"
    )
    reason = answer(CLAUDE)["reason"]
    assert "\n  → cognitive 2 in 1 step, proven equivalent: `pytest-antipasta fix new.py::new`\n" in reason


def run_program(guarded: Guarded, **streams: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest_antipasta", "hook", "--agent"]
    return subprocess.run(command, cwd=guarded.path, capture_output=True, text=True, check=False, **streams)


@pytest.mark.slow
def test_standard_input_that_does_not_end(guarded: Guarded) -> None:
    read, write = os.pipe()
    done = run_program(guarded, stdin=read)
    os.close(read)
    os.close(write)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("; it did not end in time\n")


@NEEDS_SCRIPTS
def test_the_host_has_an_answer_whatever_takes_long(guarded: Guarded, tmp_path: Path) -> None:
    """The walk for untracked files waits for git as long as that takes."""
    guarded.configure("time_budget = 0.2")
    guarded.write("new.py", BAD)
    folder = tmp_path / "bin"
    folder.mkdir()
    script = f"""#!/bin/sh
case "$*" in *--killed*) exec sleep 15;; esac
exec {shutil.which("git")} "$@"
"""
    (folder / "git").write_text(script)
    (folder / "git").chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    event = json.dumps({**CLAUDE, "cwd": str(guarded.path)})
    done = run_program(guarded, input=event, env={**os.environ, "PATH": path})
    late = "the time budget is exceeded; raise `time_budget` in the settings"
    assert json.loads(done.stdout) == {"systemMessage": not_checked(late)}
