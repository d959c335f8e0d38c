"""Short names of metrics: wherever a metric is named, its short name means the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.model.registry import SHORT_NAMES
from tests.commits import commit_all
from tests.conftest import Repository

SOURCE = "def decide(a, b):\n    if a:\n        if b:\n            return 1\n    return a or b\n"
COMMENT = "def allowed(a, b):  # antipasta: ignore[{metric}<=9] it is old\n    return a and b or a\n"
SETTINGS = """\
[tool.pytest-antipasta.thresholds]
{metric} = 2
[[tool.pytest-antipasta.overrides]]
files = ["b.py"]
thresholds.{metric} = 1
"""
# With ``{metric}`` for a name.
COMMANDS = [
    ["check"],
    ["check", "--format", "gitlab"],
    ["check", "--limit", "{metric}=1"],
    ["check", "--limit", "{metric}=off"],
    ["check", "--metric", "{metric}"],
    ["check", "--top", "2", "--sort", "{metric}"],
    ["check", "--near", "0.1", "--metric", "{metric}"],
    ["check", "--list-suppressions"],
    ["check", "--staged"],
    ["measure", "--sort", "{metric}"],
    ["measure", "--sort", "{metric}", "--top", "1"],
    ["explain", "a.py::decide"],
    ["fix", "--dry-run", "a.py"],
    ["trend", "--metric", "{metric}", "--format", "csv"],
    ["trend", "--limit", "{metric}=1"],
    ["config", "validate"],
    ["config", "show"],
    ["baseline", "write", "--dry-run"],
    ["hook"],
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "b.py").write_text(SOURCE)
    Repository(tmp_path)
    commit_all(tmp_path, "one")
    return tmp_path


@pytest.mark.parametrize(("short", "commands"), [("cyclomatic", COMMANDS), ("cognitive", COMMANDS[:1])])
def test_a_short_name_is_taken_for_the_name(
    project: Path, capsys: pytest.CaptureFixture[str], short: str, commands: list[list[str]]
) -> None:
    answers: dict[str, list[tuple[int, list[str], str]]] = {}
    for metric in (SHORT_NAMES[short], short):
        (project / "pyproject.toml").write_text(SETTINGS.format(metric=metric))
        (project / "a.py").write_text(SOURCE + COMMENT.format(metric=metric))
        for command in commands:
            code = main([word.format(metric=metric) for word in command])
            said = capsys.readouterr()
            shown = [line for line in said.out.splitlines() if not line.startswith("checked ")]  # the time
            answer = code, [line.replace(f"[{metric}<=9]", "[]") for line in shown], said.err
            answers.setdefault(" ".join(command), []).append(answer)
    assert [command for command, (name, other) in answers.items() if name != other] == []
