"""The hints below functions that are over a limit: what was tried, measured and proven, and nothing else."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TypeAlias

import pytest

from pytest_antipasta import messages
from pytest_antipasta.advice.proof import proof
from pytest_antipasta.messages import make_printable
from pytest_antipasta.report.hints import MOST_TRIED, has_time
from tests.advice.rewriting import clean
from tests.advice.test_plan import NESTED_RUNS
from tests.cli.test_fix import LONG, MERGED, NESTED, SETTINGS
from tests.conftest import Program, Repository

HINT = "         → cognitive 4 in 1 step, proven equivalent: `pytest-antipasta fix a.py::each`"
# A comparison whose result need not be a bool: `==` and `!=` may both be true.
UNEQUAL = """\
def each(items):
    for item in items:
        if item == 0:
            for part in item:
                if part > 1:
                    print(part)
            print(item)
"""
Say: TypeAlias = Callable[..., list[str]]


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a limit of 4 cognitive points and a file with 6; the current folder."""
    (repository.path / "pyproject.toml").write_text(SETTINGS)
    (repository.path / "a.py").write_text(NESTED)
    repository.git("add", ".")
    monkeypatch.chdir(repository.path)
    return repository.path


@pytest.fixture
def say(project: Path, program: Program) -> Say:
    """Run a command, and return its lines."""

    def run(*arguments: str) -> list[str]:
        return program(*arguments, code=None).out.splitlines()

    return run


def test_a_line_says_where_steps_lead_and_how_to_write_them(say: Say) -> None:
    for command in ("check", "check --staged", "check --top 3", "hook", "hook --whole"):
        lines = say(*command.split())
        assert HINT in lines, command
        assert "cognitive 6/4" in lines[lines.index(HINT) - 1], command


def test_a_value_over_its_limit_that_stays_is_named(project: Path, say: Say) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("{", "{ cyclomatic_complexity = 1,"))
    hint = HINT.replace("equivalent", "equivalent, still over the limit of cyclomatic")
    assert hint in say("check")


def test_there_is_none_for_a_staged_version_that_is_not_on_disk(project: Path, say: Say) -> None:
    """``fix`` writes to the file on disk, whatever the store has; later, the staged version is tried."""
    for _ in range(2):
        (project / "a.py").write_text(f"import sys\n\n\n{NESTED}")
        for command in ("check --staged", "hook"):
            lines = say(*command.split())
            assert [line for line in lines if "cognitive 6/4" in line], command
            assert not [line for line in lines if "proven" in line], command
        (project / "a.py").write_text(NESTED)
        for command in ("check --staged", "hook", "check"):
            assert HINT in say(*command.split()), command


def test_git_may_change_line_ends(project: Path, repository: Repository, say: Say) -> None:
    (project / "a.py").write_bytes(NESTED.replace("\n", "\r\n").encode())
    repository.git("-c", "core.autocrlf=true", "add", "a.py")
    for command in ("check --staged", "hook"):
        assert HINT in say(*command.split()), command


def test_there_is_none_where_lines_are_few(say: Say) -> None:
    for command in ("check --quiet", "hook --quiet", "hook --whole --quiet", "check --format concise"):
        assert not [line for line in say(*command.split()) if "proven" in line], command


@pytest.mark.parametrize("command", ["check", "check --staged", "hook", "hook --whole"])
def test_there_is_none_by_the_limits_of_a_commit(repository: Repository, say: Say, command: str) -> None:
    """``fix`` judges by the settings."""
    repository.git("commit", "-m", "settings", "pyproject.toml")
    lines = say(*command.split(), "--limits-from", "HEAD")
    assert [line for line in lines if "cognitive 6/4" in line]
    assert not [line for line in lines if "proven" in line]


def test_there_is_none_by_staged_limits_that_are_others_on_disk(project: Path, say: Say) -> None:
    """``fix`` and ``explain`` read the settings on disk."""
    for text, is_shown in (
        (f"{SETTINGS}\n# a comment\n", True),
        (SETTINGS.replace("= 4", "= 9"), False),
        ("[tool.pytest-antipasta\n", False),
    ):
        (project / "pyproject.toml").write_text(text)
        assert [HINT in say(*command.split()) for command in ("check --staged", "hook")] == [is_shown] * 2
    assert not [line for line in say("check", "--staged") if "and its limits" in line]


