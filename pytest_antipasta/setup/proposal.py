"""Propose settings for a repository without any, with several sets of limits, for the end of a TOML file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds, is_of_blocks
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.messages import format_json
from pytest_antipasta.metrics.other_python import may_be_newer, may_be_python_2
from pytest_antipasta.model.finding import RecentEdits
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.model.limits import FunctionLimits
from pytest_antipasta.model.measured import NOTEBOOK, Measurement, Number, find_number
from pytest_antipasta.policy.limits import Limits
from pytest_antipasta.runtime.environment import python_minor
from pytest_antipasta.settings.path_thresholds import OF_TESTS, ThresholdFinder, is_test_file
from pytest_antipasta.settings.toml_text import format_short
from pytest_antipasta.settings.values import Override, Settings
from pytest_antipasta.setup.choices import Choice, make_choices
from pytest_antipasta.setup.exclusions import Exclusion, anchor, find_exclusions

# Errors that lie in the file and not in how it was read.
_UNMEASURABLE = ("syntax", "encoding", "too_deep", "too_large", "timeout", "memory")
_NEWER = f"a newer Python than {python_minor()}"
_WHY_OFF = "# radon counts each assert as a branch; cognitive complexity does not, so its limit is unchanged."


class Preset(Struct, frozen=True):
    """A set of limits (``None`` for a disabled metric), and how many functions and files exceed one of them.

    A file counts if the file itself or one of its functions exceeds a limit. ``overrides`` has the limits of
    tests that apply without settings, if there are test functions.
    """

    name: str
    thresholds: Mapping[str, Threshold | None]
    overrides: tuple[Override, ...]
    functions: int
    failing: int


def make_presets(files: Mapping[str, Measurement]) -> dict[str, Preset]:
    """Return the presets by name, from measurements by path.

    ``functions`` has only the default limits of a function's two complexities. ``files`` has all default
    limits, and files fail by theirs too. ``default`` applies without settings; limits of files are warnings.
    ``now`` has limits that all current code satisfies, rounded to two digits and never stricter than the
    default. As without settings, test functions have no limit of cyclomatic complexity.
    """
    defaults = default_thresholds().items()
    tests = FunctionLimits(OF_TESTS.functions, ())
    blocks = (block for path in filter(is_test_file, files) for block in files[path].blocks)
    overrides = (OF_TESTS,) if any(map(tests.apply_to, blocks)) else ()
    finder = _make_finder(default_thresholds(), overrides)
    found: dict[str, dict[str, Threshold | None]] = {
        "functions": {metric: limit if is_of_blocks(metric) else None for metric, limit in defaults},
        "files": {metric: replace(limit, level="error") for metric, limit in defaults},
        "default": dict(defaults),
        "now": {metric: _loosen(limit, _find_values(metric, files, finder)) for metric, limit in defaults},
    }
    return {name: _make_preset(name, limits, overrides, files) for name, limits in found.items()}


def _make_finder(limits: Mapping[str, Threshold | None], overrides: tuple[Override, ...]) -> ThresholdFinder:
    """Return what finds limits as they apply when they are written to the settings."""
    thresholds = {metric: limit for metric, limit in limits.items() if limit}
    settings = Settings(Path("/"), None, thresholds=thresholds, named=tuple(limits), overrides=overrides)
    return ThresholdFinder(settings)


def _make_preset(
    name: str,
    limits: Mapping[str, Threshold | None],
    overrides: tuple[Override, ...],
    files: Mapping[str, Measurement],
) -> Preset:
    failing = [*_iter_failing(files, _make_finder(limits, overrides))]
    return Preset(name, limits, overrides, sum(failing), len(failing))


def _find_values(metric: str, files: Mapping[str, Measurement], finder: ThresholdFinder) -> list[Number]:
    found: list[Number | None] = []
    for path, measurement in files.items():
        limits = finder.find(path)
        if is_of_blocks(metric):
            blocks = (block for block in measurement.blocks if block.kind != "class")
            found += [find_number(block, metric) for block in blocks if limits.find(metric, block)]
        elif limits.find(metric, None):
            found.append(find_number(measurement.metrics, metric))
    return [value for value in found if value is not None]


def _loosen(default: Threshold, values: Sequence[Number]) -> Threshold:
    """Return a default threshold, or a looser one that all values satisfy."""
    limit = default.limit
    if default.comparison == ">=":
        limit = min([limit, *map(math.floor, values)])
    else:
        limit = max([limit, *map(_round_up, values)])
    return replace(default, limit=limit)


def _round_up(value: Number) -> int:
    """Round a value up to two digits."""
    step: int = 10 ** max(len(str(math.ceil(value))) - 2, 0)
    return math.ceil(value / step) * step


def _iter_failing(files: Mapping[str, Measurement], finder: ThresholdFinder) -> Iterator[int]:
    """Yield for each file with violations how many of its functions have some."""
    arrange = cache(Limits)
    for path, measurement in files.items():
        if violations := arrange(finder.find(path)).judge(measurement).violations:
            yield len({item.qualified_name for item in violations if item.qualified_name is not None})


class SettingsProposal(Struct, frozen=True):
    """Proposed settings: exclusions, and the limits to choose from, by name.

    The only path is the root, so that files added later are judged too. Of all ``found`` files, ``files``
    would be judged; ``newer`` files, which only a newer Python can parse, are excluded too. ``notebooks`` is
    the number of notebooks among all files. ``choices`` say what each of several limits would mean, and
    ``edits`` how often functions over one were edited. ``verdicts`` are those by the default limits.
    """

    found: int
    exclusions: Sequence[Exclusion]
    files: int
    presets: Mapping[str, Preset]
    choices: Sequence[Choice]
    edits: RecentEdits | None
    newer: int = 0
    notebooks: int = 0
    verdicts: Sequence[Verdict] = ()


def make_proposal(root: Path, judge_all: Callable[[Settings], Sequence[Verdict]]) -> SettingsProposal:
    """Inspect a repository from its top, and measure its source with ``judge_all``."""
    settings = Settings(root, None, notebooks=True)
    files = [file.path for file in select_files(settings).files]
    exclusions = find_exclusions(root, files)
    patterns = tuple(exclusion.pattern for exclusion in exclusions)
    verdicts = judge_all(replace(settings, exclude=patterns))
    newer = sum(_find_python(each.measurement) == _NEWER for each in verdicts)
    exclusions += _iter_unmeasurable(verdicts)
    measured = {each.path: each.measurement for each in verdicts if each.error is None}
    notebooks = sum(path.endswith(NOTEBOOK) for path in files)
    presets, (choices, edits) = make_presets(measured), make_choices(root, measured)
    return SettingsProposal(
        len(files), exclusions, len(measured), presets, choices, edits, newer, notebooks, verdicts
    )


def iter_table(proposal: SettingsProposal, preset: Preset) -> Iterator[str]:
    """Yield the lines of the proposed table."""
    yield "[tool.pytest-antipasta]"
    yield 'paths = ["."]'
    if proposal.exclusions:
        yield "exclude = ["
        for exclusion in proposal.exclusions:
            yield f"    {format_json(exclusion.pattern)},  # {exclusion.why}"
        yield "]"
    if proposal.notebooks:
        yield "notebooks = true"
    yield ""
    yield "[tool.pytest-antipasta.thresholds]"
    for metric, threshold in preset.thresholds.items():
        yield f"{metric} = {format_short(threshold) if threshold else 'false'}"
    for override in preset.overrides:
        yield from _iter_override(override)


def _iter_override(override: Override) -> Iterator[str]:
    yield ""
    yield "[[tool.pytest-antipasta.overrides]]"
    yield _WHY_OFF
    for name, patterns in (("files", override.files), ("functions", override.functions)):
        if patterns:
            yield f"{name} = [{', '.join(map(format_json, patterns))}]"
    yield f"thresholds = {{ {', '.join(f'{metric} = false' for metric in override.thresholds)} }}"


def _find_python(measurement: Measurement) -> str | None:
    """Return which Python may parse what this one can't; ``None`` if none is known."""
    error = measurement.error
    if error is None:
        return None
    pythons = {"Python 2": may_be_python_2(error), _NEWER: may_be_newer(error, measurement)}
    return ", or ".join(name for name, may_parse in pythons.items() if may_parse) or None


def _iter_unmeasurable(verdicts: Iterable[Verdict]) -> Iterator[Exclusion]:
    for verdict in verdicts:
        error = verdict.error
        if error is not None and error.kind in _UNMEASURABLE:
            why = f"can't be measured: {error.kind}"
            if python := _find_python(verdict.measurement):
                why = f"needs {python}"
            yield Exclusion(anchor(verdict.path), why)
