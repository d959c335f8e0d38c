"""The JSON report's shape, checked strictly: every key there, none besides, every type as documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pytest_antipasta.model.measured import FUNCTION_METRICS, ErrorKind
from pytest_antipasta.model.run import MissReason

Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return type(value) is str and value != ""


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_line(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and value >= 0


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _one_of(*values: object) -> Check:
    return lambda value: value in values


def _list_of(shape: Mapping[str, Check]) -> Check:
    return lambda value: type(value) is list and all(has_shape(item, shape) for item in value)


def has_shape(value: Any, shape: Mapping[str, Check]) -> bool:
    """Whether a value is an object with exactly these keys and fitting values."""
    if type(value) is not dict or list(value) != list(shape):
        raise AssertionError(f"{value!r} has not the keys {list(shape)}")
    wrong = {key: value[key] for key, check in shape.items() if not check(value[key])}
    if wrong:
        raise AssertionError(f"wrong values: {wrong!r}")
    return True


_METRICS = {
    "maintainability_index": _is_number,
    "halstead_volume": _is_number,
    "halstead_difficulty": _is_number,
    "halstead_effort": _is_number,
    "halstead_time": _is_number,
    "halstead_bugs": _is_number,
    "lines_of_code": _is_count,
    "logical_lines_of_code": _is_count,
    "source_lines_of_code": _is_count,
    "comment_lines": _is_count,
    "single_comment_lines": _is_count,
    "multi_line_string_lines": _is_count,
    "blank_lines": _is_count,
    "average_cyclomatic_complexity": _is_number,
    "total_cognitive_complexity": _is_count,
}
_JUDGED = (
    "cyclomatic_complexity",
    "cognitive_complexity",
    *(name for name in _METRICS if not name.startswith(("average_", "total_"))),
    *FUNCTION_METRICS,
)
_BLOCK: dict[str, Check] = {
    "name": str.isidentifier,
    "qualified_name": _is_text,
    "kind": _one_of("function", "method", "closure", "class"),
    "line": _is_line,
    "end_line": _is_line,
    "cyclomatic_complexity": _is_count,
    "cognitive_complexity": _or_null(_is_count),
    "halstead_volume": _or_null(_is_number),
    "halstead_difficulty": _or_null(_is_number),
    "halstead_effort": _or_null(_is_number),
    **dict.fromkeys(FUNCTION_METRICS, _or_null(_is_count)),
    "headroom": lambda value: _is_headroom(value),
}
_ERROR: dict[str, Check] = {
    "kind": _one_of(*get_args(ErrorKind)),
    "message": _is_text,
    "line": _or_null(_is_line),
    "size": _or_null(_is_count),
    "severity": _one_of("error", "warning"),
    "tried": _is_text,
    "advice": _is_text,
}
_VIOLATION: dict[str, Check] = {
    "metric": _one_of(*_JUDGED),
    "qualified_name": _or_null(_is_text),
    "line": _or_null(_is_line),
    "value": _is_number,
    "threshold": _is_number,
    "comparison": _one_of("<=", "<", ">=", ">", "==", "!="),
    "before": _or_null(_is_number),
    "change": _or_null(_one_of("added", "modified", "renamed", "moved")),
    "recorded": _or_null(_is_number),
    "was_suppressed": lambda was: type(was) is bool,
    "was_recorded": lambda was: type(was) is bool,
    "previous_path": _or_null(_is_text),
    "previous_name": _or_null(_is_text),
    "previous_limit": _or_null(_is_text),
}
_HEAD: dict[str, Check] = {
    "schema_version": _one_of(1),
    "python": _is_text,
    "radon": _is_text,
    "complexipy": _is_text,
}
_SUMMARY = dict.fromkeys(
    ("files", "measured", "errors", "violations", "warnings", "tolerated", "unjudged"), _is_count
)
_STATE = _one_of("used", "exceeded", "unused", "not honoured")
_SUPPRESSED: dict[str, Check] = {
    "metric": _or_null(_one_of(*_JUDGED)),
    "comparison": _or_null(_one_of("<=", "<", ">=", ">")),
    "ceiling": _or_null(_is_number),
    "state": _STATE,
    "is_redundant": _one_of(True, False),
}
_SUPPRESSION: dict[str, Check] = {
    "line": _is_line,
    "qualified_name": _or_null(_is_text),
    "tool": _one_of("antipasta", "noqa", "complexipy", "pylint", "ruff"),
    "text": _is_text,
    "metrics": _list_of(_SUPPRESSED),
    "reason": _or_null(_is_text),
    "state": _STATE,
    "problems": lambda problems: all(map(_is_text, problems)),
    "fails": lambda fails: type(fails) is bool,
}
_VERDICT: dict[str, Check] = {
    "violations": _list_of(_VIOLATION),
    "warnings": _list_of(_VIOLATION),
    "tolerated": _list_of(_VIOLATION | {"why": _one_of("baseline", "suppressed", "not worse")}),
    "unjudged": lambda names: type(names) is list and set(names) <= set(_JUDGED),
    "suppressions": _list_of(_SUPPRESSION),
    "plans": _list_of(
        {
            "line": _is_line,
            "first_line": _is_line,
            "last_line": _is_line,
            "title": _is_text,
            "reduction": _is_count,
        }
    ),
    "digest": _or_null(lambda text: type(text) is str and len(bytes.fromhex(text)) == 32),
}
_LIMIT: dict[str, Check] = {
    "limit": _is_number,
    "comparison": _one_of("<=", "<", ">=", ">", "==", "!="),
    "block_limit": _or_null(_is_number),
    "level": _one_of("error", "warning"),
}
_REVIEW: dict[str, Check] = {
    **dict.fromkeys(("better", "worse", "within", "gone", "moved"), _is_count),
    "is_known": lambda known: type(known) is bool,
}
_SHARD: dict[str, Check] = {
    "number": _is_line,
    "of": _is_line,
    "asked_for": lambda names: all(map(_is_text, names)),
    "files": _is_text,
    "commit": _or_null(_is_text),
    "settings_digest": _is_text,
    "version": _is_text,
    "faults": lambda lines: all(map(_is_text, lines)),
    "warnings": lambda lines: all(map(_is_text, lines)),
    "review": _or_null(lambda review: has_shape(review, _REVIEW)),
    "named_baseline": _or_null(_is_text),
}
_SHARED = {"asked": _is_count, "found": _is_count, "written": _is_count}
_SPREAD: dict[str, Check] = {
    "number": _is_count,
    "seconds": _is_number,
    **dict.fromkeys(("median", "p95", "worst"), _or_null(_is_number)),
}
_PROCESS: dict[str, Check] = {
    "pid": _is_count,
    "kind": _one_of("main", "worker", "pytest-xdist", "guard", "extension"),
    "seconds": _is_number,
    "processor": _or_null(_is_number),
    "peak_memory": _or_null(_is_count),
    "files": _is_count,
    "measured": _is_count,
    "busy": _or_null(_is_number),
    "utilisation": _or_null(_is_number),
}
_OVERRIDE: dict[str, Check] = {
    "files": lambda paths: all(map(_is_text, paths)) and paths == sorted(paths),
    "limits": lambda limits: all(has_shape(limit, _LIMIT) for limit in limits.values()),
    "not_in_generated": lambda names: type(names) is list and all(map(_is_text, names)),
    "functions": _list_of(
        {
            "functions": lambda patterns: bool(patterns) and all(map(_is_text, patterns)),
            "limits": lambda limits: all(
                limit is None or has_shape(limit, _LIMIT) for limit in limits.values()
            ),
        }
    ),
}
_RUN: dict[str, Check] = {
    "seconds": _is_number,
    "phases": lambda phases: all(map(_is_number, phases.values())),
    "ended": _is_number,
    "processor": lambda phases: all(map(_is_number, phases.values())),
    "hits": _is_count,
    "misses": _is_count,
    "coalesced": _is_count,
    "missed": lambda reasons: set(reasons) <= set(get_args(MissReason)) and all(reasons.values()),
    "retries": _is_count,
    "errors": lambda kinds: set(kinds) <= set(get_args(ErrorKind)) and all(kinds.values()),
    "slowest": _list_of({"path": _is_text, "seconds": _is_number, "pid": _is_count}),
    "processes": _list_of(_PROCESS),
    "store": _or_null(
        lambda store: has_shape(
            store,
            {
                "reads": lambda spread: has_shape(spread, _SPREAD),
                "writes": lambda spread: has_shape(spread, _SPREAD),
                "size": _is_count,
                "max_size": _is_number,
                "shared": _or_null(lambda shared: has_shape(shared, _SHARED)),
            },
        )
    ),
    "handles": _or_null(_is_count),
    "workers": _is_count,
    "strategy": lambda text: type(text) is str,
    "total": _or_null(_is_count),
    "narrowed_by": lambda names: type(names) is list and all(map(_is_text, names)),
    "stopped": _or_null(_is_text),
    "complete": lambda complete: type(complete) is bool,
    "root": _is_text,
    "git_top": _or_null(_is_text),
    "settings": _or_null(_is_text),
    "change": _or_null(_is_text),
    "baseline": _or_null(_is_text),
    "limits": lambda limits: all(has_shape(limit, _LIMIT) for limit in limits.values()),
    "overrides": lambda overrides: all(
        has_shape({**override, "functions": override.get("functions", [])}, _OVERRIDE)
        for override in overrides
    ),
    "not_in_generated": lambda names: type(names) is list and all(map(_is_text, names)),
    "has_other_limits": lambda is_other: type(is_other) is bool,
    "shard": _or_null(lambda shard: has_shape(shard, _SHARD)),
}
_NUMBER_CHANGE: dict[str, Check] = {
    "before": _or_null(_is_number),
    "after": _or_null(_is_number),
    "delta": _or_null(lambda value: type(value) in (int, float)),
    "limit": _is_number,
    "comparison": _one_of("<=", "<", ">=", ">", "==", "!="),
}
_CHANGE: dict[str, Check] = {
    "path": _is_text,
    "previous_path": _or_null(_is_text),
    "qualified_name": _is_text,
    "previous_name": _or_null(_is_text),
    "line": _or_null(_is_line),
    "end_line": _or_null(_is_line),
    "change": _one_of("added", "modified", "renamed", "moved", "deleted"),
    "metrics": lambda metrics: all(has_shape(number, _NUMBER_CHANGE) for number in metrics.values()),
}
_SPLIT: dict[str, Check] = {
    "path": _is_text,
    "qualified_name": _is_text,
    "line": _or_null(_is_line),
    "cell": _or_null(_is_line),
    "metric": _is_text,
    "before": _is_number,
    "after": _is_number,
    "helpers": lambda names: bool(names) and all(map(_is_text, names)),
    "facts": _list_of(
        {
            "values_in": _is_number,
            "values_out": _is_number,
            "is_tested": lambda value: isinstance(value, bool),
        }
    ),
    "together": _is_number,
    "effect": _one_of("moved", "better"),
}
_TO_READ: dict[str, Check] = {
    "path": _is_text,
    "qualified_name": _is_text,
    "line": _or_null(_is_line),
    "points": lambda points: type(points) is float and points > 0,
    "reasons": lambda reasons: bool(reasons) and all(map(_is_text, reasons)),
}
_EFFECTS: dict[str, Check] = {"worse": _is_count, "better": _is_count, "moved": _is_count}
_POINTS: dict[str, Check] = {"added": _is_number, "taken": _is_number}
_NOT_COMPARED: dict[str, Check] = {
    "path": _is_text,
    "side": _one_of("before", "after"),
    "kind": _one_of(*get_args(ErrorKind)),
    "message": _is_text,
}


_MODULE_CODE: dict[str, Check] = {"path": _is_text, "before": _is_count, "after": _is_count}


def _is_of_texts(names: Any) -> bool:
    return isinstance(names, list) and all(map(_is_text, names))


def _is_of_points(points: Any) -> bool:
    return all(has_shape(one, _POINTS) for one in points.values())


_WAIVER: dict[str, Check] = {
    "kind": _one_of("comment", "entry", "settings", "moved"),
    "path": _is_text,
    "line": _or_null(_is_line),
    "cell": _or_null(_is_line),
    "block": _or_null(_is_text),
    "metric": _or_null(_is_text),
    "text": _is_text,
    "reason": _or_null(_is_text),
    "before": _or_null(_is_text),
    "after": _or_null(_is_text),
    "effect": _or_null(lambda names: all(map(_is_text, names))),
    "fails": _one_of(True, False),
}
_WAIVERS: dict[str, Check] = {
    "waivers": _list_of(_WAIVER),
    "waivers_taken_back": _list_of(_WAIVER),
    "new_waivers": _one_of("report", "reason", "fail"),
}


def _is_headroom(value: Any) -> bool:
    return set(value) <= set(_JUDGED) and all(type(one) in (int, float) for one in value.values())


def _check_file(file: Any, verdict: dict[str, Check]) -> bool:
    failed = file.get("status") == "error"
    metrics = {name: _or_null(check) for name, check in _METRICS.items()}
    shape: dict[str, Check] = {"path": _is_text, "status": _one_of("error" if failed else "measured")}
    if failed:
        known = file["error"]["size"] is not None or any(
            value is not None for value in file["metrics"].values()
        )
        shape |= {"partial": _one_of(known), "error": lambda error: has_shape(error, _ERROR)}
    if "missing" in file:
        shape["missing"] = _list_of(_ERROR)
    shape |= {"metrics": lambda value: has_shape(value, metrics), "blocks": _list_of(_BLOCK)}
    shape |= {"headroom": _is_headroom}
    return has_shape(file, shape | verdict)


def check_measurements(report: Any) -> None:
    """Fail unless this is what ``measure`` writes."""
    has_shape(report, _HEAD | {"files": lambda files: all(_check_file(file, {}) for file in files)})
    _check_order(report)


def check_verdicts(report: Any) -> None:
    """Fail unless this is what ``check`` and the plugin write."""
    shape: dict[str, Check] = {
        **_HEAD,
        "summary": lambda summary: has_shape(summary, _SUMMARY),
        "run": lambda run: has_shape(run, _RUN),
        "files": lambda files: all(_check_file(file, _VERDICT) for file in files),
    }
    if report["run"]["change"] is not None:
        shape |= {"changes": _list_of(_CHANGE), "not_compared": _list_of(_NOT_COMPARED)}
        shape |= {"splits": _list_of(_SPLIT), "unchecked": _is_of_texts}
        shape |= {"module_code": _list_of(_MODULE_CODE), "generated": _is_of_texts, "points": _is_of_points}
        shape |= {"effects": lambda effects: has_shape(effects, _EFFECTS), "to_read": _list_of(_TO_READ)}
        shape |= _WAIVERS
    has_shape(report, shape)
    _check_order(report)
    files, summary = report["files"], report["summary"]
    assert summary["files"] == summary["measured"] + summary["errors"] == len(files)
    for name in ("violations", "warnings", "tolerated", "unjudged"):
        assert summary[name] == sum(len(file[name]) for file in files)
    run = report["run"]
    assert run["hits"] + run["misses"] + run["coalesced"] == len(files)
    assert run["misses"] == sum(run["missed"].values())
    assert summary["errors"] == sum(run["errors"].values())
    assert len(files) == sum(process["files"] for process in run["processes"])
    assert run["misses"] == sum(process["measured"] for process in run["processes"])


def _check_order(report: Any) -> None:
    paths = [file["path"] for file in report["files"]]
    assert paths == sorted(set(paths))
