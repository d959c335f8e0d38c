"""Propose settings for a repository without any, with several sets of limits, for the end of a TOML file."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds, is_of_blocks
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.messages import format_json, format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Threshold, Verdict
from pytest_antipasta.model.measured import NOTEBOOK, Measurement, Number, find_number
from pytest_antipasta.policy.limits import judge
from pytest_antipasta.runtime.environment import python_minor
from pytest_antipasta.settings.documents import KeyPath, decode, format_key
from pytest_antipasta.settings.patterns import compile_patterns
from pytest_antipasta.settings.toml_file import parse_toml
from pytest_antipasta.settings.toml_lines import find_lines
from pytest_antipasta.settings.toml_text import format_short
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.setup.exclusions import Exclusion, anchor, exclude_exactly, find_exclusions

_IN_TESTS = ("cognitive_complexity",)
# Errors that lie in the file and not in how it was read.
_UNMEASURABLE = ("syntax", "encoding", "too_deep", "too_large", "timeout", "memory")
# A folder `test` further down may contain code about testing, as `django/test/`.
_TEST_PATTERNS = ("tests/", "/test/", "test_*.py", "*_test.py", "tests.py", "conftest.py")
_WHY_OFF = "# radon counts each assert as a branch; cognitive complexity does not, so its limit is unchanged."


class Preset(Struct, frozen=True):
    """A set of limits (``None`` for a disabled metric), and how many functions and files exceed one of them.

    A file counts if the file itself or one of its functions exceeds a limit.
    """

    name: str
    thresholds: Mapping[str, Threshold | None]
    functions: int
    failing: int

    def find_off_in_tests(self) -> list[str]:
        """Return the metrics that are judged, except in tests."""
        return [metric for metric, limit in self.thresholds.items() if limit and metric not in _IN_TESTS]


def make_presets(files: Mapping[str, Measurement], test_patterns: tuple[str, ...]) -> dict[str, Preset]:
    """Return the presets by name, from measurements by path and the patterns of tests among them.

    ``functions`` has only the default limits of a function's two complexities. ``files`` has all default
    limits, and files fail by theirs too. ``default`` applies without settings; limits of files are warnings.
    ``now`` has limits that all current code satisfies, rounded to two digits and never stricter than the
    default. In tests, each preset has only a limit of cognitive complexity.
    """
    is_test = compile_patterns(test_patterns)
    tests = [measurement for path, measurement in files.items() if is_test(path)]
    others = [measurement for path, measurement in files.items() if not is_test(path)]
    defaults = default_thresholds().items()
    found: dict[str, dict[str, Threshold | None]] = {
        "functions": {metric: limit if is_of_blocks(metric) else None for metric, limit in defaults},
        "files": _harden(defaults),
        "default": dict(defaults),
        "now": {
            metric: _loosen(limit, _find_values(metric, others + tests if metric in _IN_TESTS else others))
            for metric, limit in defaults
        },
    }
    return {name: _make_preset(name, limits, others, tests) for name, limits in found.items()}


def _make_preset(
    name: str,
    limits: Mapping[str, Threshold | None],
    others: Iterable[Measurement],
    tests: Iterable[Measurement],
) -> Preset:
    failing = [*_find_failing(others, limits), *_find_failing(tests, limits, _IN_TESTS)]
    return Preset(name, limits, sum(failing), len(failing))


def _harden(thresholds: Iterable[tuple[str, Threshold]]) -> dict[str, Threshold | None]:
    """Return limits that also fail files."""
    return {metric: replace(limit, level="error") for metric, limit in thresholds}


def _find_values(metric: str, measurements: Iterable[Measurement]) -> list[Number]:
    """Return all judged values of a metric."""
    if is_of_blocks(metric):
        blocks = (block for each in measurements for block in each.blocks if block.kind != "class")
        found = [find_number(block, metric) for block in blocks]
    else:
        found = [find_number(each.metrics, metric) for each in measurements]
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


def _find_failing(
    measurements: Iterable[Measurement],
    thresholds: Mapping[str, Threshold | None],
    metrics: Iterable[str] | None = None,
) -> Iterator[int]:
    """Yield for each file with violations how many of its functions have some."""
    limits = [limit for metric in metrics or default_thresholds() if (limit := thresholds[metric])]
    for measurement in measurements:
        if violations := judge(measurement, limits).violations:
            yield len({item.qualified_name for item in violations if item.qualified_name is not None})


class Proposal(Struct, frozen=True):
    """Proposed settings: exclusions, test files, and the limits to choose from, by name.

    The only path is the root, so that files added later are judged too. Of all ``found`` files, ``files``
    would be judged; ``newer`` files, which only a newer Python can parse, are excluded too. ``notebooks`` is
    the number of notebooks among all files.
    """

    found: int
    exclusions: Sequence[Exclusion]
    test_patterns: tuple[str, ...]
    files: int
    presets: Mapping[str, Preset]
    newer: Sequence[str] = ()
    notebooks: int = 0


def make_proposal(root: Path, judge_all: Callable[[Settings], Sequence[Verdict]]) -> Proposal:
    """Inspect a repository from its top, and measure its source with ``judge_all``."""
    settings = Settings(root, None, notebooks=True)
    files = [file.path for file in select_files(settings).files]
    exclusions = find_exclusions(root, files)
    patterns = tuple(exclusion.pattern for exclusion in exclusions)
    verdicts = judge_all(replace(settings, exclude=patterns))
    newer = [each.path for each in verdicts if _is_newer(each.measurement)]
    exclusions += _iter_unmeasurable(verdicts)
    measured = {each.path: each.measurement for each in verdicts if each.error is None}
    tests = find_test_patterns(measured, {path for path, each in measured.items() if _is_own(path, each)})
    notebooks = sum(path.endswith(NOTEBOOK) for path in files)
    presets = make_presets(measured, tests)
    return Proposal(len(files), exclusions, tests, len(measured), presets, newer, notebooks)


def find_test_patterns(paths: Iterable[str], own: Collection[str] = ()) -> tuple[str, ...]:
    """Return patterns of the tests among some files, by the file names of pytest and unittest.

    Args:
        paths: paths of the files.
        own: files with such a name that contain no tests.
    """
    rest, found = [path for path in paths if path not in own], list[str]()
    for pattern in _TEST_PATTERNS:
        is_test = compile_patterns((pattern,))
        tests = [path for path in rest if is_test(path)]
        if tests:
            found += map(anchor, tests) if any(map(is_test, own)) else [pattern]
            rest = [path for path in rest if not is_test(path)]
    return tuple(found)


def _is_own(path: str, measurement: Measurement) -> bool:
    """Return whether a module `tests` contains functions instead of test methods, as in Jinja."""
    names = [block.name for block in measurement.blocks if block.kind == "method"]
    has_functions = any(block.kind == "function" for block in measurement.blocks)
    return PurePosixPath(path).name == "tests.py" and has_functions and not any(map(_is_test, names))


def _is_test(name: str) -> bool:
    return name.startswith("test")


def iter_table(proposal: Proposal, preset: Preset) -> Iterator[str]:
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
    if proposal.test_patterns:
        yield ""
        yield "[[tool.pytest-antipasta.overrides]]"
        yield _WHY_OFF
        yield f"files = [{', '.join(map(format_json, proposal.test_patterns))}]"
        yield f"thresholds = {{ {', '.join(f'{metric} = false' for metric in preset.find_off_in_tests())} }}"


def _is_newer(measurement: Measurement) -> bool:
    """Return whether complexipy's parser, which supports newer syntax, can parse what this Python can't."""
    error = measurement.error
    points = measurement.metrics.total_cognitive_complexity
    return error is not None and error.kind == "syntax" and points is not None


def _iter_unmeasurable(verdicts: Iterable[Verdict]) -> Iterator[Exclusion]:
    for verdict in verdicts:
        error = verdict.error
        if error is not None and error.kind in _UNMEASURABLE:
            why = f"can't be measured: {error.kind}"
            if _is_newer(verdict.measurement):
                why = f"needs a newer Python than {python_minor()}"
            yield exclude_exactly(verdict.path, why)


def append_table(path: Path, content: bytes, table: Sequence[str]) -> bytes:
    """Return the content of a TOML file with our table appended, with the file's line ends.

    Raises:
        UsageError: the file is not valid TOML in UTF-8, already has our table, or has a `tool` that can't be
            extended.
    """
    text = decode(path, content)
    tool = parse_toml(path, text).get("tool", {})
    if isinstance(tool, dict) and "pytest-antipasta" in tool:
        raise _refuse(path, text, ("tool", "pytest-antipasta"), "already exists; not modified")
    ending = "\r\n" if "\r\n" in text else "\n"
    gap = ending * (2 - text.endswith("\n")) if text.strip() else ""
    added = gap + "".join(f"{line}{ending}" for line in table)
    try:
        parse_toml(path, text + added)
    except UsageError:
        raise _refuse(path, text, ("tool",), "a table can't be added after this line") from None
    return content + added.encode()


def _refuse(path: Path, text: str, key: KeyPath, problem: str) -> UsageError:
    place = f"{format_path(path)}:{find_lines(text).get(key, 1)}: {format_key(key)}"
    return UsageError(f"{place}: {problem}; merge the proposed lines by hand")
