"""The settings as values, with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from pytest_antipasta.extension import default_thresholds
from pytest_antipasta.model import NOTEBOOK, NewWaivers, Number, Threshold

SETTINGS_NAMES = ("pyproject.toml", ".antipasta.yaml")
"""What settings are looked for in, in this order."""

# Jupyter keeps copies in folders of that name.
_NOTEBOOKS = (f"*{NOTEBOOK}", "!**/.ipynb_checkpoints/*")


class Override(Struct, frozen=True):
    """Thresholds of their own for some files.

    Attributes:
        files: gitignore-style globs, relative to the root.
        thresholds: what differs from the settings' thresholds; ``None`` switches a metric off there.
    """

    files: tuple[str, ...]
    thresholds: Mapping[str, Threshold | None]


class Settings(Struct, frozen=True):
    """What applies to one root, complete.

    Attributes:
        root: absolute; what paths and globs are relative to.
        source: the file the settings come from; ``None`` where only the defaults apply.
        paths: files and folders to look in.
        include: gitignore-style globs of the files that are measured.
        exclude: gitignore-style globs of the files that are not.
        languages: of extensions, as ``distribution:language``, whose files are measured, too.
        notebooks: whether Jupyter's notebooks are measured, too.
        granularity: whether pytest has an item a file or one a folder.
        use_gitignore: whether files that git ignores are left out.
        thresholds: the defaults with what the settings change; a metric switched off is absent.
        overrides: in the order of the file; later ones win.
        nested: whether settings in folders below the root say what holds for the files there.
        projects: the settings of such folders, as far as they have been looked for, outer ones first.
        asked: limits for this run alone, which hold in folders that are still to be found, too.
        baseline: absolute; the file of recorded numbers, ``None`` for the default one if it is there.
        nested_blocks: whether blocks inside functions are judged too.
        on_error: whether a file that can't be measured fails.
        max_file_size_mb: larger files are not measured.
        file_timeout: seconds of processor time that measuring a file may take.
        memory_limit_mb: resident memory that a process of ours that measures files may have.
        jobs: worker processes of ours; ``auto`` for as many as the work is worth.
        cache_dir: the folder of the store, absolute here; the user's cache folder where it is not set.
        cache_max_size_mb: what the store's database may take.
        cache_max_age_days: since its last use, after which an entry goes.
        cache_max_entries: how many the store may have; ``None`` for any number.
        cache_eviction: diskcache's policy of what goes first where there is no room.
        cache_compression: whether large records are compressed.
        cache_journal: SQLite's journal mode; ``auto`` is ``wal`` but for network file systems.
        history_max_size_mb: what the database of the store's part for contents of old commits may take.
        judge: whether a commit is answerable for what it changes, or for all of the files it changes.
        time_budget: seconds that judging a commit may take.
        strict_files: whether a file's number over its limit may not get worse in a commit.
        new_waivers: what becomes of what a change allows and was not allowed before it.
        critical_paths: gitignore-style globs of the files that a commit's judgement begins with.
        critical_functions: blocks in which a commit is granted nothing, with ``*`` for anything:
            ``qualified.name`` or ``path::qualified.name``.
        fail_fast: whether a commit's judgement ends with the first file that fails.
        on_internal_error: whether a commit passes that could not be judged for no fault of its own.
        on_timeout: whether a commit passes that was not judged within its time.
        unused_suppressions: whether a file fails for a comment that suppresses nothing.
        require_reasons: whether a comment without a reason suppresses nothing.
        foreign_suppressions: the other tools whose comments suppress, too.
    """

    root: Path
    source: Path | None
    paths: tuple[str, ...] = (".",)
    include: tuple[str, ...] = ("*.py",)
    exclude: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    notebooks: bool = False
    granularity: Literal["file", "directory"] = "file"
    use_gitignore: bool = True
    thresholds: Mapping[str, Threshold] = field(default_factory=lambda: dict(default_thresholds()))
    overrides: tuple[Override, ...] = ()
    nested: bool = False
    projects: tuple[Settings, ...] = ()
    asked: Mapping[str, object] = field(default_factory=dict)
    baseline: Path | None = None
    nested_blocks: bool = True
    on_error: Literal["fail", "warn"] = "fail"
    max_file_size_mb: Number = 100
    file_timeout: Number = 5
    memory_limit_mb: Number = 500
    jobs: int | Literal["auto"] = "auto"
    cache_dir: Path | None = None
    cache_max_size_mb: Number = 100
    cache_max_age_days: Number = 30
    cache_max_entries: int | None = None
    cache_eviction: Literal[
        "least-recently-used", "least-frequently-used", "least-recently-stored", "none"
    ] = "least-recently-used"
    cache_compression: bool = True
    cache_journal: Literal["auto", "wal", "delete"] = "auto"
    history_max_size_mb: Number = 200
    judge: Literal["changed", "all"] = "changed"
    time_budget: Number = 5
    strict_files: bool = False
    new_waivers: NewWaivers = "report"
    critical_paths: tuple[str, ...] = ()
    critical_functions: tuple[str, ...] = ()
    fail_fast: bool = False
    on_internal_error: Literal["allow", "block"] = "allow"
    on_timeout: Literal["allow", "block"] = "allow"
    unused_suppressions: Literal["warn", "fail"] = "warn"
    require_reasons: bool = False
    foreign_suppressions: tuple[Literal["noqa", "complexipy", "pylint", "ruff"], ...] = ()

    @property
    def source_patterns(self) -> tuple[str, ...]:
        """``include``, notebooks where they are asked for, and the files that the languages measure."""
        patterns = (*self.include, *_NOTEBOOKS) if self.notebooks else self.include
        if not self.languages:
            return patterns
        # Here, because hardly anybody has an extension.
        from pytest_antipasta.extension import find_languages

        return (*patterns, *(f"*{ending}" for ending in find_languages(self.languages)))

    @property
    def max_file_bytes(self) -> float:
        """``max_file_size_mb`` in bytes."""
        return self.max_file_size_mb * 1e6
