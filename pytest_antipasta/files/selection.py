"""Select the files of a run, by paths and settings.

A path in the settings that does not exist is a ``UsageError``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.files.locations import display_path, name_below, rebase, spell
from pytest_antipasta.files.source import Source
from pytest_antipasta.files.walk import Search, find_file
from pytest_antipasta.git.program import is_other_repository
from pytest_antipasta.messages import count, format_value, make_printable_path, show_name
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.settings.load import LoadedSettings
from pytest_antipasta.settings.path_thresholds import Projects, with_projects
from pytest_antipasta.settings.patterns import (
    Match,
    compile_file_patterns,
    compile_patterns,
    is_outside,
    make_path_filter,
)
from pytest_antipasta.settings.values import Settings


class Selection(NamedTuple):
    """The source files of a root that a run covers.

    Attributes:
        files: files to judge, sorted by path; none for a change, whose contents are from git.
        total: number of source files; ``None`` if not counted, as the run does not search for all.
        narrowed_by: requested paths, relative to the root; ``None`` for all. That of a change begins with
            the name of the change.
        notes: notes about the requested paths, and about the search.
        left_out: less important notes: which repositories were skipped.
        notebooks: locations of the notebooks that are not source files, if the settings leave that open.
    """

    files: list[Source]
    total: int | None
    narrowed_by: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notebooks: tuple[str, ...] = ()

    def list_notes(self, *, is_brief: bool = False) -> tuple[str, ...]:
        """Return the notes, with the less important ones unless ``is_brief`` is set."""
        left_out = () if is_brief else (*self.left_out, *iter_notebook_notes(self.notebooks))
        return (*self.notes, *left_out)


def select_files(settings: Settings, asked_for: Sequence[str] | None = None) -> Selection:
    """Return the source files, restricted to some absolute locations.

    A named file is included even if the settings exclude it.
    """
    return select_with_settings(settings, asked_for)[1]


def select_with_settings(
    settings: Settings, asked_for: Sequence[str] | None = None
) -> tuple[LoadedSettings, Selection]:
    """Return the source files, restricted to some locations, with their settings."""
    return finish_selecting(settings, begin_selecting(settings, asked_for), asked_for)


def begin_selecting(settings: Settings, asked_for: Sequence[str] | None) -> Search:
    """Start searching for source files: git works until :func:`finish_selecting` is called.

    If only files are named, which are included regardless of settings, nothing is searched. Without a
    project, the root may be a whole disk; then only named folders are searched.
    """
    require_paths(settings)
    folders = [rebase(settings.root, path) for path in asked_for or () if os.path.isdir(path)]
    paths = settings.paths if asked_for is None or folders else ()
    exclude = _exclude_all_but(settings, folders) if folders and not _is_project(settings) else None
    return Search(settings, paths, asked_for or (), exclude)


def _exclude_all_but(settings: Settings, locations: Iterable[str]) -> Match:
    """Return a function that excludes what does not lead to some locations, and what the settings exclude."""
    names = tuple(name_below(settings.root, location) for location in locations)
    exclude, is_inside = compile_patterns(settings.exclude), make_path_filter(names)

    def leads_away(path: str) -> bool:
        is_on_the_way = path.endswith("/") and any(name.startswith(path) for name in names)
        return not (is_inside(path) or is_on_the_way) or exclude(path)

    return leads_away


def is_source_file(settings: Settings, location: str, warn: Callable[[str], None]) -> bool:
    """Return whether a file is among the source files; only its folders are searched.

    The location is absolute, as a walk from the root would spell it. ``warn`` is called if git fails.
    """
    require_paths(settings)
    search = Search(settings, settings.paths, exclude=_exclude_all_but(settings, [location]))
    files = [file for file in search.find_files() if file.location == location]
    for warning in search.warnings:
        warn(warning)
    return bool(_leave_out(with_projects(settings, [location]).settings, files))


def finish_selecting(
    settings: Settings, search: Search, asked_for: Sequence[str] | None
) -> tuple[LoadedSettings, Selection]:
    """Return the source files of a search, restricted as by :func:`select_files`, with their settings.

    The settings include those of folders below the root that contain the files, if these apply.
    ``asked_for`` has absolute locations of the requested files and folders; ``None`` for all.

    Raises:
        UsageError: settings in their folders or in outer ones are invalid.
    """
    files = search.find_files()
    above = tuple(iter_above_notes(settings, asked_for or ()))
    asked_for = asked_for and [rebase(settings.root, path) for path in asked_for]
    found = (file.location for file in chain(files, search.notebooks))
    loaded = with_projects(settings, chain(found, asked_for or ()))
    files = _leave_out(loaded.settings, files)
    selection = _select(loaded.settings, search, files, asked_for)
    return loaded, selection._replace(notes=(*selection.notes, *above))


def _leave_out(settings: Settings, files: list[Source]) -> list[Source]:
    """Return the files that no settings below the root exclude."""
    if not any(project.exclude for project in settings.projects):
        return files
    projects = Projects(settings)
    starts = {os.path.normpath(settings.root / path) for path in settings.paths}
    return [file for file in files if file.location in starts or not projects.find_exclusion(file.path)]


def _select(
    settings: Settings, search: Search, files: list[Source], asked_for: Sequence[str] | None
) -> Selection:
    counts_all = asked_for is None or (_is_project(settings) and any(map(os.path.isdir, asked_for)))
    total = len(files) if counts_all else None
    notebooks = tuple(sorted(file.location for file in _leave_out(settings, search.notebooks)))
    left_out = tuple(search.others.describe(asked_for))
    whole = Selection(files, total, None, tuple(search.warnings), left_out, notebooks)
    if asked_for is None:
        return whole._replace(notes=(*whole.notes, *_iter_empty_notes(settings)))
    folders = tuple(os.path.join(path, "") for path in asked_for)
    about = (*iter_outside_notes(settings, asked_for), *_iter_name_notes(settings, asked_for))
    return whole._replace(
        files=_narrow(settings.root, files, asked_for),
        narrowed_by=tuple(display_path(settings.root, path) for path in asked_for),
        notes=(*whole.notes, *about),
        notebooks=tuple(location for location in notebooks if location.startswith(folders)),
    )


def _iter_empty_notes(settings: Settings) -> Iterator[str]:
    """Yield a note for each empty folder that the settings' paths name, as git leaves one for a submodule."""
    folders = (settings.root / path for path in settings.paths)
    for folder in filter(_is_empty, folders):
        if folder != settings.root:
            name = show_name(display_path(settings.root, os.fspath(folder)))
            yield (
                f"`paths` names {name}, which is empty; if it is a submodule, run `git submodule update "
                "--init`"
            )


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:  # a file, or a folder that can't be read, which the search reports
        return False


