"""Pages about changes: commands print what they show, and each hook id is named."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.documents.pages import iter_blocks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "commit-hook.md"


def test_it_names_every_hook_id() -> None:
    (text,) = (block.text for block in iter_blocks(PAGE) if block.name == ".pre-commit-config.yaml")
    (repository,) = yaml.safe_load(text)["repos"]
    ours = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in repository["hooks"]} <= ours
    listed = re.findall(r"`(antipasta[\w-]*)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(listed) == ours
