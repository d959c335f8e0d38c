"""The JSON of ``measure`` and ``check``: plain values, and their encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import msgspec
from msgspec.structs import asdict

from pytest_antipasta.extension.installed import find_distributions, load_extensions
from pytest_antipasta.messages import escape_in_json
from pytest_antipasta.model.coverage import FileCoverage
from pytest_antipasta.model.finding import BriefPlan, Report
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import NOTEBOOK, Block, FileError, FileMetrics, Measurement
from pytest_antipasta.model.run import RunFacts
from pytest_antipasta.policy.headroom import HeadroomFinder
from pytest_antipasta.report.cells import add_cells
from pytest_antipasta.report.error_kinds import Severity, make_error, make_status
from pytest_antipasta.runtime.environment import VERSION, installed_version, python_minor

SCHEMA_VERSION = 1
# Number of items of a list that are encoded at a time. A single non-ASCII character makes escaping process
# the whole batch.
_FEW = 20


def make_measurements(
    measurements: Mapping[str, Measurement], find_limits: Callable[[str], PathLimits] | None = None
) -> dict[str, Any]:
    """Return the object of ``measure``: values by path, without verdicts.

    Args:
        measurements: measurements of files, by path.
        find_limits: returns the limits of a path, to add the distances from them; ``None`` omits distances.
    """
    finder_of = cache(HeadroomFinder)
    files = []
    for path in sorted(measurements):
        finder = None if find_limits is None else finder_of(find_limits(path).for_content(measurements[path]))
        files.append(_make_file(path, measurements[path], finder, measurements[path].missing))
    return {**make_head(measurements.values()), "files": files}


def make_limits(limits: Iterable[Threshold]) -> dict[str, dict[str, Any]]:
    """Return the objects of limits, by metric."""
    return {limit.metric: make_limit(limit) for limit in limits}


def make_limit(limit: Threshold) -> dict[str, Any]:
    """Return the object of a limit."""
    return {name: value for name, value in asdict(limit).items() if name != "metric"}


def _make_run(facts: RunFacts) -> dict[str, Any]:
    overrides = [{"files": item.files, **_make_path_limits(item.limits)} for item in facts.overrides]
    return {**asdict(facts), "limits": make_limits(facts.limits.values()), "overrides": overrides}


def _make_path_limits(limits: PathLimits) -> dict[str, Any]:
    functions = [
        {
            "functions": item.functions,
            "limits": {metric: limit and make_limit(limit) for metric, limit in item.thresholds},
        }
        for item in limits.of_functions
    ]
    return {
        "limits": make_limits(limits.thresholds),
        "not_in_generated": limits.not_in_generated,
        **({"functions": functions} if functions else {}),
    }


def iter_verdicts(report: Report) -> Iterator[bytes]:
    """Yield the object of ``check`` in parts, as that of a large tree should not be in memory as a whole."""
    facts = {
        **make_head(verdict.measurement for verdict in report.files),
        "summary": report.totals,
        "run": _make_run(report.facts),
    }
    changes: dict[str, Any] = {}
    if report.changes:
        from pytest_antipasta.report.changes import group_effects  # most reports are not about a change
        from pytest_antipasta.report.reading import rank_report

        effects = {effect: len(found) for effect, found in group_effects(report.changes).items()}
        changes = {**asdict(report.changes), "points": report.changes.add_points(), "effects": effects}
        changes["to_read"] = rank_report(report)
    if report.changes or report.waivers.added or report.waivers.taken_back:
        waivers = report.waivers
        changes |= {
            "waivers": waivers.added,
            "waivers_taken_back": waivers.taken_back,
            "new_waivers": waivers.policy,
        }
    if report.coverage is not None:
        changes["coverage"] = report.coverage
    find_limits, finder_of = report.facts.find_limits, cache(HeadroomFinder)
    plans = report.plans
    files = (
        _make_judged_file(
            file, finder_of(find_limits(file.path).for_content(file.measurement)), plans.get(file.path, ())
        )
        for file in report.files
    )
    return encode_parts(facts, "files", files, changes)


def write_verdicts(report: Report) -> bytes:
    """Return the object of ``check``."""
    return b"".join(iter_verdicts(report))


def encode_parts(
    facts: Mapping[str, object], name: str, items: Iterable[object], rest: Mapping[str, object] | None = None
) -> Iterator[bytes]:
    """Yield an object encoded as by :func:`encode`, with one list whose items are made while writing.

    Args:
        facts: keys before the list.
        name: key of the list.
        items: items of the list.
        rest: keys after the list.
    """
    yield encode(facts).removesuffix(b"\n}\n") + f',\n  "{name}": ['.encode()
    between, left = b"", iter(items)
    while some := list(islice(left, _FEW)):
        # Inside an object, the list has its final indentation.
        yield between + encode({name: some}).partition(b"[")[2].removesuffix(b"\n  ]\n}\n")
        between = b","
    yield b"\n  ]" if between else b"]"
    yield b"," + encode(rest).removeprefix(b"{") if rest else b"\n}\n"


def encode(record: object) -> bytes:
    """Return an object, or a list, as indented JSON with a newline at the end."""
    data = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    # Paths are written as they are, except for characters that terminals or CI services interpret.
    is_plain = data.isascii() and b"\x7f" not in data and b"##" not in data
    return data if is_plain else escape_in_json(data.decode()).encode()


def make_head(measurements: Iterable[Measurement]) -> dict[str, Any]:
    """Return the first keys of every JSON object: the schema version and the measuring versions."""
    head: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "python": python_minor(),
        "radon": installed_version("radon"),
        "complexipy": installed_version("complexipy"),
    }
    if find_distributions():
        loaded = load_extensions()
        used = {measurement.foreign.language for measurement in measurements if measurement.foreign}
        owners = [metric.owner for metric in loaded.metrics]
        owners += (language.owner for language in loaded.languages if language.name in used)
        head["extensions"] = {owner.name: owner.version for owner in owners}
    return head


def list_versions(measurements: Iterable[Measurement]) -> dict[str, str]:
    """Return the versions of everything that measured and judged, by name."""
    head = make_head(measurements)
    measuring = {name: head[name] for name in ("python", "radon", "complexipy")}
    return {**measuring, **head.get("extensions", {}), "pytest-antipasta": VERSION}


def _make_file(
    path: str,
    measurement: Measurement,
    finder: HeadroomFinder | None,
    missing: Sequence[FileError],
    severity: Severity = "error",
    coverage: FileCoverage | None = None,
) -> dict[str, Any]:
    record = {"path": path, **make_status(path, measurement, severity)}
    if measurement.foreign is not None:
        record["language"] = measurement.foreign.language
    if missing:
        record["missing"] = [make_error(path, error, severity, measurement) for error in missing]
    record["metrics"] = make_numbers(measurement.metrics)
    record["blocks"] = [make_numbers(block) for block in measurement.blocks]
    if finder is not None:  # adds the distances from limits
        record["headroom"] = finder.find(measurement.metrics)
        for block, made in zip(measurement.blocks, record["blocks"], strict=True):
            made["headroom"] = finder.find(block, coverage)
    return add_cells(record, measurement)


def make_numbers(numbers: Block | FileMetrics) -> dict[str, Any]:
    """Return the values of a block or a file, with the values of extensions."""
    record = asdict(numbers)
    record.pop("decorators", None)  # what a block is, and no value
    return record | (record.pop("extra") or {})


def _make_judged_file(verdict: Verdict, finder: HeadroomFinder, plans: Iterable[BriefPlan]) -> dict[str, Any]:
    judged: dict[str, Any] = {
        "violations": list(map(asdict, verdict.violations)),
        "warnings": list(map(asdict, verdict.warnings)),
        "tolerated": list(map(asdict, verdict.tolerated)),
        "unjudged": list(verdict.unjudged),
        "suppressions": verdict.describe_comments(),
        "plans": list(map(asdict, plans)),
        **_make_digests(verdict),
    }
    severity: Severity = "error" if verdict.errors_fail else "warning"
    record = _make_file(
        verdict.path, verdict.measurement, finder, verdict.missing, severity, verdict.coverage
    )
    if verdict.coverage is not None:
        from pytest_antipasta.report.coverage import make_coverage  # most runs read no coverage

        judged["coverage"] = make_coverage(verdict.coverage, verdict.measurement.blocks)
    return {**record, **add_cells(judged, verdict.measurement)}


def _make_digests(verdict: Verdict) -> dict[str, str | None]:
    """Return the sha256 of a file's bytes, or of a notebook's code; none for other languages."""
    measurement = verdict.measurement
    if verdict.digest is None:
        return {"digest": None}
    if verdict.path.endswith(NOTEBOOK):
        return {"digest": None, "code_digest": verdict.digest.hex()}
    has_none = measurement.error is not None or measurement.foreign is not None
    return {"digest": None if has_none else verdict.digest.hex()}
