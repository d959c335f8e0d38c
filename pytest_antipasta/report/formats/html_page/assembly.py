"""Assemble an HTML page: its body, styles, scripts and data in one file."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import msgspec

from pytest_antipasta.messages import escape_in_json, show_name
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.trend import Life, Trend
from pytest_antipasta.report.first import rank_to_fix
from pytest_antipasta.report.formats.html_page.data import make_data
from pytest_antipasta.report.formats.html_page.history import make_life_data, make_trend_data
from pytest_antipasta.report.formats.html_page.opening import (
    describe_verdict,
    make_opening,
    name_project,
)
from pytest_antipasta.report.records import make_head
from pytest_antipasta.runtime.environment import VERSION

STYLES = ("vendor/tabulator_simple.min.css", "page.css")
"""Style sheets of a page in the order of the cascade."""
_COMMON = (
    "vendor/d3-hierarchy.min.js",
    "vendor/tabulator.min.js",
    "dom.js",
    "view.js",
    "grid.js",
    "treemap.js",
)
_OWN = {
    "check": (
        "check/data check/changes check/source check/block check/first check/map check/tables"
        " check/distribution check/start"
    ),
    "trend": "plots trend/data trend/map trend/hotspots trend/tables trend/start",
    "life": "plots life/start",
}
SCRIPTS = {page: (*_COMMON, *(f"{name}.js" for name in names.split())) for page, names in _OWN.items()}
"""Scripts of each page in the order of their dependencies."""
LICENSES = ("vendor/d3-hierarchy.LICENSE", "vendor/tabulator.LICENSE")
_SLOT = re.compile(r"<!-- slot: (\w+) -->")


def write(report: Report) -> bytes:
    """Return the page of a check."""
    first = rank_to_fix(report)
    title = f"{name_project(report.facts.root)}: {describe_verdict(report)}"
    return _assemble("check", title, make_data(report, first), make_opening(report, first))


def write_trend_page(trend: Trend, means: Sequence[str], root: str) -> bytes:
    """Return the page of a history, which draws the means of some metrics and is named after the root."""
    name, data = name_project(root), make_trend_data(trend, means)
    opening = {"title": escape(f"antipasta trend: {name}")}
    return _assemble("trend", f"{name}: {data['outcome']['text']}", data, opening)


def write_life_page(life: Life) -> bytes:
    """Return the page with the history of one block."""
    return _assemble("life", show_name(f"{life.path}::{life.qualified_name}"), make_life_data(life))


def _assemble(
    page: str, title: str, data: Mapping[str, Any], opening: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """Return a page with a title, and with markup for slots in its body.

    Content from the tree is data that the page's scripts insert as text. The content security policy blocks
    all other scripts and all connections.
    """
    styles, scripts = [_read(name) for name in STYLES], [_read(name) for name in SCRIPTS[page]]
    head = make_head(())
    measured = f"Python {head['python']}, with radon {head['radon']} and complexipy {head['complexipy']}"
    slots = {
        "title": escape(title),
        "made": f"Written by pytest-antipasta {VERSION} on {measured}.",
        "policy": f'<meta http-equiv="Content-Security-Policy" content="{_make_policy(styles, scripts)}">',
        "styles": "\n".join(f"<style>{text}</style>" for text in styles),
        "body": _SLOT.sub(lambda slot: opening[slot[1]], _read(f"{page}/body.html")),
        "data": f'<script type="application/json" id="data">{_encode(data)}</script>',
        "scripts": "\n".join(f"<script>{text}</script>" for text in scripts),
        "licenses": "\n".join(f"<pre>{escape(_read(name))}</pre>" for name in LICENSES),
    }
    return _SLOT.sub(lambda slot: slots[slot[1]], _read("page.html")).encode()


def _read(name: str) -> str:
    """Return a file of this package, which may be inside a ZIP file."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _make_policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    allowed = {"script-src": scripts, "style-src": styles}
    parts = [f"{kind} {' '.join(map(_hash, texts))}" for kind, texts in allowed.items()]
    return "; ".join(("default-src 'none'", *parts, "base-uri 'none'", "form-action 'none'"))


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _encode(data: Mapping[str, Any]) -> str:
    """Return JSON, one file a line, that can't end a script element, without control characters."""
    files = ",\n".join(msgspec.json.encode(file).decode() for file in data.get("files", ()))
    head = msgspec.json.encode({name: part for name, part in data.items() if name != "files"}).decode()
    text = f'{head[:-1]},"files":[\n{files}\n]}}'
    return escape_in_json(text).replace("<", "\\u003c")
