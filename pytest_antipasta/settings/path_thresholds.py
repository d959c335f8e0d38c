"""Find the settings and thresholds that apply to a file, with the origin of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from posixpath import basename

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.messages import name_path
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import FunctionLimits, PathLimits
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.settings.load import LoadedSettings
from pytest_antipasta.settings.patterns import Match, compile_patterns, iter_steps
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import Override, Settings

_COMPLEXITY = "cyclomatic_complexity"
FOR_TESTS = "default for tests"
"""The origin of limits that only tests have."""
# An assert is no branch that a reader follows, and a test can have many.
OF_TESTS = Override(("test_*.py", "*_test.py", "conftest.py"), {_COMPLEXITY: None}, ("test*",))
"""What tests have no limit of, unless one is set."""


def trace_thresholds(settings: Settings, path: str) -> dict[str, tuple[Threshold | None, str]]:
    """Return the thresholds of a file with their origins; ``None`` for metrics that are disabled there.

    Nearer settings are not considered, see :class:`Projects`. An origin is ``default``, ``settings`` or
    ``overrides[n]``, counted from 0. The path is posix and relative to the root; no override of the settings
    matches an absolute path. Overrides for functions are not considered.
    """
    return _trace(settings, [matches(path) for matches in _list_matches(settings)])


def trace_functions(settings: Settings, path: str) -> Iterator[tuple[str, FunctionLimits]]:
    """Yield the limits of functions that apply to a file, each with its origin.

    Limits that a later override sets for the file are left out.
    """
    speaking = [matches(path) for matches in _list_matches(settings)]
    yield from _trace_functions(settings, speaking)


def list_overrides(settings: Settings) -> list[tuple[str, Override]]:
    """Return the overrides with their origins: the default for tests, then those of the settings."""
    is_named = _COMPLEXITY in settings.named or _COMPLEXITY not in settings.thresholds
    defaults = [] if is_named else [(FOR_TESTS, OF_TESTS)]
    return [*defaults, *((f"overrides[{index}]", item) for index, item in enumerate(settings.overrides))]


def with_projects(settings: Settings, locations: Iterable[str], files: RuleFiles = DISK) -> LoadedSettings:
    """Return settings with those of folders below the root that contain some files, if these apply.

    Args:
        settings: settings of the root; folders that are already included are not read again.
        locations: absolute paths of the files, starting with the root as spelled in the settings.
        files: reads the settings files.

    Raises:
        UsageError: a settings file is unreadable or invalid; every problem has its own line.
    """
    if not settings.needs_projects:
        return LoadedSettings(settings, ())
    from pytest_antipasta.settings.nested import read_projects

    return read_projects(settings, locations, files)


class Projects:
    """The settings of a root and of folders below it, by the files that they apply to."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_folder = {_name_folder(settings, project): project for project in settings.projects}
        self._around: dict[str, list[tuple[str, Settings]]] = {}
        self._excluding: dict[str, list[tuple[str, Settings, Match]]] = {}

    def find(self, path: str) -> tuple[Settings, str]:
        """Return the settings nearest to a file, and the file's path relative to their root.

        The given path is posix and relative to the outer root.
        """
        around = self._find_around(path)
        if not around:
            return self._settings, path
        folder, project = around[-1]
        return project, path[len(folder) :]

    def find_exclusion(self, path: str) -> tuple[Settings, str] | None:
        """Return the first settings below the root that exclude a file, and its path in their folder."""
        inside = path[: path.rfind("/") + 1]
        if inside not in self._excluding:
            around = [pair for pair in self._find_around(inside) if pair[1].exclude]
            self._excluding[inside] = [
                (folder, project, compile_patterns(project.exclude)) for folder, project in around
            ]
        for folder, project, leaves_out in self._excluding[inside]:
            if leaves_out(path[len(folder) :]):
                return project, path[len(folder) :]
        return None

    def _find_around(self, path: str) -> list[tuple[str, Settings]]:
        """Return the settings below the root whose folders contain a file, outer ones first."""
        inside = path[: path.rfind("/") + 1]
        if inside not in self._around:  # files in one folder have the same settings
            folders = (folder for folder in iter_steps(path) if folder in self._by_folder)
            self._around[inside] = [(folder, self._by_folder[folder]) for folder in folders]
        return self._around[inside]