def iter_notebook_notes(notebooks: Sequence[object]) -> Iterator[str]:
    """Yield that notebooks are not checked, if there are any."""
    if notebooks:
        yield (
            f"{count(len(notebooks), 'notebook')} not checked; set `notebooks = true` to check notebooks, or "
            "`notebooks = false` to hide this message"
        )


def iter_outside_notes(settings: Settings, asked_for: Iterable[str]) -> Iterator[str]:
    """Yield a note if requested locations are neither below the root nor in ``paths``."""
    for location in asked_for:
        name = display_path(settings.root, location)
        if is_outside(name) and not is_below_paths(settings, location):
            yield _describe_outside(settings, name, is_folder=os.path.isdir(location))


def iter_above_notes(settings: Settings, asked_for: Iterable[str]) -> Iterator[str]:
    """Yield a note for each requested folder that contains the root, which stands for the root."""
    root = Path(os.path.realpath(settings.root))
    for folder in map(Path, map(os.path.realpath, filter(os.path.isdir, asked_for))):
        if folder in root.parents:
            name = make_printable_path(folder.as_posix())
            yield f"{name} contains {_name_root(settings)}; only that root was checked"


def _iter_name_notes(settings: Settings, asked_for: Iterable[str]) -> Iterator[str]:
    """Yield a note for each requested file that is probably not Python, and may be valid Python by chance."""
    is_source = compile_file_patterns(settings.source_patterns)
    for location in asked_for:
        name, suffix = display_path(settings.root, location), os.path.splitext(location)[1].lower()
        is_python = not suffix or suffix == NOTEBOOK or suffix.startswith(".py") or is_source(name)
        if not is_python and os.path.isfile(location):
            yield f"{name} is not a Python file by its name; it was checked as Python"


def require_inside(settings: Settings, asked_for: Iterable[str]) -> None:
    """Check that folders are in the root or ``paths``: files in others would pass unnoticed."""
    starts = [Path(os.path.realpath(settings.root / start)) for start in (".", *settings.paths)]
    for folder in map(os.path.realpath, filter(os.path.isdir, asked_for)):
        if not any(Path(folder).is_relative_to(start) or start.is_relative_to(folder) for start in starts):
            name = display_path(settings.root, folder)
            raise UsageError(_describe_outside(settings, name, is_folder=True))


