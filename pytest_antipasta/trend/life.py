"""The history of one block: find it, and follow it backwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import filterfalse
from posixpath import basename

from pytest_antipasta.engine.diagnostics import ReportProgress
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.messages import list_names, suggest_block
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.limits import PathLimits, strip_number
from pytest_antipasta.model.measured import Block, find_number
from pytest_antipasta.model.trend import Life
from pytest_antipasta.policy.limits import divide_limits, find_limit
from pytest_antipasta.settings.path_thresholds import ThresholdFinder
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.opening import Past
from pytest_antipasta.trend.tracer import Tracer
from pytest_antipasta.trend.versions import Versions

_USUAL = ("cyclomatic_complexity", "cognitive_complexity")


def measure_life(
    past: Past, block: tuple[str, str], metrics: Sequence[str] | None, step: ReportProgress
) -> Life:
    """Return the commits that changed the values, the name or the place of a function, method or closure.

    Args:
        past: history of the root.
        block: path of its file in reports in the last commit, and its qualified name.
        metrics: selected metrics; ``None`` for those that have a limit there and a value now.
        step: receives the number of examined commits and the total.

    Raises:
        UsageError: no commit is selected, or the last one has no such block.
    """
    path, name = block
    limits = ThresholdFinder(past.settings).find(path)
    if not past.plan.commits:
        raise UsageError(f"no commit since {past.asked.since}")
    versions = Versions(past.contents)
    with past.phases.time("find"):
        file = _open_file(past, versions, path)
        now = _choose(file, name, past.asked.ref)
    names = tuple(metrics or _find_limited(limits, now) or _USUAL)
    tracer = Tracer(past, versions, names, step)
    with past.phases.time("follow"):
        steps = list(tracer.trace(file, now.qualified_name))[::-1]
    return Life(
        path,
        now.qualified_name,
        names,
        tuple(find_limit(limits.for_content(file.measurement), metric, now) for metric in names),
        steps,
        [
            item
            for item in file.blocks
            if strip_number(item) == strip_number(now.qualified_name) and item != now.qualified_name
        ],
        tracer.edits,
        len(past.plan.commits),
        past.plan.is_cut_off,
        tracer.unmeasured,
        last=past.plan.commits[-1],
    )


def _find_limited(limits: PathLimits, block: Block) -> list[str]:
    """Return the metrics that have a limit for functions of a path, then others of a block.

    Those without a value now are left out, such as cognitive complexity in other languages.
    """
    found = divide_limits((*limits.thresholds, *limits.of(block))).of_blocks
    names = dict.fromkeys(each.metric for each in found)
    return [name for name in names if find_number(block, name) is not None]


def _open_file(past: Past, versions: Versions, path: str) -> FileVersion:
    """Return a file in the last commit.

    Raises:
        UsageError: there is no such source file, or it has no values.
    """
    file = versions.open(_find_file(past, path))
    if (error := file.measurement.error) is not None:
        raise UsageError(f"{path}: not measured in {past.asked.ref} ({error.kind}): {error.message}")
    return file


def _find_file(past: Past, path: str) -> OldFile:
    listed = past.repository.diffs.of_whole(past.plan.commits[-1].name)
    files = {diff.path: diff.blob for diff in past.keep_sources(listed) if diff.path is not None}
    if path in files:
        return OldFile(files[path], path)
    there = (diff.path or "" for diff in listed)
    if path in map(SourcePaths(past.settings, past.repository.top).name, there):
        raise UsageError(f"{path}: not a source file according to `paths`, `include` and `exclude`")
    raise UsageError(f"{path}: not found in {past.asked.ref}; {_suggest_path(path, files)}")


def _suggest_path(path: str, files: Iterable[str]) -> str:
    same = [file for file in files if basename(file) == basename(path)]
    near = same or get_close_matches(path, list(files), cutoff=0.8)
    return (
        f"did you mean {', '.join(near[:3])}?"
        if near
        else "use --ref to name an older commit that has the file"
    )


def _choose(file: FileVersion, name: str, ref: str) -> Block:
    """Return a block by its name; for overloads, the implementation after them."""
    if file.is_overload(name):
        numbered = (item for item in file.blocks if item.rpartition("#")[0] == name)
        name = next(filterfalse(file.is_overload, numbered), name)
    blocks = {item.qualified_name: item for item in file.measurement.blocks}
    # The name of a notebook's first cell contains a number.
    block = blocks.get(name) or blocks.get(name.removesuffix("#1"))
    if block is None:
        raise UsageError(
            f'{file.path}: no function or class "{name}" in {ref}; {suggest_block(name, list(blocks))}'
        )
    if block.kind == "class":
        inside = [item for item in blocks if item.startswith(f"{block.qualified_name}.")]
        raise UsageError(f"{file.path}: {name} is a class; name one of its methods: {list_names(inside)}")
    return block
