"""Find and load the settings of a folder, and find nearby settings that are ignored."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.messages import describe_unstaged, format_argument, format_path, list_names
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.runtime.fileio import read_regular
from pytest_antipasta.settings.rule_files import DISK, RuleFiles
from pytest_antipasta.settings.values import SETTINGS_NAMES, Settings

if TYPE_CHECKING:
    from pytest_antipasta.settings.documents import Document

HEADER = re.compile(rb"^\s*\[{0,2}tool\.pytest-antipasta\b", re.MULTILINE)
"""The beginning of our table in TOML, or of a key of it."""
_SECTION = re.compile(rb"^\[(?:tool[:.])?(?:pytest[-_])?antipasta[.\]]", re.MULTILINE)
_MISNAMED = (
    "antipasta.toml",
    ".antipasta.toml",
    "pytest-antipasta.toml",
    ".antipasta.yml",
    ".antipasta.config.json",
)
# Where other tools that pytest users know have sections.
_WITH_SECTIONS = ("setup.cfg", "tox.ini", "pytest.ini", "pytest.toml", ".pytest.toml")
_OURS = "[tool.pytest-antipasta] in"


def iter_nested_notes(
    settings: Settings, locations: Iterable[str], *, is_narrowed: bool = False
) -> Iterator[str]:
    """Yield a line if files have nearer settings that are ignored.

    Args:
        settings: the settings in effect.
        locations: absolute locations of the files.
        is_narrowed: whether paths on the command line selected the files: by these, pytest finds its
            configfile, and the settings beside it.
    """
    folders = _find_parents(locations)
    found = [] if settings.nested else _find_ignored(settings, folders)
    if not found:
        return
    names = [format_path(Path(path)) for path in found]
    pairs = zip(names, found, strict=True)
    typed = (name for name, path in pairs if Path(path).as_posix().endswith(name))  # as it is
    option = f"--config {format_argument(next(typed, 'FILE'))} (pytest: --antipasta-config)"
    text = (
        f"settings ignored in this run: {list_names(names)}; to use them, run in their folder, pass "
        f"{option}, or set `nested = true` in the root's settings"
    )
    around = [name for name, path in zip(names, found, strict=True) if _is_around(path, folders)]
    if is_narrowed and around:
        text += f"; pytest with the same paths uses {around[-1]} if its configfile is in that folder"
    yield text


def _find_ignored(settings: Settings, folders: Iterable[str]) -> list[str]:
    # Settings around the current folder would apply, unless an option replaces them.
    replaced = _list_around()
    nearer = find_nearer(settings, folders)
    return [path for path in nearer if os.path.realpath(os.path.dirname(path)) not in replaced]


def find_nearer(settings: Settings, folders: Iterable[str]) -> list[str]:
    """Return the settings files in folders and between them and the root, except those in effect."""
    own = settings.source and os.path.realpath(settings.source)
    candidates = map(_find_settings, _add_outer(settings.root, folders))
    # A link to the settings in effect, which some tools need in each folder, does not count.
    return sorted(path for path in filter(None, candidates) if os.path.realpath(path) != own)


def _is_around(path: str, folders: Iterable[str]) -> bool:
    """Return whether folders are all in the folder of a settings file."""
    outer = os.path.join(os.path.dirname(path), "")
    return all(os.path.join(folder, "").startswith(outer) for folder in folders)


def _list_around() -> set[str]:
    """Return the current folder and its parents; on Windows, it may be typed in another case."""
    try:
        here = Path(os.path.realpath(Path.cwd()))
    except FileNotFoundError:  # the current folder was deleted
        return set()
    return set(map(os.fspath, (here, *here.parents)))


def _iter_misplaced_notes(start: Path, settings: Settings) -> Iterator[str]:
    """Yield a line for each file that looks like settings and is ignored, from a folder up to the root."""
    for folder in (start, *start.parents):
        for path in _iter_misplaced(folder):
            yield f"{format_path(path)}: ignored; settings belong in {_OURS} pyproject.toml"
        if folder == settings.root:
            break
    pyproject, antipasta = (settings.root / name for name in SETTINGS_NAMES)
    if settings.source == pyproject and os.path.isfile(antipasta):
        yield f"{format_path(antipasta)}: ignored because there is also {_OURS} {format_path(pyproject)}"


def find_folders(root: Path, locations: Iterable[str]) -> set[str]:
    """Return the folders between the root and some files, without the root; locations are normalised."""
    return _add_outer(root, _find_parents(locations))


def has_other_settings(settings: Settings, folder: Path) -> bool:
    """Return whether commands in a folder find other settings: it is outside the root, or has nearer ones."""
    return not folder.is_relative_to(settings.root) or any(
        map(_find_settings, _add_outer(settings.root, {os.fspath(folder)}))
    )


def _find_parents(locations: Iterable[str]) -> set[str]:
    return {location.rpartition(os.sep)[0] for location in locations}


def _add_outer(root: Path, folders: Iterable[str]) -> set[str]:
    """Return the folders among these that are below the root, with those between."""
    below, found = os.path.join(root, ""), set[str]()
    for folder in folders:
        while folder.startswith(below) and folder != below and folder not in found:  # `/` is below no root
            found.add(folder)
            folder = os.path.dirname(folder)
    return found


def _find_settings(folder: str) -> str | None:
    """Return the settings file of a folder, if there is one; it may be invalid."""
    pyproject, antipasta = (f"{folder}{os.sep}{name}" for name in SETTINGS_NAMES)
    with suppress(UnicodeEncodeError):  # Python has no encoding for the folder's name
        # Few folders have a settings file, and an exception takes longer than a check.
        if os.access(pyproject, os.F_OK) and _has_table(Path(pyproject)):
            return pyproject
        if os.access(antipasta, os.F_OK) and os.path.isfile(antipasta):
            return antipasta
    return None


def _has_table(path: Path) -> bool:
    """Return whether a file has our table, or might have it if it were valid."""
    data = _read_readable(path)
    if b"pytest-antipasta" not in data:  # parsing takes long, and most files do not contain the name
        return False
    try:
        return _read_toml(path, [], data) is not None
    except UsageError:
        return HEADER.search(data) is not None


def _iter_misplaced(folder: Path) -> Iterator[Path]:
    yield from filter(os.path.isfile, (folder / name for name in _MISNAMED))
    yield from (path for name in _WITH_SECTIONS if _SECTION.search(_read_readable(path := folder / name)))


def _read_readable(path: Path) -> bytes:
    """Return the content of a regular file; empty if there is none, or if it can't be read."""
    try:
        return read_regular(path) if os.path.isfile(path) else b""
    except OSError:
        return b""


