"""Find patterns in the settings that have no effect, because they match no file or no function."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pytest_antipasta.files.exclusion import Idle
from pytest_antipasta.messages import count, format_value
from pytest_antipasta.model.limits import selects
from pytest_antipasta.model.measured import Measurement
from pytest_antipasta.policy.limits import find_critical, may_be_critical
from pytest_antipasta.settings.path_thresholds import Projects
from pytest_antipasta.settings.patterns import compile_file_patterns
from pytest_antipasta.settings.values import Override, Settings

_NO_FILE, _NO_FUNCTION = "matches no source file", "matches no function"


def iter_idle_paths(settings: Settings, paths: Collection[str]) -> Iterator[str]:
    """Yield a note for each override and each critical pattern whose files are missing.

    Names of functions are not compared: a warm run does not know those of files that pass. `exclude` is left
    out, as what it excludes is often made later, such as a folder for builds.

    Args:
        settings: settings of the root.
        paths: paths of all source files.
    """
    if not paths:
        return
    yield from _iter_idle_overrides(settings, paths)
    for index, pattern in enumerate(settings.critical_paths):
        # One with an exclamation mark is about files of the others.
        if not pattern.startswith("!") and not any(map(compile_file_patterns((pattern,)), paths)):
            yield f"critical_paths[{index}] has no effect: {format_value(pattern)} {_NO_FILE}"
    for index, pattern in enumerate(settings.critical_functions):
        if not may_be_critical(pattern, paths):
            yield f"critical_functions[{index}] has no effect: {format_value(pattern)} {_NO_FILE}"


def _iter_idle_overrides(settings: Settings, paths: Collection[str]) -> Iterator[str]:
    """Yield a note for each override in a TOML file whose patterns match no source file."""
    if settings.source is None or settings.source.suffix.lower() != ".toml":
        return  # overrides for languages of a YAML file
    for index, override in enumerate(settings.overrides):
        if override.files and not any(map(compile_file_patterns(override.files), paths)):
            patterns = ", ".join(map(format_value, override.files))
            verb = "matches" if len(override.files) == 1 else "match"
            yield f"overrides[{index}] has no effect: {patterns} {verb} no source file"


def find_idle_functions(settings: Settings, measured: Mapping[str, Measurement]) -> Iterator[Idle]:
    """Yield the patterns of functions that match none; those of overrides without files are left out.

    Args:
        settings: settings of the root.
        measured: the values of all source files, by path.
    """
    why = _describe_missing(measured)
    for index, pattern in enumerate(settings.critical_functions):
        if not may_be_critical(pattern, measured):
            yield ("critical_functions", index), pattern, _NO_FILE
        elif not any(find_critical((pattern,), path, file.blocks) for path, file in measured.items()):
            yield ("critical_functions", index), pattern, why
    projects = Projects(settings)
    own = {path: file for path, file in measured.items() if projects.find(path)[0] is settings}
    for index, override in enumerate(settings.overrides):
        for number in _find_idle_functions(override, own):
            yield ("overrides", index, "functions", number), override.functions[number], why


def _describe_missing(measured: Mapping[str, Measurement]) -> str:
    """Return that a pattern matches no function, as far as the files were measured."""
    broken = sum(bool(file.errors) for file in measured.values())
    return f"{_NO_FUNCTION} ({count(broken, 'file')} could not be measured)" if broken else _NO_FUNCTION


def _find_idle_functions(override: Override, measured: Mapping[str, Measurement]) -> Iterator[int]:
    """Yield the index of each pattern of an override that matches no function in its files."""
    files = [*filter(compile_file_patterns(override.files), measured)] if override.files else [*measured]
    blocks = [block for path in files for block in measured[path].blocks]
    for index, pattern in enumerate(override.functions if files else ()):
        if not any(selects(pattern, block) for block in blocks):
            yield index