def test_there_is_none_by_staged_limits_of_a_folder_that_are_others_on_disk(
    project: Path, repository: Repository, say: Say
) -> None:
    """They are read after those of the root."""
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\nnested = true\n")
    (folder := project / "folder").mkdir()
    (folder / "a.py").write_text(NESTED)
    (folder / "pyproject.toml").write_text(SETTINGS)
    repository.git("add", ".")
    for text, is_shown in ((f"{SETTINGS}\n# a comment\n", True), (SETTINGS.replace("= 4", "= 9"), False)):
        (folder / "pyproject.toml").write_text(text)
        for command in ("check --staged", "hook"):
            hints = [line for line in say(*command.split()) if "proven" in line]
            assert len(hints) == is_shown, command


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("name", [b"bad\xff.py", b"new\nline.py", b"looks like\\xff.py"])
def test_a_command_that_can_not_be_typed_is_none(
    project: Path, program: Program, repository: Repository, name: bytes
) -> None:
    path = os.fsdecode(name)
    (project / "a.py").rename(path)
    repository.git("add", ".")
    for words in ("check", "check --staged", "check --top 3", "hook", "check --report markdown=-"):
        said = program(*words.split(), code=None).out
        assert "cognitive 6" in said, words
        assert not re.findall("pytest.{1,5}antipasta (?:fix|explain)", said), words
    assert not re.findall("`pytest-antipasta fix", program("explain", f"{path}::each").out)
    error = program("explain", f"{make_printable(path)}x::each", code=2).err
    assert ("did you mean" in error) == (make_printable(path) == path)
    assert "did you mean" not in program("fix", "each", code=2).err
    said = program("fix", path).err
    assert said == "next: stage the file, which is staged without these steps\n"


def test_the_backticks_around_a_command_are_not_of_it_on_windows(
    project: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "a.py").rename("a&b.py")
    monkeypatch.setattr(messages, "os", SimpleNamespace(**{**vars(os), "name": "nt"}))
    assert HINT.replace("a.py::each", '"a&b.py::each"') in say("check")


def test_a_setting_switches_them_off(project: Path, say: Say) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("\n", "\nhints = false\n", 1))
    assert not [line for line in say("check") if "proven" in line]
    assert [line for line in say("explain", "a.py::each") if "proven" in line]


@pytest.mark.parametrize("failing", ["parameters = 0", "cyclomatic_complexity = 3"])
def test_what_lowers_only_tolerated_values_is_no_way_to_pass(project: Path, say: Say, failing: str) -> None:
    (project / "a.py").write_text(NESTED.replace("print(item)", "warn(item)"))
    say("baseline", "write")
    (project / "pyproject.toml").write_text(SETTINGS.replace(" }", f", {failing} }}"))
    assert [line for line in say("check") if "1:1  each  " in line]
    for words in ("check", "check --format markdown"):
        assert not [line for line in say(*words.split()) if "proven" in line], words
    assert [line for line in say("explain", "a.py::each") if "proven" in line]


def test_what_nothing_makes_simpler_has_none(project: Path, say: Say) -> None:
    (project / "a.py").write_text(MERGED.replace("item > 1", "item > 1 or not item"))
    assert "    1:1  each  cognitive 5/4" in say("check")
    assert not [line for line in say("check") if "proven" in line]
    assert "no small, proven step makes it simpler" in say("explain", "a.py::each")


def test_a_python_that_can_prove_nothing_is_named(
    project: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "PYTHONS", frozenset({(3, 9), (3, 10)}))
    (project / "a.py").write_text(NESTED)
    reason = "no step is proven with this Python; CPython 3.9 to 3.10 can prove some"
    assert reason in say("explain", "a.py::each")
    assert [line for line in say("fix", "a.py::each") if line.endswith(f"; {reason}")]


