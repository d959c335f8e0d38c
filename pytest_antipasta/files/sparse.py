"""Find settings and baselines that a sparse checkout leaves out of the working tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pytest_antipasta.files.locations import path_from
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import format_argument, format_path


def iter_sparse_notes(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each of some files of a folder that git has, and that a sparse checkout leaves out."""
    top = find_repository(folder)
    if top is None or not os.path.isfile(top / ".git/info/sparse-checkout"):
        return
    from pytest_antipasta.git.process import GitError
    from pytest_antipasta.git.repository import Repository

    with suppress(GitError):
        left_out = Repository(top).objects.list_sparse()
        for path in (folder / name for name in names):
            if (inside := path_from(top, os.path.realpath(path))) in left_out:
                command = f"git sparse-checkout add {format_argument(f'/{inside}')}"
                yield f"{format_path(path)}: ignored: the sparse checkout leaves it out; `{command}` adds it"
