"""Open a run: over files, or over a single content such as standard input."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.plan import RunPlan, ShardPart
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.exclusion import find_exclusion_of_content
from pytest_antipasta.files.locations import display_path, rebase
from pytest_antipasta.files.selection import Selection, begin_selecting, finish_selecting, iter_above_notes
from pytest_antipasta.files.source import Source
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.judged import LEFT_TO_STORE, NAMELESS, Verdict
from pytest_antipasta.model.run import Shard
from pytest_antipasta.settings.path_thresholds import with_projects
from pytest_antipasta.settings.patterns import is_outside

if TYPE_CHECKING:
    from pytest_antipasta.engine.memo import Recalled
    from pytest_antipasta.engine.memo_keeping import KeptMemo
    from pytest_antipasta.engine.sharing import Sharing
    from pytest_antipasta.settings.values import Settings
    from pytest_antipasta.store.journal import RunKind
    from pytest_antipasta.store.shared_address import SharedAddress

_FEW = 500
Narrow: TypeAlias = Callable[[Selection, list[Source]], tuple[Selection, list[Source]]]
Passing: TypeAlias = Literal["measured", "stored", "named", "counted"]
"""What a run knows of the files that pass, from the most to the least: the values of each; those that the
store has when a report reads them; their names; only how many they are. A memo knows the last two."""


class AskedFiles(NamedTuple):
    """What a run over files covers, and what a report needs to know of it.

    Attributes:
        locations: absolute locations of files and folders to narrow the run to; ``None`` for all.
        narrow: leaves out some files before the shard is taken; ``None`` for none.
        shard: which part of these files to judge; ``None`` for all.
        shared: shared store, for contents that the local store does not have; ``None`` for none.
        passing: what must be known of the files that pass; the less, the faster.
        journal: kind of the run in the store's journal.
    """

    locations: Sequence[str] | None = None
    narrow: Narrow | None = None
    shard: Shard | None = None
    shared: SharedAddress | None = None
    passing: Passing = "measured"
    journal: RunKind = "other"


ALL_FILES = AskedFiles()


def open_run(rules: Rules, cache_dir: Path | None, asked: AskedFiles = ALL_FILES) -> Ledger:
    """Return the ledger of a run over files, with the store open.

    ``cache_dir`` is the folder of the store, or ``None`` for a run without a store.

    Raises:
        UsageError: a path in the settings does not exist.
    """
    settings, phases = rules.settings, Phases()
    asked = _widen(asked, settings)
    measurer = memo = None
    with ExitStack() as opened:
        if _may_recall(settings, cache_dir, asked):
            from pytest_antipasta.engine.memo_keeping import open_memo

            with phases.time("open"):
                measurer = open_measurer(settings, cache_dir)
                opened.callback(measurer.close)
            with phases.time("find"):
                memo = open_memo(rules, measurer, lists_all=asked.passing == "named")
            if memo.recalled is not None:
                ledger = _open_recalled(memo, memo.recalled, asked, phases)
                opened.pop_all()
                return ledger
        with phases.time("find"):
            search = begin_selecting(settings, asked.locations)
            opened.callback(search.stop)
        with phases.time("open"):  # while git looks up ignored files
            if measurer is None:
                measurer = open_measurer(settings, cache_dir)
                opened.callback(measurer.close)
            storage = measurer.storage
            storage.index.read()
        with phases.time("find"):
            loaded, selection = finish_selecting(settings, search, asked.locations)
            rules = rules.with_nearer(loaded)
        with phases.time("open"):
            if memo is not None and selection.list_notes():
                memo = None  # a memo has none
            sources = storage.with_digests(selection.files, settings.max_file_bytes)
            selection, sources = narrow_files(asked.narrow, selection, sources)
            judge = FileJudge(rules, measurer)
            plan = _plan_files(judge, selection, sources, asked)
            memo = memo if len(sources) == selection.total else None
        plan, sharing = _share(plan, measurer, asked.shared, phases)
        at_end = [] if memo is None else [memo.keep]
        at_end += [] if sharing is None else [sharing.end]
        ledger = Ledger(plan, judge, phases, journal=asked.journal, at_end=at_end)
        opened.pop_all()
    return ledger


def _plan_files(judge: FileJudge, selection: Selection, files: list[Source], asked: AskedFiles) -> RunPlan:
    """Return the plan for files, after reading the records of those that must be judged."""
    storage = judge.storage
    sources, _, part = divide_sources(files, None, asked.shard)
    is_brief = asked.passing != "measured"
    may_pass = is_brief and not judge.rules.settings.counts_uses  # else each run looks up all records
    known = _pass_by_worst(judge, sources) if may_pass else {}
    plan = RunPlan(judge.rules, selection, sources, known=known, is_brief=is_brief, part=part)
    storage.load(source.digest for source in plan.open_sources if source.digest)
    return plan


def _share(
    plan: RunPlan, measurer: Measurer, shared: SharedAddress | None, phases: Phases
) -> tuple[RunPlan, Sharing | None]:
    """Return the plan after reading a shared store, and the exchange with this store, if there is one."""
    if shared is None:
        return plan, None
    from pytest_antipasta.engine.sharing import Sharing

    with phases.time("share"):
        sharing = Sharing(measurer, shared)
        read = sharing.read(plan.open_sources)
        return replace(plan, sources=[read.get(source.path, source) for source in plan.sources]), sharing


def _pass_by_worst(judge: FileJudge, sources: Sequence[Source]) -> Mapping[str, Verdict]:
    """Return verdicts on files that pass by their worst values, which are not read from the store at all.

    Values of a file with baseline entries decide whether an entry is still needed.
    """
    count_passing, recorded = judge.limit_judge.count_passing, judge.rules.recorded_paths
    return {
        source.path: Verdict(
            source.path,
            LEFT_TO_STORE,
            origin="store",
            digest=source.digest,
            is_brief=True,
            functions=functions,
        )
        for source, worst in zip(sources, judge.storage.index.list_worst(sources), strict=True)
        if worst
        and (functions := count_passing(source.path, worst)) is not None
        and source.path not in recorded
    }


def _widen(asked: AskedFiles, settings: Settings) -> AskedFiles:
    """Return what a run covers: all files if the root alone is named, and all of them are in it."""
    if asked.locations is None or not all(map(os.path.isdir, asked.locations)):
        return asked
    root = os.fspath(settings.root)
    named = {rebase(settings.root, path) for path in asked.locations}
    has_notes = any(iter_above_notes(settings, asked.locations))
    starts = (display_path(settings.root, os.path.normpath(settings.root / path)) for path in settings.paths)
    is_whole = named == {root} and not has_notes and not any(map(is_outside, starts))
    return asked._replace(locations=None) if is_whole else asked


def _may_recall(settings: Settings, cache_dir: Path | None, asked: AskedFiles) -> bool:
    """Return whether a run can use a memo: it checks the whole root, on this machine alone."""
    is_whole = asked.locations is None and asked.shard is None and asked.shared is None
    if cache_dir is None or not is_whole or asked.passing not in ("named", "counted"):
        return False
    from pytest_antipasta.engine.memo_keeping import may_have_memo

    return may_have_memo(settings)


def _open_recalled(memo: KeptMemo, recalled: Recalled, asked: AskedFiles, phases: Phases) -> Ledger:
    """Return a run over the files in which a working tree differs from the tree of a memo."""
    rules, measurer, files = memo.sources.rules, memo.measurer, recalled.files
    settings, storage = rules.settings, measurer.storage
    root = os.path.join(settings.root, "")
    listed = {
        path: Verdict(path, LEFT_TO_STORE, origin="store", is_brief=True, functions=functions)
        for path, functions in recalled.listed.items()
    }
    verdicts = listed | recalled.verdicts
    unlisted, unlisted_functions = recalled.unlisted, recalled.unlisted_functions
    others = (Source(path, root + path) for path in verdicts)
    # For few files, reading them is faster than reading the whole index.
    identified = storage.with_digests(files, settings.max_file_bytes) if len(files) > _FEW else files
    found = sorted((*identified, *others), key=attrgetter("path"))
    selection, sources = Selection(files, recalled.total), found
    if asked.narrow is not None:
        selection, sources = asked.narrow(selection, sources)
        unlisted = unlisted_functions = 0  # the number of those that it leaves out is unknown
    if len(sources) < len(found):
        paths = (source.path for source in sources)
        verdicts = {path: verdicts[path] for path in paths if path in verdicts}
    plan = RunPlan(
        rules,
        selection,
        sources,
        known=verdicts,
        unlisted=unlisted,
        unlisted_functions=unlisted_functions,
        is_recalled=True,
        is_brief=True,
    )
    return Ledger(plan, FileJudge(rules, measurer), phases, journal=asked.journal, at_end=[memo.keep])


def open_content_run(
    rules: Rules,
    data: bytes,
    location: str | None,
    cache_dir: Path | None,
    *,
    is_forced: bool = False,
    earlier: Verdict | None = None,
) -> Ledger:
    """Return a run that has judged one content as if it were that of a file; the file need not exist.

    Args:
        rules: rules of the root.
        data: the content to judge.
        location: absolute path of the file that the content belongs to; ``None`` for none.
        cache_dir: folder of the store, or ``None`` for a run without a store. No record is written to it, as
            an editor sends a new content with every keystroke.
        is_forced: judge nothing if the settings exclude such a file.
        earlier: an earlier verdict; if it is on the same content and has no error, nothing is measured.
    """
    path, rebased = NAMELESS, ""
    if location is not None:
        rebased = rebase(rules.settings.root, location)
        path = display_path(rules.settings.root, rebased)
        rules = rules.with_nearer(with_projects(rules.settings, [rebased]))
    settings = rules.settings
    may_leave_out = is_forced and bool(rebased)
    is_left_out = may_leave_out and find_exclusion_of_content(settings, rebased, data) is not None
    phases = Phases()
    with phases.time("open"):
        measurer = open_measurer(settings, cache_dir)
        if earlier is not None:
            measurer.remember(earlier.digest, earlier.measurement)
    with phases.time("judge"):
        draft = Source(path, data=data)
        judge = FileJudge(rules, measurer, draft=draft)
        verdicts = {} if is_left_out else {path: judge.run(draft).verdict}
    sources = [Source(path, rebased, data=data) for path in verdicts]
    plan = RunPlan(rules, Selection([], 1, (path,)), sources, "content", known=verdicts)
    return Ledger(plan, judge, phases, journal=None)


def narrow_files(
    narrow: Narrow | None, selection: Selection, sources: list[Source]
) -> tuple[Selection, list[Source]]:
    """Return the files that ``narrow`` leaves; all for ``None``."""
    return (selection, sources) if narrow is None else narrow(selection, sources)


def keep_files(
    keeps: Callable[[str], bool], selection: Selection, sources: list[Source]
) -> tuple[Selection, list[Source]]:
    """Return the files that are kept, asked by location; notebooks that are not checked are asked too."""
    notebooks = tuple(filter(keeps, selection.notebooks))
    return selection._replace(notebooks=notebooks), [source for source in sources if keeps(source.location)]


def divide_sources(
    sources: list[Source], changes: Changes | None, shard: Shard | None
) -> tuple[list[Source], Changes | None, ShardPart]:
    """Return the sources of a shard, the part of a change that belongs to it, and the shard."""
    if shard is None:
        return sources, changes, ShardPart()
    from pytest_antipasta.files.shards import digest_files, divide  # most runs are not sharded

    changed = changes.paths() if changes else ()
    sizes = dict.fromkeys(changed, 0) | {source.path: source.size for source in sources}
    numbers = divide(sizes, shard.of)
    own = [source for source in sources if numbers[source.path] == shard.number]
    others = [source for source in sources if numbers[source.path] != shard.number]
    kept = None if changes is None else changes.keep(lambda path: numbers[path] == shard.number)
    return own, kept, ShardPart(shard, others, digest_files(sizes))
