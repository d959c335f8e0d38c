"""The report of a shard, from which ``report merge`` makes the report of all files: values in MessagePack."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.run import ShardFacts
from pytest_antipasta.report.records import list_versions
from pytest_antipasta.runtime.fileio import read_regular

WRITING = "`check --shard I/N --report shard=PATH` writes one"
"""How the report of a shard is written."""


class ReadShard(NamedTuple):
    """The report of a shard, and what tells whether it belongs to others.

    Attributes:
        path: path of its file.
        shard: which shard it is.
        versions: the versions of everything that measured and judged, by name.
        report: the report without findings and rows, which are made of the files of all shards.
    """

    path: Path
    shard: ShardFacts
    versions: dict[str, str]
    report: Report


def write(report: Report) -> bytes:
    """Return the report of a shard."""
    files, changes = tuple(report.files), report.changes
    kept = Report((), report.facts, files, changes, report.waivers, report.coverage, plans=report.plans)
    return msgspec.msgpack.encode((list_versions(file.measurement for file in files), kept))


def read_shard(path: Path) -> ReadShard:
    """Return the report of a shard.

    Raises:
        UsageError: the file is missing, or is not the report of a shard.
    """
    try:
        versions, report = msgspec.msgpack.decode(read_regular(path), type=tuple[dict[str, str], Report])
    except OSError as error:
        raise UsageError(f"can't read the report {path}: {error.strerror or error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        text = f"{path} is not a shard report of this version of pytest-antipasta: {error}; {WRITING}"
        raise UsageError(make_printable(text)) from error
    if report.facts.shard is None:
        raise UsageError(f"{path} is the report of all files, and not of a shard; {WRITING}")
    return ReadShard(path, report.facts.shard, versions, report)
