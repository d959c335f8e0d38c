"""The files of a working tree, for matching baseline entries with moved code."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from pytest_antipasta.engine.limit_judge import LimitJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.presence import RootFiles
from pytest_antipasta.files.selection import Selection, find_missing_paths, select_with_settings
from pytest_antipasta.files.source import Source
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.settings.load import LoadedSettings


class FileTree:
    """Files and blocks of a working tree, each read only when needed."""

    def __init__(self, rules: Rules, measurer: Measurer, draft: Source | None = None) -> None:
        """Use the files of a root.

        ``draft`` is a content that replaces that on disk, such as an unsaved buffer of an editor.
        """
        self._rules = rules
        self._settings = rules.settings
        self._limit_judge = LimitJudge(rules)
        self._measurer = measurer
        self._files = RootFiles(rules.settings)
        self._draft = draft

    def has_file(self, path: str) -> bool:
        """Return whether the root has a file with that path."""
        if self._draft is not None and path == self._draft.path:
            return True
        return self._files.has(path)

    def leaves_out(self, path: str) -> bool:
        """Return whether a sparse checkout leaves a file out of the working tree."""
        return self._files.leaves_out(path)

    def find_versions(self, paths: Iterable[str]) -> Iterator[tuple[Verdict, FileVersion]]:
        """Yield the verdicts by limits, and the contents, of readable ones of some files, in order."""
        files = (Source(path, os.path.join(self._settings.root, path)) for path in sorted(paths))
        return (version for version in map(self._read_version, files) if version[0].error is None)

    def iter_versions(self) -> Iterator[tuple[Verdict, FileVersion]]:
        """Yield the verdicts and contents of all source files."""
        (settings, _), selection = self._select()
        if settings.projects != self._settings.projects:  # has settings of all folders above
            self._limit_judge = LimitJudge(replace(self._rules, settings=settings))
        files = {file.path: file for file in selection.files}
        if self._draft is not None:
            files[self._draft.path] = self._draft
        for _, file in sorted(files.items()):
            yield self._read_version(file)

    def _select(self) -> tuple[LoadedSettings, Selection]:
        # The commit may delete files that are named in the settings.
        gone, paths = find_missing_paths(self._settings), self._settings.paths
        settings = replace(self._settings, paths=tuple(path for path in paths if path not in gone))
        try:
            return select_with_settings(settings)
        except UsageError:  # in a folder without requested files
            return select_with_settings(replace(settings, nested=False))

    def _read_version(self, file: Source) -> tuple[Verdict, FileVersion]:
        draft, path = self._draft, file.path
        source = file if draft is None or draft.path != path else draft
        measured, data = self._measurer.find_or_measure(source)
        return self._limit_judge.judge(path, measured), source.make_version(measured, data)
