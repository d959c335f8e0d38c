"""A repository with several projects in it, each with settings of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Repository

# Each function's number is its cyclomatic complexity.
_BRANCH = "    if a: a += 1\n"
FUNCTIONS = "".join(f"def f{one}(a):\n{_BRANCH * (one - 1)}    return a\n" for one in range(1, 7))
OFF = """
cognitive_complexity = false
maintainability_index = false
halstead_volume = false
halstead_difficulty = false
halstead_effort = false
"""
PROJECT = "packages/[a] b!"
INNER = f"{PROJECT}/inner"
YAML = "libraries/old"
FILES = {
    "pyproject.toml": f"""
[tool.pytest-antipasta]
nested = true
exclude = ["skipped.py"]
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
lines_of_code = 1000
{OFF}
[[tool.pytest-antipasta.overrides]]
files = ["tests/"]
thresholds = {{ cyclomatic_complexity = 1, logical_lines_of_code = 0 }}
""",
    "a.py": FUNCTIONS,
    "tests/test_a.py": FUNCTIONS,
    "packages/b.py": FUNCTIONS,
    f"{PROJECT}/pyproject.toml": f"""
[tool.pytest-antipasta]
nested = true
exclude = ["/gen/", "*_pb2.py", "!kept_pb2.py"]
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 4
lines_of_code = {{ limit = 5, comparison = ">" }}
{OFF}
[[tool.pytest-antipasta.overrides]]
files = ["/tests/*", "!/tests/x.py"]
thresholds = {{ cyclomatic_complexity = 5 }}
""",
    f"{PROJECT}/c.py": FUNCTIONS,
    f"{PROJECT}/tests/c.py": FUNCTIONS,
    f"{PROJECT}/tests/x.py": FUNCTIONS,
    f"{PROJECT}/deep/tests/c.py": FUNCTIONS,
    f"{PROJECT}/deep/gen/c.py": FUNCTIONS,
    f"{PROJECT}/gen/c.py": FUNCTIONS,
    f"{PROJECT}/deep/a_pb2.py": FUNCTIONS,
    f"{PROJECT}/deep/kept_pb2.py": FUNCTIONS,
    f"{PROJECT}/skipped.py": FUNCTIONS,
    f"{INNER}/pyproject.toml": f"[tool.pytest-antipasta]\n[tool.pytest-antipasta.thresholds]{OFF}",
    f"{INNER}/d.py": FUNCTIONS,
    f"{INNER}/tests/d.py": FUNCTIONS,
    f"{YAML}/.antipasta.yaml": "defaults: {max_cyclomatic_complexity: 2}\nignore_patterns: [gen]\n",
    f"{YAML}/e.py": FUNCTIONS,
    f"{YAML}/gen/e.py": FUNCTIONS,
    f"{YAML}/no_settings/pyproject.toml": "[tool.other]\n",
    f"{YAML}/no_settings/e.py": FUNCTIONS,
}
# What is judged, with the cyclomatic complexity that a function may have.
LIMITS = {
    "a.py": 3,
    "tests/test_a.py": 1,
    "packages/b.py": 3,
    f"{PROJECT}/c.py": 4,
    f"{PROJECT}/tests/c.py": 5,
    f"{PROJECT}/tests/x.py": 4,
    f"{PROJECT}/deep/tests/c.py": 4,
    f"{PROJECT}/deep/gen/c.py": 4,
    f"{PROJECT}/deep/kept_pb2.py": 4,
    f"{INNER}/d.py": 10,
    f"{INNER}/tests/d.py": 10,
    f"{YAML}/e.py": 2,
    f"{YAML}/no_settings/e.py": 2,
}


@pytest.fixture
def monorepo(made_store: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The current folder: a repository with all of these files, none of them staged."""
    monkeypatch.chdir(repository.path)
    for name, text in FILES.items():
        write(repository, name, text)
    return repository


def write(repository: Repository, name: str, text: str) -> None:
    """Write a file, and the folders that it is in."""
    place = repository.path / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
