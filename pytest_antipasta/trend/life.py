"""The life of one block: finding it where it is asked for, and following it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import filterfalse
from posixpath import basename

from pytest_antipasta.engine import Step, tell_nobody
from pytest_antipasta.files import SourcePaths
from pytest_antipasta.messages import list_names, suggest_block
from pytest_antipasta.metrics import FileVersion, find_stem
from pytest_antipasta.model import Block, Life, Threshold, UsageError
from pytest_antipasta.policy import find_block_threshold
from pytest_antipasta.settings import Settings, ThresholdFinder
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.opening import Past
from pytest_antipasta.trend.tracer import Tracer
from pytest_antipasta.trend.versions import Versions

_USUAL = ("cyclomatic_complexity", "cognitive_complexity")


def measure_life(
    past: Past, block: tuple[str, str], metrics: Sequence[str] | None, step: Step = tell_nobody
) -> Life:
    """Return which commits changed the numbers of a function, method or closure, its name or its place.

    Args:
        past: of the root.
        block: the path to report its file under in the last of them, and its qualified name.
        metrics: those to look at; ``None`` for those that have a limit for blocks there.
        step: is told how many commits are done, and of how many.

    Raises:
        UsageError: no commit is asked for, or the last one has no such block.
    """
    path, name = block
    thresholds = _find_thresholds(past.settings, path)
    names = tuple(metrics or thresholds or _USUAL)
    if not past.plan.commits:
        raise UsageError(f"no commit since {past.asked.since}")
    versions = Versions(past.contents, past.find)
    with past.phases.time("find"):
        file = _open_file(past, versions, path)
        now = _choose(file, name, past.asked.ref)
    tracer = Tracer(past.repository, past.plan, versions, names, step)
    with past.phases.time("follow"):
        steps = list(tracer.trace(file, now.qualified_name))[::-1]
    return Life(
        path,
        now.qualified_name,
        names,
        tuple(map(thresholds.get, names)),
        steps,
        [
            one
            for one in file.blocks
            if find_stem(one) == find_stem(now.qualified_name) and one != now.qualified_name
        ],
        tracer.edits,
        len(past.plan.commits),
        past.plan.is_cut_off,
        tracer.unmeasured,
        last=past.plan.commits[-1],
    )


def _find_thresholds(settings: Settings, path: str) -> Mapping[str, Threshold]:
    found = filter(None, map(find_block_threshold, ThresholdFinder(settings).find(path)))
    return {each.metric: each for each in found}


def _open_file(past: Past, versions: Versions, path: str) -> FileVersion:
    """Return a file as the last commit has it.

    Raises:
        UsageError: it has no such source file, or that has no numbers.
    """
    file = versions.open(_find_file(past, path))
    if (error := file.measurement.error) is not None:
        raise UsageError(f"{path}: not measured in {past.asked.ref} ({error.kind}): {error.message}")
    return file


def _find_file(past: Past, path: str) -> OldFile:
    listed = past.repository.objects.list_commit(past.plan.commits[-1].name)
    named = ((past.find(name), blob) for name, (blob, is_file) in listed.items() if is_file)
    files = {found: blob for found, blob in named if found is not None}
    if path in files:
        return OldFile(files[path], path)
    if path in map(SourcePaths(past.settings, past.repository.top).name, listed):
        raise UsageError(f"{path}: not a source file according to `paths`, `include` and `exclude`")
    raise UsageError(f"{path}: not found in {past.asked.ref}; {_suggest_path(path, files)}")


def _suggest_path(path: str, files: Iterable[str]) -> str:
    same = [one for one in files if basename(one) == basename(path)]
    near = same or get_close_matches(path, list(files), cutoff=0.8)
    return (
        f"did you mean {', '.join(near[:3])}?"
        if near
        else "use --ref to name an older commit that has the file"
    )


def _choose(file: FileVersion, name: str, ref: str) -> Block:
    """Return a block by its name; of overloads that is the name of what they stand before."""
    if file.is_overload(name):
        numbered = (one for one in file.blocks if one.rpartition("#")[0] == name)
        name = next(filterfalse(file.is_overload, numbered), name)
    blocks = {one.qualified_name: one for one in file.measurement.blocks}
    # A notebook's first cell has the number in its name.
    block = blocks.get(name) or blocks.get(name.removesuffix("#1"))
    if block is None:
        raise UsageError(
            f'{file.path}: no function or class "{name}" in {ref}; {suggest_block(name, list(blocks))}'
        )
    if block.kind == "class":
        inside = [one for one in blocks if one.startswith(f"{block.qualified_name}.")]
        raise UsageError(f"{file.path}: {name} is a class; name one of its methods: {list_names(inside)}")
    return block
