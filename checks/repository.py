"""The files that are checked: the modules of the package and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[1]
PACKAGE = TOP / "pytest_antipasta"


def iter_modules() -> Iterator[tuple[str, str]]:
    """Yield the path of each module of the package, from the top, and its source."""
    yield from _iter_texts(PACKAGE.rglob("*.py"))


def iter_pages() -> Iterator[tuple[str, str]]:
    """Yield the path of each page, from the top, and its text."""
    for pattern in ("*.md", "docs/**/*.md", "examples/*/README.md"):
        yield from _iter_texts(TOP.glob(pattern))


def _iter_texts(paths: Iterator[Path]) -> Iterator[tuple[str, str]]:
    for path in sorted(paths):
        yield path.relative_to(TOP).as_posix(), path.read_text(encoding="utf-8")
