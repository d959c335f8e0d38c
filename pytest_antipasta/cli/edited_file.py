"""Read a source file that is changed, and write it if nobody else has changed it."""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.files.reading import UnreadableError, read_file
from pytest_antipasta.git.links import require_own_links
from pytest_antipasta.messages import can_be_typed, format_argument, make_printable
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.runtime.fileio import open_without_waiting, read_regular, replace_file


class EditedFile(Struct, frozen=True):
    """A file that can be written.

    Attributes:
        data: its content.
        text: its text with its own line ends, without a byte order mark.
        encoding: the encoding that the text is written in.
    """

    data: bytes
    text: str
    encoding: str


def read_source(path: str, location: str, rules: Rules) -> EditedFile:
    """Return a file of Python.

    Raises:
        UsageError: it can't be read or written, or is not a file of Python.
    """
    shown = make_printable(path)
    if path.endswith(NOTEBOOK):
        raise UsageError(f"{shown}: is a notebook; `fix` changes only files of Python")
    if os.path.isdir(location):
        raise UsageError(f"{shown}: is a folder; name a file")
    if os.path.islink(location):
        target = make_printable(os.path.realpath(location))
        raise UsageError(f"{shown}: is a symlink; name the file that it leads to, {target}")
    try:
        data = read_file(location, rules.settings.max_file_bytes).data
    except UnreadableError as failure:
        raise UsageError(f"{shown}: {failure.error.message}") from failure
    try:
        os.close(open_without_waiting(location, os.O_RDWR))
    except OSError as error:  # a file system may be read-only, too
        raise UsageError(f"{shown}: can't be written: {error.strerror}") from error
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return EditedFile(data, "", "utf-8")  # not measured either
    file = EditedFile(data, text, encoding)
    if encode_source(path, file, text) != data:
        raise _refuse_encoding(path, file)
    return file


def encode_source(path: str, file: EditedFile, text: str) -> bytes:
    """Return a text as the content of a file, in the encoding that the file has.

    Raises:
        UsageError: the encoding lacks a character, such as one in the name of a new function.
    """
    try:
        return text.encode(file.encoding)
    except UnicodeEncodeError as error:
        raise _refuse_encoding(path, file) from error


def _refuse_encoding(path: str, file: EditedFile) -> UsageError:
    shown = make_printable(path)
    return UsageError(f"{shown}: can't be written in its encoding, {file.encoding}; save it as UTF-8")


def require_clean(path: str, location: str) -> None:
    """Refuse a file whose content is not staged.

    Raises:
        UsageError: it has unstaged changes, or git does not know it.
    """
    from pytest_antipasta.git.process import reporting_git_errors
    from pytest_antipasta.git.repository import Repository

    shown = make_printable(path)
    with reporting_git_errors("--check-clean"):
        repository = Repository(Path(location).parent)
        name, diffs = repository.name(Path(location)), repository.diffs
        unstaged, untracked = diffs.of_unstaged(), diffs.of_untracked().files
    if name in {diff.path for diff in unstaged}:
        raise UsageError(f"{shown}: has unstaged changes; stage them, or omit --check-clean")
    if name in {diff.path for diff in untracked}:
        raise UsageError(f"{shown}: is not tracked by git; add it, or omit --check-clean")


def suggest_staging(path: str, location: str) -> Iterator[str]:
    """Yield what to do next if the next commit has a change of the file, which was written since."""
    from pytest_antipasta.git.process import GitError
    from pytest_antipasta.git.repository import Repository

    with suppress(GitError):  # such as outside of a repository
        repository = Repository(Path(location).parent)
        name = repository.name(Path(location))
        if any(diff.path == name for diff in repository.diffs.of_index("HEAD")):
            command = f"git add {format_argument(path)}"
            step = f"`{command}`" if can_be_typed(command) else "stage the file"
            yield f"next: {step}, which is staged without these steps"


def write_source(path: str, location: str, file: EditedFile, data: bytes) -> None:
    """Write the file, if it still has the content that was measured.

    Raises:
        UsageError: it was changed meanwhile, or can't be written.
    """
    try:
        require_own_links(Path(location))
        if read_regular(Path(location)) != file.data:
            raise UsageError(f"{make_printable(path)}: changed during the run; nothing was written")
        replace_file(Path(location), [data])
    except OSError as error:
        raise UsageError(f"{make_printable(path)}: can't be written: {error.strerror}") from error
