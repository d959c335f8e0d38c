"""The plan of a run: its rules and sources, and what is known before any source is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.selection import Selection
from pytest_antipasta.files.source import Source
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import GateVerdict, Shard, Workers

Subject: TypeAlias = Literal["files", "content", "change"]
"""What a run covers: files on disk, contents without files, or a change."""


class ShardPart(NamedTuple):
    """The part of the files that this run judges, if files are divided among several machines.

    Attributes:
        shard: number of the part; ``None`` for all files.
        others: the files of other shards.
        files: digest of all divided files; empty for a run without shards.
    """

    shard: Shard | None = None
    others: Sequence[Source] = ()
    files: str = ""


class RunPlan(Struct, frozen=True, dict=True):
    """What a run judges, and what it knows before.

    Attributes:
        rules: the rules to judge by.
        selection: the files of the run.
        sources: the sources, with or without files; a part of all with a shard.
        kind: what the run covers.
        known: verdicts that need no judging, by path: of a change, of a content, of a memo, or by the stat
            index.
        unlisted: how many more files pass by a memo and have no verdict.
        unlisted_functions: how many functions these have.
        is_recalled: whether a memo knows the files that are not judged, which are not looked at.
        is_brief: whether verdicts leave values to the store, see :meth:`Result.read_numbers`.
        part: the part of the files that this run judges.
        gate_verdict: the result of judging a change, whose verdicts are known; ``None`` for other runs.
        workers: the number of workers that have judged, if known.
    """

    rules: Rules
    selection: Selection
    sources: Sequence[Source]
    kind: Subject = "files"
    known: Mapping[str, Verdict] = {}
    unlisted: int = 0
    unlisted_functions: int = 0
    is_recalled: bool = False
    is_brief: bool = False
    part: ShardPart = ShardPart()
    gate_verdict: GateVerdict | None = None
    workers: Workers | None = None

    @cached_property
    def by_path(self) -> Mapping[str, Source]:
        """The sources, by the paths that they are reported under."""
        return {source.path: source for source in self.sources}

    @cached_property
    def open_sources(self) -> Sequence[Source]:
        """The sources that must be judged."""
        known = self.known
        return [source for source in self.sources if source.path not in known] if known else self.sources

    @property
    def is_whole(self) -> bool:
        """Whether it has all files of the root."""
        is_narrowed = self.part.shard is not None or self.selection.narrowed_by is not None
        return not is_narrowed and len(self.sources) == len(self.selection.files)

    @property
    def seen_sources(self) -> Sequence[Source]:
        """The sources whose files were looked at."""
        return self.open_sources if self.is_recalled else self.sources
