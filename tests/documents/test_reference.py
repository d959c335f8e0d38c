"""What the pages say of options and settings is what the code says of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.documents.reference import DOCS, PAGES, describe_shared, make_lists

COMMAND_LINE = (DOCS / "command-line.md").read_text(encoding="utf-8")
SETTINGS = (DOCS / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_has_it(name: str, renew: Callable[[Path, str], None]) -> None:
    page = DOCS / f"{name}.md"
    renew(page, PAGES[name](page.read_text(encoding="utf-8")))


def test_every_list_is_on_the_page_once() -> None:
    assert sorted(re.findall(r"<!-- generated: (.+?) -->", COMMAND_LINE)) == sorted(make_lists())
    assert f"{describe_shared()}\n<!-- generated: shared options -->" in COMMAND_LINE


def assert_renewed(name: str, stale: str, page: str) -> None:
    """Compare what is made of two versions of a page, as that on disk may have to be renewed itself."""
    assert PAGES[name](stale) == PAGES[name](page)


def test_what_differs_from_the_code_is_written_anew() -> None:
    assert "- `--top N`:" in COMMAND_LINE
    assert "Default: `5`." in SETTINGS
    stale = COMMAND_LINE.replace("- `--top N`:", "- `--best N`:")
    assert_renewed("command-line", stale, COMMAND_LINE)
    assert_renewed("settings", SETTINGS.replace("Default: `5`.", "Default: `6`."), SETTINGS)


def test_a_heading_alone_gets_its_lines() -> None:
    for pattern, page, text in (
        (r"(?m)^(### `\w+`\n)\n.+\n.+\n", "settings", SETTINGS),
        (r"(?m)^(<!-- generated: .+ -->\n)(?:.+\n)+", "command-line", COMMAND_LINE),
    ):
        alone = re.sub(pattern, r"\1", text)
        assert len(alone) < len(text) - 1000
        assert_renewed(page, alone, text)
