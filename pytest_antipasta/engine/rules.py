"""The rules of a run: settings, baseline, and whether suppressions count; read here or sent to a worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.baseline.file import find_baseline, iter_unread_notes, locate_baseline
from pytest_antipasta.files.locations import spell
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.settings.load import LoadedSettings, load_settings
from pytest_antipasta.settings.path_thresholds import ThresholdFinder
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.unmeasured import find_faults
from pytest_antipasta.settings.values import Settings


class Rules(Struct, frozen=True, dict=True):
    """The rules that files are judged by: settings, options of the command line and a baseline.

    Attributes:
        settings: settings of the root; ``baseline`` is the file that ``recorded`` was read from.
        recorded: entries of the baseline; ``None`` without a baseline.
        honours_suppressions: whether suppression comments count.
        notes: notes about the settings for the user.
        named_config: path of the settings, if an option names it.
        named_baseline: path of the baseline, if an option names it.
        has_baseline: whether recorded violations are tolerated.
        warnings_fail: whether the level ``warning`` of a limit counts as ``error``.
        has_other_limits: whether limits are those of one run or of a commit, and not of the settings, which
            the commands read that are advised about functions and entries of the baseline.
        is_of_commit: whether an option takes settings and baseline from a commit, so that a change can't
            affect them.
    """

    settings: Settings
    recorded: tuple[BaselineEntry, ...] | None = None
    honours_suppressions: bool = True
    notes: tuple[str, ...] = ()
    named_config: Path | None = None
    named_baseline: Path | None = None
    has_baseline: bool = True
    warnings_fail: bool = False
    has_other_limits: bool = False
    is_of_commit: bool = False

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """A line for each extension that was not loaded, and that is installed, configured or recorded."""
        return find_faults(self.settings, sorted({entry.metric for entry in self.recorded or ()}))

    @property
    def has_hints(self) -> bool:
        """Whether functions over their limits get hints, whose command `fix` judges by the settings."""
        return self.settings.hints and not self.has_other_limits

    @cached_property
    def recorded_paths(self) -> frozenset[str]:
        """The paths of the files that have entries in the baseline."""
        return frozenset(entry.path for entry in self.recorded or ())

    @cached_property
    def baseline_path(self) -> Path:
        """The file of the baseline, which may not exist."""
        return locate_baseline(self.settings, self.named_baseline)

    @cached_property
    def thresholds(self) -> ThresholdFinder:
        """The limits of paths; all that judge by the rules find them once."""
        return ThresholdFinder(self.settings)

    def with_nearer(self, found: LoadedSettings) -> Rules:
        """Return the rules with settings of folders below the root, and with notes about these settings."""
        settings, notes = found
        if settings is self.settings:
            return self
        return replace(self, settings=settings, notes=(*self.notes, *notes, *iter_unread_notes(settings)))

    def with_limits(self, limits: Mapping[str, object]) -> Rules:
        """Return rules with the limits of one run, which apply to every path.

        Each is a number, a table of parts, or ``False`` for none, as in a settings file.

        Raises:
            UsageError: a metric is unknown, or a limit is invalid.
        """
        from pytest_antipasta.settings.asked import with_limits  # few runs have any

        return replace(self, settings=with_limits(self.settings, limits), has_other_limits=True)

    def without_limits(self) -> Rules:
        """Return rules without limits: sources are measured and not judged."""
        unlimited = replace(self.settings, thresholds={}, overrides=(), nested=False, projects=())
        return Rules(unlimited, honours_suppressions=False)


def read_rules(
    folder: Path,
    config: Path | None = None,
    baseline: Path | None = None,
    files: RuleFiles = DISK,
    *,
    has_baseline: bool = True,
    honours_suppressions: bool = True,
    warnings_fail: bool = False,
) -> Rules:
    """Return the rules that apply in a folder.

    Args:
        folder: folder to search for settings; parent folders follow.
        config: path of the settings, if an option names it.
        baseline: path of the baseline, if an option names it.
        files: reads the settings files and the baseline.
        has_baseline: whether recorded violations are tolerated.
        honours_suppressions: whether suppression comments count.
        warnings_fail: whether warnings are violations.

    Raises:
        UsageError: the settings are invalid, or a file named by an option does not exist.
    """
    config, baseline = _spell(config), _spell(baseline)
    settings, notes = load_settings(folder, config, files)
    recorded = None
    if has_baseline:
        path, recorded = find_baseline(settings, baseline, files)
        settings = replace(settings, baseline=path)
    return Rules(
        settings,
        recorded,
        honours_suppressions,
        notes,
        named_config=config,
        named_baseline=baseline,
        has_baseline=has_baseline,
        warnings_fail=warnings_fail,
    )


def _spell(named: Path | None) -> Path | None:
    """Return a file in the case that it has on disk: git distinguishes upper and lower case."""
    return named and named.parent / spell(os.fspath(named.parent), named.name)


def encode_orders(rules: Rules, cache_dir: Path | None) -> bytes:
    """Return the rules and the folder of the store as bytes, for a worker."""
    return msgspec.msgpack.encode((rules, cache_dir), enc_hook=_encode_path)


def decode_orders(data: bytes) -> tuple[Rules, Path | None]:
    """Return the rules and the folder of the store from bytes."""
    return msgspec.msgpack.decode(data, type=tuple[Rules, Path | None], dec_hook=_decode_path)


def _encode_path(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"can't pass {type(value).__name__} to a new process")


def _decode_path(kind: type, value: Any) -> Any:
    # msgspec also passes types that are not ours.
    return kind(os.fsdecode(value)) if issubclass(kind, Path) else value
