"""Extensions: metrics, languages and report formats of other installed distributions.

The interface for authors consists of :class:`Metric`, :class:`ParsedSource`, :class:`Language`,
:class:`ParsedFile`, :class:`ParsedBlock`, :class:`ParseError`, :class:`ReportFormat` and :data:`hookimpl`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_antipasta.extension.contract import (
        Language,
        Metric,
        ParsedBlock,
        ParsedFile,
        ParsedSource,
        ParseError,
    )
    from pytest_antipasta.extension.hooks import hookimpl
    from pytest_antipasta.model.formats import ReportFormat

__all__ = [
    "Language",
    "Metric",
    "ParseError",
    "ParsedBlock",
    "ParsedFile",
    "ParsedSource",
    "ReportFormat",
    "hookimpl",
]
_HOMES = {
    "extension.contract": "Language Metric ParseError ParsedBlock ParsedFile ParsedSource",
    "extension.hooks": "hookimpl",
    "model.formats": "ReportFormat",
}


def __getattr__(name: str) -> object:
    """Import a public name on first use, as most sessions have no extensions."""
    from pytest_antipasta.runtime.imports import import_name

    return import_name(__name__, _HOMES, name)