class LoadedSettings(NamedTuple):
    """Settings, and notes about them for the user."""

    settings: Settings
    notes: tuple[str, ...]


def load_settings(start: Path, config: Path | None = None, files: RuleFiles = DISK) -> LoadedSettings:
    """Load the settings that apply in a folder.

    ``config`` is used if given. Otherwise the nearest folder upwards with our table in ``pyproject.toml``, or
    with an ``.antipasta.yaml``, is the root. Without settings, the defaults apply, and the root is the
    nearest folder upwards with ``.git``, or ``start``.

    Args:
        start: the folder to look upwards from.
        config: a file given by an option, TOML with our table or YAML; other files are ignored then.
        files: reads the settings files.

    Raises:
        UsageError: a file is unreadable or invalid; every problem has its own line.
    """
    start = Path(os.path.abspath(start))  # resolve() would leave a linked folder
    notes: list[str] = []
    if config is not None:
        return parse_document(read_named(config, notes, files), notes)[0]
    document = find_document(start, notes, files)
    if document is None:
        loaded = LoadedSettings(Settings(root=_find_git_top(start) or start, source=None), tuple(notes))
    else:
        loaded, _ = parse_document(document, notes)
    return loaded._replace(notes=(*loaded.notes, *_iter_misplaced_notes(start, loaded.settings)))


