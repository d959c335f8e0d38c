"""Explain why a file is not a source file of a root, and which patterns match no file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.files.locations import display_path
from pytest_antipasta.files.repositories import OtherRepositories, is_ignored_by_files
from pytest_antipasta.files.selection import is_below_paths, is_source_file, select_files
from pytest_antipasta.git.ignored import find_ignore_rule
from pytest_antipasta.git.modes import FileModes
from pytest_antipasta.git.process import GitError
from pytest_antipasta.messages import format_path
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.runtime.fileio import is_link
from pytest_antipasta.runtime.scripts import has_no_suffix, names_python, starts_as_script
from pytest_antipasta.settings.path_thresholds import OF_TESTS, Projects, with_projects
from pytest_antipasta.settings.patterns import (
    Patterns,
    compile_file_patterns,
    compile_patterns,
    is_outside,
    iter_steps,
)
from pytest_antipasta.settings.values import Settings


class _File(NamedTuple):
    """A file with the settings of its root, and maybe a content that replaces that on disk."""

    settings: Settings
    location: str
    path: str
    content: bytes | None = None


Idle: TypeAlias = tuple[tuple[str | int, ...], str, str]
"""Key in the settings of a pattern that selects nothing, the pattern, and why it is unused."""
_Finder: TypeAlias = "Callable[[_File], ExclusionReason | None]"


class ExclusionReason(Struct, frozen=True):
    """The reason for an exclusion, in words, and the key of the setting, if there is one."""

    reason: str
    key: tuple[str | int, ...] = ()


def find_exclusion(
    settings: Settings, location: str, warn: Callable[[str], None] = lambda _: None
) -> ExclusionReason | None:
    """Return what excludes a file from a run over the root; ``None`` if it is included.

    The location is absolute, as a walk from the root would spell it. ``warn`` is called if git fails.
    """
    if not os.path.lexists(location):
        return ExclusionReason("it does not exist")
    if is_source_file(settings, location, warn):
        return None
    file = _File(settings, location, display_path(settings.root, location))
    return _find_in_file(file) or _find_first(file) or ExclusionReason("no rule in the settings")


def find_exclusion_of_content(settings: Settings, location: str, content: bytes) -> ExclusionReason | None:
    """Return what would exclude a file with some content, whether it exists or not."""
    return _find_first(_File(settings, location, display_path(settings.root, location), content))


def _find_first(file: _File) -> ExclusionReason | None:
    return next((reason for find in _FINDERS if (reason := find(file))), None)


def _find_in_file(file: _File) -> ExclusionReason | None:
    for part in iter_steps(file.path):
        place = os.path.join(file.settings.root, part.rstrip("/"))
        if is_link(place):
            kind = "symlink" if os.path.islink(place) else "junction"
            return ExclusionReason(f"{part} is a {kind}; {kind}s are not followed")
    return None if os.path.isfile(file.location) else ExclusionReason("it is not a regular file")


def _find_in_paths(file: _File) -> ExclusionReason | None:
    if is_below_paths(file.settings, file.location):
        return None
    if is_outside(file.path):
        return ExclusionReason("it is outside the root")
    return ExclusionReason(f"it is not in {', '.join(file.settings.paths)}", ("paths",))


def _find_in_include(file: _File) -> ExclusionReason | None:
    # Patterns match paths below the root; elsewhere only the file's name.
    name = os.path.basename(file.path) if is_outside(file.path) else file.path
    settings = file.settings
    if compile_file_patterns(settings.source_patterns)(name):
        return None
    if name.endswith(NOTEBOOK) and not settings.notebooks:
        return ExclusionReason("notebooks are not checked", ("notebooks",))
    if settings.include is None and has_no_suffix(name):
        return _find_in_script(file)
    return ExclusionReason("no pattern matches it", ("include",))


def _find_in_script(file: _File) -> ExclusionReason | None:
    """Return why a file without a suffix is not a Python script."""
    folder, name = os.path.split(file.location)
    try:
        is_executable = FileModes(Path(folder)).is_executable(name, os.stat(file.location).st_mode)
    except OSError:  # it does not exist
        is_executable = False
    if not is_executable:
        return ExclusionReason("it has no suffix and is not executable", ("include",))
    is_python = starts_as_script(file.location) if file.content is None else names_python(file.content)
    return None if is_python else ExclusionReason("its first line does not name Python", ("include",))


def _find_in_exclude(file: _File) -> ExclusionReason | None:
    if is_outside(file.path):
        return None
    patterns = file.settings.exclude
    decide = Patterns(patterns).decide
    part = next(filter(decide, iter_steps(file.path)), None)
    if part is None:
        return None
    index = max(index for index, pattern in enumerate(patterns) if Patterns((pattern,)).decide(part))
    return ExclusionReason(f"{patterns[index]} matches {part}", ("exclude", index))


def _find_in_projects(file: _File) -> ExclusionReason | None:
    if is_outside(file.path):
        return None
    settings = with_projects(file.settings, [file.location]).settings
    if (found := Projects(settings).find_exclusion(file.path)) is None:
        return None
    project, path = found
    inner = _find_in_exclude(_File(project, file.location, path))
    said = inner.reason if inner is not None else f"one of its patterns matches {path}"
    return ExclusionReason(f"`exclude` in {format_path(project.source or project.root)}: {said}")


def _find_in_folders(file: _File) -> ExclusionReason | None:
    root, start = file.settings.root, _find_start(file)
    others = OtherRepositories(root)
    for folder in iter_steps(file.path):
        location = os.path.normpath(root / folder)
        if Path(start).is_relative_to(location):
            continue  # paths named in the settings are always included
        if others.is_environment(location):
            return ExclusionReason(f"{folder} is a virtual environment")
        if others.leave_out(location, (".git",)):
            return ExclusionReason(f"{folder} is a separate git repository; add it to `paths` to check it")
    return None


def _find_start(file: _File) -> str:
    """Return the innermost of ``paths`` that contains a file, or is it."""
    starts = (os.path.normpath(file.settings.root / path) for path in file.settings.paths)
    return max((start for start in starts if Path(file.location).is_relative_to(start)), key=len)


def _find_rule(location: str) -> str | None:
    # git runs in a folder, and that of the file may not exist
    folders = (Path(location), *Path(location).parents)
    return find_ignore_rule(next(folder for folder in folders if os.path.isdir(folder)), location)


def _find_in_gitignore(file: _File) -> ExclusionReason | None:
    if not file.settings.use_gitignore:
        return None
    try:
        rule = _find_rule(file.location)
        if rule is not None and rule == _find_rule(_find_start(file)):
            return None  # `paths` name a folder that git ignores
    except GitError:
        if is_outside(file.path) or not is_ignored_by_files(file.settings.root, file.path):
            return None
        return ExclusionReason("ignored by a .gitignore file", ("use_gitignore",))
    return ExclusionReason(f"ignored by git, {rule}", ("use_gitignore",)) if rule else None


_FINDERS: tuple[_Finder, ...] = (
    _find_in_paths,
    _find_in_include,
    _find_in_folders,
    _find_in_exclude,
    _find_in_projects,
    _find_in_gitignore,
)


def find_idle_patterns(settings: Settings, files: Sequence[str]) -> Iterator[Idle]:
    """Yield the patterns that match no source file; for ``exclude``, no file that it could exclude.

    A pattern with an exclamation mark is unused if it includes no matching file again. ``files`` are the
    paths of all source files of the root.
    """
    yield from _find_idle(("include",), settings.include or (), files)
    if settings.exclude:
        unfiltered = select_files(replace(settings, exclude=())).files
        yield from _find_idle(("exclude",), settings.exclude, [file.path for file in unfiltered])
    yield from _find_idle(("critical_paths",), settings.critical_paths, files)
    for index, override in enumerate(settings.overrides):
        # `config init` proposes all names that tests can have, and most projects have some of them.
        if override.files != OF_TESTS.files or not any(map(compile_file_patterns(override.files), files)):
            yield from _find_idle(("overrides", index, "files"), override.files, files)


def find_idle_exclusions(settings: Settings, patterns: Iterable[str]) -> list[str]:
    """Return the patterns that match no source file found without them."""
    files = [file.path for file in select_files(settings).files]
    # Patterns with an exclamation mark are about files that other settings exclude.
    patterns = [pattern for pattern in patterns if not pattern.startswith("!")]
    return [pattern for _, pattern, _ in _find_idle((), patterns, files)]


def _find_idle(key: Sequence[str | int], patterns: Iterable[str], paths: Sequence[str]) -> Iterator[Idle]:
    patterns = tuple(patterns)
    used = dict(enumerate(patterns))  # of two patterns that match the same files, one is reported
    for index, pattern in enumerate(patterns):
        found = [*filter(compile_file_patterns((pattern.removeprefix("!"),)), paths)]
        if pattern.startswith("!"):
            others = {number: other for number, other in used.items() if number != index}
            selects, would_select = compile_patterns((*used.values(),)), compile_patterns((*others.values(),))
            is_idle = bool(found) and all(selects(path) == would_select(path) for path in found)
        else:
            is_idle = not found
        if is_idle:
            del used[index]
            yield (*key, index), pattern, _explain_idle(patterns, index, found)
    if len(used) == len(patterns) and not any(map(compile_file_patterns(patterns), paths)):
        yield from islice(_find_cancelled(key, patterns), 1)


def _find_cancelled(key: Sequence[str | int], patterns: Iterable[str]) -> Iterator[Idle]:
    """Yield the patterns that select files, all of which others take back."""
    for index, pattern in enumerate(patterns):
        if not pattern.startswith("!"):
            yield (*key, index), pattern, "has no effect: `!` patterns after it match its files"


def _explain_idle(patterns: Sequence[str], index: int, found: Sequence[str]) -> str:
    """Return why a pattern has no effect, given the source files that it matches."""
    if not patterns[index].startswith("!"):
        return "matches no source file"
    said = "has no effect:"
    before, after = patterns[:index], patterns[: index + 1]
    if not any(map(compile_patterns(before), found)):
        positive = tuple(pattern for pattern in before if not pattern.startswith("!"))
        is_taken = any(map(compile_patterns(positive), found))
        return f"{said} {'a `!`' if is_taken else 'no'} pattern before it matches its files"
    if all(map(compile_patterns(after), found)):
        return f"{said} a pattern before it matches a parent folder (write /a/* instead of /a/)"
    if not any(map(compile_patterns(patterns), found)):
        return f"{said} a `!` pattern after it matches its files"
    return f"{said} a pattern after it matches its files again"
