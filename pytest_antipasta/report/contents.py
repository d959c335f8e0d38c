"""Read the sources that a report shows, as long as they are those that were measured."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_antipasta.metrics.source import SourceError, has_digest, split_lines
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.runtime.fileio import read_regular


def read_measured(path: Path, digest: bytes | None) -> bytes | None:
    """Return the content of a file, or the code of a notebook; ``None`` if more than line ends differ.

    The result is ``None`` for other languages too, as their digests cover more than the content.

    Args:
        path: path of the file.
        digest: sha256 of the measured content.
    """
    try:
        data = read_regular(path)
    except (OSError, ValueError):  # such as a path with escapes
        return None
    if path.suffix == NOTEBOOK:
        data = _join(data)
    return data if has_digest(data, digest) else None


def read_judged(root: Path, verdict: Verdict) -> bytes | None:
    """Return the content on disk that a verdict is about; ``None`` as for :func:`read_measured`."""
    return read_measured(root / verdict.path, verdict.digest)


def _join(data: bytes) -> bytes:
    """Return the code of a notebook; empty if the file is not a notebook any more."""
    from pytest_antipasta.metrics.notebook.joining import join_notebook

    try:
        return join_notebook(data)
    except SourceError:
        return b""


def read_lines(path: Path, digest: bytes | None) -> list[str]:
    """Return the lines of a file; none if it has changed, or can't be decoded."""
    data = read_measured(path, digest)
    return [] if data is None else split_lines(data)


def find_name(text: str, name: str) -> tuple[int, int] | None:
    """Return where a line has the name of a function: the first character, and the one after the last."""
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    return None if found is None else found.span()
