"""Find the settings and thresholds that apply to a file, with the origin of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.messages import name_path
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.settings.load import LoadedSettings
from pytest_antipasta.settings.patterns import Match, compile_patterns, iter_steps
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import Settings


def trace_thresholds(settings: Settings, path: str) -> dict[str, tuple[Threshold | None, str]]:
    """Return the thresholds of a file with their origins; ``None`` for metrics that are disabled there.

    Nearer settings are not considered, see :class:`Projects`. An origin is ``default``, ``settings`` or
    ``overrides[n]``, counted from 0. The path is posix and relative to the root; no override matches an
    absolute path.
    """
    return _trace(settings, [compile_patterns(override.files)(path) for override in settings.overrides])


def with_projects(settings: Settings, locations: Iterable[str], files: RuleFiles = DISK) -> LoadedSettings:
    """Return settings with those of folders below the root that contain some files, if these apply.

    Args:
        settings: settings of the root; folders that are already included are not read again.
        locations: absolute paths of the files, starting with the root as spelled in the settings.
        files: reads the settings files.

    Raises:
        UsageError: a settings file is unreadable or invalid; every problem has its own line.
    """
    if not settings.nested:
        return LoadedSettings(settings, ())
    from pytest_antipasta.settings.nested import read_projects

    return read_projects(settings, locations, files)


class Projects:
    """The settings of a root and of folders below it, by the files that they apply to."""

    def __init__(self, settings: Settings) -> None:
        """Use the settings of a root."""
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
            self._excluding[inside] = list(self._iter_excluding(inside))
        for folder, project, leaves_out in self._excluding[inside]:
            if leaves_out(path[len(folder) :]):
                return project, path[len(folder) :]
        return None

    def _iter_excluding(self, inside: str) -> Iterator[tuple[str, Settings, Match]]:
        """Yield the settings that may exclude files of a folder, each with a function that tests a path."""
        for folder, project in self._find_around(inside):
            if project.exclude:
                leaves_out = compile_patterns(project.exclude)
                *steps, _ = iter_steps(inside[len(folder) :])
                yield folder, project, (lambda _: True) if any(map(leaves_out, steps)) else leaves_out

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
    """Finds the thresholds of files, computed once for each set of overrides."""

    def __init__(self, settings: Settings, *, needs_coverage: bool = False) -> None:
        """Use the settings of a root, for measured metrics or for those from coverage."""
        self._settings = settings
        self._needs_coverage = needs_coverage
        self._overrides = [compile_patterns(override.files) for override in settings.overrides]
        self._known: dict[tuple[bool, ...], tuple[Threshold, ...]] = {}
        self._projects = Projects(settings) if settings.projects else None
        self._inner = {
            project.root: ThresholdFinder(project, needs_coverage=needs_coverage)
            for project in settings.projects
        }

    def find(self, path: str) -> tuple[Threshold, ...]:
        """Return the thresholds of a file, by posix path relative to the root."""
        if self._projects is not None:
            project, inside = self._projects.find(path)
            if project is not self._settings:
                return self._inner[project.root].find(inside)
        speaking = tuple([matches(path) for matches in self._overrides])
        if speaking not in self._known:
            traced = _trace(self._settings, speaking).values()
            self._known[speaking] = tuple(
                threshold
                for threshold, _ in traced
                if threshold and (threshold.metric in COVERAGE_METRICS) == self._needs_coverage
            )
        return self._known[speaking]


def _trace(settings: Settings, speaking: Sequence[bool]) -> dict[str, tuple[Threshold | None, str]]:
    """Return the thresholds with their origins; ``speaking`` says which overrides match the file."""
    off = (metric for metric in default_thresholds() if metric not in settings.thresholds)
    traced: dict[str, tuple[Threshold | None, str]] = dict.fromkeys(off, (None, "settings"))
    for metric, threshold in settings.thresholds.items():
        is_default = threshold == default_thresholds().get(metric)
        traced[metric] = (threshold, "default" if is_default else "settings")
    for index, override in enumerate(settings.overrides):
        if speaking[index]:
            changed = override.thresholds.items()
            traced |= {metric: (threshold, f"overrides[{index}]") for metric, threshold in changed}
    return traced
