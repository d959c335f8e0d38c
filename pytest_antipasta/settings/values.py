"""The settings as values. The type of each says what a settings file can say, see :mod:`.kinds`."""

# Types are read at run time; as text, each would be compiled once more.
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.model.waivers import NewWaivers
from pytest_antipasta.settings.kinds import (
    COUNT,
    FLAG,
    FOLDER,
    GLOB,
    TEXT,
    Critical,
    Glob,
    Jobs,
    Memory,
    Positive,
    make_list,
)

SETTINGS_NAMES = ("pyproject.toml", ".antipasta.yaml")
"""Names of settings files, in the order of the search."""
TIME_BUDGET = 5
"""Default of ``time_budget``, which applies until the settings are read."""

# Jupyter saves copies in folders with this name.
NOTEBOOKS = (f"*{NOTEBOOK}", "!**/.ipynb_checkpoints/*")
"""``.gitignore`` patterns of notebooks."""
# In any case, as pre-commit takes them.
_PYTHON = ("*.[pP][yY]", "*.[pP][yY][wW]")


def select_settings(paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths of files that are named like settings."""
    return (path for path in paths if path.rpartition("/")[2] in SETTINGS_NAMES)


class Override(Struct, frozen=True):
    """Separate thresholds for some files, or for some functions.

    Attributes:
        files: gitignore-style globs, relative to the root; none for all files.
        thresholds: differences from the default thresholds; ``None`` disables a metric.
        functions: patterns of the functions, as in :class:`FunctionLimits`; none for the files themselves.
    """

    files: tuple[str, ...]
    thresholds: Mapping[str, Threshold | None]
    functions: tuple[str, ...] = ()


class Asked(Struct, frozen=True):
    """What options ask for in one run, as they are written.

    Attributes:
        limits: other limits, which hold in folders with settings that are still to be found, too.
        exclude: patterns of more files not to measure.
    """

    limits: Mapping[str, object] = {}
    exclude: tuple[str, ...] = ()


class Settings(Struct, frozen=True):
    """What applies to one root, complete.

    Attributes:
        root: absolute; what paths and globs are relative to.
        source: the file the settings come from; ``None`` where only the defaults apply.
        paths: files and folders to check.
        include: ``.gitignore`` patterns of the files to measure; default: ``*.py``, ``*.pyw`` and executable
            Python scripts without a suffix.
        exclude: ``.gitignore`` patterns of files not to measure.
        languages: other languages to measure: lizard's names, or ``distribution:language`` for extensions.
        notebooks: whether Jupyter notebooks are measured, too; default: no, and a run reports their number.
        use_gitignore: whether to exclude files that git ignores.
        thresholds: the limit of each metric.
        named: metrics whose limits the settings or options set, for any files; others have defaults.
        overrides: other limits for some files, folders or functions; later overrides win.
        nested: whether settings in folders below the root apply to the files there.
        projects: the settings of such folders, as far as they have been looked for, outer ones first.
        has_all_projects: whether no others apply, as where the settings are those of another commit.
        asked: what options ask for in this run alone; it is part of these settings.
        baseline: file of recorded violations; default: ``antipasta-baseline.json`` in the root, if it exists.
        nested_blocks: whether functions inside functions are checked, including methods of classes there.
        on_error: whether a file that can't be measured fails.
        max_file_size_mb: maximum file size in MB; larger files are reported as errors.
        file_timeout: seconds of CPU time that measuring a file may take.
        memory_limit_mb: resident memory in MB that a measuring process may use.
        jobs: number of worker processes; ``auto`` depends on the amount of work.
        cache: whether measurements are stored; ``false`` is the same as ``--no-cache``.
        cache_dir: folder of the store; default: the user's cache folder.
        cache_max_size_mb: maximum size of the store's database in MB.
        cache_max_age_days: days without use after which an entry is removed.
        cache_max_entries: maximum number of entries in the store; default: no limit.
        cache_eviction: which entries are removed first when the store is full.
        cache_compression: whether large records are compressed.
        cache_journal: SQLite's journal mode; ``auto`` is ``wal`` except on network file systems.
        history_max_size_mb: maximum size in MB of the database that ``trend`` fills.
        judge: whether a commit check covers only what the commit changes, or the whole changed files.
        time_budget: seconds that checking a commit may take; files not checked by then are reported.
        strict_files: whether a commit fails if it worsens a file's value that is already over its limit.
        new_waivers: what to do with waivers: comments, baseline entries and settings that loosen limits.
        critical_paths: patterns of the files to check first in a commit, as in a ``.gitignore``.
        critical_functions: functions for which no violation is tolerated, as in ``functions`` of an override,
            or ``path::qualified.name`` (``*`` matches anything).
        fail_fast: whether checking a commit stops at the first file that fails.
        hints: whether ``check`` and ``hook`` print proven steps for functions over a limit.
        on_internal_error: whether a commit passes if an error in git or an internal error prevents the check.
        on_timeout: whether a commit passes if it could not be checked in time.
        unused_suppressions: whether a suppression comment without effect fails its file.
        require_reasons: whether a suppression comment without a reason is ignored.
        foreign_suppressions: other tools whose suppression comments are respected, too.
    """

    root: Path
    source: Path | None
    paths: Annotated[tuple[str, ...], make_list(FOLDER, least=1, most=1000)] = (
        ".",
    )  # git is asked about each
    include: Annotated[tuple[str, ...] | None, make_list(GLOB, least=1)] = None
    exclude: tuple[Glob, ...] = ()
    languages: tuple[str, ...] = ()
    notebooks: Annotated[bool | None, FLAG] = None
    use_gitignore: bool = True
    thresholds: Mapping[str, Threshold] = field(default_factory=lambda: dict(default_thresholds()))
    named: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    nested: bool = False
    projects: "tuple[Settings, ...]" = ()
    has_all_projects: bool = False
    asked: Asked = Asked()
    baseline: Annotated[Path | None, TEXT] = None
    nested_blocks: bool = True
    on_error: Literal["fail", "warn"] = "fail"
    max_file_size_mb: Positive = 100
    file_timeout: Positive = 5
    memory_limit_mb: Memory = 500
    jobs: Jobs = "auto"
    cache: bool = True
    cache_dir: Annotated[Path | None, TEXT] = None
    cache_max_size_mb: Positive = 100
    cache_max_age_days: Positive = 30
    cache_max_entries: Annotated[int | None, COUNT] = None
    cache_eviction: Literal[
        "least-recently-used", "least-frequently-used", "least-recently-stored", "none"
    ] = "least-recently-used"
    cache_compression: bool = True
    cache_journal: Literal["auto", "wal", "delete"] = "auto"
    history_max_size_mb: Positive = 200
    judge: Literal["changed", "all"] = "changed"
    time_budget: Positive = TIME_BUDGET
    strict_files: bool = False
    new_waivers: NewWaivers = "report"
    critical_paths: tuple[Glob, ...] = ()
    critical_functions: tuple[Critical, ...] = ()
    fail_fast: bool = False
    hints: bool = True
    on_internal_error: Literal["allow", "block"] = "allow"
    on_timeout: Literal["allow", "block"] = "allow"
    unused_suppressions: Literal["warn", "fail"] = "warn"
    require_reasons: bool = False
    foreign_suppressions: tuple[Literal["noqa", "complexipy", "pylint", "ruff"], ...] = ()

    @property
    def source_patterns(self) -> tuple[str, ...]:
        """``include``, notebooks if enabled, and the files of languages; without scripts."""
        patterns = _PYTHON if self.include is None else self.include
        if self.notebooks:
            patterns = (*patterns, *NOTEBOOKS)
        if not self.languages:
            return patterns
        from pytest_antipasta.extension.languages import find_languages

        return (*patterns, *(f"*{ending}" for ending in find_languages(self.languages)))

    @property
    def not_in_generated(self) -> tuple[str, ...]:
        """The metrics without a limit in generated files: those that the settings do not name."""
        return tuple(metric for metric in default_thresholds() if metric not in self.named)

    @property
    def needs_projects(self) -> bool:
        """Whether folders below the root are searched for settings that apply."""
        return self.nested and not self.has_all_projects

    def with_store_of(self, other: "Settings") -> "Settings":
        """Return these settings with the store of others."""
        return replace(self, cache=other.cache, cache_dir=other.cache_dir)

    @property
    def max_file_bytes(self) -> float:
        """``max_file_size_mb`` in bytes."""
        return self.max_file_size_mb * 1e6

    @property
    def counts_uses(self) -> bool:
        """Whether each run counts as a use of the entries that it finds in the store."""
        return self.cache_eviction == "least-frequently-used"


WRITTEN = tuple(
    name
    for name in Settings.__struct_fields__
    if name not in ("root", "source", "named", "projects", "has_all_projects", "asked")
)
"""The settings that a file can set."""
