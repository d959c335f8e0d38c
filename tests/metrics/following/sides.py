"""Both sides of a change from texts."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from pytest_antipasta.engine.measuring.measurer import measure_once
from pytest_antipasta.metrics.following.comparison import BlockComparison
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.measured import Measured

Texts = Mapping[str, str]


def versions(texts: Texts) -> list[FileVersion]:
    """Return a version for each path."""
    return [_make_version(path, dedent(text).encode()) for path, text in texts.items()]


def _make_version(path: str, data: bytes) -> FileVersion:
    return FileVersion(path, lambda: data, lambda: Measured(measure_once(data, path)))


def parent(before: Texts, after: Texts, origins: Mapping[str, str] | None = None) -> BlockComparison:
    """Return a parent; a file of the same path is the same file, unless the origins say otherwise."""
    same = {path: path for path in after if path in before} if origins is None else origins
    return BlockComparison(versions(before), versions(after), same)


def ifs(count: int, indent: str = "    ") -> str:
    """Return lines of a body with that many branches."""
    return "".join(f"{indent}if a == {number}: a += {number}\n" for number in range(count))
