"""Reading the JSON report of a shard back: the verdicts, and what it says of its run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, convert

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import (
    BLOCK_METRICS,
    FILE_METRICS,
    NOTEBOOK,
    Block,
    BlockChange,
    BriefPlan,
    Changes,
    ErrorKind,
    FileError,
    FileMetrics,
    ForeignSource,
    Measurement,
    NotCompared,
    Number,
    RunFacts,
    ShardFacts,
    Suppression,
    Tolerated,
    UsageError,
    Verdict,
    Violation,
    must_fail,
)
from pytest_antipasta.report.cells import remove_cells
from pytest_antipasta.report.error_kinds import Severity
from pytest_antipasta.runtime import read_regular

_OF_BLOCKS = ("name", "qualified_name", "kind", "line", "end_line", *BLOCK_METRICS)


class ShardReport(Struct, frozen=True):
    """The report of one shard.

    Attributes:
        path: of its file.
        head: what it begins with, besides the schema's version: who measured.
        shard: which one it is.
        facts: about its run.
        changes: what a change does to blocks, if one was judged.
        verdicts: in the order of their paths.
    """

    path: Path
    head: dict[str, Any]
    shard: ShardFacts
    facts: RunFacts
    changes: Changes | None
    verdicts: tuple[Verdict, ...]


class _Error(Struct, frozen=True):
    kind: ErrorKind
    message: str
    line: int | None
    size: int | None
    severity: Severity
    cell: int | None = None

    def restore(self) -> FileError:
        return FileError(self.kind, self.message, self.line, self.size, self.cell)


class _Plan(Struct, frozen=True):
    line: int
    first_line: int
    last_line: int
    title: str
    reduction: int


class _File(Struct, frozen=True, kw_only=True):
    path: str
    metrics: dict[str, Number | None]
    blocks: tuple[dict[str, Any], ...]
    violations: tuple[Violation, ...]
    tolerated: tuple[Tolerated, ...]
    unjudged: tuple[str, ...]
    suppressions: tuple[Suppression, ...]
    plans: tuple[_Plan, ...]
    digest: str | None
    code_digest: str | None = None
    error: _Error | None = None
    missing: tuple[_Error, ...] = ()
    language: str | None = None


class _Report(Struct, frozen=True):
    schema_version: Literal[1]
    python: str
    radon: str
    complexipy: str
    run: RunFacts
    files: tuple[_File, ...]
    extensions: dict[str, str] = {}
    changes: tuple[BlockChange, ...] | None = None
    not_compared: tuple[NotCompared, ...] = ()


def read_report(path: Path) -> ShardReport:
    """Return the JSON report of a shard.

    Raises:
        UsageError: there is none at that path.
    """
    try:
        report = _decode(read_regular(path))
        verdicts = tuple(map(_restore_verdict, report.files))
    except OSError as error:
        raise UsageError(f"can't read the report {path}: {error.strerror or error}") from error
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        text = make_printable(f"{path} is no JSON report of this version of pytest-antipasta: {error}")
        raise UsageError(text) from error
    if (shard := report.run.shard) is None:
        raise UsageError(
            f"{path} is the report of no shard; `check --shard I/N --report json=PATH` writes one"
        )
    changes = None if report.changes is None else Changes(report.changes, report.not_compared)
    head = {name: getattr(report, name) for name in ("python", "radon", "complexipy")}
    head |= {"extensions": report.extensions} if report.extensions else {}
    return ShardReport(path, head, shard, report.run, changes, verdicts)


def _decode(data: bytes) -> _Report:
    if f'{NOTEBOOK}"'.encode() not in data:
        return msgspec.json.decode(data, type=_Report)
    record = msgspec.json.decode(data, type=dict[str, Any])
    return convert({**record, "files": list(map(remove_cells, record["files"]))}, _Report)


def _restore_verdict(file: _File) -> Verdict:
    """Return the verdict of which a file's object was made."""
    counts = file.error is not None and file.error.severity == "error"
    is_incomplete = any(one.severity == "error" for one in file.missing)
    digest = file.digest or file.code_digest
    measurement = Measurement(
        _restore_metrics(file.metrics),
        tuple(map(_restore_block, file.blocks)),
        None if file.error is None else file.error.restore(),
        tuple(BriefPlan(*msgspec.structs.astuple(plan)) for plan in file.plans),
        missing=tuple(one.restore() for one in file.missing),
        foreign=None if file.language is None else ForeignSource(file.language, {}),
    )
    return Verdict(
        file.path,
        measurement,
        file.violations,
        file.tolerated,
        file.unjudged,
        must_fail(file.violations, file.suppressions, counts, is_incomplete),
        suppressions=file.suppressions,
        is_incomplete=is_incomplete,
        digest=None if digest is None else bytes.fromhex(digest),
    )


def _restore_metrics(numbers: dict[str, Number | None]) -> FileMetrics:
    extra = {name: value for name, value in numbers.items() if name not in FILE_METRICS}
    return convert([*(numbers[name] for name in FILE_METRICS), extra or None], FileMetrics)


def _restore_block(numbers: dict[str, Any]) -> Block:
    extra = {name: value for name, value in numbers.items() if name not in _OF_BLOCKS}
    return convert([*(numbers[name] for name in _OF_BLOCKS), extra or None], Block)
