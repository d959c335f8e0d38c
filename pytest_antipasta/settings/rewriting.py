"""Writing a settings file whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pytest_antipasta.errors import UsageError
from pytest_antipasta.settings.documents import decode, read_bytes
from pytest_antipasta.settings.wording import format_path

_BOM = b"\xef\xbb\xbf"


def read_existing(path: Path) -> str:
    """Read a settings file as UTF-8, or nothing where there is none.

    Raises:
        UsageError: it can't be read.
    """
    return decode(path, read_bytes(path)) if os.path.lexists(path) else ""


def rewrite(path: Path, text: str) -> None:
    """Write a settings file beside its place and move it there; links, rights and a byte order mark stay.

    Raises:
        UsageError: it can't be written.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        is_marked = target.exists() and target.read_bytes().startswith(_BOM)
        temporary.write_bytes((_BOM if is_marked else b"") + text.encode())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except OSError as error:
        raise UsageError(f"{format_path(path)}: can't be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