def _describe_outside(settings: Settings, name: str, *, is_folder: bool) -> str:
    does = "nothing in it is checked" if is_folder else "the limits of that root apply"
    if not is_folder and any(override.files for override in settings.overrides):
        does += ", but none of the `overrides` with `files`"
    return (
        f"{name} is outside {_name_root(settings)}, so {does}; to use its own settings, run in its folder "
        "or pass them with --config (pytest: --antipasta-config)"
    )


def _name_root(settings: Settings) -> str:
    return f"the root ({make_printable_path(settings.root.as_posix())}, {describe_root(settings)})"


def is_below_paths(settings: Settings, location: str) -> bool:
    """Return whether a location is in one of the settings' ``paths``."""
    starts = (os.path.normpath(settings.root / start) for start in settings.paths)
    return any(Path(location).is_relative_to(start) for start in starts)


def describe_root(settings: Settings) -> str:
    """Return why this folder is the root."""
    if settings.source is not None:
        return f"the folder of {make_printable_path(settings.source.name)}"
    return (
        "the top level of the git repository"
        if _is_project(settings)
        else "the current folder, because there are no settings and no git repository"
    )


def _is_project(settings: Settings) -> bool:
    """Return whether settings or a git repository make a folder the root."""
    return settings.source is not None or os.path.lexists(settings.root / ".git")


def require_paths(settings: Settings) -> None:
    """Check that all paths in the settings exist."""
    if missing := find_missing_paths(settings):
        raise UsageError("\n".join(describe_missing_path(settings, path) for path in missing))


def find_missing_paths(settings: Settings) -> list[str]:
    """Return the paths in the settings that do not exist, also where only their case differs."""
    return [path for path in settings.paths if _find_spelled(settings, path) != os.path.normpath(path)]


def _find_spelled(settings: Settings, path: str) -> str | None:
    """Return a path in the settings in the case that it has on disk; ``None`` if there is no such path."""
    is_there = os.path.lexists(settings.root / path)
    return spell(os.fspath(settings.root), os.path.normpath(path)) if is_there else None


def describe_missing_path(settings: Settings, path: str) -> str:
    """Return a message with the missing path, where it is set, and what to do."""
    from pytest_antipasta.settings.origins import find_origins

    index = settings.paths.index(path)
    place = find_origins(settings).find("paths", index)
    spelled = _find_spelled(settings, path)
    nearest = "" if spelled is None else f"; did you mean {format_value(spelled.replace(os.sep, '/'))}?"
    return (
        f"{place}: tool.pytest-antipasta.paths[{index}]: no such file or folder: {format_value(path)}"
        f"{nearest}; correct it or remove it from `paths`"
    )


def iter_submodule_notes(settings: Settings, top: Path, changed: Iterable[str]) -> Iterator[str]:
    """Yield a note for each changed submodule that the settings' paths name: git has only its commit.

    ``changed`` has the paths of links and submodules that changed, relative to ``top``, the top of the
    repository.
    """
    starts = [Path(os.path.realpath(os.path.join(settings.root, path))) for path in settings.paths]
    for folder in sorted(os.path.join(top, path) for path in changed):
        if is_other_repository(folder) and any(start.is_relative_to(folder) for start in starts):
            name = show_name(display_path(settings.root, os.fspath(folder)))
            yield (
                f"`paths` names {name}, a separate git repository, and checks of changes skip its files; run "
                "the check in that repository"
            )


def iter_link_notes(settings: Settings, top: Path) -> Iterator[str]:
    """Yield a note for each of the settings' paths that is reached by a link and leads into a repository.

    Git names the files there by their own folder, so that a check of a change does not select them.
    """
    root = os.path.realpath(settings.root)
    starts = [os.path.normpath(os.path.join(root, path)) for path in settings.paths]
    for path, start in zip(settings.paths, starts, strict=True):
        target = Path(os.path.realpath(start))
        if target.is_relative_to(top) and not any(map(target.is_relative_to, starts)):
            name = show_name(display_path(settings.root, os.fspath(target)))
            yield (
                f"`paths` names {make_printable_path(path)}, a symbolic link, and checks of changes skip its "
                f"files; name {name} instead"
            )


def _narrow(root: Path, files: Iterable[Source], asked_for: Iterable[str]) -> list[Source]:
    asked = set(asked_for)
    folders = set(filter(os.path.isdir, asked))
    inside = tuple(os.path.join(path, "") for path in folders)
    # A folder that can't be listed is among the files itself.
    chosen = {
        file.location: file for file in files if file.location.startswith(inside) or file.location in asked
    }
    chosen |= {path: find_file(root, path) for path in asked - folders if path not in chosen}
    return sorted(chosen.values(), key=lambda file: file.path)
