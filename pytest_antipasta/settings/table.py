"""Parse ``[tool.pytest-antipasta]``."""

from __future__ import annotations

from typing import Any

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.settings.documents import Entry
from pytest_antipasta.settings.entries import iter_entries
from pytest_antipasta.settings.kinds import Kind, choose_kind
from pytest_antipasta.settings.places import advise_setting
from pytest_antipasta.settings.thresholds import parse_thresholds
from pytest_antipasta.settings.values import WRITTEN, Override, Settings


def parse_table(entry: Entry) -> dict[str, Any]:
    """Parse ``[tool.pytest-antipasta]`` as fields of ``Settings``; paths are not resolved.

    The result is invalid once a problem is reported.
    """
    defaults = default_thresholds()
    entries = iter_entries(entry, WRITTEN, advise=advise_setting)
    parts = {child.name: child for child in entries}
    limits = parse_thresholds(parts.pop("thresholds"), defaults) if "thresholds" in parts else {}
    base = {metric: limit for metric, limit in {**defaults, **limits}.items() if limit is not None}
    overrides: tuple[Override, ...] = ()
    if "overrides" in parts:
        from pytest_antipasta.settings.overrides import parse_overrides  # not every project has them

        overrides = parse_overrides(parts.pop("overrides"), base)
    named = {*limits, *(metric for override in overrides for metric in override.thresholds)}
    fields = {name: look_up_setting(name).parse(part) for name, part in parts.items()}
    return {**fields, "thresholds": base, "overrides": overrides, "named": tuple(sorted(named))}


def look_up_setting(name: str) -> Kind:
    """Return the kind of a setting; the tables ``thresholds`` and ``overrides`` have none."""
    if name == "languages":
        from pytest_antipasta.settings.languages import LANGUAGES  # few projects have other languages

        return LANGUAGES
    return choose_kind(Settings.__annotations__[name])
