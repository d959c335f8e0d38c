"""``docs/conf.py``: what it makes of a page, before Sphinx reads it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest

from tests.documents.conftest import DOCS, require_sphinx

pytestmark = pytest.mark.programs


@pytest.fixture
def adapt() -> Callable[..., str]:
    """Adapt a page of a project that is published, or of one that has no address yet."""
    require_sphinx()
    specification = importlib.util.spec_from_file_location("site_settings", DOCS / "conf.py")
    assert specification and specification.loader
    module: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)

    def adapt(text: str, page: str = "ci", urls: dict[str, str] | None = None) -> str:
        module._PROJECT["urls"] = urls or {}
        source = [text]
        module.adapt_source(None, page, source)
        return source[0]

    return adapt


@pytest.mark.parametrize(
    ("link", "copied", "published"),
    [
        ("../README.md#develop", "path:../README.md", "https://example.org/us/blob/main/README.md#develop"),
        (
            "../examples/shop",
            "path:../examples/shop/README.md",
            "https://example.org/us/blob/main/examples/shop",
        ),
        ("../SECURITY.md#a", "security.md#a", "security.md#a"),
        ("store.md#a", "store.md#a", "store.md#a"),
        ("#here", "#here", "#here"),
        ("https://example.org/x", "https://example.org/x", "https://example.org/x"),
    ],
)
def test_a_link_out_of_the_pages_leads_to_the_repository_or_to_a_copy(
    adapt: Callable[..., str], link: str, copied: str, published: str
) -> None:
    code = f"```\n[code]({link})\n```\n"
    assert adapt(f"{code}[text]({link}) and more\n{code}") == f"{code}[text]({copied}) and more\n{code}"
    assert adapt(f"[text]({link})", urls={"Source": "https://example.org/us"}) == f"[text]({published})"


def test_a_picture_for_light_and_for_dark_pages_is_two(adapt: Callable[..., str]) -> None:
    shown = adapt(
        '<p><picture>\n  <source media="(prefers-color-scheme: dark)" srcset="a-dark.svg">\n'
        '  <img alt="What it shows." src="a-light.svg">\n</picture></p>\n'
    )
    light, dark = (
        f"```{{image}} a-{name}.svg\n:alt: What it shows.\n:class: only-{name}\n```\n"
        for name in ("light", "dark")
    )
    assert shown == f"{light}\n{dark}"


def test_a_comment_is_a_table_of_contents_without_pages_that_are_not_there(adapt: Callable[..., str]) -> None:
    shown = adapt("# Title\n\n<!-- toctree: Use\nci\nnothing\nThe numbers <metrics>\n-->\n")
    assert shown == "# Title\n\n```{toctree}\n:hidden:\n:caption: Use\n\nci\nThe numbers <metrics>\n```\n"


def test_a_page_that_stands_for_a_file_has_its_text(adapt: Callable[..., str]) -> None:
    shown = adapt("# Changelog\n", page="changelog")
    assert len(shown) > 1000
    assert "](docs/" not in shown
