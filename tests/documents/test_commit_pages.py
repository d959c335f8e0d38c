"""Pages about changes: commands print what they show, and each hook id is named."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from pytest_antipasta.cli import main
from tests.conftest import Repository
from tests.documents.pages import iter_blocks, run_page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "commit-hook.md"


@pytest.mark.parametrize(("name", "commands"), [("agents", 5), ("waivers", 4)])
def test_every_command_prints_what_it_shows(
    name: str,
    commands: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    repository = Repository(tmp_path)

    def run(command: str) -> str:
        program, *args = shlex.split(command)
        if program == "git":
            return repository.git(*args)
        main(args)
        return "".join(capsys.readouterr())

    assert run_page(ROOT / "docs" / f"{name}.md", tmp_path, run) == commands


def test_it_names_every_hook_id() -> None:
    (text,) = (block.text for block in iter_blocks(PAGE) if block.name == ".pre-commit-config.yaml")
    (repository,) = yaml.safe_load(text)["repos"]
    ours = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in repository["hooks"]} <= ours
    listed = re.findall(r"^\| `(antipasta[\w-]*)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(listed) == ours
