"""Writing our table into a ``pyproject.toml``, for ``config init`` and ``config migrate``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.errors import UsageError
from pytest_antipasta.git import find_repository
from pytest_antipasta.settings import load_settings
from pytest_antipasta.settings.rewriting import read_existing, rewrite
from pytest_antipasta.settings.toml_edit import put_table
from pytest_antipasta.settings.toml_file import read_toml
from pytest_antipasta.settings.wording import format_path


class Edit(Struct, frozen=True):
    """A settings file as it is and as it should be.

    Attributes:
        path: absolute.
        before: its text, empty where there is no file.
        after: the text with our table.
    """

    path: Path
    before: str
    after: str

    def iter_diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff, which ``patch`` and ``git apply`` understand."""
        name = format_path(self.path).replace(os.sep, "/")
        old, new = (text.splitlines() for text in (self.before, self.after))
        yield from unified_diff(
            old, new, f"a/{name}" if self.before else "/dev/null", f"b/{name}", lineterm=""
        )

    def write(self) -> None:
        """Write the file.

        Raises:
            UsageError: it can't be written.
        """
        rewrite(self.path, self.after)


def find_target(config: Path | None) -> Path:
    """Return the file to write: one that was named, else the nearest ``pyproject.toml`` in the repository.

    Where there is none, it is to be made at the repository's top, or in the current folder outside of one.

    Raises:
        UsageError: the file that was named can't hold a table.
    """
    folder = Path.cwd()
    if config is not None:
        if config.suffix.lower() != ".toml":
            raise UsageError(f"{format_path(config)}: can't hold a table; name a .toml file")
        return folder / config
    top = find_repository(folder) or folder
    inside = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
    found = (each for each in inside if os.path.lexists(each / "pyproject.toml"))
    return next(found, top) / "pyproject.toml"


def require_no_settings(target: Path, config: Path | None, *, but_yaml: bool = False) -> None:
    """Make sure that nothing is overwritten or loses its effect unasked.

    Args:
        target: the file to write.
        config: the same, where it was named.
        but_yaml: whether settings of antipasta may lose their effect.

    Raises:
        UsageError: there are settings already.
    """
    if config is None:
        source = load_settings(Path.cwd()).source
    else:
        source = target if os.path.lexists(target) and read_toml(target, []) else None
    if source is None or (but_yaml and source.suffix != ".toml"):
        return
    raise UsageError(f"{format_path(source)}: {_describe(source, target)}")


def _describe(source: Path, target: Path) -> str:
    """Return what is in the way, and what to do about it."""
    if source.suffix != ".toml":
        return (
            "holds the settings already; `pytest-antipasta config migrate` makes a table of them, "
            "--force writes a table that takes its place"
        )
    if source == target:
        return "has the table [tool.pytest-antipasta] already; use --force to write another in its place"
    return (
        "has settings that count here, too; use --force to write others "
        f"into {format_path(target)}, which count from there on"
    )


def make_edit(path: Path, table: Iterable[str]) -> Edit:
    """Return what putting a table into a file comes to.

    Args:
        path: the file.
        table: the lines of our table.

    Raises:
        UsageError: the file can't be read or edited.
    """
    before = read_existing(path)
    return Edit(path, before, put_table(path, before, "".join(f"{line}\n" for line in table)))