def _name_folder(settings: Settings, project: Settings) -> str:
    return f"{name_path(project.root.relative_to(settings.root).as_posix())}/"


class ThresholdFinder:
    """Finds the limits of files, computed once for each set of overrides."""

    def __init__(self, settings: Settings, *, needs_coverage: bool | None = False) -> None:
        """Use the settings of a root, for measured metrics, for those from coverage, or all (``None``)."""
        self._settings = settings
        self._needs_coverage = needs_coverage
        self._overrides = _list_matches(settings)
        self._known: dict[tuple[bool, ...], PathLimits] = {}
        self._projects = Projects(settings) if settings.projects else None
        self._inner = {
            project.root: ThresholdFinder(project, needs_coverage=needs_coverage)
            for project in settings.projects
        }

    def find(self, path: str) -> PathLimits:
        """Return the limits of a file, by posix path relative to the root; the same for equal overrides."""
        if self._projects is not None:
            project, inside = self._projects.find(path)
            if project is not self._settings:
                return self._inner[project.root].find(inside)
        speaking = tuple([matches(path) for matches in self._overrides])
        if speaking not in self._known:
            traced = _trace(self._settings, speaking)
            limits = PathLimits(
                tuple(threshold for threshold, _ in traced.values() if threshold is not None),
                tuple(item for _, item in _trace_functions(self._settings, speaking)),
                self._settings.not_in_generated,
            )
            needs = self._needs_coverage
            metrics = (item for item in limits.list_metrics() if needs in (None, item in COVERAGE_METRICS))
            self._known[speaking] = limits.keep({*metrics})
        return self._known[speaking]


def is_test_file(path: str) -> bool:
    """Return whether a file has the name of a test file, inside or outside the root."""
    return compile_patterns(OF_TESTS.files)(basename(path))


def _list_matches(settings: Settings) -> list[Match]:
    """Return a function for each override that tests whether it matches a path; without patterns, it does."""
    return [
        is_test_file if origin == FOR_TESTS else compile_patterns(override.files) if override.files else _any
        for origin, override in list_overrides(settings)
    ]


def _any(_: str) -> bool:
    return True


def _trace_functions(settings: Settings, speaking: Sequence[bool]) -> Iterator[tuple[str, FunctionLimits]]:
    """Yield the limits of functions; ``speaking`` says which overrides match the file."""
    overrides = [*compress(list_overrides(settings), speaking)]
    for place, (origin, override) in enumerate(overrides):
        if override.functions:
            later = [other.thresholds for _, other in overrides[place + 1 :] if not other.functions]
            left = tuple(
                (metric, threshold)
                for metric, threshold in override.thresholds.items()
                if not any(metric in thresholds for thresholds in later)
            )
            if left:
                yield origin, FunctionLimits(override.functions, left)


def _trace(settings: Settings, speaking: Sequence[bool]) -> dict[str, tuple[Threshold | None, str]]:
    """Return the thresholds with their origins; ``speaking`` says which overrides match the file."""
    off = (metric for metric in default_thresholds() if metric not in settings.thresholds)
    traced: dict[str, tuple[Threshold | None, str]] = dict.fromkeys(off, (None, "settings"))
    for metric, threshold in settings.thresholds.items():
        is_default = threshold == default_thresholds().get(metric)
        traced[metric] = (threshold, "default" if is_default else "settings")
    for origin, override in compress(list_overrides(settings), speaking):
        if not override.functions:
            changed = override.thresholds.items()
            traced |= {metric: (threshold, origin) for metric, threshold in changed}
    return traced
