"""The example: built as a wheel, installed, and asked in every way in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.extension.conftest import Environment, write_settings
from tests.gate.conftest import function
from tests.gate.test_frameworks import find_program
from tests.rows import spell_out

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "extension"
VIOLATIONS = [
    f"{place}: antipasta-parameters:parameters is 6, must be <= 5"
    for place in ("a.py:1: f", "q.sql:2: shop.f")
]
TOO_MANY = "def f(a, b, c, d, e, g):\n    return a\n"
TOO_MANY_IN_SQL = "\nCREATE PROCEDURE shop.f (a, b, c, d, e, g)\n  DELETE FROM a;\nEND;\n"


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as it would be uploaded."""
    folder = tmp_path_factory.mktemp("wheels")
    pip("wheel", "--no-deps", "--wheel-dir", folder, EXAMPLE)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture
def guarded(project: Path) -> Path:
    """A project with a function and a procedure of too many parameters staged."""
    write_settings(project, others=['languages = ["antipasta-parameters:sql"]'])
    (project / "a.py").write_text(TOO_MANY)
    (project / "q.sql").write_text(TOO_MANY_IN_SQL)
    subprocess.run(["git", "add", "."], cwd=project, check=True)
    return project


@pytest.mark.slow
def test_installed_it_counts_in_every_way_in(
    environment: Environment, wheel: Path, guarded: Path, tmp_path: Path
) -> None:
    pip("--python", environment.python, "install", "--no-deps", "--no-index", wheel)
    for arguments in (
        ("pytest_antipasta", "check"),
        ("pytest", "--antipasta-only", "-n", "2"),
        ("pytest_antipasta", "hook"),
    ):
        done = environment.run(*arguments, cwd=guarded)
        assert [one in done.stdout for one in VIOLATIONS] == [True, True], done.stdout + done.stderr
        assert done.returncode == 1
    assert environment.check(guarded, "--format", "tsv").stdout == "a.py\tfail\t1\nq.sql\tfail\t1\n"
    own = environment.run("pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests"), cwd=tmp_path)
    assert "8 passed" in own.stdout, own.stdout


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
    subprocess.run(["git", "add", "."], cwd=guarded, check=True)
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
    done = subprocess.run([program, "run"], cwd=guarded, env=environment, capture_output=True, text=True)
    over = [*VIOLATIONS, "b.py:1: bad: cyclomatic_complexity is 11, must be <= 10"]
    said = spell_out(done.stdout)
    assert [f"{one} (added)" in said for one in over] == [True] * 3, done.stdout + done.stderr
    assert done.returncode == 1