def test_a_value_without_a_limit_is_not_what_counts(project: Path, say: Say) -> None:
    thresholds = "thresholds = { cyclomatic_complexity = 3, cognitive_complexity = false }\n"
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{thresholds}")
    assert "    1:1  each  cyclomatic 4/3" in say("check")
    assert not [line for line in say("check") if "cognitive" in line]


def test_a_new_function_is_counted_and_needs_a_name(project: Path, say: Say) -> None:
    (project / "a.py").write_text(LONG)
    (hint,) = (line for line in say("check") if "proven" in line)
    assert " with the new function NAME) in 1 step, proven equivalent: `" in hint
    assert " a.py::report --name " in hint
    assert hint.endswith("=NAME`")


def test_each_value_has_its_sum_with_all_new_functions(project: Path, say: Say) -> None:
    again = "\n    for row in rows:\n        if row and row.is_old:\n            print(row)\n"
    (project / "a.py").write_text(LONG.replace("    return", f"{again}    return"))
    both = SETTINGS.replace("{ cognitive", "{ cyclomatic_complexity = 4, cognitive")
    (project / "pyproject.toml").write_text(both)
    (hint,) = (line for line in say("check") if "proven" in line)
    values = "cyclomatic 4 (12 in all with 2 new functions), cognitive 4 (12 in all)"
    assert hint.startswith(f"         → {values} in 2 steps, proven equivalent: `")


def test_the_command_for_a_large_function_writes_the_steps_that_its_hint_counts(
    project: Path, say: Say
) -> None:
    """No new functions are tried for it, unless the command names some."""
    (project / "a.py").write_text("def each(items):\n" + NESTED.partition("\n")[2] * 11)
    (hint,) = (line for line in say("check") if "proven" in line)
    assert hint.endswith(
        " in 8 steps, proven equivalent, still over the limit: `pytest-antipasta fix a.py::each`"
    )
    written, again = say("fix", "a.py::each", "--quiet")
    assert written.endswith("; still over the limit; 8 steps, proven equivalent, written")
    assert again == "  more steps are possible; run `pytest-antipasta fix a.py::each` again"


def test_a_plan_that_undoes_what_a_change_added_is_enough(
    project: Path, repository: Repository, say: Say
) -> None:
    nested = NESTED.partition("\n")[2]
    (project / "pyproject.toml").write_text(SETTINGS.replace("{", "{ cyclomatic_complexity = false,"))
    (project / "a.py").write_text("def each(items):\n" + nested * 20)
    repository.git("commit", "--all", "--message", "x")
    (project / "a.py").write_text("def each(items):\n" + nested * 21)
    (hint,) = (line for line in say("check", "--diff", "HEAD") if "proven" in line)
    assert ", proven equivalent, still over the limit, no worse than before: `" in hint
    say("fix", "a.py::each")
    assert not [line for line in say("check", "--diff", "HEAD") if line.startswith("1 function")]
    assert not [line for line in say("check") if "proven" in line], "it helps little in all"


@pytest.mark.parametrize("way", ["baseline", "comment"])
def test_a_plan_back_to_what_is_tolerated_is_enough(project: Path, say: Say, way: str) -> None:
    """A step of many is little, but the entry or the comment allows what it leaves."""
    nested = NESTED.partition("\n")[2]
    comment = "  # antipasta: ignore[cognitive<=120]" if way == "comment" else ""
    (project / "pyproject.toml").write_text(SETTINGS.replace("{", "{ cyclomatic_complexity = false,"))
    (project / "a.py").write_text(f"def each(items):{comment}\n" + nested * 20)
    if way == "baseline":
        say("baseline", "write")
    assert "no violations in 1 file" in say("check")
    (project / "a.py").write_text(f"def each(items):{comment}\n" + nested * 21)
    (hint,) = (line for line in say("check") if "proven" in line)
    assert ", proven equivalent, still over the limit, but tolerated: `" in hint
    say("fix", "a.py::each")
    assert "no violations in 1 file" in say("check")


