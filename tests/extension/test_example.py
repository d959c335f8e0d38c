"""The example: built as a wheel, installed, and asked in every way in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.commits import stage_all
from tests.extension.conftest import Environment, write_settings
from tests.gate.conftest import function
from tests.gate.test_frameworks import find_program
from tests.older.commits import unpack_before

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "extension"
# An earlier example has its metric by another name.
METRIC = r"(?:all )?parameters \(antipasta-parameters\)"
# pytest and its workers say more between a path and its rows.
ROWS = [
    rf"\b{path}(?::{line}: |\n(?:\[gw.*\n)? +{line}:1  ){name} +{METRIC} 6/5"
    for path, line, name in ((r"a\.py", 1, "f"), (r"q\.sql", 2, r"shop\.f"))
]
TOO_MANY = "def f(a, b, c, d, e, g):\n    return a\n"
TOO_MANY_IN_SQL = "\nCREATE PROCEDURE shop.f (a, b, c, d, e, g)\n  DELETE FROM a;\nEND;\n"


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="session", params=["now", "before"])
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as it is now, and as it was before its last change, as what others have built stays."""
    if request.param == "now":
        return EXAMPLE
    return unpack_before(tmp_path_factory.mktemp("before"), "examples/extension")


@pytest.fixture(scope="session")
def wheel(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as it would be uploaded."""
    folder = tmp_path_factory.mktemp("wheels")
    pip("wheel", "--no-deps", "--wheel-dir", folder, example)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture
def guarded(project: Path) -> Path:
    """A project with a function and a procedure of too many parameters staged."""
    write_settings(project, others=['languages = ["antipasta-parameters:sql"]'])
    (project / "a.py").write_text(TOO_MANY)
    (project / "q.sql").write_text(TOO_MANY_IN_SQL)
    stage_all(project)
    return project


@pytest.mark.slow
def test_installed_it_counts_in_every_way_in(
    environment: Environment, example: Path, wheel: Path, guarded: Path, tmp_path: Path
) -> None:
    pip("--python", environment.python, "install", "--no-deps", "--no-index", wheel)
    for arguments in (
        ("pytest_antipasta", "check"),
        ("pytest", "--antipasta-only", "-n", "2"),
        ("pytest_antipasta", "hook"),
    ):
        done = environment.run(*arguments, cwd=guarded)
        assert all(re.search(row, done.stdout) for row in ROWS), done.stdout + done.stderr
        assert done.returncode == 1
    assert environment.check(guarded, "--format", "tsv").stdout == "a.py\tfail\t1\nq.sql\tfail\t1\n"
    own = environment.run("pytest", "-q", "-p", "no:cacheprovider", str(example / "tests"), cwd=tmp_path)
    assert re.search(r"^[1-9]\d* passed in", own.stdout, re.MULTILINE), own.stdout


@pytest.mark.programs
@pytest.mark.slow
def test_pre_commit_installs_it_beside_us(guarded: Path, wheel: Path, tmp_path: Path) -> None:
    """From a clone of this repository, as for a user, into an environment of its own."""
    program = find_program("pre-commit")
    if not (ROOT / ".git").exists():
        pytest.skip("the checkout has no history: pre-commit clones commits")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    types = {"types": ["file"], "types_or": ["python", "sql"]}
    hook = {"id": "antipasta", "additional_dependencies": [str(wheel)], **types}
    repo = {"repo": str(ROOT), "rev": head.stdout.strip(), "hooks": [hook]}
    (guarded / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [repo]}))
    (guarded / "b.py").write_text(function(11, "bad"))
    stage_all(guarded)
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    done = subprocess.run([program, "run"], cwd=guarded, env=environment, capture_output=True, text=True)
    rows = [*ROWS, r"b\.py\n +1:1  bad +cyclomatic 11/10"]
    assert all(re.search(f"{row}  added\n", done.stdout) for row in rows), done.stdout + done.stderr
    assert done.returncode == 1
