"""The file, function or line that a user has named, and the file of a function that was named without it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Container, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_antipasta.cli.options import JudgingOptions
from pytest_antipasta.cli.running import load_rules, locate, split_block
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.locations import rebase
from pytest_antipasta.files.reading import UnreadableError
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.messages import can_be_typed, list_names, make_printable, suggest_block
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.settings.path_thresholds import with_projects
from pytest_antipasta.settings.values import Settings

if TYPE_CHECKING:
    from pytest_antipasta.report.next_step import Invocation

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_MOST = 3
# A place as editors, compilers and our own messages print it, with or without a column.
_PLACE = re.compile(r"(?P<path>.+?):(?:cell (?P<cell>[0-9]+):)?(?P<line>[0-9]+)(?::[0-9]*)?:?")
ITEM = "::antipasta"
"""The end of a file's node id in pytest."""


class LineTarget(NamedTuple):
    """A line of a file, or of a notebook's cell."""

    cell: int | None
    line: int


def _parse_target(text: str) -> tuple[str, str | LineTarget | None]:
    """Return the requested file and block: the name of the block, or a line in it.

    The node id of a file's item means the file.
    """
    if os.path.lexists(text):
        return text, None
    if text.endswith(ITEM):
        return text.removesuffix(ITEM), None
    if "::" in text:
        return split_block(text)
    if (place := _PLACE.fullmatch(text)) is None:
        return text, None
    cell = place["cell"]
    return place["path"], LineTarget(None if cell is None else int(cell), int(place["line"]))


def open_named(
    text: str, action: str, config: Path | None, judging: JudgingOptions
) -> tuple[str, str | LineTarget | None, str, Rules]:
    """Return the posix path of a named file and the block in it, the location of the file, and its rules.

    For the arguments, see :func:`_locate_named`; ``text`` is what the user has typed.
    """
    path, wanted = _parse_target(text)
    rules = load_rules(config, judging)
    location = rebase(rules.settings.root, _locate_named(rules.settings, config, action, path))
    nearer = rules.with_nearer(with_projects(rules.settings, [location]))
    return path.replace(os.sep, "/"), wanted, location, nearer


def find_stand(root: Path, config: Path | None, judging: JudgingOptions) -> Invocation:
    """Return where the user runs ``explain`` or ``fix``, with the options that their commands share."""
    from pytest_antipasta.report.next_step import Invocation

    switches = {"--no-baseline": judging.no_baseline, "--no-ignore": judging.no_ignore}
    named = tuple(name for name, is_on in switches.items() if is_on)
    return Invocation(Path.cwd(), root, config, judging.baseline, switches=named)


def find_named(path: str, name: str, known: Collection[str], over: Container[str | None], noun: str) -> str:
    """Return the name of a block as its file has it; of several definitions, that of the first over a limit.

    Args:
        path: the file, for messages.
        name: the name that a user wrote; with ``#N``, it is that of one definition.
        known: the names of the file's blocks.
        over: those over a limit.
        noun: what the name is of, for messages.

    Raises:
        UsageError: no block has this name.
    """
    found = [each for each in known if each in over and name in (each, each.rpartition("#")[0])]
    # A notebook's first cell has a number in its name.
    for spelled in (*found, name, name.removesuffix("#1")):
        if spelled in known:
            return spelled
    raise UsageError(f'{make_printable(path)}: no {noun} "{name}"; {suggest_block(name, list(known))}')


def require_cell(path: str, target: LineTarget) -> None:
    """Raise an error for a line without a cell in a notebook, or with one in another file.

    Raises:
        UsageError: with what to type.
    """
    is_notebook = path.endswith(NOTEBOOK)
    if is_notebook and target.cell is None:
        raise UsageError(f"{path}:{target.line}: name the cell as well, as in {path}:cell 3:{target.line}")
    if not is_notebook and target.cell is not None:
        raise UsageError(f"{path}: is not a notebook; name the line alone, as in {path}:{target.line}")


def _locate_named(settings: Settings, config: Path | None, action: str, path: str) -> str:
    """Return a path as an absolute location.

    Args:
        settings: the settings, which say where source files are.
        config: path of the settings, if an option names it.
        action: the command that needs the file.
        path: the path, for which a user may have typed the name of a function.

    Raises:
        UsageError: there is no such file; the message says what to type for a function.
    """
    try:
        return locate(path)
    except UsageError as error:
        if not _NAME.fullmatch(path) or path.endswith(".py"):
            raise
        from pytest_antipasta.report.next_step import Invocation

        stand = Invocation(Path.cwd(), settings.root, config)
        found = _find_functions(settings, path)
        commands = filter(can_be_typed, (stand.format_function(action, *target) for target in found))
        if typed := [f"`{command}`" for command in commands]:
            text = f"no such file: {path}; did you mean {list_names(typed, _MOST)}?"
            raise UsageError(text) from error
        if str(error).endswith("?"):  # a file has a similar name
            raise
        hint = f"for a function, name its file: `pytest-antipasta {action} FILE::NAME`"
        raise UsageError(f"{error}; {hint}") from error


def _find_functions(settings: Settings, name: str) -> Iterator[tuple[str, str]]:
    """Yield path and qualified name of each function or class with a name, which may be qualified."""
    from pytest_antipasta.metrics.source import SourceError, decode_source, parse_source
    from pytest_antipasta.metrics.walk import walk_scopes

    defined = re.compile(rf"\b(?:def|class)\s+{name.rpartition('.')[2]}\b".encode())
    for file in select_files(settings).files:
        try:
            data = file.read(settings.max_file_bytes).data
            scopes = walk_scopes(parse_source(decode_source(data))) if defined.search(data) else ()
        except (UnreadableError, SourceError):
            continue
        names = (scope.qualified_name for scope in scopes)
        yield from ((file.path, each) for each in names if f".{each}".endswith(f".{name}"))