def test_only_limits_are_enough_in_critical_functions(
    project: Path, repository: Repository, say: Say
) -> None:
    nested = NESTED.partition("\n")[2]
    settings = SETTINGS.replace("{", "{ cyclomatic_complexity = false,")
    (project / "pyproject.toml").write_text(settings)
    (project / "a.py").write_text("def each(items):\n" + nested * 20)
    say("baseline", "write")
    repository.git("commit", "--all", "--message", "x")
    (project / "a.py").write_text("def each(items):\n" + nested * 21)
    for extra, is_shown in (("", True), ('critical_functions = ["each"]\n', False)):
        (project / "pyproject.toml").write_text(f"{settings}{extra}")
        for words in ("check", "check --diff HEAD", "check --format markdown"):
            assert any("proven" in line for line in say(*words.split())) == is_shown, words


def test_a_plan_that_leaves_only_a_tolerated_value_is_enough(project: Path, say: Say) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("{", "{ cyclomatic_complexity = 3,"))
    (project / "a.py").write_text(MERGED.replace("print(item)", "yield item"))
    say("baseline", "write")
    (project / "a.py").write_text(NESTED.replace("print(item)", "warn(item)"))
    assert HINT.replace("equivalent", "equivalent, still over the limit, but tolerated") in say("check")
    say("fix", "a.py::each")
    assert "no violations in 1 file" in say("check")


def test_a_plan_that_helps_little_is_left_to_explain(project: Path, say: Say) -> None:
    (project / "a.py").write_text("def each(items):\n" + NESTED.partition("\n")[2] * 20)
    assert not [line for line in say("check") if "proven" in line]


LARGE = LONG.replace(
    "    return", ("\n    # Go on." + LONG.partition("total = 0")[2][:-17]) * 14 + "    return"
)


def test_a_large_function_without_small_steps_is_offered_new_functions(project: Path, say: Say) -> None:
    (project / "a.py").write_text(LARGE)
    assert not [line for line in say("check") if "proven" in line]
    assert [line.partition(",")[0] for line in say("fix", "a.py::report")][1:] == [
        "  needs a name: move to a new function",
        "  needs a name: move to a new function",
        "  to write them (cognitive 120 → 112",
    ]


def test_a_dry_run_for_a_large_function_offers_the_new_functions_that_explain_lists(
    project: Path, say: Say
) -> None:
    """With a placeholder too, as `explain` prints it; but one small step is all that the hint counts."""
    nested = "    for row in rows:\n        if row:\n            if row.is_new:\n                print(row)\n"
    (project / "a.py").write_text(LARGE.replace("    return", f"{nested}    return"))
    listed = [line.partition("new function: ")[2] for line in say("explain", "a.py::report")]
    signatures = [line.partition(" (cognitive")[0] for line in listed if line]
    assert len(signatures) == 2
    for words in ((), ("--name", "4=NAME")):
        first, *offered, _ = say("fix", "a.py::report", "--dry-run", "--quiet", *words)
        assert first.endswith("; 1 step, proven equivalent, would be written"), words
        assert [line.split(": ")[2] for line in offered] == signatures, words
    assert [line for line in say("fix", "a.py::report", "--quiet") if "; 1 step, proven" in line]


def test_steps_say_what_they_take_for_granted(project: Path, say: Say) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("4", "8"))
    (project / "a.py").write_text(UNEQUAL)
    (line,) = (line for line in say("check") if "proven" in line)
    assert " cognitive 8 in 1 step, proven equivalent if == and != are opposites: `" in line


def test_agents_get_the_whole_plan(say: Say) -> None:
    assert say("check", "--format", "agent")[1:5] == [
        "a.py:1 each: cognitive_complexity 6/4",
        "  look at lines 1-5",
        f"  {HINT.strip()}",
        "  1. merge the two ifs, lines 3-5: cognitive 6 \N{RIGHTWARDS ARROW} 4",
    ]


