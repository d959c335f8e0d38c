"""Repositories as the gate's tests have them."""

from __future__ import annotations

from collections.abc import Mapping

from tests.conftest import Repository
from tests.gate.conftest import _origin, _origin_of_empty, _path, empty, guarded

__all__ = ["_origin", "_origin_of_empty", "_path", "configure", "empty", "guarded"]


def configure(repository: Repository, settings: Mapping[str, str]) -> None:
    """Write settings as ``git config`` does, which takes a process for each."""
    with (repository.path / ".git/config").open("a", encoding="utf-8") as file:
        for name, value in settings.items():
            section, _, rest = name.partition(".")
            middle, _, key = rest.rpartition(".")
            title = f'{section} "{middle}"' if middle else section
            text = value.replace("\\", "\\\\")
            file.write(f'[{title}]\n\t{key} = "{text}"\n')
