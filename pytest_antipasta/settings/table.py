"""The keys of ``[tool.pytest-antipasta]``, and the parser of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_antipasta.extension import default_thresholds
from pytest_antipasta.model import Threshold
from pytest_antipasta.settings.entries import Entry
from pytest_antipasta.settings.scalars import (
    iter_entries,
    parse_bool,
    parse_choice,
    parse_count,
    parse_folder,
    parse_glob,
    parse_list,
    parse_memory,
    parse_parts,
    parse_size,
    parse_some_texts,
    parse_text,
    parse_texts,
)
from pytest_antipasta.settings.thresholds import parse_thresholds
from pytest_antipasta.settings.values import Override

_EVICTIONS = ("least-recently-used", "least-frequently-used", "least-recently-stored", "none")
PARSERS: dict[str, Callable[[Entry], object]] = {
    "paths": lambda entry: parse_some_texts(entry, parse_folder),
    "include": lambda entry: parse_some_texts(entry, parse_glob),
    "exclude": lambda entry: parse_texts(entry, parse_glob),
    "use_gitignore": parse_bool,
    "thresholds": lambda entry: parse_thresholds(entry, default_thresholds()),
    "overrides": lambda entry: parse_list(entry, "tables"),
    "baseline": parse_text,
    "nested_blocks": parse_bool,
    "on_error": lambda entry: parse_choice(entry, ("fail", "warn")),
    "max_file_size_mb": parse_size,
    "file_timeout": parse_size,
    "memory_limit_mb": parse_memory,
    "cache_dir": parse_text,
    "cache_max_size_mb": parse_size,
    "cache_max_age_days": parse_size,
    "cache_max_entries": parse_count,
    "cache_eviction": lambda entry: parse_choice(entry, _EVICTIONS),
    "cache_compression": parse_bool,
    "cache_journal": lambda entry: parse_choice(entry, ("auto", "wal", "delete")),
    "judge": lambda entry: parse_choice(entry, ("changed", "all")),
    "time_budget": parse_size,
    "strict_files": parse_bool,
    "critical_paths": lambda entry: parse_texts(entry, parse_glob),
    "critical_functions": parse_texts,
    "fail_fast": parse_bool,
    "on_internal_error": lambda entry: parse_choice(entry, ("allow", "block")),
    "on_timeout": lambda entry: parse_choice(entry, ("allow", "block")),
    "unused_suppressions": lambda entry: parse_choice(entry, ("warn", "fail")),
    "require_reasons": parse_bool,
    "foreign_suppressions": lambda entry: parse_texts(entry, _parse_tool),
}


def parse_table(entry: Entry) -> dict[str, Any]:
    """Read ``[tool.pytest-antipasta]``.

    Args:
        entry: the table.

    Returns:
        The fields of ``Settings`` that the table sets, paths as they are written. They mean nothing
        once a problem is noted.
    """
    children = iter_entries(entry, PARSERS, below=("thresholds", default_thresholds()))
    fields: dict[str, Any] = {child.name: PARSERS[child.name](child) for child in children}
    changed = {**default_thresholds(), **fields.get("thresholds", {})}
    base = {metric: threshold for metric, threshold in changed.items() if threshold is not None}
    fields["thresholds"] = base
    fields["overrides"] = tuple(_parse_override(item, base) for item in fields.get("overrides") or ())
    return fields


def _parse_tool(entry: Entry) -> str | None:
    return parse_choice(entry, ("noqa", "complexipy"))


def _parse_override(entry: Entry, base: dict[str, Threshold]) -> Override:
    parts = parse_parts(entry, ("files", "thresholds"), required=("files", "thresholds"))
    files = parse_some_texts(parts["files"], parse_glob) if "files" in parts else ()
    return Override(files, parse_thresholds(parts["thresholds"], base) if "thresholds" in parts else {})
