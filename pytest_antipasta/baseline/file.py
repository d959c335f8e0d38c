"""Find and read the file of a baseline."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pytest_antipasta.messages import format_argument
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import BaselineEntry
from pytest_antipasta.settings.documents import decode
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings

DEFAULT_NAME = "antipasta-baseline.json"


def locate_baseline(settings: Settings, named: Path | None = None) -> Path:
    """Return the path of a root's baseline, existing or not; an option may name it."""
    if named is not None:
        return Path(os.path.abspath(named))
    return settings.baseline or settings.root / DEFAULT_NAME


def iter_unread_notes(settings: Settings) -> Iterator[str]:
    """Yield a note about ignored baselines in folders below a root whose settings apply."""
    places = (locate_baseline(project) for project in settings.projects)
    if not (unread := [place for place in places if os.path.lexists(place)]):
        return
    from pytest_antipasta.messages import format_path, list_names

    yield (
        f"baselines ignored in this run: {list_names(list(map(format_path, unread)))}; all files use "
        f"{format_path(locate_baseline(settings))}"
    )


def find_baseline(
    settings: Settings, named: Path | None = None, files: RuleFiles = DISK
) -> tuple[Path, tuple[BaselineEntry, ...]] | tuple[None, None]:
    """Return the path and the entries of a root's baseline; ``None`` for both without a baseline.

    Args:
        settings: the settings of the root.
        named: path of the baseline, if an option names it.
        files: reads the baseline.

    Raises:
        UsageError: the baseline is unreadable or damaged, or a named one does not exist.
    """
    path = locate_baseline(settings, named)
    if (data := files.read(path)) is not None:
        return path, parse_file(path, data)
    if os.path.lexists(path) and not os.path.isfile(path):  # a pipe, or an error
        return path, read_baseline(path, is_named=named is not None)
    if named is None and settings.baseline is None:
        return None, None
    from pytest_antipasta.messages import describe_unstaged, format_path

    if os.path.isfile(path):  # on disk, and not in what is judged
        raise UsageError(f"{format_path(path)}: baseline not found {describe_unstaged(path)}")
    command = command_for("write", named, settings.source)
    raise UsageError(f"{format_path(path)}: baseline not found; create it with `{command}`")


def command_for(action: str, named: Path | None, source: Path | None) -> str:
    """Return a command about the baseline of a root, or the one named by an option.

    It names the settings file ``source`` if a command in the current folder does not find that itself.
    """
    from pytest_antipasta.messages import format_path

    options = {"--config": None if _is_found(source) else source, "--baseline": named}
    words = ["pytest-antipasta baseline", action]
    for option, path in options.items():
        if path is not None:
            words += [option, format_argument(format_path(Path(os.path.abspath(path))))]
    return " ".join(words)


def _is_found(source: Path | None) -> bool:
    """Return whether a command finds a settings file in the current folder or above."""
    if source is None:
        return True
    here, folder = Path.cwd(), Path(os.path.realpath(source.parent))
    return source.name in SETTINGS_NAMES and folder in (here, *here.parents)


def read_baseline(path: Path, *, is_named: bool = False) -> tuple[BaselineEntry, ...]:
    """Return the entries of a file; a file named by an option may be a pipe.

    Raises:
        UsageError: the file is unreadable or damaged.
    """
    from pytest_antipasta.settings.documents import read_bytes

    return parse_file(path, read_bytes(path, is_named=is_named))


def parse_file(path: Path, data: bytes) -> tuple[BaselineEntry, ...]:
    """Return the entries in the content of a file.

    Raises:
        UsageError: the content is damaged.
    """
    from pytest_antipasta.messages import format_path

    name, text = format_path(path), decode(path, data)
    restore = f"if it is committed, restore it with `git checkout HEAD -- {format_argument(name)}`"
    anew = "delete it and run `pytest-antipasta baseline write`, which records all present violations"
    if _is_of_another_kind(path, text):
        raise UsageError(f"{name}: is not a baseline file; left unchanged; name another file")
    return parse_named(text, name, f"{restore}; otherwise fix it by hand, or {anew}")


def _is_of_another_kind(path: Path, text: str) -> bool:
    """Return whether a file was probably never a baseline."""
    is_similar = '"schema_version"' in text or '"entries"' in text
    return path.name != DEFAULT_NAME and bool(text.strip()) and not is_similar


def parse_named(text: str, name: str, remedy: str) -> tuple[BaselineEntry, ...]:
    """Return the entries in a text; ``remedy`` says what to do about a damaged one.

    Raises:
        UsageError: the text is damaged.
    """
    from pytest_antipasta.baseline.text import BaselineError, parse_baseline

    try:
        return tuple(parse_baseline(text))
    except BaselineError as error:
        place = f"{name}:{error.line}" if error.line else name
        raise UsageError(f"{place}: {error}" + (f"; {remedy}" if error.is_damaged else "")) from error
