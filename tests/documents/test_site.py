"""The site of the pages: it builds, axe-core finds nothing on it, and its search finds what has a name."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from pytest_antipasta.cli.program import make_parser
from pytest_antipasta.extension.metrics import judged_metrics
from pytest_antipasta.model.measured import ErrorKind
from pytest_antipasta.report.error_kinds import ERROR_KINDS
from pytest_antipasta.settings.values import WRITTEN
from tests.documents.conftest import DOCS
from tests.documents.hypertext import iter_dead_links, read_html, read_markdown
from tests.report.browser import Shown, find_barriers

pytestmark = pytest.mark.programs

PAGES = sorted(path.stem for path in DOCS.glob("*.md"))
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}


class Page(Shown):
    """A page of the site that is open."""

    READY = "return document.readyState === 'complete'"

    def show(self, scheme: str, size: Mapping[str, object] | None = None) -> None:
        """Show it in other colours, or in another size, and wait until it is drawn."""
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        if size is None:
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        else:
            self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.browser.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        )


def test_every_page_is_built(site: Path) -> None:
    assert [name for name in PAGES if not (site / f"{name}.html").is_file()] == []


def test_every_link_leads_to_a_file_and_a_place_that_is_there(site: Path) -> None:
    pages = {path: read_html(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}
    assert sum(len(page.links) for page in pages.values()) > 1000
    assert list(iter_dead_links(pages)) == []


def test_an_anchor_is_that_of_github(site: Path) -> None:
    """Also where Sphinx makes another: addresses with both are in use."""
    anchors = read_html((site / "settings.html").read_text(encoding="utf-8")).anchors
    assert {"max_file_size_mb", "max-file-size-mb"} <= anchors


@pytest.mark.parametrize(("name", "file"), [("changelog", "CHANGELOG.md"), ("security", "SECURITY.md")])
def test_a_page_that_names_a_file_has_its_text(site: Path, name: str, file: str) -> None:
    headings = read_markdown((DOCS.parent / file).read_text(encoding="utf-8")).headings
    shown = [
        text.rstrip("\N{PILCROW SIGN}")
        for text in read_html((site / f"{name}.html").read_text(encoding="utf-8")).headings
    ]
    assert shown == headings


@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_axe_finds_nothing(browser: Any, site: Path, name: str) -> None:
    page = Page(browser, site / f"{name}.html")
    assert browser.get_log("browser") == []
    page.show("light")
    assert find_barriers(page) == []
    page.show("light", PHONE)
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["index", "metrics", "command-line"])
def test_axe_finds_nothing_in_dark_and_on_a_phone(browser: Any, site: Path, name: str) -> None:
    """On pages that have lists, tables and code in all colours."""
    page = Page(browser, site / f"{name}.html")
    page.show("dark")  # where only colours differ
    assert page.run("return getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert find_barriers(page, "color-contrast", "link-in-text-block") == []
    page.show("light", PHONE)
    assert find_barriers(page) == []


def iter_parsers(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield each command, and each action of one, with its parser."""
    for action in parser._actions:
        for inner, found in (action.choices or {}).items() if isinstance(action.choices, dict) else ():
            yield f"{name} {inner}".strip(), found
            yield from iter_parsers(found, f"{name} {inner}".strip())


PARSERS_OF_COMMANDS = dict(iter_parsers(make_parser(), ""))
OPTIONS = {
    option
    for parser in PARSERS_OF_COMMANDS.values()
    for action in parser._actions
    for option in action.option_strings
}
HOMES = [
    *((name, "settings") for name in WRITTEN),
    *((name, "errors") for name in ERROR_KINDS),
    *((name, "command-line") for name in PARSERS_OF_COMMANDS),
    *((name, "command-line") for name in sorted(OPTIONS - {"-h", "--help"})),
]


def search(page: Page, text: str) -> list[str]:
    """Return the pages that the site's search finds for a text, the best first."""
    script = "return Search._performSearch(...Search._parseQuery(arguments[0])).map((one) => one[0])"
    return list(dict.fromkeys(reversed(page.run(script, text))))


def test_the_search_finds_every_name_on_its_page(browser: Any, site: Path) -> None:
    """Above other pages; `baseline` is a command and a setting, and is on both."""
    assert len(HOMES) > 100 and set(ERROR_KINDS) == set(get_args(ErrorKind))
    page = Page(browser, site / "search.html")
    homes: dict[str, set[str]] = {}
    for name, home in HOMES:
        homes.setdefault(name, set()).add(home)
    found = {name: search(page, name) for name in homes}
    wrong = {
        name: pages[:3] for name, pages in found.items() if set(pages[: len(homes[name])]) != homes[name]
    }
    assert wrong == {}


def test_the_search_finds_metrics_and_options_of_pytest(
    browser: Any, site: Path, pytestconfig: pytest.Config
) -> None:
    page = Page(browser, site / "search.html")
    names = [name for name in vars(pytestconfig.option) if name.startswith("antipasta")]
    options = [f"--{name.replace('_', '-')}" for name in names]
    assert len(options) > 20
    assert [name for name in judged_metrics() if not search(page, name)] == []
    assert [name for name in options if search(page, name)[0] != "command-line"] == []


def test_one_who_searches_gets_to_the_place(browser: Any, site: Path) -> None:
    page = Page(browser, site / "index.html")
    page.find("input[name=q]").send_keys("max_file_size_mb")
    page.press("ENTER")
    page.wait("return document.querySelector('#search-results li a') !== null")
    page.find("#search-results li a").click()
    page.wait("return location.pathname.endsWith('/settings.html')")
    page.wait("return Math.abs(document.querySelector(location.hash).getBoundingClientRect().top) < 200")
