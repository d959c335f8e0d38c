"""``plans`` in reports for programs: what complexipy marks as safe, for functions over their limit."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta import check
from pytest_antipasta.cli import main
from pytest_antipasta.metrics import cognitive
from pytest_antipasta.model.formats import OUR_NAMES, TEXTS
from tests.conftest import Program, Repository
from tests.metrics.notebook.making import make_notebook
from tests.report.conftest import write

LIMIT = "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = {}\n"
STRICT = LIMIT.format(2)
PAIR = "    if a:\n        if a:\n            pass\n"
DEEP = f"def f(a):\n{PAIR}"
PLAN: dict[str, Any] = {
    "line": 1,
    "first_line": 2,
    "last_line": 4,
    "title": "Merge nested if statements",
    "reduction": 1,
}


def read(capsys: pytest.CaptureFixture[str], *args: str) -> list[dict[str, Any]]:
    """Return the plans of all files in the JSON of a check."""
    capsys.readouterr()
    assert main(["check", "--format", "json", *args]) in (0, 1)
    files = json.loads(capsys.readouterr().out)["files"]
    return [plan for file in files for plan in file["plans"]]


@pytest.mark.parametrize(
    ("files", "plans"),
    [
        pytest.param({"a.py": DEEP, "pyproject.toml": STRICT}, [PLAN], id="a violation"),
        pytest.param(
            {"a.py": DEEP, "pyproject.toml": LIMIT.format('{ limit = 2, level = "warning" }')},
            [PLAN],
            id="a warning",
        ),
        pytest.param({"a.py": DEEP, "pyproject.toml": LIMIT.format(3)}, [], id="a function within its limit"),
        pytest.param(
            {"a.py": DEEP, "pyproject.toml": f"{LIMIT.format(3)}cyclomatic_complexity = 1\n"},
            [],
            id="a function over another limit",
        ),
        pytest.param(
            {"a.py": DEEP.replace(":\n", ":  # antipasta: ignore\n", 1), "pyproject.toml": STRICT},
            [],
            id="what a comment tolerates",
        ),
        pytest.param(
            {"a.py": f"x = 1\n@d\n{DEEP}\n{DEEP}", "pyproject.toml": STRICT},
            [
                PLAN | {"line": 3, "first_line": 4, "last_line": 6},
                PLAN | {"line": 8, "first_line": 9, "last_line": 11},
            ],
            id="two of one name, the first with a decorator",
        ),
        pytest.param(
            {
                "a.py": "# coding: latin-1\n# \xe9\n".encode("latin-1") + DEEP.encode(),
                "pyproject.toml": STRICT,
            },
            [PLAN | {"line": 3, "first_line": 4, "last_line": 6}],
            id="another encoding",
        ),
        pytest.param(
            {"a.ipynb": make_notebook("x = 1", DEEP), "pyproject.toml": STRICT},
            [{"cell": 2, **PLAN}],
            id="a cell of a notebook",
        ),
        pytest.param(
            {"a.ipynb": make_notebook("if a:\n    if a:\n        pass"), "pyproject.toml": STRICT},
            [],
            id="code of a notebook outside of functions",
        ),
    ],
)
def test_safe_plans_belong_to_what_is_over_its_limit(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    files: Mapping[str, str | bytes],
    plans: list[dict[str, Any]],
) -> None:
    write(tmp_path, {**files, "good.py": DEEP.replace("        if a:\n", "")})
    monkeypatch.chdir(tmp_path)
    settings = tmp_path / "pyproject.toml"
    if "a.ipynb" in files:
        settings.write_text(f"[tool.pytest-antipasta]\nnotebooks = true\n{settings.read_text()}")
    assert read(capsys) == plans
    assert read(capsys) == plans, "from the store"
    found = [plan for finding in check().findings for plan in finding.plans]
    assert [plan.title for plan in found] == [plan["title"] for plan in plans]


def test_standard_input_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"a.py": "x = 1\n", "pyproject.toml": STRICT})
    monkeypatch.chdir(tmp_path)
    for arguments in ([], ["--stdin-filename", "a.py"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DEEP.encode())))
        assert read(capsys, "-", *arguments) == [PLAN]


def test_a_change_has_none_where_the_file_has_another_content(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository.path, {"a.py": DEEP, "pyproject.toml": STRICT})
    repository.git("add", ".")
    monkeypatch.chdir(repository.path)
    assert read(capsys, "--staged") == [PLAN]
    write(repository.path, {"a.py": f"x = 1\n{DEEP}"})
    assert read(capsys, "--staged") == []


def test_only_json_shows_them_and_nothing_is_looked_for_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.py": DEEP, "pyproject.toml": STRICT})
    monkeypatch.chdir(tmp_path)
    asked: list[Any] = []

    def is_written(plan: Any) -> bool:
        asked.append(plan)
        return True

    monkeypatch.setattr(cognitive, "_is_written", is_written)
    reports = [f"--report={name}={name}" for name in OUR_NAMES if name not in ("json", "shard")]
    for form in TEXTS:
        assert main(["check", f"--format={form}", f"--output={form}", *reports]) == 1
    assert asked == []
    for name in {*TEXTS, *OUR_NAMES} - {"json", "shard"}:
        assert PLAN["title"] not in Path(name).read_text(), name
    assert main(["check", "--format=json", "--output=json"]) == 1
    assert asked and PLAN["title"] in Path("json").read_text()


@pytest.mark.parametrize("form", ["text", "json"])
def test_explain_shows_them_to_programs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program, form: str
) -> None:
    inner = DEEP.replace("def f", "def g").replace("\n    ", "\n        ").rstrip(" ")
    write(tmp_path, {"a.py": f"{DEEP}\nclass A:\n    {inner}", "pyproject.toml": STRICT})
    monkeypatch.chdir(tmp_path)
    shown = program("explain", "--all", "--format", form, "a.py").out
    assert ("Merge" in shown) == (form == "json")
    if form == "json":
        lines = {block["qualified_name"]: block["plans"] for block in json.loads(shown)["blocks"]}
        assert {name: [plan["first_line"] for plan in plans] for name, plans in lines.items()} == {
            "f": [2],
            "A": [],
            "A.g": [8],
        }
        (plan,) = lines["f"]
        assert {**PLAN, **plan} == {
            **PLAN,
            "is_measured": True,
            "rule": "C007",
            "help": "Merge nested if statements into a single if with combined conditions",
        }
