"""The keys of ``[tool.pytest-antipasta]`` and their parsers, including thresholds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeAlias, get_args

from msgspec.structs import replace

from pytest_antipasta.extension.metrics import (
    default_threshold,
    default_thresholds,
    is_missing,
    judged_metrics,
)
from pytest_antipasta.messages import format_value
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Comparison, Level, Threshold
from pytest_antipasta.model.measured import Number
from pytest_antipasta.model.registry import SHORT_NAMES, complete_name
from pytest_antipasta.settings.documents import Entry, Remarks, format_key
from pytest_antipasta.settings.scalars import (
    MOST_PATTERNS,
    is_limit,
    iter_entries,
    parse_bool,
    parse_choice,
    parse_count,
    parse_folder,
    parse_glob,
    parse_jobs,
    parse_limit,
    parse_list,
    parse_memory,
    parse_parts,
    parse_size,
    parse_some_texts,
    parse_text,
    parse_texts,
)
from pytest_antipasta.settings.values import Override, Settings

Parse: TypeAlias = Callable[[Entry], object]
FUNCTION = r"^(?!.*::)(?!@?!)(?!@$)[^\s()/]+$"
"""Regular expression of patterns that can match a function."""

_COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
_MEANT = {
    "=<": "<=", "≤": "<=", "le": "<=", "=>": ">=", "≥": ">=", "ge": ">=", "lt": "<", "gt": ">",
    "=": "==", "eq": "==", "is": "==", "<>": "!=", "≠": "!=", "ne": "!=", "=!": "!=",
}  # fmt: skip


def parse_thresholds(entry: Entry, base: Mapping[str, Threshold]) -> dict[str, Threshold | None]:
    """Parse a table of thresholds; ``None`` for a metric that it disables.

    Missing parts of a threshold come from ``base``.
    """
    missing = filter(is_missing, map(str, entry.value)) if isinstance(entry.value, dict) else ()
    known = (*judged_metrics(), *missing)
    parsed: dict[str, Threshold | None] = {}
    written: dict[str, str] = {}
    for child in iter_entries(entry, known, "metric", short=SHORT_NAMES):
        metric = complete_name(child.name)
        if (other := written.setdefault(metric, child.name)) != child.name:
            child.complain(f'the same metric as "{other}"; remove one of them')
        parsed[metric] = _parse_threshold(child, base.get(metric))
    return parsed


def _parse_threshold(entry: Entry, base: Threshold | None) -> Threshold | None:
    if entry.value is False:
        return None
    if isinstance(entry.value, dict):
        return _parse_parts(entry, base)
    if is_limit(entry.value):  # short for a table with only a limit
        return _parse_parts(Entry(entry.key, {"limit": entry.value}, entry.remarks), base)
    value = format_value(entry.value)
    table = '{limit = 10, comparison = "<=", level = "error"}'
    entry.complain(f"expected a finite number >= 0, {table} or false (no limit), got {value}")
    return None


def _parse_parts(entry: Entry, base: Threshold | None) -> Threshold | None:
    metric = complete_name(entry.name)
    parts: dict[str, Any] = {part.name: _PARTS[part.name](part) for part in iter_entries(entry, _PARTS)}
    if base is None and "limit" not in parts:
        entry.complain("has no default limit; set one, as in {limit = 10}")
        return None
    return replace(base or default_threshold(metric, 0), **parts)


def parse_comparison(entry: Entry) -> Comparison | None:
    """Parse a comparison."""
    for comparison in _COMPARISONS:
        if comparison == entry.value:
            return comparison
    meant = _MEANT.get(str(entry.value))
    hint = f'did you mean "{meant}"? ' if meant else ""
    entry.complain(f"unknown comparison {format_value(entry.value)}; {hint}known: {' '.join(_COMPARISONS)}")
    return None


def _parse_block_limit(entry: Entry) -> Number | None:
    if entry.value is False:
        return None
    judged = [metric.name for metric in judged_metrics().values() if metric.has_block_limit]
    if complete_name(str(entry.key[-2])) not in judged:
        entry.complain(f"only {', '.join(judged)} can have a block_limit")
        return None
    return parse_limit(entry)


_PARTS: dict[str, Callable[[Entry], object]] = {
    "limit": parse_limit,
    "comparison": parse_comparison,
    "block_limit": _parse_block_limit,
    "level": partial(parse_choice, choices=get_args(Level)),
}


_EVICTIONS = ("least-recently-used", "least-frequently-used", "least-recently-stored", "none")
PARSERS: dict[str, Parse] = {
    # Git is asked about each path.
    "paths": partial(parse_some_texts, parse=parse_folder, most=1000),
    "include": partial(parse_some_texts, parse=parse_glob),
    "exclude": partial(parse_texts, parse=parse_glob),
    "languages": lambda entry: _parse_languages(entry),
    "notebooks": parse_bool,
    "use_gitignore": parse_bool,
    "thresholds": lambda entry: parse_thresholds(entry, default_thresholds()),
    "overrides": partial(parse_list, of_what="tables", most=1000),
    "nested": parse_bool,
    "baseline": parse_text,
    "nested_blocks": parse_bool,
    "on_error": partial(parse_choice, choices=("fail", "warn")),
    "max_file_size_mb": parse_size,
    "file_timeout": parse_size,
    "memory_limit_mb": parse_memory,
    "jobs": parse_jobs,
    "cache": parse_bool,
    "cache_dir": parse_text,
    "cache_max_size_mb": parse_size,
    "cache_max_age_days": parse_size,
    "cache_max_entries": parse_count,
    "cache_eviction": partial(parse_choice, choices=_EVICTIONS),
    "cache_compression": parse_bool,
    "cache_journal": partial(parse_choice, choices=("auto", "wal", "delete")),
    "history_max_size_mb": parse_size,
    "judge": partial(parse_choice, choices=("changed", "all")),
    "time_budget": parse_size,
    "strict_files": parse_bool,
    "new_waivers": partial(parse_choice, choices=("report", "reason", "fail")),
    "critical_paths": partial(parse_texts, parse=parse_glob),
    "critical_functions": parse_texts,
    "fail_fast": parse_bool,
    "hints": parse_bool,
    "on_internal_error": partial(parse_choice, choices=("allow", "block")),
    "on_timeout": partial(parse_choice, choices=("allow", "block")),
    "unused_suppressions": partial(parse_choice, choices=("warn", "fail")),
    "require_reasons": parse_bool,
    "foreign_suppressions": partial(
        parse_texts, parse=partial(parse_choice, choices=("noqa", "complexipy", "pylint", "ruff"))
    ),
}


def parse_table(entry: Entry) -> dict[str, Any]:
    """Parse ``[tool.pytest-antipasta]`` as fields of ``Settings``; paths are not resolved.

    The result is invalid once a problem is reported.
    """
    children = iter_entries(_drop_granularity(entry), PARSERS, below=("thresholds", default_thresholds()))
    fields: dict[str, Any] = {child.name: PARSERS[child.name](child) for child in children}
    changed = {**default_thresholds(), **fields.get("thresholds", {})}
    base = {metric: threshold for metric, threshold in changed.items() if threshold is not None}
    named = dict.fromkeys(fields.get("thresholds", {}))
    fields["thresholds"] = base
    overrides = fields.get("overrides") or ()
    if (count := sum(map(_count_files, overrides))) > MOST_PATTERNS:
        entry.child("overrides", None).complain(
            f"expected at most {MOST_PATTERNS} patterns in all, got {count}"
        )
        overrides = ()
    fields["overrides"] = tuple(_parse_override(item, base) for item in overrides)
    for override in fields["overrides"]:
        named |= dict.fromkeys(override.thresholds)
    fields["named"] = tuple(sorted(named))
    return fields


def _drop_granularity(entry: Entry) -> Entry:
    """Return the table without the key ``granularity``, whose only value is ``file``."""
    if not isinstance(entry.value, dict) or "granularity" not in entry.value:
        return entry
    others = dict(entry.value)
    value = others.pop("granularity")
    if value != "file":
        entry.child("granularity", value).complain(
            f'expected "file", got {format_value(value)}: each file is a pytest item; remove this key, and '
            "run `pytest-antipasta check` instead of pytest if so many items take too long"
        )
    return Entry(entry.key, others, entry.remarks)


def _count_files(override: Entry) -> int:
    files = override.value.get("files") if isinstance(override.value, dict) else None
    return len(files) if isinstance(files, list) else 0


def _parse_languages(entry: Entry) -> tuple[str, ...]:
    from pytest_antipasta.settings.languages import parse_languages  # few projects have overrides

    return parse_languages(entry)


def _parse_override(entry: Entry, base: dict[str, Threshold]) -> Override:
    parts = parse_parts(entry, ("files", "functions", "thresholds"))
    missing = [] if parts.keys() & {"files", "functions"} else ['"files" or "functions"']
    missing += [] if "thresholds" in parts else ['"thresholds"']
    if missing and isinstance(entry.value, dict):
        entry.complain(f"needs {' and '.join(missing)}")
    files = parse_some_texts(parts["files"], parse_glob) if "files" in parts else ()
    functions = parse_some_texts(parts["functions"], _parse_function) if "functions" in parts else ()
    thresholds = parse_thresholds(parts["thresholds"], base) if "thresholds" in parts else {}
    if functions:
        _require_block_limits(parts.get("thresholds", entry), thresholds)
    return Override(files, thresholds, functions)


def _parse_function(entry: Entry) -> str | None:
    """Parse a pattern of functions."""
    text = parse_text(entry)
    if text is None or re.fullmatch(FUNCTION, text):
        return text
    examples = '"test_*", "Cart.*", or a decorator such as "@*.route"'
    entry.complain(f"expected a name such as {examples}, got {format_value(text)}")
    return None


def _require_block_limits(entry: Entry, thresholds: Mapping[str, Threshold | None]) -> None:
    """Report limits of files in an override for functions."""
    for metric, threshold in thresholds.items():
        known = judged_metrics().get(metric)
        if known is None or known.scope == "block":
            continue
        if threshold is None or threshold.block_limit is None:
            hint = "; set its block_limit" if known.has_block_limit else ""
            entry.child(metric, None).complain(f"limits files, and `functions` selects functions{hint}")


def with_limits(settings: Settings, limits: Mapping[str, object]) -> Settings:
    """Return settings with other limits, which apply to every path.

    Each limit is written as in a settings file: a number, a table of parts, or ``False`` for none. Its level
    is ``error`` unless specified.

    Raises:
        UsageError: a metric is unknown, or a limit is invalid.
    """
    remarks = Remarks()
    asked = parse_thresholds(Entry((), dict(limits), remarks), settings.thresholds)
    _raise(remarks)
    limits = {complete_name(name): limit for name, limit in limits.items()}
    asked = {name: _with_level(item, limits[name]) for name, item in asked.items()}
    thresholds = {**settings.thresholds, **asked}
    overrides = tuple(
        replace(
            override, thresholds={name: of for name, of in override.thresholds.items() if name not in asked}
        )
        for override in settings.overrides
    )
    kept = {metric: threshold for metric, threshold in thresholds.items() if threshold is not None}
    return replace(
        settings,
        thresholds=kept,
        named=tuple(sorted({*settings.named, *asked})),
        overrides=overrides,
        projects=tuple(with_limits(project, limits) for project in settings.projects),
        asked={**settings.asked, **limits} if settings.nested else {},
    )


def _with_level(threshold: Threshold | None, written: object) -> Threshold | None:
    """Return a limit with the level ``error`` unless specified."""
    has_level = isinstance(written, dict) and "level" in written
    return threshold if threshold is None or has_level else replace(threshold, level="error")


def with_exclude(settings: Settings, patterns: Iterable[str]) -> Settings:
    """Return settings that exclude more files."""
    remarks = Remarks()
    found = [parse_glob(Entry(("--exclude",), pattern, remarks)) for pattern in patterns]
    _raise(remarks)
    return replace(settings, exclude=(*settings.exclude, *filter(None, found)))


def _raise(remarks: Remarks) -> None:
    if remarks.problems:
        raise UsageError(
            "\n".join(f"{format_key(problem.key)}: {problem.text}" for problem in remarks.problems)
        )
