"""What people do to files, at random."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable
from random import Random
from typing import TypeAlias

from tests.hunt.functions import COMMENT, Function, find_functions

Files: TypeAlias = dict[str, str]
"""The sources of a repository by path."""
_Edit: TypeAlias = Callable[[Random, Files, str, Function], None]
_FOLDERS = ("", "src/", "tests/", "legacy/")


def edit_files(random: Random, files: Files) -> list[str]:
    """Edit some files, and return what was done."""
    done: list[str] = []
    for _ in range(random.choice((1, 1, 1, 2, 3, 5))):
        name, edit = random.choice(_EDITS)
        path = random.choice(sorted(files))
        functions = find_functions(files[path])
        before = dict(files)
        if not functions:
            continue
        function = random.choice(functions)
        edit(random, files, path, function)
        if not all(map(_is_python, files.values())):
            files.clear()
            files.update(before)
        elif files != before:
            done.append(f"{name} {path}::{function.name}")
    return done


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _splice(files: Files, path: str, start: int, end: int, new: list[str]) -> None:
    lines = files[path].split("\n")
    lines[start:end] = new
    files[path] = "\n".join(lines)


def _lines(files: Files, path: str, one: Function) -> list[str]:
    return files[path].split("\n")[one.first : one.last]


def _worsen(random: Random, files: Files, path: str, one: Function) -> None:
    if one.indent:
        new = [
            f"{one.indent}if {random.randrange(99)} == {number}: pass"
            for number in range(random.randrange(1, 7))
        ]
        _splice(files, path, one.last, one.last, new)


def _improve(random: Random, files: Files, path: str, one: Function) -> None:
    """Take away a branch that another edit has added, or all."""
    lines = files[path].split("\n")
    added = [at for at in range(one.body, one.last) if re.fullmatch(r"\s+if \d+ == \d: pass", lines[at])]
    if added:
        at = random.choice(added)
        _splice(files, path, at, at + 1, [])
    elif one.indent:
        _splice(files, path, one.body, one.last, [f"{one.indent}return None"])


def _tweak(random: Random, files: Files, path: str, one: Function) -> None:
    """Another body of the same numbers."""
    if one.indent:
        _splice(files, path, one.last, one.last, [f"{one.indent}x = {random.randrange(99)}"])


def _rename(random: Random, files: Files, path: str, one: Function) -> None:
    _splice(files, path, one.line, one.line + 1, [_with_name(files, path, one, random)])


def _with_name(files: Files, path: str, one: Function, random: Random) -> str:
    line = files[path].split("\n")[one.line]
    return re.sub(r"def \w+", f"def name_{random.randrange(9)}", line, count=1)


def _delete(random: Random, files: Files, path: str, one: Function) -> None:
    del random
    _splice(files, path, one.first, one.last, [])


def _copy(random: Random, files: Files, path: str, one: Function) -> None:
    text = textwrap.dedent("\n".join(_lines(files, path, one)))
    if random.random() < 0.3:
        text = re.sub(r"def \w+", f"def name_{random.randrange(9)}", text, count=1)
    target = random.choice(sorted(files))
    files[target] += f"\n\n{text}\n"


def _move(random: Random, files: Files, path: str, one: Function) -> None:
    _copy(random, files, path, one)
    _splice(files, path, one.first, one.last, [])


def _take_out(random: Random, files: Files, path: str, one: Function) -> None:
    """Make a function of a closure."""
    if one.is_nested:
        text = textwrap.dedent("\n".join(_lines(files, path, one)))
        _splice(files, path, one.first, one.last, [])
        files[path] += f"\n\n{text}\n"
    else:
        _put_in(random, files, path, one)


def _put_in(random: Random, files: Files, path: str, one: Function) -> None:
    """Make a closure of a function."""
    lines = [f"    {line}" if line else line for line in _lines(files, path, one)]
    if one.is_top:
        _splice(
            files,
            path,
            one.first,
            one.last,
            [f"def around_{random.randrange(9)}(a):", *lines, "    return a"],
        )


def _decorate(random: Random, files: Files, path: str, one: Function) -> None:
    lines = files[path].split("\n")
    indent = re.match(r"\s*", lines[one.line])
    _splice(files, path, one.first, one.first, [f"{indent[0] if indent else ''}@d{random.randrange(9)}"])


def _overload(random: Random, files: Files, path: str, one: Function) -> None:
    """Another one of its name before or behind it, small or a copy."""
    lines = _lines(files, path, one)
    header = re.match(r"(\s*)(?:async )?def (\w+)", files[path].split("\n")[one.line])
    assert header is not None
    new = (
        lines if random.random() < 0.3 else [f"{header[1]}def {header[2]}(*a): return {random.randrange(9)}"]
    )
    at = random.choice((one.first, one.last))
    _splice(files, path, at, at, new)


def _comment(random: Random, files: Files, path: str, one: Function) -> None:
    at = random.choice((one.first, one.body, one.last))
    _splice(files, path, at, at, random.choice(([""], ["# a note"], ["", "", ""])))


def _suppress(random: Random, files: Files, path: str, one: Function) -> None:
    """Write a comment, or take it away."""
    del random
    line = files[path].split("\n")[one.line]
    if line.endswith(COMMENT):
        _splice(files, path, one.line, one.line + 1, [line.removesuffix(COMMENT)])
    elif line.endswith(":"):
        _splice(files, path, one.line, one.line + 1, [line + COMMENT])


def _rename_file(random: Random, files: Files, path: str, one: Function) -> None:
    del one
    name = random.choice((path.rpartition("/")[2], f"f{random.randrange(30)}.py"))
    target = random.choice(_FOLDERS) + name
    if target not in files:
        files[target] = files.pop(path)


def _delete_file(random: Random, files: Files, path: str, one: Function) -> None:
    del one
    if len(files) > 4 and random.random() < 0.3:
        del files[path]


def _write_file(random: Random, files: Files, path: str, one: Function) -> None:
    text = textwrap.dedent("\n".join(_lines(files, path, one)))
    files.setdefault(f"{random.choice(_FOLDERS)}new{random.randrange(30)}.py", text + "\n")


_EDITS: list[tuple[str, _Edit]] = [
    ("worsen", _worsen),
    ("worsen", _worsen),
    ("improve", _improve),
    ("improve", _improve),
    ("tweak", _tweak),
    ("tweak", _tweak),
    ("rename", _rename),
    ("rename", _rename),
    ("move", _move),
    ("move", _move),
    ("copy", _copy),
    ("delete", _delete),
    ("take out or in", _take_out),
    ("decorate", _decorate),
    ("overload", _overload),
    ("comment", _comment),
    ("suppress", _suppress),
    ("rename file", _rename_file),
    ("rename file", _rename_file),
    ("delete file", _delete_file),
    ("write file", _write_file),
]
