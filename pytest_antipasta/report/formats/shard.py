"""The report of a shard, from which ``report merge`` makes the report of all files: values in MessagePack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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
from pytest_antipasta.report.records import list_versions
from pytest_antipasta.runtime.fileio import read_regular

WRITING = "`check --shard I/N --report shard=PATH` writes one"
"""How the report of a shard is written."""


class ShardReport(Struct, frozen=True):
    """The report of a shard without findings, which are made of the verdicts of all shards.

    Attributes:
        versions: the versions of everything that measured and judged, by name.
        facts: facts about the run.
        verdicts: verdicts sorted by path, with all values.
        plans: what ``complexipy --fix`` would change, by path.
        changes: the effect of a change on blocks; ``None`` without a change.
        waivers: what a change newly allows.
        coverage: coverage data of the files; ``None`` if not requested.
    """

    versions: dict[str, str]
    facts: RunFacts
    verdicts: tuple[Verdict, ...]
    plans: Mapping[str, Sequence[BriefPlan]]
    changes: Changes | None
    waivers: Waivers
    coverage: CoverageFacts | None


class ReadShard(NamedTuple):
    """The report of a shard, the path of its file, and which shard it is."""

    path: Path
    shard: ShardFacts
    report: ShardReport


def write(report: Report) -> bytes:
    """Return the report of a shard."""
    content = ShardReport(
        list_versions(file.measurement for file in report.files),
        report.facts,
        tuple(report.files),
        report.plans,
        report.changes,
        report.waivers,
        report.coverage,
    )
    return msgspec.msgpack.encode(content)


def read_shard(path: Path) -> ReadShard:
    """Return the report of a shard.

    Raises:
        UsageError: the file is missing, or is not the report of a shard.
    """
    try:
        report = msgspec.msgpack.decode(read_regular(path), type=ShardReport)
    except OSError as error:
        raise UsageError(f"can't read the report {path}: {error.strerror or error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        text = f"{path} is not a shard report of this version of pytest-antipasta: {error}; {WRITING}"
        raise UsageError(make_printable(text)) from error
    if report.facts.shard is None:
        raise UsageError(f"{path} is the report of all files, and not of a shard; {WRITING}")
    return ReadShard(path, report.facts.shard, report)
