"""The code of the version before this one, from the history of the checkout."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def unpack_before(folder: Path, name: str) -> Path:
    """Put a folder of the checkout, as it was before its last change, into another; return where it is.

    What is not committed yet is the last change.
    """
    if not (ROOT / ".git").exists():
        pytest.skip("the checkout has no history")
    is_committed = not _ask("status", "--porcelain", "--", name)
    commits = _ask("log", "-2", "--format=%H", "--", name).decode().split()[is_committed:]
    if not commits:
        pytest.skip(f"the checkout has no earlier version of {name}")
    with tarfile.open(fileobj=io.BytesIO(_ask("archive", commits[0], "--", name))) as packed:
        packed.extractall(folder, filter="data")
    return folder / name


def _ask(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout
