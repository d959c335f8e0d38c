"""The rules of a run: settings, baseline, and whether suppressions count; read here, or sent to a worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.baseline import find_baseline, iter_unread_notes
from pytest_antipasta.model import BaselineEntry
from pytest_antipasta.settings import Find, LoadedSettings, Settings, find_faults, load_settings


class Rules(Struct, frozen=True):
    """What files are judged by: the settings, and what a command line and a baseline add to them.

    Attributes:
        settings: of the root; ``baseline`` is where ``recorded`` was read, if it was.
        recorded: what the baseline has; ``None`` without one.
        honours_suppressions: whether comments count.
        notes: what the user should know of the settings.
        named: the baseline, if an option names it.
        has_baseline: whether what is recorded is tolerated, if there is anything.
        warnings_fail: whether limits whose level is ``warning`` are judged as if it were ``error``.
    """

    settings: Settings
    recorded: tuple[BaselineEntry, ...] | None = None
    honours_suppressions: bool = True
    notes: tuple[str, ...] = ()
    named: Path | None = None
    has_baseline: bool = True
    warnings_fail: bool = False

    def with_nearer(self, found: LoadedSettings) -> Rules:
        """Return the rules with settings of folders below the root, and with what to tell of these."""
        settings, notes = found
        if settings is self.settings:
            return self
        return replace(self, settings=settings, notes=(*self.notes, *notes, *iter_unread_notes(settings)))

    def without_limits(self) -> Rules:
        """Return rules by which sources are measured, and nothing is judged."""
        unlimited = replace(self.settings, thresholds={}, overrides=(), nested=False, projects=())
        return Rules(unlimited, honours_suppressions=False)

    def find_faults(self) -> tuple[str, ...]:
        """Return why metrics that have a limit can't be judged in any file, a line each."""
        return find_faults(self.settings)


def read_rules(
    folder: Path,
    config: Path | None = None,
    baseline: Path | None = None,
    find: Find = lambda _: None,
    *,
    has_baseline: bool = True,
    honours_suppressions: bool = True,
    warnings_fail: bool = False,
) -> Rules:
    """Return the rules that apply in a folder.

    Args:
        folder: where settings are looked for, and in those around it.
        config: the settings, if an option names them.
        baseline: the file of recorded numbers, if an option names it.
        find: gives what counts in place of the content of settings, and of a baseline.
        has_baseline: whether what is recorded is tolerated.
        honours_suppressions: whether comments count.
        warnings_fail: whether warnings are violations.

    Raises:
        UsageError: they are wrong, or not where an option says.
    """
    settings, notes = load_settings(folder, config, find)
    recorded = None
    if has_baseline:
        path, recorded = find_baseline(settings, baseline, find)
        settings = replace(settings, baseline=path)
    return Rules(settings, recorded, honours_suppressions, notes, baseline, has_baseline, warnings_fail)


def encode_orders(rules: Rules, cache_dir: Path | None) -> bytes:
    """Return the orders to judge files by rules, with the store in a folder to look measurements up in."""
    return msgspec.msgpack.encode((rules, cache_dir), enc_hook=_encode_path)


def decode_orders(data: bytes) -> tuple[Rules, Path | None]:
    """Return what was encoded."""
    return msgspec.msgpack.decode(data, type=tuple[Rules, Path | None], dec_hook=_decode_path)


def _encode_path(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)
    raise NotImplementedError(f"can't pass {type(value).__name__} to a new process")


def _decode_path(kind: type, value: Any) -> Any:
    # It is asked about what may be any object, too.
    return kind(os.fsdecode(value)) if issubclass(kind, Path) else value
