"""What the documentation shows is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from pytest_antipasta.settings.values import WRITTEN
from tests.conftest import Program
from tests.documents.pages import iter_blocks

DOCS = Path(__file__).parents[2] / "docs"
PACKAGE = DOCS.parent / "pytest_antipasta"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is git's top; the current one."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_files_that_a_newcomer_is_sent_to_are_there() -> None:
    root = DOCS.parent
    text = (root / "CONTRIBUTING.md").read_text() + (DOCS / "maintaining.md").read_text()
    named = re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?)`", text)
    assert len(named) > 50
    assert [name for name in named if not any((top / name).exists() for top in (root, PACKAGE))] == []


def test_the_names_that_a_newcomer_is_sent_to_are_there() -> None:
    text = (DOCS.parent / "CONTRIBUTING.md").read_text()
    ways = text.partition("## How a file is checked")[2].partition("## Recipes")[0]
    named = set(re.findall(r"`([A-Z]\w*[a-z]\w*|[a-z]+_\w+)(?:\.(?!py`)(\w+))?`", ways))
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    defined = set(re.findall(r"(?:\bdef |\bclass |^ *)(\w+)(?=[\[(:]| =|: )", code, re.MULTILINE))
    assert len(named) > 20
    assert {name for names in named for name in names if name} - defined == set()


def test_what_pre_commit_asks_of_those_in_its_list_is_so() -> None:
    root = DOCS.parent
    (block,) = (
        block for block in iter_blocks(root / "docs/maintaining.md") if block.name == "all-repos.yaml"
    )
    (entry,) = yaml.safe_load(block.text)
    assert re.fullmatch(r"https://github\.com/\w+/pytest-antipasta", entry)
    assert "pre-commit" not in entry
    assert (root / "LICENSE").is_file()
    manifest = root / ".pre-commit-hooks.yaml"
    assert {hook["language"] for hook in yaml.safe_load(manifest.read_text())} == {"python"}


def test_a_page_about_suppressions_shows_all_of_its_settings() -> None:
    shown = "".join(block.text for block in iter_blocks(DOCS / "suppressions.md"))
    ours = [name for name in WRITTEN if name.endswith(("suppressions", "_reasons"))]
    assert len(ours) == 3
    assert all(f"{name} = " in shown for name in ours)


def test_the_page_names_the_keys_of_the_json_of_suppressions(folder: Path, program: Program) -> None:
    page = DOCS / "suppressions.md"
    for block in iter_blocks(page):
        if block.name in ("pyproject.toml", "shop.py"):
            (folder / block.name).write_text(block.text, encoding="utf-8")
    said = program("check", "--list-suppressions", "--format", "json", "shop.py")
    listed = json.loads(said.out)["suppressions"]
    (text,) = (part for part in page.read_text(encoding="utf-8").split("\n\n") if "`--format json`" in part)
    of_comment, _, of_metric = text.partition("Each of its `metrics` has")
    assert re.findall(r"`(\w+)`", of_comment) == list(listed[0])
    assert re.findall(r"`(\w+)`", of_metric) == list(listed[0]["metrics"][0])
