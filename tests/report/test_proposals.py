"""Plans for the worst functions, found as a report is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository

NESTED = """\
def {name}(items):
    for item in items:
        if item:
            if item > 1:
                print(item)
"""
LIMIT = "[tool.pytest-antipasta]\nthresholds = { cognitive_complexity = 4, cyclomatic_complexity = false }\n"
ROW = (
    "| `{name}`<br/>`{path}:1` | cognitive 6 (limit 4) | cognitive 4 in 1 step, proven equivalent:<br/>"
    "`pytest-antipasta fix {path}::{name}` |\n"
)


@pytest.fixture
def tree(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve files in a repository, in each of which a function is over its limit; the current folder."""
    (repository.path / "pyproject.toml").write_text(LIMIT)
    for number in range(12):
        (repository.path / f"a{number:02}.py").write_text(NESTED.format(name=f"f{number:02}"))
    commit_all(repository.path, "files")
    monkeypatch.chdir(repository.path)
    return repository.path


def test_the_first_ten_have_a_plan(tree: Path) -> None:
    assert main(["check", "--quiet", "--report=markdown=report.md"]) == 1
    first, _, folded = (tree / "report.md").read_text().partition("<details>")
    assert [ROW.format(name=f"f{number:02}", path=f"a{number:02}.py") in first for number in range(12)] == [
        *[True] * 10,
        *[False] * 2,
    ]
    assert "| `f11`<br/>`a11.py:1` | cognitive 6 (limit 4) |\n" in folded


@pytest.mark.parametrize(
    ("options", "has_plans"),
    [
        pytest.param((), True, id="by the settings"),
        pytest.param(("--limit=cognitive=5",), False, id="by limits that fix does not read"),
        pytest.param(("--limits-from=HEAD",), False, id="by limits of a commit"),
    ],
)
def test_a_merged_report_has_the_same(tree: Path, options: tuple[str, ...], has_plans: bool) -> None:
    main(["check", "--quiet", *options, "--report=markdown=whole"])
    for number in (1, 2, 3):
        shard = (f"--shard={number}/3", f"--report=shard={number}.shard")
        main(["check", "--quiet", *options, *shard])
    main(["report", "merge", "--quiet", "1.shard", "2.shard", "3.shard", "--report=markdown=merged"])
    whole, merged = (Path(name).read_bytes() for name in ("whole", "merged"))
    assert whole == merged
    assert (b"cognitive 4 in 1 step, proven equivalent" in whole) is has_plans


def test_a_file_that_has_changed_has_none(tree: Path, repository: Repository) -> None:
    """As the plan would be for other lines."""
    (tree / "a00.py").write_text(f"{NESTED.format(name='f00')}\nx = 1\n")
    repository.git("add", "a00.py")
    (tree / "a00.py").write_text(f"y = 1\n{NESTED.format(name='f00')}\nx = 2\n")
    main(["check", "--quiet", "--staged", "--report=markdown=report.md"])
    text = (tree / "report.md").read_text()
    assert "in 1 step" not in text
