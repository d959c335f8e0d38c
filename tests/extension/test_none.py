"""Where no extension is installed, nothing of them is loaded."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.commits import stage_all
from tests.extension.conftest import PARAMETERS, SQL, Environment, make_procedure, write_settings

LOADED = """
import sys
from pytest_antipasta.cli import main
main(sys.argv[1:])
extension = ("extension.loading", "extension.languages")
measuring = ("engine.measuring.extender", "engine.measuring.language_source")
ours = [f"pytest_antipasta.{name}" for name in extension + measuring]
print([name for name in ("pluggy", "importlib.metadata", *ours) if name in sys.modules])
"""


def find_loaded(environment: Environment, project: Path, *arguments: str) -> str:
    """Return what a warm run has imported."""
    for _ in range(2):
        command = [str(environment.python), "-c", LOADED, *arguments]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.fixture(autouse=True)
def _staged(project: Path) -> None:
    write_settings(project)
    stage_all(project)


@pytest.mark.parametrize(
    "arguments",
    [("hook",), ("check", "--report", "prometheus=run.prom")],
    ids=lambda words: words[-1],
)
def test_nothing_is_loaded(arguments: list[str], environment: Environment, project: Path) -> None:
    assert find_loaded(environment, project, *arguments) == "[]"


@pytest.mark.slow
def test_a_warm_run_with_one_starts_no_process(environment: Environment, project: Path) -> None:
    environment.install(PARAMETERS + SQL)
    write_settings(project, others=['languages = ["example:sql"]'])
    (project / "q.sql").write_text(make_procedure("load", 1))
    loaded = find_loaded(environment, project, "check")
    assert "pytest_antipasta.extension.languages" in loaded
    assert "pytest_antipasta.engine" not in loaded