def parse_document(document: Document, notes_before: list[str]) -> tuple[LoadedSettings, Set[str]]:
    """Return the settings of a file, with notes, and the names of the settings that it sets."""
    from pytest_antipasta.settings.documents import Entry, Remarks

    remarks = Remarks()
    root = document.path.parent
    fields = document.parse(Entry(document.key, document.data, remarks))
    if remarks.problems:
        raise UsageError("\n".join(document.format_remarks(remarks.problems)))
    if "cache_dir" in fields:  # as pytest's setting of this name; a baseline must not depend on a variable
        fields["cache_dir"] = os.path.expandvars(fields["cache_dir"])
    for name in {"baseline", "cache_dir"} & fields.keys():
        # os.path.expanduser keeps "~" if the home folder is unknown; Path raises an error.
        fields[name] = root / os.path.expanduser(fields[name])
    notes = (*notes_before, *document.format_remarks(remarks.notes))
    return LoadedSettings(Settings(root=root, source=document.path, **fields), notes), fields.keys()


def find_document(start: Path, notes: list[str], files: RuleFiles) -> Document | None:
    """Read the settings of the nearest folder upwards that has any; notes are appended to ``notes``."""
    documents = (read_in(folder, notes, files) for folder in (start, *start.parents))
    return next(filter(None, documents), None)


def read_in(folder: Path, notes: list[str], files: RuleFiles) -> Document | None:
    """Read the settings of a folder, if there are any; notes are appended to ``notes``."""
    pyproject, antipasta = (folder / name for name in SETTINGS_NAMES)
    if (data := _read(pyproject, notes, files)) is not None:
        document = _read_toml(pyproject, notes, data)
        if document is not None:
            return document
    if (data := _read(antipasta, notes, files)) is not None:
        return _read_yaml(antipasta, data)
    return None


def _read(path: Path, notes: list[str], files: RuleFiles) -> bytes | None:
    """Return the content of a regular file; anything else that exists is reported in ``notes``."""
    data = files.read(path)
    if data is None and os.path.lexists(path) and not os.path.isfile(path):
        notes.append(f"{format_path(path)}: not a regular file; ignored")
    return data


# Most runs read at most one kind of settings.
def _read_toml(path: Path, notes: list[str], data: bytes) -> Document | None:
    from pytest_antipasta.settings.toml_file import read_toml

    return read_toml(path, notes, data)


def _read_yaml(path: Path, data: bytes) -> Document:
    from pytest_antipasta.settings.yaml_file import read_yaml

    return read_yaml(path, data)


def _find_git_top(start: Path) -> Path | None:
    # A file in a linked worktree or a submodule, otherwise a folder.
    tops = (folder for folder in (start, *start.parents) if os.path.exists(folder / ".git"))
    return next(tops, None)


def _read_absent(path: Path) -> bytes:
    """Raise an error for a named file that there is not."""
    from pytest_antipasta.settings.documents import read_bytes

    if os.path.isfile(path):  # on disk, and not in what is judged
        raise UsageError(f"{format_path(path)}: settings file not found {describe_unstaged(path)}")
    return read_bytes(path)  # the system says why


def read_named(config: Path, notes: list[str], files: RuleFiles = DISK) -> Document:
    """Read a file named by an option; notes are appended to ``notes``."""
    path = Path(os.path.abspath(config))  # the root is the folder of the link, not of its target
    if os.path.isdir(path):
        raise UsageError(f"{format_path(path)}: is a folder; name a .toml or .yaml file")
    suffix = path.suffix.lower()
    if suffix not in (".toml", ".yaml", ".yml"):
        raise UsageError(f"{format_path(path)}: not a settings file; name a .toml or .yaml file")
    if (data := files.read(path)) is None:
        data = _read_absent(path)
    if suffix != ".toml":
        return _read_yaml(path, data)
    document = _read_toml(path, notes, data)
    if document is None:
        raise UsageError("\n".join((f"{format_path(path)}: has no table [tool.pytest-antipasta]", *notes)))
    return document


def keep_if_set(config: Path | None, files: RuleFiles) -> Path | None:
    """Return a file that an option names if it is there and has settings of ours, else ``None``.

    Raises:
        UsageError: the file is invalid.
    """
    if config is None or (data := files.read(config)) is None:
        return None
    return None if config.suffix.lower() == ".toml" and _read_toml(config, [], data) is None else config