def test_explain_shows_each_step_as_a_diff(say: Say) -> None:
    lines = say("explain", "a.py::each")
    end = "complexity within its limits in 1 step, proven equivalent"
    start = lines.index(f"{end}: `pytest-antipasta fix a.py::each`")
    assert lines[start + 1 : start + 4] == [
        "  1. merge the two ifs, lines 3-5: cognitive 6 \N{RIGHTWARDS ARROW} 4",
        "  proven equivalent: on every path, the bytecode of both versions does the same",
        "cyc cog  line",
    ]
    assert lines[lines.index("step 1: merge the two ifs") + 1 :] == [
        "  @@ -1,5 +1,4 @@",
        "   def each(items):",
        "       for item in items:  # all of them",
        "  -        if item:",
        "  -            if item > 1:",
        "  -                print(item)",
        "  +        if item and item > 1:",
        "  +            print(item)",
    ]


@pytest.mark.parametrize(
    ("limit", "source", "names", "choices"),
    [
        pytest.param(
            "3",
            clean(NESTED_RUNS).replace("def f", "def report"),
            2,
            "  choose each NAME; without it, its step is not written; `--steps 1` writes only the first step",
            id="a new function in another",
        ),
        pytest.param(
            "4", LONG, 1, "  choose each NAME; without it, its step is not written", id="a new function"
        ),
        pytest.param(
            "4",
            "def report(a):\n    for b in a:\n        if b:\n            if b.c:\n                if b.d:\n"
            "                    b()\n",
            0,
            "  `--steps 1` writes only the first step",
            id="two small steps",
        ),
    ],
)
def test_explain_says_what_to_choose(
    project: Path, say: Say, limit: str, source: str, names: int, choices: str
) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("4", limit))
    (project / "a.py").write_text(source)
    lines = say("explain", "a.py::report")
    start = next(number for number, line in enumerate(lines) if "proven equivalent: `" in line)
    assert lines[start + 1] == choices
    named = [int(number) for number in re.findall(r"--name (\d+)=NAME", lines[start])]
    assert (len(named), named) == (names, sorted(named))


def test_explain_has_the_plan_as_data(say: Say) -> None:
    (block,) = json.loads("\n".join(say("explain", "a.py::each", "--format", "json")))["blocks"]
    values = [{"cognitive_complexity": points, "cyclomatic_complexity": 4} for points in (6, 4)]
    assert block["plan"] == {
        "steps": [
            {
                "kind": "merge the two ifs",
                "line": 3,
                "end_line": 5,
                "before": values[0],
                "after": values[1],
                "proven": True,
                "signature": None,
            }
        ],
        "within": True,
    }


def test_what_is_within_its_limits_has_no_plan(project: Path, say: Say) -> None:
    (project / "a.py").write_text(MERGED)
    (block,) = json.loads("\n".join(say("explain", "a.py::each", "--format", "json")))["blocks"]
    assert block["plan"] is None


def test_of_many_functions_a_number_is_tried(project: Path, say: Say) -> None:
    """Those that are least over their limits."""
    functions = [NESTED.replace("each", f"each_{number}") for number in range(MOST_TRIED + 5)]
    (project / "a.py").write_text("\n\n".join(functions))
    assert sum("proven" in line for line in say("check")) == MOST_TRIED


def test_time_for_trying_begins_with_the_first_function() -> None:
    times = [10.0, 10.1, 10.2, 10.29]
    assert [has_time(times[:number], 0.3) for number in range(1, 5)] == [True, True, True, False]


def test_what_was_found_once_is_not_looked_for_again(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    *found, _ = say("check")
    monkeypatch.setattr("pytest_antipasta.engine.planning.Planner._try", None)
    assert say("check")[:-1] == found
    assert HINT in found


def test_commands_have_the_settings_that_were_named(project: Path, say: Say) -> None:
    (project / "a.py").write_text(LONG.replace("report", "each"))
    (project / "pyproject.toml").rename(project / "named.toml")
    for command in ("check", "explain a.py::each", "fix a.py::each"):
        lines = say(*command.split(), "--config", "named.toml")
        fix = "`pytest-antipasta fix --config named.toml a.py::each --name "
        assert any(fix in line for line in lines), command
