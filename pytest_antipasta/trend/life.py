"""The life of one block: finding it where it is asked for, and following it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import filterfalse
from pathlib import Path
from posixpath import basename

from pytest_antipasta.engine import Phases, Step, tell_nobody
from pytest_antipasta.files import SourcePaths
from pytest_antipasta.messages import list_names, suggest_block
from pytest_antipasta.metrics import FileVersion, find_stem
from pytest_antipasta.model import Block, Life, Threshold, UsageError
from pytest_antipasta.policy import find_block_threshold
from pytest_antipasta.settings import Settings, ThresholdFinder
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.opening import Past, open_past
from pytest_antipasta.trend.plan import Range
from pytest_antipasta.trend.tracer import Tracer
from pytest_antipasta.trend.versions import Versions

_USUAL = ("cyclomatic_complexity", "cognitive_complexity")


def measure_life(
    settings: Settings,
    asked: Range,
    block: tuple[str, str],
    metrics: Sequence[str] | None,
    cache_dir: Path | None,
    folder: Path,
    jobs: int | None,
    phases: Phases,
    step: Step = tell_nobody,
) -> Life:
    """Return which commits changed the numbers of a function, method or closure, its name or its place.

    Args:
        settings: of the root; they say what is a source file in every commit, and what the limits are.
        asked: the commits to look at.
        block: the path to report its file under in the last of them, and its qualified name.
        metrics: those to look at; ``None`` for those that have a limit for blocks there.
        cache_dir: the folder of the stores, or ``None`` for a run without them.
        folder: in the repository.
        jobs: processes that measure; ``None`` for as many as that is worth.
        phases: to which the time of each part is added.
        step: is told how many commits are done, and of how many.

    Raises:
        UsageError: there is no repository, or the last commit has no such block.
    """
    path, name = block
    thresholds = _find_thresholds(settings, path)
    names = tuple(metrics or thresholds or _USUAL)
    with open_past(settings, asked, cache_dir, folder, jobs, phases) as past:
        if not past.plan.commits:
            raise UsageError(f"no commit since {asked.since}")
        versions = Versions(past.contents, past.find)
        with phases.time("find"):
            file = _open_file(settings, past, versions, path, asked.ref)
            now = _choose(file, name, asked.ref)
        tracer = Tracer(past.repository, past.plan, versions, names, step)
        with phases.time("follow"):
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
        list(dict.fromkeys(past.contents.warnings)),
        past.plan.commits[-1],
    )


def _find_thresholds(settings: Settings, path: str) -> Mapping[str, Threshold]:
    found = filter(None, map(find_block_threshold, ThresholdFinder(settings).find(path)))
    return {each.metric: each for each in found}


def _open_file(settings: Settings, past: Past, versions: Versions, path: str, ref: str) -> FileVersion:
    """Return a file as the last commit has it.

    Raises:
        UsageError: it has no such source file, or that has no numbers.
    """
    file = versions.open(_find_file(settings, past, path, ref))
    if (error := file.measurement.error) is not None:
        raise UsageError(f"{path}: not measured in {ref} ({error.kind}): {error.message}")
    return file


def _find_file(settings: Settings, past: Past, path: str, ref: str) -> OldFile:
    listed = past.repository.objects.list_commit(past.plan.commits[-1].name)
    named = ((past.find(name), blob) for name, (blob, is_file) in listed.items() if is_file)
    files = {found: blob for found, blob in named if found is not None}
    if path in files:
        return OldFile(files[path], path)
    if path in map(SourcePaths(settings, past.repository.top).name, listed):
        raise UsageError(f"{path}: is no source file by the settings: see `paths`, `include` and `exclude`")
    raise UsageError(f"{path}: {ref} has no such file; {_suggest_path(path, files)}")


def _suggest_path(path: str, files: Iterable[str]) -> str:
    same = [one for one in files if basename(one) == basename(path)]
    near = same or get_close_matches(path, list(files), cutoff=0.8)
    return f"did you mean {', '.join(near[:3])}?" if near else "name an older commit that has it with --ref"


def _choose(file: FileVersion, name: str, ref: str) -> Block:
    """Return a block by its name; of overloads that is the name of what they stand before."""
    if file.is_overload(name):
        numbered = (one for one in file.blocks if one.rpartition("#")[0] == name)
        name = next(filterfalse(file.is_overload, numbered), name)
    blocks = {one.qualified_name: one for one in file.measurement.blocks}
    block = blocks.get(name.removesuffix("#1"))
    if block is None:
        raise UsageError(f'{file.path}: no block "{name}" in {ref}; {suggest_block(name, list(blocks))}')
    if block.kind == "class":
        inside = [one for one in blocks if one.startswith(f"{block.qualified_name}.")]
        raise UsageError(f"{file.path}: {name} is a class, whose methods have lives: {list_names(inside)}")
    return block
