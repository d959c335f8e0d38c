"""Settings of folders below a root: the ones nearest to a file apply to it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.messages import format_path
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.asked import with_limits
from pytest_antipasta.settings.load import LoadedSettings, find_folders, parse_document, read_in
from pytest_antipasta.settings.rule_files import RuleFiles, is_same_file
from pytest_antipasta.settings.values import Settings

# Settings with an effect here, those that mean the same in a run in their own folder, and the baseline: an
# ignored one is reported elsewhere, and only if it exists.
_NOT_IDLE = frozenset(("thresholds", "named", "overrides", "exclude", "nested", "baseline"))
_MOST_NAMES = 5


def read_projects(settings: Settings, locations: Iterable[str], files: RuleFiles) -> LoadedSettings:
    """Return settings with those of folders below the root that contain some files.

    See :func:`with_projects`.
    """
    known = {os.fspath(project.root) for project in settings.projects}
    projects, notes, problems = list(settings.projects), list[str](), list[str]()
    idle: dict[Path, list[str]] = {}
    for folder in sorted(find_folders(settings.root, locations) - known):
        try:
            project = _load(settings, Path(folder), notes, idle, files)
        except UsageError as error:
            problems.append(str(error))
        else:
            projects += () if project is None else (project,)
    if problems:
        raise UsageError("\n".join(problems))
    projects.sort(key=lambda project: project.root)
    found = replace(settings, projects=tuple(projects))
    return LoadedSettings(found, (*dict.fromkeys(notes), *_iter_idle_notes(settings, idle)))


def _load(
    settings: Settings, folder: Path, notes: list[str], idle: dict[Path, list[str]], files: RuleFiles
) -> Settings | None:
    """Return the settings of a folder; settings without effect are added to ``idle`` by file."""
    document = read_in(folder, notes, files)
    if document is None or (settings.source and is_same_file(document.path, settings.source, files)):
        return None  # a link to the root's settings, which some tools need in each folder
    (project, remarks), written = parse_document(document, [])
    notes += remarks
    if differing := [
        name for name in sorted(written - _NOT_IDLE) if getattr(project, name) != getattr(settings, name)
    ]:
        idle[document.path] = differing
    return with_limits(project, settings.asked.limits) if settings.asked.limits else project


def _iter_idle_notes(settings: Settings, idle: dict[Path, list[str]]) -> Iterator[str]:
    if not idle:
        return
    names = [f"{', '.join(names)} of {format_path(path)}" for path, names in list(idle.items())[:_MOST_NAMES]]
    if len(idle) > _MOST_NAMES:
        names.append(f"others of {len(idle) - _MOST_NAMES} more files")
    of = "the root" if settings.source is None else format_path(settings.source)
    yield f"ignored below the root, where the settings of {of} apply: {'; '.join(names)}"
