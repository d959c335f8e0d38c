"""The report of a shard, from which ``report merge`` makes the report of all files: values in MessagePack."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.finding import BriefPlan, Report
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import RunFacts, ShardFacts
from pytest_antipasta.model.waivers import Waivers
from pytest_antipasta.report.findings import make_report
from pytest_antipasta.report.records import list_versions
from pytest_antipasta.runtime.fileio import read_regular

WRITING = "`check --shard I/N --report shard=PATH` writes one"
"""How the report of a shard is written."""


class ShardReport(Struct, frozen=True):
    """The report of one shard.

    Attributes:
        path: path of its file.
        versions: the versions of everything that measured and judged, by name.
        shard: number of the shard.
        report: its content.
    """

    path: Path
    versions: dict[str, str]
    shard: ShardFacts
    report: Report


class _Content(Struct, frozen=True):
    """What a file has: a report without findings, which are made of the verdicts again."""

    versions: dict[str, str]
    facts: RunFacts
    verdicts: tuple[Verdict, ...]
    plans: dict[str, list[BriefPlan]]
    changes: Changes | None
    waivers: Waivers
    coverage: CoverageFacts | None


def write(report: Report) -> bytes:
    """Return the report of a shard."""
    plans: dict[str, list[BriefPlan]] = {}
    for finding in report.findings:
        if finding.plans:
            plans.setdefault(finding.path, []).extend(finding.plans)
    content = _Content(
        list_versions(file.measurement for file in report.files),
        report.facts,
        tuple(report.files),
        plans,
        report.changes,
        report.waivers,
        report.coverage,
    )
    return msgspec.msgpack.encode(content)


def read_shard(path: Path) -> ShardReport:
    """Return the report of a shard.

    Raises:
        UsageError: the file is missing, or is not the report of a shard.
    """
    try:
        content = msgspec.msgpack.decode(read_regular(path), type=_Content)
    except OSError as error:
        raise UsageError(f"can't read the report {path}: {error.strerror or error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        text = f"{path} is not a shard report of this version of pytest-antipasta: {error}; {WRITING}"
        raise UsageError(make_printable(text)) from error
    if content.facts.shard is None:
        raise UsageError(f"{path} is the report of all files, and not of a shard; {WRITING}")
    report = make_report(
        content.verdicts,
        content.facts,
        content.changes,
        content.waivers,
        coverage=content.coverage,
        find_plans=lambda verdict: content.plans.get(verdict.path, ()),
    )
    return ShardReport(path, content.versions, content.facts.shard, report)
