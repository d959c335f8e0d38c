"""How many processes measure: by the option, the environment or the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program
from tests.plugin.conftest import PASSING


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some files, of which each chunk has a part."""
    for number in range(30):
        (tmp_path / f"a{number}.py").write_text(f"x = {number}\n" + PASSING)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("option", "variable", "setting", "reason"),
    [
        pytest.param([], None, "2", "(2 requested)", id="the settings"),
        pytest.param([], "2", "1", "(2 requested)", id="the environment before them", marks=pytest.mark.slow),
        pytest.param(["--jobs=2"], "1", "1", "(2 requested)", id="the option before both"),
        pytest.param([], "auto", "2", "(little to measure)", id="as many as pay"),
        pytest.param([], "", "2", "(2 requested)", id="an empty variable", marks=pytest.mark.slow),
    ],
)
def test_who_says_how_many(
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: Program,
    option: list[str],
    variable: str | None,
    setting: str | None,
    reason: str,
) -> None:
    if setting is not None:
        (tree / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\njobs = {setting}\n")
    if variable is not None:
        monkeypatch.setenv("PYTEST_ANTIPASTA_JOBS", variable)
    assert reason in program("check", "--debug", *option).out


def test_an_environment_that_says_no_number_is_an_error(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTEST_ANTIPASTA_JOBS", "many")
    assert main(["check"]) == 2
    expected = "error: PYTEST_ANTIPASTA_JOBS: expected a number >= 1 or auto, got 'many'\n"
    assert capsys.readouterr().err == expected
