"""A panic in complexipy: one file fails, by its name, in every way in.

pyo3 makes a ``PanicException`` of a panic in Rust, which derives from ``BaseException``. No source is known
that makes complexipy panic, so that it is replaced by a function that does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import complexipy
import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.metrics import cognitive
from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.plugin.conftest import Project, read_report

MESSAGE = "complexipy panicked: index out of bounds; exclude the file and report a bug"
PANICKING = '''
import complexipy

class PanicException(BaseException):
    """As in the module ``pyo3_runtime``, which can't be imported."""

def panic(text, with_plans=True, **options):
    if "PANIC" in text or (with_plans and "STUMBLE" in text):
        raise PanicException("index out of bounds")
    return complexipy.code_complexity(text, with_plans=with_plans, **options)
'''
CONFTEST = f"""{PANICKING}
from pytest_antipasta.metrics import cognitive
cognitive._load_complexipy = lambda: panic
"""


@pytest.fixture
def panics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let complexipy panic over a source that says so."""
    names: dict[str, Any] = {}
    exec(PANICKING, names)
    panic: Callable[..., complexipy.CodeComplexity] = names["panic"]
    monkeypatch.setattr(cognitive, "_load_complexipy", lambda: panic)


@pytest.fixture
def tree(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three staged files, over one of which complexipy panics."""
    (repository.path / "a.py").write_text("def f(a):\n    if a: pass\n")
    (repository.path / "b.py").write_text("def f(a):\n    pass  # PANIC\n")
    (repository.path / "c.py").write_text("def f(a):\n    if a:\n        pass  # STUMBLE\n")
    repository.git("add", ".")
    monkeypatch.chdir(repository.path)
    return repository.path


@pytest.mark.usefixtures("panics")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(["check"], 3, id="check"),
        pytest.param(["hook"], 3, id="the hook"),
        pytest.param(["explain", "b.py"], 3, id="explain"),
    ],
)
def test_a_command_names_the_file_and_says_whose_fault_it_is(
    command: list[str], code: int, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == code
    output = "".join(capsys.readouterr())
    assert f"b.py: not measured (internal): {MESSAGE}" in output
    assert "Traceback" not in output


@pytest.mark.usefixtures("panics")
def test_what_only_the_plans_panic_over_has_its_numbers(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["measure", "--format", "json"])
    files = {file["path"]: file for file in json.loads(capsys.readouterr().out)["files"]}
    assert files["b.py"]["error"]["message"] == MESSAGE
    assert [files[path]["metrics"]["total_cognitive_complexity"] for path in ("a.py", "c.py")] == [1, 1]


def test_pytest_fails_the_items_of_such_files_alone(
    workers: list[str], pytester: pytest.Pytester, forked_python: ForkedPython
) -> None:
    project = Project(pytester, forked_python.run)
    project.write(
        {"conftest.py": CONFTEST, "a.py": "x = 1\n", "b.py": "x = 1  # PANIC\n", "pyproject.toml": ""}
    )
    report = project.path / "report.json"
    result = project.run(
        "--antipasta-only",
        "--antipasta-no-cache",
        f"--antipasta-report=json={report}",
        "b.py",
        "a.py",
        *workers,
    )
    assert result.ret == 1
    result.assert_outcomes(passed=1, failed=1)
    found = {file["path"]: file.get("error", {}).get("message") for file in read_report(report)["files"]}
    assert found == {"a.py": None, "b.py": MESSAGE}
