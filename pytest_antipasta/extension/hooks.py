"""The hooks that an extension can implement.

An extension is an installed distribution with an entry point in the group ``pytest_antipasta.v1`` that names
a module, or an object, with functions marked by :data:`hookimpl`. Without extensions, pluggy is not imported,
which loads the metadata of all distributions and takes longer than most reports.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from pytest_antipasta.extension.contract import Language, Metric
from pytest_antipasta.model.formats import ReportFormat

PROJECT = "antipasta"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of an extension that implements one of the hooks below."""


class Hooks:
    """The hooks; an extension implements as many of them as it likes."""

    @hookspec
    def antipasta_metrics(self) -> Iterable[Metric]:
        """Return metrics."""
        raise NotImplementedError

    @hookspec
    def antipasta_languages(self) -> Iterable[Language]:
        """Return languages."""
        raise NotImplementedError

    @hookspec
    def antipasta_report_formats(self) -> Iterable[ReportFormat]:
        """Return formats of reports."""
        raise NotImplementedError
