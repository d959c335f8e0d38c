"""``cache export`` and ``cache import``: measurements in one file, from one machine to another."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime

from pytest_antipasta.engine.storage import choose_bounds, current_fingerprint
from pytest_antipasta.messages import make_printable, name_path
from pytest_antipasta.model import UsageError
from pytest_antipasta.report import write_parts
from pytest_antipasta.runtime import is_source
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    EntryError,
    LocalStore,
    import_entries,
    iter_export,
    keep_up,
)


def parse_time(text: str) -> float:
    """Return a date, or a date with a time, in seconds since the epoch; local time without a zone."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"expected a date such as 2026-11-21, got {text!r}") from None


def write_export(store: LocalStore, _: Settings, args: Namespace) -> dict[str, object]:
    """Write the store's measurements to a file."""
    if is_source(args.path):
        raise UsageError(f"{args.path} is a source file; name another file, such as measurements.bin")
    number = size = 0

    def iter_counted() -> Iterator[bytes]:
        nonlocal number, size
        for number, part in enumerate(iter_export(store, args.since), start=-1):  # noqa: B007
            size += len(part)
            yield part

    write_parts(args.path, iter_counted(), "export")
    return {"exported": number, "size": size, "path": name_path(str(args.path))}


def read_export(store: LocalStore, settings: Settings, args: Namespace) -> dict[str, object]:
    """Import the measurements of a file within the store's bounds."""
    try:
        number = import_entries(store, args.path, current_fingerprint())
    except (EntryError, OSError) as error:
        said = error.strerror if isinstance(error, OSError) else f"{error}; nothing was imported"
        raise UsageError(f"{make_printable(str(args.path))}: {said}") from error
    advice = keep_up(store, choose_bounds(settings))
    return {"imported": number, "advice": advice}
